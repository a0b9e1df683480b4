/*
 * Reverse-mode differentiation from graph to graph.
 *
 * Each primitive has one rule: given a node and its cotangent (the derivative of sum(y) with
 * respect to it), add nodes for the cotangents of its sources. Rules use the same primitives, so
 * what they build can be differentiated again.
 */
#include "base/bug.h"
#include "engine/graph.h"

/* A source whose out[] stays NULL gets nothing: y does not depend on it, or not smoothly. */
typedef void rule(struct graph *g, struct node *n, struct node *ct, struct node **out);

static void rule_none(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)g, (void)n, (void)ct, (void)out;
}

static void rule_neg(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)n;
    out[0] = graph_neg(g, ct);
}

static void rule_exp(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_mul(g, ct, n);
}

static void rule_log(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_div(g, ct, n->source[0]);
}

static void rule_sqrt(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_div(g, ct, graph_scale(g, n, 2));
}

static void rule_tanh(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_mul(g, ct, graph_sub(g, graph_like(g, n, 1), graph_mul(g, n, n)));
}

static void rule_sin(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_mul(g, ct, graph_unary(g, OP_COS, n->source[0]));
}

static void rule_cos(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_neg(g, graph_mul(g, ct, graph_unary(g, OP_SIN, n->source[0])));
}

static void rule_log1p(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_div(g, ct, graph_shift(g, n->source[0], 1));
}

static void rule_expm1(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_mul(g, ct, graph_shift(g, n, 1));
}

static void rule_erf(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    const double two_over_sqrt_pi = 1.12837916709551257390;
    struct node *x = n->source[0], *bell = graph_unary(g, OP_EXP, graph_neg(g, graph_mul(g, x, x)));
    out[0] = graph_mul(g, ct, graph_scale(g, bell, two_over_sqrt_pi));
}

static void rule_cast(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    enum dtype from = n->source[0]->type;
    if (from == TYPE_FLOAT32 || from == TYPE_BFLOAT16 || from == TYPE_FLOAT64)
        out[0] = graph_cast(g, ct, from);
}

static void rule_add(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)g, (void)n;
    out[0] = out[1] = ct;
}

static void rule_sub(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)n;
    out[0] = ct;
    out[1] = graph_neg(g, ct);
}

static void rule_mul(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_mul(g, ct, n->source[1]);
    out[1] = graph_mul(g, ct, n->source[0]);
}

static void rule_div(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_div(g, ct, n->source[1]);
    out[1] = graph_neg(g, graph_mul(g, out[0], n));
}

/* At a tie each operand gets half, as in PyTorch. */
static void rule_extreme(struct graph *g, struct node *a, struct node *b, struct node *larger,
                         struct node *smaller, struct node *ct, struct node **out) {
    struct node *tie = graph_scale(g, graph_binary(g, OP_EQUAL, a, b), 0.5);
    struct node *first = graph_add(g, graph_binary(g, OP_LESS, smaller, larger), tie);
    struct node *second = graph_add(g, graph_binary(g, OP_LESS, larger, smaller), tie);
    out[0] = graph_mul(g, ct, first);
    out[1] = graph_mul(g, ct, second);
}

static void rule_max(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *a = n->source[0], *b = n->source[1];
    rule_extreme(g, a, b, a, b, ct, out);
}

static void rule_min(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *a = n->source[0], *b = n->source[1];
    rule_extreme(g, a, b, b, a, ct, out);
}

/* d a^b / da = b a^(b-1), which is 0 where b is 0; d a^b / db = a^b log a, taken as 0 where a is
 * not above 0. */
static void rule_pow(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *a = n->source[0], *b = n->source[1], *zero = graph_like(g, n, 0),
                *one = graph_like(g, n, 1);
    struct node *b_is_zero = graph_binary(g, OP_EQUAL, b, zero);
    struct node *slope = graph_mul(g, b, graph_binary(g, OP_POW, a, graph_shift(g, b, -1)));
    out[0] = graph_mul(g, ct, graph_select(g, b_is_zero, zero, slope));
    struct node *positive = graph_binary(g, OP_LESS, zero, a);
    struct node *log = graph_unary(g, OP_LOG, graph_select(g, positive, a, one));
    out[1] = graph_mul(g, ct, graph_mul(g, n, log));
}

static void rule_select(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *zero = graph_like(g, ct, 0);
    out[1] = graph_select(g, n->source[0], ct, zero);
    out[2] = graph_select(g, n->source[0], zero, ct);
}

static void rule_reshape(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_reshape(g, ct, n->source[0]->shape);
}

static void rule_permute(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    int inverse[AXES_MOST];
    for (int a = 0; a < n->shape.rank; a++)
        inverse[n->at.order[a]] = a;
    out[0] = graph_permute(g, ct, inverse);
}

static void rule_broadcast(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    uint32_t axes = 0;
    for (int a = 0; a < n->shape.rank; a++)
        if (n->source[0]->shape.extent[a] == 1) axes |= 1u << a;
    out[0] = graph_sum(g, ct, axes);
}

static void rule_slice(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    int64_t high[AXES_MOST];
    for (int a = 0; a < n->shape.rank; a++) {
        int64_t covered = n->at.low[a] + (n->shape.extent[a] - 1) * n->at.step[a] + 1;
        high[a] = n->source[0]->shape.extent[a] - covered;
    }
    out[0] = graph_pad(g, ct, n->at.low, high, n->at.step, 0);
}

static void rule_pad(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_slice(g, ct, n->at.low, n->at.step, n->source[0]->shape);
}

static void rule_flip(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_flip(g, ct, n->at.axes);
}

static void rule_concat(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    int64_t start = 0;
    for (int i = 0; i < n->sources; i++) {
        int64_t count = n->source[i]->shape.extent[n->at.axis];
        out[i] = graph_slice_axis(g, ct, n->at.axis, start, count);
        start += count;
    }
}

static void rule_sum(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_expand(g, ct, n->source[0]->shape);
}

/* Ties share the cotangent evenly. */
static void rule_reduce_max(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *x = n->source[0];
    struct node *hit = graph_binary(g, OP_EQUAL, x, graph_expand(g, n, x->shape));
    struct node *share = graph_div(g, ct, graph_sum(g, hit, n->at.axes));
    out[0] = graph_mul(g, graph_expand(g, share, x->shape), hit);
}

static void rule_matmul(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    BUG_IF(n->at.transpose);
    out[0] = graph_matmul(g, ct, graph_transpose(g, n->source[1]));
    out[1] = graph_matmul(g, graph_transpose(g, n->source[0]), ct);
}

static void rule_conv(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *x = n->source[0], *kernel = n->source[1];
    out[0] = graph_conv_dx(g, ct, kernel, &n->at.conv, x->shape);
    out[1] = graph_conv_dw(g, x, ct, &n->at.conv, kernel->shape);
}

static void rule_conv_dx(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *y = n->source[0], *kernel = n->source[1];
    out[0] = graph_conv(g, ct, kernel, &n->at.conv);
    out[1] = graph_conv_dw(g, ct, y, &n->at.conv, kernel->shape);
}

static void rule_conv_dw(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    struct node *x = n->source[0], *y = n->source[1];
    out[0] = graph_conv_dx(g, y, ct, &n->at.conv, x->shape);
    out[1] = graph_conv(g, x, ct, &n->at.conv);
}

static void rule_gather(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[0] = graph_scatter_add(g, n->source[0]->shape.extent[0], n->source[1], ct);
}

static void rule_scatter_add(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    out[1] = graph_gather(g, ct, n->source[0]);
}

static void rule_mark(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)g, (void)n;
    out[0] = ct;
}

static void rule_moments(struct graph *g, struct node *n, struct node *ct, struct node **out) {
    (void)g, (void)n, (void)ct, (void)out;
    BUG("gradients are taken before lowering");
}

static rule *const rules[OP_COUNT] = {
    [OP_CONSTANT] = rule_none,
    [OP_INPUT] = rule_none,
    [OP_VARIABLE] = rule_none,
    [OP_IOTA] = rule_none,
    [OP_RANDOM] = rule_none,
    [OP_NEG] = rule_neg,
    [OP_EXP] = rule_exp,
    [OP_LOG] = rule_log,
    [OP_SQRT] = rule_sqrt,
    [OP_TANH] = rule_tanh,
    [OP_SIN] = rule_sin,
    [OP_COS] = rule_cos,
    [OP_LOG1P] = rule_log1p,
    [OP_EXPM1] = rule_expm1,
    [OP_ERF] = rule_erf,
    [OP_FLOOR] = rule_none,
    [OP_CAST] = rule_cast,
    [OP_ADD] = rule_add,
    [OP_SUB] = rule_sub,
    [OP_MUL] = rule_mul,
    [OP_DIV] = rule_div,
    [OP_MAX] = rule_max,
    [OP_MIN] = rule_min,
    [OP_POW] = rule_pow,
    [OP_LESS] = rule_none,
    [OP_EQUAL] = rule_none,
    [OP_SELECT] = rule_select,
    [OP_RESHAPE] = rule_reshape,
    [OP_PERMUTE] = rule_permute,
    [OP_BROADCAST] = rule_broadcast,
    [OP_SLICE] = rule_slice,
    [OP_PAD] = rule_pad,
    [OP_FLIP] = rule_flip,
    [OP_CONCAT] = rule_concat,
    [OP_SUM] = rule_sum,
    [OP_REDUCE_MAX] = rule_reduce_max,
    [OP_MOMENTS] = rule_moments,
    [OP_MATMUL] = rule_matmul,
    [OP_CONV] = rule_conv,
    [OP_CONV_DX] = rule_conv_dx,
    [OP_CONV_DW] = rule_conv_dw,
    [OP_GATHER] = rule_gather,
    [OP_SCATTER_ADD] = rule_scatter_add,
    [OP_STOP_GRADIENT] = rule_none,
    [OP_MARK] = rule_mark,
};

/* Marks the nodes up to y that depend on any of wrt through differentiable operations. */
static bool *find_active(const struct graph *graph, const struct node *y, struct node *const *wrt,
                         int count, struct arena *arena) {
    bool *active = ARENA_ARRAY(arena, bool, y->id + 1);
    for (int i = 0; i < count; i++)
        if (wrt[i]->id <= y->id) active[wrt[i]->id] = true;
    for (int i = 0; i <= y->id; i++) {
        const struct node *n = graph->nodes[i];
        if (rules[n->op] == rule_none) continue;
        for (int s = 0; s < n->sources; s++)
            active[i] = active[i] || active[n->source[s]->id];
    }
    return active;
}

static void pull_back(struct graph *graph, struct node *n, const bool *active,
                      struct node **cotangent, struct arena *arena) {
    struct node **out = ARENA_ARRAY(arena, struct node *, n->sources + 1);
    graph->origin = n->origin;
    graph->label = n->label;
    rules[n->op](graph, n, cotangent[n->id], out);
    for (int s = 0; s < n->sources; s++) {
        int id = n->source[s]->id;
        if (!out[s] || !active[id]) continue;
        cotangent[id] = cotangent[id] ? graph_add(graph, cotangent[id], out[s]) : out[s];
    }
}

void graph_gradient(struct graph *graph, struct node *y, struct node *const *wrt, int count,
                    struct node **out) {
    struct arena *scratch = arena_new();
    const struct origin *origin = graph->origin;
    const char *label = graph->label;
    bool *active = find_active(graph, y, wrt, count, scratch);
    struct node **cotangent = ARENA_ARRAY(scratch, struct node *, y->id + 1);
    if (active[y->id]) cotangent[y->id] = graph_like(graph, y, 1);
    for (int i = y->id; i >= 0; i--)
        if (cotangent[i] && graph->nodes[i]->sources && active[i])
            pull_back(graph, graph->nodes[i], active, cotangent, scratch);
    for (int i = 0; i < count; i++)
        out[i] = wrt[i]->id <= y->id ? cotangent[wrt[i]->id] : NULL;
    graph->origin = origin;
    graph->label = label;
    arena_free(scratch);
}
