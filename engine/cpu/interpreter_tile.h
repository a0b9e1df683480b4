/*
 * What the files of the interpreter share: a tile of the loop, the registers that hold its values,
 * and what is done with them.
 *
 * Each file is compiled once for each instruction set (ISA: v2, v3 or v4), so the names of their
 * functions end in it.
 */
#ifndef ENGINE_CPU_INTERPRETER_TILE_H
#define ENGINE_CPU_INTERPRETER_TILE_H

#include "engine/cpu/depthwise.h"
#include "engine/cpu/interpreter.h"
#include "engine/cpu/parts.h"
#include "engine/cpu/winograd.h"
#include "engine/scalar.h"

#define ISA_JOIN_(name, isa) name##_##isa
#define ISA_JOIN(name, isa)  ISA_JOIN_(name, isa)
#define ISA_NAME(name)       ISA_JOIN(name, ISA)

#define depthwise_row_here ISA_NAME(depthwise_row_here)
#define guard_finite       ISA_NAME(guard_finite)
#define reduce_column      ISA_NAME(reduce_column)
#define reduce_combine     ISA_NAME(reduce_combine)
#define reduce_row         ISA_NAME(reduce_row)
#define registers_all      ISA_NAME(registers_all)
#define tile_index         ISA_NAME(tile_index)
#define tile_load          ISA_NAME(tile_load)
#define tile_operation     ISA_NAME(tile_operation)
#define tile_random        ISA_NAME(tile_random)
#define tile_run           ISA_NAME(tile_run)
#define tile_store         ISA_NAME(tile_store)
#define tile_store_here    ISA_NAME(tile_store_here)
#define winograd_here      ISA_NAME(winograd_here)

enum { REGISTERS_MOST = 400 };

/* Where a tile lies in the loop: rows along one axis, columns along another; the other indices are
 * fixed. */
struct tile {
    const int64_t *index;
    int row_axis, column_axis; /* row_axis may be -1 when rows is 1 */
    int rows, columns;
};

/* The registers of a tile: where each one's values are, and whether one number stands for all. */
struct registers {
    const float *at[REGISTERS_MOST];
    bool one[REGISTERS_MOST];
};

/* What an operation reads: a number an element, or one for all of them. */
struct operand {
    const void *at;
    bool one;
};

/* ---- interpreter.c ---- */

/* Runs the program's code over a tile; registers stay as its end leaves them. */
void tile_run(const struct fused *fused, struct worker *w, const struct tile *tile,
              struct registers *reg);

/* Register r with a number for each of n elements. */
const float *registers_all(const struct worker *w, struct registers *reg, int r, int n);

/* ---- interpreter_operation.c ---- */

/* n elements of an operation into d. Of three operands the first is one number only where n is
 * 1; of two, at most one is. */
void tile_operation(const struct instruction *k, int n, float *d, const struct operand *operands);

/* ---- interpreter_memory.c ---- */

/* The values of a leaf over the tile: in `room`, or where they lie, if they lie right. */
const float *tile_load(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                       const struct tile *tile, float *room);

/* Where the values of a tile can be written straight to the leaf, in their order; else NULL. */
float *tile_store_here(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                       const struct tile *tile);
void tile_store(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                const struct tile *tile, const float *x);

/* Remembers in the worker if one of n numbers is not finite. */
void guard_finite(const float *x, int64_t n, struct worker *w);

/* ---- interpreter_position.c: values that come from the position ---- */

void tile_index(const struct fused *fused, const struct instruction *k, const struct tile *tile,
                void *d);
void tile_random(const struct fused *fused, const struct instruction *k, const struct worker *w,
                 const struct tile *tile, float *d);

/* ---- interpreter_reduce.c: this thread's share of a reduction ---- */

void reduce_row(const struct fused *fused, struct worker *w, int thread, int threads);
void reduce_column(const struct fused *fused, struct worker *w, int thread, int threads);
/* After these two, where there are several chunks: adds them up. */
void reduce_combine(const struct fused *fused, struct worker *w, int thread, int threads);

/* ---- winograd_tiles.c, depthwise_row.c ---- */

extern const struct winograd winograd_here;
depthwise_row depthwise_row_here;

/* ---- small things ---- */

/* The indices of element `number` of a row-major loop. */
static inline void decode(int64_t number, const int64_t *extent, int count, int64_t *index) {
    for (int a = count - 1; a >= 0; a--) {
        index[a] = number % extent[a];
        number /= extent[a];
    }
}

/* The element that an index without padding stands for. */
static inline int64_t map_offset(const struct fused *fused, const struct map *map,
                                 const int64_t *index) {
    int64_t offset = map->base;
    for (int a = 0; a < fused->axes; a++)
        offset += map->stride[a] * index[a];
    return offset;
}

static inline int64_t row_stride(const struct map *map, const struct tile *tile) {
    return tile->rows > 1 ? map->stride[tile->row_axis] : 0;
}

/* A constant as a register holds it; uint8 is widened to float. */
static inline uint32_t constant_bits(enum dtype type, double value) {
    return type == TYPE_INT32 ? (uint32_t)(int32_t)value : scalar_bits((float)value);
}

#endif
