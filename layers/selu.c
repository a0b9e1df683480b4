/*
 * selu: elu by fixed factors that keep a mean of 0 and a variance of 1 from layer to layer, where
 * weights are normal(sqrt(1 / inputs)) (Klambauer et al. 2017): `init: lecun`.
 */
#include "layers/compose.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    const double scale = 1.0507009873554804934193349852946;
    const double alpha = 1.6732632423543772848170429916717;
    struct value x = value_real(layer->graph, layer->inputs[0]);
    return value_make(compose_elu(layer->graph, x.node, scale, scale * alpha), x.batched);
}

const struct layer_row selu_layer = {
    .name = "selu",
    .doc = "elu by the two fixed factors that keep mean 0 and variance 1",
    .equation = "s x if x > 0, else s a (exp(x) - 1); s = 1.0507, a = 1.6733",
    .example = "selu",
    .call = "selu(x)",
    .citation = "Klambauer, Unterthiner, Mayr and Hochreiter 2017, Self-normalizing neural "
                "networks, arXiv 1706.02515",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
