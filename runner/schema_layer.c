/* Layers, blocks, and what weights go through, as JSON Schema; see schema.h. */
#include <string.h>

#include "layers/layer.h"
#include "layers/weight.h"
#include "runner/schema_parts.h"

/* Options of what a weight goes through: what must be given of them must be given here. */
static json_t *weight_options(struct schema *s, const struct weight_row *row, const char *doc) {
    json_t *reference = schema_row_options(s, "weight", row->name, doc, row->parameters, false);
    const char *definition = arena_format(s->arena, "weight_%s", row->name);
    schema_require(json_object_get(s->definitions, definition), row->parameters);
    return reference;
}

/* What a weight goes through: one, or a list of them. */
static json_t *chain_schema(struct schema *s) {
    if (!json_object_get(s->definitions, "chain")) {
        struct choice choice = schema_choice_new();
        for (int i = 0; weight_rows[i]; i++) {
            const struct weight_row *row = weight_rows[i];
            const char *doc =
                schema_row_text(s->arena, row->doc, row->equation, row->example, row->citation);
            schema_choice_add(&choice, row->name, doc, schema_stands_alone(row->parameters),
                              weight_options(s, row, doc));
        }
        json_t *one = schema_choice(s, &choice, NULL);
        json_object_update_new(one, schema_one(choice.all, NULL));
        json_object_set_new(s->definitions, "weight", one);
        json_t *both =
            json_pack("{s:[{s:s}, {s:s, s:{s:s}}]}", "anyOf", "$ref", "#/definitions/weight",
                      "type", "array", "items", "$ref", "#/definitions/weight");
        json_object_set_new(s->definitions, "chain",
                            schema_described(both, weight_parameters->doc));
    }
    return schema_reference(s, "chain");
}

/* A layer's options, with the chain of its weight; `defaults` may give them, too. */
static json_t *layer_options(struct schema *s, const struct layer_row *row, const char *doc) {
    json_t *reference = schema_row_options(s, "layer", row->name, doc, row->parameters, true);
    const char *definition = arena_format(s->arena, "layer_%s", row->name);
    json_t *options = json_object_get(s->definitions, definition);
    if (row->chains)
        json_object_set_new(json_object_get(options, "properties"), "weight", chain_schema(s));
    return reference;
}

/* Names that no row has may be a block's. */
static void allow_blocks(struct schema *s, json_t *map) {
    const char *names = "";
    for (int i = 0; layer_rows[i]; i++)
        names = arena_format(s->arena, "%s%s%s", names, i ? "|" : "", layer_rows[i]->name);
    const char *pattern = arena_format(s->arena, "^(?!(%s)$)[a-z_][a-z0-9_]*$", names);
    json_object_set_new(map, "additionalProperties", json_true());
    json_array_insert_new(json_object_get(map, "anyOf"), 1,
                          json_pack("{s:s, s:s}", "type", "string", "pattern", pattern));
}

json_t *schema_layer(struct schema *s, const struct key_row *beside) {
    struct choice choice = schema_choice_new();
    for (int i = 0; layer_rows[i]; i++) {
        const struct layer_row *row = layer_rows[i];
        const char *doc =
            schema_row_text(s->arena, row->doc, row->equation, row->example, row->citation);
        schema_choice_add(&choice, row->name, doc, true, layer_options(s, row, doc));
    }
    json_t *map = schema_choice(s, &choice, beside);
    json_object_update_new(map, schema_one(choice.all, beside));
    allow_blocks(s, map);
    return map;
}

/* Layers' options, none of them required. */
json_t *schema_defaults(struct schema *s) {
    json_t *layers = json_object();
    for (int i = 0; layer_rows[i]; i++) {
        const struct layer_row *row = layer_rows[i];
        json_t *properties = json_object();
        for (const struct parameter *p = row->parameters; p->name; p++)
            json_object_set_new(properties, p->name, schema_value(p, s->arena));
        if (row->chains) json_object_set_new(properties, "weight", chain_schema(s));
        json_object_set_new(layers, row->name, schema_described(schema_map(properties), row->doc));
    }
    json_t *map = schema_map(layers);
    json_object_set_new(map, "additionalProperties", json_pack("{s:s}", "type", "object"));
    return map;
}

/* ---- where there are no blocks, or no defaults ---- */

/* {if: {not: any of these keys is there}, then: …} */
static json_t *where_none(json_t *keys, json_t *then) {
    json_t *any = json_array(), *key;
    size_t i;
    json_array_foreach(keys, i, key)
        json_array_append_new(any, json_pack("{s:[O]}", "required", key));
    json_decref(keys);
    return json_pack("{s:{s:{s:o}}, s:o}", "if", "not", "anyOf", any, "then", then);
}

/* A network whose layers are so defined. */
static json_t *network_of(struct schema *s, const char *definition) {
    return json_pack("{s:{s:{s:o}}}", "properties", "layers", "items",
                     schema_reference(s, definition));
}

/* The lists of layers within a layer's options hold layers that are so defined, too. */
static json_t *layers_inside(struct schema *s, const struct layer_row *row,
                             const char *definition) {
    json_t *inside = json_object(), *properties = json_object();
    for (const struct parameter *p = row->parameters; p->name; p++) {
        if (p->type != PARAMETER_LAYERS && p->type != PARAMETER_BRANCHES) continue;
        json_t *list = json_pack("{s:o}", "items", schema_reference(s, definition));
        if (p->type == PARAMETER_BRANCHES) list = json_pack("{s:o}", "items", list);
        if (p == row->parameters) json_object_update(inside, list);
        json_object_set_new(properties, p->name, list);
    }
    if (json_object_size(properties)) json_object_set(inside, "properties", properties);
    json_decref(properties);
    return inside;
}

/* A layer that duel has, by its name alone: what its options may be is said elsewhere. */
static json_t *known_layer(struct schema *s, json_t *names, const struct key_row *beside) {
    json_t *properties = json_object();
    for (int i = 0; layer_rows[i]; i++)
        json_object_set_new(properties, layer_rows[i]->name,
                            layers_inside(s, layer_rows[i], "known_layer"));
    for (; beside->is.name; beside++)
        json_object_set_new(properties, beside->is.name, json_true());
    json_t *map = schema_map(properties);
    json_object_del(map, "type");
    json_object_set_new(
        map, "anyOf",
        json_pack("[{s:s, s:o}, {s:s}]", "type", "string", "enum", names, "type", "object"));
    return map;
}

json_t *schema_without_blocks(struct schema *s, const struct key_row *beside) {
    json_t *names = json_array(), *keys = json_pack("[s]", "include");
    for (int i = 0; layer_rows[i]; i++)
        json_array_append_new(names, json_string(layer_rows[i]->name));
    json_array_extend(keys, names);
    json_object_set_new(s->definitions, "known_layer", known_layer(s, names, beside));
    json_t *then =
        json_pack("{s:{s:{s:o}, s:{s:{s:o}}}}", "properties", "networks", "additionalProperties",
                  network_of(s, "known_layer"), "defaults", "propertyNames", "enum", keys);
    return where_none(json_pack("[s, s]", "blocks", "include"), then);
}

/* What must be given is: a map, or the first of them alone if it is the only one. */
static void require_given(json_t *options, const struct parameter *rows) {
    bool first_alone = schema_stands_alone(rows + 1);
    json_object_set_new(
        options, "type",
        first_alone ? json_pack("[s, s, s, s, s]", "object", "array", "string", "number", "boolean")
                    : json_string("object"));
    schema_require(options, rows);
}

json_t *schema_without_defaults(struct schema *s) {
    json_t *properties = json_object(), *wanting = json_array();
    for (int i = 0; layer_rows[i]; i++) {
        const struct layer_row *row = layer_rows[i];
        json_t *options = layers_inside(s, row, "whole_layer");
        if (!schema_stands_alone(row->parameters)) {
            require_given(options, row->parameters);
            json_array_append_new(wanting, json_string(row->name));
        }
        if (json_object_size(options)) json_object_set(properties, row->name, options);
        json_decref(options);
    }
    json_object_set_new(
        s->definitions, "whole_layer",
        json_pack("{s:{s:o}, s:o}", "not", "enum", wanting, "properties", properties));
    json_t *network =
        where_none(json_pack("[s, s]", "defaults", "include"), network_of(s, "whole_layer"));
    json_t *then =
        json_pack("{s:{s:{s:o}}}", "properties", "networks", "additionalProperties", network);
    return where_none(json_pack("[s, s]", "defaults", "include"), then);
}
