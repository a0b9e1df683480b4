/*
 * Reading lists of layers: items by their rows, and the lists within them.
 *
 * A list is read once for each place where it is built: each round of a repeat, each use of a
 * block. So every number in it is known, but for those that follow from shapes.
 */
#include <math.h>
#include <string.h>

#include "runner/experiment_layers.h"
#include "runner/function.h"
#include "runner/read.h"

/* ---- which layer -------------------------------------------------------------------------------
 */

const char *layers_title(struct experiment_reading *r, const struct layer_row *row) {
    return arena_format(r->arena, "%s '%s'", experiment_block(r->x, row->name) ? "block" : "layer",
                        row->name);
}

void layers_try_names(const struct experiment *x, struct nearest *nearest) {
    for (int i = 0; layer_rows[i]; i++)
        nearest_try_row(nearest, layer_rows[i]->name, layer_rows[i]->aliases);
    for (int i = 0; i < x->blocks_count; i++)
        nearest_try(nearest, x->blocks[i].row.name);
}

void experiment_no_layer(struct experiment_reading *r, const struct config *key) {
    struct nearest nearest = {.wanted = key->text};
    layers_try_names(r->x, &nearest);
    if (r->x->poison.blocks || experiment_is_poisoned(r->x, key->text)) return;
    const char *hint = layers_call_hint(r, key->text);
    if (!hint) hint = layers_weight_hint(r->arena, "linear", key->text);
    if (!hint) hint = nearest_list_hint(r->arena, &nearest, "layers");
    experiment_fail(r, &key->origin, hint, "there is no layer '%s'",
                    text_excerpt(r->arena, key->text));
}

/* Two keys of an item that are no 'as', 'from' or 'when'. */
static void two_layers(struct experiment_reading *r, const struct config *layer,
                       const struct config *key) {
    const struct layer_row *row = experiment_layer_row(r->x, layer->text);
    struct nearest nearest = {.wanted = key->text};
    for (const struct parameter *p = row ? row->parameters : NULL; p && p->name; p++)
        nearest_try_row(&nearest, p->name, p->aliases);
    const char *hint =
        "beside the layer stand 'as', 'from' and 'when'; each layer is an item of the list";
    if (row && row->chains && weight_meant(key->text))
        hint = layers_weight_hint(r->arena, row->name, key->text);
    if (nearest.name && !nearest.distance)
        hint = arena_format(r->arena, "inside the layer: '%s: {%s: …}', or in a line further in",
                            row->name, nearest.name);
    experiment_fail(r, &key->origin, hint, "'%s' and '%s' in one item", layer->text, key->text);
}

/* The key of an item that names its layer, and the value there; NULL where there is none. */
const struct config *layers_key(struct experiment_reading *r, const struct config *item,
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
        if (key_find(layer_keys, item->keys[i]->text)) continue;
        if (!strcmp(item->keys[i]->text, "weight")) {
            experiment_fail(r, &item->keys[i]->origin,
                            "as in 'linear: {units: 32, weight: [spectral_norm]}'",
                            "'weight' stands among the layer's parameters");
            continue;
        }
        if (found) {
            two_layers(r, found, item->keys[i]);
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
        config_add_entry(arena, all, value->keys[i], value->items[i]);
    for (int s = 0; s < 2; s++) {
        const struct config *more = sections[s] ? config_get(sections[s], row->name) : NULL;
        for (int i = 0; more && more->kind == CONFIG_MAP && i < more->count; i++) {
            if (config_get(all, more->keys[i]->text)) continue;
            config_add_entry(arena, all, more->keys[i], more->items[i]);
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
        if (strcmp(map->keys[i]->text, key) != 0)
            config_add_entry(arena, rest, map->keys[i], map->items[i]);
    return rest;
}

/* ---- chains of weights -------------------------------------------------------------------------
 */

static const struct weight_row *find_weight(struct experiment_reading *r,
                                            const struct config *key) {
    const struct weight_row *row = weight_find(key->text);
    if (row) return row;
    struct nearest nearest = {.wanted = key->text};
    for (int i = 0; weight_rows[i]; i++)
        nearest_try_row(&nearest, weight_rows[i]->name, weight_rows[i]->aliases);
    experiment_fail(r, &key->origin, nearest_list_hint(r->arena, &nearest, "weights"),
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
    const char *what = layers_title(r, row);
    const struct config *given = with_defaults(c, row, value, &key->origin);
    struct config *chain = NULL, *used = config_new_map(r->arena);
    bool good = true;
    given = layers_check_keys(r, row, given, &good);
    if (row->chains && given && given->kind == CONFIG_MAP && config_get(given, "weight")) {
        chain = read_chain(c, layer, config_get(given, "weight"));
        good = chain && good;
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
    return good && (!row->lists || layers_read_inner(c, layer, given));
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
    const struct config *value, *key = layers_key(r, item, &value);
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
bool layers_read(struct list_reading *c, const struct config *items, struct layer_list *list) {
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
    if (!layers_read(&c, items, &n->list)) n->poisoned = true;
}
