/* Which examples a picture shows, and how; see data_picture.h. */
#include "runner/data_picture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/folders.h"
#include "runner/plot.h"

enum { OF_EACH_CLASS = 10, IMAGES = 64, POINTS = 5000, CHANNELS_MOST = 4, GAP = 2, WHITE = 255 };

/* Of `count` things, number i of `chosen` that are evenly chosen. */
static int64_t evenly(int64_t i, int64_t chosen, int64_t count) {
    return i * count / chosen;
}

/* ---- images ---- */

/* Examples in rows; -1: the place stays empty. */
struct rows {
    int64_t count, columns;
    int64_t *example; /* (count, columns) */
    bool more;        /* there are classes without a row */
};

/* The examples of a class, `count` of them. */
static const int64_t *examples_of(const struct data_picture *p, int32_t label, int64_t count) {
    int64_t *list = ARENA_ARRAY(p->arena, int64_t, count), found = 0;
    for (int64_t i = 0; found < count; i++)
        if (p->dataset->labels[i] == label) list[found++] = i;
    return list;
}

static struct rows rows_of_classes(const struct data_picture *p) {
    const int64_t *all = p->statistics->label_count;
    int64_t most = 0, wanted = p->count ? p->count : OF_EACH_CLASS;
    struct rows rows = {0};
    for (int32_t label = 0; label < p->dataset->classes; label++)
        if (all[label] > most) most = all[label];
    rows.columns = wanted < most ? wanted : most;
    rows.example = ARENA_ARRAY(p->arena, int64_t, PICTURE_CLASSES_MOST * rows.columns);
    for (int32_t label = 0; label < p->dataset->classes; label++) {
        if (!all[label]) continue;
        rows.more = rows.count == PICTURE_CLASSES_MOST;
        if (rows.more) break;
        const int64_t *list = examples_of(p, label, all[label]);
        int64_t *row = rows.example + rows.count++ * rows.columns,
                shown = all[label] < rows.columns ? all[label] : rows.columns;
        for (int64_t i = 0; i < rows.columns; i++)
            row[i] = i < shown ? list[evenly(i, shown, all[label])] : -1;
    }
    return rows;
}

/* One row, which is broken where the picture is square. */
static struct rows row_of_all(const struct data_picture *p) {
    int64_t all = p->dataset->count, wanted = p->count ? p->count : IMAGES;
    struct rows rows = {.count = 1, .columns = wanted < all ? wanted : all};
    rows.example = ARENA_ARRAY(p->arena, int64_t, rows.columns);
    for (int64_t i = 0; i < rows.columns; i++)
        rows.example[i] = evenly(i, rows.columns, all);
    return rows;
}

/* Numbers that are black and white; bytes are as they are. */
static void find_range(const struct data_picture *p, double *low, double *high) {
    const struct moments *all = &p->statistics->all;
    bool mapped = p->dataset->low < p->dataset->high;
    *low = mapped ? p->dataset->low : all->low;
    *high = mapped ? p->dataset->high : all->high > all->low ? all->high : all->low + 1;
}

static struct store_array gather(const struct data_picture *p, const struct rows *rows) {
    const struct dataset *d = p->dataset;
    int64_t count = rows->count * rows->columns, size = dataset_example_size(d);
    uint8_t *pixels = ARENA_ARRAY(p->arena, uint8_t, count * size);
    double low, high;
    find_range(p, &low, &high);
    for (int64_t i = 0; i < count; i++) {
        uint8_t *dst = pixels + i * size;
        int64_t example = rows->example[i];
        if (example < 0)
            memset(dst, WHITE, (size_t)size);
        else if (d->type == DATA_UINT8)
            memcpy(dst, (const uint8_t *)d->values + example * size, (size_t)size);
        else
            sample_to_bytes((const float *)d->values + example * size, (size_t)size, low, high,
                            dst);
    }
    const int64_t *extent = d->shape.extent;
    return (struct store_array){.type = STORE_UINT8,
                                .rank = 4,
                                .extent = {count, extent[0], extent[1], extent[2]},
                                .data = pixels};
}

static const char *tell_images(const struct data_picture *p, const struct rows *rows) {
    const struct dataset *d = p->dataset;
    const char *told = arena_format(p->arena, "%" PRId64 " examples", rows->columns);
    if (d->labels)
        told = arena_format(p->arena, "a row of %s%" PRId64 " for each of %s%" PRId64 " classes",
                            rows->columns > 1 ? "up to " : "", rows->columns,
                            rows->more ? "the first " : "", rows->count);
    if (d->type == DATA_UINT8 || d->low < d->high) return told;
    double low, high;
    find_range(p, &low, &high);
    return arena_format(p->arena, "%s; black is %.6g, white %.6g", told, low, high);
}

static const char *draw_images(const struct data_picture *p, struct error *error) {
    if (plot_format_of(p->path) != PLOT_PNG) {
        error_set(error, STATUS_USAGE, "a picture of images ends in .png, not as '%s'", p->path);
        return NULL;
    }
    struct rows rows = p->dataset->labels ? rows_of_classes(p) : row_of_all(p);
    struct store_array images = gather(p, &rows);
    int columns = p->dataset->labels ? (int)rows.columns : 0;
    if (!export_begin(&p->way, p->path, error) ||
        !sample_write_png(p->way.calls, p->path, &images, columns, GAP, error))
        return NULL;
    return tell_images(p, &rows);
}

/* ---- points ---- */

static const char *draw_points(const struct data_picture *p, struct error *error) {
    const struct dataset *d = p->dataset;
    if (plot_format_of(p->path) >= PLOT_GIF) {
        error_set(error, STATUS_USAGE,
                  "a picture of points ends in .png, .svg or .pdf, not as '%s'", p->path);
        return NULL;
    }
    int64_t wanted = p->count ? p->count : POINTS, count = wanted < d->count ? wanted : d->count;
    float *points = ARENA_ARRAY(p->arena, float, 3 * count);
    for (int64_t i = 0; i < count; i++) {
        int64_t example = evenly(i, count, d->count);
        memcpy(points + 3 * i, (const float *)d->values + 2 * example, 2 * sizeof *points);
        points[3 * i + 2] = d->labels ? (float)d->labels[example] : 0;
    }
    const struct plot_points plot = {.scripts = folder_own(p->arena, "plots"),
                                     .title = p->title,
                                     .path = p->path,
                                     .count = count,
                                     .points = points,
                                     .classes = d->classes,
                                     .arena = p->arena};
    if (!plot.scripts) {
        error_set(error, STATUS_NO_INPUT, "the folder plots/ of duel is not there");
        return NULL;
    }
    if (!export_begin(&p->way, p->path, error) || !plot_points(&plot, error)) return NULL;
    return arena_format(p->arena, "%" PRId64 " points%s", count,
                        d->classes ? ", coloured by their classes" : "");
}

const char *data_picture_draw(const struct data_picture *picture, struct error *error) {
    const struct extents *shape = &picture->dataset->shape;
    if (shape->rank == 3 && shape->extent[2] <= CHANNELS_MOST) return draw_images(picture, error);
    if (shape->rank == 1 && shape->extent[0] == 2) return draw_points(picture, error);
    error_set(error, STATUS_USAGE, "there is no picture of examples %s",
              arena_extents(picture->arena, picture->dataset->shape.rank,
                            picture->dataset->shape.extent));
    error_hint(error, "images of 1 to %d channels have one, and points of the plane",
               CHANNELS_MOST);
    return NULL;
}
