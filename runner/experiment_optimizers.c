/* Reading `optimizer:` and `optimizers:`. */
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/optimizer.h"
#include "runner/read.h"

static const struct optimizer_row *find_row(struct experiment_reading *r,
                                            const struct config *key) {
    const struct optimizer_row *row = optimizer_find(key->text);
    if (row) return row;
    struct nearest nearest = {.wanted = key->text};
    for (int i = 0; optimizer_rows[i]; i++)
        nearest_try_row(&nearest, optimizer_rows[i]->name, optimizer_rows[i]->aliases);
    experiment_fail(r, &key->origin, nearest_list_hint(r->arena, &nearest, "optimizers"),
                    "there is no optimizer '%s'", text_excerpt(r->arena, key->text));
    return NULL;
}

/* The row that a value names, its key (or the value itself) and its options. */
static const struct optimizer_row *read_row(struct experiment_reading *r, struct config *value,
                                            const char *label, const struct config **at,
                                            const struct config **options) {
    const struct config *found = NULL;
    *at = value;
    *options = NULL;
    if (value->kind == CONFIG_TEXT) return find_row(r, value);
    for (int i = 0; value->kind == CONFIG_MAP && i < value->count; i++) {
        const struct config *key = value->keys[i];
        const struct key_row *beside =
            key_find(label ? optimizers_keys : optimizer_keys, key->text);
        if (beside && beside->later) experiment_not_yet(r, key, beside->later);
        if (beside) continue;
        if (found) {
            experiment_fail(r, &key->origin, NULL, "'%s' and '%s': one optimizer is wanted",
                            found->text, key->text);
            continue;
        }
        *at = found = key;
        *options = value->items[i];
    }
    if (found) return find_row(r, found);
    experiment_fail(r, &value->origin, "as in 'optimizer: {adam: {lr: 2e-4}}'",
                    "no optimizer is named here");
    return NULL;
}

/* {adam: {…}}, or {of: […], adam: {…}}: the row and its options. */
static void read_optimizer(struct experiment_reading *r, struct config *value, const char *label,
                           struct texts paths, struct config *resolved) {
    struct experiment *x = r->x;
    const struct config *at, *given;
    const struct optimizer_row *row = read_row(r, value, label, &at, &given);
    struct experiment_optimizer o = {
        .row = row, .origin = at->origin, .label = label, .paths = paths, .poisoned = !row};
    if (row) {
        struct config *used;
        void *options = arena_alloc(r->arena, row->options_size);
        if (!experiment_options(r, given, &at->origin,
                                arena_format(r->arena, "optimizer '%s'", row->name),
                                row->parameters, options, x->constants, &used))
            o.poisoned = true;
        o.options = options;
        o.resolved = used;
        config_add(r->arena, resolved, row->name, used);
    }
    x->optimizers = ARENA_GROW(r->arena, x->optimizers, x->optimizers_count);
    x->optimizers[x->optimizers_count++] = o;
}

static struct texts optimizer_paths(struct experiment_reading *r, const struct config *key,
                                    const struct config *value, struct config *resolved) {
    const struct config *of = value->kind == CONFIG_MAP ? config_get(value, "of") : NULL;
    struct texts paths;
    if (of) {
        struct config *copy = arena_copy(r->arena, of, sizeof *of);
        config_add(r->arena, resolved, "of", copy);
        if (!experiment_texts(r, of, "an optimizer", &paths)) r->x->poison.optimizers = true;
        return paths;
    }
    const char **one = ARENA_NEW(r->arena, const char *);
    *one = key->text;
    return (struct texts){1, one};
}

static void check_paths(struct experiment_reading *r, const struct config *key,
                        struct texts paths) {
    for (int i = 0; i < paths.count; i++) {
        const char *path = paths.list[i];
        const char *head = arena_text_range(r->arena, path, strcspn(path, "/"));
        const char *message = arena_format(r->arena, "there is no network '%s'", head);
        if (!experiment_check_network(r, &key->origin, head,
                                      "where a key is no network's name, 'of:' lists them",
                                      message))
            r->x->poison.optimizers = true;
    }
}

void experiment_read_optimizers(struct experiment_reading *r) {
    struct config *one = config_get(r->root, "optimizer"), *some, *all = config_new_map(r->arena);
    if (one) {
        struct config *resolved = config_new_map(r->arena);
        read_optimizer(r, one, NULL, (struct texts){0}, resolved);
        config_add(r->arena, r->resolved, "optimizer", resolved);
    }
    if (!experiment_map(r, config_get(r->root, "optimizers"), "'optimizers'", &some))
        r->x->poison.optimizers = true;
    if (!some) return;
    for (int i = 0; i < some->count; i++) {
        struct config *resolved = config_new_map(r->arena);
        struct texts paths = optimizer_paths(r, some->keys[i], some->items[i], resolved);
        check_paths(r, some->keys[i], paths);
        read_optimizer(r, some->items[i], some->keys[i]->text, paths, resolved);
        config_add(r->arena, all, some->keys[i]->text, resolved);
    }
    config_add(r->arena, r->resolved, "optimizers", all);
}
