/* call: another network, with its weights. */
#include "layers/layer.h"

struct options {
    const char *network;
};

static const struct parameter parameters[] = {
    {.name = "network",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct options, network),
     .doc = "name of a network; its inputs are this layer's"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    return layer_call(layer, options->network);
}

const struct layer_row call_layer = {
    .name = "call",
    .doc = "another network, sharing its weights",
    .equation = "y = network(x)",
    .example = "{call: discriminator, from: h}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_least = 0,
    .inputs_most = -1,
    .learns = true,
    .build = build,
};
