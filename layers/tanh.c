/* tanh: the hyperbolic tangent. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value x = value_real(layer->graph, layer->inputs[0]);
    return value_make(graph_unary(layer->graph, OP_TANH, x.node), x.batched);
}

const struct layer_row tanh_layer = {
    .name = "tanh",
    .doc = "hyperbolic tangent, between -1 and 1",
    .equation = "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))",
    .example = "tanh",
    .call = "tanh(x)",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
