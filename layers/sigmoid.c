/*
 * sigmoid: 1 / (1 + exp(-x)), computed as e / (1 + e) with e = exp(min(x, 40)).
 *
 * Exact to the last bits where it is small, and 1 from 40 on in both float32 and float64 (1 -
 * 4e-18); e stays finite, so that no gradient of any order meets infinity / infinity.
 */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct node *most = graph_like(g, x.node, 40);
    struct node *held = graph_select(g, graph_binary(g, OP_LESS, most, x.node), most, x.node);
    struct node *e = graph_unary(g, OP_EXP, held);
    return value_make(graph_div(g, e, graph_shift(g, e, 1)), x.batched);
}

const struct layer_row sigmoid_layer = {
    .name = "sigmoid",
    .doc = "the logistic function, between 0 and 1",
    .equation = "y = 1 / (1 + exp(-x))",
    .example = "sigmoid",
    .call = "sigmoid(x)",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
