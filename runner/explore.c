/* Parts of the tables of explorations: sizes, numbered samples, classes; see explore.h. */
#include "runner/explore.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/latent.h"

/* Classes that a message names. */
enum { LISTED_MOST = 20 };

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

/* ---- classes ---- */

/* Which classes there are: of the label, or of the first latent that is a class. */
static int all_classes(const struct exploration *ex, int32_t **list) {
    const struct experiment *x = ex->model->session.experiment;
    int latent = beginnings_find(ex->sampler, true), count = 0;
    const struct experiment_data *labelled =
        ex->sampler->labels_count ? ex->sampler->labels[0].data : NULL;
    const struct latent *declared = NULL;
    for (int i = 0; i < x->latents_count && latent >= 0; i++)
        if (!strcmp(x->latents[i].name, ex->sampler->latents[latent].name))
            declared = &x->latents[i];
    if (labelled) count = experiment_label_count(labelled);
    if (!labelled && declared) count = (int)latent_classes(x, declared);
    *list = ARENA_ARRAY(ex->arena, int32_t, count);
    for (int i = 0; i < count; i++)
        (*list)[i] = labelled ? experiment_label(labelled, i) : latent_class(x, declared, i);
    return count;
}

static bool wrong_class(const struct exploration *ex, const char *given, const int32_t *all,
                        int count, struct error *error) {
    const char *list = "";
    const struct class_names names =
        sampler_class_names(ex->model->session.experiment, ex->sampler);
    if (!count) {
        error_set(error, STATUS_USAGE, "'--class' is for samplers that take a class");
        return error_hint(error,
                          "a class is a label of the data, or a latent such as categorical(10)");
    }
    error_set(error, STATUS_USAGE, "there is no class '%s'", given);
    for (int i = 0; i < count && i < LISTED_MOST; i++)
        list = arena_format(ex->arena, "%s%s, ", list, class_names_of(ex->arena, names, all[i]));
    return error_hint(error, "'--class' wants one of %s%sor all", list,
                      count > LISTED_MOST ? "…, " : "");
}

/* The class that is called so, by its name or else by its number; -1: none is. */
static int64_t find_class(const struct exploration *ex, const char *text) {
    const struct class_names names =
        sampler_class_names(ex->model->session.experiment, ex->sampler);
    int64_t class;
    for (int i = 0; names.list && i < names.count; i++)
        if (!strcmp(names.list[i], text)) return i;
    return text_take_digits(&text, INT32_MAX, &class) && !*text ? class : -1;
}

bool explore_classes(const struct exploration *ex, struct class_list *classes,
                     struct error *error) {
    static const int32_t own[] = {-1};
    const char *const *given = arguments_all(ex->arguments, "--class");
    int32_t *all, *list = NULL;
    int count = all_classes(ex, &all), taken = 0;
    *classes = (struct class_list){1, own};
    for (int i = 0; given[i]; i++) {
        bool found = false, every = !strcmp(given[i], "all");
        int64_t class = every ? -1 : find_class(ex, given[i]);
        for (int k = 0; k < count; k++) {
            if (!every && all[k] != class) continue;
            list = ARENA_GROW(ex->arena, list, taken);
            list[taken++] = all[k];
            found = true;
        }
        if (!found) return wrong_class(ex, given[i], all, count, error);
    }
    if (taken) *classes = (struct class_list){taken, list};
    return true;
}

void explore_set_class(struct beginnings *beginnings, int64_t i, int32_t class) {
    if (class >= 0) beginnings_classes(beginnings)[i] = class;
}

const char *explore_row_label(const struct exploration *ex, const char *name, int32_t class) {
    if (class < 0) return name;
    return arena_format(ex->arena, "%s%s%s", name, *name ? ", " : "",
                        explore_class_text(ex, class));
}

const char *explore_class_text(const struct exploration *ex, int32_t class) {
    const struct class_names names =
        sampler_class_names(ex->model->session.experiment, ex->sampler);
    return names.list ? class_names_of(ex->arena, names, class)
                      : arena_format(ex->arena, "class %d", class);
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
