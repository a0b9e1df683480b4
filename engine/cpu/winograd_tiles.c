/*
 * Between images and points, 4 to 16 channels at a time: the transforms of engine/winograd.c and
 * their transposes. Compiled once for each instruction set, as the interpreter is.
 */
#include "engine/cpu/interpreter_tile.h"
#include "engine/cpu/winograd.h"
#include "engine/winograd.h"
#include "engine/winograd_tables.h"

#if defined __AVX512F__
enum { LANES = 16 };
#elif defined __AVX__
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

enum { SQUARE = WINOGRAD_POINTS_MOST * WINOGRAD_POINTS_MOST };

/* Numbers of neighbouring channels, anywhere in memory. */
typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

/* ---- matrices ---- */

/* (rows, columns), or its transpose. Constant wherever functions are expanded, so that nothing is done for a 0 and no product
 * is made for a 1. */
struct matrix {
    const double *at;
    int rows, columns;
    bool transposed;
};

INLINE int results(struct matrix m) {
    return m.transposed ? m.columns : m.rows;
}

INLINE int terms(struct matrix m) {
    return m.transposed ? m.rows : m.columns;
}

/* v[0], v[step], … become the matrix times them. */
INLINE void multiply(struct matrix m, lanes *v, int step) {
    lanes in[WINOGRAD_POINTS_MOST];
    UNROLL for (int k = 0; k < terms(m); k++) in[k] = v[k * step];
    UNROLL for (int i = 0; i < results(m); i++) {
        lanes sum = {0};
        bool any = false;
        UNROLL for (int k = 0; k < terms(m); k++) {
            float factor =
                (float)(m.transposed ? m.at[k * m.columns + i] : m.at[i * m.columns + k]);
            if (factor == 0) continue;
            lanes term = factor == 1 ? in[k] : factor == -1 ? -in[k] : factor * in[k];
            sum = any ? sum + term : term;
            any = true;
        }
        v[i * step] = sum;
    }
}

/* A square of vectors, whose rows are `across` apart, both ways. */
INLINE void multiply_square(struct matrix m, lanes *v, int across) {
    UNROLL for (int i = 0; i < terms(m); i++) multiply(m, v + i, across);
    UNROLL for (int i = 0; i < results(m); i++) multiply(m, v + i * across, 1);
}

/* ---- where a tile lies ---- */

/* The pixels of one phase that a tile reaches: where their channels begin, or -1 outside the image or rows begin .. end. */
struct square {
    int64_t at[SQUARE];
    bool whole; /* none is outside */
};

static void find_square(struct square *q, const struct tiling *t, const struct side *s,
                        int64_t number, int64_t phase, int64_t size, int64_t begin, int64_t end) {
    int64_t across = t->tiles[1], down = t->tiles[0], step = t->tile * s->stride,
            image = number / across / down,
            top = number / across % down * step - s->low[0] + phase / s->stride,
            left = number % across * step - s->low[1] + phase % s->stride;
    q->whole = true;
    for (int64_t i = 0; i < size * size; i++) {
        int64_t row = top + i / size * s->stride, column = left + i % size * s->stride;
        bool in = row >= begin && row < end && column >= 0 && column < s->columns;
        q->at[i] = in ? ((image * s->rows + row) * s->columns + column) * s->channels : -1;
        q->whole = q->whole && in;
    }
}

/* ---- from images to points, and back ---- */

INLINE void read_square(struct matrix m, const struct square *q, bool whole, const float *from,
                        float *to, int64_t apart) {
    int size = terms(m), points = results(m);
    lanes v[SQUARE];
    UNROLL for (int i = 0; i < size; i++) UNROLL for (int k = 0; k < size; k++) {
        int64_t at = q->at[i * size + k];
        v[i * points + k] = whole || at >= 0 ? *(const lanes *)(from + at) : (lanes){0};
    }
    multiply_square(m, v, points);
    UNROLL for (int i = 0; i < points; i++) UNROLL for (int k = 0; k < points; k++) *
        (lanes *)(to + (i * points + k) * apart) = v[i * points + k];
}

INLINE void write_square(struct matrix m, const struct square *q, bool whole, bool add,
                         const float *from, int64_t apart, float *to) {
    int size = results(m), points = terms(m);
    lanes v[SQUARE];
    UNROLL for (int i = 0; i < points; i++) UNROLL for (int k = 0; k < points; k++)
        v[i * points + k] = *(const lanes *)(from + (i * points + k) * apart);
    multiply_square(m, v, points);
    UNROLL for (int i = 0; i < size; i++) UNROLL for (int k = 0; k < size; k++) {
        int64_t at = q->at[i * size + k];
        lanes value = v[i * points + k];
        if (!whole && at < 0) continue;
        if (add) value = *(const lanes *)(to + at) + value;
        *(lanes *)(to + at) = value;
    }
}

/* Blocks of 16 channels with all phases: one phase's channel i is so far from its first. */
INLINE int64_t column_of(int64_t i, int64_t phases) {
    return i / WINOGRAD_CHANNELS * WINOGRAD_CHANNELS * phases + i % WINOGRAD_CHANNELS;
}

INLINE void read_tiles(struct matrix m, const struct tiling *t, const struct side *s,
                       struct tiles tiles, const float *from, int64_t channels, float *to) {
    int64_t phases = s->stride * s->stride, columns = channels * phases,
            apart = tiles.count * columns;
    for (int64_t tile = 0; tile < tiles.count; tile++, to += columns)
        for (int64_t phase = 0; phase < phases; phase++) {
            struct square q;
            find_square(&q, t, s, tiles.first + tile, phase, terms(m), 0, s->rows);
            for (int64_t i = 0; i < channels; i += LANES) {
                float *at = to + phase * WINOGRAD_CHANNELS + column_of(i, phases);
                if (q.whole)
                    read_square(m, &q, true, from + i, at, apart);
                else
                    read_square(m, &q, false, from + i, at, apart);
            }
        }
}

INLINE void write_tiles(struct matrix m, const struct tiling *t, const struct side *s,
                        struct tiles tiles, const float *from, float *to, bool add, int64_t begin,
                        int64_t end) {
    int64_t phases = s->stride * s->stride, columns = s->channels * phases,
            apart = tiles.count * columns;
    for (int64_t tile = 0; tile < tiles.count; tile++, from += columns)
        for (int64_t phase = 0; phase < phases; phase++) {
            struct square q;
            find_square(&q, t, s, tiles.first + tile, phase, results(m), begin, end);
            for (int64_t i = 0; i < s->channels; i += LANES) {
                const float *at = from + phase * WINOGRAD_CHANNELS + column_of(i, phases);
                if (q.whole)
                    write_square(m, &q, true, add, at, apart, to + i);
                else
                    write_square(m, &q, false, add, at, apart, to + i);
            }
        }
}

/* ---- for each filtering ---- */

#define A(tile, taps) winograd_a_##tile##_##taps, tile, tile + taps - 1
#define B(tile, taps) winograd_b_##tile##_##taps, tile + taps - 1, tile + taps - 1

static void read_x(const struct tiling *t, struct tiles tiles, const float *x, int64_t block,
                   int64_t blocks, float *points) {
    switch (t->tile * 10 + t->taps) {
#define CASE(tile, taps)                                                                           \
    case tile * 10 + taps:                                                                         \
        read_tiles((struct matrix){B(tile, taps), false}, t, &t->x, tiles,                         \
                   x + block * WINOGRAD_CHANNELS, blocks * WINOGRAD_CHANNELS, points);             \
        break;
        WINOGRAD_FILTERINGS(CASE)
#undef CASE
    }
}

static void read_y(const struct tiling *t, struct tiles tiles, const float *y, int64_t block,
                   int64_t blocks, float *points) {
    switch (t->tile * 10 + t->taps) {
#define CASE(tile, taps)                                                                           \
    case tile * 10 + taps:                                                                         \
        read_tiles((struct matrix){A(tile, taps), true}, t, &t->y, tiles,                          \
                   y + block * WINOGRAD_CHANNELS, blocks * WINOGRAD_CHANNELS, points);             \
        break;
        WINOGRAD_FILTERINGS(CASE)
#undef CASE
    }
}

static void add_x(const struct tiling *t, struct tiles tiles, const float *points, float *x,
                  int64_t begin, int64_t end) {
    switch (t->tile * 10 + t->taps) {
#define CASE(tile, taps)                                                                           \
    case tile * 10 + taps:                                                                         \
        write_tiles((struct matrix){B(tile, taps), true}, t, &t->x, tiles, points, x, true, begin, \
                    end);                                                                          \
        break;
        WINOGRAD_FILTERINGS(CASE)
#undef CASE
    }
}

static void write_y(const struct tiling *t, struct tiles tiles, const float *points, float *y) {
    switch (t->tile * 10 + t->taps) {
#define CASE(tile, taps)                                                                           \
    case tile * 10 + taps:                                                                         \
        write_tiles((struct matrix){A(tile, taps), false}, t, &t->y, tiles, points, y, false, 0,   \
                    t->y.rows);                                                                    \
        break;
        WINOGRAD_FILTERINGS(CASE)
#undef CASE
    }
}

const struct winograd winograd_here = {read_x, read_y, add_x, write_y};
