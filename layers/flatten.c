/* flatten: each sample as one row of numbers. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value x = layer->inputs[0];
    return value_reshape(layer->graph, x, SHAPE(shape_count(value_shape(x))));
}

const struct layer_row flatten_layer = {
    .name = "flatten",
    .doc = "each sample as one row of numbers, in row-major order",
    .equation = "y[i w + j] = x[i, j] for x of [h, w], and so on for more axes",
    .example = "flatten",
    .call = "flatten(x)",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
