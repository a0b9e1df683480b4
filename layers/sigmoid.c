/* sigmoid: 1 / (1 + exp(-x)); compose.h says how. */
#include "layers/compose.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value x = value_real(layer->graph, layer->inputs[0]);
    return value_make(compose_sigmoid(layer->graph, x.node), x.batched);
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
