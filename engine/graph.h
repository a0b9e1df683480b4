/*
 * The graph: nodes of primitive operations on tensors of static shape, appended and never changed.
 *
 * Sources come before their users, so the order of `nodes` is an order of evaluation. Equal pure
 * nodes are one node (hash-consing); RANDOM and MARK nodes are each their own. Building with
 * operands that do not fit is a bug: whoever builds from a user's text checks shapes first and
 * reports them with their place.
 */
#ifndef ENGINE_GRAPH_H
#define ENGINE_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "engine/ops.h"

enum dtype { TYPE_FLOAT32, TYPE_BFLOAT16, TYPE_INT32, TYPE_UINT8, TYPE_FLOAT64 };
size_t dtype_size(enum dtype type);
const char *dtype_name(enum dtype type);

enum { AXES_MOST = 8 };
struct shape {
    int rank;
    int64_t extent[AXES_MOST]; /* row-major; zero beyond rank */
};
struct shape shape_make(int rank, const int64_t *extent);
#define SHAPE(...)                                                                                 \
    shape_make((int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})
#define SHAPE_SCALAR ((struct shape){0})
int64_t shape_count(struct shape shape); /* elements; 1 for a scalar */
bool shape_equal(struct shape a, struct shape b);
/* Elements between neighbours along each axis, row-major. */
void shape_strides(struct shape shape, int64_t *stride);
/* "[64, 784]", "[]"; in the arena. */
const char *shape_text(struct arena *arena, struct shape shape);

/* Kept between runs, on a device. Owned by whoever creates it; must outlive graphs and devices that
 * use it. */
struct variable {
    const char *name; /* its path: "discriminator/linear_1/weight" */
    enum dtype type;
    struct shape shape;
    const struct origin *origin;
    int index; /* its number on the device, from 0, without gaps */
};

enum random_kind {
    RANDOM_UNIFORM,
    RANDOM_NORMAL
}; /* [0, 1) with 24 bits; mean 0 and deviation 1 by Box-Muller */

/* How a kernel goes over images; entry 0 is for the height, 1 for the width. */
struct convolution {
    int64_t stride[2], dilation[2]; /* at least 1 */
    int64_t low[2], high[2];        /* rows and columns of zeros before and after; at least 0 */
    int64_t groups;                 /* of channels, each with filters of its own; at least 1 */
    int64_t winograd; /* 0; the kernel's rows, where it is transformed (made by lowering) */
};
/* Places of the kernel along `axis` of an image; below 1 if it does not fit. */
int64_t convolution_extent(const struct convolution *convolution, int axis, int64_t image,
                           int64_t kernel);

/* What a node has beside its sources; fields that its operation does not name are zero. */
struct attributes {
    uint32_t axes; /* SUM, REDUCE_MAX, MOMENTS, FLIP: bit a for axis a */
    int32_t axis;  /* IOTA, CONCAT */
    int32_t
        transpose; /* MATMUL: bit 0: first, bit 1: second factor transposed (made by lowering) */
    int32_t kind;  /* RANDOM: enum random_kind */
    int32_t order[AXES_MOST];        /* PERMUTE: axis of the source for each axis of the result */
    int64_t low[AXES_MOST];          /* SLICE: first index; PAD: elements before */
    int64_t high[AXES_MOST];         /* PAD: elements after */
    int64_t step[AXES_MOST];         /* SLICE: step; PAD: 1 + elements between neighbours */
    double value;                    /* CONSTANT without a table; PAD: what is put in */
    const double *table;             /* CONSTANT: shape_count numbers, or NULL */
    uint64_t place;                  /* RANDOM: key; MARK: its number */
    const struct variable *variable; /* VARIABLE */
    int64_t input;                   /* INPUT: its number in the graph */
    struct convolution conv;         /* CONV, CONV_DX, CONV_DW */
};

struct node {
    enum op op;
    enum dtype type;
    struct shape shape;
    int id; /* its place in graph->nodes */
    int sources;
    struct node **source;
    struct attributes at;
    const struct origin *origin; /* what in the YAML asked for it; may be NULL */
    const char *label; /* "discriminator/linear_1", for profiles and reports; may be NULL */
};

struct input {
    const char *name;
    enum dtype type;
    struct shape shape;
    bool resident; /* the same memory for every run: a data set */
};

struct assignment {
    const struct variable *variable;
    struct node *value;
};
struct output {
    const char *name;
    struct node *value;
    const struct origin *origin;
};

struct graph {
    struct arena *arena;
    struct node **nodes;
    int count;
    struct input *inputs;
    int inputs_count;
    struct assignment *assignments; /* at most one a variable */
    int assignments_count;
    struct output *outputs; /* read by the host after a run */
    int outputs_count;
    const struct origin *origin; /* given to nodes as they are added */
    const char *label;
    uint64_t marks;
    struct node **buckets; /* of the hash-consing table */
    struct node **chain;
    int buckets_count;
};

/* A new, empty graph in `arena`. */
struct graph *graph_new(struct arena *arena);

/* Adds a node, or finds an equal one. Type and shape follow from operation, sources and attributes,
   but for RESHAPE, BROADCAST, SLICE, CONSTANT, IOTA, RANDOM, CAST, SCATTER_ADD, CONV_DX and CONV_DW,
   which take them from `type` and `shape`. */
struct node *graph_node(struct graph *graph, enum op op, enum dtype type, struct shape shape,
                        int sources, struct node *const *source, const struct attributes *at);

/* ---- leaves ---- */
struct node *graph_constant(struct graph *graph, enum dtype type, struct shape shape, double value);
struct node *graph_table(struct graph *graph, enum dtype type, struct shape shape,
                         const double *table);
struct node *graph_input(struct graph *graph, const char *name, enum dtype type, struct shape shape,
                         bool resident);
struct node *graph_variable(struct graph *graph, const struct variable *variable);
struct node *graph_iota(struct graph *graph, enum dtype type, struct shape shape, int axis);
/* Draws keyed by `place` (seed and place hashed) and `clock`, an int32 [3]: step's low and high
 * word, and repetition. */
struct node *graph_random(struct graph *graph, enum random_kind kind, struct shape shape,
                          uint64_t place, struct node *clock);
/* A constant of x's shape and type. */
struct node *graph_like(struct graph *graph, const struct node *x, double value);

/* ---- element by element; operands of one shape and type. Comparisons give float32 0 and 1 ---- */
struct node *graph_unary(struct graph *graph, enum op op, struct node *x);
struct node *graph_binary(struct graph *graph, enum op op, struct node *a, struct node *b);
struct node *graph_select(struct graph *graph, struct node *condition, struct node *a,
                          struct node *b);
struct node *graph_cast(struct graph *graph, struct node *x, enum dtype type);
static inline struct node *graph_add(struct graph *g, struct node *a, struct node *b) {
    return graph_binary(g, OP_ADD, a, b);
}
static inline struct node *graph_sub(struct graph *g, struct node *a, struct node *b) {
    return graph_binary(g, OP_SUB, a, b);
}
static inline struct node *graph_mul(struct graph *g, struct node *a, struct node *b) {
    return graph_binary(g, OP_MUL, a, b);
}
static inline struct node *graph_div(struct graph *g, struct node *a, struct node *b) {
    return graph_binary(g, OP_DIV, a, b);
}
static inline struct node *graph_neg(struct graph *g, struct node *x) {
    return graph_unary(g, OP_NEG, x);
}
struct node *graph_scale(struct graph *graph, struct node *x, double factor); /* x * factor */
struct node *graph_shift(struct graph *graph, struct node *x, double term);   /* x + term */

/* ---- movement ---- */
struct node *graph_reshape(struct graph *graph, struct node *x, struct shape shape);
struct node *graph_permute(struct graph *graph, struct node *x, const int *order);
struct node *graph_transpose(struct graph *graph, struct node *x); /* the last two axes swapped */
/* Axes of extent 1 repeated to `shape`, of the same rank. */
struct node *graph_expand(struct graph *graph, struct node *x, struct shape shape);
/* As NumPy does: x's axes are the last of `shape`; where x has 1 it is repeated. */
struct node *graph_broadcast(struct graph *graph, struct node *x, struct shape shape);
struct node *graph_slice(struct graph *graph, struct node *x, const int64_t *start,
                         const int64_t *step, struct shape shape);
/* One range along one axis. */
struct node *graph_slice_axis(struct graph *graph, struct node *x, int axis, int64_t start,
                              int64_t count);
struct node *graph_pad(struct graph *graph, struct node *x, const int64_t *low, const int64_t *high,
                       const int64_t *step, double value);
struct node *graph_flip(struct graph *graph, struct node *x, uint32_t axes);
struct node *graph_concat(struct graph *graph, int count, struct node *const *parts, int axis);

/* ---- reductions: reduced axes stay with extent 1 ---- */
struct node *graph_sum(struct graph *graph, struct node *x, uint32_t axes);
struct node *graph_max(struct graph *graph, struct node *x, uint32_t axes);
/* Sum over all axes, as a scalar. */
struct node *graph_sum_all(struct graph *graph, struct node *x);
static inline uint32_t axes_all(int rank) {
    return (1u << rank) - 1u;
}

/* ---- products and indexing ---- */
/* (…, m, k) x (…, k, n): leading axes equal. */
struct node *graph_matmul(struct graph *graph, struct node *a, struct node *b);
struct node *graph_matmul_transposed(struct graph *graph, struct node *a, bool ta, struct node *b,
                                     bool tb);
/*
 * T(x, w, y) = <y, conv(x, w)> is linear in each; conv and these two are its partial derivatives:
 *
 *   conv     x (n, h, w, c), kernel (kh, kw, c / groups, f): (n, oh, ow, f), zeros around x,
 *            y[i, j] = sum of x[i * stride - low + a * dilation, …] * kernel[a, b]
 *   conv_dx  y (n, oh, ow, f), kernel: `images` (n, h, w, c), as transposed convolution has it
 *   conv_dw  x (n, h, w, c), y (n, oh, ow, f): `kernel` (kh, kw, c / groups, f)
 */
struct node *graph_conv(struct graph *graph, struct node *x, struct node *kernel,
                        const struct convolution *convolution);
struct node *graph_conv_dx(struct graph *graph, struct node *y, struct node *kernel,
                           const struct convolution *convolution, struct shape images);
struct node *graph_conv_dw(struct graph *graph, struct node *x, struct node *y,
                           const struct convolution *convolution, struct shape kernel);
/* The three of conv, conv_dx or conv_dw: two are its sources, one is what it makes. */
struct convolved {
    struct shape x, kernel, y;
};
struct convolved node_convolved(const struct node *node);

/* What a kernel (kh, kw) sees at each place of images (n, h, w, c), as conv goes over them: (n, oh, ow, kh kw c), a tap's channels
 * side by side. And its transpose: all of it added where it came from, to `images` (n, h, w, c). */
struct node *graph_patches(struct graph *graph, struct node *x, const int64_t kernel[2],
                           const struct convolution *convolution);
struct node *graph_unpatches(struct graph *graph, struct node *patches, const int64_t kernel[2],
                             const struct convolution *convolution, struct shape images);
/* table (n, …), index int32 (…i): (…i, …). Indices outside are clamped. */
struct node *graph_gather(struct graph *graph, struct node *table, struct node *index);
/* index int32 (…i), rows (…i, …): (n, …), rows of equal index added in their order. */
struct node *graph_scatter_add(struct graph *graph, int64_t n, struct node *index,
                               struct node *rows);

/* ---- about the graph ---- */
struct node *graph_stop(struct graph *graph, struct node *x);
struct node *graph_mark(struct graph *graph, struct node *x);
void graph_assign(struct graph *graph, const struct variable *variable, struct node *value);
void graph_output(struct graph *graph, const char *name, struct node *value,
                  const struct origin *origin);

/*
 * Appends the gradient of sum(y) with respect to each wrt[i] and stores its node in out[i]: NULL
 * where y does not depend on it. wrt are any nodes, usually VARIABLE or MARK. In terms of the same
 * primitives, so it can be taken again.
 */
void graph_gradient(struct graph *graph, struct node *y, struct node *const *wrt, int count,
                    struct node **out);

/* A new graph in `arena` with the same inputs, outputs and assignments: marks and stops gone, equal
   nodes merged, constants folded, what nothing needs left out. No rule assumes that a number is
   finite. */
struct graph *graph_simplify(struct arena *arena, const struct graph *graph);

/* Checks every node's sources, type and shape against its operation's rule; a violation is a bug,
 * named with `after`. */
void graph_verify(const struct graph *graph, const char *after);

/* One node a line: id, operation, type, shape, sources, label. */
void graph_print(const struct graph *graph, FILE *file);

/* Floating-point operations of one node, counting a multiply and an add as two; movement is free.
 */
int64_t node_flops(const struct node *node);

#endif
