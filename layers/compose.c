/* Compositions of primitives that several layers and functions share; see compose.h. */
#include "layers/compose.h"

struct value compose_linear(struct layer *layer, struct value x, int64_t units,
                            const struct distribution *init, const struct distribution *bias_init) {
    struct graph *g = layer->graph;
    struct shape sample = value_shape(x), full = x.node->shape;
    if (sample.rank < 1)
        return layer_fail(layer, value_row_hint(x),
                          "this wants an axis, but its input is one number a sample");
    int64_t in = sample.extent[sample.rank - 1];
    if (!shape_is_sane(SHAPE(in, units)))
        return layer_fail(layer, NULL, "a weight of [%lld, %lld] has too many numbers",
                          (long long)in, (long long)units);
    struct node *w =
        layer_weight(layer, "weight", SHAPE(in, units), init, (double)in, (double)units);
    if (!w) return VALUE_POISON;
    struct node *y =
        graph_matmul(g, graph_reshape(g, x.node, SHAPE(shape_count(full) / in, in)), w);
    if (bias_init) {
        struct node *b =
            layer_weight(layer, "bias", SHAPE(units), bias_init, (double)in, (double)units);
        if (!b) return VALUE_POISON;
        y = graph_add(g, y, graph_broadcast(g, b, y->shape));
    }
    full.extent[full.rank - 1] = units;
    return value_make(graph_reshape(g, y, full), x.batched);
}

struct value compose_rows(struct layer *layer, const char *leaf, struct value index, int64_t count,
                          int64_t size, const struct distribution *init) {
    struct graph *g = layer->graph;
    if (!shape_is_sane(SHAPE(count, size)))
        return layer_fail(layer, NULL, "a table of [%lld, %lld] has too many numbers",
                          (long long)count, (long long)size);
    struct node *table =
        layer_weight(layer, leaf, SHAPE(count, size), init, (double)count, (double)size);
    if (!table) return VALUE_POISON;
    return value_make(graph_gather(g, table, graph_cast(g, index.node, TYPE_INT32)), index.batched);
}

/* y W */
static struct value condition_vector(struct layer *layer, const char *leaf, struct value y,
                                     int64_t size, const struct distribution *init) {
    struct graph *g = layer->graph;
    int64_t in = value_shape(y).extent[0];
    struct node *w = layer_weight(layer, leaf, SHAPE(in, size), init, (double)in, (double)size);
    if (!w) return VALUE_POISON;
    int64_t rows = y.batched ? y.node->shape.extent[0] : 1;
    y = value_real(g, y);
    struct node *product = graph_matmul(g, graph_reshape(g, y.node, SHAPE(rows, in)), w);
    return value_make(y.batched ? product : graph_reshape(g, product, SHAPE(size)), y.batched);
}

struct value compose_condition(struct layer *layer, const char *leaf, struct value y,
                               int64_t classes, int64_t size, const struct distribution *init) {
    if (value_shape(y).rank == 1 && classes)
        return layer_fail(layer, "leave it out",
                          "'classes' is for labels, but what it is given is %s",
                          value_text(layer->arena, y));
    if (value_shape(y).rank == 1) return condition_vector(layer, leaf, y, size, init);
    if (!compose_is_class(y))
        return layer_fail(layer, "'flatten' makes a vector of it",
                          "the condition must be a class, or a vector, but is %s",
                          value_text(layer->arena, y));
    if (!classes && !y.classes)
        return layer_fail(layer,
                          "give 'classes', or 'reshape(y, 1)' where it is a number of its own",
                          "how many classes are there? The condition is one number a sample");
    classes = layer_classes(layer, y, "classes", classes);
    if (!classes) return VALUE_POISON;
    return compose_rows(layer, leaf, y, classes, size, init);
}

struct node *compose_softplus(struct graph *g, struct node *x) {
    struct node *large = graph_binary(g, OP_LESS, graph_like(g, x, 40), x);
    struct node *held = graph_select(g, large, graph_like(g, x, 0), x);
    struct node *small = graph_unary(g, OP_LOG1P, graph_unary(g, OP_EXP, held));
    return graph_select(g, large, x, small);
}

struct node *compose_sigmoid(struct graph *g, struct node *x) {
    struct node *most = graph_like(g, x, 40);
    struct node *held = graph_select(g, graph_binary(g, OP_LESS, most, x), most, x);
    struct node *e = graph_unary(g, OP_EXP, held);
    return graph_div(g, e, graph_shift(g, e, 1));
}

struct node *compose_elu(struct graph *g, struct node *x, double scale, double factor) {
    struct node *zero = graph_like(g, x, 0), *above = graph_binary(g, OP_LESS, zero, x);
    struct node *held = graph_select(g, above, zero, x);
    struct node *below = graph_scale(g, graph_unary(g, OP_EXPM1, held), factor);
    return graph_select(g, above, graph_scale(g, x, scale), below);
}

struct node *compose_abs(struct graph *g, struct node *x) {
    struct node *zero = graph_like(g, x, 0);
    struct node *sign =
        graph_sub(g, graph_binary(g, OP_LESS, zero, x), graph_binary(g, OP_LESS, x, zero));
    return graph_mul(g, x, sign);
}

/* The largest over axes as a constant: taken off before exp it changes no softmax, keeps exp
 * finite, and needs no gradient. */
static struct node *largest(struct graph *g, struct node *x, uint32_t axes) {
    return graph_stop(g, graph_max(g, x, axes));
}

/* Where the largest is infinite nothing is taken off, lest infinity - infinity be not a number. */
struct node *compose_logsumexp(struct graph *g, struct node *x, uint32_t axes) {
    struct node *most = largest(g, x, axes), *zero = graph_like(g, most, 0);
    struct node *finite = graph_binary(g, OP_EQUAL, graph_sub(g, most, most), zero);
    most = graph_select(g, finite, most, zero);
    struct node *e = graph_unary(g, OP_EXP, graph_sub(g, x, graph_expand(g, most, x->shape)));
    return graph_add(g, most, graph_unary(g, OP_LOG, graph_sum(g, e, axes)));
}

struct node *compose_softmax(struct graph *g, struct node *x, int axis) {
    uint32_t axes = 1u << axis;
    struct node *centred = graph_sub(g, x, graph_expand(g, largest(g, x, axes), x->shape));
    struct node *e = graph_unary(g, OP_EXP, centred);
    return graph_div(g, e, graph_expand(g, graph_sum(g, e, axes), e->shape));
}

struct node *compose_log_softmax(struct graph *g, struct node *x, int axis) {
    uint32_t axes = 1u << axis;
    struct node *centred = graph_sub(g, x, graph_expand(g, largest(g, x, axes), x->shape));
    struct node *sum = graph_sum(g, graph_unary(g, OP_EXP, centred), axes);
    return graph_sub(g, centred, graph_expand(g, graph_unary(g, OP_LOG, sum), x->shape));
}
