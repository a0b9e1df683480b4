/* multiply: the product of its inputs, broadcast to one shape. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value *inputs = layer_meet(layer, "multiply");
    return inputs ? value_fold(layer->graph, OP_MUL, layer->count, inputs) : VALUE_POISON;
}

const struct layer_row multiply_layer = {
    .name = "multiply",
    .doc = "the product of its inputs, broadcast to one shape",
    .equation = "x1 x2 …",
    .example = "{multiply: {}, from: [h, scale]}",
    .call = "multiply(a, b)",
    .parameters = parameters,
    .inputs_least = 2,
    .inputs_most = -1,
    .build = build,
    .aliases = "mul",
};
