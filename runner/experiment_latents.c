/* `latent: {z: normal(100), c: categorical(10)}`: each a call of a row of latent.h. */
#include "runner/experiment_parts.h"
#include "runner/latent.h"
#include "runner/read.h"

/* The row that is called; NULL, reported, where there is none. */
static const struct latent_row *read_row(struct experiment_reading *r, const struct expression *e) {
    const struct expression *callee = e->kind == EXPRESSION_CALL ? e->part[0] : e;
    struct nearest nearest = {.wanted = callee->kind == EXPRESSION_NAME ? callee->name : ""};
    for (int i = 0; latent_rows[i]; i++)
        nearest_try_row(&nearest, latent_rows[i]->name, latent_rows[i]->aliases);
    const struct latent_row *row = latent_find(nearest.wanted);
    if (row) return row;
    if (!*nearest.wanted)
        experiment_fail(r, &callee->origin, "as in 'latent: {z: normal(100)}'",
                        "a latent is a call: 'duel latents' lists what may be called");
    else
        experiment_fail(r, &callee->origin,
                        nearest.name ? arena_format(r->arena,
                                                    "did you mean '%s'? 'duel latents' lists "
                                                    "them all",
                                                    nearest.name)
                                     : "'duel latents' lists them",
                        "there is no latent '%s'", text_excerpt(r->arena, nearest.wanted));
    return NULL;
}

/* Whether there are labels of this name. */
static bool check_labels(struct experiment_reading *r, const char *name, const struct origin *at) {
    const struct experiment *x = r->x;
    struct nearest nearest = {.wanted = name};
    const char *some = NULL;
    if (experiment_labels(x, name)) return true;
    if (experiment_is_poisoned(x, name)) return false;
    for (int i = 0; i < x->data_count; i++)
        if (x->data[i].dataset.classes) {
            nearest_try(&nearest, x->data[i].labels);
            some = x->data[i].labels;
        }
    const char *hint = "'categorical(10)' draws from classes that are given";
    if (some)
        hint = arena_format(r->arena, "the data have '%s'", nearest.name ? nearest.name : some);
    return experiment_fail(r, at, hint, "there are no labels '%s' to draw from",
                           text_excerpt(r->arena, name));
}

/* What a row wants of the rest of the file, and of its numbers together. */
static bool check_latent(struct experiment_reading *r, const struct latent *latent,
                         const struct origin *at) {
    const struct latent_options *o = latent->options;
    struct shape shape = shape_make(o->shape.rank, o->shape.extent);
    if (latent->row->of_data && !check_labels(r, o->of, at)) return false;
    if (latent->row->one_hot) shape.extent[shape.rank++] = o->classes;
    if (shape_is_sane(shape)) return true;
    return experiment_fail(r, at, NULL, "latent '%s' has too many numbers", latent->name);
}

static bool read_latent(struct experiment_reading *r, const struct config *key,
                        const struct config *value) {
    struct experiment *x = r->x;
    if (!experiment_check_name(r, key, "a latent", false)) return false;
    const struct expression *e = expression_parse(value, r->diagnostics);
    const struct latent_row *row = e ? read_row(r, e) : NULL;
    if (!row) return false;
    struct latent_options *options = ARENA_NEW(r->arena, struct latent_options);
    const char *what = arena_format(r->arena, "latent '%s'", row->name);
    struct config *map = read_call(e, 1, what, row->parameters, r->diagnostics), *used;
    if (!map || !experiment_options(r, map, &e->origin, what, row->parameters, options,
                                    x->constants, &used))
        return false;
    const struct latent latent = {key->text, row, options, &value->origin};
    if (!check_latent(r, &latent, &e->origin)) return false;
    x->latents = ARENA_GROW(r->arena, x->latents, x->latents_count);
    x->latents[x->latents_count++] = latent;
    return true;
}

void experiment_read_latents(struct experiment_reading *r, struct config *section) {
    struct config *map;
    if (!experiment_map_like(r, section, "'latent'", "latent: {z: normal(100)}", &map))
        r->x->poison.values = true;
    for (int i = 0; map && i < map->count; i++)
        if (!read_latent(r, map->keys[i], map->items[i]))
            experiment_poison_value(r, map->keys[i]->text);
    if (map) config_add(r->arena, r->resolved, "latent", map);
}
