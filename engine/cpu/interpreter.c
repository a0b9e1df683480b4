/*
 * Fused programs on the CPU, a tile of up to TILE elements at a time: each instruction is a plain
 * loop over the tile, which the compiler turns into vector code for the instruction set that this
 * file is compiled for (ISA: v2, v3 or v4).
 *
 * The order in which numbers are added depends on shapes alone: along a row, element k goes to lane
 * k % 16 and lanes are added in a tree; along columns, one by one; chunks are added in their order.
 * So tiles, threads, fusion and instruction set change no bit.
 */
#include "engine/cpu/interpreter.h"

#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "engine/random_draw.h"
#include "engine/scalar.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)
#define TEXT_(a)    #a
#define TEXT(a)     TEXT_(a)

enum { LANES = 16, REGISTERS_MOST = 400 };

/* Where a tile lies in the loop: rows along one axis, columns along another; the other indices are
 * fixed. */
struct tile {
    const int64_t *index;
    int row_axis, column_axis; /* row_axis may be -1 when rows is 1 */
    int rows, columns;
};

/* ---- instructions ---- */

#define UNARY(NAME, EXPRESSION)                                                                    \
    static void NAME(int n, float *restrict d, const float *restrict a) {                          \
        for (int i = 0; i < n; i++) {                                                              \
            float x = a[i];                                                                        \
            d[i] = EXPRESSION;                                                                     \
        }                                                                                          \
    }
/* An operand may be one number for all elements (`x_one`, `y_one`); at most one of the two is. */
#define BINARY(NAME, TYPE, RESULT, EXPRESSION)                                                     \
    static void NAME(int n, RESULT *restrict d, const TYPE *restrict a, bool x_one,                \
                     const TYPE *restrict b, bool y_one) {                                         \
        if (x_one) {                                                                               \
            TYPE x = *a;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE y = b[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (y_one) {                                                                        \
            TYPE y = *b;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE x = a[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE x = a[i], y = b[i];                                                           \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        }                                                                                          \
    }
/* a is never one number; b and c may be. */
#define TERNARY(NAME, FIRST, TYPE, EXPRESSION)                                                     \
    static void NAME(int n, TYPE *restrict d, const FIRST *restrict a, const TYPE *restrict b,     \
                     bool y_one, const TYPE *restrict c, bool z_one) {                             \
        if (y_one && z_one) {                                                                      \
            TYPE y = *b, z = *c;                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (y_one) {                                                                        \
            TYPE y = *b;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE z = c[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (z_one) {                                                                        \
            TYPE z = *c;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE y = b[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE y = b[i], z = c[i];                                                           \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        }                                                                                          \
    }

UNARY(do_neg, -x)
UNARY(do_exp, scalar_exp(x))
UNARY(do_log, scalar_log(x))
UNARY(do_sqrt, sqrtf(x))
UNARY(do_tanh, scalar_tanh(x))
UNARY(do_sin, scalar_sin(x))
UNARY(do_cos, scalar_cos(x))
UNARY(do_log1p, scalar_log1p(x))
UNARY(do_expm1, scalar_expm1(x))
UNARY(do_erf, scalar_erf(x))
UNARY(do_floor, scalar_floor(x))
BINARY(do_add, float, float, x + y)
BINARY(do_sub, float, float, x - y)
BINARY(do_mul, float, float, x *y)
BINARY(do_div, float, float, x / y)
BINARY(do_max, float, float, scalar_max(x, y))
BINARY(do_min, float, float, scalar_min(x, y))
BINARY(do_pow, float, float, scalar_pow(x, y))
BINARY(do_less, float, float, x < y ? 1.0f : 0.0f)
BINARY(do_equal, float, float, x == y ? 1.0f : 0.0f)
static void do_neg_int(int n, uint32_t *restrict d, const uint32_t *restrict a) {
    for (int i = 0; i < n; i++)
        d[i] = 0u - a[i];
}

BINARY(do_add_int, int32_t, int32_t, (int32_t)((uint32_t)x + (uint32_t)y))
BINARY(do_sub_int, int32_t, int32_t, (int32_t)((uint32_t)x - (uint32_t)y))
BINARY(do_mul_int, int32_t, int32_t, (int32_t)((uint32_t)x *(uint32_t)y))
BINARY(do_max_int, int32_t, int32_t, x > y ? x : y)
BINARY(do_min_int, int32_t, int32_t, x < y ? x : y)
BINARY(do_less_int, int32_t, float, x < y ? 1.0f : 0.0f)
BINARY(do_equal_int, int32_t, float, x == y ? 1.0f : 0.0f)

TERNARY(do_select, float, uint32_t, x != 0.0f ? y : z)
TERNARY(do_mul_add, float, float, x *y + z)
TERNARY(do_mul_sub, float, float, x *y - z)
TERNARY(do_sub_mul, float, float, z - x * y)

static void do_cast(int n, void *dst, const void *src, enum dtype from, enum dtype to) {
    if (from == TYPE_INT32 && to == TYPE_FLOAT32) {
        const int32_t *restrict s = src;
        float *restrict d = dst;
        for (int i = 0; i < n; i++)
            d[i] = (float)s[i];
    } else if (to == TYPE_INT32 && from != TYPE_INT32) { /* uint8 was widened to float */
        const float *restrict s = src;
        int32_t *restrict d = dst;
        for (int i = 0; i < n; i++)
            d[i] = scalar_to_int(s[i]);
    } else
        memmove(dst, src, (size_t)n * 4);
}

/* What an instruction reads: a number an element, or one for all of them. */
struct operand {
    const void *at;
    bool one;
};

static void do_float(const struct instruction *k, int n, float *d, struct operand a,
                     struct operand b, struct operand c) {
    switch (k->op) {
#define CASE_UNARY(NAME, FUNCTION)                                                                 \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at);                                                                      \
        break;
#define CASE_BINARY(NAME, FUNCTION)                                                                \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at, a.one, b.at, b.one);                                                  \
        break;
#define CASE_TERNARY(NAME, FUNCTION)                                                               \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at, b.at, b.one, c.at, c.one);                                            \
        break;
        CASE_UNARY(OP_NEG, do_neg)
        CASE_UNARY(OP_EXP, do_exp)
        CASE_UNARY(OP_LOG, do_log)
        CASE_UNARY(OP_SQRT, do_sqrt)
        CASE_UNARY(OP_TANH, do_tanh)
        CASE_UNARY(OP_SIN, do_sin)
        CASE_UNARY(OP_COS, do_cos)
        CASE_UNARY(OP_LOG1P, do_log1p)
        CASE_UNARY(OP_EXPM1, do_expm1)
        CASE_UNARY(OP_ERF, do_erf)
        CASE_UNARY(OP_FLOOR, do_floor)
        CASE_BINARY(OP_ADD, do_add)
        CASE_BINARY(OP_SUB, do_sub)
        CASE_BINARY(OP_MUL, do_mul)
        CASE_BINARY(OP_DIV, do_div)
        CASE_BINARY(OP_MAX, do_max)
        CASE_BINARY(OP_MIN, do_min)
        CASE_BINARY(OP_POW, do_pow)
        CASE_BINARY(OP_LESS, do_less)
        CASE_BINARY(OP_EQUAL, do_equal)
        CASE_TERNARY(FUSED_MUL_ADD, do_mul_add)
        CASE_TERNARY(FUSED_MUL_SUB, do_mul_sub)
        CASE_TERNARY(FUSED_SUB_MUL, do_sub_mul)
    case OP_SELECT:
        do_select(n, (uint32_t *)d, a.at, b.at, b.one, c.at, c.one);
        break;
    default:
        BUG("the interpreter has no operation %d", k->op);
    }
}

static void do_int(const struct instruction *k, int n, void *d, struct operand a, struct operand b,
                   struct operand c) {
    switch (k->op) {
        CASE_UNARY(OP_NEG, do_neg_int)
        CASE_BINARY(OP_ADD, do_add_int)
        CASE_BINARY(OP_SUB, do_sub_int)
        CASE_BINARY(OP_MUL, do_mul_int)
        CASE_BINARY(OP_MAX, do_max_int)
        CASE_BINARY(OP_MIN, do_min_int)
        CASE_BINARY(OP_LESS, do_less_int)
        CASE_BINARY(OP_EQUAL, do_equal_int)
        CASE_TERNARY(OP_SELECT, do_select)
    default:
        BUG("the interpreter has no integer operation %d", k->op);
    }
}

/* ---- maps ---- */

static int64_t map_offset(const struct fused *fused, const struct map *map, const int64_t *index) {
    int64_t offset = map->base;
    for (int a = 0; a < fused->axes; a++)
        offset += map->stride[a] * index[a];
    return offset;
}

/* The element at a full index, or -1 for padding. */
static int64_t padded_offset(const struct fused *fused, const struct map *map,
                             const int64_t *index) {
    int64_t offset = map->base;
    for (int a = 0; a < fused->axes; a++) {
        int64_t i = index[a];
        if (map->count[a]) {
            i -= map->low[a];
            if (i < 0 || i % map->step[a] || i / map->step[a] >= map->count[a]) return -1;
            i /= map->step[a];
        }
        offset += map->stride[a] * i;
    }
    return offset;
}

static int64_t row_stride(const struct map *map, const struct tile *tile) {
    return tile->rows > 1 ? map->stride[tile->row_axis] : 0;
}

/* A constant as a register holds it; uint8 is widened to float. */
static uint32_t constant_bits(enum dtype type, double value) {
    return type == TYPE_INT32 ? (uint32_t)(int32_t)value : scalar_bits((float)value);
}

/* Widens one element to 4 bytes. */
static uint32_t widened(const void *memory, enum dtype type, int64_t i) {
    if (type == TYPE_UINT8) return scalar_bits((float)((const uint8_t *)memory)[i]);
    return ((const uint32_t *)memory)[i];
}

static void load_row(uint32_t *restrict d, const void *memory, enum dtype type, int64_t at,
                     int64_t step, int n) {
    if (type == TYPE_UINT8) {
        const uint8_t *restrict s = (const uint8_t *)memory + at;
        float *restrict f = (float *)d;
        if (step == 1)
            for (int i = 0; i < n; i++)
                f[i] = (float)s[i];
        else
            for (int i = 0; i < n; i++)
                f[i] = (float)s[i * step];
        return;
    }
    const uint32_t *restrict s = (const uint32_t *)memory + at;
    if (step == 1)
        memcpy(d, s, (size_t)n * 4);
    else if (step == 0)
        for (int i = 0; i < n; i++)
            d[i] = *s;
    else
        for (int i = 0; i < n; i++)
            d[i] = s[i * step];
}

static int64_t gathered(const struct gather *g, const int32_t *index, int64_t at) {
    int64_t row = index[at];
    row = row < 0 ? 0 : row >= g->rows ? g->rows - 1 : row;
    return row * g->row_stride;
}

/* Element by element: where there is padding, or an index that changes along the columns. */
static void load_slowly(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                        const struct tile *tile, uint32_t *d) {
    const struct map *map = &leaf->map;
    const struct gather *g = map->gather;
    int64_t index[AXES_MOST];
    memcpy(index, tile->index, sizeof index);
    uint32_t fill = constant_bits(leaf->type, map->fill);
    for (int r = 0; r < tile->rows; r++) {
        if (tile->rows > 1) index[tile->row_axis] = tile->index[tile->row_axis] + r;
        for (int c = 0; c < tile->columns; c++) {
            index[tile->column_axis] = tile->index[tile->column_axis] + c;
            int64_t at = padded_offset(fused, map, index), row = 0;
            if (g && at >= 0) row = padded_offset(fused, &g->map, index);
            if (at < 0) {
                d[r * tile->columns + c] = fill;
                continue;
            }
            if (g) at += gathered(g, w->memory[g->buffer], row);
            d[r * tile->columns + c] = widened(w->memory[leaf->buffer], leaf->type, at);
        }
    }
}

/* The rows of a data set lie far apart: the next one is asked for while this one is read. */
static void prefetch_next_row(const struct fused *fused, const struct leaf *leaf,
                              const struct worker *w, const struct tile *tile, int64_t which,
                              int64_t at, int64_t step) {
    const struct gather *g = leaf->map.gather;
    int axis = tile->row_axis;
    if (tile->rows > 1 || axis < 0 || step != 1 || tile->index[axis] + 1 >= fused->extent[axis])
        return;
    int64_t row = gathered(g, w->memory[g->buffer], which + g->map.stride[axis]) + at +
                  leaf->map.stride[axis];
    const char *next =
        (const char *)w->memory[leaf->buffer] + row * (int64_t)dtype_size(leaf->type);
    for (int64_t byte = 0; byte < tile->columns * (int64_t)dtype_size(leaf->type); byte += 64)
        __builtin_prefetch(next + byte);
}

/* Makes a register hold the leaf over the tile; memory that lies right is used where it is. */
static const float *load(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                         const struct tile *tile, float *d) {
    const struct map *map = &leaf->map;
    const struct gather *g = map->gather;
    const void *memory = w->memory[leaf->buffer];
    if (map->padded || (g && (g->map.padded || g->map.stride[tile->column_axis]))) {
        load_slowly(fused, leaf, w, tile, (uint32_t *)d);
        return d;
    }
    int64_t at = map_offset(fused, map, tile->index), step = map->stride[tile->column_axis],
            rs = row_stride(map, tile);
    if (!g) {
        bool in_place =
            leaf->type != TYPE_UINT8 && step == 1 && (tile->rows == 1 || rs == tile->columns);
        if (in_place) return (const float *)memory + at;
        if (rs == 0 && tile->rows > 1) {
            load_row((uint32_t *)d, memory, leaf->type, at, step, tile->columns);
            for (int r = 1; r < tile->rows; r++)
                memcpy(d + r * tile->columns, d, (size_t)tile->columns * 4);
            return d;
        }
        for (int r = 0; r < tile->rows; r++)
            load_row((uint32_t *)d + r * tile->columns, memory, leaf->type, at + r * rs, step,
                     tile->columns);
        return d;
    }
    int64_t which = map_offset(fused, &g->map, tile->index), which_step = row_stride(&g->map, tile);
    prefetch_next_row(fused, leaf, w, tile, which, at, step);
    for (int r = 0; r < tile->rows; r++) {
        int64_t row = gathered(g, w->memory[g->buffer], which + r * which_step);
        load_row((uint32_t *)d + r * tile->columns, memory, leaf->type, at + r * rs + row, step,
                 tile->columns);
    }
    return d;
}

/* ---- stores ---- */

static float *store_in_place(const struct fused *fused, const struct leaf *leaf,
                             const struct worker *w, const struct tile *tile) {
    const struct map *map = &leaf->map;
    bool right = leaf->type != TYPE_UINT8 &&
                 (map->stride[tile->column_axis] == 1 || tile->columns == 1) &&
                 (tile->rows == 1 || row_stride(map, tile) == tile->columns);
    return right ? (float *)w->memory[leaf->buffer] + map_offset(fused, map, tile->index) : NULL;
}

static void check_finite(const float *x, int64_t n, struct worker *w) {
    uint32_t bad = 0;
    for (int64_t i = 0; i < n; i++)
        bad |= (scalar_bits(x[i]) & 0x7f800000u) == 0x7f800000u;
    if (bad) w->not_finite = true;
}

static void store(const struct fused *fused, const struct leaf *leaf, struct worker *w,
                  const struct tile *tile, const float *x) {
    const struct map *map = &leaf->map;
    int64_t at = map_offset(fused, map, tile->index), step = map->stride[tile->column_axis],
            rs = row_stride(map, tile);
    for (int r = 0; r < tile->rows; r++)
        for (int c = 0; c < tile->columns; c++) {
            int64_t to = at + r * rs + c * step;
            float value = x[r * tile->columns + c];
            if (leaf->type == TYPE_UINT8)
                ((uint8_t *)w->memory[leaf->buffer])[to] = (uint8_t)value;
            else
                memcpy((uint32_t *)w->memory[leaf->buffer] + to, &value, 4);
        }
}

/* ---- values that come from the position ---- */

static void do_index(const struct fused *fused, const struct instruction *k,
                     const struct tile *tile, void *d) {
    int64_t at = map_offset(fused, k->map, tile->index), step = k->map->stride[tile->column_axis];
    int64_t rs = row_stride(k->map, tile);
    for (int r = 0; r < tile->rows; r++)
        for (int c = 0; c < tile->columns; c++) {
            int64_t value = at + r * rs + c * step;
            if (k->result == TYPE_INT32)
                ((int32_t *)d)[r * tile->columns + c] = (int32_t)value;
            else
                ((float *)d)[r * tile->columns + c] = (float)value;
        }
}

enum { BLOCKS = TILE / 4 + 2 };

/* Words of `n` neighbouring Philox blocks, word by word. */
static void philox_blocks(uint64_t first, int n, uint64_t place, const int32_t *clock,
                          uint32_t (*restrict w)[BLOCKS]) {
    const uint32_t step_low = (uint32_t)clock[0], step_high = (uint32_t)clock[1],
                   repetition = (uint32_t)clock[2];
    for (int i = 0; i < n; i++) {
        uint64_t block = first + (uint64_t)i;
        uint32_t c0 = (uint32_t)block, c1 = step_low, c2 = step_high,
                 c3 = repetition ^ (uint32_t)(block >> 32 << 16);
        uint32_t k0 = (uint32_t)place, k1 = (uint32_t)(place >> 32);
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
            c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint32_t)p1;
            c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint32_t)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        w[0][i] = c0;
        w[1][i] = c1;
        w[2][i] = c2;
        w[3][i] = c3;
    }
}

static void normals(int n, const uint32_t *restrict first, const uint32_t *restrict second,
                    float *restrict even, float *restrict odd) {
    for (int i = 0; i < n; i++) {
        float radius = sqrtf(-2.0f * scalar_log(random_unit_above(first[i])));
        float sine, cosine;
        scalar_turn(random_unit(second[i]), &sine, &cosine);
        even[i] = radius * cosine;
        odd[i] = radius * sine;
    }
}

/* `n` draws from element `at` on. */
static void draw_run(const struct node *node, const int32_t *clock, int64_t at, int n, float *d) {
    uint32_t words[4][BLOCKS];
    float values[4][BLOCKS];
    int64_t first = at / 4;
    int blocks = (int)((at + n + 3) / 4 - first);
    philox_blocks((uint64_t)first, blocks, node->at.place, clock, words);
    if (node->at.kind == RANDOM_UNIFORM) {
        for (int l = 0; l < 4; l++)
            for (int i = 0; i < blocks; i++)
                values[l][i] = random_unit(words[l][i]);
    } else {
        normals(blocks, words[0], words[1], values[0], values[1]);
        normals(blocks, words[2], words[3], values[2], values[3]);
    }
    int lane = (int)(at % 4), block = 0;
    for (int i = 0; i < n; i++) {
        d[i] = values[lane][block];
        if (++lane == 4) lane = 0, block++;
    }
}

static void do_random(const struct fused *fused, const struct instruction *k,
                      const struct worker *w, const struct tile *tile, float *d) {
    const int32_t *clock = (const int32_t *)w->memory[k->clock] + k->clock_offset;
    int64_t at = map_offset(fused, k->map, tile->index), step = k->map->stride[tile->column_axis];
    int64_t rs = row_stride(k->map, tile);
    if (step == 1 && rs == tile->columns) { /* one run through all rows */
        draw_run(k->node, clock, at, tile->rows * tile->columns, d);
        return;
    }
    for (int r = 0; r < tile->rows; r++) {
        float *row = d + r * tile->columns;
        if (step == 1)
            draw_run(k->node, clock, at + r * rs, tile->columns, row);
        else
            for (int c = 0; c < tile->columns; c++)
                draw_run(k->node, clock, at + r * rs + c * step, 1, row + c);
    }
}

/* ---- a tile ---- */

/* The registers of a tile: where each one's values are, and whether one number stands for all. */
struct registers {
    const float *at[REGISTERS_MOST];
    bool one[REGISTERS_MOST];
};

static float *own_room(const struct worker *w, int reg) {
    return w->registers + (size_t)reg * TILE;
}

static void fill(float *to, const float *value, int n) {
    uint32_t bits = scalar_bits(*value), *d = (uint32_t *)to;
    for (int i = 0; i < n; i++)
        d[i] = bits;
}

/* The register with a number an element. */
static const float *spread(const struct worker *w, struct registers *reg, int r, int n) {
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
        reg->at[k->dst] = load(fused, leaf, w, tile, own_room(w, k->dst));
}

static void do_store(const struct fused *fused, const struct instruction *k, struct worker *w,
                     const struct tile *tile, struct registers *reg) {
    const struct leaf *leaf = &fused->stores[k->leaf];
    int n = tile->rows * tile->columns;
    const float *x = spread(w, reg, k->a, n);
    float *place = store_in_place(fused, leaf, w, tile);
    if (place)
        memcpy(place, x, (size_t)n * 4);
    else
        store(fused, leaf, w, tile, x);
    if (leaf->check_finite && leaf->type == TYPE_FLOAT32) check_finite(x, n, w);
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
        const float *at = wide && i == 0 ? spread(w, reg, from[i], n) : reg->at[from[i]];
        operand[i] = (struct operand){at, reg->one[from[i]]};
    }
    if (k->op == OP_CAST)
        do_cast(n, d, operand[0].at, k->type, k->result);
    else if (k->type == TYPE_INT32)
        do_int(k, n, d, operand[0], operand[1], operand[2]);
    else
        do_float(k, n, d, operand[0], operand[1], operand[2]);
}

static bool all_one(const struct instruction *k, const struct registers *reg) {
    return (k->a < 0 || reg->one[k->a]) && (k->b < 0 || reg->one[k->b]) &&
           (k->c < 0 || reg->one[k->c]);
}

static void run_tile(const struct fused *fused, struct worker *w, const struct tile *tile,
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
            k->store >= 0 ? store_in_place(fused, &fused->stores[k->store], w, tile) : NULL;
        float *d = place ? place : own;
        bool one = k->op == FUSED_CONSTANT;
        if (one)
            do_constant(k, own);
        else if (k->op == FUSED_INDEX)
            do_index(fused, k, tile, d);
        else if (k->op == OP_RANDOM)
            do_random(fused, k, w, tile, d);
        else {
            one = all_one(k, reg);
            do_operation(k, w, reg, one ? 1 : n, one ? own : d);
        }
        reg->at[k->dst] = one ? own : d;
        reg->one[k->dst] = one;
        if (k->store < 0) continue;
        if (one) fill(d, own, n);
        const struct leaf *leaf = &fused->stores[k->store];
        if (!place) store(fused, leaf, w, tile, d);
        if (leaf->check_finite && leaf->type == TYPE_FLOAT32) check_finite(d, n, w);
    }
}

static void decode(int64_t number, const int64_t *extent, int count, int64_t *index) {
    for (int a = count - 1; a >= 0; a--) {
        index[a] = number % extent[a];
        number /= extent[a];
    }
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- MAP ---- */

static void run_map(const struct fused *fused, struct worker *w, int thread, int threads) {
    struct registers reg;
    int last = fused->axes - 1;
    int64_t columns_all = fused->extent[last], columns = least(columns_all, TILE);
    int64_t rows_all = last > 0 && columns_all < TILE ? fused->extent[last - 1] : 1,
            rows = least(rows_all, TILE / columns);
    int64_t column_tiles = (columns_all + columns - 1) / columns,
            row_tiles = (rows_all + rows - 1) / rows;
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
        run_tile(fused, w, &tile, &reg);
    }
}

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
        counts[l] = l < n ? lane_count(n, l) : 0.0f;
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
    if (fused->chunks == 1 && fused->reductions[reduction].check_finite) check_finite(x, n, w);
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

enum { REDUCTIONS_MOST = 16 };

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
    int64_t row_tiles = (rows_all + rows - 1) / rows, items = fused->outer / rows_all * row_tiles;
    for (int64_t t = items * thread / threads, end = items * (thread + 1) / threads; t < end; t++) {
        int64_t index[AXES_MOST] = {0}, first = t % row_tiles * rows;
        decode(t / row_tiles, fused->extent, last_outer, index);
        index[last_outer] = first;
        struct tile tile = {index, last_outer, fused->axes - 1, (int)least(rows, rows_all - first),
                            columns};
        run_tile(fused, w, &tile, &reg);
        int64_t row = t / row_tiles * rows_all + first;
        for (int i = 0; i < fused->reductions_count; i++) {
            const struct reduction *reduction = &fused->reductions[i];
            const float *x = spread(w, &reg, reduction->src, tile.rows * columns);
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

static void run_row(const struct fused *fused, struct worker *w, int thread, int threads) {
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
            run_tile(fused, w, &tile, &reg);
            for (int i = 0; i < fused->reductions_count; i++)
                lanes_add(&lanes[i], fused->reductions[i].op,
                          spread(w, &reg, fused->reductions[i].src, tile.columns), k - begin,
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
        run_tile(fused, w, &tile, &reg);
        for (int i = 0; i < fused->reductions_count; i++)
            for (int r = 0; r < tile.rows; r++)
                step(fused->reductions[i].op, n, acc[i].first, acc[i].second,
                     spread(w, &reg, fused->reductions[i].src, tile.rows * n) + r * n,
                     k - begin + r);
        k += tile.rows;
    }
}

static void run_column(const struct fused *fused, struct worker *w, int thread, int threads) {
    struct columns acc[REDUCTIONS_MOST];
    int last = fused->axes - 1, first_inner = fused->outer_axes + fused->reduced_axes;
    int64_t columns_all = fused->extent[last], values = fused->outer * fused->inner,
            inner_rest = fused->inner / columns_all;
    /* Narrower tiles where there would be too few for the threads. */
    int64_t width = least(columns_all, TILE);
    while (width > 32 &&
           fused->outer * fused->chunks * inner_rest * ((columns_all + width - 1) / width) <
               threads)
        width = (width / 2 + 15) / 16 * 16;
    int64_t column_tiles = (columns_all + width - 1) / width;
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

static void combine(const struct fused *fused, struct worker *w, int thread, int threads) {
    int64_t values = fused->outer * fused->inner, begin = values * thread / threads,
            end = values * (thread + 1) / threads;
    if (begin == end) return;
    for (int i = 0; i < fused->reductions_count; i++) {
        const struct reduction *r = &fused->reductions[i];
        const float *to = (const float *)w->memory[r->dst.buffer] + r->dst.offset;
        combine_values(fused, w, i, begin, end);
        if (!r->check_finite) continue;
        check_finite(to + begin, end - begin, w);
        if (r->op == OP_MOMENTS) check_finite(to + values + begin, end - begin, w);
    }
}

static void run(const struct fused *fused, struct worker *worker, int thread, int threads,
                int phase) {
    if (phase)
        combine(fused, worker, thread, threads);
    else if (fused->form == FORM_MAP)
        run_map(fused, worker, thread, threads);
    else if (fused->form == FORM_ROW)
        run_row(fused, worker, thread, threads);
    else
        run_column(fused, worker, thread, threads);
}

const struct interpreter JOIN(interpreter_, ISA) = {TEXT(ISA), run};
