/* silu: x sigmoid(x), also called swish (Elfwing et al. 2018; Ramachandran et al. 2017). */
#include "layers/compose.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    return value_make(graph_mul(g, x.node, compose_sigmoid(g, x.node)), x.batched);
}

const struct layer_row silu_layer = {
    .name = "silu",
    .doc = "x sigmoid(x), also called swish",
    .equation = "x / (1 + exp(-x))",
    .example = "silu",
    .call = "silu(x)",
    .citation = "Elfwing, Uchibe and Doya 2018, Sigmoid-weighted linear units, arXiv 1702.03118; "
                "Ramachandran, Zoph and Le 2017, arXiv 1710.05941",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
    .aliases = "swish",
};
