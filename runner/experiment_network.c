/* Reading networks: inputs, layers, outputs. What is wrong is poisoned. */
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/read.h"

/* ---- inputs ------------------------------------------------------------------------------------
 */

static bool add_input(struct experiment_reading *r, struct network *n, const struct config *key,
                      const struct config *shape) {
    struct network_input input = {.name = key->text, .origin = &key->origin};
    if (!experiment_check_name(r, key, "an input", false)) return false;
    for (int i = 0; i < n->inputs_count; i++)
        if (!strcmp(n->inputs[i].name, key->text))
            return experiment_fail(r, &key->origin, NULL, "network '%s' has an input '%s' already",
                                   n->name, key->text);
    if (shape && shape->kind != CONFIG_NULL) {
        const struct parameter row = {.name = key->text, .type = PARAMETER_SHAPE};
        struct extents extents = {0};
        input.has_shape = read_value(shape, &row, "'inputs'", &extents, &r->x->constants->scope,
                                     NULL, r->diagnostics);
        input.shape = shape_make(extents.rank, extents.extent);
    }
    n->inputs = ARENA_GROW(r->arena, n->inputs, n->inputs_count);
    n->inputs[n->inputs_count++] = input;
    return true;
}

/* inputs: [z, y], or inputs: {w: [10, 512]}, or one name. */
static void read_inputs(struct experiment_reading *r, struct network *n,
                        const struct config *value) {
    bool good = true;
    if (!value || value->kind == CONFIG_NULL) return;
    if (value->kind < CONFIG_LIST) good = add_input(r, n, value, NULL);
    for (int i = 0; i < value->count; i++) {
        bool one;
        if (value->kind == CONFIG_MAP)
            one = add_input(r, n, value->keys[i], value->items[i]);
        else if (value->items[i]->kind < CONFIG_LIST)
            one = add_input(r, n, value->items[i], NULL);
        else
            one = experiment_fail(r, &value->items[i]->origin,
                                  "as in 'inputs: [z, y]' or 'inputs: {w: [10, 512]}'",
                                  "an input is a name");
        good = good && one;
    }
    if (!good) n->poisoned = n->open = true;
}

/* ---- networks ----------------------------------------------------------------------------------
 */

static void read_network_outputs(struct experiment_reading *r, struct network *n,
                                 struct config *value) {
    struct config *map;
    if (!experiment_map(r, value, "'outputs'", &map)) n->poisoned = true;
    for (int i = 0; map && i < map->count; i++) {
        bool named = experiment_check_name(r, map->keys[i], "an output", false);
        const struct expression *e = expression_parse(map->items[i], r->diagnostics);
        if (!e || !named) {
            n->poisoned = true;
            continue;
        }
        n->outputs = ARENA_GROW(r->arena, n->outputs, n->outputs_count);
        n->outputs[n->outputs_count++] = (struct network_output){map->keys[i]->text, e};
    }
}

/* The parts of a network; false where there are no layers to read. */
static bool read_parts(struct experiment_reading *r, struct network *n, const struct config *key,
                       struct config *value, struct config *used) {
    struct config *map;
    const char *what = arena_format(r->arena, "network '%s'", n->name);
    if (!experiment_map(r, value, what, &map)) return false;
    if (map) experiment_check_keys(r, map, what, network_keys);
    const struct config *list = map ? config_get(map, "layers") : NULL;
    if (!list && r->diagnostics->partial) return false;
    if (!list || list->kind != CONFIG_LIST || !list->count)
        return experiment_fail(r, list ? &list->origin : &key->origin,
                               "as in 'layers: [linear: 32, relu]'",
                               "network '%s' needs 'layers:', a list", n->name);
    read_inputs(r, n, config_get(map, "inputs"));
    const struct config *defaults = experiment_read_defaults(r, config_get(map, "defaults"));
    experiment_read_layers(r, n, list, defaults);
    read_network_outputs(r, n, config_get(map, "outputs"));
    if (config_get(map, "inputs")) config_add(r->arena, used, "inputs", config_get(map, "inputs"));
    if (defaults) config_add(r->arena, used, "defaults", (struct config *)defaults);
    config_add(r->arena, used, "layers", experiment_resolved_layers(r, list, &n->list, defaults));
    if (config_get(map, "outputs"))
        config_add(r->arena, used, "outputs", config_get(map, "outputs"));
    return true;
}

static void read_network(struct experiment_reading *r, const struct config *key,
                         struct config *value, struct config *all) {
    struct experiment *x = r->x;
    struct config *used = config_new_map(r->arena);
    struct network n = {.name = key->text,
                        .index = x->networks_count,
                        .list = {.constants = x->constants, .path = ""},
                        .origin = key->origin};
    bool named = experiment_check_name(r, key, "a network", true);
    if (!read_parts(r, &n, key, value, used) || !named) n.poisoned = true;
    if (!text_is_name(n.name)) x->poison.callables = true; /* what it will be called is unknown */
    config_add(r->arena, all, n.name, used);
    x->networks = ARENA_GROW(r->arena, x->networks, x->networks_count);
    x->networks[x->networks_count++] = n;
}

void experiment_read_networks(struct experiment_reading *r, struct config *section) {
    struct config *map, *all = config_new_map(r->arena);
    bool good = experiment_map(r, section, "'networks'", &map);
    if (good && (!map || !map->count) && !r->diagnostics->partial)
        good = experiment_fail(r, section ? &section->origin : &r->root->origin, NULL,
                               "there are no 'networks:'");
    if (!good) r->x->poison.callables = true;
    for (int i = 0; map && i < map->count; i++)
        read_network(r, map->keys[i], map->items[i], all);
    config_add(r->arena, r->resolved, "networks", all);
}
