/* elu: x above 0, else alpha * (exp(x) - 1) (Clevert et al. 2016). */
#include "layers/compose.h"

struct options {
    double alpha;
};

static const struct parameter parameters[] = {
    {.name = "alpha",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, alpha),
     .standard = "1",
     .low = -1e6,
     .high = 1e6,
     .doc = "how far below 0 it goes; 1 is PyTorch's default"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct value x = value_real(layer->graph, layer->inputs[0]);
    return value_make(compose_elu(layer->graph, x.node, 1, options->alpha), x.batched);
}

const struct layer_row elu_layer = {
    .name = "elu",
    .doc = "x where it is above 0, else a curve that nears -alpha",
    .equation = "x if x > 0, else alpha (exp(x) - 1)",
    .example = "elu",
    .call = "elu(x)",
    .citation = "Clevert, Unterthiner and Hochreiter 2016, Fast and accurate deep network learning "
                "by exponential linear units, arXiv 1511.07289",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
