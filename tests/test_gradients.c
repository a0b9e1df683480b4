/* links: reference engine base */
/*
 * The gradient rule of every primitive, and of compositions that training uses, against central
 * differences: first and second derivatives along a random direction, in double on the reference
 * backend (as JAX's check_grads does to order 2).
 *
 * With s(x) = sum(w * f(x)), d1 = <grad s, v> and d2 = <grad d1, v>, where v is the direction:
 * (s(x + hv) - s(x - hv)) / 2h must be d1, and (d1(x + hv) - d1(x - hv)) / 2h must be d2.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "engine/backend.h"

enum { OPERANDS_MOST = 6, SHAPES_TRIED = 20 };

/* One function under test, being built on operands of random shape. */
struct trial {
    const struct test_case *test;
    struct graph *graph;
    struct random_stream *random;
    struct variable variable[OPERANDS_MOST];
    struct node *x[OPERANDS_MOST]; /* the operands: VARIABLE nodes */
    int operands;
};

struct test_case {
    const char *name;
    enum op op; /* the primitive under test, for the roll-call below; OP_COUNT: a composition */
    struct node *(*build)(struct trial *t);
    double low, high; /* operands are drawn from here, (high - low) / count apart */
    bool flat;        /* no gradient flows at all */
};

static int64_t between(struct trial *t, int64_t low, int64_t high) {
    return low + (int64_t)random_below(t->random, (uint32_t)(high - low + 1));
}

static struct node *operand(struct trial *t, struct shape shape) {
    int i = t->operands++;
    t->variable[i] =
        (struct variable){.name = "operand", .type = TYPE_FLOAT32, .shape = shape, .index = i};
    return t->x[i] = graph_variable(t->graph, &t->variable[i]);
}

static struct shape random_shape(struct trial *t, int rank) {
    struct shape shape = {.rank = rank};
    for (int a = 0; a < rank; a++)
        shape.extent[a] = between(t, 1, 5);
    return shape;
}

static struct shape any_shape(struct trial *t) {
    return random_shape(t, (int)between(t, 0, 4));
}

static struct node *random_index(struct trial *t, struct shape shape, int64_t below) {
    double table[256];
    for (int64_t i = 0; i < shape_count(shape); i++)
        table[i] = (double)between(t, 0, below - 1);
    return graph_table(t->graph, TYPE_INT32, shape, table);
}

/* ---- the primitives ---------------------------------------------------------------------------
 */

static struct node *build_map(struct trial *t) {
    struct shape shape = any_shape(t);
    int sources = op_rows[t->test->op].sources;
    struct node *s[3] = {0};
    for (int i = 0; i < sources; i++)
        s[i] = operand(t, shape);
    return graph_node(t->graph, t->test->op, TYPE_FLOAT32, shape, sources, s, NULL);
}

/* The condition is both nought and not. */
static struct node *build_select(struct trial *t) {
    struct node *a = operand(t, any_shape(t)), *b = operand(t, a->shape);
    struct node *less = graph_binary(t->graph, OP_LESS, a, graph_like(t->graph, a, 0.1));
    return graph_select(t->graph, less, a, b);
}

/* Both exponents that rules treat on their own, 0 and 1, and others. */
static struct node *build_pow(struct trial *t) {
    struct node *a = operand(t, any_shape(t));
    static const double exponents[] = {0, 1, 2, 3, -1, -1.5};
    struct node *b = between(t, 0, 1) ? operand(t, a->shape)
                                      : graph_like(t->graph, a, exponents[between(t, 0, 5)]);
    return graph_binary(t->graph, OP_POW, a, b);
}

/* a^b with a below 0, for whole constants b. */
static struct node *build_pow_below_zero(struct trial *t) {
    struct node *a = operand(t, any_shape(t));
    return graph_binary(t->graph, OP_POW, a, graph_like(t->graph, a, (double)between(t, -2, 4)));
}

static struct node *build_cast(struct trial *t) {
    return graph_cast(t->graph, operand(t, any_shape(t)), TYPE_FLOAT64);
}

static struct node *build_cast_to_integers(struct trial *t) {
    struct node *whole = graph_cast(t->graph, operand(t, any_shape(t)), TYPE_INT32);
    return graph_cast(t->graph, whole, TYPE_FLOAT32);
}

static struct node *build_constant(struct trial *t) {
    return graph_like(t->graph, operand(t, any_shape(t)), 3);
}

static struct node *build_input(struct trial *t) {
    return graph_input(t->graph, "fixed", TYPE_FLOAT32, operand(t, any_shape(t))->shape, false);
}

static struct node *build_variable(struct trial *t) {
    return operand(t, any_shape(t));
}

static struct node *build_iota(struct trial *t) {
    struct node *x = operand(t, random_shape(t, 2));
    return graph_iota(t->graph, TYPE_FLOAT32, x->shape, 1);
}

static struct node *build_random(struct trial *t) {
    struct node *clock = graph_constant(t->graph, TYPE_INT32, SHAPE(3), 1);
    return graph_random(t->graph, RANDOM_NORMAL, operand(t, any_shape(t))->shape, 7, clock);
}

static struct node *build_reshape(struct trial *t) {
    struct node *x = operand(t, SHAPE(between(t, 1, 3) * 2, between(t, 1, 4), 6));
    return graph_reshape(t->graph, x,
                         SHAPE(3, 2 * x->shape.extent[1], 1, x->shape.extent[0] / 2, 2));
}

static struct node *build_permute(struct trial *t) {
    struct node *x = operand(t, random_shape(t, (int)between(t, 1, 4)));
    int order[AXES_MOST];
    for (int a = 0; a < x->shape.rank; a++) {
        int other = (int)between(t, 0, a);
        order[a] = order[other];
        order[other] = a;
    }
    return graph_permute(t->graph, x, order);
}

static struct node *build_broadcast(struct trial *t) {
    struct shape shape = random_shape(t, (int)between(t, 1, 4)), small = shape;
    for (int a = 0; a < shape.rank; a++)
        if (between(t, 0, 1)) small.extent[a] = 1;
    return graph_expand(t->graph, operand(t, small), shape);
}

static struct node *build_slice(struct trial *t) {
    struct shape shape = random_shape(t, (int)between(t, 1, 3)), whole = shape;
    int64_t low[AXES_MOST], step[AXES_MOST];
    for (int a = 0; a < shape.rank; a++) {
        low[a] = between(t, 0, 2);
        step[a] = between(t, 1, 3);
        whole.extent[a] = low[a] + (shape.extent[a] - 1) * step[a] + 1 + between(t, 0, 2);
    }
    return graph_slice(t->graph, operand(t, whole), low, step, shape);
}

static struct node *build_pad(struct trial *t) {
    struct node *x = operand(t, random_shape(t, (int)between(t, 1, 3)));
    int64_t low[AXES_MOST], high[AXES_MOST], step[AXES_MOST];
    for (int a = 0; a < x->shape.rank; a++) {
        low[a] = between(t, 0, 2);
        high[a] = between(t, 0, 2);
        step[a] = between(t, 1, 3);
    }
    return graph_pad(t->graph, x, low, high, step, 0.7);
}

static struct node *build_flip(struct trial *t) {
    struct node *x = operand(t, random_shape(t, 3));
    return graph_flip(t->graph, x, (uint32_t)between(t, 1, 7));
}

static struct node *build_concat(struct trial *t) {
    struct shape shape = random_shape(t, (int)between(t, 1, 3));
    int axis = (int)between(t, 0, shape.rank - 1), count = (int)between(t, 2, 4);
    struct node *parts[4];
    for (int i = 0; i < count; i++) {
        shape.extent[axis] = between(t, 1, 4);
        parts[i] = operand(t, shape);
    }
    parts[count - 1] = graph_concat(t->graph, 2, (struct node *[]){parts[count - 1], parts[0]},
                                    axis); /* one part is used twice */
    return graph_concat(t->graph, count, parts, axis);
}

static struct node *build_sum(struct trial *t) {
    struct node *x = operand(t, random_shape(t, (int)between(t, 1, 4)));
    uint32_t axes = (uint32_t)between(t, 1, (int64_t)axes_all(x->shape.rank));
    return t->test->op == OP_SUM ? graph_sum(t->graph, x, axes) : graph_max(t->graph, x, axes);
}

static struct node *build_matmul(struct trial *t) {
    int64_t m = between(t, 1, 5), k = between(t, 1, 5), n = between(t, 1, 5);
    if (between(t, 0, 1))
        return graph_matmul(t->graph, operand(t, SHAPE(m, k)), operand(t, SHAPE(k, n)));
    int64_t batch = between(t, 1, 3);
    return graph_matmul(t->graph, operand(t, SHAPE(batch, m, k)), operand(t, SHAPE(batch, k, n)));
}

/* Shapes that fit each other: stride, dilation, groups and uneven padding among them. */
struct conv_shapes {
    struct convolution c;
    struct shape x, kernel, y;
};

static struct conv_shapes random_convolution(struct trial *t) {
    struct conv_shapes s = {.c.groups = between(t, 1, 2)};
    int64_t channels = between(t, 1, 2), filters = between(t, 1, 2) * s.c.groups;
    s.x = SHAPE(between(t, 1, 2), 0, 0, channels * s.c.groups);
    s.kernel = SHAPE(between(t, 1, 3), between(t, 1, 3), channels, filters);
    s.y = SHAPE(s.x.extent[0], 0, 0, filters);
    for (int a = 0; a < 2; a++) {
        s.c.stride[a] = between(t, 1, 3);
        s.c.dilation[a] = between(t, 1, 2);
        s.c.low[a] = between(t, 0, 2);
        s.c.high[a] = between(t, 0, 2);
        int64_t reach = s.c.dilation[a] * (s.kernel.extent[a] - 1) + 1 - s.c.low[a] - s.c.high[a];
        s.x.extent[a + 1] = (reach > 1 ? reach : 1) + between(t, 0, 3);
        s.y.extent[a + 1] = convolution_extent(&s.c, a, s.x.extent[a + 1], s.kernel.extent[a]);
    }
    return s;
}

static struct node *build_conv(struct trial *t) {
    struct conv_shapes s = random_convolution(t);
    struct node *x = operand(t, s.x);
    return graph_conv(t->graph, x, operand(t, s.kernel), &s.c);
}

static struct node *build_conv_dx(struct trial *t) {
    struct conv_shapes s = random_convolution(t);
    struct node *y = operand(t, s.y);
    return graph_conv_dx(t->graph, y, operand(t, s.kernel), &s.c, s.x);
}

static struct node *build_conv_dw(struct trial *t) {
    struct conv_shapes s = random_convolution(t);
    struct node *x = operand(t, s.x);
    return graph_conv_dw(t->graph, x, operand(t, s.y), &s.c, s.kernel);
}

static struct node *build_gather(struct trial *t) {
    struct shape shape = random_shape(t, (int)between(t, 1, 3));
    struct node *index = random_index(t, random_shape(t, (int)between(t, 0, 2)), shape.extent[0]);
    return graph_gather(t->graph, operand(t, shape), index);
}

static struct node *build_scatter_add(struct trial *t) {
    struct shape index = random_shape(t, (int)between(t, 0, 2)), rows = index;
    for (int64_t more = between(t, 0, 2); more > 0; more--)
        rows.extent[rows.rank++] = between(t, 1, 4);
    int64_t n = between(t, 1, 5);
    return graph_scatter_add(t->graph, n, random_index(t, index, n), operand(t, rows));
}

/* x stop(x): the gradient is that of x times a constant, which the differences do not see. */
static struct node *build_stop(struct trial *t) {
    return graph_stop(t->graph, operand(t, any_shape(t)));
}

static struct node *build_mark(struct trial *t) {
    struct node *x = operand(t, any_shape(t)), *mark = graph_mark(t->graph, x);
    return graph_mul(t->graph, mark, graph_unary(t->graph, OP_SIN, mark));
}

/* ---- compositions -----------------------------------------------------------------------------
 */

static struct node *mean(struct graph *g, struct node *x, uint32_t axes) {
    struct node *sum = graph_sum(g, x, axes);
    return graph_scale(g, sum, (double)shape_count(sum->shape) / (double)shape_count(x->shape));
}

static struct node *softplus(struct graph *g, struct node *x) {
    struct node *zero = graph_like(g, x, 0), *size = graph_binary(g, OP_MAX, x, graph_neg(g, x));
    struct node *rest = graph_unary(g, OP_LOG1P, graph_unary(g, OP_EXP, graph_neg(g, size)));
    return graph_add(g, graph_binary(g, OP_MAX, x, zero), rest);
}

static struct node *norm(struct graph *g, struct node *x) {
    struct node *squares = graph_sum(g, graph_mul(g, x, x), axes_all(x->shape.rank) & ~1u);
    return graph_unary(g, OP_SQRT, squares);
}

static struct node *linear(struct graph *g, struct node *x, struct node *weight,
                           struct node *bias) {
    struct node *product = graph_matmul(g, x, weight);
    return graph_add(g, product, graph_broadcast(g, bias, product->shape));
}

static struct node *build_softplus(struct trial *t) {
    return softplus(t->graph, operand(t, any_shape(t)));
}

static struct node *build_norm(struct trial *t) {
    return norm(t->graph, operand(t, random_shape(t, (int)between(t, 2, 3))));
}

static struct node *build_softmax(struct trial *t) {
    struct graph *g = t->graph;
    struct node *x = operand(t, SHAPE(between(t, 1, 4), between(t, 2, 6)));
    struct node *top = graph_expand(g, graph_max(g, x, 2), x->shape);
    struct node *e = graph_unary(g, OP_EXP, graph_sub(g, x, top));
    return graph_div(g, e, graph_expand(g, graph_sum(g, e, 2), x->shape));
}

static struct node *build_linear_chain(struct trial *t) {
    struct graph *g = t->graph;
    int64_t wide = between(t, 1, 4), inner = between(t, 1, 4), out = between(t, 1, 3);
    struct node *x = operand(t, SHAPE(between(t, 1, 4), wide));
    struct node *h = linear(g, x, operand(t, SHAPE(wide, inner)), operand(t, SHAPE(inner)));
    return linear(g, graph_unary(g, OP_TANH, h), operand(t, SHAPE(inner, out)),
                  operand(t, SHAPE(out)));
}

static struct node *build_batch_norm(struct trial *t) {
    struct graph *g = t->graph;
    struct node *x = operand(t, SHAPE(between(t, 3, 5), between(t, 1, 3), between(t, 1, 4)));
    uint32_t axes = 3;
    struct node *off = graph_sub(g, x, graph_expand(g, mean(g, x, axes), x->shape));
    struct node *variance = mean(g, graph_mul(g, off, off), axes);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, 1e-2));
    return graph_div(g, off, graph_expand(g, deviation, x->shape));
}

/* mean((norm(grad(d(x), x)) - 1)^2) of a perceptron with one hidden layer, through a MARK. */
static struct node *build_gradient_penalty(struct trial *t) {
    struct graph *g = t->graph;
    int64_t batch = between(t, 1, 3), wide = between(t, 1, 4), inner = between(t, 2, 4);
    struct node *x = operand(t, SHAPE(batch, wide)), *mark = graph_mark(g, x), *slope;
    struct node *h = linear(g, mark, operand(t, SHAPE(wide, inner)), operand(t, SHAPE(inner)));
    struct node *logit =
        linear(g, graph_unary(g, OP_TANH, h), operand(t, SHAPE(inner, 1)), operand(t, SHAPE(1)));
    graph_gradient(g, logit, &mark, 1, &slope);
    struct node *off = graph_shift(g, norm(g, graph_shift(g, slope, 0.01)), -1);
    return mean(g, graph_mul(g, off, off), 3);
}

/* The same of a convolution, tanh, and a transposed convolution's mean. */
static struct node *build_conv_penalty(struct trial *t) {
    struct graph *g = t->graph;
    struct conv_shapes s = random_convolution(t);
    struct node *x = operand(t, s.x), *mark = graph_mark(g, x), *slope;
    struct node *h = graph_unary(g, OP_TANH, graph_conv(g, mark, operand(t, s.kernel), &s.c));
    struct node *back = graph_conv_dx(g, h, operand(t, s.kernel), &s.c, s.x);
    graph_gradient(g, graph_unary(g, OP_TANH, back), &mark, 1, &slope);
    struct shape flat = SHAPE(s.x.extent[0], shape_count(s.x) / s.x.extent[0]);
    struct node *off =
        graph_shift(g, norm(g, graph_shift(g, graph_reshape(g, slope, flat), 0.01)), -1);
    return mean(g, graph_mul(g, off, off), 3);
}

static const struct test_case cases[] = {
    {"constant", OP_CONSTANT, build_constant, -1, 1, true},
    {"input", OP_INPUT, build_input, -1, 1, true},
    {"variable", OP_VARIABLE, build_variable, -1, 1, false},
    {"iota", OP_IOTA, build_iota, -1, 1, true},
    {"random", OP_RANDOM, build_random, -1, 1, true},
    {"neg", OP_NEG, build_map, -2, 2, false},
    {"exp", OP_EXP, build_map, -2, 2, false},
    {"log", OP_LOG, build_map, 0.3, 3, false},
    {"sqrt", OP_SQRT, build_map, 0.3, 3, false},
    {"tanh", OP_TANH, build_map, -2, 2, false},
    {"sin", OP_SIN, build_map, -3, 3, false},
    {"cos", OP_COS, build_map, -3, 3, false},
    {"log1p", OP_LOG1P, build_map, -0.6, 2, false},
    {"expm1", OP_EXPM1, build_map, -2, 2, false},
    {"erf", OP_ERF, build_map, -2, 2, false},
    {"floor", OP_FLOOR, build_map, -3.1371, 2.8713, true},
    {"cast", OP_CAST, build_cast, -2, 2, false},
    {"cast to integers", OP_CAST, build_cast_to_integers, -3.1371, 2.8713, true},
    {"add", OP_ADD, build_map, -2, 2, false},
    {"sub", OP_SUB, build_map, -2, 2, false},
    {"mul", OP_MUL, build_map, -2, 2, false},
    {"div", OP_DIV, build_map, 0.4, 3, false},
    {"max", OP_MAX, build_map, -2, 2, false},
    {"min", OP_MIN, build_map, -2, 2, false},
    {"pow", OP_POW, build_pow, 0.4, 2.5, false},
    {"pow below zero", OP_POW, build_pow_below_zero, -2, -0.4, false},
    {"less", OP_LESS, build_map, -2, 2, true},
    {"equal", OP_EQUAL, build_map, -2, 2, true},
    {"select", OP_SELECT, build_select, -2.1371, 1.8713, false},
    {"reshape", OP_RESHAPE, build_reshape, -2, 2, false},
    {"permute", OP_PERMUTE, build_permute, -2, 2, false},
    {"broadcast", OP_BROADCAST, build_broadcast, -2, 2, false},
    {"slice", OP_SLICE, build_slice, -2, 2, false},
    {"pad", OP_PAD, build_pad, -2, 2, false},
    {"flip", OP_FLIP, build_flip, -2, 2, false},
    {"concat", OP_CONCAT, build_concat, -2, 2, false},
    {"sum", OP_SUM, build_sum, -2, 2, false},
    {"reduce_max", OP_REDUCE_MAX, build_sum, -2, 2, false},
    {"matmul", OP_MATMUL, build_matmul, -2, 2, false},
    {"conv", OP_CONV, build_conv, -2, 2, false},
    {"conv_dx", OP_CONV_DX, build_conv_dx, -2, 2, false},
    {"conv_dw", OP_CONV_DW, build_conv_dw, -2, 2, false},
    {"gather", OP_GATHER, build_gather, -2, 2, false},
    {"scatter_add", OP_SCATTER_ADD, build_scatter_add, -2, 2, false},
    {"stop_gradient", OP_STOP_GRADIENT, build_stop, -2, 2, true},
    {"mark", OP_MARK, build_mark, -2, 2, false},
    {"softplus", OP_COUNT, build_softplus, -3.1371, 2.8713, false},
    {"norm", OP_COUNT, build_norm, -2.1371, 1.8713, false},
    {"softmax", OP_COUNT, build_softmax, -2, 2, false},
    {"linear layers", OP_COUNT, build_linear_chain, -1, 1, false},
    {"batch norm", OP_COUNT, build_batch_norm, -2, 2, false},
    {"gradient penalty", OP_COUNT, build_gradient_penalty, -1.5, 1.5, false},
    {"gradient penalty of convolutions", OP_COUNT, build_conv_penalty, -1, 1, false},
};

/* ---- the check --------------------------------------------------------------------------------
 */

/* Numbers between low and high in random order, evenly apart over all operands together, so that no
 * comparison is near its jump. */
static double **draw_operands(struct trial *t, struct arena *arena) {
    int64_t total = 0, at = 0;
    for (int i = 0; i < t->operands; i++)
        total += shape_count(t->variable[i].shape);
    double *levels = ARENA_ARRAY(arena, double, total),
           **x = ARENA_ARRAY(arena, double *, OPERANDS_MOST);
    for (int64_t i = 0; i < total; i++) {
        int64_t other = between(t, 0, i);
        levels[i] = levels[other];
        levels[other] =
            t->test->low + (t->test->high - t->test->low) * ((double)i + 0.5) / (double)total;
    }
    for (int i = 0; i < t->operands; i++) {
        x[i] = levels + at;
        at += shape_count(t->variable[i].shape);
    }
    return x;
}

static struct node *random_table(struct trial *t, const struct node *like) {
    int64_t count = shape_count(like->shape);
    double *table = ARENA_ARRAY(t->graph->arena, double, count);
    for (int64_t i = 0; i < count; i++)
        table[i] = (double)between(t, -1000, 1000) / 700;
    return graph_table(t->graph, like->type, like->shape, table);
}

/* <grad y, direction>, or NULL where y depends on no operand. */
static struct node *slope_along(struct trial *t, struct node *y, struct node *const *direction) {
    struct node *grads[OPERANDS_MOST], *slope = NULL;
    graph_gradient(t->graph, y, t->x, t->operands, grads);
    for (int i = 0; i < t->operands; i++) {
        if (!grads[i]) continue;
        struct node *term = graph_sum_all(t->graph, graph_mul(t->graph, grads[i], direction[i]));
        slope = slope ? graph_add(t->graph, slope, term) : term;
    }
    return slope;
}

struct measured {
    double value[3]; /* s, d1, d2 */
};

static struct measured measure(struct trial *t, struct device *device, struct program *program,
                               double *const *x, struct node *const *direction, double step) {
    static const float fixed[1024] = {0};
    for (int i = 0; i < t->operands; i++) {
        double moved[1024];
        for (int64_t k = 0; k < shape_count(t->variable[i].shape); k++)
            moved[k] = x[i][k] + step * direction[i]->at.table[k];
        backend_reference.variable_write(device, &t->variable[i], TYPE_FLOAT64, moved);
    }
    if (backend_reference.run(program, (const void *const[]){fixed}) != RUN_DONE)
        fail_msg("%s: a number is not finite", t->test->name);
    struct measured m = {0};
    for (int i = 0; i < 3; i++)
        backend_reference.output(program, i, TYPE_FLOAT64, &m.value[i]);
    return m;
}

static void expect_near(const char *what, int order, double found, double difference,
                        double scale) {
    if (fabs(found - difference) <= 1e-6 * (1 + scale)) return;
    fail_msg("%s: derivative %d along a direction is %.10g, by differences %.10g", what, order,
             found, difference);
}

static void compare(struct trial *t, struct node *y, struct arena *arena) {
    struct node *direction[OPERANDS_MOST],
        *zero = graph_constant(t->graph, y->type, SHAPE_SCALAR, 0);
    struct node *s = graph_sum_all(t->graph, graph_mul(t->graph, y, random_table(t, y)));
    for (int i = 0; i < t->operands; i++)
        direction[i] = random_table(t, t->x[i]);
    struct node *d1 = slope_along(t, s, direction), *d2 = d1 ? slope_along(t, d1, direction) : NULL;
    if (t->test->flat != !d1)
        fail_msg("%s: a gradient %s", t->test->name, d1 ? "flows" : "is missing");
    graph_output(t->graph, "s", s, NULL);
    graph_output(t->graph, "d1", d1 ? d1 : zero, NULL);
    graph_output(t->graph, "d2", d2 ? d2 : zero, NULL);
    graph_verify(t->graph, "building a test");

    struct error error = {0};
    struct device *device = backend_reference.device_open(&(struct device_options){0}, &error);
    for (int i = 0; i < t->operands; i++)
        backend_reference.variable_create(device, &t->variable[i]);
    const struct compile_options options = {.no_simplify = true};
    struct program *program = backend_reference.compile(device, arena, t->graph, &options, &error);
    double **x = draw_operands(t, arena), h = 1e-5;
    struct measured here = measure(t, device, program, x, direction, 0),
                    after = measure(t, device, program, x, direction, h),
                    before = measure(t, device, program, x, direction, -h);
    for (int order = 1; order <= 2 && t->test->op != OP_STOP_GRADIENT; order++)
        expect_near(t->test->name, order, here.value[order],
                    (after.value[order - 1] - before.value[order - 1]) / (2 * h),
                    fabs(here.value[0]) + fabs(here.value[1]) + fabs(here.value[2]));
    backend_reference.device_close(device);
}

static void gradients_agree_with_differences(void **state) {
    (void)state;
    struct random_stream random = {.key = 20260101};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int shape = 0; shape < SHAPES_TRIED; shape++) {
            struct arena *arena = arena_new();
            struct trial t = {.test = &cases[i], .graph = graph_new(arena), .random = &random};
            compare(&t, cases[i].build(&t), arena);
            arena_free(arena);
        }
}

/* A primitive that is added needs its case; moments is made by lowering, after gradients. */
static void every_primitive_has_a_case(void **state) {
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        bool found = op == OP_MOMENTS;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            found = found || (int)cases[i].op == op;
        if (!found) fail_msg("%s has no case", op_rows[op].name);
    }
}

/* ---- by hand: what differences cannot tell ----------------------------------------------------
 */

/* The gradient of sum(y) with respect to x, evaluated; y is built of constants. */
static void expect_gradient(struct graph *graph, struct node *y, struct node *x,
                            const double *expected) {
    struct node *grad;
    double found[16];
    graph_gradient(graph, y, &x, 1, &grad);
    assert_non_null(grad);
    assert_true(shape_equal(grad->shape, x->shape) && shape_count(x->shape) <= 16);
    graph_output(graph, "gradient", grad, NULL);
    struct error error = {0};
    struct device *device = backend_reference.device_open(&(struct device_options){0}, &error);
    struct program *program = backend_reference.compile(
        device, graph->arena, graph, &(struct compile_options){.no_simplify = true}, &error);
    assert_int_equal(backend_reference.run(program, NULL), RUN_DONE);
    backend_reference.output(program, 0, TYPE_FLOAT64, found);
    for (int64_t i = 0; i < shape_count(x->shape); i++)
        if (fabs(found[i] - expected[i]) > 1e-12)
            fail_msg("element %d is %.10g instead of %.10g", (int)i, found[i], expected[i]);
    backend_reference.device_close(device);
}

static void ties_share_the_gradient(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *a = graph_table(g, TYPE_FLOAT32, SHAPE(3), (double[]){1, 2, 3}),
                *b = graph_table(g, TYPE_FLOAT32, SHAPE(3), (double[]){2, 2, 2});
    expect_gradient(g, graph_binary(g, OP_MAX, a, b), a, (double[]){0, 0.5, 1});
    g = graph_new(arena);
    a = graph_table(g, TYPE_FLOAT32, SHAPE(3), (double[]){1, 2, 3});
    b = graph_table(g, TYPE_FLOAT32, SHAPE(3), (double[]){2, 2, 2});
    expect_gradient(g, graph_binary(g, OP_MIN, a, b), b, (double[]){0, 0.5, 1});
    g = graph_new(arena);
    a = graph_table(g, TYPE_FLOAT32, SHAPE(2, 3), (double[]){5, 1, 5, 7, 8, 9});
    expect_gradient(g, graph_max(g, a, 2), a, (double[]){0.5, 0, 0.5, 0, 0, 1});
    arena_free(arena);
}

static void powers_of_nought_have_finite_gradients(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *a = graph_table(g, TYPE_FLOAT32, SHAPE(4), (double[]){0, 0, 0, -2}),
                *b = graph_table(g, TYPE_FLOAT32, SHAPE(4), (double[]){0, 1, 2, 3});
    expect_gradient(g, graph_binary(g, OP_POW, a, b), a, (double[]){0, 1, 0, 12});
    g = graph_new(arena);
    a = graph_table(g, TYPE_FLOAT32, SHAPE(4), (double[]){0, 0, 1, -2});
    b = graph_table(g, TYPE_FLOAT32, SHAPE(4), (double[]){0, 1, 2, 3});
    expect_gradient(g, graph_binary(g, OP_POW, a, b), b, (double[]){0, 0, 0, 0});
    arena_free(arena);
}

static void a_stopped_factor_is_a_constant(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *x = graph_table(g, TYPE_FLOAT32, SHAPE(2), (double[]){3, -4});
    expect_gradient(g, graph_mul(g, x, graph_stop(g, x)), x, (double[]){3, -4});
    arena_free(arena);
}

/* Equal expressions stay different variables: y = mark_1(x) * mark_2(x)^2 at x = 3. */
static void marks_of_one_value_are_different_variables(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *x = graph_constant(g, TYPE_FLOAT32, SHAPE_SCALAR, 3);
    struct node *first = graph_mark(g, x), *second = graph_mark(g, x);
    assert_ptr_not_equal(first, second);
    struct node *y = graph_mul(g, first, graph_mul(g, second, second));
    expect_gradient(g, y, first, (double[]){9});
    graph_mark(g, x);
    struct node *grad;
    graph_gradient(g, y, &second, 1, &grad);
    assert_non_null(grad);
    arena_free(arena);
}

static void what_does_not_depend_has_no_gradient(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *x = graph_constant(g, TYPE_FLOAT32, SHAPE(2), 3),
                *other = graph_constant(g, TYPE_FLOAT32, SHAPE(2), 4);
    struct node *y = graph_mul(g, x, x), *later = graph_neg(g, y);
    struct node *grads[4];
    graph_gradient(g, y, (struct node *[]){x, other, later, y}, 4, grads);
    assert_non_null(grads[0]);
    assert_null(grads[1]);
    assert_null(grads[2]);
    assert_ptr_equal(grads[3], graph_like(g, y, 1));
    arena_free(arena);
}

/* d/dx of x (x + x^2) + x^2, whose paths share nodes, at 2: 3 x^2 + 4 x. */
static void paths_add_up(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph *g = graph_new(arena);
    struct node *x = graph_constant(g, TYPE_FLOAT32, SHAPE_SCALAR, 2), *square = graph_mul(g, x, x);
    struct node *y = graph_add(g, graph_mul(g, x, graph_add(g, x, square)), square);
    expect_gradient(g, y, x, (double[]){20});
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(every_primitive_has_a_case),
        cmocka_unit_test(ties_share_the_gradient),
        cmocka_unit_test(powers_of_nought_have_finite_gradients),
        cmocka_unit_test(a_stopped_factor_is_a_constant),
        cmocka_unit_test(marks_of_one_value_are_different_variables),
        cmocka_unit_test(what_does_not_depend_has_no_gradient),
        cmocka_unit_test(paths_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
