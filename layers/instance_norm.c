/*
 * instance_norm: (x - mean) / sqrt(variance + epsilon), mean and variance of each channel of each sample, over its places
 * (Ulyanov et al. 2016).
 */
#include "layers/compose_norm.h"

struct options {
    double epsilon;
    bool affine;
};

static const struct parameter parameters[] = {
    COMPOSE_EPSILON_ROW(struct options, epsilon, "1e-5", "added to the variance"),
    COMPOSE_AFFINE_ROW(struct options, "false"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct value x = value_real(layer->graph, layer->inputs[0]);
    struct shape sample = value_shape(x);
    if (sample.rank < 2)
        return layer_fail(layer, "'layer_norm' normalises a row",
                          "instance_norm wants places with channels, as images are, but its input "
                          "is %s",
                          value_text(layer->arena, x));
    int64_t channels = sample.extent[sample.rank - 1];
    if (shape_count(sample) == channels)
        return layer_fail(layer, "'layer_norm' normalises the channels of each place",
                          "instance_norm has only one number a channel to take statistics of, as "
                          "its input is %s",
                          value_text(layer->arena, x));
    uint32_t axes = axes_all(x.node->shape.rank - 1) & ~(uint32_t)x.batched;
    x.node = compose_normalised(layer->graph, x.node, axes, options->epsilon);
    return options->affine ? compose_affine(layer, x, SHAPE(channels)) : x;
}

const struct layer_row instance_norm_layer = {
    .name = "instance_norm",
    .counts = true,
    .doc = "normalises each channel of each sample over its places",
    .equation = "y = (x - mean) / sqrt(variance + epsilon), of each channel of each sample;\n"
                "with affine times scale + shift, one of each a channel",
    .example = "{instance_norm: {affine: true}, from: image}",
    .call = "instance_norm(image)",
    .citation = "Ulyanov, Vedaldi and Lempitsky 2016, Instance normalization, arXiv 1607.08022",
    .aliases = "InstanceNorm2d InstanceNorm1d",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
