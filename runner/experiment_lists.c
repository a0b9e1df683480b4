/* Lists of layers within a layer: rounds of a repeat, branches, uses of a block. */
#include <math.h>
#include <string.h>

#include "runner/experiment_layers.h"
#include "runner/read.h"

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
    return layers_read(&inner, items, list);
}

/* One name of a loop and its numbers. */
struct loop {
    const char *name;
    int count;
    double *numbers;
    const struct origin *origin;
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
    loop->origin = &key->origin;
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
                      (struct constant){.name = loops[i].name,
                                        .number = loops[i].numbers[round],
                                        .origin = loops[i].origin});
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

/* The parameters of a block as numbers: those given, or the defaults. */
static const struct constants *use_constants(const struct list_reading *c,
                                             const struct network_layer *layer,
                                             const struct block *block,
                                             const struct config *given) {
    struct constants *constants = constants_new(c->r->arena, c->r->x->constants);
    bool map = given && given->kind == CONFIG_MAP;
    for (int i = 0; i < block->parameters_count; i++) {
        struct constant constant = {.name = block->parameters[i], .origin = block->standards[i]};
        const struct config *value = map ? config_get(given, constant.name) : i ? NULL : given;
        if (value) constant.origin = experiment_given_at(value, c->constants);
        constant.number = constant.origin ? ((const double *)layer->options)[i] : (double)NAN;
        constants_add(c->r->arena, constants, constant);
    }
    return constants;
}

/* The list of a block as it is used here: its parameters are numbers now. */
bool layers_read_use(const struct list_reading *c, struct network_layer *layer, struct block *block,
                     const struct config *given) {
    struct experiment_reading *r = c->r;
    for (const struct list_reading *outer = c; outer; outer = outer->outer)
        if (outer->block == block)
            return experiment_fail(r, &layer->origin, NULL, "block '%s' uses itself",
                                   block->row.name);
    const struct constants *constants = use_constants(c, layer, block, given);
    struct list_reading inner = *c;
    struct layer_list *list = add_list(c, layer, constants, "");
    inner.constants = constants;
    inner.outer = c;
    inner.block = list->block = block;
    const struct origin *use = arena_copy(r->arena, &layer->origin, sizeof layer->origin);
    bool good = layers_read(&inner, copy_used(r->arena, block->layers, use), list);
    if (!block->first) block->first = arena_copy(r->arena, list, sizeof *list);
    return good;
}

bool layers_read_inner(const struct list_reading *c, struct network_layer *layer,
                       const struct config *given) {
    const struct layer_row *row = layer->row;
    const struct parameter *loop = option_of_type(row, PARAMETER_LOOP);
    bool good = true, first = true;
    if (layer->block) return layers_read_use(c, layer, experiment_block(c->r->x, row->name), given);
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
