/*
 * softplus: log(1 + exp(x)), computed as x above 40 and log1p(exp(x)) elsewhere.
 *
 * Above 40 the two differ by less than 5e-18. The first gradient comes out as e / (1 + e), the
 * sigmoid, the second as its derivative; max(x, 0) + log1p(exp(-|x|)) would give 0 for the second
 * one at 0, and 0/0 lurks in forms that let exp overflow.
 */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct node *large = graph_binary(g, OP_LESS, graph_like(g, x.node, 40), x.node);
    struct node *held = graph_select(g, large, graph_like(g, x.node, 0), x.node);
    struct node *small = graph_unary(g, OP_LOG1P, graph_unary(g, OP_EXP, held));
    return value_make(graph_select(g, large, x.node, small), x.batched);
}

const struct layer_row softplus_layer = {
    .name = "softplus",
    .doc = "a smooth relu; softplus(-x) is -log(sigmoid(x))",
    .equation = "y = log(1 + exp(x))",
    .example = "softplus",
    .call = "mean(softplus(-discriminator(x)))",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
