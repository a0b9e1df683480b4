/* Functions element by element, and a few that make or move values. */
#include <math.h>
#include <string.h>

#include "layers/compose.h"
#include "runner/function.h"

static struct value unary(struct call *call, enum op op) {
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    return value_make(graph_unary(call->frame->build->graph, op, x.node), x.batched);
}

#define UNARY(id, OP, text, formula, sample)                                                       \
    static struct value build_##id(struct call *call) {                                            \
        return unary(call, OP);                                                                    \
    }                                                                                              \
    const struct function_row id##_function = {                                                    \
        .name = #id,                                                                               \
        .doc = text,                                                                               \
        .equation = formula,                                                                       \
        .arguments = "x",                                                                          \
        .build = build_##id,                                                                       \
        .example = sample,                                                                         \
    };
UNARY(sqrt, OP_SQRT, "square root", "y with y >= 0 and y^2 = x", "sqrt(x)")
UNARY(exp, OP_EXP, "e to the x", "e^x", "exp(-x)")
UNARY(log, OP_LOG, "natural logarithm", "y with e^y = x", "log(x + 1e-8)")
UNARY(log1p, OP_LOG1P, "log(1 + x), exact near 0", "log(1 + x)", "log1p(x)")
UNARY(expm1, OP_EXPM1, "exp(x) - 1, exact near 0", "exp(x) - 1", "expm1(x)")
UNARY(sin, OP_SIN, "sine, radians", "sin(x)", "sin(x)")
UNARY(cos, OP_COS, "cosine, radians", "cos(x)", "cos(x)")
UNARY(erf, OP_ERF, "error function", "2 / sqrt(pi) * integral of exp(-t^2) dt from 0 to x",
      "erf(x)")
UNARY(floor, OP_FLOOR, "largest integer not above x", "n with n <= x < n + 1", "floor(x)")

static struct value build_square(struct call *call) {
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    return value_make(graph_mul(call->frame->build->graph, x.node, x.node), x.batched);
}
const struct function_row square_function = {
    .name = "square",
    .doc = "x * x",
    .equation = "x^2",
    .arguments = "x",
    .build = build_square,
    .example = "mean(square(x - 1))",
};

static struct value build_rsqrt(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    struct node *root = graph_unary(g, OP_SQRT, x.node);
    return value_make(graph_div(g, graph_like(g, root, 1), root), x.batched);
}
const struct function_row rsqrt_function = {
    .name = "rsqrt",
    .doc = "1 / sqrt(x)",
    .equation = "1 / sqrt(x)",
    .arguments = "x",
    .build = build_rsqrt,
    .example = "z * rsqrt(mean(square(z), axis=sample) + 1e-8)",
};

static struct value build_abs(struct call *call) {
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    return value_make(compose_abs(call->frame->build->graph, x.node), x.batched);
}
const struct function_row abs_function = {
    .name = "abs",
    .doc = "absolute value; its gradient at 0 is 0",
    .equation = "x if x > 0, else -x",
    .arguments = "x",
    .build = build_abs,
    .example = "mean(abs(x - y))",
};

static struct value build_pow(struct call *call) {
    struct value x = call_value(call, 0), y = call_value(call, 1);
    return evaluate_operator(call->frame, call->expression, '^', x, y);
}
const struct function_row pow_function = {
    .name = "pow",
    .doc = "x to the y, as x ^ y",
    .equation = "x^y",
    .arguments = "x y",
    .build = build_pow,
    .example = "pow(x, 3)",
};

/* Choices rather than min and max: fewer nodes in the gradient, which is 1 at the bounds; what is
 * not a number stays so. */
static struct value build_clamp(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value v[3];
    if (!call_values(call, 3, v)) return VALUE_POISON;
    struct node *x = v[0].node, *low = v[1].node, *high = v[2].node;
    struct node *below = graph_binary(g, OP_LESS, x, low);
    struct node *above = graph_binary(g, OP_LESS, high, x);
    return value_make(graph_select(g, below, low, graph_select(g, above, high, x)), v[0].batched);
}
const struct function_row clamp_function = {
    .name = "clamp",
    .doc = "x, but at least low and at most high",
    .equation = "min(max(x, low), high)",
    .arguments = "x low high",
    .build = build_clamp,
    .example = "clamp(x, -1, 1)",
    .aliases = "clip",
};

static struct value build_lerp(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value v[3];
    if (!call_values(call, 3, v)) return VALUE_POISON;
    struct node *way = graph_mul(g, v[2].node, graph_sub(g, v[1].node, v[0].node));
    return value_make(graph_add(g, v[0].node, way), v[0].batched);
}
const struct function_row lerp_function = {
    .name = "lerp",
    .doc = "a + t * (b - a): a at t = 0, b at t = 1",
    .equation = "a + t (b - a)",
    .arguments = "a b t",
    .build = build_lerp,
    .example = "lerp(x, fake, uniform())",
};

static struct value build_select(struct call *call) {
    struct value v[3];
    if (!call_values(call, 3, v)) return VALUE_POISON;
    return value_make(graph_select(call->frame->build->graph, v[0].node, v[1].node, v[2].node),
                      v[0].batched);
}
const struct function_row select_function = {
    .name = "select",
    .doc = "a where the condition is not 0, else b",
    .equation = "a if condition, else b",
    .arguments = "condition a b",
    .build = build_select,
    .example = "select(uniform() < 0.5, a, b)",
    .aliases = "where",
};

static struct value build_broadcast(struct call *call) {
    struct value x = call_value(call, 0);
    struct shape shape, common;
    if (!x.node || !call_shape(call, &shape)) return VALUE_POISON;
    if (!shape_common(value_shape(x), shape, &common) || !shape_equal(common, shape))
        return call_fail(call, 0, NULL, "%s does not broadcast to %s",
                         value_text(call->frame->build->builder->arena, x),
                         shape_text(call->frame->build->builder->arena, shape));
    int64_t batch = x.batched ? x.node->shape.extent[0] : 1;
    return value_spread(call->frame->build->graph, x, shape, x.batched, batch);
}
const struct function_row broadcast_function = {
    .name = "broadcast",
    .doc = "each sample repeated to a shape",
    .equation = "y[…, i, j] = x[…, i, j], or x[…, 0, j] where x has one row, and so on",
    .arguments = "x *shape",
    .build = build_broadcast,
    .example = "broadcast(w, 10, 512)",
    .aliases = "expand",
};
