/*
 * Reading an experiment: the sections of the file, each value by its row; see experiment.h.
 *
 * A wrong value is reported and left out, so that all mistakes are told at once.
 */
#include "runner/experiment.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "runner/experiment_parts.h"
#include "runner/function.h"
#include "runner/game.h"
#include "runner/read.h"

/* ---- constants ---------------------------------------------------------------------------------
 */

static const struct constant *find_here(const struct constants *c, const char *name) {
    for (int i = 0; i < c->count; i++)
        if (!strcmp(c->list[i].name, name)) return &c->list[i];
    return NULL;
}

static bool number_look_up(const struct scope *scope, const char *name, double *number) {
    const struct constant *found = find_here(scope->context, name);
    if (found) *number = found->number;
    return found && !found->expression;
}

static bool schedule_look_up(const struct scope *scope, const char *name, double *number) {
    *number = 1;
    return find_here(scope->context, name);
}

static void constant_names(const struct scope *scope, struct nearest *nearest) {
    const struct constants *c = scope->context;
    for (int i = 0; i < c->count; i++)
        nearest_try(nearest, c->list[i].name);
}

struct constants *constants_new(struct arena *arena, const struct constants *outer) {
    struct constants *c = ARENA_NEW(arena, struct constants);
    c->outer = outer;
    c->scope = (struct scope){number_look_up, constant_names, &c->schedule, c, false};
    c->schedule = (struct scope){schedule_look_up, NULL, outer ? &outer->scope : NULL, c, true};
    return c;
}

void constants_add(struct arena *arena, struct constants *constants, struct constant constant) {
    constants->list = ARENA_GROW(arena, constants->list, constants->count);
    constants->list[constants->count++] = constant;
}

const struct constant *constants_find(const struct constants *constants, const char *name) {
    const struct constant *found = NULL;
    for (; constants && !found; constants = constants->outer)
        found = find_here(constants, name);
    return found;
}

/* Names that change while training, each as some number. */
static bool clock_look_up(const struct scope *scope, const char *name, double *number) {
    static const char *const names[] = {"step", "epoch", "images", "updates"};
    const struct experiment *x = scope->context;
    *number = 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    for (int i = 0; i < x->states_count; i++)
        if (!strcmp(name, x->states[i].name) && !x->states[i].shape.rank) return true;
    return false;
}

static void clock_names(const struct scope *scope, struct nearest *nearest) {
    const struct experiment *x = scope->context;
    nearest_try(nearest, "step");
    nearest_try(nearest, "epoch");
    nearest_try(nearest, "images");
    for (int i = 0; i < x->states_count; i++)
        nearest_try(nearest, x->states[i].name);
}

/* ---- what all sections need --------------------------------------------------------------------
 */

bool experiment_fail(struct experiment_reading *r, const struct origin *at, const char *hint,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(r->arena, format, arguments);
    va_end(arguments);
    r->good = false;
    /* A copy: many origins lie in what is still being read, on the stack. */
    const struct origin *kept = at ? arena_copy(r->arena, at, sizeof *at) : NULL;
    return diagnostics_add(r->diagnostics, kept, hint, "%s", message);
}

bool experiment_not_yet(struct experiment_reading *r, const struct config *key, const char *why) {
    return experiment_fail(r, &key->origin, NULL, "'%s' is not there yet: %s", key->text, why);
}

const char *experiment_hint(struct experiment_reading *r, const struct nearest *nearest) {
    return nearest->name ? arena_format(r->arena, "did you mean '%s'?", nearest->name) : NULL;
}

bool experiment_check_keys(struct experiment_reading *r, const struct config *map, const char *what,
                           const char *known) {
    const char *names[32];
    int count = 0;
    char *text = arena_text(r->arena, known);
    for (char *at = text; *at && count < 31; count++) {
        names[count] = at;
        at += strcspn(at, " ");
        if (*at) *at++ = 0;
    }
    names[count] = NULL;
    bool good = config_check_keys(map, what, names, r->diagnostics);
    r->good = r->good && good;
    return good;
}

static bool is_reserved(const char *name) {
    static const char *const words[] = {"previous", "mode",  "state",  "axis",    "per",
                                        "step",     "epoch", "images", "updates", "weights",
                                        "and",      "or",    "not",    "true",    "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(name, words[i])) return true;
    return false;
}

bool experiment_check_name(struct experiment_reading *r, const struct config *key, const char *what,
                           bool callable) {
    const char *name = key->text ? key->text : "";
    if (!text_is_name(name))
        return experiment_fail(r, &key->origin,
                               "names are of a-z, 0-9 and _, and begin with a letter or _",
                               "'%s' cannot be the name of %s", text_excerpt(r->arena, name), what);
    if (is_reserved(name))
        return experiment_fail(r, &key->origin, NULL,
                               "'%s' is a reserved word and cannot be the name of %s", name, what);
    if (callable && (function_find(name) || host_function_find(name)))
        return experiment_fail(r, &key->origin, "give it another name",
                               "'%s' is a function, so it cannot be the name of %s", name, what);
    return true;
}

bool experiment_map(struct experiment_reading *r, struct config *value, const char *what,
                    struct config **map) {
    *map = NULL;
    if (!value || value->kind == CONFIG_NULL) return true;
    if (value->kind != CONFIG_MAP)
        return experiment_fail(r, &value->origin, NULL, "%s must be a map, but is %s", what,
                               config_kind_name(value->kind));
    *map = value;
    return true;
}

bool experiment_number(struct experiment_reading *r, const struct config *value,
                       const struct constants *constants, double *number) {
    const struct parameter row = {.name = "value", .type = PARAMETER_NUMBER};
    bool good = read_value(value, &row, "this", number, &constants->scope, NULL, r->diagnostics);
    r->good = r->good && good;
    return good;
}

struct texts experiment_texts(struct experiment_reading *r, const struct config *value,
                              const char *what) {
    const struct parameter row = {.name = "of", .type = PARAMETER_TEXTS};
    struct texts texts = {0};
    if (!read_value(value, &row, what, &texts, &r->x->constants->scope, NULL, r->diagnostics))
        r->good = false;
    return texts;
}

void *experiment_options(struct experiment_reading *r, const struct config *value,
                         const struct origin *origin, const char *what,
                         const struct parameter *rows, size_t size,
                         const struct constants *constants, struct config **resolved) {
    void *options = arena_alloc(r->arena, size);
    struct config *used = config_new_map(r->arena);
    if (!read_parameters(value, origin, what, rows, options, &constants->scope, used,
                         r->diagnostics))
        r->good = false;
    if (resolved) *resolved = used;
    return options;
}

const struct network *experiment_network(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->networks_count; i++)
        if (!strcmp(experiment->networks[i].name, name)) return &experiment->networks[i];
    return NULL;
}

/* ---- sections ----------------------------------------------------------------------------------
 */

static void read_constants(struct experiment_reading *r, struct config *section) {
    struct config *map, *used = config_new_map(r->arena);
    if (!experiment_map(r, section, "'parameters'", &map) || !map) return;
    for (int i = 0; i < map->count; i++) {
        struct constant constant = {.name = map->keys[i]->text};
        if (!experiment_check_name(r, map->keys[i], "a parameter", false)) continue;
        experiment_number(r, map->items[i], r->x->constants, &constant.number);
        constants_add(r->arena, r->x->constants, constant);
        config_add(r->arena, used, constant.name, config_new_number(r->arena, constant.number));
    }
    config_add(r->arena, r->resolved, "parameters", used);
}

/* `name:` is also the name of the run's folder. The default: the file's. */
static void read_head(struct experiment_reading *r) {
    struct experiment *x = r->x;
    const struct config *name = config_get(r->root, "name"), *seed = config_get(r->root, "seed");
    const struct source *source = r->root->origin.source;
    const char *path = source && source->name ? source->name : "experiment";
    const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    x->name = arena_text_range(r->arena, file, strcspn(file, "."));
    if (name && name->kind == CONFIG_TEXT) {
        size_t good = strspn(name->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-.");
        if (!*name->text || name->text[good] || *name->text == '.' || strlen(name->text) > 100)
            experiment_fail(r, &name->origin, "letters, digits, '-', '_' and '.' are allowed",
                            "'%s' cannot be a name: it names a folder",
                            text_excerpt(r->arena, name->text));
        else
            x->name = name->text;
    } else if (name) {
        experiment_fail(r, &name->origin, NULL, "'name' must be text, but is %s",
                        config_kind_name(name->kind));
    }
    const struct parameter row = {
        .name = "seed", .type = PARAMETER_INTEGER, .low = 0, .high = 9007199254740992.0};
    int64_t value = 0;
    if (seed && !read_value(seed, &row, "the experiment", &value, &x->constants->scope, NULL,
                            r->diagnostics))
        r->good = false;
    x->seed = (uint64_t)value;
    config_add(r->arena, r->resolved, "name", config_new_text(r->arena, x->name));
    config_add(r->arena, r->resolved, "seed", config_new_number(r->arena, (double)value));
}

/* The entries of `map` whose keys are (or are not) those of `rows`. */
static struct config *split_map(struct experiment_reading *r, const struct config *map,
                                const struct parameter *rows, bool inside) {
    struct config *part = config_new_map(r->arena);
    part->origin = map->origin;
    for (int i = 0; i < map->count; i++) {
        bool known = false;
        for (int k = 0; rows[k].name; k++)
            known = known || !strcmp(rows[k].name, map->keys[i]->text);
        if (known != inside || !strcmp(map->keys[i]->text, "source")) continue;
        part->keys = ARENA_GROW(r->arena, part->keys, part->count);
        part->items = ARENA_GROW(r->arena, part->items, part->count);
        part->keys[part->count] = map->keys[i];
        part->items[part->count++] = map->items[i];
    }
    return part;
}

static const struct dataset_row *read_source(struct experiment_reading *r,
                                             const struct config *map) {
    const struct config *source = config_get(map, "source");
    if (!source || source->kind != CONFIG_TEXT) {
        bool streams = map->count && map->items[0]->kind == CONFIG_MAP;
        if (streams)
            experiment_not_yet(r, map->keys[0], "data streams with names; give one 'source:'");
        else
            experiment_fail(r, &map->origin, "'duel datasets' lists them",
                            "'data' lacks its 'source'");
        return NULL;
    }
    struct nearest nearest = {.wanted = source->text};
    for (int i = 0; dataset_rows[i]; i++) {
        if (!strcmp(dataset_rows[i]->name, source->text)) return dataset_rows[i];
        nearest_try(&nearest, dataset_rows[i]->name);
    }
    experiment_fail(r, &source->origin,
                    nearest.name ? arena_format(r->arena,
                                                "did you mean '%s'? 'duel datasets' "
                                                "lists them all",
                                                nearest.name)
                                 : "'duel datasets' lists them",
                    "there is no data source '%s'", text_excerpt(r->arena, source->text));
    return NULL;
}

static void read_data(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    struct config *map, *used, *more;
    x->batch = 64;
    if (!experiment_map(r, section, "'data'", &map) || !map) return;
    const struct dataset_row *row = read_source(r, map);
    if (!row) return;
    struct experiment_data *data = ARENA_NEW(r->arena, struct experiment_data);
    const char *what = arena_format(r->arena, "data source '%s'", row->name);
    *data = (struct experiment_data){.name = "", .row = row, .origin = &section->origin};
    struct stream_options *stream =
        experiment_options(r, split_map(r, map, stream_parameters, true), &map->origin, "'data'",
                           stream_parameters, sizeof *stream, x->constants, &used);
    data->stream = *stream;
    data->options =
        experiment_options(r, split_map(r, map, stream_parameters, false), &map->origin, what,
                           row->parameters, row->options_size, x->constants, &more);
    struct dataset_search *search = ARENA_NEW(r->arena, struct dataset_search);
    *search = dataset_search_here(r->arena);
    data->request = (struct dataset_request){row, data->options, x->seed, search};
    struct config *all = config_new_map(r->arena);
    config_add(r->arena, all, "source", config_new_text(r->arena, row->name));
    for (int i = 0; i < used->count; i++)
        config_add(r->arena, all, used->keys[i]->text, used->items[i]);
    for (int i = 0; i < more->count; i++)
        config_add(r->arena, all, more->keys[i]->text, more->items[i]);
    config_add(r->arena, r->resolved, "data", all);
    x->data = data;
    x->data_count = 1;
    x->batch = data->stream.batch;
    if (!r->good) return;
    struct error error = {0};
    if (r->known) {
        data->dataset = *r->known;
    } else if (!dataset_peek(&data->request, r->arena, &data->dataset, &error)) {
        if (r->diagnostics->status == STATUS_OK) r->diagnostics->status = error.status;
        experiment_fail(r, &section->origin,
                        error.hint[0] ? arena_text(r->arena, error.hint) : NULL, "%s",
                        error.message);
    }
}

/* The number that a keyword of normal() or uniform() sets, or NULL. */
static double *latent_keyword(struct latent *latent, const char *keyword) {
    if (latent->uniform && !strcmp(keyword, "low")) return &latent->low;
    if (latent->uniform && !strcmp(keyword, "high")) return &latent->high;
    if (!latent->uniform && !strcmp(keyword, "mean")) return &latent->mean;
    if (!latent->uniform && !strcmp(keyword, "deviation")) return &latent->deviation;
    return NULL;
}

/* One argument: an extent of the shape, a list of them, or a keyword's number. */
static bool read_latent_argument(struct experiment_reading *r, struct latent *latent,
                                 const char *keyword, const struct expression *e) {
    double number, *set = keyword ? latent_keyword(latent, keyword) : NULL;
    if (e->kind == EXPRESSION_LIST && !keyword) {
        for (int i = 0; i < e->count; i++)
            if (!read_latent_argument(r, latent, NULL, e->part[i])) return false;
        return true;
    }
    if (keyword && !set)
        return experiment_fail(r, &e->origin, NULL, "'%s' has no argument '%s'",
                               latent->uniform ? "uniform" : "normal", keyword);
    if (!expression_number(e, &r->x->constants->scope, true, &number, r->diagnostics))
        return r->good = false;
    if (set) {
        *set = number;
        return true;
    }
    if (number < 1 || number != floor(number) || number > 1e9 || latent->shape.rank >= EXTENTS_MOST)
        return experiment_fail(r, &e->origin, "a latent's arguments are its shape: normal(100)",
                               "an extent must be a whole number from 1, and there are at most %d",
                               (int)EXTENTS_MOST);
    latent->shape.extent[latent->shape.rank++] = (int64_t)number;
    return true;
}

/* latent: {z: normal(100), w: "uniform(4, 4, low=-1, high=1)"} */
static void read_latent(struct experiment_reading *r, const struct config *key,
                        const struct config *value) {
    struct experiment *x = r->x;
    struct latent latent = {.name = key->text, .high = 1, .deviation = 1, .origin = &value->origin};
    if (!experiment_check_name(r, key, "a latent", false)) return;
    const struct expression *e = expression_parse(value, r->diagnostics);
    if (!e) {
        r->good = false;
        return;
    }
    const char *callee =
        e->kind == EXPRESSION_CALL && e->part[0]->kind == EXPRESSION_NAME ? e->part[0]->name : "";
    latent.uniform = !strcmp(callee, "uniform");
    if (!latent.uniform && strcmp(callee, "normal") != 0) {
        experiment_fail(r, &value->origin, "as in 'latent: {z: normal(100)}'",
                        "a latent is normal(…) or uniform(…) of a shape");
        return;
    }
    for (int i = 1; i < e->count; i++)
        if (!read_latent_argument(r, &latent, e->keyword[i], e->part[i])) return;
    if (!shape_is_sane(latent.shape)) {
        experiment_fail(r, &value->origin, NULL, "latent '%s' has too many numbers", key->text);
        return;
    }
    x->latents = ARENA_GROW(r->arena, x->latents, x->latents_count);
    x->latents[x->latents_count++] = latent;
}

static void read_latents(struct experiment_reading *r, struct config *section) {
    struct config *map;
    if (!experiment_map(r, section, "'latent'", &map) || !map) return;
    for (int i = 0; i < map->count; i++)
        read_latent(r, map->keys[i], map->items[i]);
    config_add(r->arena, r->resolved, "latent", map);
}

struct state_options {
    struct extents shape;
    double init;
};
static const struct parameter state_parameters[] = {
    {.name = "init",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct state_options, init),
     .standard = "0",
     .doc = "how it begins"},
    {.name = "shape",
     .type = PARAMETER_SHAPE,
     .offset = offsetof(struct state_options, shape),
     .standard = "[]",
     .doc = "[] is one number"},
    {0},
};

static void read_states(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    struct config *map, *all = config_new_map(r->arena);
    if (!experiment_map(r, section, "'state'", &map) || !map) return;
    for (int i = 0; i < map->count; i++) {
        struct config *used;
        if (!experiment_check_name(r, map->keys[i], "state", false)) continue;
        const struct state_options *options =
            experiment_options(r, map->items[i], &map->keys[i]->origin,
                               arena_format(r->arena, "state '%s'", map->keys[i]->text),
                               state_parameters, sizeof *options, x->constants, &used);
        if (!shape_is_sane(shape_make(options->shape.rank, options->shape.extent))) {
            experiment_fail(r, &map->keys[i]->origin, NULL, "state '%s' has too many numbers",
                            map->keys[i]->text);
            continue;
        }
        x->states = ARENA_GROW(r->arena, x->states, x->states_count);
        x->states[x->states_count++] = (struct declared_state){
            map->keys[i]->text, shape_make(options->shape.rank, options->shape.extent),
            options->init, map->keys[i]->origin};
        config_add(r->arena, all, map->keys[i]->text, used);
    }
    config_add(r->arena, r->resolved, "state", all);
}

struct average_options {
    struct texts of;
    const struct expression *decay;
};
static const struct parameter average_parameters[] = {
    {.name = "of",
     .type = PARAMETER_TEXTS,
     .offset = offsetof(struct average_options, of),
     .doc = "networks whose weights are averaged"},
    {.name = "decay",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct average_options, decay),
     .standard = "0.999",
     .low = 0,
     .high = 1,
     .doc = "share of the average that each step keeps"},
    {0},
};

static void read_averages(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    struct config *map, *all = config_new_map(r->arena);
    if (!experiment_map(r, section, "'averages'", &map) || !map) return;
    for (int i = 0; i < map->count; i++) {
        struct config *key = map->keys[i], *used;
        if (!experiment_check_name(r, key, "an average", true)) continue;
        if (experiment_network(x, key->text)) {
            experiment_fail(r, &key->origin, NULL, "there is a network '%s' already", key->text);
            continue;
        }
        const struct average_options *options = experiment_options(
            r, map->items[i], &key->origin, arena_format(r->arena, "average '%s'", key->text),
            average_parameters, sizeof *options, x->constants, &used);
        for (int k = 0; k < options->of.count; k++) {
            if (experiment_network(x, options->of.list[k])) continue;
            struct nearest nearest = {.wanted = options->of.list[k]};
            for (int n = 0; n < x->networks_count; n++)
                nearest_try(&nearest, x->networks[n].name);
            experiment_fail(r, &map->items[i]->origin, experiment_hint(r, &nearest),
                            "average '%s' is of '%s', but there is no such network", key->text,
                            options->of.list[k]);
        }
        x->averages = ARENA_GROW(r->arena, x->averages, x->averages_count);
        x->averages[x->averages_count++] =
            (struct average){key->text, options->of, options->decay, key->origin};
        config_add(r->arena, all, key->text, used);
    }
    config_add(r->arena, r->resolved, "averages", all);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static const char sections[] = "name doc seed parameters data latent networks optimizer optimizers "
                               "state game train outputs averages precision";

static void check_sections(struct experiment_reading *r) {
    static const char *const later[] = {"blocks", "defaults", "samplers",
                                        "load",   "stages",   "evaluate"};
    struct config *rest = config_new_map(r->arena);
    for (int i = 0; i < r->root->count; i++) {
        const struct config *key = r->root->keys[i];
        bool known = false;
        for (size_t k = 0; k < sizeof later / sizeof *later; k++)
            if (!strcmp(key->text, later[k])) known = true;
        if (known) {
            experiment_not_yet(r, key, "this version of duel reads files without it");
            continue;
        }
        rest->keys = ARENA_GROW(r->arena, rest->keys, rest->count);
        rest->items = ARENA_GROW(r->arena, rest->items, rest->count);
        rest->keys[rest->count] = r->root->keys[i];
        rest->items[rest->count++] = r->root->items[i];
    }
    experiment_check_keys(r, rest, "an experiment", sections);
}

/* One name may mean one value only. */
static void check_clashes(struct experiment_reading *r) {
    const struct experiment *x = r->x;
    for (int i = 0; i < x->latents_count; i++)
        if (constants_find(x->constants, x->latents[i].name))
            experiment_fail(r, x->latents[i].origin, NULL,
                            "'%s' is a parameter already, so it cannot be a latent",
                            x->latents[i].name);
    for (int i = 0; i < x->states_count; i++)
        for (int k = 0; k < x->latents_count; k++)
            if (!strcmp(x->states[i].name, x->latents[k].name))
                experiment_fail(r, &x->states[i].origin, NULL,
                                "'%s' is a latent already, so it cannot be state",
                                x->states[i].name);
}

struct experiment *experiment_read(struct config *root, const char *const *folders,
                                   struct arena *arena, struct diagnostics *diagnostics) {
    return experiment_read_known(root, folders, NULL, arena, diagnostics);
}

struct experiment *experiment_read_known(struct config *root, const char *const *folders,
                                         const struct dataset *known, struct arena *arena,
                                         struct diagnostics *diagnostics) {
    struct experiment *x = ARENA_NEW(arena, struct experiment);
    struct experiment_reading r = {x,    root, folders, arena, diagnostics, config_new_map(arena),
                                   true, known};
    if (!root || root->kind != CONFIG_MAP) {
        diagnostics_add(diagnostics, root ? &root->origin : NULL, NULL,
                        "an experiment is a map of sections: name, data, networks, game, …");
        return NULL;
    }
    int before = diagnostics->count;
    x->arena = arena;
    x->clock = (struct scope){clock_look_up, clock_names, NULL, x, true};
    x->constants = constants_new(arena, NULL);
    x->constants->schedule.outer = &x->clock;
    x->resolved = r.resolved;
    check_sections(&r);
    read_head(&r);
    read_constants(&r, config_get(root, "parameters"));
    read_states(&r, config_get(root, "state"));
    read_data(&r, config_get(root, "data"));
    read_latents(&r, config_get(root, "latent"));
    experiment_read_networks(&r, config_get(root, "networks"));
    experiment_read_optimizers(&r);
    read_averages(&r, config_get(root, "averages"));
    experiment_read_game(&r, config_get(root, "game"));
    experiment_read_outputs(&r, root);
    check_clashes(&r);
    return r.good && diagnostics->count == before ? x : NULL;
}

struct config *experiment_resolved(const struct experiment *experiment) {
    return experiment->resolved;
}
