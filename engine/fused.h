/*
 * Fused programs: one small IR for element-wise work, movement and reductions, which the CPU
 * interprets and a GPU backend prints as code; and the list of kernels that a lowered graph
 * becomes.
 *
 * A fused program runs over loop axes. Each leaf reads one buffer through an affine index map;
 * instructions work on registers, one value an element of the loop; stores write registers through
 * maps; reductions sum (or take the largest of, or the moments of) a register over the reduced
 * axes. The loop has three groups of axes: outer, reduced, inner.
 *
 *   - MAP: nothing is reduced; all axes count as outer
 *   - ROW: inner is empty; each outer index has a row of its own, or with no outer axes the whole
 *     is one row
 *   - COLUMN: inner is not empty; each (outer, inner) index has a column of its own
 */
#ifndef ENGINE_FUSED_H
#define ENGINE_FUSED_H

#include "engine/graph.h"

/* ---- memory ---- */

enum buffer_kind {
    BUFFER_PLANNED,  /* in the program's block, from its first to its last kernel */
    BUFFER_INPUT,    /* given by the host */
    BUFFER_VARIABLE, /* a variable's value at the start of the run */
    BUFFER_ASSIGNED, /* where a variable's next value is made; becomes its value when the run has
                        succeeded */
    BUFFER_CONSTANT, /* a table */
};

struct buffer {
    enum buffer_kind kind;
    enum dtype type;
    int64_t count;                   /* elements */
    const struct variable *variable; /* VARIABLE, ASSIGNED */
    int input;                       /* INPUT */
    const struct node *constant;     /* CONSTANT */
    bool output;                     /* read by the host after the run: lives to its end */
    int first, last;                 /* PLANNED: kernels between which it is alive */
    int64_t offset;                  /* PLANNED: bytes from the start of the block */
};

/* Where a value lies: row-major from element `offset` of a buffer. buffer -1: nowhere. */
struct place {
    int buffer;
    int64_t offset;
};

/* ---- fused programs ---- */

/* element = base + sum over axes of stride[a] * j[a], where j[a] is the loop index i[a], or, on an
   axis with padding, (i[a] - low[a]) / step[a]; where that is not a whole number in [0, count[a]),
   the element is `fill`. */
struct map {
    int64_t base, stride[AXES_MOST];
    bool padded;
    int64_t low[AXES_MOST], step[AXES_MOST],
        count[AXES_MOST]; /* if padded; count 0: this axis is not */
    double fill;
    struct gather *gather; /* NULL: none */
};

/* Adds clamp(index, 0, rows - 1) * row_stride to the element, where index is read from an int32
 * buffer through a map of its own. */
struct gather {
    int buffer;
    struct map map;
    int64_t rows, row_stride;
};

struct leaf {
    int buffer;
    enum dtype type;
    struct map map;
    bool check_finite; /* stores: a value that is not finite stops the run's assignments */
};

/* Instructions beside the element-wise operations of ops.h. */
enum {
    FUSED_CONSTANT = OP_COUNT, /* dst = value */
    FUSED_INDEX,               /* dst = the value of `map` itself: IOTA */
    FUSED_LOAD,                /* dst = loads[leaf] */
    FUSED_STORE,               /* stores[leaf] = a */
    FUSED_MUL_ADD, /* dst = a * b + c, each rounded, as the two instructions that it stands for */
    FUSED_MUL_SUB, /* dst = a * b - c */
    FUSED_SUB_MUL, /* dst = c - a * b */
    FUSED_OPS
};

struct instruction {
    uint8_t op;      /* enum op or one of the above */
    enum dtype type; /* of the operands: FLOAT32 or INT32 */
    enum dtype result;
    int16_t dst, a, b, c; /* registers; -1: none */
    int16_t leaf;         /* LOAD, STORE */
    int16_t store;   /* where the result goes straight to memory: its entry in stores; else -1 */
    double value;    /* CONSTANT */
    struct map *map; /* INDEX: its value; RANDOM: the element's number */
    const struct node *node; /* RANDOM: place and kind; `a` is unused, clock is a leaf */
    int clock;               /* RANDOM: the buffer with the clock */
    int64_t clock_offset;
};

struct reduction {
    uint8_t op; /* OP_SUM, OP_REDUCE_MAX or OP_MOMENTS */
    int16_t src;
    struct place dst; /* (outer, inner), or for MOMENTS (2, outer, inner), row-major */
    bool check_finite;
};

enum form { FORM_MAP, FORM_ROW, FORM_COLUMN };

struct fused {
    enum form form;
    int axes;
    int64_t extent[AXES_MOST];
    int outer_axes, reduced_axes;  /* the first ones, and those after them; the rest are inner */
    int64_t outer, reduced, inner; /* products of extents */
    struct leaf *loads, *stores;
    int loads_count, stores_count;
    struct instruction *code;
    int code_count, registers;
    struct reduction *reductions;
    int reductions_count;
    /* Reductions are cut along the reduced axes by their extent alone, so that the bits depend on
     * nothing else. */
    int64_t chunk, chunks; /* reduced elements a chunk */
    struct place partials; /* chunks > 1: (chunks, values) float32 */
};

/* ---- kernels ---- */

enum kernel_kind { KERNEL_FUSED, KERNEL_MATMUL, KERNEL_CONV, KERNEL_SCATTER_ADD };

struct kernel {
    enum kernel_kind kind;
    const struct node *node; /* what names it: label and origin */
    const char *name;        /* "fused: add, tanh", "matmul" */
    struct fused *fused;
    /* CONV: dst = conv, conv_dx or conv_dw (node->op) of a and b, of the shapes that node has;
     * MATMUL: dst (batch, m, n) = a (batch, m, k) x b (batch, k, n); SCATTER_ADD: dst (m, n), a:
     * index (k), b: rows (k, n) */
    struct place dst, a, b;
    int64_t batch, m, n, k;
    bool transpose_a, transpose_b;
    int *reads, *writes; /* buffers */
    int reads_count, writes_count;
    int64_t flops, bytes;
};

struct kernels {
    struct graph *graph; /* lowered */
    struct buffer *buffers;
    int buffers_count;
    struct kernel *list;
    int count;
    struct place *outputs; /* of graph->outputs */
    struct place *places;  /* of graph->nodes; buffer -1 where a node's value lies nowhere */
    int *variables;        /* graph->assignments[i]: its ASSIGNED buffer */
    int64_t block_bytes;
};

/* Lowered form of a simplified graph: products take transposed operands, products with an extent of
   1 are element-wise, each reduction is over one run of neighbouring axes, … (see lower.c). `winograd`: as
   winograd_choose has it. */
struct graph *graph_lower(struct arena *arena, const struct graph *graph, int64_t winograd);

/* Cuts a lowered graph into kernels, in an order that runs. With no_fuse, each node is a kernel. */
struct kernels *graph_fuse(struct arena *arena, struct graph *graph, bool no_fuse);

/* Gives each planned buffer its place in one block; with no_plan none shares memory. */
void kernels_plan(struct kernels *kernels, bool no_plan);

/* Checks that every read comes after the write and that no two live buffers overlap; a violation is
 * a bug. */
void kernels_verify(const struct kernels *kernels);

/* The plan as a backend tells it; needs engine/backend.h. */
struct memory_plan;
struct memory_plan kernels_memory(const struct kernels *kernels, struct arena *arena);

void kernels_print(const struct kernels *kernels, FILE *file);

#endif
