/* bias: a learned number is added to each channel. */
#include "layers/layer.h"

struct options {
    struct distribution init;
};

static const struct parameter parameters[] = {
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "constant(0)",
     .choices = INITIALISERS,
     .doc = "of the bias [channels]"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x);
    if (sample.rank < 1)
        return layer_fail(layer, value_row_hint(x),
                          "bias wants channels, but its input is one number a sample");
    int64_t channels = sample.extent[sample.rank - 1];
    struct node *bias = layer_weight(layer, "bias", SHAPE(channels), &options->init,
                                     (double)channels, (double)channels);
    if (!bias) return VALUE_POISON;
    return value_make(graph_add(g, x.node, graph_broadcast(g, bias, x.node->shape)), x.batched);
}

const struct layer_row bias_layer = {
    .name = "bias",
    .doc = "a learned number is added to each channel, the last axis",
    .equation = "y = x + b, where b is [channels]",
    .example = "bias",
    .aliases = "add_bias BiasAdd",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
};
