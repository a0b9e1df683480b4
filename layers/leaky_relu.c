/* leaky_relu: x above 0, slope * x below, times a gain (Maas et al. 2013). */
#include "layers/layer.h"

struct options {
    double slope, gain;
};

static const struct parameter parameters[] = {
    {.name = "slope",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, slope),
     .standard = "0.01",
     .low = -1e6,
     .high = 1e6,
     .aliases = "negative_slope alpha",
     .doc = "factor below 0; 0.01 is PyTorch's default, GANs often take 0.2"},
    {.name = "gain",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, gain),
     .standard = "1",
     .low = 0,
     .above = true,
     .high = 1e6,
     .doc = "factor of the result; StyleGAN2 takes sqrt(2), which keeps the variance (Karras et "
            "al. 2020)"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct node *above = graph_binary(g, OP_LESS, graph_like(g, x.node, 0), x.node);
    struct node *below = graph_scale(g, x.node, options->slope);
    struct node *y = graph_select(g, above, x.node, below);
    return value_make(options->gain != 1 ? graph_scale(g, y, options->gain) : y, x.batched);
}

const struct layer_row leaky_relu_layer = {
    .name = "leaky_relu",
    .doc = "x where it is above 0, else slope * x; times a gain",
    .equation = "y = gain x where x > 0, else gain slope x",
    .example = "leaky_relu: 0.2",
    .call = "leaky_relu(x, 0.2)",
    .citation = "Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network "
                "acoustic models",
    .aliases = "lrelu",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
