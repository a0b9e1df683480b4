/* Reading networks: inputs, layers by their rows, outputs. What is wrong is poisoned. */
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

/* ---- layers ------------------------------------------------------------------------------------
 */

static const struct layer_row *find_layer(struct experiment_reading *r, const struct config *key) {
    static const char *const later[] = {"repeat", "residual", "branch", "include", "carry", "for"};
    const struct layer_row *row = layer_find(key->text);
    if (row) return row;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (!strcmp(key->text, later[i])) {
            experiment_not_yet(r, key, "write the layers one by one");
            return NULL;
        }
    struct nearest nearest = {.wanted = key->text};
    for (int i = 0; layer_rows[i]; i++)
        nearest_try_row(&nearest, layer_rows[i]->name, layer_rows[i]->aliases);
    experiment_fail(r, &key->origin, nearest_list_hint(r->arena, &nearest, "layers"),
                    "there is no layer '%s'", text_excerpt(r->arena, key->text));
    return NULL;
}

/* The key of an item that names its layer, and the value there. */
static const struct layer_row *layer_of_item(struct experiment_reading *r,
                                             const struct config *item, const struct config **key,
                                             const struct config **value) {
    *key = item;
    *value = NULL;
    if (item->kind == CONFIG_TEXT) return find_layer(r, item);
    if (item->kind != CONFIG_MAP) {
        experiment_fail(r, &item->origin, "as in '- linear: 32' or '- flatten'",
                        "a layer is a name or a map, but this is %s", config_kind_name(item->kind));
        return NULL;
    }
    const struct config *found = NULL;
    for (int i = 0; i < item->count; i++) {
        const struct key_row *beside = key_find(layer_keys, item->keys[i]->text);
        if (beside && beside->later) experiment_not_yet(r, item->keys[i], beside->later);
        if (beside) continue;
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
    if (!found) {
        experiment_fail(r, &item->origin, NULL, "this item names no layer");
        return NULL;
    }
    *key = found;
    return find_layer(r, found);
}

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
static bool wanted(struct experiment_reading *r, const struct config *item) {
    const struct config *when = item->kind == CONFIG_MAP ? config_get(item, "when") : NULL;
    double number = 1;
    if (!when) return true;
    if (when->kind == CONFIG_BOOL) return when->number != 0;
    return !experiment_number(r, when, r->x->constants, &number) || number != 0;
}

static void check_path(struct experiment_reading *r, const struct network *n,
                       const struct network_layer *layer) {
    for (int i = 0; *layer->name && i < n->layers_count; i++)
        if (!strcmp(n->layers[i].name, layer->name))
            experiment_fail(r, &layer->origin, "its weights are named so",
                            "network '%s' has two layers called '%s'", n->name, layer->name);
    for (int i = 0; layer->as && i < n->inputs_count; i++)
        if (!strcmp(n->inputs[i].name, layer->as))
            experiment_fail(r, &layer->origin, NULL, "'%s' is an input of network '%s' already",
                            layer->as, n->name);
}

/* as: and from: */
static void read_beside(struct experiment_reading *r, struct network *n, const struct config *item,
                        struct network_layer *layer) {
    const struct config *as = config_get(item, "as"), *from = config_get(item, "from");
    if (as && experiment_check_name(r, as, "a result", false))
        layer->as = as->text;
    else if (as)
        n->open = layer->poisoned = true;
    if (from && !read_from(r, layer, from)) layer->poisoned = true;
}

static void read_layer(struct experiment_reading *r, struct network *n, const struct config *item,
                       int ordinal_of[]) {
    const struct config *key, *value;
    const struct layer_row *row = layer_of_item(r, item, &key, &value);
    struct network_layer layer = {.row = row, .origin = key->origin, .poisoned = !row};
    int kind = 0;
    while (row && layer_rows[kind] != row)
        kind++;
    int ordinal = row ? ++ordinal_of[kind] : 0;
    if (!wanted(r, item)) return;
    if (row) {
        struct config *used;
        void *options = arena_alloc(r->arena, row->options_size ? row->options_size : 1);
        if (!experiment_options(r, value, &key->origin,
                                arena_format(r->arena, "layer '%s'", row->name), row->parameters,
                                options, n->constants, &used))
            layer.poisoned = true;
        layer.options = options;
        layer.resolved = used;
    }
    read_beside(r, n, item, &layer);
    layer.name = layer.as ? layer.as : "";
    if (row && !layer.as) layer.name = arena_format(r->arena, "%s_%d", row->name, ordinal);
    check_path(r, n, &layer);
    n->layers = ARENA_GROW(r->arena, n->layers, n->layers_count);
    n->layers[n->layers_count++] = layer;
}

static struct config *resolved_layer(struct experiment_reading *r, const struct config *item,
                                     const struct network_layer *layer) {
    struct config *map = config_new_map(r->arena);
    if (layer->poisoned) return map;
    config_add(r->arena, map, layer->row->name, (struct config *)layer->resolved);
    if (item->kind != CONFIG_MAP) return map;
    for (int i = 0; i < item->count; i++)
        if (!strcmp(item->keys[i]->text, "as") || !strcmp(item->keys[i]->text, "from"))
            config_add(r->arena, map, item->keys[i]->text, item->items[i]);
    return map;
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
    struct config *map, *layers = config_new_list(r->arena);
    const char *what = arena_format(r->arena, "network '%s'", n->name);
    int ordinals[256] = {0};
    if (!experiment_map(r, value, what, &map)) return false;
    if (map) experiment_check_keys(r, map, what, network_keys);
    const struct config *list = map ? config_get(map, "layers") : NULL;
    if (!list && r->diagnostics->partial) return false;
    if (!list || list->kind != CONFIG_LIST || !list->count)
        return experiment_fail(r, list ? &list->origin : &key->origin, NULL,
                               "network '%s' needs 'layers:', a list", n->name);
    read_inputs(r, n, config_get(map, "inputs"));
    for (int i = 0; i < list->count; i++) {
        int before = n->layers_count;
        read_layer(r, n, list->items[i], ordinals);
        if (n->layers_count > before)
            config_append(r->arena, layers, resolved_layer(r, list->items[i], &n->layers[before]));
    }
    read_network_outputs(r, n, config_get(map, "outputs"));
    if (config_get(map, "inputs")) config_add(r->arena, used, "inputs", config_get(map, "inputs"));
    config_add(r->arena, used, "layers", layers);
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
                        .constants = x->constants,
                        .origin = key->origin};
    bool named = experiment_check_name(r, key, "a network", true);
    if (!read_parts(r, &n, key, value, used) || !named) n.poisoned = true;
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
