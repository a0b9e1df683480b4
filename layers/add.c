/* add: the sum of its inputs, broadcast to one shape. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct graph *g = layer->graph;
    struct value sum = value_real(g, layer->inputs[0]);
    for (int i = 1; i < layer->count; i++) {
        struct value pair[2] = {sum, value_real(g, layer->inputs[i])};
        if (!value_meet(g, 2, pair))
            return layer_fail(layer, NULL, "cannot add %s and %s", value_text(layer->arena, sum),
                              value_text(layer->arena, layer->inputs[i]));
        sum = value_make(graph_add(g, pair[0].node, pair[1].node), pair[0].batched);
    }
    return sum;
}

const struct layer_row add_layer = {
    .name = "add",
    .doc = "the sum of its inputs, broadcast to one shape",
    .equation = "y = x1 + x2 + …",
    .example = "{add: {}, from: [h, skip]}",
    .call = "add(x, fake)",
    .parameters = parameters,
    .inputs_least = 2,
    .inputs_most = -1,
    .build = build,
};
