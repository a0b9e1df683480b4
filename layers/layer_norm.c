/*
 * layer_norm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance of each
 * sample alone, over its last axes; scale and shift have the shape of these (Ba et al. 2016).
 */
#include "layers/compose_norm.h"

struct options {
    int64_t axes;
    double epsilon;
    bool affine;
};

static const struct parameter parameters[] = {
    {.name = "axes",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, axes),
     .standard = "1",
     .low = 1,
     .high = AXES_MOST - 1,
     .doc = "how many of the last axes are normalised together: 1 is the channels of each place, 3 "
            "a whole image"},
    COMPOSE_EPSILON_ROW(struct options, epsilon, "1e-5", "added to the variance"),
    COMPOSE_AFFINE_ROW(struct options, "true"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x), row = {0};
    if (sample.rank < options->axes)
        return layer_fail(layer, NULL, "layer_norm is over %lld axes, but its input is %s",
                          (long long)options->axes, value_text(layer->arena, x));
    for (int a = sample.rank - (int)options->axes; a < sample.rank; a++)
        row.extent[row.rank++] = sample.extent[a];
    int rank = x.node->shape.rank;
    uint32_t axes = axes_all(rank) & ~axes_all(rank - row.rank);
    x.node = compose_normalised(g, x.node, axes, options->epsilon);
    return options->affine ? compose_affine(layer, x, row) : x;
}

const struct layer_row layer_norm_layer = {
    .name = "layer_norm",
    .doc = "normalises each sample over its last axes, then scales and shifts it",
    .equation = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, of each sample",
    .example = "layer_norm",
    .call = "layer_norm(h, affine=false)",
    .citation = "Ba, Kiros and Hinton 2016, Layer normalization, arXiv 1607.06450",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
    .aliases = "LayerNorm LayerNormalization",
};
