/* Arithmetic on the latents of samples: those it names, and what comes out. */
#include <math.h>
#include <string.h>

#include "runner/explore.h"

/* "", "−", "+ 0.33": what stands before a sample. */
static const char *factor_text(const struct exploration *ex, const struct sum_term *term,
                               bool first) {
    const char *sign = term->factor < 0 ? "−" : first ? "" : "+";
    if (fabs(term->factor) == 1) return sign;
    return arena_format(ex->arena, "%s%s%.2g", sign, *sign ? " " : "", fabs(term->factor));
}

/* Labels for the file, and for the picture: factors above, names below. */
static void label(struct exploration *ex, const struct sum *sum, const struct class_list *classes) {
    ex->heads = ARENA_ARRAY(ex->arena, const char *, ex->columns);
    ex->captions = ARENA_ARRAY(ex->arena, const char *, (int64_t)ex->rows * ex->columns);
    for (int c = 0; c < sum->count; c++) {
        const char *factor = factor_text(ex, &sum->terms[c], c == 0),
                   *name = explore_name_text(ex, sum->terms[c].name);
        ex->column_labels[c] = arena_format(ex->arena, "%s%s%s", factor, *factor ? " " : "", name);
        ex->heads[c] = *factor ? factor : NULL;
        for (int r = 0; r < ex->rows; r++)
            ex->captions[r * ex->columns + c] = name;
    }
    ex->heads[sum->count] = ex->column_labels[sum->count] = "=";
    for (int r = 0; r < ex->rows; r++)
        ex->row_labels[r] = explore_row_label(ex, classes, "", classes->list[r]);
    bool *gaps = ARENA_ARRAY(ex->arena, bool, ex->columns);
    gaps[sum->count] = true;
    ex->gaps = gaps;
    ex->title = ex->arguments->operands[2];
}

static bool make(struct exploration *ex, struct error *error) {
    struct sum sum;
    struct class_list classes;
    if (!explore_read_sum(ex, NULL, ex->arguments->operands[2], &sum) ||
        !explore_classes(ex, &classes, error))
        return false;
    const struct beginnings *from = explore_draw_sum(ex, &sum, error);
    if (!from || !explore_size(ex, classes.count, sum.count + 1, error)) return false;
    for (int r = 0; r < ex->rows; r++) {
        for (int c = 0; c < ex->columns; c++) {
            const int64_t cell = (int64_t)r * ex->columns + c;
            if (c < sum.count)
                beginnings_copy(ex->cells, cell, from, c);
            else
                explore_add_up(&sum, from, ex->cells, cell);
            explore_set_class(&classes, classes.list[r], ex->cells, cell);
        }
    }
    label(ex, &sum, &classes);
    return true;
}

const struct explore_row explore_arithmetic = {
    .name = "arithmetic",
    .operand = "EXPRESSION",
    .options = "--class",
    .make = make,
};
