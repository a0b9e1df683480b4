/* softmax: exp(x) / sum(exp(x)) along an axis. */
#include "layers/compose.h"

struct options {
    int64_t axis;
};

static const struct parameter parameters[] = {
    LAYER_AXIS_ROW(struct options,
                   "of one sample, along which the numbers compete; the last where it is -1"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct value x = value_real(layer->graph, layer->inputs[0]);
    int axis = layer_axis(layer, x, options->axis);
    if (axis < 0) return VALUE_POISON;
    return value_make(compose_softmax(layer->graph, x.node, axis), x.batched);
}

const struct layer_row softmax_layer = {
    .name = "softmax",
    .doc = "exp(x) / sum(exp(x)) along an axis: shares that add up to 1",
    .equation = "exp(x[i]) / (exp(x[1]) + … + exp(x[n]))",
    .example = "softmax",
    .call = "softmax(logits)",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
