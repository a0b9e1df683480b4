/*
 * Lists of layers as they were used, for resolved.yaml: every value of a layer that is built once;
 * for one that is built for several rounds or uses what is written there, and its row's defaults.
 */
#include <math.h>
#include <string.h>

#include "runner/experiment_layers.h"

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
    layers_key(s->r, item, &value);
    bool written = s->inner || layer->row->lists || layer->late;
    config_add(arena, map, layer->row->name,
               written ? resolved_inner(s, value, layer) : (struct config *)layer->resolved);
    for (int i = 0; item->kind == CONFIG_MAP && i < item->count; i++)
        if (key_find(layer_keys, item->keys[i]->text) &&
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

/* The rows of a block, where nothing is given: a number that must be given is not known. */
static const struct parameter *unused_rows(struct arena *arena, const struct block *block,
                                           double *numbers) {
    struct parameter *rows = ARENA_ARRAY(arena, struct parameter, block->parameters_count + 1);
    for (int i = 0; i < block->parameters_count; i++) {
        rows[i] = block->row.parameters[i];
        if (rows[i].standard) continue;
        rows[i].standard = "";
        numbers[i] = (double)NAN;
    }
    return rows;
}

/* A block that nothing uses is read for the sake of the mistakes in it. */
static void read_unused(struct experiment_reading *r, struct block *block) {
    int total = 0;
    struct network n = {.name = block->row.name, .origin = *block->origin};
    struct list_reading c = {.r = r, .n = &n, .constants = r->x->constants, .total = &total};
    struct network_layer use = {.row = &block->row, .block = block, .origin = *block->origin};
    struct config *used;
    use.options = arena_alloc(r->arena, block->row.options_size + 1);
    experiment_options(r, NULL, block->origin, layers_title(r, &block->row),
                       unused_rows(r->arena, block, use.options), use.options, r->x->constants,
                       &used);
    layers_read_use(&c, &use, block, NULL);
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
