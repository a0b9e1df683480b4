/*
 * Parameters that a file declares (an objective's, a block's): {default, range, doc, unit}, or a number, which is the
 * default; and what is given to them. One without a default must be given.
 */
#include <math.h>
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/read.h"

const struct parameter declared_parameters[] = {
    {.name = "default",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct experiment_parameter, standard),
     .standard = "",
     .doc = "the value where none is given; without it one must be given"},
    {.name = "range",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct experiment_parameter, range),
     .standard = "[]",
     .doc = "the least and the greatest value allowed"},
    {.name = "doc",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct experiment_parameter, doc),
     .standard = "",
     .doc = "what it is"},
    {.name = "unit",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct experiment_parameter, unit),
     .standard = "",
     .doc = "what it is measured in"},
    {0},
};

/* What is given to a parameter: a number in its range, or a schedule. */
static bool read_given(struct experiment_reading *r, const struct config *given, const char *what,
                       const struct experiment_parameter *p, struct constant *constant) {
    const struct constants *outer = r->x->constants;
    const struct expression *e = expression_parse(given, r->diagnostics);
    if (!e || !expression_check_host(e, &outer->scope, r->diagnostics)) return false;
    constant->where = outer;
    if (!expression_is_constant(e, &outer->scope)) {
        constant->expression = e;
        return true;
    }
    struct parameter row = {.name = constant->name, .type = PARAMETER_NUMBER};
    if (p->range.count == 2) {
        row.low = p->range.list[0];
        row.high = p->range.list[1];
    }
    return read_value(given, &row, what, &constant->number, &outer->scope, NULL, r->diagnostics);
}

/* Whether a parameter's own row makes sense: its default, if there is one, is in its range. */
static bool check_standard(struct experiment_reading *r, const struct config *value,
                           const char *name, struct experiment_parameter *p) {
    const char *what = arena_format(r->arena, "parameter '%s'", name);
    if (!p->range.count) return true;
    if (p->range.count != 2 || p->range.list[0] > p->range.list[1])
        return experiment_fail(r, &config_get(value, "range")->origin, "as in 'range: [0, 1]'",
                               "the range of %s must be two numbers, the smaller first", what);
    const struct parameter row = {.name = "default",
                                  .type = PARAMETER_NUMBER,
                                  .low = p->range.list[0],
                                  .high = p->range.list[1]};
    return p->required || read_value(config_get(value, "default"), &row, what, &p->standard,
                                     &r->x->constants->scope, NULL, r->diagnostics);
}

bool experiment_parameter(struct experiment_reading *r, const struct config *key,
                          const struct config *value, struct experiment_parameter *p,
                          struct config **resolved) {
    const struct config *standard =
        value->kind == CONFIG_MAP ? config_get(value, "default") : value;
    *p = (struct experiment_parameter){.required = !standard || standard->kind == CONFIG_NULL};
    if (!experiment_check_name(r, key, "a parameter", false)) return false;
    return experiment_options(r, value, &key->origin,
                              arena_format(r->arena, "parameter '%s'", key->text),
                              declared_parameters, p, r->x->constants, resolved) &&
           check_standard(r, value, key->text, p);
}

/* The declaration as it was used: `default` is the value. */
static struct config *declaration(struct experiment_reading *r, const struct config *row,
                                  double number) {
    struct config *copy = config_new_map(r->arena);
    for (int k = 0; k < row->count; k++)
        if (strcmp(row->keys[k]->text, "default") != 0)
            config_add(r->arena, copy, row->keys[k]->text, row->items[k]);
    config_add(r->arena, copy, "default", config_new_number(r->arena, number));
    return copy;
}

static void check_given(struct experiment_reading *r, const struct config *section,
                        const struct config *given, const char *what) {
    int count = section ? section->count : 0;
    struct known_key *known = ARENA_ARRAY(r->arena, struct known_key, count + 1);
    for (int i = 0; i < count; i++)
        known[i].name = section->keys[i]->text;
    config_check_keys(given, what, known, r->diagnostics);
}

/* Says that a parameter is given no number where its file is used, at `use`; NULL: it is used without. */
static bool lacks(struct experiment_reading *r, const struct config *key, const char *what,
                  const struct experiment_parameter *p, const struct origin *use) {
    if (!use)
        return experiment_fail(r, &key->origin, "as in 'default: 1'",
                               "parameter '%s' of %s lacks its 'default'", key->text, what);
    return experiment_fail(r, use,
                           *p->doc ? arena_format(r->arena, "%s: %s", key->text, p->doc) : NULL,
                           "%s lacks its '%s'", what, key->text);
}

struct constants *experiment_read_declared(struct experiment_reading *r, const char *what,
                                           struct config *section, const struct config *given,
                                           const struct origin *use, struct config *used) {
    struct constants *constants = constants_new(r->arena, r->x->constants);
    struct config *map;
    experiment_map(r, section, "'parameters'", &map);
    if (given) check_given(r, map, given, what);
    for (int i = 0; map && i < map->count; i++) {
        struct config *row = NULL;
        struct experiment_parameter p;
        struct constant constant = {.name = map->keys[i]->text};
        bool good = experiment_parameter(r, map->keys[i], map->items[i], &p, &row);
        if (!row) continue;
        const struct config *value = given ? config_get(given, constant.name) : NULL;
        constant.number = p.standard;
        constant.origin =
            value ? experiment_given_at(value, r->x->constants) : &map->items[i]->origin;
        constant.declared = arena_copy(r->arena, &p, sizeof p);
        if (value)
            good = read_given(r, value, what, &p, &constant) && good;
        else if (good && p.required)
            good = lacks(r, map->keys[i], what, &p, use);
        if (!good) constant.number = (double)NAN;
        constants_add(r->arena, constants, constant);
        config_add(r->arena, used, constant.name, declaration(r, row, constant.number));
    }
    return constants;
}
