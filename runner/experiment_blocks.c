/* Reading blocks: lists of layers with parameters and inputs, which are used like layers. */
#include <string.h>

#include "runner/experiment_layers.h"
#include "runner/read.h"

extern const struct layer_row sequential_layer; /* what a use of a block does with its list */

/* The parameters as rows of numbers. */
static void read_parameters_of(struct experiment_reading *r, struct block *block,
                               struct config *section, struct config *used) {
    struct config *map, *all = config_new_map(r->arena);
    experiment_map(r, section, "'parameters'", &map);
    int count = map ? map->count : 0;
    struct parameter *rows = ARENA_ARRAY(r->arena, struct parameter, count + 1);
    block->parameters = ARENA_ARRAY(r->arena, const char *, count + 1);
    block->standards = ARENA_ARRAY(r->arena, const struct origin *, count + 1);
    for (int i = 0; i < count; i++) {
        struct experiment_parameter p;
        struct config *row = NULL;
        const char *name = map->keys[i]->text;
        bool good = experiment_parameter(r, map->keys[i], map->items[i], &p, &row);
        if (!row) continue;
        struct text standard = {0};
        text_add_number(&standard, p.standard);
        int at = block->parameters_count++;
        block->parameters[at] = name;
        block->standards[at] = good ? &map->items[i]->origin : NULL;
        rows[at] =
            (struct parameter){.name = name,
                               .type = PARAMETER_NUMBER,
                               .offset = (size_t)at * sizeof(double),
                               .standard = !good        ? ""
                                           : p.required ? NULL
                                                        : arena_text(r->arena, text_get(&standard)),
                               .unit = p.unit,
                               .doc = p.doc};
        if (good && p.range.count == 2) {
            rows[at].low = p.range.list[0];
            rows[at].high = p.range.list[1];
        }
        text_release(&standard);
        config_add(r->arena, all, name, row);
    }
    block->row.parameters = rows;
    block->row.options_size = (size_t)count * sizeof(double);
    if (count) config_add(r->arena, used, "parameters", all);
}

static void read_inputs(struct experiment_reading *r, struct block *block,
                        const struct config *value) {
    bool list = value && value->kind == CONFIG_LIST;
    int count = list ? value->count : value && value->kind != CONFIG_NULL;
    block->inputs = ARENA_ARRAY(r->arena, const char *, count + 1);
    for (int i = 0; i < count; i++) {
        const struct config *name = list ? value->items[i] : value;
        if (name->kind >= CONFIG_LIST)
            experiment_fail(r, &name->origin, "as in 'inputs: [h, w]'", "an input is a name");
        else if (experiment_check_name(r, name, "an input", false))
            block->inputs[block->inputs_count++] = name->text;
    }
    block->row.inputs_least = block->row.inputs_most = block->inputs_count;
}

static bool read_block(struct experiment_reading *r, const struct config *key, struct config *value,
                       struct block *block, struct config *used) {
    struct config *map;
    const char *what = arena_format(r->arena, "block '%s'", key->text);
    if (!experiment_check_name(r, key, "a block", false)) return false;
    if (layer_find(key->text))
        return experiment_fail(r, &key->origin, "give it another name",
                               "there is a layer '%s' already", key->text);
    if (!experiment_map(r, value, what, &map)) return false;
    if (map) experiment_check_keys(r, map, what, block_keys);
    const struct config *doc = map ? config_get(map, "doc") : NULL;
    const struct config *layers = map ? config_get(map, "layers") : NULL;
    if (!layers || layers->kind != CONFIG_LIST || !layers->count)
        return experiment_fail(r, layers ? &layers->origin : &key->origin,
                               "as in 'layers: [linear: 32, relu]'", "%s needs 'layers:', a list",
                               what);
    *block = (struct block){.row = {.name = key->text,
                                    .doc = doc && doc->text ? doc->text : "",
                                    .learns = true,
                                    .lists = true,
                                    .groups = true,
                                    .build = sequential_layer.build},
                            .layers = layers,
                            .origin = &key->origin};
    read_parameters_of(r, block, config_get(map, "parameters"), used);
    read_inputs(r, block, config_get(map, "inputs"));
    if (config_get(map, "inputs")) config_add(r->arena, used, "inputs", config_get(map, "inputs"));
    return true;
}

void experiment_read_blocks(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    struct config *map, *all = config_new_map(r->arena);
    if (!experiment_map(r, section, "'blocks'", &map)) x->poison.blocks = true;
    x->blocks = ARENA_ARRAY(r->arena, struct block, (map ? map->count : 0) + 1);
    for (int i = 0; map && i < map->count; i++) {
        struct config *used = config_new_map(r->arena);
        struct block *block = &x->blocks[x->blocks_count];
        if (!read_block(r, map->keys[i], map->items[i], block, used)) {
            experiment_poison_value(r, map->keys[i]->text);
            continue;
        }
        x->blocks_count++;
        block->resolved = used;
        config_add(r->arena, all, block->row.name, used);
    }
    if (map) config_add(r->arena, r->resolved, "blocks", all);
}

struct block *experiment_block(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->blocks_count; i++)
        if (!strcmp(experiment->blocks[i].row.name, name)) return &experiment->blocks[i];
    return NULL;
}

const struct layer_row *experiment_layer_row(const struct experiment *experiment,
                                             const char *name) {
    const struct block *block = experiment_block(experiment, name);
    return block ? &block->row : layer_find(name);
}

/* ---- defaults ---- */

const struct config *experiment_read_defaults(struct experiment_reading *r,
                                              struct config *section) {
    struct config *map;
    if (!experiment_map(r, section, "'defaults'", &map)) return NULL;
    for (int i = 0; map && i < map->count; i++) {
        const struct config *key = map->keys[i], *value = map->items[i];
        const struct layer_row *row = experiment_layer_row(r->x, key->text);
        bool good;
        if (!row) {
            experiment_no_layer(r, key);
            continue;
        }
        if (value->kind != CONFIG_MAP)
            experiment_fail(r, &value->origin, "as in 'defaults: {linear: {bias: false}}'",
                            "defaults of %s must be a map", layers_title(r, row));
        else
            layers_check_keys(r, row, value, &good);
    }
    return map;
}
