/*
 * linear: y = x W + b over the last axis; W is [in, out].
 */
#include "layers/compose.h"

struct options {
    int64_t units;
    bool bias;
    struct distribution init, bias_init;
};

static const struct parameter parameters[] = {
    {.name = "units",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, units),
     .low = 1,
     .high = 1 << 24,
     .aliases = "out_features output_dim features",
     .doc = "numbers that come out, in the place of the last axis"},
    COMPOSE_LINEAR_ROWS(struct options,
                        "of the weight [in, units]; PyTorch's default, uniform in +-1/sqrt(in)",
                        "of the bias [units]; PyTorch's default, uniform in +-1/sqrt(in)"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    return compose_linear(layer, value_real(layer->graph, layer->inputs[0]), options->units,
                          &options->init, options->bias ? &options->bias_init : NULL);
}

const struct layer_row linear_layer = {
    .name = "linear",
    .doc = "a fully connected layer over the last axis",
    .equation = "y = x W + b, where W is [in, units] and b is [units]",
    .example = "linear: 32",
    .aliases = "Dense fully_connected",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .build = build,
};
