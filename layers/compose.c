/* Compositions of primitives that several layers and functions share; see compose.h. */
#include "layers/compose.h"

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
