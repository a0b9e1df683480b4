/* Functions that make one number of many. */
#include <string.h>

#include "layers/compose.h"
#include "runner/function.h"

/* Takes reduced axes, which have an extent of 1 now, out of the shape. */
static struct value drop_axes(struct graph *g, struct node *reduced, bool batched, uint32_t axes) {
    struct shape kept = {0};
    for (int a = 0; a < reduced->shape.rank; a++)
        if (!(axes >> a & 1)) kept.extent[kept.rank++] = reduced->shape.extent[a];
    return value_make(graph_reshape(g, reduced, kept), batched && !(axes & 1));
}

static double count_over(struct shape shape, uint32_t axes) {
    double count = 1;
    for (int a = 0; a < shape.rank; a++)
        if (axes >> a & 1) count *= (double)shape.extent[a];
    return count;
}

static struct value reduce(struct call *call, bool divide) {
    struct graph *g = call->frame->build->graph;
    uint32_t axes;
    struct value x = call_value(call, 0);
    if (!x.node || !call_axes(call, 1, x, &axes)) return VALUE_POISON;
    struct node *sum = graph_sum(g, x.node, axes);
    struct value y = drop_axes(g, sum, x.batched, axes);
    if (divide) y.node = graph_scale(g, y.node, 1 / count_over(x.node->shape, axes));
    return y;
}

static struct value build_mean(struct call *call) {
    return reduce(call, true);
}
const struct function_row mean_function = {
    .name = "mean",
    .doc = "mean over everything, or axis=sample, axis=batch, axis=-1, axis=[0, 1]",
    .equation = "sum(x) / n, where n counts the numbers that are summed",
    .arguments = "x axis=",
    .build = build_mean,
    .example = "mean(discriminator(x))",
};

static struct value build_sum(struct call *call) {
    return reduce(call, false);
}
const struct function_row sum_function = {
    .name = "sum",
    .doc = "sum over everything, or axis=sample, axis=batch, axis=-1, axis=[0, 1]",
    .equation = "x1 + x2 + … + xn",
    .arguments = "x axis=",
    .build = build_sum,
    .example = "sum(square(x), axis=sample)",
};

/* Where the square is 0 the root's argument is replaced by 1, so that gradients of every order are 0
 * there instead of infinity. */
struct node *call_root(struct graph *g, struct node *square) {
    struct node *zero = graph_like(g, square, 0);
    struct node *none = graph_binary(g, OP_EQUAL, square, zero);
    struct node *held = graph_select(g, none, graph_like(g, square, 1), square);
    return graph_select(g, none, zero, graph_unary(g, OP_SQRT, held));
}

static struct value build_norm(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    uint32_t axes = axes_all(x.node->shape.rank);
    if (x.batched) axes &= ~1u;
    struct node *sum = graph_sum(g, graph_mul(g, x.node, x.node), axes);
    struct value square = drop_axes(g, sum, x.batched, axes);
    return value_make(call_root(g, square.node), square.batched);
}
const struct function_row norm_function = {
    .name = "norm",
    .doc = "L2 norm of each sample; its gradient at 0 is 0",
    .equation = "sqrt(x1^2 + x2^2 + … + xn^2)",
    .arguments = "x",
    .build = build_norm,
    .example = "norm(grad(discriminator(x), x))",
};

static struct value build_logsumexp(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    uint32_t axes;
    if (!x.node || !call_axes_or_last(call, 1, x, &axes)) return VALUE_POISON;
    return drop_axes(g, compose_logsumexp(g, x.node, axes), x.batched, axes);
}
const struct function_row logsumexp_function = {
    .name = "logsumexp",
    .doc = "log(sum(exp(x))) without overflow, over the last axis, or axis=sample, axis=batch, "
           "axis=[0, 1]",
    .equation = "log(exp(x1) + exp(x2) + … + exp(xn))",
    .arguments = "x axis=-1",
    .build = build_logsumexp,
    .example = "logsumexp(logits)",
};

/* The least index of all that are as large as the largest. */
static struct value build_argmax(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    int axis;
    if (!x.node || !call_axis(call, 1, x, &axis)) return VALUE_POISON;
    struct shape shape = x.node->shape;
    uint32_t axes = 1u << axis;
    struct node *index = graph_cast(g, graph_iota(g, TYPE_INT32, shape, axis), TYPE_FLOAT32);
    struct node *most = graph_expand(g, graph_max(g, x.node, axes), shape);
    struct node *other = graph_like(g, index, (double)(shape.extent[axis] - 1));
    struct node *hit = graph_select(g, graph_binary(g, OP_EQUAL, x.node, most), index, other);
    struct node *least = graph_neg(g, graph_max(g, graph_neg(g, hit), axes));
    return value_classes(drop_axes(g, least, x.batched, axes), shape.extent[axis]);
}
const struct function_row argmax_function = {
    .name = "argmax",
    .doc = "index of the largest along the last axis, or axis=0; of equal ones the first",
    .equation = "the least i with x[i] = max(x)",
    .arguments = "x axis=-1",
    .build = build_argmax,
    .example = "mean(argmax(logits) == y)",
};

/* ---- the larger or smaller of several values, or the largest over axes -------------------------
 */

static struct value over_axes(struct call *call, bool largest) {
    struct graph *g = call->frame->build->graph;
    struct call inner = *call;
    uint32_t axes;
    inner.argument[1] = call->argument[0];
    struct value x = evaluate_value(call->frame, call->rest[0]);
    if (!x.node) return VALUE_POISON;
    x = value_real(g, x);
    if (!call_axes(&inner, 1, x, &axes)) return VALUE_POISON;
    struct node *y = graph_max(g, largest ? x.node : graph_neg(g, x.node), axes);
    return drop_axes(g, largest ? y : graph_neg(g, y), x.batched, axes);
}

static struct value extreme(struct call *call, bool largest) {
    struct graph *g = call->frame->build->graph;
    if (!call->rest_count) return call_fail(call, -1, NULL, "'%s' of nothing", call->row->name);
    if (call->rest_count == 1) return over_axes(call, largest);
    if (call->argument[0]) return call_fail(call, 0, NULL, "axis= is for one value");
    struct value best = evaluate_value(call->frame, call->rest[0]);
    for (int i = 1; i < call->rest_count; i++) {
        struct value pair[2] = {best, evaluate_value(call->frame, call->rest[i])};
        if (!pair[0].node || !pair[1].node) return VALUE_POISON;
        pair[0] = value_real(g, pair[0]);
        pair[1] = value_real(g, pair[1]);
        if (!call_meet(call, 2, pair)) return VALUE_POISON;
        best = value_make(graph_binary(g, largest ? OP_MAX : OP_MIN, pair[0].node, pair[1].node),
                          pair[0].batched);
    }
    return best;
}

static struct value build_max(struct call *call) {
    return extreme(call, true);
}
const struct function_row max_function = {
    .name = "max",
    .doc = "largest of its arguments, or of one over axis=",
    .equation = "x1 if x1 > x2, else x2, and so on",
    .arguments = "axis= *values",
    .build = build_max,
    .example = "max(x, 0)",
};

static struct value build_min(struct call *call) {
    return extreme(call, false);
}
const struct function_row min_function = {
    .name = "min",
    .doc = "smallest of its arguments, or of one over axis=",
    .equation = "x1 if x1 < x2, else x2, and so on",
    .arguments = "axis= *values",
    .build = build_min,
    .example = "min(1, p + 0.01)",
};
