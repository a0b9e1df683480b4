/* Recipes: reductions, products and indexing. */
#include <math.h>

#include "tests/fuzz/maker.h"

/* ---- reductions ---- */

void recipe_reduce(struct maker *m) {
    struct term t = pick(m);
    t = reduced(m, t, draw_axes(m, t.node->shape));
    if (chance(m, 30)) t.node = reshaped(m, t.node);
    keep(m, t.node, t.low, t.high);
}

struct node *mean(struct maker *m, struct node *x, uint32_t axes) {
    struct node *sum = graph_sum(m->g, x, axes);
    double count = (double)shape_count(x->shape) / (double)shape_count(sum->shape);
    return chance(m, 80) ? graph_scale(m->g, sum, 1 / count)
                         : graph_div(m->g, sum, graph_like(m->g, sum, count));
}

/* Batch, layer, instance norm: the mean, the mean of squared deviations, and what they give. */
void recipe_norm(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct graph *g = m->g;
    struct shape shape = x.node->shape;
    if (!shape.rank) return;
    uint32_t axes = draw_axes(m, shape);
    struct node *centre = mean(m, chance(m, 10) ? operand(m, shape).node : x.node, axes);
    if (chance(m, 10)) /* nearly a mean, but not one */
        centre = graph_scale(g, graph_sum(g, x.node, axes),
                             1.5 * (double)shape_count(centre->shape) / (double)shape_count(shape));
    if (chance(m, 20)) axes = draw_axes(m, shape);
    struct node *off = graph_sub(g, x.node, graph_expand(g, centre, shape));
    struct node *variance = mean(m, graph_mul(g, off, off), axes);
    double size = 2 * largest_of(x);
    if (chance(m, 40)) keep(m, centre, x.low, x.high);
    if (chance(m, 40)) keep(m, variance, 0, size * size);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, 0.01));
    struct node *result =
        chance(m, 50)
            ? graph_div(g, off, graph_expand(g, deviation, shape))
            : graph_mul(
                  g, off,
                  graph_expand(g, graph_div(g, graph_like(g, deviation, 1), deviation), shape));
    if (chance(m, 50)) { /* scale and shift, one number a channel */
        struct shape row = {.rank = 1, .extent = {shape.extent[shape.rank - 1]}};
        struct term scale = new_variable(m, row), shift = new_variable(m, row);
        result = graph_add(g, graph_mul(g, result, graph_broadcast(g, scale.node, shape)),
                           graph_broadcast(g, shift.node, shape));
    }
    keep(m, result, -20, 20);
}

void recipe_softmax(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct graph *g = m->g;
    struct shape shape = x.node->shape;
    if (!shape.rank) return;
    uint32_t axes = draw_axes(m, shape);
    struct node *top = graph_max(g, x.node, axes);
    if (chance(m, 60)) top = graph_stop(g, top);
    struct node *e = graph_sub(g, x.node, graph_expand(g, top, shape));
    e = graph_unary(g, OP_EXP, graph_binary(g, OP_MAX, e, graph_like(g, e, -30)));
    struct node *sum = graph_sum(g, e, axes);
    keep(m, graph_unary(g, OP_LOG, sum), 0, 12);
    keep(m, graph_div(g, e, graph_expand(g, sum, shape)), 0, 1);
}

void recipe_length(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct node *squares =
        graph_sum(m->g, graph_mul(m->g, x.node, x.node), draw_axes(m, x.node->shape));
    keep(m, graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-3)), 0.03, INFINITY);
}

/* ---- products and indexing ---- */

/* A factor [.., rows, columns] or, through a permute, its transpose. */
static struct node *factor(struct maker *m, struct shape batch, int64_t rows, int64_t columns) {
    bool turned = chance(m, 40);
    struct shape shape = batch;
    shape.extent[shape.rank++] = turned ? columns : rows;
    shape.extent[shape.rank++] = turned ? rows : columns;
    struct term t = chance(m, 50) ? new_variable(m, shape) : operand(m, shape);
    t = moderate(m, t);
    return turned ? graph_transpose(m->g, t.node) : t.node;
}

void recipe_matmul(struct maker *m) {
    struct shape batch = {0}, rows = {0};
    struct term t = moderate(m, pick(m));
    if (chance(m, 25)) batch.extent[batch.rank++] = 1 + below(m, 4);
    rows = batch;
    int64_t count = chance(m, 15) ? 1 : m->palette[below(m, PALETTE)],
            inner = chance(m, 10) ? 1 : m->palette[below(m, PALETTE)],
            columns = chance(m, 15) ? 1 : m->palette[below(m, PALETTE)];
    if (t.node->shape.rank == 2 && chance(m, 70))
        count = t.node->shape.extent[0], inner = t.node->shape.extent[1];
    if (count * inner > m->largest || inner * columns > m->largest || count * columns > m->largest)
        return;
    if (count * inner * columns > 8 * m->largest) return;
    rows.extent[rows.rank++] = count;
    rows.extent[rows.rank++] = inner;
    struct node *a = fit(m, t, rows).node, *b = factor(m, batch, inner, columns);
    double scale = chance(m, 50) ? 1 : 1 / sqrt((double)inner), size = 3 * scale * (double)inner;
    for (int64_t siblings = chance(m, 40) ? 1 + below(m, 3) : 1; siblings > 0; siblings--) {
        struct node *product = graph_matmul(m->g, a, b);
        m->budget -= count * inner * columns / 16;
        if (scale < 1) product = graph_scale(m->g, product, scale);
        if (chance(m, 50)) {
            struct term bias = new_variable(m, SHAPE(columns));
            product = graph_add(m->g, product, graph_broadcast(m->g, bias.node, product->shape));
        }
        keep(m, product, -size, size);
        if (chance(m, 50))
            a = factor(m, batch, count, inner);
        else
            b = factor(m, batch, inner, columns);
    }
}

/* Factors taken transposed, as lowering makes them: no gradient can be taken through it. */
void late_product(struct maker *m) {
    int64_t rows = m->palette[below(m, PALETTE)], inner = m->palette[below(m, PALETTE)],
            columns = m->palette[below(m, PALETTE)];
    if (chance(m, 30)) rows = 1;
    if (chance(m, 30)) columns = 1;
    if (rows * inner > m->largest || inner * columns > m->largest || rows * columns > m->largest)
        return;
    bool ta = chance(m, 50), tb = chance(m, 50);
    struct node *a = operand(m, ta ? SHAPE(inner, rows) : SHAPE(rows, inner)).node,
                *b = operand(m, tb ? SHAPE(columns, inner) : SHAPE(inner, columns)).node;
    keep(m, graph_matmul_transposed(m->g, a, ta, b, tb), -INFINITY, INFINITY);
}

/* Indices into n rows, perhaps part of a longer input. */
struct term new_index(struct maker *m, struct shape shape, int64_t n) {
    struct subject *s = m->subject;
    struct shape all = shape;
    int64_t before = shape.rank && chance(m, 30) ? 1 + below(m, 3) : 0;
    if (shape.rank) all.extent[0] += before;
    int32_t *data = ARENA_ARRAY(m->arena, int32_t, shape_count(all));
    for (int64_t i = 0; i < shape_count(all); i++)
        data[i] = (int32_t)below(m, n + 2) - 1; /* now and then outside: clamped */
    s->inputs = ARENA_GROW(m->arena, s->inputs, m->g->inputs_count);
    s->inputs[m->g->inputs_count] = data;
    struct node *node = graph_input(m->g, "index", TYPE_INT32, all, false);
    if (before) node = graph_slice_axis(m->g, node, 0, before, shape.extent[0]);
    return keep(m, node, -1, (double)n);
}

/* Rows of a resident table of bytes: a batch of a data set. */
void recipe_data(struct maker *m) {
    struct subject *s = m->subject;
    struct shape shape = {.rank = 2, .extent = {5 + below(m, 20), m->palette[below(m, PALETTE)]}};
    if (chance(m, 50)) shape.extent[shape.rank++] = 1 + below(m, 4);
    uint8_t *data = ARENA_ARRAY(m->arena, uint8_t, shape_count(shape));
    for (int64_t i = 0; i < shape_count(shape); i++)
        data[i] = (uint8_t)below(m, 256);
    s->inputs = ARENA_GROW(m->arena, s->inputs, m->g->inputs_count);
    s->inputs[m->g->inputs_count] = data;
    struct node *table = graph_input(m->g, "data", TYPE_UINT8, shape, true);
    struct term index = new_index(m, SHAPE(m->palette[below(m, PALETTE)]), shape.extent[0]);
    struct node *bytes = graph_gather(m->g, table, index.node);
    if (chance(m, 20)) keep(m, graph_cast(m->g, bytes, TYPE_INT32), 0, 255); /* labels */
    if (chance(m, 50)) bytes = permuted(m, bytes);
    if (chance(m, 30)) bytes = graph_flip(m->g, bytes, draw_axes(m, bytes->shape));
    if (chance(m, 30)) bytes = sliced(m, bytes);
    struct node *rows = graph_cast(m->g, bytes, TYPE_FLOAT32);
    rows = graph_shift(m->g, graph_scale(m->g, rows, 2 / 255.0), -1);
    if (shape_count(rows->shape) <= 2 * m->largest) keep(m, rows, -1.01, 1.01);
}

void recipe_gather(struct maker *m) {
    struct term t = pick(m);
    if (!t.node->shape.rank) return;
    int64_t rows = t.node->shape.extent[0], cut = chance(m, 30) ? below(m, rows) : 0;
    t.node = graph_slice_axis(m->g, t.node, 0, cut, rows - cut);
    int64_t width = shape_count(t.node->shape) / t.node->shape.extent[0];
    struct term index = m->whole_count && chance(m, 50)
                            ? m->whole[below(m, m->whole_count)]
                            : new_index(m, SHAPE(1 + below(m, 20)), t.node->shape.extent[0]);
    if (index.node->shape.rank + t.node->shape.rank > 5) return;
    if (width * shape_count(index.node->shape) > m->largest) return;
    keep(m, graph_gather(m->g, t.node, index.node), t.low, t.high);
}

void recipe_scatter(struct maker *m) {
    struct term t = pick(m);
    struct shape shape = t.node->shape;
    int64_t n = 1 + below(m, 30);
    shape.rank = (int)below(m, shape.rank + 1);
    for (int a = shape.rank; a < AXES_MOST; a++)
        shape.extent[a] = 0;
    struct term index = new_index(m, shape, n);
    if (n * shape_count(t.node->shape) / shape_count(shape) > m->largest) return;
    keep(m, graph_scatter_add(m->g, n, index.node, t.node), -INFINITY, INFINITY);
}
