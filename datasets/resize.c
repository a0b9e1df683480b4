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
    struct window *list; /* (extent of the result) */
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

static struct windows make_windows(int64_t from, int64_t to) {
    double scale = (double)from / (double)to, filter = scale > 1 ? scale : 1;
    int64_t most = (int64_t)ceil(filter) * 2 + 1;
    struct windows windows = {
        .list = memory_resize(NULL, (size_t)to * sizeof *windows.list),
        .weights = memory_resize(NULL, (size_t)(to * most) * sizeof *windows.weights),
        .scratch = memory_resize(NULL, (size_t)most * sizeof *windows.scratch),
    };
    for (int64_t i = 0; i < to; i++) {
        struct window *window = &windows.list[i];
        double centre = ((double)i + 0.5) * scale;
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

static void resize_rows(const struct image *src, int64_t width, struct image *dst) {
    struct windows windows = make_windows(src->width, width);
    image_resize(dst, width, src->height, src->channels);
    uint8_t *out = dst->pixels;
    for (int64_t y = 0; y < src->height; y++)
        for (int64_t x = 0; x < width; x++)
            for (int c = 0; c < src->channels; c++)
                *out++ = mean(&windows.list[x], src->pixels + y * src->width * src->channels + c,
                              src->channels);
    release_windows(&windows);
}

static void resize_columns(const struct image *src, int64_t height, struct image *dst) {
    struct windows windows = make_windows(src->height, height);
    int64_t row = src->width * src->channels;
    image_resize(dst, src->width, height, src->channels);
    uint8_t *out = dst->pixels;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < row; x++)
            *out++ = mean(&windows.list[y], src->pixels + x, row);
    release_windows(&windows);
}

void resize_image(const struct image *src, int64_t width, int64_t height, struct image *between,
                  struct image *dst) {
    resize_rows(src, width, between);
    resize_columns(between, height, dst);
}
