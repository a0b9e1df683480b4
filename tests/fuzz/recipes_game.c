/* Recipes: gradients, and whole games. */
#include <math.h>

#include "tests/fuzz/maker.h"

static bool depends(const struct node *y, const struct node *x, const struct graph *g,
                    struct arena *scratch) {
    bool *reached = ARENA_ARRAY(scratch, bool, g->count);
    reached[x->id] = true;
    for (int i = x->id + 1; i <= y->id; i++)
        for (int s = 0; s < g->nodes[i]->sources; s++)
            reached[i] = reached[i] || reached[g->nodes[i]->source[s]->id];
    return y->id >= x->id && reached[y->id];
}

/* Up to `most` values that y depends on, variables and marks first. */
static int draw_wrt(struct maker *m, const struct node *y, struct node **wrt, int most) {
    struct arena *scratch = arena_new();
    int count = 0;
    for (int tries = 0; tries < 30 && count < most; tries++) {
        struct node *x = m->pool[below(m, m->count)].node;
        bool leaf = x->op == OP_VARIABLE || x->op == OP_MARK || x->op == OP_INPUT;
        bool known = false;
        for (int i = 0; i < count; i++)
            known = known || wrt[i] == x;
        if (!known && (leaf || tries > 15) && x != y && depends(y, x, m->g, scratch))
            wrt[count++] = x;
    }
    arena_free(scratch);
    return count;
}

static struct node *scalar_of(struct maker *m, struct term t) {
    struct node *y = t.node;
    if (chance(m, 30)) y = graph_mul(m->g, y, y);
    y = graph_sum_all(m->g, y);
    return graph_scale(m->g, y, 1 / (double)shape_count(t.node->shape));
}

static int64_t size_since(const struct graph *g, int before) {
    int64_t size = 0;
    for (int i = before; i < g->count; i++)
        size += shape_count(g->nodes[i]->shape);
    return size;
}

/* Gradients of a scalar, and now and then a penalty on them and its gradient. */
void recipe_gradient(struct maker *m) {
    struct node *wrt[3], *grads[3];
    struct term t = moderate(m, pick(m));
    struct node *y = scalar_of(m, t);
    int count = draw_wrt(m, y, wrt, 3), before = m->g->count;
    if (!count) return;
    keep(m, y, -INFINITY, INFINITY);
    graph_gradient(m->g, y, wrt, count, grads);
    for (int i = 0; i < count; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(m->g, before);
    if (!grads[0] || m->budget < 0 || chance(m, 60)) return;
    before = m->g->count;
    struct node *squares = graph_sum_all(m->g, graph_mul(m->g, grads[0], grads[0]));
    struct node *length = graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-2));
    struct node *off = graph_shift(m->g, length, -1);
    y = graph_mul(m->g, off, off);
    graph_gradient(m->g, y, wrt, count, grads);
    for (int i = 0; i < count; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(m->g, before);
}

/* A small discriminator and its weights, to be called several times; perhaps a convolution along
 * its inputs comes first. */
struct network {
    struct node *kernel, *weight[2], *bias[2];
    struct convolution conv;
    int activation;
};

/* Numbers that come out of the convolution. */
static int64_t add_kernel(struct maker *m, struct network *n, int64_t inputs) {
    int64_t taps = 1 + below(m, 3), filters = 1 + below(m, 3);
    n->conv = (struct convolution){{1 + below(m, 2), 1}, {1, 1}, {1, 0}, {1, 0}, 1, 0};
    n->kernel = new_variable(m, SHAPE(taps, 1, 1, filters)).node;
    return convolution_extent(&n->conv, 0, inputs, taps) * filters;
}

static struct network new_network(struct maker *m, int64_t inputs) {
    struct network n = {.activation = (int)below(m, 3)};
    if (chance(m, 30)) inputs = add_kernel(m, &n, inputs);
    int64_t inner = m->palette[below(m, PALETTE)], outputs = chance(m, 60) ? 1 : 1 + below(m, 3);
    n.weight[0] = new_variable(m, SHAPE(inputs, inner)).node;
    n.bias[0] = new_variable(m, SHAPE(inner)).node;
    n.weight[1] = new_variable(m, SHAPE(inner, outputs)).node;
    n.bias[1] = new_variable(m, SHAPE(outputs)).node;
    return n;
}

static struct node *call(struct maker *m, const struct network *n, struct node *x) {
    struct graph *g = m->g;
    if (n->kernel) {
        int64_t rows = x->shape.extent[0], inputs = n->weight[0]->shape.extent[0];
        x = graph_reshape(g, x, SHAPE(rows, x->shape.extent[1], 1, 1));
        x = graph_reshape(g, graph_conv(g, x, n->kernel, &n->conv), SHAPE(rows, inputs));
    }
    for (int i = 0; i < 2; i++) {
        x = graph_matmul(g, x, n->weight[i]);
        x = graph_add(g, x, graph_broadcast(g, n->bias[i], x->shape));
        struct node *zero = graph_like(g, x, 0);
        if (i || !n->activation)
            x = graph_unary(g, OP_TANH, x);
        else if (n->activation == 1)
            x = graph_binary(g, OP_MAX, x, zero);
        else
            x = graph_select(g, graph_binary(g, OP_LESS, zero, x), x, graph_scale(g, x, 0.2));
    }
    return x;
}

/* mean((norm(grad(d(x), x)) - 1)^2) */
static struct node *penalty(struct maker *m, const struct network *n, struct node *x) {
    struct node *mark = graph_mark(m->g, x), *slope;
    graph_gradient(m->g, call(m, n, mark), &mark, 1, &slope);
    struct node *squares = graph_sum(m->g, graph_mul(m->g, slope, slope), 2);
    struct node *length = graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-2));
    struct node *off = graph_shift(m->g, length, -1);
    return mean(m, graph_mul(m->g, off, off), 3);
}

/* What a network is called on: values of their own, parts of one, new numbers, or a value with
 * other rows under another shape. */
static struct node *draw_batch(struct maker *m, int64_t kind, struct node *whole, int64_t first,
                               int64_t rows, int64_t width) {
    switch (kind) {
    case 0:
        return graph_slice_axis(m->g, whole, 0, first, rows);
    case 1:
        return new_random(m, SHAPE(rows, width)).node;
    case 2:
        return graph_reshape(m->g, operand(m, SHAPE(width, rows)).node, SHAPE(rows, width));
    default:
        return operand(m, SHAPE(rows, width)).node;
    }
}

/* Sums of two results over one axis each, as biases and reports have them. */
static void add_sums(struct maker *m, struct node *a, struct node *b) {
    uint32_t axes = 1 + (uint32_t)below(m, 3), others = chance(m, 70) ? axes : 3 - (axes & 1);
    struct node *x = graph_sum(m->g, a, axes), *y = graph_sum(m->g, b, others);
    if (shape_equal(x->shape, y->shape)) keep(m, graph_add(m->g, x, y), -INFINITY, INFINITY);
}

/* Two maps of one space, each before the other: x -> a -> b and y -> b -> a, one path after the
 * other or both at once. */
void recipe_cycle(struct maker *m) {
    int64_t width = m->palette[below(m, PALETTE)], rows = m->palette[below(m, PALETTE)];
    if (width * width > m->largest || rows * width > m->largest) return;
    struct graph *g = m->g;
    struct node *a = new_variable(m, SHAPE(width, width)).node,
                *b = new_variable(m, SHAPE(width, width)).node;
    struct node *x = operand(m, SHAPE(rows, width)).node, *y = operand(m, SHAPE(rows, width)).node;
    double size = 10 * (double)width * (double)width;
    bool apart = chance(m, 50);
    struct node *ab = graph_matmul(g, x, a);
    if (apart) keep(m, graph_matmul(g, ab, b), -size, size);
    struct node *ba = graph_matmul(g, y, b);
    keep(m, graph_matmul(g, ba, a), -size, size);
    if (!apart) keep(m, graph_matmul(g, ab, b), -size, size);
}

/* A step of a game: one network on two batches, perhaps with a penalty between them, and the
 * gradients of its weights. */
void recipe_game(struct maker *m) {
    struct graph *g = m->g;
    int64_t width = m->palette[below(m, PALETTE)], rows = m->palette[below(m, PALETTE)];
    if (width * rows > m->largest || rows * 300 > 10 * m->largest) return;
    struct network n = new_network(m, width);
    if (shape_count(n.weight[0]->shape) > m->largest) return;
    int before = g->count;
    int64_t others = chance(m, 60) ? rows : 1 + rows / 2, kind = below(m, 5);
    struct node *whole = operand(m, SHAPE(rows + others, width)).node;
    struct node *real = draw_batch(m, kind, whole, 0, rows, width);
    if (chance(m, 50)) whole = new_leaf(m, whole->shape).node;
    if (chance(m, 40)) kind = below(m, 5);
    struct node *fake = draw_batch(m, kind, whole, rows, others, width);
    struct node *on_real = call(m, &n, real), *on_fake = call(m, &n, fake);
    add_sums(m, on_real, on_fake);
    struct node *loss = graph_sum_all(g, graph_sub(g, mean(m, on_fake, 1), mean(m, on_real, 1)));
    if (chance(m, 40))
        loss = graph_add(g, loss, graph_scale(g, graph_sum_all(g, penalty(m, &n, real)), 10));
    struct node *wrt[] = {n.weight[0], n.bias[0], n.weight[1], n.bias[1], n.kernel}, *grads[5];
    int count = n.kernel ? 5 : 4;
    graph_gradient(g, loss, wrt, count, grads);
    keep(m, loss, -INFINITY, INFINITY);
    for (int i = 0; i < count; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(g, before);
}
