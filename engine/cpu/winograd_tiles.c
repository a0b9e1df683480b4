/*
 * Between images and points, 4 to 16 channels at a time: the transforms of engine/winograd.c and
 * their transposes. Compiled once for each instruction set, as the interpreter is.
 */
#include "engine/cpu/interpreter_tile.h"
#include "engine/cpu/winograd.h"
#include "engine/winograd.h"

#if defined __AVX512F__
enum { LANES = 16 };
#elif defined __AVX__
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

/* Numbers of neighbouring channels, or filters; anywhere in memory. */
typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

enum { POINTS_MOST = 4 };

/* ---- along one axis; v[0], v[step], … are changed in place ---- */

/* B': pixels to points. */
INLINE void pixels_to_points(lanes *v, int step, int points) {
    lanes a = v[0], b = v[step], c = v[2 * step];
    if (points == 3) {
        v[0] = a - b;
        v[2 * step] = b - c;
        return;
    }
    lanes d = v[3 * step];
    v[0] = a - c;
    v[step] = b + c;
    v[2 * step] = c - b;
    v[3 * step] = b - d;
}

/* B: its transpose. */
INLINE void points_to_pixels(lanes *v, int step, int points) {
    lanes a = v[0], b = v[step], c = v[2 * step];
    if (points == 3) {
        v[step] = b - a + c;
        v[2 * step] = -c;
        return;
    }
    lanes d = v[3 * step];
    v[step] = b - c + d;
    v[2 * step] = b + c - a;
    v[3 * step] = -d;
}

/* A': points to two places. */
INLINE void points_to_places(lanes *v, int step, int points) {
    lanes a = v[0], b = v[step], c = v[2 * step];
    if (points == 3) {
        v[0] = a + b;
        v[step] = b - c;
        return;
    }
    v[0] = a + b + c;
    v[step] = b - c - v[3 * step];
}

/* A: its transpose. */
INLINE void places_to_points(lanes *v, int step, int points) {
    lanes a = v[0], b = v[step];
    v[step] = a + b;
    if (points == 3) {
        v[2 * step] = -b;
        return;
    }
    v[2 * step] = a - b;
    v[3 * step] = -b;
}

/* ---- where a tile lies ---- */

/* The pixel or place under a tile's first point, and its image. */
struct corner {
    int64_t image, row, column;
};

static struct corner corner_of(const struct tiling *t, int64_t tile, int64_t step) {
    int64_t across = t->tiles[1], down = t->tiles[0];
    return (struct corner){tile / across / down, tile / across % down * step, tile % across * step};
}

INLINE bool inside(int64_t at, int64_t extent) {
    return at >= 0 && at < extent;
}

/* ---- x ---- */

/* Pixels of phase (p, q) of the stride that a tile's points lie on; -1 outside rows begin .. end, or columns. */
static bool find_pixels(const struct tiling *t, struct corner corner, int64_t p, int64_t q,
                        int64_t begin, int64_t end, int64_t *pixel) {
    bool all = true;
    for (int64_t a = 0; a < t->points; a++)
        for (int64_t b = 0; b < t->points; b++) {
            int64_t row = corner.row + a * t->stride + p,
                    column = corner.column + b * t->stride + q;
            bool in = row >= begin && row < end && inside(column, t->x[1]);
            *pixel++ = in ? ((corner.image * t->x[0] + row) * t->x[1] + column) * t->channels : -1;
            all = all && in;
        }
    return all;
}

INLINE void read_pixels(const float *x, const int64_t *pixel, int points, bool all, float *to,
                        int64_t apart) {
    lanes v[POINTS_MOST * POINTS_MOST];
    for (int i = 0; i < points * points; i++)
        v[i] = all || pixel[i] >= 0 ? *(const lanes *)(x + pixel[i]) : (lanes){0};
    for (int i = 0; i < points; i++)
        pixels_to_points(v + i, points, points);
    for (int i = 0; i < points; i++)
        pixels_to_points(v + i * points, 1, points);
    for (int i = 0; i < points * points; i++)
        *(lanes *)(to + i * apart) = v[i];
}

INLINE void read_x_tile(const struct tiling *t, int points, struct corner corner, const float *x,
                        int64_t block, int64_t blocks, float *to, int64_t apart) {
    int64_t pixel[POINTS_MOST * POINTS_MOST], phases = t->stride * t->stride;
    for (int64_t phase = 0; phase < phases; phase++, to += WINOGRAD_CHANNELS) {
        bool all = find_pixels(t, corner, phase / t->stride, phase % t->stride, 0, t->x[0], pixel);
        for (int64_t i = 0; i < blocks * WINOGRAD_CHANNELS; i += LANES) {
            const float *from = x + block * WINOGRAD_CHANNELS + i;
            float *at =
                to + i / WINOGRAD_CHANNELS * phases * WINOGRAD_CHANNELS + i % WINOGRAD_CHANNELS;
            if (all)
                read_pixels(from, pixel, points, true, at, apart);
            else
                read_pixels(from, pixel, points, false, at, apart);
        }
    }
}

static void read_x(const struct tiling *t, struct tiles tiles, const float *x, int64_t block,
                   int64_t blocks, float *points) {
    int64_t columns = blocks * t->stride * t->stride * WINOGRAD_CHANNELS,
            apart = tiles.count * columns;
    for (int64_t i = 0; i < tiles.count; i++, points += columns) {
        struct corner corner = corner_of(t, tiles.first + i, WINOGRAD_TILE * t->stride);
        corner.row -= t->low[0];
        corner.column -= t->low[1];
        if (t->points == 3)
            read_x_tile(t, 3, corner, x, block, blocks, points, apart);
        else
            read_x_tile(t, 4, corner, x, block, blocks, points, apart);
    }
}

INLINE void add_pixels(float *x, const int64_t *pixel, int points, bool all, const float *from,
                       int64_t apart) {
    lanes v[POINTS_MOST * POINTS_MOST];
    for (int i = 0; i < points * points; i++)
        v[i] = *(const lanes *)(from + i * apart);
    for (int i = 0; i < points; i++)
        points_to_pixels(v + i, points, points);
    for (int i = 0; i < points; i++)
        points_to_pixels(v + i * points, 1, points);
    for (int i = 0; i < points * points; i++)
        if (all || pixel[i] >= 0) {
            lanes *to = (lanes *)(x + pixel[i]);
            *to = *to + v[i];
        }
}

INLINE void add_x_tile(const struct tiling *t, int points, struct corner corner, const float *from,
                       int64_t apart, float *x, int64_t begin, int64_t end) {
    int64_t pixel[POINTS_MOST * POINTS_MOST], phases = t->stride * t->stride;
    for (int64_t phase = 0; phase < phases; phase++, from += WINOGRAD_CHANNELS) {
        bool all = find_pixels(t, corner, phase / t->stride, phase % t->stride, begin, end, pixel);
        for (int64_t i = 0; i < t->channels; i += LANES) {
            const float *at =
                from + i / WINOGRAD_CHANNELS * phases * WINOGRAD_CHANNELS + i % WINOGRAD_CHANNELS;
            if (all)
                add_pixels(x + i, pixel, points, true, at, apart);
            else
                add_pixels(x + i, pixel, points, false, at, apart);
        }
    }
}

static void add_x(const struct tiling *t, struct tiles tiles, const float *points, float *x,
                  int64_t begin, int64_t end) {
    int64_t columns = t->channels * t->stride * t->stride, apart = tiles.count * columns;
    for (int64_t i = 0; i < tiles.count; i++, points += columns) {
        struct corner corner = corner_of(t, tiles.first + i, WINOGRAD_TILE * t->stride);
        corner.row -= t->low[0];
        corner.column -= t->low[1];
        if (t->points == 3)
            add_x_tile(t, 3, corner, points, apart, x, begin, end);
        else
            add_x_tile(t, 4, corner, points, apart, x, begin, end);
    }
}

/* ---- y ---- */

/* The tile's 2 x 2 places in y; -1 outside. */
static void find_places(const struct tiling *t, int64_t tile, int64_t *place) {
    struct corner corner = corner_of(t, tile, WINOGRAD_TILE);
    for (int i = 0; i < 4; i++) {
        int64_t row = corner.row + i / 2, column = corner.column + i % 2;
        place[i] = row < t->y[0] && column < t->y[1]
                       ? ((corner.image * t->y[0] + row) * t->y[1] + column) * t->filters
                       : -1;
    }
}

INLINE void read_places(const float *y, const int64_t *place, int points, float *to,
                        int64_t apart) {
    lanes v[POINTS_MOST * POINTS_MOST];
    for (int i = 0; i < 4; i++)
        v[i / 2 * points + i % 2] = place[i] >= 0 ? *(const lanes *)(y + place[i]) : (lanes){0};
    for (int i = 0; i < 2; i++)
        places_to_points(v + i, points, points);
    for (int i = 0; i < points; i++)
        places_to_points(v + i * points, 1, points);
    for (int i = 0; i < points * points; i++)
        *(lanes *)(to + i * apart) = v[i];
}

static void read_y(const struct tiling *t, struct tiles tiles, const float *y, float *points) {
    int64_t apart = tiles.count * t->filters, place[4];
    for (int64_t i = 0; i < tiles.count; i++) {
        find_places(t, tiles.first + i, place);
        for (int64_t f = 0; f < t->filters; f += LANES, points += LANES)
            if (t->points == 3)
                read_places(y + f, place, 3, points, apart);
            else
                read_places(y + f, place, 4, points, apart);
    }
}

INLINE void write_places(const float *from, int64_t apart, int points, float *y,
                         const int64_t *place) {
    lanes v[POINTS_MOST * POINTS_MOST];
    for (int i = 0; i < points * points; i++)
        v[i] = *(const lanes *)(from + i * apart);
    for (int i = 0; i < points; i++)
        points_to_places(v + i, points, points);
    for (int i = 0; i < 2; i++)
        points_to_places(v + i * points, 1, points);
    for (int i = 0; i < 4; i++)
        if (place[i] >= 0) *(lanes *)(y + place[i]) = v[i / 2 * points + i % 2];
}

static void write_y(const struct tiling *t, struct tiles tiles, const float *points, float *y) {
    int64_t apart = tiles.count * t->filters, place[4];
    for (int64_t i = 0; i < tiles.count; i++) {
        find_places(t, tiles.first + i, place);
        for (int64_t f = 0; f < t->filters; f += LANES, points += LANES)
            if (t->points == 3)
                write_places(points, apart, 3, y + f, place);
            else
                write_places(points, apart, 4, y + f, place);
    }
}

const struct winograd winograd_here = {read_x, add_x, read_y, write_y};
