/* Values by their rows, as JSON Schema; see schema.h. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/config.h"
#include "runner/read_parts.h"
#include "runner/schema.h"

/* Characters that an expression may be made of; what they mean is left to `check`. */
#define EXPRESSION_PATTERN "^[\\w\\s.+*/%^()<>=!,\\[\\]:-]+$"

/* ---- what is said of a row ---- */

static const char *type_words(struct arena *arena, const struct parameter *row) {
    const char *range = read_range_text(arena, row), *unit = row->unit ? row->unit : "";
    if (range)
        return arena_format(arena, "%s %s%s%s", parameter_type_name(row->type), range,
                            *unit ? " " : "", unit);
    return *unit ? arena_format(arena, "%s, %s", parameter_type_name(row->type), unit)
                 : parameter_type_name(row->type);
}

/* "examples in one draw", and below it "integer from 1 to 2147483647 examples, default 64". */
static const char *describe(struct arena *arena, const struct parameter *row) {
    const char *given = !row->standard   ? ", required"
                        : *row->standard ? arena_format(arena, ", default %s", row->standard)
                                         : "";
    return arena_format(arena, "%s\n\n%s%s", row->doc ? row->doc : row->name,
                        type_words(arena, row), given);
}

static json_t *json_of(const struct config *value) {
    json_t *json;
    switch (value->kind) {
    case CONFIG_NULL:
        return json_null();
    case CONFIG_BOOL:
        return json_boolean(value->number != 0);
    case CONFIG_INTEGER:
        return json_integer(value->integer);
    case CONFIG_FLOAT:
        return json_real(value->number);
    case CONFIG_TEXT:
        return json_string(value->text);
    case CONFIG_LIST:
        json = json_array();
        for (int i = 0; i < value->count; i++)
            json_array_append_new(json, json_of(value->items[i]));
        return json;
    case CONFIG_MAP:
        json = json_object();
        for (int i = 0; i < value->count; i++)
            json_object_set_new(json, value->keys[i]->text, json_of(value->items[i]));
        return json;
    }
    return NULL;
}

static void add_default(json_t *schema, const struct parameter *row, struct arena *arena) {
    struct diagnostics diagnostics = {.arena = arena};
    if (!row->standard || !*row->standard) return;
    const struct config *value =
        config_parse("default", row->standard, strlen(row->standard), NULL, &diagnostics);
    if (value) json_object_set_new(schema, "default", json_of(value));
}

/* ---- types ---- */

static json_t *number_of(double number) {
    bool whole = floor(number) == number && fabs(number) < 0x1p53;
    return whole ? json_integer((json_int_t)number) : json_real(number);
}

static void add_range(json_t *schema, const struct parameter *row) {
    if (row->low == 0 && row->high == 0) return;
    if (isfinite(row->low))
        json_object_set_new(schema, row->above ? "exclusiveMinimum" : "minimum",
                            number_of(row->low));
    if (isfinite(row->high)) json_object_set_new(schema, "maximum", number_of(row->high));
}

/* A number, or an expression over numbers. */
static json_t *number_schema(const struct parameter *row, const char *type) {
    json_t *schema =
        json_pack("{s:[s, s], s:s}", "type", type, "string", "pattern", EXPRESSION_PATTERN);
    add_range(schema, row);
    return schema;
}

static json_t *list_schema(json_t *item, int most) {
    json_t *schema = json_pack("{s:[s], s:o}", "type", "array", "items", item);
    if (most) json_object_set_new(schema, "maxItems", json_integer(most));
    return schema;
}

static json_t *points_schema(const struct parameter *row) {
    json_t *point = list_schema(number_schema(row, "number"), 0);
    json_object_set_new(point, "minItems", json_integer(1));
    json_t *schema = list_schema(point, 0);
    json_object_set_new(schema, "minItems", json_integer(1));
    return schema;
}

static json_t *shape_schema(const struct parameter *row) {
    struct parameter extent = *row;
    if (row->low == 0 && row->high == 0) extent.low = 1, extent.high = (double)INFINITY;
    json_t *schema = number_schema(&extent, "integer");
    json_object_set_new(schema, "items", json_copy(schema));
    json_object_set_new(schema, "maxItems", json_integer(EXTENTS_MOST));
    json_array_append_new(json_object_get(schema, "type"), json_string("array"));
    return schema;
}

/* A word, a number that may be an expression, or four of these. */
static json_t *padding_schema(const struct parameter *row) {
    json_t *schema = number_schema(row, "integer");
    json_object_set_new(schema, "items", json_copy(schema));
    json_object_set_new(schema, "minItems", json_integer(4));
    json_object_set_new(schema, "maxItems", json_integer(4));
    json_array_append_new(json_object_get(schema, "type"), json_string("array"));
    return schema;
}

/* BEFORE(a|b)AFTER of the choices. */
static json_t *words_schema(const struct parameter *row, const char *before, const char *after) {
    struct word word = {.at = row->choices};
    struct text pattern = {0};
    text_add(&pattern, before);
    for (int i = 0; word_next(&word); i++)
        text_format(&pattern, "%s%s", i ? "|" : "(", word.text);
    text_format(&pattern, ")%s", after);
    json_t *schema = json_pack("{s:[s], s:s}", "type", "string", "pattern", text_get(&pattern));
    text_release(&pattern);
    return schema;
}

/* Where there is `constant`, it may be a number, and so an expression. */
static json_t *distribution_schema(const struct parameter *row) {
    struct word word = {.at = row->choices};
    while (word_next(&word))
        if (!strcmp(word.text, "constant")) return number_schema(row, "number");
    return words_schema(row, "^\\s*", "\\s*(\\(.*\\))?\\s*$");
}

static json_t *choice_schema(const struct parameter *row) {
    struct word word = {.at = row->choices};
    json_t *words = json_array();
    while (word_next(&word))
        json_array_append_new(words, json_string(word.text));
    return json_pack("{s:o}", "enum", words);
}

static json_t *duration_schema(void) {
    return json_pack("{s:[s, s], s:i, s:s}", "type", "string", "integer", "maximum", 0, "pattern",
                     "^(never|.*\\S +(step|epoch|image|minute|hour)s?)$");
}

/* One, or a list of them; whole numbers are steps. */
static json_t *times_schema(void) {
    json_t *one = duration_schema();
    json_object_del(one, "maximum");
    json_object_set_new(one, "minimum", json_integer(0));
    json_t *list = json_deep_copy(one);
    json_array_append_new(json_object_get(one, "type"), json_string("array"));
    json_object_set_new(one, "items", list);
    return one;
}

/* An item of a list of layers: schema.c defines it. */
static json_t *layer_reference(void) {
    return json_pack("{s:s}", "$ref", "#/definitions/layer");
}

static json_t *type_schema(const struct parameter *row) {
    switch (row->type) {
    case PARAMETER_NUMBER:
    case PARAMETER_SCALAR:
        return number_schema(row, "number");
    case PARAMETER_INTEGER:
        return number_schema(row, "integer");
    case PARAMETER_BOOL:
        return json_pack("{s:[s, s], s:s}", "type", "boolean", "string", "pattern",
                         "^(?!([Yy]es|[Nn]o|[Oo]n|[Oo]ff|YES|NO|ON|OFF)$)"
                         "[\\w\\s.+*/%^()<>=!,\\[\\]:-]+$");
    case PARAMETER_CHOICE:
        return choice_schema(row);
    case PARAMETER_PATH:
        return json_pack("{s:[s], s:i}", "type", "string", "minLength", 1);
    case PARAMETER_NUMBERS:
        return list_schema(number_schema(row, "number"), 0);
    case PARAMETER_LABELS:
        return list_schema(json_pack("{s:[s, s]}", "type", "string", "number"), 0);
    case PARAMETER_POINTS:
        return points_schema(row);
    case PARAMETER_TEXTS:
        return json_pack("{s:[s, s], s:{s:[s, s, s]}}", "type", "string", "array", "items", "type",
                         "string", "number", "boolean");
    case PARAMETER_SHAPE:
        return shape_schema(row);
    case PARAMETER_PADDING:
        return padding_schema(row);
    case PARAMETER_DURATION:
        return duration_schema();
    case PARAMETER_DURATIONS:
        return times_schema();
    case PARAMETER_DISTRIBUTION:
    case PARAMETER_INITIALISER:
        return distribution_schema(row);
    case PARAMETER_LAYERS:
        return list_schema(layer_reference(), 0);
    case PARAMETER_BRANCHES:
        return list_schema(list_schema(layer_reference(), 0), 0);
    case PARAMETER_LOOP:
        return json_pack("{s:[s], s:i, s:{s:[s, s]}}", "type", "object", "minProperties", 1,
                         "additionalProperties", "type", "string", "array");
    case PARAMETER_TEXT:
    case PARAMETER_EXPRESSION:
        return json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean");
    }
    return NULL;
}

/* Allows nothing at all: a key without a value stands for the default. */
static void allow_null(json_t *schema) {
    json_t *type = json_object_get(schema, "type"), *words = json_object_get(schema, "enum");
    if (type) json_array_append_new(type, json_string("null"));
    if (words) json_array_append_new(words, json_null());
}

json_t *schema_value(const struct parameter *row, struct arena *arena) {
    json_t *schema = type_schema(row);
    if (row->standard) allow_null(schema);
    json_object_set_new(schema, "description", json_string(describe(arena, row)));
    add_default(schema, row, arena);
    return schema;
}

/* ---- maps ---- */

json_t *schema_map(json_t *properties) {
    json_object_set_new(properties, "include", json_pack("{s:s}", "$ref", "#/definitions/include"));
    return json_pack("{s:[s], s:o, s:b}", "type", "object", "properties", properties,
                     "additionalProperties", 0);
}

json_t *schema_names(json_t *each) {
    json_t *map = schema_map(json_object());
    json_object_set_new(map, "patternProperties", json_pack("{s:o}", SCHEMA_NAMES, each));
    return map;
}

json_t *schema_options(const struct parameter *rows, const char *doc, bool given,
                       struct arena *arena) {
    json_t *properties = json_object();
    bool alone = rows->name && rows->type != PARAMETER_LOOP, /* which is a map itself */
        nothing = true;                                      /* need be given */
    for (const struct parameter *row = rows; row->name; row++) {
        json_object_set_new(properties, row->name, schema_value(row, arena));
        if (given || row->standard) continue;
        nothing = false;
        alone = alone && row == rows;
    }
    json_t *schema = schema_map(properties);
    json_t *type = json_object_get(schema, "type");
    if (nothing) json_array_append_new(type, json_string("null"));
    if (alone) {
        json_t *first = rows->type == PARAMETER_CHOICE ? words_schema(rows, "^", "$")
                                                       : type_schema(rows),
               *words = json_object_get(first, "type");
        size_t i;
        json_t *word;
        json_array_foreach(words, i, word) json_array_append(type, word);
        json_object_del(first, "type");
        json_object_update(schema, first);
        json_decref(first);
    }
    json_object_set_new(schema, "description", json_string(doc));
    return schema;
}
