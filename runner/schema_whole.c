/*
 * What must be given in a file that includes nothing, as JSON Schema; see schema.h. Maps of a file that includes another are
 * merged with maps that an editor does not see, so nothing need be given in them; no more in a map that has an `include` of its
 * own. Items of lists are never merged: what must be given in these stands with what they are.
 */
#include "base/bug.h"
#include "datasets/dataset.h"
#include "runner/optimizer.h"
#include "runner/schema_parts.h"

/* All of these give NULL where nothing must be given. */
static json_t *demand(const struct key_row *row);

static json_t *unless_included(json_t *then) {
    return json_pack("{s:{s:{s:[s]}}, s:o}", "if", "not", "required", "include", "then", then);
}

/* ---- options ---- */

static void require_options(json_t *required, const struct parameter *rows) {
    for (; rows && rows->name; rows++)
        if (!rows->standard) json_array_append_new(required, json_string(rows->name));
}

static json_t *demand_options(const struct parameter *rows) {
    json_t *required = json_array();
    require_options(required, rows);
    if (json_array_size(required)) return unless_included(json_pack("{s:o}", "required", required));
    json_decref(required);
    return NULL;
}

void schema_require(json_t *map, const struct parameter *rows) {
    json_t *demanded = demand_options(rows);
    if (demanded) json_object_update(map, demanded);
    json_decref(demanded);
}

/* A source, and what that source wants. */
static json_t *demand_source(void) {
    json_t *all = json_array();
    for (int i = 0; dataset_rows[i]; i++) {
        json_t *required = json_array();
        require_options(required, dataset_rows[i]->parameters);
        if (json_array_size(required))
            json_array_append_new(all, json_pack("{s:{s:{s:{s:s}}}, s:{s:O}}", "if", "properties",
                                                 "source", "const", dataset_rows[i]->name, "then",
                                                 "required", required));
        json_decref(required);
    }
    json_t *source = unless_included(json_pack("{s:[s], s:o}", "required", "source", "allOf", all));
    json_object_set_new(source, "type", json_string("object")); /* what else is no stream */
    return source;
}

static json_t *demand_optimizer(const struct key_row *beside) {
    json_t *all = json_array();
    for (int i = 0; optimizer_rows[i]; i++)
        json_array_append_new(all, json_string(optimizer_rows[i]->name));
    return schema_one(all, beside);
}

/* ---- maps and lists ---- */

json_t *schema_whole(const struct key_row *keys) {
    json_t *required = json_array(), *properties = json_object(), *map = json_object();
    for (; keys->is.name; keys++) {
        json_t *value = keys->later ? NULL : demand(keys);
        if (value) json_object_set_new(properties, keys->is.name, value);
        if (!keys->later && !keys->is.standard)
            json_array_append_new(required, json_string(keys->is.name));
    }
    if (json_array_size(required)) json_object_set(map, "required", required);
    if (json_object_size(properties)) json_object_set(map, "properties", properties);
    json_decref(required);
    json_decref(properties);
    if (json_object_size(map)) return unless_included(map);
    json_decref(map);
    return NULL;
}

static json_t *demand_names(const struct key_row *each) {
    json_t *value = demand(each);
    if (!value) return NULL;
    return unless_included(json_pack("{s:{s:o}}", "patternProperties", SCHEMA_NAMES, value));
}

/* One of several forms; where a form wants nothing, nothing is wanted. */
static json_t *demand_either(const struct key_row *forms) {
    json_t *any = json_array();
    bool all = true;
    for (const struct key_row *form = forms; form->is.name; form++) {
        json_t *value = demand(form);
        if (value) json_array_append_new(any, value);
        all = all && value;
    }
    if (all) return json_pack("{s:o}", "anyOf", any);
    json_decref(any);
    return NULL;
}

static json_t *demand_items(const struct key_row *each, bool one) {
    json_t *value = demand(each);
    if (!value) return NULL;
    json_t *list = json_pack("{s:O}", "items", value);
    if (one) json_object_update(list, value);
    json_decref(value);
    return list;
}

static json_t *demand(const struct key_row *row) {
    switch (row->form) {
    case KEY_OPTIONS:
    case KEY_GROUP:
        return demand_options(row->options);
    case KEY_MAP:
        return schema_whole(row->keys);
    case KEY_NAMES:
        return demand_names(row->keys);
    case KEY_LIST:
    case KEY_SOME:
        return demand_items(row->keys, row->form == KEY_SOME);
    case KEY_EITHER:
        return demand_either(row->keys);
    case KEY_OPTIMIZER:
        return demand_optimizer(row->keys);
    case KEY_SOURCE:
        return demand_source();
    case KEY_VALUE:
    case KEY_ONE:
    case KEY_LAYER:
    case KEY_DEFAULTS:
    case KEY_OBJECTIVE:
        return NULL;
    }
    BUG("a key of no form");
}
