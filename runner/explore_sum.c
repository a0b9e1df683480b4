/* See explore_sum.h. */
#include "runner/explore_sum.h"

#include <inttypes.h>
#include <string.h>

struct reading {
    struct sum *sum;
    uint64_t seed;
    int64_t limit;
    struct diagnostics *diagnostics;
};

/* A sample that is called by its number, or, in e->name, with its seed. */
static bool add_sample(struct reading *r, const struct expression *e, double factor) {
    struct sum *sum = r->sum;
    struct arena *arena = r->diagnostics->arena;
    const char *text = e->name ? e->name : arena_format(arena, "%.15g", e->number);
    struct sample_name name;
    if (!sample_name_read(text, r->seed, r->limit, &name))
        return diagnostics_add(r->diagnostics, &e->origin,
                               arena_format(arena,
                                            "samples are numbered from 0 to %" PRId64
                                            "; a factor stands before what it multiplies, as in "
                                            "0.5 * (3 + 7)",
                                            r->limit - 1),
                               "there is no sample %s", text);
    for (int i = 0; i < sum->count; i++) {
        if (!sample_name_equal(sum->terms[i].name, name)) continue;
        sum->terms[i].factor += factor;
        return true;
    }
    if (sum->count == SUM_MOST)
        return diagnostics_add(r->diagnostics, &e->origin, NULL, "more than %d samples", SUM_MOST);
    sum->terms[sum->count++] = (struct sum_term){name, factor};
    return true;
}

/* 2, -2, 1 / 3: a factor, not a sample. */
static bool is_factor(const struct expression *e) {
    if (e->kind == EXPRESSION_UNARY && e->operator== '-') return is_factor(e->part[0]);
    if (e->kind == EXPRESSION_BINARY && e->operator== '/')
        return is_factor(e->part[0]) && is_factor(e->part[1]);
    return e->kind == EXPRESSION_NUMBER;
}

static bool add(struct reading *r, const struct expression *e, double factor);

static bool add_product(struct reading *r, const struct expression *e, double factor) {
    const bool times = e->operator== '*';
    const struct expression *number = e->part[times ? 0 : 1], *rest = e->part[times ? 1 : 0];
    double value;
    if (!is_factor(number))
        return diagnostics_add(r->diagnostics, &number->origin,
                               "as in 0.5 * (3 + 7), or (3 + 7) / 2",
                               times ? "a product begins with its factor, a number"
                                     : "samples are divided by a number");
    if (!expression_number(number, NULL, true, &value, r->diagnostics)) return false;
    if (times) return add(r, rest, factor * value);
    if (value == 0)
        return diagnostics_add(r->diagnostics, &number->origin, NULL, "this divides by 0");
    return add(r, rest, factor / value);
}

static bool add_mean(struct reading *r, const struct expression *e, double factor) {
    for (int i = 1; i < e->count; i++) {
        if (e->keyword[i])
            return diagnostics_add(r->diagnostics, &e->part[i]->origin, NULL,
                                   "'mean' takes samples alone here");
        if (!add(r, e->part[i], factor / (e->count - 1))) return false;
    }
    return e->count > 1 || diagnostics_add(r->diagnostics, &e->origin, "as in mean(3, 5, 9)",
                                           "'mean' wants samples");
}

static bool add(struct reading *r, const struct expression *e, double factor) {
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        if (!e->name) return add_sample(r, e, factor);
        break;
    case EXPRESSION_NAME:
        if (strchr(e->name, ':')) return add_sample(r, e, factor);
        break;
    case EXPRESSION_UNARY:
        if (e->operator== '-') return add(r, e->part[0], -factor);
        break;
    case EXPRESSION_BINARY:
        if (e->operator== '+' || e->operator== '-')
            return add(r, e->part[0], factor) &&
                   add(r, e->part[1], e->operator== '+' ? factor : - factor);
        if (e->operator== '*' || e->operator== '/') return add_product(r, e, factor);
        break;
    case EXPRESSION_CALL:
        if (e->part[0]->kind == EXPRESSION_NAME && !strcmp(e->part[0]->name, "mean"))
            return add_mean(r, e, factor);
        break;
    default:
        break;
    }
    return diagnostics_add(r->diagnostics, &e->origin, "as in 3 - 7 + 12, or mean(3, 5, 9) - 7",
                           "samples have '+', '-', a factor, a divisor, and 'mean'");
}

bool sum_read(const struct expression *expression, uint64_t seed, int64_t limit, struct sum *sum,
              struct diagnostics *diagnostics) {
    struct reading reading = {sum, seed, limit, diagnostics};
    sum->count = 0;
    return add(&reading, expression, 1);
}
