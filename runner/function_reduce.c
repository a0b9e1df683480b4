/* Functions that make one number of many. */
#include <string.h>

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

/*
 * sqrt(sum(x^2)) over each sample. Where the sum is 0 the root's argument is replaced by 1, so that
 * gradients of every order are 0 there instead of infinity.
 */
static struct value build_norm(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    uint32_t axes = axes_all(x.node->shape.rank);
    if (x.batched) axes &= ~1u;
    struct node *sum = graph_sum(g, graph_mul(g, x.node, x.node), axes);
    struct value square = drop_axes(g, sum, x.batched, axes);
    struct node *zero = graph_like(g, square.node, 0);
    struct node *none = graph_binary(g, OP_EQUAL, square.node, zero);
    struct node *held = graph_select(g, none, graph_like(g, square.node, 1), square.node);
    struct node *root = graph_unary(g, OP_SQRT, held);
    return value_make(graph_select(g, none, zero, root), square.batched);
}
const struct function_row norm_function = {
    .name = "norm",
    .doc = "L2 norm of each sample; its gradient at 0 is 0",
    .equation = "sqrt(x1^2 + x2^2 + … + xn^2)",
    .arguments = "x",
    .build = build_norm,
    .example = "norm(grad(discriminator(x), x))",
};

/* x minus its largest along the last axis, which changes no softmax and keeps exp finite. */
static struct value centred(struct call *call, uint32_t *axes) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    if (!value_shape(x).rank)
        return call_fail(call, 0, NULL, "'%s' wants an axis, but its input is one number",
                         call->row->name);
    *axes = 1u << (x.node->shape.rank - 1);
    struct node *most = graph_stop(g, graph_max(g, x.node, *axes));
    return value_make(graph_sub(g, x.node, graph_expand(g, most, x.node->shape)), x.batched);
}

static struct value build_softmax(struct call *call) {
    struct graph *g = call->frame->build->graph;
    uint32_t axes;
    struct value x = centred(call, &axes);
    if (!x.node) return VALUE_POISON;
    struct node *e = graph_unary(g, OP_EXP, x.node);
    struct node *sum = graph_expand(g, graph_sum(g, e, axes), e->shape);
    return value_make(graph_div(g, e, sum), x.batched);
}
const struct function_row softmax_function = {
    .name = "softmax",
    .doc = "exp(x) / sum(exp(x)) over the last axis",
    .equation = "exp(x[i]) / (exp(x[1]) + … + exp(x[n]))",
    .arguments = "x",
    .build = build_softmax,
    .example = "softmax(logits)",
};

static struct value build_log_softmax(struct call *call) {
    struct graph *g = call->frame->build->graph;
    uint32_t axes;
    struct value x = centred(call, &axes);
    if (!x.node) return VALUE_POISON;
    struct node *sum = graph_sum(g, graph_unary(g, OP_EXP, x.node), axes);
    struct node *log = graph_expand(g, graph_unary(g, OP_LOG, sum), x.node->shape);
    return value_make(graph_sub(g, x.node, log), x.batched);
}
const struct function_row log_softmax_function = {
    .name = "log_softmax",
    .doc = "log(softmax(x)), exact where that is tiny",
    .equation = "x[i] - log(exp(x[1]) + … + exp(x[n]))",
    .arguments = "x",
    .build = build_log_softmax,
    .example = "-mean(sum(one_hot(y, 10) * log_softmax(logits), axis=-1))",
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
        if (!value_meet(g, 2, pair))
            return call_fail(call, -1, NULL, "the arguments of '%s' do not fit together",
                             call->row->name);
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
