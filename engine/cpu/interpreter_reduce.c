/*
 * Reductions of fused programs.
 *
 * The order in which numbers are added depends on shapes alone: along a row, element k goes to lane
 * k % 16 and lanes are added in a tree; along columns, one by one; chunks are added in their order.
 * So tiles, threads, fusion and instruction set change no bit.
 */
#include <string.h>

#include "engine/cpu/interpreter_tile.h"

enum { LANES = 16, REDUCTIONS_MOST = 16 };

/* ---- accumulators ---- */

/* Two sets of elements as one (Chan et al. 1979): counts, means and sums of squared deviations. */
static void merge_moments(float na, float *mean, float *m2, float nb, float mean_b, float m2_b) {
    if (nb == 0.0f) return;
    float n = na + nb, d = mean_b - *mean;
    *mean = *mean + d * (nb / n);
    *m2 = *m2 + m2_b + d * d * (na * nb / n);
}

struct lanes {
    float first[LANES], second[LANES];
};

static float identity(uint8_t op) {
    return op == OP_REDUCE_MAX ? -SCALAR_INFINITY : 0.0f;
}

static void lanes_begin(struct lanes *lanes, uint8_t op) {
    for (int l = 0; l < LANES; l++) {
        lanes->first[l] = identity(op);
        lanes->second[l] = 0;
    }
}

/* One step of Welford (1962) in each of `n` accumulators; `inverse` is 1 / (elements so far, with
 * this one). */
static void step_moments(int n, float *restrict mean, float *restrict m2, const float *restrict x,
                         float inverse) {
    for (int i = 0; i < n; i++) {
        float delta = x[i] - mean[i];
        mean[i] = mean[i] + delta * inverse;
        m2[i] = m2[i] + delta * (x[i] - mean[i]);
    }
}

static void step_sum(int n, float *restrict to, const float *restrict x) {
    for (int i = 0; i < n; i++)
        to[i] = to[i] + x[i];
}

static void step_max(int n, float *restrict to, const float *restrict x) {
    for (int i = 0; i < n; i++)
        to[i] = scalar_max(to[i], x[i]);
}

static void step(uint8_t op, int n, float *first, float *second, const float *x, int64_t before) {
    if (op == OP_SUM)
        step_sum(n, first, x);
    else if (op == OP_REDUCE_MAX)
        step_max(n, first, x);
    else
        step_moments(n, first, second, x, 1.0f / (float)(before + 1));
}

/* Elements k .. k + n of a chunk: element k goes to lane k % LANES. */
static void lanes_add(struct lanes *lanes, uint8_t op, const float *x, int64_t k, int n) {
    while (n > 0) {
        int lane = (int)(k % LANES), count = (int)least(LANES - lane, n);
        if (lane == 0 && op == OP_SUM && n >= LANES) {
            float sum[LANES];
            memcpy(sum, lanes->first, sizeof sum);
            for (count = 0; count + LANES <= n; count += LANES)
                for (int l = 0; l < LANES; l++)
                    sum[l] = sum[l] + x[count + l];
            memcpy(lanes->first, sum, sizeof sum);
        } else
            step(op, count, lanes->first + lane, lanes->second + lane, x, k / LANES);
        x += count;
        k += count;
        n -= count;
    }
}

/* Elements that lane l has of the first n. */
static float lane_count(int64_t n, int l) {
    return (float)((n - l + LANES - 1) / LANES);
}

/* The lanes as one value (two for moments), of a chunk of n elements. */
static void lanes_end(struct lanes *lanes, uint8_t op, int64_t n, float *first, float *second) {
    float counts[LANES];
    for (int l = 0; l < LANES; l++)
        counts[l] = lane_count(n, l);
    for (int half = LANES / 2; half; half /= 2)
        for (int l = 0; l < half; l++) {
            float *a = &lanes->first[l], b = lanes->first[l + half];
            if (op == OP_SUM)
                *a = *a + b;
            else if (op == OP_REDUCE_MAX)
                *a = scalar_max(*a, b);
            else
                merge_moments(counts[l], a, &lanes->second[l], counts[l + half], b,
                              lanes->second[l + half]);
            counts[l] += counts[l + half];
        }
    *first = lanes->first[0];
    *second = lanes->second[0];
}

/* Where value `v` of a reduction goes: to its place, or with several chunks to the partials of this
 * chunk. */
static float *result_at(const struct fused *fused, const struct worker *w, int reduction,
                        int64_t chunk, int64_t v) {
    int64_t values = fused->outer * fused->inner;
    const struct reduction *r = &fused->reductions[reduction];
    if (fused->chunks == 1) return (float *)w->memory[r->dst.buffer] + r->dst.offset + v;
    int64_t all = 0, before = 0;
    for (int i = 0; i < fused->reductions_count; i++) {
        if (i == reduction) before = all;
        all += values * (fused->reductions[i].op == OP_MOMENTS ? 2 : 1);
    }
    return (float *)w->memory[fused->partials.buffer] + fused->partials.offset + chunk * all +
           before + v;
}

static void check_result(const struct fused *fused, struct worker *w, int reduction, const float *x,
                         int64_t n) {
    if (fused->chunks == 1 && fused->reductions[reduction].check_finite) guard_finite(x, n, w);
}

static void put_lanes(const struct fused *fused, struct worker *w, int reduction,
                      struct lanes *lanes, int64_t chunk, int64_t count, int64_t row) {
    uint8_t op = fused->reductions[reduction].op;
    float first, second;
    lanes_end(lanes, op, count, &first, &second);
    float *to = result_at(fused, w, reduction, chunk, row);
    *to = first;
    check_result(fused, w, reduction, to, 1);
    if (op != OP_MOMENTS) return;
    to[fused->outer * fused->inner] = second;
    check_result(fused, w, reduction, to + fused->outer * fused->inner, 1);
}

/* ---- ROW ---- */

/* The sum of a short row: as by lanes, all in registers of the processor. */
static float row_sum(const float *x, int n) {
    float lane[LANES] = {0};
    int k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] = lane[l] + x[k + l];
    for (int l = 0; k + l < n; l++)
        lane[l] = lane[l] + x[k + l];
    for (int l = 0; l < 8; l++)
        lane[l] = lane[l] + lane[l + 8];
    for (int l = 0; l < 4; l++)
        lane[l] = lane[l] + lane[l + 4];
    for (int l = 0; l < 2; l++)
        lane[l] = lane[l] + lane[l + 2];
    return lane[0] + lane[1];
}

/* The rows of a tile, summed: what most reductions are. */
static void sum_rows(const struct fused *fused, struct worker *w, int reduction, const float *x,
                     int rows, int columns, int64_t first) {
    float *to = result_at(fused, w, reduction, 0, first);
    for (int r = 0; r < rows; r++)
        to[r] = row_sum(x + r * columns, columns);
    check_result(fused, w, reduction, to, rows);
}

/* Several short rows in one tile. */
static void run_short_rows(const struct fused *fused, struct worker *w, int thread, int threads) {
    struct registers reg;
    int columns = (int)fused->reduced, last_outer = fused->outer_axes - 1;
    int64_t rows_all = fused->extent[last_outer], rows = least(rows_all, TILE / columns);
    int64_t row_tiles = divide_up(rows_all, rows), items = fused->outer / rows_all * row_tiles;
    for (int64_t t = items * thread / threads, end = items * (thread + 1) / threads; t < end; t++) {
        int64_t index[AXES_MOST] = {0}, first = t % row_tiles * rows;
        decode(t / row_tiles, fused->extent, last_outer, index);
        index[last_outer] = first;
        struct tile tile = {index, last_outer, fused->axes - 1, (int)least(rows, rows_all - first),
                            columns};
        tile_run(fused, w, &tile, &reg);
        int64_t row = t / row_tiles * rows_all + first;
        for (int i = 0; i < fused->reductions_count; i++) {
            const struct reduction *reduction = &fused->reductions[i];
            const float *x = registers_all(w, &reg, reduction->src, tile.rows * columns);
            if (reduction->op == OP_SUM) {
                sum_rows(fused, w, i, x, tile.rows, columns, row);
                continue;
            }
            for (int r = 0; r < tile.rows; r++) {
                struct lanes lanes;
                lanes_begin(&lanes, reduction->op);
                lanes_add(&lanes, reduction->op, x + r * columns, 0, columns);
                put_lanes(fused, w, i, &lanes, 0, columns, row + r);
            }
        }
    }
}

void reduce_row(const struct fused *fused, struct worker *w, int thread, int threads) {
    if (fused->reduced_axes == 1 && fused->outer_axes && fused->reduced <= TILE / 2) {
        run_short_rows(fused, w, thread, threads);
        return;
    }
    struct registers reg;
    struct lanes lanes[REDUCTIONS_MOST];
    int last = fused->axes - 1;
    int64_t items = fused->outer * fused->chunks;
    for (int64_t t = items * thread / threads, end = items * (thread + 1) / threads; t < end; t++) {
        int64_t row = t / fused->chunks, chunk = t % fused->chunks, begin = chunk * fused->chunk;
        int64_t stop = least(begin + fused->chunk, fused->reduced), index[AXES_MOST] = {0};
        decode(row, fused->extent, fused->outer_axes, index);
        for (int i = 0; i < fused->reductions_count; i++)
            lanes_begin(&lanes[i], fused->reductions[i].op);
        for (int64_t k = begin; k < stop;) {
            decode(k, fused->extent + fused->outer_axes, fused->reduced_axes,
                   index + fused->outer_axes);
            int64_t left = fused->reduced_axes ? fused->extent[last] - index[last] : 1;
            struct tile tile = {index, -1, last, 1, (int)least(least(left, stop - k), TILE)};
            tile_run(fused, w, &tile, &reg);
            for (int i = 0; i < fused->reductions_count; i++)
                lanes_add(&lanes[i], fused->reductions[i].op,
                          registers_all(w, &reg, fused->reductions[i].src, tile.columns), k - begin,
                          tile.columns);
            k += tile.columns;
        }
        for (int i = 0; i < fused->reductions_count; i++)
            put_lanes(fused, w, i, &lanes[i], chunk, stop - begin, row);
    }
}

/* ---- COLUMN ---- */

struct columns {
    float first[TILE], second[TILE];
};

/* One chunk of `n` columns from `column` on: row by row, several rows a tile where they fit. */
static void run_columns(const struct fused *fused, struct worker *w, struct columns *acc,
                        int64_t *index, int64_t chunk, int n) {
    struct registers reg;
    int last = fused->axes - 1, first_inner = fused->outer_axes + fused->reduced_axes,
        row_axis = first_inner - 1;
    int64_t begin = chunk * fused->chunk, stop = least(begin + fused->chunk, fused->reduced);
    for (int i = 0; i < fused->reductions_count; i++)
        for (int c = 0; c < n; c++) {
            acc[i].first[c] = identity(fused->reductions[i].op);
            acc[i].second[c] = 0;
        }
    for (int64_t k = begin; k < stop;) {
        decode(k, fused->extent + fused->outer_axes, fused->reduced_axes,
               index + fused->outer_axes);
        int64_t left = fused->reduced_axes ? fused->extent[row_axis] - index[row_axis] : 1;
        struct tile tile = {index, row_axis, last, (int)least(least(left, stop - k), TILE / n), n};
        tile_run(fused, w, &tile, &reg);
        for (int i = 0; i < fused->reductions_count; i++)
            for (int r = 0; r < tile.rows; r++)
                step(fused->reductions[i].op, n, acc[i].first, acc[i].second,
                     registers_all(w, &reg, fused->reductions[i].src, tile.rows * n) + r * n,
                     k - begin + r);
        k += tile.rows;
    }
}

void reduce_column(const struct fused *fused, struct worker *w, int thread, int threads) {
    struct columns acc[REDUCTIONS_MOST];
    int last = fused->axes - 1, first_inner = fused->outer_axes + fused->reduced_axes;
    int64_t columns_all = fused->extent[last], values = fused->outer * fused->inner,
            inner_rest = fused->inner / columns_all;
    /* Narrower tiles where there would be too few for the threads. */
    int64_t width = least(columns_all, TILE);
    while (width > 32 &&
           fused->outer * fused->chunks * inner_rest * divide_up(columns_all, width) < threads)
        width = (width / 2 + 15) / 16 * 16;
    int64_t column_tiles = divide_up(columns_all, width);
    int64_t items = fused->outer * fused->chunks * inner_rest * column_tiles;
    for (int64_t t = items * thread / threads, end = items * (thread + 1) / threads; t < end; t++) {
        int64_t index[AXES_MOST] = {0}, column = t % column_tiles * width,
                rest = t / column_tiles % inner_rest;
        int64_t chunk = t / (column_tiles * inner_rest) % fused->chunks,
                outer = t / (column_tiles * inner_rest * fused->chunks);
        decode(outer, fused->extent, fused->outer_axes, index);
        decode(rest, fused->extent + first_inner, last - first_inner, index + first_inner);
        index[last] = column;
        int n = (int)least(width, columns_all - column);
        run_columns(fused, w, acc, index, chunk, n);
        for (int i = 0; i < fused->reductions_count; i++) {
            float *to =
                result_at(fused, w, i, chunk, outer * fused->inner + rest * columns_all + column);
            memcpy(to, acc[i].first, (size_t)n * sizeof *to);
            check_result(fused, w, i, to, n);
            if (fused->reductions[i].op != OP_MOMENTS) continue;
            memcpy(to + values, acc[i].second, (size_t)n * sizeof *to);
            check_result(fused, w, i, to + values, n);
        }
    }
}

/* ---- chunks ---- */

/* Adds chunk after chunk to the values first .. end of one reduction, many values at a time. */
static void combine_values(const struct fused *fused, const struct worker *w, int reduction,
                           int64_t begin, int64_t end) {
    const struct reduction *r = &fused->reductions[reduction];
    int64_t values = fused->outer * fused->inner,
            stride = result_at(fused, w, reduction, 1, 0) - result_at(fused, w, reduction, 0, 0);
    const float *part = result_at(fused, w, reduction, 0, 0);
    float *to = (float *)w->memory[r->dst.buffer] + r->dst.offset;
    size_t bytes = (size_t)(end - begin) * sizeof *to;
    memcpy(to + begin, part + begin, bytes);
    if (r->op == OP_MOMENTS) memcpy(to + values + begin, part + values + begin, bytes);
    for (int64_t chunk = 1; chunk < fused->chunks; chunk++) {
        part += stride;
        int n = (int)(end - begin);
        int64_t before = chunk * fused->chunk, count = least(fused->chunk, fused->reduced - before);
        if (r->op == OP_SUM)
            step_sum(n, to + begin, part + begin);
        else if (r->op == OP_REDUCE_MAX)
            step_max(n, to + begin, part + begin);
        else
            for (int64_t v = begin; v < end; v++)
                merge_moments((float)before, &to[v], &to[values + v], (float)count, part[v],
                              part[values + v]);
    }
}

void reduce_combine(const struct fused *fused, struct worker *w, int thread, int threads) {
    int64_t values = fused->outer * fused->inner, begin = values * thread / threads,
            end = values * (thread + 1) / threads;
    if (begin == end) return;
    for (int i = 0; i < fused->reductions_count; i++) {
        const struct reduction *r = &fused->reductions[i];
        const float *to = (const float *)w->memory[r->dst.buffer] + r->dst.offset;
        combine_values(fused, w, i, begin, end);
        if (!r->check_finite) continue;
        guard_finite(to + begin, end - begin, w);
        if (r->op == OP_MOMENTS) guard_finite(to + values + begin, end - begin, w);
    }
}
