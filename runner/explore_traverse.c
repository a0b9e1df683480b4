/* Traverse: all else fixed, one variable moved along each row. */
#include <string.h>

#include "runner/explore.h"

static bool read_element(struct exploration *ex, struct element *element, struct error *error) {
    struct session *session = &ex->model->session;
    const char *text = arguments_get(ex->arguments, "--latent");
    if (!text) {
        error_set(error, STATUS_USAGE, "'duel explore RUN traverse' wants --latent");
        return error_hint(error, "as in --latent z[17], or a class, --latent y");
    }
    const struct origin *origin = session_origin(session, "--latent", text);
    if (!element_read(session->experiment, ex->sampler, text, origin, &session->diagnostics,
                      element))
        return session_usage(session);
    if (element->offset >= 0 || element->classes) return true;
    diagnostics_add(&session->diagnostics, origin, arena_format(ex->arena, "as in %s[0]", text),
                    "'%s' has %lld numbers; which?", text, (long long)element->count);
    return session_usage(session);
}

/* Columns, their values and labels; rows are made by then. */
static void label_columns(struct exploration *ex, const struct element *element, double from,
                          double to, float *values) {
    const struct experiment *x = ex->model->session.experiment;
    struct class_names names = {0};
    if (element->classes) names = element_class_names(x, ex->sampler, element);
    for (int c = 0; c < ex->columns; c++) {
        double value = ex->columns > 1 ? from + (to - from) * c / (ex->columns - 1) : from;
        if (element->classes) value = element_class(x, ex->sampler, element, c);
        values[c] = (float)value;
        ex->column_labels[c] = element->classes ? class_names_of(ex->arena, names, (int32_t)value)
                                                : arena_format(ex->arena, "%.3g", value);
    }
    ex->numbers[0] = (struct store_array){.path = "column_values",
                                          .type = STORE_FLOAT32,
                                          .rank = 1,
                                          .extent = {ex->columns},
                                          .data = values};
}

static void fill(struct exploration *ex, const struct element *element,
                 const struct class_list *classes, const struct beginnings *from,
                 const float *values) {
    for (int r = 0; r < ex->rows; r++) {
        const int32_t class = classes->list[r % classes->count];
        const int64_t sample = r / classes->count;
        ex->row_labels[r] =
            explore_row_label(ex, classes, explore_name_text(ex, from->names[sample]), class);
        for (int c = 0; c < ex->columns; c++) {
            const int64_t cell = (int64_t)r * ex->columns + c;
            beginnings_copy(ex->cells, cell, from, sample);
            explore_set_class(classes, class, ex->cells, cell);
            element_set(element, ex->cells, cell, (double)values[c]);
        }
    }
}

/* Classes have a column each, and take none of the options of numbers. */
static bool check_classes(const struct exploration *ex, const struct element *element,
                          const struct class_list *given, struct error *error) {
    static const char *const options[] = {"--from", "--to", "--steps"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (arguments_has(ex->arguments, options[i]))
            return error_set(error, STATUS_USAGE,
                             "'%s' is for numbers, but '%s' goes through its classes", options[i],
                             element->text);
    if (!given->element.classes || !element_same(&given->element, element)) return true;
    error_set(error, STATUS_USAGE,
              "'--class' gives samples a class of '%s', but '--latent %s' goes through all of them",
              element->text, element->text);
    return error_hint(error, "leave out '--class', or move another latent");
}

static bool make(struct exploration *ex, struct error *error) {
    struct element element;
    struct class_list classes;
    struct sample_name first;
    int64_t rows, steps;
    double from, to;
    const char *sample = arguments_get(ex->arguments, "--sample");
    if (!read_element(ex, &element, error) || !explore_classes(ex, &classes, error) ||
        !explore_read_name(ex, sample ? sample : "0", &first, error) ||
        !arguments_integer(ex->arguments, "--rows", 1, 1000, 8, &rows, error) ||
        !arguments_integer(ex->arguments, "--steps", 2, 1000, 9, &steps, error) ||
        !explore_number(ex, "--from", element.low, &from, error) ||
        !explore_number(ex, "--to", element.high, &to, error))
        return false;
    if (element.classes) {
        if (!check_classes(ex, &element, &classes, error)) return false;
        steps = element.classes;
    }
    if (first.number + rows > SAMPLES_MOST)
        return error_set(error, STATUS_USAGE, "there are not %lld samples from '%s' on",
                         (long long)rows, sample);
    struct sample_name *names = ARENA_ARRAY(ex->arena, struct sample_name, rows);
    for (int64_t r = 0; r < rows; r++)
        names[r] = (struct sample_name){first.seed, first.number + r};
    const struct beginnings *drawn = explore_draw(ex, names, rows, error);
    if (!drawn || !explore_size(ex, rows * classes.count, steps, error)) return false;
    float *values = ARENA_ARRAY(ex->arena, float, steps);
    label_columns(ex, &element, from, to, values);
    fill(ex, &element, &classes, drawn, values);
    ex->title = element.text;
    ex->corner = "sample";
    ex->lines = !element.classes;
    return true;
}

const struct explore_row explore_traverse = {
    .name = "traverse",
    .options = "--latent --from --to --steps --rows --sample --class",
    .make = make,
};
