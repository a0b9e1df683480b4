/*
 * Map: samples over a plane, from the left and from below. It is that of two numbers of latents; or it
 * goes out from a sample in the directions of sums of samples.
 */
#include <math.h>
#include <string.h>

#include "runner/explore.h"

/* Along a number of a latent, which has the values of the map; or along the latents of `along`, of which the values are
 * factors. */
struct direction {
    struct element element;
    const struct beginnings *along; /* one entry; NULL: the element */
    const char *text;
    double low, high;
};

static bool read_element(struct exploration *ex, const char *text, struct direction *direction) {
    struct session *session = &ex->model->session;
    struct element *element = &direction->element;
    if (!element_read(session->experiment, ex->sampler, text,
                      session_origin(session, "--latent", text), &session->diagnostics, element))
        return session_usage(session);
    *direction = (struct direction){*element, NULL, text, element->low, element->high};
    return true;
}

/* Whether what is added and what is taken away is the same, or the sampler takes no numbers. */
static bool leads_nowhere(const struct exploration *ex, const struct sum *sum) {
    bool numbers = false, left = false;
    for (int i = 0; i < ex->sampler->latents_count; i++)
        numbers = numbers || ex->sampler->latents[i].type == TYPE_FLOAT32;
    for (int i = 0; i < sum->count; i++)
        left = left || fabs(sum->terms[i].factor) > 1e-9;
    return !numbers || !left;
}

static bool read_along(struct exploration *ex, const char *text, struct direction *direction,
                       struct error *error) {
    struct sum sum;
    if (!explore_read_sum(ex, "--along", text, &sum)) return false;
    if (leads_nowhere(ex, &sum)) {
        error_set(error, STATUS_USAGE,
                  "'--along \"%s\"' has no direction: nothing changes along it", text);
        return error_hint(error, "a direction is the difference of two samples, as in \"3 - 7\"");
    }
    const struct beginnings *from = explore_draw_sum(ex, &sum, error);
    struct beginnings *along = beginnings_new(ex->model->play, ex->sampler, 1, ex->arena);
    if (!from) return false;
    explore_add_up(&sum, from, along, 0);
    *direction = (struct direction){.along = along, .text = text, .low = -1, .high = 1};
    return true;
}

/* Whether a direction is one: a single number, or a sum. */
static bool check(const struct direction *d, struct error *error) {
    if (d->along || (d->element.offset >= 0 && !d->element.classes)) return true;
    if (d->element.classes)
        return error_set(error, STATUS_USAGE,
                         "'%s' is a class and no direction of a map; '--class' chooses it",
                         d->text);
    error_set(error, STATUS_USAGE, "a map is drawn over two numbers, but '%s' has %lld", d->text,
              (long long)d->element.count);
    return error_hint(error, "choose two directions, as in --latent z[3] --latent z[17]");
}

/* A latent of two numbers is a plane. */
static bool is_plane(const struct direction *d) {
    return !d->along && d->element.offset < 0 && d->element.count == 2 && !d->element.classes;
}

static void split(const struct exploration *ex, struct direction plane[2]) {
    plane[1] = plane[0];
    for (int i = 0; i < 2; i++) {
        plane[i].element.offset = i;
        plane[i].text = arena_format(ex->arena, "%s[%d]", plane[i].text, i);
    }
}

/* --latent and --along, two in all; or a latent of two numbers; none given: the sampler's first. */
static bool read_plane(struct exploration *ex, struct direction plane[2], struct error *error) {
    const char *const *latents = arguments_all(ex->arguments, "--latent"), *const *alongs =
                                                                               arguments_all(
                                                                                   ex->arguments,
                                                                                   "--along");
    const char *first = ex->sampler->latents_count ? ex->sampler->latents[0].name
                                                   : ex->sampler->labels[0].data->labels;
    const char *const standard[] = {first, NULL};
    int count = 0;
    if (!latents[0] && !alongs[0]) latents = standard;
    for (int kind = 0; kind < 2; kind++)
        for (const char *const *text = kind ? alongs : latents; *text; text++, count++) {
            if (count == 2)
                return error_set(error, STATUS_USAGE, "a map has two directions, not more");
            if (kind ? !read_along(ex, *text, &plane[count], error)
                     : !read_element(ex, *text, &plane[count]))
                return false;
        }
    if (count == 1 && is_plane(&plane[0])) return split(ex, plane), true;
    for (int i = 0; i < count; i++)
        if (!check(&plane[i], error)) return false;
    if (count == 2 && !plane[0].along && !plane[1].along &&
        element_same(&plane[0].element, &plane[1].element)) {
        error_set(error, STATUS_USAGE, "'%s' and '%s' are one number, and a map is drawn over two",
                  plane[0].text, plane[1].text);
        return error_hint(error, "choose two directions, as in --latent z[3] --latent z[17]");
    }
    if (count == 2) return true;
    error_set(error, STATUS_USAGE, "a map is drawn over two numbers, but '%s' is one",
              plane[0].text);
    return error_hint(error, "choose two directions, as in --latent z[3] --latent z[17]");
}

/* Where a row or a column lies. */
static const float *places(struct exploration *ex, const char *path, double from, double to,
                           int count, const char **labels, int place) {
    float *values = ARENA_ARRAY(ex->arena, float, count);
    for (int i = 0; i < count; i++) {
        values[i] = (float)(from + (to - from) * i / (count - 1));
        labels[i] = arena_format(ex->arena, "%.3g", (double)values[i]);
    }
    ex->numbers[place] = (struct store_array){
        .path = path, .type = STORE_FLOAT32, .rank = 1, .extent = {count}, .data = values};
    return values;
}

static void go(const struct direction *d, struct beginnings *cells, int64_t cell, double value) {
    const struct game_sampler *sampler = cells->sampler;
    if (!d->along) {
        element_set(&d->element, cells, cell, value);
        return;
    }
    for (int i = 0; i < sampler->latents_count; i++) {
        if (sampler->latents[i].type != TYPE_FLOAT32) continue;
        float *out = beginnings_latent(cells, i, cell);
        const float *along = beginnings_latent(d->along, i, 0);
        for (int64_t k = 0; k < shape_count(sampler->latents[i].shape); k++)
            out[k] = (float)((double)out[k] + value * (double)along[k]);
    }
}

static void fill(struct exploration *ex, const struct direction plane[2],
                 const struct class_list *classes, const struct beginnings *drawn, const float *x,
                 const float *y) {
    for (int r = 0; r < ex->rows; r++)
        for (int c = 0; c < ex->columns; c++) {
            const int64_t cell = (int64_t)r * ex->columns + c;
            beginnings_copy(ex->cells, cell, drawn, 0);
            explore_set_class(classes, classes->list[0], ex->cells, cell);
            go(&plane[0], ex->cells, cell, (double)x[c]);
            go(&plane[1], ex->cells, cell, (double)y[r]);
        }
}

static bool make(struct exploration *ex, struct error *error) {
    struct direction plane[2];
    struct class_list classes;
    struct sample_name name;
    int64_t steps;
    double from[2], to[2];
    const char *sample = arguments_get(ex->arguments, "--sample");
    if (!read_plane(ex, plane, error) || !explore_classes(ex, &classes, error) ||
        !explore_read_name(ex, sample ? sample : "0", &name, error) ||
        !arguments_integer(ex->arguments, "--steps", 2, 100, 17, &steps, error))
        return false;
    for (int i = 0; i < 2; i++)
        if (!explore_number(ex, "--from", plane[i].low, &from[i], error) ||
            !explore_number(ex, "--to", plane[i].high, &to[i], error))
            return false;
    if (classes.count > 1)
        return error_set(error, STATUS_USAGE, "a map shows one class, not %d", classes.count);
    const struct beginnings *drawn = explore_draw(ex, &name, 1, error);
    if (!drawn || !explore_size(ex, steps, steps, error)) return false;
    const float *x = places(ex, "column_values", from[0], to[0], (int)steps, ex->column_labels, 0),
                *y = places(ex, "row_values", to[1], from[1], (int)steps, ex->row_labels, 1);
    fill(ex, plane, &classes, drawn, x, y);
    ex->title = arena_format(ex->arena, "%s across, %s up", plane[0].text, plane[1].text);
    ex->lines = ex->mesh = true;
    return true;
}

const struct explore_row explore_map = {
    .name = "map",
    .options = "--latent --along --from --to --steps --sample --class",
    .make = make,
};
