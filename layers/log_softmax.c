/* log_softmax: the logarithm of softmax, exact where that is tiny. */
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
    return value_make(compose_log_softmax(layer->graph, x.node, axis), x.batched);
}

const struct layer_row log_softmax_layer = {
    .name = "log_softmax",
    .doc = "log(softmax(x)), exact where that is tiny",
    .equation = "x[i] - log(exp(x[1]) + … + exp(x[n]))",
    .example = "log_softmax",
    .call = "-mean(sum(one_hot(y, 10) * log_softmax(logits), axis=-1))",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
