/* What the layers that normalise share; see compose_norm.h. */
#include "layers/compose_norm.h"

struct node *compose_normalised(struct graph *g, struct node *x, uint32_t axes, double epsilon) {
    struct node *sum = graph_sum(g, x, axes);
    double share = (double)shape_count(sum->shape) / (double)shape_count(x->shape);
    struct node *mean = graph_scale(g, sum, share);
    struct node *centred = graph_sub(g, x, graph_expand(g, mean, x->shape));
    struct node *square = graph_mul(g, centred, centred);
    struct node *variance = graph_scale(g, graph_sum(g, square, axes), share);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, epsilon));
    return graph_div(g, centred, graph_expand(g, deviation, x->shape));
}

struct value compose_affine(struct layer *layer, struct value x, struct shape row) {
    struct graph *g = layer->graph;
    struct distribution one = {"constant", 1, {1}}, zero = {"constant", 1, {0}};
    struct node *scale = layer_weight(layer, "scale", row, &one, 1, 1);
    struct node *shift = scale ? layer_weight(layer, "shift", row, &zero, 1, 1) : NULL;
    if (!shift) return VALUE_POISON;
    struct node *y = graph_mul(g, x.node, graph_broadcast(g, scale, x.node->shape));
    return value_make(graph_add(g, y, graph_broadcast(g, shift, y->shape)), x.batched);
}

/* ---- batch norm ---- */

static void update(struct layer *layer, double momentum, const char *leaf, struct node *running,
                   struct node *batch) {
    struct graph *g = layer->graph;
    struct node *now = graph_reshape(g, batch, running->shape);
    struct node *step = graph_scale(g, graph_sub(g, now, running), momentum);
    layer_state_set(layer, leaf, graph_add(g, running, step));
}

/* Running statistics [channels], which hold what is used when it is not training. */
struct statistics {
    struct node *mean, *variance;
};

/* x - the batch's mean; its variance takes the place of the running one, both of which move. */
static struct node *centre(struct layer *layer, double momentum, struct node *x,
                           struct statistics *running) {
    struct graph *g = layer->graph;
    struct shape row = running->mean->shape;
    uint32_t axes = axes_all(x->shape.rank - 1);
    double count = (double)(shape_count(x->shape) / row.extent[0]);
    struct node *mean = graph_scale(g, graph_sum(g, x, axes), 1 / count);
    struct node *centred = graph_sub(g, x, graph_expand(g, mean, x->shape));
    struct node *square = graph_mul(g, centred, centred);
    struct node *variance = graph_scale(g, graph_sum(g, square, axes), 1 / count);
    update(layer, momentum, "running_mean", running->mean, mean);
    update(layer, momentum, "running_variance", running->variance,
           graph_scale(g, variance, count / (count - 1)));
    running->variance = graph_reshape(g, variance, row);
    return centred;
}

struct batch_normed compose_batch_norm(struct layer *layer, const char *name, struct value input,
                                       struct batch_norm_options options) {
    const struct batch_normed none = {0};
    struct graph *g = layer->graph;
    struct node *x = input.node, *centred;
    int last = x->shape.rank - 1;
    if (!input.batched || last < 1) {
        layer_fail(layer, NULL,
                   "%s wants a batch of samples with channels on their last axis, but its input "
                   "is %s",
                   name, value_text(layer->arena, input));
        return none;
    }
    struct shape row = SHAPE(x->shape.extent[last]);
    struct statistics running;
    running.mean = layer_state(layer, "running_mean", row, 0);
    running.variance = layer_state(layer, "running_variance", row, 1);
    if (!running.mean || !running.variance) return none;
    if (layer->training && shape_count(x->shape) < 2 * row.extent[0]) {
        layer_fail(layer, "make 'batch' larger than 1",
                   "%s has only one number a channel to take statistics of", name);
        return none;
    }
    if (layer->training)
        centred = centre(layer, options.momentum, x, &running);
    else
        centred = graph_sub(g, x, graph_broadcast(g, running.mean, x->shape));
    struct node *safe = graph_shift(g, running.variance, options.epsilon);
    return (struct batch_normed){centred, graph_unary(g, OP_SQRT, safe)};
}
