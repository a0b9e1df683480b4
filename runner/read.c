/* Reading parameters by their rows: a map key by key, defaults by the same way. What a type accepts
 * is in read_*.c. */
#include "runner/read.h"

#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/read_parts.h"

typedef bool reader(struct reading *r, void *destination);

static reader *const readers[] = {
    [PARAMETER_NUMBER] = read_number,
    [PARAMETER_INTEGER] = read_integer,
    [PARAMETER_BOOL] = read_bool,
    [PARAMETER_CHOICE] = read_choice,
    [PARAMETER_TEXT] = read_text,
    [PARAMETER_PATH] = read_path,
    [PARAMETER_NUMBERS] = read_numbers,
    [PARAMETER_LABELS] = read_labels,
    [PARAMETER_POINTS] = read_points,
    [PARAMETER_TEXTS] = read_texts,
    [PARAMETER_SHAPE] = read_shape,
    [PARAMETER_PADDING] = read_padding,
    [PARAMETER_DURATION] = read_duration,
    [PARAMETER_DURATIONS] = read_durations,
    [PARAMETER_DISTRIBUTION] = read_distribution,
    [PARAMETER_INITIALISER] = read_distribution,
    [PARAMETER_EXPRESSION] = read_expression,
    [PARAMETER_SCALAR] = read_scalar,
    [PARAMETER_LAYERS] = read_layers,
    [PARAMETER_BRANCHES] = read_branches,
    [PARAMETER_LOOP] = read_loop,
};

bool read_value(const struct config *value, const struct parameter *row, const char *what,
                void *destination, const struct scope *scope, struct config **resolved,
                struct diagnostics *diagnostics) {
    struct reading r = {
        .value = value, .row = row, .what = what, .scope = scope, .diagnostics = diagnostics};
    bool good = readers[row->type](&r, destination);
    BUG_IF(good && !r.resolved);
    if (good && resolved) *resolved = r.resolved;
    return good;
}

bool read_wrong(const struct reading *r, const struct config *value, const char *hint,
                const char *expected) {
    struct arena *arena = r->diagnostics->arena;
    const char *found = config_kind_name(value->kind);
    if (value->kind != CONFIG_NULL && value->kind < CONFIG_LIST)
        found = arena_format(arena, "'%s'", text_excerpt(arena, value->text));
    return diagnostics_add(r->diagnostics, &value->origin, hint, "'%s' of %s must be %s, but is %s",
                           r->row->name, r->what, expected, found);
}

/* Reads the default of a row; there may be none. */
static bool read_standard(const struct parameter *row, const char *what, void *destination,
                          const struct scope *scope, struct config **resolved,
                          struct diagnostics *diagnostics) {
    if (!row->standard || !*row->standard) return true;
    char *name = arena_format(diagnostics->arena, "the default of '%s' of %s", row->name, what);
    struct config *value =
        config_parse(name, row->standard, strlen(row->standard), NULL, diagnostics);
    return value && read_value(value, row, what, destination, scope, resolved, diagnostics);
}

bool read_check_keys(const struct config *map, const char *what, const struct parameter *rows,
                     const struct parameter *more, struct diagnostics *diagnostics) {
    struct known_key *known = NULL;
    int count = 0;
    for (int part = 0; part < 2; part++)
        for (const struct parameter *row = part ? more : rows; row && row->name; row++) {
            known = ARENA_GROW(diagnostics->arena, known, count);
            known[count++] = (struct known_key){row->name, row->aliases};
        }
    known = ARENA_GROW(diagnostics->arena, known, count);
    known[count] = (struct known_key){0};
    return config_check_keys(map, what, known, diagnostics);
}

/* What a row that must be given wants: "units: how many come out", or "write '{units: …}', a number from 1 to 64". */
static const char *wanted(struct arena *arena, const struct parameter *row) {
    const char *range = read_range_text(arena, row);
    if (row->doc && *row->doc) return arena_format(arena, "%s: %s", row->name, row->doc);
    return arena_format(arena, "write '{%s: …}', a %s%s%s", row->name,
                        parameter_type_name(row->type), range ? " " : "", range ? range : "");
}

/* Reads one row: the value given, or the default where none is given or it is wrong. */
static bool read_row(const struct config *given, const struct origin *origin, const char *what,
                     const struct parameter *row, void *options, const struct scope *scope,
                     struct config *resolved, struct diagnostics *diagnostics) {
    struct arena *arena = diagnostics->arena;
    void *destination = (char *)options + row->offset;
    struct config *used = NULL;
    bool missing = !given || given->kind == CONFIG_NULL;
    bool good = missing ? row->standard != NULL
                        : read_value(given, row, what, destination, scope, &used, diagnostics);
    if (missing && !good && !diagnostics->partial)
        diagnostics_add(diagnostics, origin, wanted(arena, row), "%s lacks its '%s'", what,
                        row->name);
    if (missing || !good)
        good = read_standard(row, what, destination, scope, &used, diagnostics) && good;
    if (resolved && used) config_add(arena, resolved, row->name, used);
    return good;
}

bool read_parameters(const struct config *value, const struct origin *origin, const char *what,
                     const struct parameter *rows, void *options, const struct scope *scope,
                     struct config *resolved, struct diagnostics *diagnostics) {
    bool given = value && value->kind != CONFIG_NULL, map = given && value->kind == CONFIG_MAP,
         good = true;
    if (map)
        good = read_check_keys(value, what, rows, NULL, diagnostics);
    else if (given && !rows->name)
        return diagnostics_add(diagnostics, &value->origin, NULL, "%s has no parameters", what);
    for (int i = 0; rows[i].name; i++) {
        const struct config *one = map           ? config_get(value, rows[i].name)
                                   : given && !i ? value
                                                 : NULL;
        good = read_row(one, origin, what, &rows[i], options, scope, resolved, diagnostics) && good;
    }
    return good;
}
