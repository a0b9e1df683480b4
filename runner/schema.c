/* Keys and rows as JSON Schema; see schema.h. What is used in several places is a definition of its own. */
#include "runner/schema.h"

#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "datasets/dataset.h"
#include "layers/weight.h"
#include "runner/optimizer.h"
#include "runner/schema_parts.h"

static json_t *key_schema(struct schema *s, const struct key_row *row);

json_t *schema_reference(struct schema *s, const char *name) {
    return json_pack("{s:s}", "$ref", arena_format(s->arena, "#/definitions/%s", name));
}

json_t *schema_described(json_t *schema, const char *doc) {
    json_object_set_new(schema, "description", json_string(doc));
    return schema;
}

/* A row that stands for each item or entry of something: it may be used again, and hold itself. */
static json_t *element_schema(struct schema *s, const struct key_row *row) {
    if (row->form == KEY_VALUE) return key_schema(s, row);
    for (int i = 0; i < s->defined_count; i++)
        if (s->defined[i] == row) return schema_reference(s, row->is.name);
    BUG_IF(s->defined_count == DEFINED_MOST || json_object_get(s->definitions, row->is.name));
    s->defined[s->defined_count++] = row;
    json_object_set_new(s->definitions, row->is.name, json_null()); /* keeps its place */
    json_object_set_new(s->definitions, row->is.name, key_schema(s, row));
    return schema_reference(s, row->is.name);
}

/* ---- maps of keys ---- */

static void add_properties(struct schema *s, const struct key_row *keys, json_t *properties) {
    for (; keys && keys->is.name; keys++)
        if (!keys->later) json_object_set_new(properties, keys->is.name, key_schema(s, keys));
}

static json_t *keys_schema(struct schema *s, const struct key_row *keys) {
    json_t *properties = json_object();
    add_properties(s, keys, properties);
    return schema_map(properties);
}

static json_t *one_schema(struct schema *s, const struct key_row *keys) {
    json_t *map = keys_schema(s, keys);
    json_object_set_new(map, "minProperties", json_integer(1));
    json_object_set_new(map, "maxProperties", json_integer(1));
    return map;
}

static json_t *some_schema(struct schema *s, const struct key_row *row, bool one) {
    json_t *each = element_schema(s, row);
    json_t *list = json_pack("{s:[s], s:o, s:i}", "type", "array", "items", each, "minItems", 1);
    return one ? json_pack("{s:[O, o]}", "anyOf", each, list) : list;
}

static json_t *either_schema(struct schema *s, const struct key_row *keys) {
    json_t *all = json_array();
    for (; keys->is.name; keys++)
        if (!keys->later) json_array_append_new(all, element_schema(s, keys));
    return json_pack("{s:o}", "anyOf", all);
}

/* ---- maps that choose a row ---- */

struct choice schema_choice_new(void) {
    return (struct choice){json_array(), json_array(), json_object(), json_array()};
}

void schema_choice_add(struct choice *choice, const char *name, const char *doc, bool alone,
                       json_t *options) {
    if (alone) {
        json_array_append_new(choice->names, json_string(name));
        json_array_append_new(choice->docs, json_string(doc));
    }
    json_object_set_new(choice->properties, name, options);
    json_array_append_new(choice->all, json_string(name));
}

static json_t *choice_names(struct choice *choice) {
    return json_pack("{s:s, s:o, s:o}", "type", "string", "enum", choice->names, "enumDescriptions",
                     choice->docs);
}

json_t *schema_one(json_t *all, const struct key_row *beside) {
    json_t *known = json_array(), *one = json_array(), *name;
    size_t i;
    json_array_append_new(all, json_string("include"));
    json_array_foreach(all, i, name)
        json_array_append_new(one, json_pack("{s:[O]}", "required", name));
    json_array_extend(known, all);
    for (; beside && beside->is.name; beside++)
        json_array_append_new(known, json_string(beside->is.name));
    json_decref(all);
    return json_pack("{s:{s:s, s:{s:o}}, s:{s:o}}", "if", "type", "object", "propertyNames", "enum",
                     known, "then", "oneOf", one);
}

/* The map is no alternative of its own, so that an editor says what is wrong
 * in it. */
json_t *schema_choice(struct schema *s, struct choice *choice, const struct key_row *beside) {
    json_t *names = choice_names(choice);
    add_properties(s, beside, choice->properties);
    json_t *map = schema_map(choice->properties);
    json_object_set_new(map, "anyOf", json_pack("[o, {s:s}]", names, "type", "object"));
    json_object_del(map, "type");
    return map;
}

bool schema_stands_alone(const struct parameter *rows) {
    for (; rows->name; rows++)
        if (!rows->standard) return false;
    return true;
}

json_t *schema_row_options(struct schema *s, const char *kind, const char *name, const char *doc,
                           const struct parameter *rows, bool given) {
    const char *definition = arena_format(s->arena, "%s_%s", kind, name);
    if (!json_object_get(s->definitions, definition))
        json_object_set_new(s->definitions, definition, schema_options(rows, doc, given, s->arena));
    return schema_reference(s, definition);
}

const char *schema_row_text(struct arena *arena, const char *doc, const char *equation,
                            const char *example, const char *citation) {
    struct text text = {0};
    text_add(&text, doc);
    if (equation) text_format(&text, "\n\n%s", equation);
    if (example) text_format(&text, "\n\nexample: %s", example);
    if (citation) text_format(&text, "\n\nfrom: %s", citation);
    const char *all = arena_text(arena, text_get(&text));
    text_release(&text);
    return all;
}

static json_t *optimizer_schema(struct schema *s, const struct key_row *beside) {
    struct choice choice = schema_choice_new();
    for (int i = 0; optimizer_rows[i]; i++) {
        const struct optimizer_row *row = optimizer_rows[i];
        const char *doc =
            schema_row_text(s->arena, row->doc, row->equation, row->example, row->citation);
        schema_choice_add(
            &choice, row->name, doc, schema_stands_alone(row->parameters),
            schema_row_options(s, "optimizer", row->name, doc, row->parameters, false));
    }
    json_decref(choice.all);
    return schema_choice(s, &choice, beside);
}

/* ---- data ---- */

static void add_options(struct schema *s, const struct parameter *rows, json_t *properties) {
    for (; rows && rows->name; rows++)
        json_object_set_new(properties, rows->name, schema_value(rows, s->arena));
}

/* A group of an optimizer: its own keys, and those that any optimizer has. */
static json_t *group_schema(struct schema *s, const struct parameter *rows) {
    json_t *properties = json_object();
    for (int i = 0; optimizer_rows[i]; i++)
        for (const struct parameter *row = optimizer_rows[i]->parameters; row->name; row++)
            if (!json_object_get(properties, row->name))
                json_object_set_new(properties, row->name, schema_value(row, s->arena));
    add_options(s, rows, properties);
    return schema_map(properties);
}

/* {source: NAME, …}: one alternative a source. */
static json_t *source_schema(struct schema *s, const struct key_row *beside) {
    json_t *all = json_array();
    for (int i = 0; dataset_rows[i]; i++) {
        const struct dataset_row *row = dataset_rows[i];
        json_t *properties = json_object();
        const char *doc = schema_row_text(s->arena, row->doc, NULL, NULL, row->citation);
        json_object_set_new(properties, "source",
                            json_pack("{s:s, s:s}", "const", row->name, "description", doc));
        for (const struct key_row *key = beside; key->is.name; key++)
            add_options(s, key->options, properties);
        add_options(s, row->parameters, properties);
        json_array_append_new(all, schema_described(schema_map(properties), doc));
    }
    return json_pack("{s:o}", "anyOf", all);
}

/* ---- objectives ---- */

/* What the experiment may give to the parameters that an objective's file declares, and other names; `alone`: whether
 * nothing must be given. */
static json_t *given_schema(struct schema *s, const struct objective_file *file,
                            const struct key_row *keys, bool *alone) {
    static const char *const beside[] = {"roles", "phase_names"};
    const struct config *declared = file->root ? config_get(file->root, "parameters") : NULL;
    json_t *properties = json_object(), *required = json_array();
    for (int i = 0; declared && i < declared->count; i++) {
        struct parameter row = {.name = declared->keys[i]->text, .type = PARAMETER_SCALAR};
        const struct config *one = declared->items[i],
                            *standard = one->kind == CONFIG_MAP ? config_get(one, "default") : one;
        const struct config *range = config_get(one, "range"), *doc = config_get(one, "doc"),
                            *unit = config_get(one, "unit");
        row.standard = standard ? standard->text : NULL;
        row.doc = doc ? doc->text : row.name;
        row.unit = unit ? unit->text : NULL;
        if (range && range->count == 2)
            row.low = range->items[0]->number, row.high = range->items[1]->number;
        json_object_set_new(properties, row.name, schema_value(&row, s->arena));
        if (!row.standard) json_array_append_new(required, json_string(row.name));
    }
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        json_object_set_new(properties, beside[i], key_schema(s, key_find(keys, beside[i])));
    json_t *map = schema_described(schema_map(properties), file->doc);
    *alone = !json_array_size(required);
    if (*alone) json_array_append_new(json_object_get(map, "type"), json_string("null"));
    if (!*alone) json_object_set(map, "required", required);
    json_decref(required);
    return map;
}

/* hinge; a path; {r1: {weight: 5}}, also several; what a file would hold. */
static json_t *objective_schema(struct schema *s, const struct key_row *keys) {
    struct choice choice = schema_choice_new();
    for (int i = 0; i < s->objectives_count; i++) {
        const struct objective_file *file = &s->objectives[i];
        bool alone;
        json_t *given = given_schema(s, file, keys, &alone);
        schema_choice_add(&choice, file->name, file->doc, alone, given);
    }
    json_decref(choice.all);
    json_t *names = choice_names(&choice), *map = schema_map(choice.properties);
    json_object_set_new(map, "additionalProperties",
                        json_pack("{s:[s, s]}", "type", "object", "null"));
    json_object_set_new(map, "minProperties", json_integer(1));
    json_object_set_new(map, "not", json_pack("{s:[s]}", "required", "phases"));
    json_t *other = json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
    return json_pack("{s:[o, o, o, o]}", "anyOf", names, other, map, keys_schema(s, keys));
}

/* ---- all ---- */

static json_t *form_schema(struct schema *s, const struct key_row *row) {
    switch (row->form) {
    case KEY_VALUE:
        return schema_value(&row->is, s->arena);
    case KEY_OPTIONS:
        return schema_options(row->options, row->is.doc, false, s->arena);
    case KEY_MAP:
        return keys_schema(s, row->keys);
    case KEY_ONE:
        return one_schema(s, row->keys);
    case KEY_NAMES:
        return schema_names(element_schema(s, row->keys));
    case KEY_LIST:
    case KEY_SOME:
        return some_schema(s, row->keys, row->form == KEY_SOME);
    case KEY_EITHER:
        return either_schema(s, row->keys);
    case KEY_LAYER:
        return schema_layer(s, row->keys);
    case KEY_DEFAULTS:
        return schema_defaults(s);
    case KEY_OPTIMIZER:
        return optimizer_schema(s, row->keys);
    case KEY_GROUP:
        return group_schema(s, row->options);
    case KEY_OBJECTIVE:
        return objective_schema(s, row->keys);
    case KEY_SOURCE:
        return source_schema(s, row->keys);
    }
    BUG("a key of no form");
}

/* With its description; a section that may be missing may be empty, too. */
static json_t *key_schema(struct schema *s, const struct key_row *row) {
    json_t *schema = form_schema(s, row), *type = json_object_get(schema, "type");
    if (row->form == KEY_VALUE || row->form == KEY_OPTIONS) return schema;
    if (row->is.standard && json_is_array(type)) json_array_append_new(type, json_string("null"));
    return schema_described(schema, row->is.doc);
}

json_t *schema_new(const struct key_row *file, const char *title, struct arena *arena,
                   const struct objective_file *objectives, int objectives_count) {
    struct schema s = {.arena = arena,
                       .definitions = json_object(),
                       .objectives = objectives,
                       .objectives_count = objectives_count};
    json_t *include =
        json_pack("{s:[s, s], s:{s:s}, s:s}", "type", "string", "array", "items", "type", "string",
                  "description", "files that are merged under this map");
    json_object_set_new(s.definitions, "include", include);
    json_t *map = form_schema(&s, file);
    json_t *root = json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#",
                             "description", title);
    json_object_update(root, map);
    json_decref(map);
    if (file->form == KEY_MAP) {
        json_t *besides = json_array(), *whole = schema_whole(file->keys);
        if (whole) json_array_append_new(besides, whole);
        if (key_find(file->keys, "blocks")) {
            json_array_append_new(besides, schema_without_blocks(&s, layer_keys));
            json_array_append_new(besides, schema_without_defaults(&s));
        }
        json_object_set_new(root, "allOf", besides);
    }
    json_object_set_new(root, "definitions", s.definitions);
    return root;
}
