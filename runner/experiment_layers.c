/*
 * Reading lists of layers: items by their rows, and the lists within them.
 *
 * A list is read once for each place where it is built: each round of a repeat, each use of a
 * block. So every number in it is known, but for those that follow from shapes.
 */
#include <math.h>
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/function.h"
#include "runner/read.h"

enum { LAYERS_MOST = 10000 };

/* Where a list stands. */
struct list_reading {
    struct experiment_reading *r;
    struct network *n; /* the network it is part of */
    const struct constants *constants;
    const struct config *defaults;    /* of the network; may be NULL */
    const struct block *block;        /* whose list it is; NULL: none's */
    const struct origin *use;         /* of that block */
    const struct list_reading *outer; /* NULL: the network's own */
    int *total;                       /* layers of the network so far */
};

/* ---- which layer -------------------------------------------------------------------------------
 */

void experiment_no_layer(struct experiment_reading *r, const struct config *key) {
    struct nearest nearest = {.wanted = key->text};
    for (int i = 0; layer_rows[i]; i++)
        nearest_try_row(&nearest, layer_rows[i]->name, layer_rows[i]->aliases);
    for (int i = 0; i < r->x->blocks_count; i++)
        nearest_try(&nearest, r->x->blocks[i].row.name);
    if (r->x->poison.blocks || experiment_is_poisoned(r->x, key->text)) return;
    experiment_fail(r, &key->origin, nearest_list_hint(r->arena, &nearest, "layers"),
                    "there is no layer '%s'", text_excerpt(r->arena, key->text));
}

static bool is_beside(const char *key) {
    return key_find(layer_keys, key);
}

/* The key of an item that names its layer, and the value there; NULL where there is none. */
static const struct config *key_of_item(struct experiment_reading *r, const struct config *item,
                                        const struct config **value) {
    *value = NULL;
    if (item->kind == CONFIG_TEXT) return item;
    if (item->kind != CONFIG_MAP) {
        experiment_fail(r, &item->origin, "as in '- linear: 32' or '- flatten'",
                        "a layer is a name or a map, but this is %s", config_kind_name(item->kind));
        return NULL;
    }
    const struct config *found = NULL;
    for (int i = 0; i < item->count; i++) {
        if (is_beside(item->keys[i]->text)) continue;
        if (!strcmp(item->keys[i]->text, "weight")) {
            experiment_fail(r, &item->keys[i]->origin,
                            "as in 'linear: {units: 32, weight: [spectral_norm]}'",
                            "'weight' stands among the layer's parameters");
            continue;
        }
        if (found) {
            experiment_fail(r, &item->keys[i]->origin,
                            "beside the layer stand 'as', 'from' and 'when'; each layer is an item "
                            "of the list",
                            "'%s' and '%s' in one item", found->text, item->keys[i]->text);
            return NULL;
        }
        found = item->keys[i];
        *value = item->items[i];
    }
    if (!found) experiment_fail(r, &item->origin, NULL, "this item names no layer");
    return found;
}

/* ---- options -----------------------------------------------------------------------------------
 */

static bool calls_shape(const struct expression *e) {
    if (!e) return false;
    if (e->kind == EXPRESSION_CALL && e->part[0]->kind == EXPRESSION_NAME &&
        function_is_shape(e->part[0]->name))
        return true;
    for (int i = 0; i < e->count; i++)
        if (calls_shape(e->part[i])) return true;
    return false;
}

/* Whether a number in it follows from shapes. */
static bool needs_shapes(struct arena *arena, const struct config *value) {
    if (!value) return false;
    for (int i = 0; i < value->count; i++)
        if (needs_shapes(arena, value->items[i])) return true;
    if (value->kind != CONFIG_TEXT || !strchr(value->text, '(')) return false;
    struct diagnostics quiet = {.arena = arena};
    return calls_shape(expression_parse(value, &quiet));
}

static void put(struct arena *arena, struct config *map, struct config *key, struct config *item) {
    map->keys = ARENA_GROW(arena, map->keys, map->count);
    map->items = ARENA_GROW(arena, map->items, map->count);
    map->keys[map->count] = key;
    map->items[map->count++] = item;
}

/* What is given to a layer on top of the defaults for it, the network's before the file's. */
static const struct config *with_defaults(const struct list_reading *c, const struct layer_row *row,
                                          const struct config *value, const struct origin *origin) {
    const struct config *const sections[] = {c->defaults, c->r->x->defaults};
    struct arena *arena = c->r->arena;
    struct config *all = config_new_map(arena);
    bool given = value && value->kind != CONFIG_NULL, any = false;
    all->origin = given ? value->origin : *origin;
    if (given && value->kind != CONFIG_MAP && row->parameters->name)
        config_add(arena, all, row->parameters->name, (struct config *)value);
    for (int i = 0; given && value->kind == CONFIG_MAP && i < value->count; i++)
        put(arena, all, value->keys[i], value->items[i]);
    for (int s = 0; s < 2; s++) {
        const struct config *more = sections[s] ? config_get(sections[s], row->name) : NULL;
        for (int i = 0; more && more->kind == CONFIG_MAP && i < more->count; i++) {
            if (config_get(all, more->keys[i]->text)) continue;
            put(arena, all, more->keys[i], more->items[i]);
            any = true;
        }
    }
    return any ? all : value;
}

static const struct config *without(struct arena *arena, const struct config *map,
                                    const char *key) {
    struct config *rest = config_new_map(arena);
    rest->origin = map->origin;
    for (int i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) != 0) put(arena, rest, map->keys[i], map->items[i]);
    return rest;
}

/* ---- chains of weights -------------------------------------------------------------------------
 */

static const struct weight_row *find_weight(struct experiment_reading *r,
                                            const struct config *key) {
    const struct weight_row *row = weight_find(key->text);
    if (row) return row;
    struct nearest nearest = {.wanted = key->text};
    struct text all = {0};
    for (int i = 0; weight_rows[i]; i++) {
        nearest_try(&nearest, weight_rows[i]->name);
        text_format(&all, "%s%s", i ? ", " : "there are ", weight_rows[i]->name);
    }
    const char *hint = arena_text(r->arena, text_get(&all));
    text_release(&all);
    if (nearest.name) hint = nearest_hint(r->arena, &nearest);
    experiment_fail(r, &key->origin, hint,
                    "there is nothing called '%s' that a weight goes through",
                    text_excerpt(r->arena, key->text));
    return NULL;
}

/* spectral_norm, or {equalized: {lr_multiplier: 0.01}}. */
static bool read_link(const struct list_reading *c, struct network_layer *layer,
                      const struct config *item, struct config *resolved) {
    struct experiment_reading *r = c->r;
    bool map = item->kind == CONFIG_MAP && item->count == 1;
    const struct config *key = map ? item->keys[0] : item;
    if (!map && item->kind != CONFIG_TEXT)
        return experiment_fail(r, &item->origin, "as in 'weight: [spectral_norm]'",
                               "what a weight goes through is a list of names");
    const struct weight_row *row = find_weight(r, key);
    if (!row) return false;
    struct weight_link link = {row, NULL};
    struct config *used, *one = config_new_map(r->arena);
    void *options = arena_alloc(r->arena, row->options_size ? row->options_size : 1);
    bool good = experiment_options(r, map ? item->items[0] : NULL, &key->origin,
                                   arena_format(r->arena, "'%s'", row->name), row->parameters,
                                   options, c->constants, &used);
    link.options = options;
    layer->links = ARENA_GROW(r->arena, layer->links, layer->links_count);
    layer->links[layer->links_count++] = link;
    config_add(r->arena, one, row->name, used);
    config_append(r->arena, resolved, one);
    return good;
}

/* The chain, as a list that says the same; NULL where it is wrong. */
static struct config *read_chain(const struct list_reading *c, struct network_layer *layer,
                                 const struct config *value) {
    struct config *resolved = config_new_list(c->r->arena);
    bool list = value->kind == CONFIG_LIST, good = true;
    for (int i = 0; i < (list ? value->count : value->kind != CONFIG_NULL); i++)
        good = read_link(c, layer, list ? value->items[i] : value, resolved) && good;
    return good ? resolved : NULL;
}

/* ---- lists within a layer ----------------------------------------------------------------------
 */

static bool read_list(struct list_reading *c, const struct config *items, struct layer_list *list);

/* An option as it is written. */
static const struct config *tree_option(const struct network_layer *layer,
                                        const struct parameter *row) {
    return *(const struct config *const *)(const void *)((const char *)layer->options +
                                                         row->offset);
}

static const struct parameter *option_of_type(const struct layer_row *row,
                                              enum parameter_type type) {
    for (const struct parameter *p = row->parameters; p->name; p++)
        if (p->type == type) return p;
    return NULL;
}

static struct layer_list *add_list(const struct list_reading *c, struct network_layer *layer,
                                   const struct constants *constants, const char *path) {
    layer->lists = ARENA_GROW(c->r->arena, layer->lists, layer->lists_count);
    struct layer_list *list = &layer->lists[layer->lists_count++];
    *list = (struct layer_list){.constants = constants, .path = path};
    return list;
}

static bool read_inner(const struct list_reading *c, struct network_layer *layer,
                       const struct constants *constants, const char *path,
                       const struct config *items, struct texts carry) {
    struct list_reading inner = *c;
    struct layer_list *list = add_list(c, layer, constants, path);
    list->carry = carry;
    inner.outer = c;
    inner.constants = constants;
    return read_list(&inner, items, list);
}

/* One name of a loop and its numbers. */
struct loop {
    const char *name;
    int count;
    double *numbers;
};

/* range(4), range(1, 4), range(6, 0, -2). */
static bool read_range(const struct list_reading *c, const struct expression *e,
                       struct loop *loop) {
    struct experiment_reading *r = c->r;
    double number[3] = {0, 0, 1};
    if (e->count < 2 || e->count > 4)
        return experiment_fail(r, &e->origin, "as in range(4), range(1, 4), range(6, 0, -2)",
                               "range takes one to three numbers");
    for (int i = 1; i < e->count; i++) {
        int at = e->count == 2 ? 1 : i - 1;
        if (!expression_number(e->part[i], &c->constants->scope, true, &number[at], r->diagnostics))
            return false;
    }
    double count = ceil((number[1] - number[0]) / number[2]);
    if (number[2] == 0 || count > LAYERS_MOST)
        return experiment_fail(r, &e->origin, NULL, "this range does not end");
    loop->count = count > 0 ? (int)count : 0;
    loop->numbers = ARENA_ARRAY(r->arena, double, loop->count + 1);
    for (int i = 0; i < loop->count; i++)
        loop->numbers[i] = number[0] + i * number[2];
    return true;
}

static bool read_loop_text(const struct list_reading *c, const struct config *value,
                           struct loop *loop) {
    struct experiment_reading *r = c->r;
    const struct expression *e = expression_parse(value, r->diagnostics);
    bool good = true;
    if (!e) return false;
    if (e->kind == EXPRESSION_CALL && e->part[0]->kind == EXPRESSION_NAME &&
        !strcmp(e->part[0]->name, "range"))
        return read_range(c, e, loop);
    if (e->kind != EXPRESSION_LIST)
        return experiment_fail(r, &value->origin, "as in {i: range(4)} or {units: [64, 32]}",
                               "'%s' goes through a list, but this is none", loop->name);
    loop->count = e->count;
    loop->numbers = ARENA_ARRAY(r->arena, double, e->count + 1);
    for (int i = 0; i < e->count; i++)
        good = expression_number(e->part[i], &c->constants->scope, true, &loop->numbers[i],
                                 r->diagnostics) &&
               good;
    return good;
}

static bool read_loop_list(const struct list_reading *c, const struct config *key,
                           const struct config *value, struct loop *loop) {
    bool good = true;
    loop->name = key->text;
    if (!experiment_check_name(c->r, key, "what a loop counts", false)) return false;
    if (value->kind != CONFIG_LIST) return read_loop_text(c, value, loop);
    loop->count = value->count;
    loop->numbers = ARENA_ARRAY(c->r->arena, double, value->count + 1);
    for (int i = 0; i < value->count; i++)
        good = experiment_number(c->r, value->items[i], c->constants, &loop->numbers[i]) && good;
    return good;
}

/* Constants of one round. */
static const struct constants *round_constants(const struct list_reading *c,
                                               const struct loop *loops, int count, int round) {
    struct constants *constants = constants_new(c->r->arena, c->constants);
    for (int i = 0; i < count; i++)
        constants_add(c->r->arena, constants,
                      (struct constant){.name = loops[i].name, .number = loops[i].numbers[round]});
    return constants;
}

/* One list a round. */
static bool read_rounds(const struct list_reading *c, struct network_layer *layer,
                        const struct config *map) {
    const struct parameter *texts = option_of_type(layer->row, PARAMETER_TEXTS);
    const struct config *items = tree_option(layer, option_of_type(layer->row, PARAMETER_LAYERS));
    struct texts carry = {0};
    struct loop *loops = ARENA_ARRAY(c->r->arena, struct loop, map->count);
    bool good = true;
    if (texts)
        carry = *(const struct texts *)(const void *)((const char *)layer->options + texts->offset);
    for (int i = 0; i < map->count; i++) {
        good = read_loop_list(c, map->keys[i], map->items[i], &loops[i]) && good;
        if (good && loops[i].count != loops[0].count)
            good = experiment_fail(c->r, &map->items[i]->origin, "lists of a loop go side by side",
                                   "'%s' has %d rounds, but '%s' has %d", loops[i].name,
                                   loops[i].count, loops[0].name, loops[0].count);
    }
    for (int i = 0; good && i < loops[0].count; i++) {
        const char *path = arena_format(c->r->arena, "%d", i);
        good = read_inner(c, layer, round_constants(c, loops, map->count, i), path, items, carry);
    }
    return good;
}

/* A copy that tells where the block was used. */
static struct config *copy_used(struct arena *arena, const struct config *node,
                                const struct origin *use) {
    struct config *copy = arena_copy(arena, node, sizeof *node);
    if (!copy->origin.via) {
        copy->origin.how = VIA_BLOCK;
        copy->origin.via = use;
    }
    if (!node->count) return copy;
    copy->items = ARENA_ARRAY(arena, struct config *, node->count);
    if (node->keys) copy->keys = ARENA_ARRAY(arena, struct config *, node->count);
    for (int i = 0; i < node->count; i++) {
        copy->items[i] = copy_used(arena, node->items[i], use);
        if (node->keys) copy->keys[i] = copy_used(arena, node->keys[i], use);
    }
    return copy;
}

/* The list of a block as it is used here: its parameters are numbers now. */
static bool read_use(const struct list_reading *c, struct network_layer *layer,
                     struct block *block) {
    struct experiment_reading *r = c->r;
    for (const struct list_reading *outer = c; outer; outer = outer->outer)
        if (outer->block == block)
            return experiment_fail(r, &layer->origin, NULL, "block '%s' uses itself",
                                   block->row.name);
    struct constants *constants = constants_new(r->arena, r->x->constants);
    for (int i = 0; i < block->parameters_count; i++)
        constants_add(r->arena, constants,
                      (struct constant){.name = block->parameters[i],
                                        .number = ((const double *)layer->options)[i]});
    struct list_reading inner = *c;
    struct layer_list *list = add_list(c, layer, constants, "");
    inner.constants = constants;
    inner.outer = c;
    inner.block = list->block = block;
    inner.use = arena_copy(r->arena, &layer->origin, sizeof layer->origin);
    bool good = read_list(&inner, copy_used(r->arena, block->layers, inner.use), list);
    if (!block->first) block->first = arena_copy(r->arena, list, sizeof *list);
    return good;
}

static bool read_lists(const struct list_reading *c, struct network_layer *layer) {
    const struct layer_row *row = layer->row;
    const struct parameter *loop = option_of_type(row, PARAMETER_LOOP);
    bool good = true, first = true;
    if (layer->block) return read_use(c, layer, experiment_block(c->r->x, row->name));
    if (loop) return read_rounds(c, layer, tree_option(layer, loop));
    for (const struct parameter *p = row->parameters; p->name; p++) {
        const struct config *tree = p->type == PARAMETER_LAYERS || p->type == PARAMETER_BRANCHES
                                        ? tree_option(layer, p)
                                        : NULL;
        for (int i = 0; tree && p->type == PARAMETER_BRANCHES && i < tree->count; i++)
            good = read_inner(c, layer, c->constants, arena_format(c->r->arena, "%d", i),
                              tree->items[i], (struct texts){0}) &&
                   good;
        if (tree && p->type == PARAMETER_LAYERS)
            good =
                read_inner(c, layer, c->constants, first ? "" : p->name, tree, (struct texts){0}) &&
                good;
        first = first && p->type != PARAMETER_LAYERS;
    }
    return good;
}

/* ---- one layer ---------------------------------------------------------------------------------
 */

static bool read_from(struct experiment_reading *r, struct network_layer *layer,
                      const struct config *from) {
    bool list = from->kind == CONFIG_LIST;
    int count = list ? from->count : 1;
    layer->from = ARENA_ARRAY(r->arena, const struct expression *, count);
    for (int i = 0; i < count; i++) {
        const struct config *item = list ? from->items[i] : from;
        const struct expression *e = expression_parse(item, r->diagnostics);
        if (e) layer->from[layer->from_count++] = e;
    }
    return layer->from_count == count;
}

/* False where `when:` is 0. */
static bool wanted(const struct list_reading *c, const struct config *item) {
    const struct config *when = item->kind == CONFIG_MAP ? config_get(item, "when") : NULL;
    double number = 1;
    if (!when) return true;
    if (when->kind == CONFIG_BOOL) return when->number != 0;
    return !experiment_number(c->r, when, c->constants, &number) || number != 0;
}

/* `as:`, with the numbers of $(i) in it. */
static const char *read_as(const struct list_reading *c, const struct config *as) {
    const struct parameter row = {.name = "as", .type = PARAMETER_TEXT};
    const char *text;
    if (as->kind >= CONFIG_LIST || as->kind == CONFIG_NULL || !strstr(as->text, "$("))
        return experiment_check_name(c->r, as, "a result", false) ? as->text : NULL;
    if (!read_value(as, &row, "a layer", &text, &c->constants->scope, NULL, c->r->diagnostics))
        return NULL;
    struct config name = *as;
    name.text = text;
    return experiment_check_name(c->r, &name, "a result", false) ? text : NULL;
}

static void read_beside(const struct list_reading *c, const struct config *item,
                        struct network_layer *layer) {
    const struct config *as = config_get(item, "as"), *from = config_get(item, "from");
    if (as) layer->as = read_as(c, as);
    if (as && !layer->as) c->n->open = layer->poisoned = true;
    if (from && !read_from(c->r, layer, from)) layer->poisoned = true;
}

static void check_path(const struct list_reading *c, const struct layer_list *list,
                       const struct network_layer *layer) {
    struct experiment_reading *r = c->r;
    for (int i = 0; *layer->name && i < list->count; i++)
        if (!strcmp(list->layers[i].name, layer->name))
            experiment_fail(r, &layer->origin, "its weights are named so",
                            "network '%s' has two layers called '%s'", c->n->name, layer->name);
    for (int i = 0; layer->as && !c->block && i < c->n->inputs_count; i++)
        if (!strcmp(c->n->inputs[i].name, layer->as))
            experiment_fail(r, &layer->origin, NULL, "'%s' is an input of network '%s' already",
                            layer->as, c->n->name);
}

/* The layer's options by its row, and the lists within. */
static bool read_options(const struct list_reading *c, struct network_layer *layer,
                         const struct config *key, const struct config *value) {
    struct experiment_reading *r = c->r;
    const struct layer_row *row = layer->row;
    const char *what = arena_format(r->arena, "layer '%s'", row->name);
    const struct config *given = with_defaults(c, row, value, &key->origin);
    struct config *chain = NULL, *used = config_new_map(r->arena);
    bool good = true;
    if (row->chains && given && given->kind == CONFIG_MAP && config_get(given, "weight")) {
        chain = read_chain(c, layer, config_get(given, "weight"));
        good = chain;
        given = without(r->arena, given, "weight");
    }
    layer->options = arena_alloc(r->arena, row->options_size ? row->options_size : 1);
    if (layer->block && needs_shapes(r->arena, given))
        return experiment_fail(r, &key->origin, "inside the block its layers can say so",
                               "a block is given numbers that are known without shapes");
    if (!row->lists && needs_shapes(r->arena, given)) {
        layer->late = ARENA_NEW(r->arena, struct late_options);
        layer->late->value = given;
    } else {
        good = experiment_options(r, given, &key->origin, what, row->parameters, layer->options,
                                  c->constants, &used) &&
               good;
    }
    if (chain && chain->count) config_add(r->arena, used, "weight", chain);
    layer->resolved = used;
    return good && (!row->lists || read_lists(c, layer));
}

/* How many layers of a kind there were in a list. */
struct ordinals {
    int count;
    struct {
        const struct layer_row *row;
        int number;
    } * list;
};

static int next_ordinal(struct arena *arena, struct ordinals *ordinals,
                        const struct layer_row *row) {
    for (int i = 0; i < ordinals->count; i++)
        if (ordinals->list[i].row == row) return ++ordinals->list[i].number;
    ordinals->list = ARENA_GROW(arena, ordinals->list, ordinals->count);
    ordinals->list[ordinals->count].row = row;
    return ordinals->list[ordinals->count++].number = 1;
}

static void read_layer(const struct list_reading *c, struct layer_list *list,
                       const struct config *item, int number, struct ordinals *ordinals) {
    struct experiment_reading *r = c->r;
    const struct config *value, *key = key_of_item(r, item, &value);
    const struct block *block = key ? experiment_block(r->x, key->text) : NULL;
    const struct layer_row *row = block ? &block->row : key ? layer_find(key->text) : NULL;
    struct network_layer layer = {.row = row, .block = block, .item = number, .poisoned = !row};
    layer.origin = key ? key->origin : item->origin;
    if (key && !row) experiment_no_layer(r, key);
    int ordinal = row ? next_ordinal(r->arena, ordinals, row) : 0;
    if (!wanted(c, item)) return;
    if (row && !read_options(c, &layer, key, value)) layer.poisoned = true;
    read_beside(c, item, &layer);
    layer.name = layer.as ? layer.as : "";
    if (row && !layer.as) layer.name = arena_format(r->arena, "%s_%d", row->name, ordinal);
    check_path(c, list, &layer);
    list->layers = ARENA_GROW(r->arena, list->layers, list->count);
    list->layers[list->count++] = layer;
}

/* False where it grows without end. */
static bool read_list(struct list_reading *c, const struct config *items, struct layer_list *list) {
    struct ordinals ordinals = {0};
    for (int i = 0; i < items->count; i++) {
        if (++*c->total > LAYERS_MOST)
            return experiment_fail(c->r, &c->n->origin, NULL,
                                   "network '%s' has more than %d layers", c->n->name,
                                   (int)LAYERS_MOST);
        read_layer(c, list, items->items[i], i, &ordinals);
    }
    return true;
}

void experiment_read_layers(struct experiment_reading *r, struct network *n,
                            const struct config *items, const struct config *defaults) {
    int total = 0;
    struct list_reading c = {
        .r = r, .n = n, .constants = n->list.constants, .defaults = defaults, .total = &total};
    if (!read_list(&c, items, &n->list)) n->poisoned = true;
}

/* ---- as it was used ----------------------------------------------------------------------------
 */

/* What a list is written out with. */
struct resolving {
    struct experiment_reading *r;
    const struct config *defaults; /* of the network; may be NULL */
    bool inner; /* it may be read again, for other rounds or uses: what is written in it stays */
};

static struct config *resolved_list(const struct resolving *s, const struct config *items,
                                    const struct layer_list *list);

static bool in_defaults(const struct resolving *s, const struct layer_row *row, const char *key) {
    const struct config *const sections[] = {s->defaults, s->r->x->defaults};
    for (int i = 0; i < 2; i++) {
        const struct config *map = sections[i] ? config_get(sections[i], row->name) : NULL;
        if (map && config_get(map, key)) return true;
    }
    return false;
}

static const struct parameter *find_parameter(const struct layer_row *row, const char *name) {
    for (const struct parameter *p = row->parameters; p->name; p++)
        if (!strcmp(p->name, name)) return p;
    return NULL;
}

static struct config *resolved_branches(const struct resolving *s, const struct config *value,
                                        const struct network_layer *layer) {
    struct config *all = config_new_list(s->r->arena);
    for (int i = 0; i < value->count; i++)
        config_append(s->r->arena, all, resolved_list(s, value->items[i], &layer->lists[i]));
    return all;
}

/* A value as it is written; lists of layers in it resolved. */
static struct config *resolved_written(const struct resolving *s, const char *name,
                                       struct config *value, const struct network_layer *layer) {
    const struct parameter *p = find_parameter(layer->row, name);
    struct resolving inner = *s;
    int list = 0;
    inner.inner = true;
    if (!p || !layer->lists_count) return value;
    if (p->type == PARAMETER_BRANCHES) return resolved_branches(&inner, value, layer);
    if (p->type != PARAMETER_LAYERS) return value;
    for (int i = 0; i < layer->lists_count; i++)
        if (!strcmp(layer->lists[i].path, name)) list = i;
    return resolved_list(&inner, value, &layer->lists[list]);
}

/* What is written at the item, and the row's own defaults, which a later version may change. */
static struct config *resolved_inner(const struct resolving *s, const struct config *value,
                                     const struct network_layer *layer) {
    struct arena *arena = s->r->arena;
    struct config *map = config_new_map(arena);
    const struct layer_row *row = layer->row;
    bool given = value && value->kind != CONFIG_NULL;
    if (given && value->kind != CONFIG_MAP)
        config_add(arena, map, row->parameters->name,
                   resolved_written(s, row->parameters->name, (struct config *)value, layer));
    for (int i = 0; given && value->kind == CONFIG_MAP && i < value->count; i++)
        config_add(arena, map, value->keys[i]->text,
                   resolved_written(s, value->keys[i]->text, value->items[i], layer));
    for (const struct parameter *p = row->parameters; p->name; p++) {
        if (config_get(map, p->name) || in_defaults(s, row, p->name)) continue;
        if (!p->standard || !*p->standard) continue;
        struct config *standard =
            config_parse(p->name, p->standard, strlen(p->standard), NULL, s->r->diagnostics);
        if (standard) config_add(arena, map, p->name, standard);
    }
    return map;
}

static struct config *resolved_item(const struct resolving *s, const struct config *item,
                                    const struct network_layer *layer) {
    struct arena *arena = s->r->arena;
    struct config *map = config_new_map(arena);
    const struct config *value = NULL;
    if (!layer || layer->poisoned) return (struct config *)item;
    key_of_item(s->r, item, &value);
    bool written = s->inner || layer->row->lists || layer->late;
    config_add(arena, map, layer->row->name,
               written ? resolved_inner(s, value, layer) : (struct config *)layer->resolved);
    for (int i = 0; item->kind == CONFIG_MAP && i < item->count; i++)
        if (is_beside(item->keys[i]->text) &&
            (s->inner || strcmp(item->keys[i]->text, "when") != 0))
            config_add(arena, map, item->keys[i]->text, item->items[i]);
    return map;
}

static struct config *resolved_list(const struct resolving *s, const struct config *items,
                                    const struct layer_list *list) {
    struct config *all = config_new_list(s->r->arena);
    for (int i = 0, next = 0; i < items->count; i++) {
        const struct network_layer *layer =
            next < list->count && list->layers[next].item == i ? &list->layers[next++] : NULL;
        if (layer || s->inner)
            config_append(s->r->arena, all, resolved_item(s, items->items[i], layer));
    }
    return all;
}

struct config *experiment_resolved_layers(struct experiment_reading *r, const struct config *items,
                                          const struct layer_list *list,
                                          const struct config *defaults) {
    return resolved_list(&(struct resolving){r, defaults, false}, items, list);
}

/* A block that nothing uses is read for the sake of the mistakes in it. */
static void read_unused(struct experiment_reading *r, struct block *block) {
    int total = 0;
    struct network n = {.name = block->row.name, .origin = *block->origin};
    struct list_reading c = {.r = r, .n = &n, .constants = r->x->constants, .total = &total};
    struct network_layer use = {.row = &block->row, .block = block, .origin = *block->origin};
    struct config *used;
    use.options = arena_alloc(r->arena, block->row.options_size + 1);
    experiment_options(r, NULL, block->origin, block->row.name, block->row.parameters, use.options,
                       r->x->constants, &used);
    read_use(&c, &use, block);
}

void experiment_finish_blocks(struct experiment_reading *r) {
    const struct resolving s = {r, NULL, true};
    for (int i = 0; i < r->x->blocks_count; i++) {
        struct block *block = &r->x->blocks[i];
        if (!block->first) read_unused(r, block);
        config_add(r->arena, block->resolved, "layers",
                   resolved_list(&s, block->layers, block->first));
    }
}
