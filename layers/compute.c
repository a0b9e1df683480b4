/* compute: an expression over the network's inputs and named results. */
#include "layers/layer.h"

struct options {
    const struct expression *expression;
};

static const struct parameter parameters[] = {
    {.name = "expression",
     .type = PARAMETER_EXPRESSION,
     .offset = offsetof(struct options, expression),
     .doc = "over inputs, named results and 'previous': h * (1 + scale) + shift"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    return layer_evaluate(layer, options->expression);
}

const struct layer_row compute_layer = {
    .name = "compute",
    .doc = "an expression over the network's inputs and named results",
    .equation = "y = expression",
    .example = "compute: h * (1 + scale)",
    .aliases = "Lambda",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_least = 0,
    .inputs_most = 0,
    .learns = true,
    .build = build,
};
