/*
 * How far a float32 evaluation of a graph may be from the exact one, as a graph: first-order
 * running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, ch. 3), with each
 * primitive's own error from its row's tolerance. The bound of a comparison is 1 where its operands
 * are so near to each other that either answer is right, so jumps need no care elsewhere.
 */
#include <math.h>

#include "base/bug.h"
#include "engine/winograd.h"
#include "engine/winograd_tables.h"
#include "tests/fuzz/fuzz.h"

static const double epsilon = 0x1p-23;

/* One node in the making: its operands and their bounds, in the new graph. */
struct step {
    struct graph *g;
    const struct node *old;
    struct node *n, **x, **e; /* its copy; copies of its sources; their bounds or NULL */
};

static struct node *size_of(struct graph *g, struct node *x) {
    return graph_binary(g, OP_MAX, x, graph_neg(g, x));
}

/* Integers and bytes as numbers: the reference computes all in double. */
static struct node *real(struct graph *g, struct node *x) {
    return graph_cast(g, x, TYPE_FLOAT32);
}

static struct node *plus(struct graph *g, struct node *a, struct node *b) {
    return !a ? b : !b ? a : graph_add(g, a, b);
}

static struct node *times(struct graph *g, struct node *a, struct node *b) {
    return a && b ? graph_mul(g, a, b) : NULL;
}

static struct node *or_zero(struct graph *g, struct node *e, const struct node *like) {
    return e ? e : graph_constant(g, TYPE_FLOAT32, like->shape, 0);
}

/* `units` of float32's epsilon of the result. */
static struct node *rounding(const struct step *s, double units) {
    return units > 0 ? graph_scale(s->g, size_of(s->g, s->n), units * epsilon) : NULL;
}

static struct node *row_rounding(const struct step *s) {
    return rounding(s, op_rows[s->old->op].tolerance);
}

/* A correctly rounded operation on exact operands is exact where the result has 24 bits, which
 * Veltkamp's splitting tells. */
static struct node *exact_rounding(const struct step *s) {
    if (!is_real_type(s->old->type)) return NULL;
    struct node *error = row_rounding(s), *n = s->n;
    if (s->e[0] || s->e[1]) return error;
    struct node *c = graph_scale(s->g, n, 0x1p29 + 1);
    struct node *high = graph_sub(s->g, c, graph_sub(s->g, c, n));
    return graph_select(s->g, graph_binary(s->g, OP_EQUAL, high, n), graph_like(s->g, n, 0), error);
}

/* |a| - e, not below 0. */
static struct node *at_least(struct graph *g, struct node *a, struct node *e) {
    struct node *size = size_of(g, a);
    return e ? graph_binary(g, OP_MAX, graph_sub(g, size, e), graph_like(g, e, 0)) : size;
}

/* `then` where e is not 0 (it may be NaN: nothing is known). */
static struct node *where_any(struct graph *g, struct node *e, struct node *then) {
    struct node *zero = graph_like(g, e, 0);
    return graph_select(g, graph_binary(g, OP_EQUAL, e, zero), zero, then);
}

/* e / |a|, infinite where e reaches a, nothing where e is 0. */
static struct node *relative(struct graph *g, struct node *e, struct node *a) {
    return e ? where_any(g, e, graph_div(g, e, at_least(g, a, e))) : NULL;
}

static struct node *bound_sqrt(const struct step *s) {
    struct graph *g = s->g;
    struct node *e = s->e[0], *root = graph_unary(g, OP_SQRT, e);
    struct node *by =
        graph_binary(g, OP_MAX, graph_binary(g, OP_MAX, s->n, root), graph_like(g, e, 1e-300));
    struct node *below = graph_binary(g, OP_LESS, s->x[0], e); /* may be below 0: not a number */
    return graph_select(g, below, graph_like(g, e, INFINITY), graph_div(g, e, by));
}

/* f(a + e) - f(a - e), for a rising f. */
static struct node *spread(const struct step *s) {
    struct graph *g = s->g;
    struct node *above = graph_add(g, s->x[0], s->e[0]), *below = graph_sub(g, s->x[0], s->e[0]);
    enum dtype type = s->old->type;
    struct node *high = graph_node(g, s->old->op, type, above->shape, 1, &above, NULL);
    struct node *low = graph_node(g, s->old->op, type, below->shape, 1, &below, NULL);
    return graph_sub(g, real(g, high), real(g, low));
}

static struct node *bound_unary(const struct step *s) {
    struct graph *g = s->g;
    struct node *x = s->x[0], *e = s->e[0], *moved = e;
    switch (s->old->op) {
    case OP_EXP:
        moved = times(g, s->n, e ? graph_unary(g, OP_EXPM1, e) : NULL);
        break;
    case OP_EXPM1:
        moved = times(g, graph_shift(g, s->n, 1), e ? graph_unary(g, OP_EXPM1, e) : NULL);
        break;
    case OP_LOG:
        moved = relative(g, e, x);
        break;
    case OP_LOG1P:
        moved = relative(g, e, graph_shift(g, x, 1));
        break;
    case OP_SQRT:
        moved = e ? bound_sqrt(s) : NULL;
        break;
    case OP_ERF:
        moved = e ? graph_scale(g, e, 1.13) : NULL;
        break;
    case OP_SIN:
    case OP_COS:
        return plus(g, e, graph_like(g, x, op_rows[s->old->op].tolerance * epsilon));
    case OP_FLOOR:
        return e ? spread(s) : NULL;
    default:
        break;
    }
    return plus(g, moved, row_rounding(s));
}

static struct node *bound_cast(const struct step *s) {
    if (s->old->type == TYPE_INT32 || s->old->type == TYPE_UINT8) return s->e[0] ? spread(s) : NULL;
    return plus(s->g, s->e[0], s->old->type == TYPE_BFLOAT16 ? rounding(s, 0x1p16) : NULL);
}

static struct node *bound_arithmetic(const struct step *s) {
    struct graph *g = s->g;
    struct node *a = real(g, s->x[0]), *b = real(g, s->x[1]), *ea = s->e[0], *eb = s->e[1];
    struct node *moved = plus(g, ea, eb);
    switch (s->old->op) {
    case OP_MUL:
        moved = plus(g, plus(g, times(g, size_of(g, a), eb), times(g, size_of(g, b), ea)),
                     times(g, ea, eb));
        return plus(g, moved, exact_rounding(s));
    case OP_DIV:
        moved = plus(g, ea, times(g, size_of(g, s->n), eb));
        moved = moved ? where_any(g, moved, graph_div(g, moved, at_least(g, b, eb))) : NULL;
        return plus(g, moved, row_rounding(s));
    case OP_POW:
        moved = times(g, size_of(g, b), relative(g, ea, a));
        if (eb) {
            struct node *logarithm = graph_unary(g, OP_LOG, size_of(g, a));
            moved = plus(g, moved, times(g, size_of(g, logarithm), eb));
        }
        moved = times(g, size_of(g, s->n), moved ? graph_unary(g, OP_EXPM1, moved) : NULL);
        return plus(g, moved, row_rounding(s));
    case OP_MAX:
    case OP_MIN:
        return ea && eb ? graph_binary(g, OP_MAX, ea, eb) : moved;
    default:
        return plus(g, moved, exact_rounding(s));
    }
}

/* EQUAL(x, largest of x): the reduction, or NULL. */
static const struct node *its_largest(const struct node *x, const struct node *top) {
    while (top->op == OP_BROADCAST || top->op == OP_MARK || top->op == OP_STOP_GRADIENT)
        top = top->source[0];
    return top->op == OP_REDUCE_MAX && top->source[0] == x ? top : NULL;
}

static struct node *bound_comparison(const struct step *s) {
    struct graph *g = s->g;
    struct node *e = plus(g, s->e[0], s->e[1]);
    if (!e) return NULL;
    struct node *a = real(g, s->x[0]), *b = real(g, s->x[1]), *one = graph_like(g, e, 1);
    struct node *clear = graph_binary(g, OP_LESS, e, size_of(g, graph_sub(g, a, b)));
    struct node *near = graph_sub(g, one, clear), *either = where_any(g, e, near);
    const struct node *top = its_largest(s->old->source[0], s->old->source[1]);
    if (!top) top = its_largest(s->old->source[1], s->old->source[0]);
    if (s->old->op != OP_EQUAL || !top) return either;
    /* Every evaluation finds its own largest equal to itself, where no other comes near it. */
    struct node *rivals = graph_expand(g, graph_sum(g, near, top->at.axes), near->shape);
    struct node *alone = graph_binary(g, OP_LESS, rivals, graph_like(g, rivals, 1.5));
    struct node *sure = graph_mul(g, alone, graph_binary(g, OP_EQUAL, a, b));
    return graph_mul(g, either, graph_sub(g, one, sure));
}

static struct node *bound_select(const struct step *s) {
    struct graph *g = s->g;
    struct node *a = real(g, s->x[1]), *b = real(g, s->x[2]), *moved = NULL;
    if (s->e[1] || s->e[2])
        moved = graph_select(g, s->x[0], or_zero(g, s->e[1], a), or_zero(g, s->e[2], b));
    if (!s->e[0]) return moved;
    struct node *apart = plus(g, size_of(g, graph_sub(g, a, b)), plus(g, s->e[1], s->e[2]));
    /* The condition may be nought where it should not be, or the other way round. */
    struct node *unsure = graph_sub(g, s->e[0], size_of(g, s->x[0]));
    unsure = graph_binary(g, OP_LESS, unsure, graph_like(g, unsure, 0));
    unsure = graph_select(g, unsure, graph_like(g, unsure, 0),
                          graph_binary(g, OP_LESS, graph_like(g, unsure, 0), s->e[0]));
    return graph_select(g, unsure, apart, or_zero(g, moved, a));
}

static struct node *bound_movement(const struct step *s) {
    struct attributes at = s->old->at;
    struct arena *scratch = arena_new();
    struct node **e = ARENA_ARRAY(scratch, struct node *, s->old->sources), *moved = NULL;
    bool any = false;
    for (int i = 0; i < s->old->sources; i++) {
        any = any || s->e[i];
        e[i] = or_zero(s->g, s->e[i], s->x[i]);
    }
    at.value = 0;
    if (any)
        moved = graph_node(s->g, s->old->op, TYPE_FLOAT32, s->old->shape, s->old->sources, e, &at);
    arena_free(scratch);
    return moved;
}

/* A sum of `count` terms of sizes that add up to `sizes`: the row's tolerance is for a tree of
 * chunks, so some is added for a product, which sums in a row. */
static struct node *sum_rounding(const struct step *s, int64_t count, struct node *sizes) {
    if (!is_real_type(s->old->type)) return NULL;
    double units = op_rows[s->old->op].tolerance + sqrt((double)count);
    return graph_scale(s->g, sizes, units * epsilon);
}

static struct node *bound_reduction(const struct step *s) {
    struct graph *g = s->g;
    uint32_t axes = s->old->at.axes;
    struct node *e = s->e[0];
    if (s->old->op == OP_REDUCE_MAX) return e ? graph_max(g, e, axes) : NULL;
    struct node *sizes = graph_sum(g, size_of(g, real(g, s->x[0])), axes);
    int64_t count = shape_count(s->old->source[0]->shape) / shape_count(s->old->shape);
    return plus(g, e ? graph_sum(g, e, axes) : NULL, sum_rounding(s, count, sizes));
}

/* Terms of each sum of a convolution. */
static int64_t conv_terms(const struct node *n) {
    struct shape kernel = node_convolved(n).kernel;
    int64_t taps = kernel.extent[0] * kernel.extent[1];
    if (n->op == OP_CONV) return taps * kernel.extent[2];
    if (n->op == OP_CONV_DX) return taps * kernel.extent[3] / n->at.conv.groups;
    return shape_count(n->source[1]->shape) / kernel.extent[3];
}

/* |a| x |b| and the like. */
static struct node *same_product(const struct step *s, struct node *a, struct node *b) {
    const struct node *n = s->old;
    return graph_node(s->g, n->op, TYPE_FLOAT32, n->shape, 2, (struct node *[]){a, b}, &n->at);
}

/* Each place of a kernel with the sum over all its places. */
static struct node *all_taps(struct graph *g, struct node *kernel) {
    return graph_expand(g, graph_sum(g, kernel, 3), kernel->shape);
}

/* Made by tiles, a product's rounding errors come from all pairs of pixels and places in a tile (winograd.c): as if the kernel
 * reached as far, all its places alike. */
static struct node *tiles_rounding(const struct step *s, struct node *a, struct node *b) {
    enum { TRANSFORMS = 32, /* sums, on the way to points and back */ GROWTH = 4 };
    const struct node *n = s->old;
    struct graph *g = s->g;
    bool dw = n->op == OP_CONV_DW;
    struct convolution at = n->at.conv;
    struct shape kernel = dw ? n->shape : b->shape, wide = kernel;
    int64_t stride = at.stride[0], reach = (WINOGRAD_TILE_MOST - 1) * stride,
            low[4] = {reach, reach}, high[4] = {0};
    for (int i = 0; i < 2; i++) {
        high[i] = winograd_taps(kernel.extent[i], stride) * stride - kernel.extent[i] + reach;
        at.low[i] += low[i];
        at.high[i] += high[i];
        wide.extent[i] += low[i] + high[i];
    }
    if (!dw) b = all_taps(g, graph_pad(g, b, low, high, NULL, 0));
    struct node *sizes = n->op == OP_CONV      ? graph_conv(g, a, b, &at)
                         : n->op == OP_CONV_DX ? graph_conv_dx(g, a, b, &at, n->shape)
                                               : graph_conv_dw(g, a, b, &at, wide);
    if (dw) sizes = graph_slice(g, all_taps(g, sizes), low, NULL, kernel);
    return graph_scale(g, sum_rounding(s, conv_terms(n) + TRANSFORMS, sizes), GROWTH);
}

static struct node *bound_product(const struct step *s) {
    struct graph *g = s->g;
    struct node *a = size_of(g, s->x[0]), *b = size_of(g, s->x[1]), *ea = s->e[0], *eb = s->e[1];
    int r = s->old->shape.rank;
    int64_t terms = s->old->op != OP_MATMUL
                        ? conv_terms(s->old)
                        : s->old->source[0]->shape.extent[s->old->at.transpose & 1 ? r - 2 : r - 1];
    struct node *error = s->old->op != OP_MATMUL && winograd_can(s->old)
                             ? tiles_rounding(s, plus(g, a, ea), plus(g, b, eb))
                             : sum_rounding(s, terms, same_product(s, a, b));
    if (eb) error = plus(g, error, same_product(s, plus(g, a, ea), eb));
    if (ea) error = plus(g, error, same_product(s, ea, b));
    return error;
}

/* 1e30 where an index is not sure. */
static struct node *lost(struct graph *g, struct node *e) {
    return where_any(g, e, graph_like(g, e, 1e30));
}

static struct node *bound_gather(const struct step *s) {
    struct graph *g = s->g;
    struct node *e = s->e[0] ? graph_gather(g, s->e[0], s->x[1]) : NULL;
    if (!s->e[1]) return e;
    struct shape shape = s->e[1]->shape;
    while (shape.rank < s->old->shape.rank)
        shape.extent[shape.rank++] = 1;
    return plus(g, e, graph_expand(g, graph_reshape(g, lost(g, s->e[1]), shape), s->old->shape));
}

static struct node *bound_scatter(const struct step *s) {
    struct graph *g = s->g;
    int64_t n = s->old->shape.extent[0], rows = shape_count(s->old->source[0]->shape);
    struct node *sizes = graph_scatter_add(g, n, s->x[0], size_of(g, real(g, s->x[1])));
    struct node *e = s->e[1] ? graph_scatter_add(g, n, s->x[0], s->e[1]) : NULL;
    e = plus(g, e, sum_rounding(s, rows * rows, sizes)); /* one after the other */
    if (!s->e[0]) return e;
    return plus(g, e, graph_broadcast(g, graph_sum_all(g, lost(g, s->e[0])), s->old->shape));
}

static struct node *bound_leaf(const struct step *s) {
    const struct attributes *at = &s->old->at;
    bool exact = true;
    if (s->old->op != OP_CONSTANT || !is_real_type(s->old->type)) return NULL;
    for (int64_t i = 0; i < (at->table ? shape_count(s->old->shape) : 1); i++) {
        double value = at->table ? at->table[i] : at->value;
        exact = exact && (double)(float)value == value;
    }
    return exact ? NULL : rounding(s, 0.5);
}

static struct node *bound_map(const struct step *s) {
    switch (s->old->op) {
    case OP_IOTA:
        return NULL;
    case OP_RANDOM:
        return s->old->at.kind == RANDOM_NORMAL ? graph_like(s->g, s->n, 32 * epsilon) : NULL;
    case OP_CAST:
        return bound_cast(s);
    case OP_LESS:
    case OP_EQUAL:
        return bound_comparison(s);
    case OP_SELECT:
        return bound_select(s);
    default:
        return s->old->sources == 2 ? bound_arithmetic(s) : bound_unary(s);
    }
}

static struct node *bound_step(const struct step *s) {
    switch (op_rows[s->old->op].class) {
    case OP_CLASS_LEAF:
        return bound_leaf(s);
    case OP_CLASS_MAP:
        return bound_map(s);
    case OP_CLASS_MOVE:
        return bound_movement(s);
    case OP_CLASS_REDUCE:
        return bound_reduction(s);
    case OP_CLASS_PRODUCT:
        return bound_product(s);
    case OP_CLASS_INDEX:
        return s->old->op == OP_GATHER ? bound_gather(s) : bound_scatter(s);
    }
    BUG("no bound for %s", op_rows[s->old->op].name);
}

struct bounded graph_bound(struct arena *arena, const struct graph *graph) {
    struct bounded all = {graph_new(arena), ARENA_ARRAY(arena, struct node *, graph->count + 1),
                          ARENA_ARRAY(arena, struct node *, graph->count + 1)};
    struct arena *scratch = arena_new();
    all.graph->inputs = graph->inputs;
    all.graph->inputs_count = graph->inputs_count;
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        struct step s = {.g = all.graph, .old = n};
        s.x = ARENA_ARRAY(scratch, struct node *, n->sources + 2);
        s.e = ARENA_ARRAY(scratch, struct node *, n->sources + 2);
        for (int k = 0; k < n->sources; k++) {
            s.x[k] = all.images[n->source[k]->id];
            s.e[k] = all.bounds[n->source[k]->id];
        }
        s.n = graph_node(all.graph, n->op, n->type, n->shape, n->sources, s.x, &n->at);
        all.images[i] = s.n;
        all.bounds[i] = bound_step(&s);
    }
    arena_free(scratch);
    return all;
}
