/* Parts of the tables of explorations: sizes, numbered samples, numbers; see explore.h. */
#include "runner/explore.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool explore_size(struct exploration *ex, int64_t rows, int64_t columns, struct error *error) {
    if (rows * columns > EXPLORE_CELLS_MOST) {
        error_set(error, STATUS_USAGE, "%" PRId64 " rows of %" PRId64 " samples are too many", rows,
                  columns);
        return error_hint(error, "a table has at most %d samples", EXPLORE_CELLS_MOST);
    }
    ex->rows = (int)rows;
    ex->columns = (int)columns;
    ex->cells = beginnings_new(ex->model->play, ex->sampler, rows * columns, ex->arena);
    ex->row_labels = ARENA_ARRAY(ex->arena, const char *, rows);
    ex->column_labels = ARENA_ARRAY(ex->arena, const char *, columns);
    return true;
}

/* ---- numbered samples ---- */

bool explore_read_name(const struct exploration *ex, const char *text, struct sample_name *name,
                       struct error *error) {
    if (sample_name_read(text, ex->seed, SAMPLES_MOST, name)) return true;
    error_set(error, STATUS_USAGE, "there is no sample '%s'", text);
    return error_hint(
        error, "samples are called by their number, from 0 to %d, or SEED:NUMBER, as in 7:12",
        SAMPLES_MOST - 1);
}

const char *explore_name_text(const struct exploration *ex, struct sample_name name) {
    return name.seed == ex->seed
               ? arena_format(ex->arena, "%" PRId64, name.number)
               : arena_format(ex->arena, "%" PRIu64 ":%" PRId64, name.seed, name.number);
}

/* Draws those of `names` that have this seed. */
static bool draw_seed(struct exploration *ex, uint64_t seed, const struct sample_name *names,
                      struct beginnings *drawn, struct error *error) {
    struct model *model = ex->model;
    int64_t most = 0, run = ex->sampler->count;
    for (int64_t i = 0; i < drawn->count; i++)
        if (names[i].seed == seed && names[i].number > most) most = names[i].number;
    struct beginnings *all =
        beginnings_new(model->play, ex->sampler, (most / run + 1) * run, ex->arena);
    if (!beginnings_draw(all, model->play, seed, &model->options.compile, ex->arena, error))
        return false;
    for (int i = 0; i < all->streams; i++)
        if (all->index[i] && !model_load_data(model, error)) return false;
    if (model->session.data) beginnings_take_labels(all, model->play, model->session.data);
    for (int64_t i = 0; i < drawn->count; i++)
        if (names[i].seed == seed) beginnings_copy(drawn, i, all, names[i].number);
    return true;
}

struct beginnings *explore_draw(struct exploration *ex, const struct sample_name *names,
                                int64_t count, struct error *error) {
    struct beginnings *drawn = beginnings_new(ex->model->play, ex->sampler, count, ex->arena);
    for (int64_t i = 0; i < count; i++) {
        bool done = false;
        for (int64_t k = 0; k < i; k++)
            done = done || names[k].seed == names[i].seed;
        if (!done && !draw_seed(ex, names[i].seed, names, drawn, error)) return NULL;
    }
    return drawn;
}

/* ---- numbers ---- */

bool explore_number(const struct exploration *ex, const char *option, double otherwise,
                    double *number, struct error *error) {
    const char *text = arguments_get(ex->arguments, option);
    char *end;
    *number = otherwise;
    if (!text) return true;
    *number = strtod(text, &end);
    return (end != text && !*end && isfinite(*number)) ||
           error_set(error, STATUS_USAGE, "'%s' wants a number, not '%s'", option, text);
}
