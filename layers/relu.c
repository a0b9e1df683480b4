/* relu: max(x, 0) (Nair and Hinton 2010), as a choice, so that its gradient at 0 is 0. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct node *zero = graph_like(g, x.node, 0);
    struct node *above = graph_binary(g, OP_LESS, zero, x.node);
    return value_make(graph_select(g, above, x.node, zero), x.batched);
}

const struct layer_row relu_layer = {
    .name = "relu",
    .doc = "x where it is above 0, else 0",
    .equation = "y = max(x, 0)",
    .example = "relu",
    .call = "relu(x)",
    .citation = "Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann "
                "machines",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
