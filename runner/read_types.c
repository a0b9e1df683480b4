/* Durations, distributions and initialisers, expressions, numbers that may change, and what is kept
 * as it is written. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/read_parts.h"

/* ---- durations ---- */

static const struct unit {
    const char *name;
    enum duration_unit unit;
    double times;
} units[] = {{"step", DURATION_STEPS, 1},
             {"epoch", DURATION_EPOCHS, 1},
             {"image", DURATION_IMAGES, 1},
             {"minute", DURATION_MINUTES, 1},
             {"hour", DURATION_MINUTES, 60}};

enum { UNITS = sizeof units / sizeof *units };

const char *const duration_names[] = {[DURATION_STEPS] = "steps",
                                      [DURATION_EPOCHS] = "epochs",
                                      [DURATION_MINUTES] = "minutes",
                                      [DURATION_IMAGES] = "images"};

static const struct unit *find_unit(const char *word) {
    for (int i = 0; i < UNITS; i++) {
        size_t length = strlen(units[i].name);
        if (!strncmp(word, units[i].name, length) && (!word[length] || !strcmp(word + length, "s")))
            return &units[i];
    }
    return NULL;
}

static const char *const duration_hint =
    "such as 50 steps, 1 epoch, 10 minutes, 25e6 images, never";

static bool keep_duration(struct reading *r, double count, const struct unit *unit,
                          void *destination) {
    struct duration duration = {count * unit->times, unit->unit};
    struct text text = {0};
    text_add_number(&text, duration.count);
    text_format(&text, " %s", duration_names[unit->unit]);
    r->resolved = config_new_text(r->diagnostics->arena, count > 0 ? text_get(&text) : "never");
    text_release(&text);
    *(struct duration *)destination = duration;
    return true;
}

bool read_duration(struct reading *r, void *destination) {
    const struct config *value = r->value;
    if (value->kind == CONFIG_INTEGER && value->integer == 0)
        return keep_duration(r, 0, &units[0], destination);
    if (value->kind == CONFIG_INTEGER || value->kind == CONFIG_FLOAT) {
        const char *text = text_excerpt(r->diagnostics->arena, value->text);
        return read_wrong(r, value,
                          arena_format(r->diagnostics->arena, "%s steps? %s epochs?", text, text),
                          "a duration with its unit");
    }
    if (value->kind != CONFIG_TEXT) return read_wrong(r, value, duration_hint, "a duration");
    if (!strcmp(value->text, "never")) return keep_duration(r, 0, &units[0], destination);
    const char *space = strrchr(value->text, ' ');
    const struct unit *unit = space ? find_unit(space + 1) : NULL;
    if (!unit) return read_wrong(r, value, duration_hint, "a duration");
    char *number =
        arena_text_range(r->diagnostics->arena, value->text, (size_t)(space - value->text));
    const struct expression *expression =
        expression_parse_text(number, &value->origin, r->diagnostics);
    double count;
    if (!expression || !read_constant(r, expression, &count)) return false;
    bool whole =
        floor(count) == count || unit->unit == DURATION_EPOCHS || unit->unit == DURATION_MINUTES;
    if (count < 0 || !whole)
        return read_wrong(r, value, duration_hint,
                          count < 0 ? "a duration from 0 on" : "a whole number of these");
    return keep_duration(r, count, unit, destination);
}

/* One of a list, where a whole number is a step. */
static bool read_time(struct reading *r, struct duration *time) {
    const struct config *value = r->value;
    if (value->kind != CONFIG_INTEGER || value->integer < 0) return read_duration(r, time);
    *time = (struct duration){(double)value->integer, DURATION_STEPS};
    r->resolved = config_new_integer(r->diagnostics->arena, value->integer);
    return true;
}

bool read_durations(struct reading *r, void *destination) {
    struct arena *arena = r->diagnostics->arena;
    struct config *one = arena_copy(arena, r->value, sizeof *one), *const *items = &one;
    bool list = r->value->kind == CONFIG_LIST, good = true;
    int count = list ? r->value->count : 1;
    if (list) items = r->value->items;
    struct duration *times = ARENA_ARRAY(arena, struct duration, count);
    struct config *resolved = config_new_list(arena);
    for (int i = 0; i < count; i++) {
        struct reading item = *r;
        item.value = items[i];
        bool fine = read_time(&item, &times[i]);
        if (fine) config_append(arena, resolved, item.resolved);
        good = good && fine;
    }
    if (good) *(struct durations *)destination = (struct durations){count, times};
    r->resolved = resolved;
    return good;
}

/* ---- distributions ---- */

static bool add_argument(struct reading *r, struct distribution *d, const struct expression *e) {
    double number;
    if (d->count == DISTRIBUTION_ARGUMENTS)
        return diagnostics_add(r->diagnostics, &e->origin, NULL, "'%s' takes at most %d numbers",
                               d->name, DISTRIBUTION_ARGUMENTS);
    if (!read_constant(r, e, &number)) return false;
    bool extent = floor(number) == number && number >= 1 && number < 0x1p31;
    if (r->row->type == PARAMETER_DISTRIBUTION && !extent)
        return diagnostics_add(r->diagnostics, &e->origin, "its arguments are a shape: normal(100)",
                               "an extent of '%s' must be an integer from 1 on", r->row->name);
    d->argument[d->count++] = number;
    return true;
}

static bool add_arguments(struct reading *r, struct distribution *d,
                          const struct expression *call) {
    bool good = true;
    for (int i = 1; i < call->count && good; i++) {
        const struct expression *e = call->part[i];
        if (call->keyword[i])
            return diagnostics_add(r->diagnostics, &e->origin, NULL,
                                   "'%s' takes its numbers by their place, without '%s='", d->name,
                                   text_excerpt(r->diagnostics->arena, call->keyword[i]));
        if (e->kind != EXPRESSION_LIST) good = add_argument(r, d, e);
        for (int j = 0; e->kind == EXPRESSION_LIST && j < e->count && good; j++)
            good = add_argument(r, d, e->part[j]);
    }
    return good;
}

static struct config *resolve_distribution(struct arena *arena, const struct distribution *d) {
    struct text text = {0};
    text_add(&text, d->name);
    for (int i = 0; i < d->count; i++) {
        text_add(&text, i ? ", " : "(");
        text_add_number(&text, d->argument[i]);
    }
    if (d->count) text_add(&text, ")");
    struct config *resolved = config_new_text(arena, text_get(&text));
    text_release(&text);
    return resolved;
}

bool read_distribution(struct reading *r, void *destination) {
    const struct config *value = r->value;
    if (value->kind >= CONFIG_LIST || value->kind == CONFIG_NULL)
        return read_wrong(r, value, NULL, "such as normal(1)");
    const struct expression *e = expression_parse(value, r->diagnostics);
    if (!e) return false;
    struct distribution d = {0};
    bool call = e->kind == EXPRESSION_CALL && e->part[0]->kind == EXPRESSION_NAME;
    const char *name = call ? e->part[0]->name : e->kind == EXPRESSION_NAME ? e->name : NULL;
    bool named = name && read_word(r, NULL, name, false) >= 0;
    bool number = !named && value->kind != CONFIG_BOOL &&
                  read_word(r, NULL, "constant", false) >= 0 && expression_is_host(e, r->scope);
    d.name = number ? "constant" : name;
    if (!named && !number) {
        read_word(r, name ? &e->origin : &value->origin, name ? name : value->text, true);
        return false;
    }
    if (number ? !add_argument(r, &d, e) : call && !add_arguments(r, &d, e)) return false;
    *(struct distribution *)destination = d;
    r->resolved = resolve_distribution(r->diagnostics->arena, &d);
    return true;
}

/* ---- expressions ---- */

bool read_expression(struct reading *r, void *destination) {
    const struct expression *e = expression_parse(r->value, r->diagnostics);
    if (!e) return false;
    *(const struct expression **)destination = e;
    r->resolved = arena_copy(r->diagnostics->arena, r->value, sizeof *r->value);
    return true;
}

bool read_scalar(struct reading *r, void *destination) {
    const struct expression *e = expression_parse(r->value, r->diagnostics);
    if (!e || !expression_check_host(e, r->scope, r->diagnostics)) return false;
    r->resolved = arena_copy(r->diagnostics->arena, r->value, sizeof *r->value);
    if (expression_is_constant(e, r->scope)) {
        double number;
        if (!read_constant(r, e, &number) || !read_in_range(r, r->value, number)) return false;
        if (r->value->kind != CONFIG_BOOL)
            r->resolved = config_new_number(r->diagnostics->arena, number);
    }
    *(const struct expression **)destination = e;
    return true;
}

/* ---- as it is written ---- */

static bool keep(struct reading *r, void *destination) {
    r->resolved = arena_copy(r->diagnostics->arena, r->value, sizeof *r->value);
    *(const struct config **)destination = r->value;
    return true;
}

bool read_layers(struct reading *r, void *destination) {
    if (r->value->kind == CONFIG_LIST) return keep(r, destination);
    return read_wrong(r, r->value, "as in [linear: 8, relu]", "a list of layers");
}

bool read_branches(struct reading *r, void *destination) {
    static const char *const hint = "as in [[linear: 8, relu], [linear: 8, tanh]]";
    bool good = r->value->kind == CONFIG_LIST && r->value->count;
    if (!good) return read_wrong(r, r->value, hint, "a list of lists of layers");
    for (int i = 0; i < r->value->count; i++)
        if (r->value->items[i]->kind != CONFIG_LIST)
            return read_wrong(r, r->value->items[i], hint, "a list of lists of layers");
    return keep(r, destination);
}

bool read_loop(struct reading *r, void *destination) {
    if (r->value->kind == CONFIG_MAP && r->value->count) return keep(r, destination);
    return read_wrong(r, r->value, "as in {i: range(4)} or {units: [64, 32]}",
                      "a map of names to lists");
}
