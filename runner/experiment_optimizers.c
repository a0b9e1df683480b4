/* Reading `optimizer:` and `optimizers:`. */
#include <math.h>
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
            experiment_fail(r, &key->origin, "as in 'optimizer: {adam: {lr: 2e-4}}'",
                            "'%s' and '%s': one optimizer is wanted", found->text, key->text);
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

/* ---- groups and clipping ----------------------------------------------------------------------
 */

struct group_options {
    struct texts of;
    const struct expression *lr_scale;
    bool freeze;
};
const struct parameter group_parameters[] = {
    {.name = "lr_scale",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct group_options, lr_scale),
     .standard = "1",
     .low = 0,
     .high = (double)INFINITY,
     .doc = "times the optimizer's learning rate"},
    {.name = "freeze",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct group_options, freeze),
     .standard = "false",
     .doc = "leave these weights as they are"},
    {.name = "of",
     .type = PARAMETER_TEXTS,
     .offset = offsetof(struct group_options, of),
     .standard = "[]",
     .doc = "paths within the optimizer's; by default the group's name"},
    {0},
};

const struct parameter clip_parameters[] = {
    {.name = "norm",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct optimizer_clip, norm),
     .standard = "",
     .low = 0,
     .high = (double)INFINITY,
     .doc = "the greatest L2 norm of all gradients together: what is longer is scaled to it"},
    {.name = "value",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct optimizer_clip, value),
     .standard = "",
     .low = 0,
     .high = (double)INFINITY,
     .doc = "the greatest absolute value of each number of a gradient"},
    {0},
};

static const struct parameter *find_parameter(const struct parameter *rows, const char *name) {
    for (; rows->name; rows++)
        if (!strcmp(rows->name, name)) return rows;
    return NULL;
}

/* The entries of a group that are its own, and the optimizer's parameters with what it gives instead. */
static bool split_group(struct experiment_reading *r, const struct optimizer_row *row,
                        const struct config *group, const struct config *given, const char *what,
                        struct config **own, struct config **options) {
    *own = config_new_map(r->arena);
    *options = config_new_map(r->arena);
    (*own)->origin = (*options)->origin = group->origin;
    if (!read_check_keys(group, what, group_parameters, row->parameters, r->diagnostics))
        return false;
    for (int i = 0; i < group->count; i++) {
        bool mine = find_parameter(group_parameters, group->keys[i]->text);
        config_add_entry(r->arena, mine ? *own : *options, group->keys[i], group->items[i]);
    }
    if (given && given->kind != CONFIG_MAP && given->kind != CONFIG_NULL &&
        !config_get(*options, row->parameters[0].name))
        config_add(r->arena, *options, row->parameters[0].name, (struct config *)given);
    for (int i = 0; given && given->kind == CONFIG_MAP && i < given->count; i++)
        if (!config_get(*options, given->keys[i]->text))
            config_add_entry(r->arena, *options, given->keys[i], given->items[i]);
    return true;
}

/* The learning rate among the options becomes lr_scale times as large. */
static bool scale_rate(struct experiment_reading *r, const struct optimizer_row *row, void *options,
                       const struct expression *scale) {
    const struct parameter *lr = find_parameter(row->parameters, "lr");
    if (scale->kind == EXPRESSION_NUMBER && scale->number == 1) return true;
    if (!lr || lr->type != PARAMETER_SCALAR)
        return experiment_fail(r, &scale->origin, NULL, "optimizer '%s' has no 'lr' to scale",
                               row->name);
    const struct expression **rate = (const struct expression **)((char *)options + lr->offset);
    const char *text = arena_format(r->arena, "(%s) * (%s)", expression_text(r->arena, *rate),
                                    expression_text(r->arena, scale));
    *rate = expression_parse_text(text, &scale->origin, r->diagnostics);
    return *rate;
}

/* embed: {lr_scale: 0.01}, old: {freeze: true}, biases: {of: [linear_1/bias], weight_decay: 0} */
static bool read_group(struct experiment_reading *r, const struct optimizer_row *row,
                       const struct config *key, struct config *value, const struct config *given,
                       struct optimizer_group *group, struct config *all) {
    const char *what = arena_format(r->arena, "group '%s'", key->text);
    struct group_options own = {0};
    struct config *map, *mine, *others, *used, *unused;
    void *options = arena_alloc(r->arena, row->options_size);
    const char **one = ARENA_NEW(r->arena, const char *);
    *one = key->text;
    *group = (struct optimizer_group){
        .label = key->text, .paths = {1, one}, .options = options, .origin = key->origin};
    if (!experiment_map(r, value, what, &map)) return false;
    if (!map || !map->count)
        return experiment_fail(r, &key->origin, "as in 'lr_scale: 0.1' or 'freeze: true'",
                               "%s changes nothing", what);
    if (!split_group(r, row, map, given, what, &mine, &others) ||
        !experiment_options(r, mine, &key->origin, what, group_parameters, &own, r->x->constants,
                            &used) ||
        !experiment_options(r, others, &key->origin, what, row->parameters, options,
                            r->x->constants, &unused) ||
        !scale_rate(r, row, options, own.lr_scale))
        return false;
    for (int i = 0; i < map->count; i++)
        if (!find_parameter(group_parameters, map->keys[i]->text))
            config_add(r->arena, used, map->keys[i]->text, map->items[i]);
    config_add(r->arena, all, key->text, used);
    if (own.of.count) group->paths = own.of;
    group->frozen = own.freeze;
    return true;
}

static bool read_groups(struct experiment_reading *r, struct experiment_optimizer *o,
                        const struct config *value, const struct config *given,
                        struct config *resolved) {
    struct config *map = NULL, *all = config_new_map(r->arena);
    struct config *section = value->kind == CONFIG_MAP ? config_get(value, "groups") : NULL;
    bool good = experiment_map(r, section, "'groups'", &map);
    for (int i = 0; map && i < map->count; i++) {
        struct optimizer_group group;
        if (!read_group(r, o->row, map->keys[i], map->items[i], given, &group, all)) good = false;
        o->groups = ARENA_GROW(r->arena, o->groups, o->groups_count);
        o->groups[o->groups_count++] = group;
    }
    if (map) config_add(r->arena, resolved, "groups", all);
    return good;
}

static bool read_clip(struct experiment_reading *r, struct experiment_optimizer *o,
                      const struct config *value, struct config *resolved) {
    const struct config *clip = value->kind == CONFIG_MAP ? config_get(value, "clip") : NULL;
    struct config *used;
    if (!clip) return true;
    if (!experiment_options(r, clip, &clip->origin, "'clip'", clip_parameters, &o->clip,
                            r->x->constants, &used))
        return false;
    o->clip.origin = config_key(value, "clip")->origin;
    if (!o->clip.norm == !o->clip.value)
        return experiment_fail(r, &o->clip.origin, "as in 'clip: {norm: 1}'",
                               "'clip' wants one of 'norm' and 'value'");
    config_add(r->arena, resolved, "clip", used);
    return true;
}

/* ---- optimizers -------------------------------------------------------------------------------
 */

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
        o.poisoned = !experiment_options(r, given, &at->origin,
                                         arena_format(r->arena, "optimizer '%s'", row->name),
                                         row->parameters, options, x->constants, &used);
        o.options = options;
        o.resolved = used;
        config_add(r->arena, resolved, row->name, used);
        if (!o.poisoned) o.poisoned = !read_groups(r, &o, value, given, resolved);
    }
    if (!read_clip(r, &o, value, resolved)) o.poisoned = true;
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
