/* First along rows, then along columns, with 8 bits between; see resize.h. */
#include "datasets/resize.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

/* Weights are whole numbers of 2^-22: eight bits, and a sum that may be twice as large, fit into 32. */
enum { FRACTION_BITS = 32 - 8 - 2 };

/* The pixels of the source under one of the result, and their weights. */
struct window {
    int64_t first, count;
    int32_t *weight; /* (count) */
};

struct windows {
    int64_t count;
    struct window *list; /* (count) of the wanted pixels */
    int32_t *weights;
    double *scratch;
};

static double triangle(double x) {
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static void weigh(struct window *window, double centre, double scale, double *scratch) {
    double sum = 0;
    for (int64_t i = 0; i < window->count; i++) {
        scratch[i] = triangle(((double)(i + window->first) - centre + 0.5) * (1 / scale));
        sum += scratch[i];
    }
    for (int64_t i = 0; i < window->count; i++) {
        double share = (sum != 0 ? scratch[i] / sum : scratch[i]) * (1 << FRACTION_BITS);
        window->weight[i] = (int32_t)(share + 0.5);
    }
}

static struct windows make_windows(int64_t from, const struct resize_side *to) {
    double scale = (double)from / (double)to->whole, filter = scale > 1 ? scale : 1;
    int64_t most = (int64_t)ceil(filter) * 2 + 1;
    struct windows windows = {
        .count = to->count,
        .list = memory_resize(NULL, (size_t)to->count * sizeof *windows.list),
        .weights = memory_resize(NULL, (size_t)(to->count * most) * sizeof *windows.weights),
        .scratch = memory_resize(NULL, (size_t)most * sizeof *windows.scratch),
    };
    for (int64_t i = 0; i < to->count; i++) {
        struct window *window = &windows.list[i];
        double centre = ((double)(to->first + i) + 0.5) * scale;
        int64_t low = (int64_t)(centre - filter + 0.5), high = (int64_t)(centre + filter + 0.5);
        window->first = low > 0 ? low : 0;
        window->count = (high < from ? high : from) - window->first;
        window->weight = windows.weights + i * most;
        weigh(window, centre, filter, windows.scratch);
    }
    return windows;
}

static void release_windows(struct windows *windows) {
    free(windows->list);
    free(windows->weights);
    free(windows->scratch);
}

/* One byte: the bytes `stride` apart from `at` on, weighed. */
static uint8_t mean(const struct window *window, const uint8_t *at, int64_t stride) {
    int32_t sum = 1 << (FRACTION_BITS - 1);
    for (int64_t i = 0; i < window->count; i++)
        sum += window->weight[i] * at[(window->first + i) * stride];
    sum >>= FRACTION_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* `height` rows of the source from `top` on. */
static void resize_rows(const struct image *src, const struct windows *windows, int64_t top,
                        int64_t height, struct image *dst) {
    image_resize(dst, windows->count, height, src->channels);
    uint8_t *out = dst->pixels;
    for (int64_t y = top; y < top + height; y++)
        for (int64_t x = 0; x < windows->count; x++)
            for (int c = 0; c < src->channels; c++)
                *out++ = mean(&windows->list[x], src->pixels + y * src->width * src->channels + c,
                              src->channels);
}

/* Of a source that lacks its first `top` rows. */
static void resize_columns(const struct image *src, const struct windows *windows, int64_t top,
                           struct image *dst) {
    int64_t row = src->width * src->channels;
    image_resize(dst, src->width, windows->count, src->channels);
    uint8_t *out = dst->pixels;
    for (int64_t y = 0; y < windows->count; y++) {
        struct window window = windows->list[y];
        window.first -= top;
        for (int64_t x = 0; x < row; x++)
            *out++ = mean(&window, src->pixels + x, row);
    }
}

void resize_image(const struct image *src, const struct resize_side *width,
                  const struct resize_side *height, struct image *between, struct image *dst) {
    struct windows columns = make_windows(src->width, width),
                   rows = make_windows(src->height, height);
    const struct window *last = &rows.list[rows.count - 1];
    int64_t top = rows.list[0].first;
    resize_rows(src, &columns, top, last->first + last->count - top, between);
    resize_columns(between, &rows, top, dst);
    release_windows(&columns);
    release_windows(&rows);
}
