/* Layers, blocks, and what weights go through, as JSON Schema; see schema.h. */
#include <string.h>

#include "layers/layer.h"
#include "layers/weight.h"
#include "runner/schema_parts.h"

/* Options of a row that stands in a list: what must be given of them must be given here. */
static json_t *listed_options(struct schema *s, const char *kind, const char *name, const char *doc,
                              const struct parameter *rows) {
    json_t *reference = schema_row_options(s, kind, name, doc, rows);
    schema_require(json_object_get(s->definitions, arena_format(s->arena, "%s_%s", kind, name)),
                   rows);
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
                              listed_options(s, "weight", row->name, doc, row->parameters));
        }
        json_t *one = schema_choice(s, &choice, NULL);
        json_object_update_new(one, schema_one(choice.all, NULL));
        json_object_set_new(s->definitions, "weight", one);
        json_t *both =
            json_pack("{s:[{s:s}, {s:s, s:{s:s}}]}", "anyOf", "$ref", "#/definitions/weight",
                      "type", "array", "items", "$ref", "#/definitions/weight");
        json_object_set_new(s->definitions, "chain",
                            schema_described(both, "what the weight goes through before its use"));
    }
    return schema_reference(s, "chain");
}

/* A layer's options, with the chain of its weight. */
static json_t *layer_options(struct schema *s, const struct layer_row *row, const char *doc) {
    json_t *reference = listed_options(s, "layer", row->name, doc, row->parameters);
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
        schema_choice_add(&choice, row->name, doc, schema_stands_alone(row->parameters),
                          layer_options(s, row, doc));
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

/* ---- where there are no blocks ---- */

/* The lists of layers within a layer's options hold known layers, too. */
static json_t *known_inside(struct schema *s, const struct layer_row *row) {
    json_t *inside = json_object(), *properties = json_object();
    for (const struct parameter *p = row->parameters; p->name; p++) {
        if (p->type != PARAMETER_LAYERS && p->type != PARAMETER_BRANCHES) continue;
        json_t *list = json_pack("{s:o}", "items", schema_reference(s, "known_layer"));
        if (p->type == PARAMETER_BRANCHES) list = json_pack("{s:o}", "items", list);
        if (p == row->parameters) json_object_update(inside, list);
        json_object_set_new(properties, p->name, list);
    }
    json_object_set_new(inside, "properties", properties);
    return inside;
}

/* A layer that duel has, by its name alone: what its options may be is said elsewhere. */
static json_t *known_layer(struct schema *s, json_t *names, const struct key_row *beside) {
    json_t *properties = json_object();
    for (int i = 0; layer_rows[i]; i++)
        json_object_set_new(properties, layer_rows[i]->name, known_inside(s, layer_rows[i]));
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
    json_t *network = json_pack("{s:{s:{s:o}}}", "properties", "layers", "items",
                                schema_reference(s, "known_layer"));
    json_t *then =
        json_pack("{s:{s:{s:o}, s:{s:{s:o}}}}", "properties", "networks", "additionalProperties",
                  network, "defaults", "propertyNames", "enum", keys);
    return json_pack("{s:{s:{s:[{s:[s]}, {s:[s]}]}}, s:o}", "if", "not", "anyOf", "required",
                     "blocks", "required", "include", "then", then);
}
