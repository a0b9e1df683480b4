/* The small functions that make nodes; see graph.h. */
#include "base/bug.h"
#include "engine/graph.h"

/* ---- leaves ---- */

struct node *graph_constant(struct graph *graph, enum dtype type, struct shape shape,
                            double value) {
    return graph_node(graph, OP_CONSTANT, type, shape, 0, NULL,
                      &(struct attributes){.value = value});
}

struct node *graph_table(struct graph *graph, enum dtype type, struct shape shape,
                         const double *table) {
    size_t size = (size_t)shape_count(shape) * sizeof *table;
    return graph_node(graph, OP_CONSTANT, type, shape, 0, NULL,
                      &(struct attributes){.table = arena_copy(graph->arena, table, size)});
}

struct node *graph_input(struct graph *graph, const char *name, enum dtype type, struct shape shape,
                         bool resident) {
    graph->inputs = ARENA_GROW(graph->arena, graph->inputs, graph->inputs_count);
    graph->inputs[graph->inputs_count] =
        (struct input){arena_text(graph->arena, name), type, shape, resident};
    return graph_node(graph, OP_INPUT, type, shape, 0, NULL,
                      &(struct attributes){.input = graph->inputs_count++});
}

struct node *graph_variable(struct graph *graph, const struct variable *variable) {
    return graph_node(graph, OP_VARIABLE, variable->type, variable->shape, 0, NULL,
                      &(struct attributes){.variable = variable});
}

struct node *graph_iota(struct graph *graph, enum dtype type, struct shape shape, int axis) {
    return graph_node(graph, OP_IOTA, type, shape, 0, NULL, &(struct attributes){.axis = axis});
}

struct node *graph_random(struct graph *graph, enum random_kind kind, struct shape shape,
                          uint64_t place, struct node *clock) {
    return graph_node(graph, OP_RANDOM, TYPE_FLOAT32, shape, 1, &clock,
                      &(struct attributes){.kind = (int32_t)kind, .place = place});
}

struct node *graph_like(struct graph *graph, const struct node *x, double value) {
    return graph_constant(graph, x->type, x->shape, value);
}

/* ---- element by element ---- */

struct node *graph_unary(struct graph *graph, enum op op, struct node *x) {
    return graph_node(graph, op, x->type, x->shape, 1, &x, NULL);
}

struct node *graph_binary(struct graph *graph, enum op op, struct node *a, struct node *b) {
    return graph_node(graph, op, a->type, a->shape, 2, (struct node *[]){a, b}, NULL);
}

struct node *graph_select(struct graph *graph, struct node *condition, struct node *a,
                          struct node *b) {
    return graph_node(graph, OP_SELECT, a->type, a->shape, 3, (struct node *[]){condition, a, b},
                      NULL);
}

struct node *graph_cast(struct graph *graph, struct node *x, enum dtype type) {
    return x->type == type ? x : graph_node(graph, OP_CAST, type, x->shape, 1, &x, NULL);
}

struct node *graph_scale(struct graph *graph, struct node *x, double factor) {
    return graph_mul(graph, x, graph_like(graph, x, factor));
}

struct node *graph_shift(struct graph *graph, struct node *x, double term) {
    return graph_add(graph, x, graph_like(graph, x, term));
}

/* ---- movement ---- */

struct node *graph_reshape(struct graph *graph, struct node *x, struct shape shape) {
    if (shape_equal(x->shape, shape)) return x;
    return graph_node(graph, OP_RESHAPE, x->type, shape, 1, &x, NULL);
}

struct node *graph_permute(struct graph *graph, struct node *x, const int *order) {
    struct attributes at = {0};
    for (int a = 0; a < x->shape.rank; a++)
        at.order[a] = order[a];
    return graph_node(graph, OP_PERMUTE, x->type, x->shape, 1, &x, &at);
}

struct node *graph_transpose(struct graph *graph, struct node *x) {
    int order[AXES_MOST], r = x->shape.rank;
    BUG_IF(r < 2);
    for (int a = 0; a < r; a++)
        order[a] = a;
    order[r - 2] = r - 1;
    order[r - 1] = r - 2;
    return graph_permute(graph, x, order);
}

struct node *graph_expand(struct graph *graph, struct node *x, struct shape shape) {
    if (shape_equal(x->shape, shape)) return x;
    return graph_node(graph, OP_BROADCAST, x->type, shape, 1, &x, NULL);
}

struct node *graph_broadcast(struct graph *graph, struct node *x, struct shape shape) {
    int missing = shape.rank - x->shape.rank;
    BUG_IF(missing < 0);
    struct shape full = {.rank = shape.rank};
    for (int a = 0; a < shape.rank; a++)
        full.extent[a] = a < missing ? 1 : x->shape.extent[a - missing];
    return graph_expand(graph, graph_reshape(graph, x, full), shape);
}

struct node *graph_slice(struct graph *graph, struct node *x, const int64_t *start,
                         const int64_t *step, struct shape shape) {
    struct attributes at = {0};
    bool whole = true;
    for (int a = 0; a < x->shape.rank; a++) {
        at.low[a] = start ? start[a] : 0;
        at.step[a] = step && shape.extent[a] > 1 ? step[a] : 1;
        whole = whole && at.low[a] == 0 && at.step[a] == 1 && shape.extent[a] == x->shape.extent[a];
    }
    return whole ? x : graph_node(graph, OP_SLICE, x->type, shape, 1, &x, &at);
}

struct node *graph_slice_axis(struct graph *graph, struct node *x, int axis, int64_t start,
                              int64_t count) {
    int64_t low[AXES_MOST] = {0};
    struct shape shape = x->shape;
    low[axis] = start;
    shape.extent[axis] = count;
    return graph_slice(graph, x, low, NULL, shape);
}

struct node *graph_pad(struct graph *graph, struct node *x, const int64_t *low, const int64_t *high,
                       const int64_t *step, double value) {
    struct attributes at = {.value = value};
    for (int a = 0; a < x->shape.rank; a++) {
        at.low[a] = low ? low[a] : 0;
        at.high[a] = high ? high[a] : 0;
        at.step[a] = step ? step[a] : 1;
    }
    return graph_node(graph, OP_PAD, x->type, x->shape, 1, &x, &at);
}

struct node *graph_flip(struct graph *graph, struct node *x, uint32_t axes) {
    return graph_node(graph, OP_FLIP, x->type, x->shape, 1, &x, &(struct attributes){.axes = axes});
}

struct node *graph_concat(struct graph *graph, int count, struct node *const *parts, int axis) {
    if (count == 1) return parts[0];
    return graph_node(graph, OP_CONCAT, parts[0]->type, parts[0]->shape, count, parts,
                      &(struct attributes){.axis = axis});
}

/* ---- reductions ---- */

static struct node *reduce(struct graph *graph, enum op op, struct node *x, uint32_t axes) {
    axes &= axes_all(x->shape.rank);
    for (int a = 0; a < x->shape.rank; a++)
        if (x->shape.extent[a] == 1) axes &= ~(1u << a);
    return axes
               ? graph_node(graph, op, x->type, x->shape, 1, &x, &(struct attributes){.axes = axes})
               : x;
}

struct node *graph_sum(struct graph *graph, struct node *x, uint32_t axes) {
    return reduce(graph, OP_SUM, x, axes);
}

struct node *graph_max(struct graph *graph, struct node *x, uint32_t axes) {
    return reduce(graph, OP_REDUCE_MAX, x, axes);
}

struct node *graph_sum_all(struct graph *graph, struct node *x) {
    return graph_reshape(graph, graph_sum(graph, x, axes_all(x->shape.rank)), SHAPE_SCALAR);
}

/* ---- products and indexing ---- */

struct node *graph_matmul_transposed(struct graph *graph, struct node *a, bool ta, struct node *b,
                                     bool tb) {
    return graph_node(graph, OP_MATMUL, a->type, a->shape, 2, (struct node *[]){a, b},
                      &(struct attributes){.transpose = (ta ? 1 : 0) | (tb ? 2 : 0)});
}

struct node *graph_matmul(struct graph *graph, struct node *a, struct node *b) {
    return graph_matmul_transposed(graph, a, false, b, false);
}

struct node *graph_conv(struct graph *graph, struct node *x, struct node *kernel,
                        const struct convolution *convolution) {
    return graph_node(graph, OP_CONV, x->type, x->shape, 2, (struct node *[]){x, kernel},
                      &(struct attributes){.conv = *convolution});
}

struct node *graph_conv_dx(struct graph *graph, struct node *y, struct node *kernel,
                           const struct convolution *convolution, struct shape images) {
    return graph_node(graph, OP_CONV_DX, y->type, images, 2, (struct node *[]){y, kernel},
                      &(struct attributes){.conv = *convolution});
}

struct node *graph_conv_dw(struct graph *graph, struct node *x, struct node *y,
                           const struct convolution *convolution, struct shape kernel) {
    return graph_node(graph, OP_CONV_DW, x->type, kernel, 2, (struct node *[]){x, y},
                      &(struct attributes){.conv = *convolution});
}

struct node *graph_gather(struct graph *graph, struct node *table, struct node *index) {
    return graph_node(graph, OP_GATHER, table->type, table->shape, 2,
                      (struct node *[]){table, index}, NULL);
}

struct node *graph_scatter_add(struct graph *graph, int64_t n, struct node *index,
                               struct node *rows) {
    struct shape shape = {.rank = rows->shape.rank - index->shape.rank + 1, .extent = {n}};
    BUG_IF(shape.rank < 1);
    for (int a = 1; a < shape.rank; a++)
        shape.extent[a] = rows->shape.extent[index->shape.rank + a - 1];
    return graph_node(graph, OP_SCATTER_ADD, rows->type, shape, 2, (struct node *[]){index, rows},
                      NULL);
}

/* ---- for gradients ---- */

struct node *graph_stop(struct graph *graph, struct node *x) {
    return graph_unary(graph, OP_STOP_GRADIENT, x);
}

struct node *graph_mark(struct graph *graph, struct node *x) {
    return graph_node(graph, OP_MARK, x->type, x->shape, 1, &x,
                      &(struct attributes){.place = ++graph->marks});
}
