/*
 * gaussian_noise: in training, adds normal noise. On what a discriminator sees it is instance noise
 * (Sønderby et al. 2017).
 */
#include "layers/layer.h"

struct options {
    double deviation;
};

static const struct parameter parameters[] = {
    {.name = "deviation",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, deviation),
     .low = 0,
     .high = 1e6,
     .aliases = "std stddev sigma",
     .doc = "of the noise, whose mean is 0"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    if (!layer->training || options->deviation == 0) return value_make(x.node, x.batched);
    struct node *noise = layer_random(layer, RANDOM_NORMAL, x.node->shape);
    if (!noise) return VALUE_POISON;
    struct node *scaled = graph_scale(g, noise, options->deviation);
    return value_make(graph_add(g, x.node, scaled), x.batched);
}

const struct layer_row gaussian_noise_layer = {
    .name = "gaussian_noise",
    .doc = "in training, adds normal noise",
    .equation = "x + deviation n, n drawn from normal(0, 1)",
    .example = "gaussian_noise: 0.1",
    .call = "gaussian_noise(x, 0.1)",
    .citation = "Sønderby, Caballero, Theis, Shi and Huszár 2017, Amortised MAP inference for "
                "image super-resolution, arXiv 1610.04490",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
    .aliases = "instance_noise",
};
