/* Nearest: samples beside the images of the training data that are nearest to them. */
#include <string.h>

#include "runner/explore.h"
#include "runner/neighbours.h"
#include "runner/real_images.h"

/* "3 (cat)": each sample with its class, where it has one. */
static void label_rows(struct exploration *ex, const struct class_list *classes) {
    const int32_t *own = beginnings_classes(ex->cells);
    const struct experiment *x = ex->model->session.experiment;
    const bool given = classes->element.classes > 0;
    const struct class_names names = given ? element_class_names(x, ex->sampler, &classes->element)
                                           : sampler_class_names(x, ex->sampler);
    for (int r = 0; r < ex->rows; r++) {
        ex->row_labels[r] = explore_name_text(ex, ex->cells->names[r]);
        if (given || own)
            ex->row_labels[r] = arena_format(
                ex->arena, "%s (%s)", ex->row_labels[r],
                explore_class_text(ex, names, given ? classes->list[r % classes->count] : own[r]));
    }
}

static bool make(struct exploration *ex, struct error *error) {
    struct class_list classes;
    struct sample_name first;
    int64_t count;
    const char *sample = arguments_get(ex->arguments, "--sample");
    if (!explore_classes(ex, &classes, error) ||
        !explore_read_name(ex, sample ? sample : "0", &first, error) ||
        !arguments_integer(ex->arguments, "--count", 1, 1000, 16, &count, error))
        return false;
    if (first.number + count > SAMPLES_MOST)
        return error_set(error, STATUS_USAGE, "there are not %lld samples from '%s' on",
                         (long long)count, sample);
    struct sample_name *names = ARENA_ARRAY(ex->arena, struct sample_name, count);
    for (int64_t r = 0; r < count; r++)
        names[r] = (struct sample_name){first.seed, first.number + r};
    const struct beginnings *drawn = explore_draw(ex, names, count, error);
    if (!drawn || !explore_size(ex, count * classes.count, 1, error)) return false;
    for (int r = 0; r < ex->rows; r++) {
        beginnings_copy(ex->cells, r, drawn, r / classes.count);
        explore_set_class(&classes, classes.list[r % classes.count], ex->cells, r);
    }
    label_rows(ex, &classes);
    ex->captions = ex->row_labels;
    ex->column_labels[0] = "sample";
    ex->title = "nearest images of the training data";
    return true;
}

/* Three digits. */
static const char *distance_text(struct arena *arena, double distance) {
    return arena_format(arena, "%.*f", distance < 9.995 ? 2 : distance < 99.95 ? 1 : 0, distance);
}

/* What is found, for the file and the picture. */
static void keep(struct exploration *ex, const struct neighbours *n,
                 const struct real_images *real) {
    const int64_t all = n->count * n->most;
    const int64_t *extent = ex->made.images.extent;
    uint8_t *images = ARENA_ARRAY(ex->arena, uint8_t, all * n->size);
    int64_t *indices = ARENA_ARRAY(ex->arena, int64_t, all);
    float *distances = ARENA_ARRAY(ex->arena, float, all);
    ex->beside_labels = ARENA_ARRAY(ex->arena, const char *, n->most);
    ex->beside_captions = ARENA_ARRAY(ex->arena, const char *, all);
    for (int64_t i = 0; i < all; i++) {
        indices[i] = n->list[i].index;
        distances[i] = (float)neighbours_distance(n->list[i].squares);
        memcpy(images + i * n->size, real_image(real, indices[i]), (size_t)n->size);
        ex->beside_captions[i] = distance_text(ex->arena, (double)distances[i]);
    }
    ex->beside_labels[0] = "nearest";
    ex->beside =
        (struct store_array){.path = "nearest",
                             .type = STORE_UINT8,
                             .rank = 5,
                             .extent = {n->count, n->most, extent[1], extent[2], extent[3]},
                             .data = images};
    ex->numbers[0] = (struct store_array){.path = "nearest_index",
                                          .type = STORE_INT64,
                                          .rank = 2,
                                          .extent = {n->count, n->most},
                                          .data = indices};
    ex->numbers[1] = (struct store_array){.path = "nearest_distance",
                                          .type = STORE_FLOAT32,
                                          .rank = 2,
                                          .extent = {n->count, n->most},
                                          .data = distances};
}

static bool finish(struct exploration *ex, struct error *error) {
    const struct store_array *images = &ex->made.images;
    int64_t most;
    if (!images->data) {
        error_set(error, STATUS_USAGE, "the samples are no images, so that none are nearest");
        return error_hint(error, "'duel plot' draws points over those of the data");
    }
    if (!arguments_integer(ex->arguments, "--neighbours", 1, 100, 5, &most, error) ||
        !model_load_data(ex->model, error))
        return false;
    struct real_images real;
    if (!real_images_find(&ex->model->session, images->extent + 1, &real, error)) return false;
    if (most > real.data->count) {
        most = real.data->count;
        if (!ex->arguments->quiet)
            fprintf(stderr, "duel: there are only %lld images, which are all shown\n",
                    (long long)most);
    }
    struct neighbours n = neighbours_new(ex->arena, images->data, ex->rows, real.size, most);
    for (int64_t i = 0; i < real.data->count; i++)
        neighbours_add(&n, i, real_image(&real, i));
    keep(ex, &n, &real);
    return true;
}

const struct explore_row explore_nearest = {
    .name = "nearest",
    .options = "--count --neighbours --sample --class",
    .make = make,
    .finish = finish,
};
