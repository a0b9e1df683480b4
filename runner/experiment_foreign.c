/* Layers as other programs write them: what is meant, for hints. */
#include <string.h>

#include "runner/experiment_layers.h"
#include "runner/read.h"

/* What their layers are told and duel's are not, and why. */
static const struct {
    const char *key, *why;
} foreign_keys[] = {
    {"in_channels", "leave it out: it follows from what comes in"},
    {"in_features", "leave it out: it follows from what comes in"},
    {"num_features", "leave it out: it follows from what comes in"},
    {"num_channels", "leave it out: it follows from what comes in"},
    {"normalized_shape", "leave it out: it follows from what comes in"},
    {"input_shape", "leave it out: it follows from what comes in"},
    {"activation", "an activation is a layer of its own, the next one: '- relu'"},
    {"track_running_stats", "leave it out: running statistics are always kept"},
    {"inplace", "leave it out: where a result lies is not the file's concern"},
};
enum { FOREIGN_KEYS = sizeof foreign_keys / sizeof *foreign_keys };

const char *layers_weight_hint(struct arena *arena, const char *layer, const char *name) {
    const struct weight_row *meant = weight_meant(name);
    return meant ? arena_format(arena, "a weight goes through it: '%s: {…, weight: [%s]}'", layer,
                                meant->name)
                 : NULL;
}

static const char *why_foreign(struct arena *arena, const struct layer_row *row, const char *key) {
    for (const struct parameter *p = row->parameters; p->name; p++)
        if (!strcmp(p->name, key)) return NULL;
    for (int i = 0; i < FOREIGN_KEYS; i++)
        if (!strcmp(foreign_keys[i].key, key)) return foreign_keys[i].why;
    return row->chains ? layers_weight_hint(arena, row->name, key) : NULL;
}

/* Whether a layer is given how many channels there are, as others have it: "batch_norm: 16". */
static bool given_channels(const struct layer_row *row, const struct config *given) {
    return row->counts && given->kind == CONFIG_INTEGER && given->integer > 1;
}

const struct config *layers_check_keys(struct experiment_reading *r, const struct layer_row *row,
                                       const struct config *given, bool *good) {
    const char *what = layers_title(r, row);
    if (given && given_channels(row, given)) {
        *good = experiment_fail(r, &given->origin, "leave it out: it follows from what comes in",
                                "%s takes no number of channels", what);
        return NULL;
    }
    if (!given || given->kind != CONFIG_MAP) return given;
    struct config *rest = config_new_map(r->arena);
    rest->origin = given->origin;
    for (int i = 0; i < given->count; i++) {
        const struct config *key = given->keys[i];
        const char *why = why_foreign(r->arena, row, key->text);
        if (why)
            *good = experiment_fail(r, &key->origin, why, "%s has no key '%s'", what, key->text);
        else
            config_add_entry(r->arena, rest, given->keys[i], given->items[i]);
    }
    if (!read_check_keys(rest, what, row->parameters, row->chains ? weight_parameters : NULL,
                         r->diagnostics))
        *good = false;
    return rest->count < given->count ? rest : given;
}

/* What stands behind the name of a layer in `linear(64)`, `linear = 64`, `linear 64`. */
static const char *argument(struct arena *arena, const char *text) {
    size_t length;
    text += strspn(text, "(=: ");
    length = strlen(text);
    while (length && strchr(") ", text[length - 1]))
        length--;
    return arena_text_range(arena, text, length);
}

const char *layers_call_hint(struct experiment_reading *r, const char *text) {
    struct arena *arena = r->arena;
    size_t end = strcspn(text, "(=: ");
    const char *name = arena_text_range(arena, text, end), *dot = strrchr(name, '.');
    if (!text[end] && !dot) return NULL;
    struct nearest nearest = {.wanted = dot ? dot + 1 : name};
    layers_try_names(r->x, &nearest);
    if (!nearest.name) return NULL;
    const struct layer_row *row = experiment_layer_row(r->x, nearest.name);
    const char *given = argument(arena, text + end);
    if (strpbrk(given, ",=(") && row->parameters->name)
        return arena_format(arena, "did you mean '%s: …'? 'duel layers %s' lists its parameters",
                            row->name, row->name);
    if (*given && row->parameters->name)
        nearest.name = arena_format(arena, "%s: %s", row->name, given);
    return nearest_list_hint(arena, &nearest, "layers");
}
