/* softplus: log(1 + exp(x)); compose.h says how. */
#include "layers/compose.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value x = value_real(layer->graph, layer->inputs[0]);
    return value_make(compose_softplus(layer->graph, x.node), x.batched);
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
