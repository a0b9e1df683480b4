/* add: the sum of its inputs, broadcast to one shape. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value *inputs = layer_meet(layer, "add");
    return inputs ? value_fold(layer->graph, OP_ADD, layer->count, inputs) : VALUE_POISON;
}

const struct layer_row add_layer = {
    .name = "add",
    .doc = "the sum of its inputs, broadcast to one shape",
    .equation = "x1 + x2 + …",
    .example = "{add: {}, from: [h, skip]}",
    .call = "add(x, fake)",
    .parameters = parameters,
    .inputs_least = 2,
    .inputs_most = -1,
    .build = build,
};
