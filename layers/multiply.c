/* multiply: the product of its inputs, broadcast to one shape. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value *inputs = layer_meet(layer, "multiply");
    if (!inputs) return VALUE_POISON;
    struct node *product = inputs[0].node;
    for (int i = 1; i < layer->count; i++)
        product = graph_mul(layer->graph, product, inputs[i].node);
    return value_make(product, inputs[0].batched);
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
