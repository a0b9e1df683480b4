/*
 * Fused programs on the CPU, a tile of up to TILE elements at a time: each instruction is a plain
 * loop over the tile, which the compiler turns into vector code for the instruction set that the
 * interpreter's files are compiled for (ISA: v2, v3 or v4). interpreter_tile.h tells which file does
 * what.
 */
#include "engine/cpu/interpreter.h"

#include <string.h>

#include "engine/cpu/interpreter_tile.h"

#define TEXT_(a) #a
#define TEXT(a)  TEXT_(a)

/* ---- a tile ---- */

static float *own_room(const struct worker *w, int reg) {
    return w->registers + (size_t)reg * TILE;
}

static void fill(float *to, const float *value, int n) {
    uint32_t bits = scalar_bits(*value), *d = (uint32_t *)to;
    for (int i = 0; i < n; i++)
        d[i] = bits;
}

const float *registers_all(const struct worker *w, struct registers *reg, int r, int n) {
    if (reg->one[r]) {
        float value = *reg->at[r];
        fill(own_room(w, r), &value, n);
        reg->at[r] = own_room(w, r);
        reg->one[r] = false;
    }
    return reg->at[r];
}

static bool is_one_number(const struct fused *fused, const struct leaf *leaf) {
    if (leaf->map.padded || leaf->map.gather || leaf->type == TYPE_UINT8) return false;
    for (int a = 0; a < fused->axes; a++)
        if (leaf->map.stride[a]) return false;
    return true;
}

static void do_load(const struct fused *fused, const struct instruction *k, struct worker *w,
                    const struct tile *tile, struct registers *reg) {
    const struct leaf *leaf = &fused->loads[k->leaf];
    reg->one[k->dst] = is_one_number(fused, leaf);
    if (reg->one[k->dst])
        reg->at[k->dst] = (const float *)w->memory[leaf->buffer] + leaf->map.base;
    else
        reg->at[k->dst] = tile_load(fused, leaf, w, tile, own_room(w, k->dst));
}

static void do_store(const struct fused *fused, const struct instruction *k, struct worker *w,
                     const struct tile *tile, struct registers *reg) {
    const struct leaf *leaf = &fused->stores[k->leaf];
    int n = tile->rows * tile->columns;
    const float *x = registers_all(w, reg, k->a, n);
    float *place = tile_store_here(fused, leaf, w, tile);
    if (place)
        memcpy(place, x, (size_t)n * 4);
    else
        tile_store(fused, leaf, w, tile, x);
    if (leaf->check_finite && leaf->type == TYPE_FLOAT32) guard_finite(x, n, w);
}

static void do_constant(const struct instruction *k, float *d) {
    uint32_t bits = constant_bits(k->result, k->value);
    memcpy(d, &bits, 4);
}

/* An operation on registers, over n elements. Of two factors the first is made the one that is not
 * one number. */
static void do_operation(const struct instruction *k, const struct worker *w, struct registers *reg,
                         int n, float *d) {
    struct operand operand[3] = {{0}};
    int16_t from[3] = {k->a, k->b, k->c};
    bool product = k->op >= FUSED_MUL_ADD && reg->one[k->a] && !reg->one[k->b];
    if (product) from[0] = k->b, from[1] = k->a;
    bool wide = n > 1 && k->c >= 0;
    for (int i = 0; i < 3 && from[i] >= 0; i++) {
        const float *at = wide && i == 0 ? registers_all(w, reg, from[i], n) : reg->at[from[i]];
        operand[i] = (struct operand){at, reg->one[from[i]]};
    }
    tile_operation(k, n, d, operand);
}

static bool all_one(const struct instruction *k, const struct registers *reg) {
    return (k->a < 0 || reg->one[k->a]) && (k->b < 0 || reg->one[k->b]) &&
           (k->c < 0 || reg->one[k->c]);
}

void tile_run(const struct fused *fused, struct worker *w, const struct tile *tile,
              struct registers *reg) {
    int n = tile->rows * tile->columns;
    for (int i = 0; i < fused->code_count; i++) {
        const struct instruction *k = &fused->code[i];
        if (k->op == FUSED_LOAD) {
            do_load(fused, k, w, tile, reg);
            continue;
        }
        if (k->op == FUSED_STORE) {
            do_store(fused, k, w, tile, reg);
            continue;
        }
        float *own = own_room(w, k->dst);
        float *place =
            k->store >= 0 ? tile_store_here(fused, &fused->stores[k->store], w, tile) : NULL;
        float *d = place ? place : own;
        bool one = k->op == FUSED_CONSTANT;
        if (one)
            do_constant(k, own);
        else if (k->op == FUSED_INDEX)
            tile_index(fused, k, tile, d);
        else if (k->op == OP_RANDOM)
            tile_random(fused, k, w, tile, d);
        else {
            one = all_one(k, reg);
            do_operation(k, w, reg, one ? 1 : n, one ? own : d);
        }
        reg->at[k->dst] = one ? own : d;
        reg->one[k->dst] = one;
        if (k->store < 0) continue;
        if (one) fill(d, own, n);
        const struct leaf *leaf = &fused->stores[k->store];
        if (!place) tile_store(fused, leaf, w, tile, d);
        if (leaf->check_finite && leaf->type == TYPE_FLOAT32) guard_finite(d, n, w);
    }
}

/* ---- MAP ---- */

static void run_map(const struct fused *fused, struct worker *w, int thread, int threads) {
    struct registers reg;
    int last = fused->axes - 1;
    int64_t columns_all = fused->extent[last], columns = least(columns_all, TILE);
    int64_t rows_all = last > 0 && columns_all < TILE ? fused->extent[last - 1] : 1,
            rows = least(rows_all, TILE / columns);
    int64_t column_tiles = divide_up(columns_all, columns), row_tiles = divide_up(rows_all, rows);
    int outer_axes = last - (rows_all > 1 || (last > 0 && columns_all < TILE) ? 1 : 0);
    int64_t tiles = column_tiles * row_tiles, outer = 1;
    for (int a = 0; a < outer_axes; a++)
        outer *= fused->extent[a];
    for (int64_t t = outer * tiles * thread / threads, end = outer * tiles * (thread + 1) / threads;
         t < end; t++) {
        int64_t index[AXES_MOST] = {0};
        decode(t / tiles, fused->extent, outer_axes, index);
        int64_t row = t % tiles / column_tiles * rows, column = t % column_tiles * columns;
        if (outer_axes < last) index[last - 1] = row;
        index[last] = column;
        struct tile tile = {index, last > 0 ? last - 1 : -1, last, (int)least(rows, rows_all - row),
                            (int)least(columns, columns_all - column)};
        tile_run(fused, w, &tile, &reg);
    }
}

/* ---- all of it ---- */

static void run(const struct fused *fused, struct worker *worker, int thread, int threads,
                int phase) {
    if (phase)
        reduce_combine(fused, worker, thread, threads);
    else if (fused->form == FORM_MAP)
        run_map(fused, worker, thread, threads);
    else if (fused->form == FORM_ROW)
        reduce_row(fused, worker, thread, threads);
    else
        reduce_column(fused, worker, thread, threads);
}

const struct interpreter ISA_NAME(interpreter) = {TEXT(ISA), run, &winograd_here,
                                                  depthwise_row_here};
