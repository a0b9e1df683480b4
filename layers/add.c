/* add: the sum of its inputs, broadcast to one shape. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct value *inputs = layer_meet(layer, "add");
    if (!inputs) return VALUE_POISON;
    struct node *sum = inputs[0].node;
    for (int i = 1; i < layer->count; i++)
        sum = graph_add(layer->graph, sum, inputs[i].node);
    return value_make(sum, inputs[0].batched);
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
