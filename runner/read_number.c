/* Numbers, truths, lists of numbers and shapes: expressions may stand wherever a number may. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/read_parts.h"

/* ---- numbers ---- */

bool read_constant(const struct reading *r, const struct expression *expression, double *number) {
    if (!expression_number(expression, r->scope, true, number, r->diagnostics)) return false;
    if (expression_is_constant(expression, r->scope)) return true;
    return diagnostics_add(r->diagnostics, &expression->origin, NULL,
                           "'%s' of %s cannot change while training", r->row->name, r->what);
}

bool read_finite(const struct reading *r, const struct config *value, double *number) {
    if (value->kind == CONFIG_TEXT) {
        const struct expression *expression = expression_parse(value, r->diagnostics);
        return expression && read_constant(r, expression, number);
    }
    if (value->kind != CONFIG_INTEGER && value->kind != CONFIG_FLOAT)
        return read_wrong(r, value, NULL,
                          r->row->type == PARAMETER_INTEGER ? "an integer" : "a number");
    *number = value->number;
    return isfinite(*number) || read_wrong(r, value, NULL, "a finite number");
}

static bool has_range(const struct parameter *row) {
    return (row->low != 0 || row->high != 0) && (isfinite(row->low) || isfinite(row->high));
}

char *read_range_text(struct arena *arena, const struct parameter *row) {
    if (!has_range(row)) return NULL;
    struct text text = {0};
    bool both = isfinite(row->low) && isfinite(row->high) && !row->above;
    if (isfinite(row->low)) {
        text_add(&text, both ? "from " : row->above ? "above " : "at least ");
        text_add_number(&text, row->low);
    }
    if (isfinite(row->high)) {
        text_add(&text, both ? " to " : isfinite(row->low) ? ", at most " : "at most ");
        text_add_number(&text, row->high);
    }
    char *result = arena_text(arena, text_get(&text));
    text_release(&text);
    return result;
}

bool read_wrong_number(const struct reading *r, const struct config *value, double number,
                       const char *hint, const char *expected) {
    struct arena *arena = r->diagnostics->arena;
    struct diagnostics quiet = {.arena = arena};
    const struct expression *e =
        value->kind == CONFIG_TEXT ? expression_parse(value, &quiet) : NULL;
    struct text text = {0};
    if (value->kind == CONFIG_INTEGER || value->kind == CONFIG_FLOAT)
        text_add(&text, text_excerpt(arena, value->text));
    else
        text_add_number(&text, number);
    if (e && !hint) hint = expression_given(arena, e, r->scope);
    diagnostics_add(r->diagnostics, &value->origin, hint, "'%s' of %s must be %s, but is %s",
                    r->row->name, r->what, expected, text_get(&text));
    text_release(&text);
    return false;
}

bool read_in_range(const struct reading *r, const struct config *value, double number) {
    const struct parameter *row = r->row;
    bool above = row->above ? number > row->low : number >= row->low;
    return !has_range(row) || (above && number <= row->high) ||
           read_wrong_number(r, value, number, NULL, read_range_text(r->diagnostics->arena, row));
}

bool read_number(struct reading *r, void *destination) {
    double number;
    if (!read_finite(r, r->value, &number) || !read_in_range(r, r->value, number)) return false;
    *(double *)destination = number;
    r->resolved = config_new_number(r->diagnostics->arena, number);
    return true;
}

/* An integer from a value: exact where it is written as one. */
static bool read_whole(const struct reading *r, const struct config *value, int64_t *integer) {
    double number;
    if (!read_finite(r, value, &number)) return false;
    if (floor(number) != number) return read_wrong_number(r, value, number, NULL, "an integer");
    bool exact = value->kind == CONFIG_INTEGER;
    if (!exact && fabs(number) >= 0x1p63)
        return read_wrong_number(r, value, number, NULL, "less than 2^63");
    *integer = exact ? value->integer : (int64_t)number;
    return true;
}

bool read_integer(struct reading *r, void *destination) {
    int64_t integer = 0;
    if (!read_whole(r, r->value, &integer) || !read_in_range(r, r->value, (double)integer))
        return false;
    memcpy(destination, &integer, sizeof integer);
    r->resolved = config_new_integer(r->diagnostics->arena, integer);
    return true;
}

/* ---- true and false ---- */

/* Tells somebody who wrote neither true nor false what there is. */
static bool wrong_truth(const struct reading *r) {
    static const char *const others[] = {"yes", "no", "on", "off", "Yes", "No", "On", "Off"};
    const char *hint = NULL;
    struct nearest nearest = {.wanted = r->value->text};
    if (r->value->kind == CONFIG_TEXT) {
        nearest_try(&nearest, "true");
        nearest_try(&nearest, "false");
        hint = nearest_hint(r->diagnostics->arena, &nearest);
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (!strcmp(others[i], r->value->text)) hint = "YAML 1.2 has only true and false";
    }
    return read_wrong(r, r->value, hint, "true or false");
}

/* A name that the scope does not know is a word that was meant as an answer. */
static bool is_unknown_name(const struct reading *r) {
    struct expression name = {.kind = EXPRESSION_NAME, .name = r->value->text};
    bool word = !r->value->text[strspn(r->value->text,
                                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")];
    return word && !expression_is_host(&name, r->scope);
}

bool read_bool(struct reading *r, void *destination) {
    const struct config *value = r->value;
    double number = value->number;
    if (value->kind != CONFIG_BOOL && (value->kind != CONFIG_TEXT || is_unknown_name(r)))
        return wrong_truth(r);
    if (value->kind == CONFIG_TEXT && !read_finite(r, value, &number)) return false;
    if (number != 0 && number != 1) return wrong_truth(r);
    *(bool *)destination = number != 0;
    r->resolved = config_new_bool(r->diagnostics->arena, number != 0);
    return true;
}

/* ---- lists ---- */

/* The numbers of a list; `resolved` gets them, evaluated. */
static bool read_items(struct reading *r, const struct config *list, double *numbers,
                       struct config *resolved) {
    bool good = true;
    for (int i = 0; i < list->count; i++) {
        bool fine = read_finite(r, list->items[i], &numbers[i]) &&
                    read_in_range(r, list->items[i], numbers[i]);
        good = good && fine;
        config_append(r->diagnostics->arena, resolved,
                      config_new_number(r->diagnostics->arena, numbers[i]));
    }
    return good;
}

bool read_numbers(struct reading *r, void *destination) {
    const struct config *list = r->value;
    struct arena *arena = r->diagnostics->arena;
    if (list->kind != CONFIG_LIST) {
        bool scalar = list->kind < CONFIG_LIST && list->kind != CONFIG_NULL;
        const char *standard = r->row->standard ? r->row->standard : "";
        bool alone = scalar && !strchr(list->text, ',') && strchr(standard, ',');
        const char *hint = alone    ? arena_format(arena, "as in %s", standard)
                           : scalar ? text_list_hint(arena, list->text)
                                    : NULL;
        return read_wrong(r, list, hint, "a list of numbers");
    }
    double *numbers = ARENA_ARRAY(arena, double, list->count);
    r->resolved = config_new_list(arena);
    if (!read_items(r, list, numbers, r->resolved)) return false;
    *(struct numbers *)destination = (struct numbers){list->count, numbers};
    return true;
}

/* One of the points, which have as many coordinates as the first. */
static bool read_point(struct reading *r, const struct config *point, int axes, double *numbers) {
    if (point->kind != CONFIG_LIST || !point->count)
        return read_wrong(r, point, "a point is a list of its coordinates: [0, 1]",
                          "a list of points");
    if (point->count != axes)
        return diagnostics_add(r->diagnostics, &point->origin, NULL,
                               "a point of '%s' of %s has %d coordinates, but the first has %d",
                               r->row->name, r->what, point->count, axes);
    struct config *resolved = config_new_list(r->diagnostics->arena);
    config_append(r->diagnostics->arena, r->resolved, resolved);
    return read_items(r, point, numbers, resolved);
}

bool read_points(struct reading *r, void *destination) {
    const struct config *list = r->value;
    struct arena *arena = r->diagnostics->arena;
    if (list->kind != CONFIG_LIST || !list->count)
        return read_wrong(r, list, "such as [[0, 0], [1, 2]]", "a list of one point or more");
    int axes = list->items[0]->kind == CONFIG_LIST ? list->items[0]->count : 0;
    double *numbers = ARENA_ARRAY(arena, double, (size_t)list->count *(size_t)axes);
    bool good = true;
    r->resolved = config_new_list(arena);
    for (int i = 0; i < list->count; i++)
        good = read_point(r, list->items[i], axes, numbers + (ptrdiff_t)i * axes) && good;
    if (good) *(struct point_list *)destination = (struct point_list){list->count, axes, numbers};
    return good;
}

static bool read_extent(struct reading *r, const struct config *value, int64_t *extent) {
    if (!read_whole(r, value, extent)) return false;
    if (has_range(r->row)) return read_in_range(r, value, (double)*extent);
    const char *hint =
        *extent == -1 ? "the batch is not written, and no extent is left open" : NULL;
    return *extent >= 1 ||
           read_wrong_number(r, value, (double)*extent, hint, "a shape of extents from 1 on");
}

/* "write [32, 32]" to whom wrote 32x32; NULL: it is something else. */
static const char *crossed(struct arena *arena, const struct config *value) {
    const char *at = value->kind == CONFIG_TEXT ? value->text : "", *list = "";
    int64_t extent;
    int count = 0;
    while (text_take_digits(&at, INT32_MAX, &extent)) {
        list = arena_format(arena, "%s%s%" PRId64, list, count++ ? ", " : "", extent);
        if (!*at) return count > 1 ? arena_format(arena, "write [%s]", list) : NULL;
        if (*at++ != 'x') return NULL;
    }
    return NULL;
}

bool read_shape(struct reading *r, void *destination) {
    struct arena *arena = r->diagnostics->arena;
    struct extents shape = {0};
    struct config *const *items = r->value->items, *one = arena_copy(arena, r->value, sizeof *one);
    int count = r->value->count;
    const char *hint = crossed(arena, r->value);
    if (hint) return read_wrong(r, r->value, hint, "a shape");
    if (r->value->kind < CONFIG_LIST && r->value->kind != CONFIG_NULL) {
        items = &one;
        count = 1;
    } else if (r->value->kind != CONFIG_LIST) {
        return read_wrong(r, r->value, "such as [28, 28, 1]", "a shape");
    }
    if (count > EXTENTS_MOST)
        return diagnostics_add(r->diagnostics, &r->value->origin, NULL,
                               "'%s' of %s may have %d axes, but has %d", r->row->name, r->what,
                               EXTENTS_MOST, count);
    bool good = true;
    r->resolved = config_new_list(arena);
    for (int i = 0; i < count; i++) {
        good = read_extent(r, items[i], &shape.extent[i]) && good;
        config_append(arena, r->resolved, config_new_integer(arena, shape.extent[i]));
    }
    shape.rank = count;
    if (good) *(struct extents *)destination = shape;
    return good;
}

/* ---- padding ---- */

static bool read_side(struct reading *r, const struct config *value, int64_t *side) {
    return read_whole(r, value, side) && read_in_range(r, value, (double)*side);
}

/* How a pair, [rows, columns] as others write it, is written; NULL: it is none. */
static const char *padding_of_pair(struct arena *arena, const struct config *value) {
    if (value->kind != CONFIG_LIST || value->count != 2) return NULL;
    const char *rows = value->items[0]->text, *columns = value->items[1]->text;
    if (!rows || !columns) return NULL;
    return strcmp(rows, columns) != 0
               ? arena_format(arena, "write [%s, %s, %s, %s]", rows, rows, columns, columns)
               : arena_format(arena, "write %s", rows);
}

bool read_padding(struct reading *r, void *destination) {
    struct arena *arena = r->diagnostics->arena;
    const struct config *value = r->value;
    struct padding padding = {.word = -1};
    bool word = value->kind == CONFIG_TEXT && is_unknown_name(r), good = true;
    if (value->kind > CONFIG_LIST || value->kind == CONFIG_NULL ||
        (value->kind == CONFIG_LIST && value->count != 4))
        return read_wrong(r, value, padding_of_pair(arena, value),
                          arena_format(arena, "one of %s, a number or [top, bottom, left, right]",
                                       words_text(arena, r->row->choices)));
    if (word) {
        if ((padding.word = read_word(r, &value->origin, value->text, true)) < 0) return false;
        r->resolved = config_new_text(arena, value->text);
    } else if (value->kind == CONFIG_LIST) {
        r->resolved = config_new_list(arena);
        for (int i = 0; i < 4; i++) {
            good = read_side(r, value->items[i], &padding.side[i]) && good;
            config_append(arena, r->resolved, config_new_integer(arena, padding.side[i]));
        }
    } else {
        good = read_side(r, value, &padding.side[0]);
        for (int i = 1; i < 4; i++)
            padding.side[i] = padding.side[0];
        r->resolved = config_new_integer(arena, padding.side[0]);
    }
    if (good) *(struct padding *)destination = padding;
    return good;
}
