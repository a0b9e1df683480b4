/*
 * group_norm: (x - mean) / sqrt(variance + epsilon), mean and variance of each group of neighbouring channels of each sample,
 * over its places (Wu and He 2018).
 */
#include "layers/compose_norm.h"

struct options {
    int64_t groups;
    double epsilon;
    bool affine;
};

static const struct parameter parameters[] = {
    {.name = "groups",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, groups),
     .low = 1,
     .high = 1 << 24,
     .aliases = "num_groups",
     .doc = "of channels; it must divide them"},
    COMPOSE_EPSILON_ROW(struct options, epsilon, "1e-5", "added to the variance"),
    COMPOSE_AFFINE_ROW(struct options, "true"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x);
    if (sample.rank < 1 || sample.rank > AXES_MOST - 2)
        return layer_fail(
            layer, NULL,
            "group_norm wants samples with channels on their last axis, but its input is %s",
            value_text(layer->arena, x));
    int64_t channels = sample.extent[sample.rank - 1], groups = options->groups;
    if (channels % groups)
        return layer_fail(layer, NULL, "'groups' must divide the channels of %s, but is %lld",
                          value_text(layer->arena, x), (long long)groups);
    if (shape_count(sample) == groups)
        return layer_fail(layer, "fewer 'groups' have more of them",
                          "group_norm has only one number a group to take statistics of, as its "
                          "input is %s",
                          value_text(layer->arena, x));
    struct shape split = sample;
    split.extent[split.rank - 1] = groups;
    split.extent[split.rank++] = channels / groups;
    x = value_reshape(g, x, split);
    int rank = x.node->shape.rank;
    uint32_t axes = axes_all(rank) & ~(uint32_t)x.batched & ~(1u << (rank - 2));
    x.node = compose_normalised(g, x.node, axes, options->epsilon);
    x = value_reshape(g, x, sample);
    return options->affine ? compose_affine(layer, x, SHAPE(channels)) : x;
}

const struct layer_row group_norm_layer = {
    .name = "group_norm",
    .doc = "normalises groups of channels of each sample over its places, then scales and shifts",
    .equation = "y = (x - mean) / sqrt(variance + epsilon) scale + shift,\n"
                "of each group of each sample; scale and shift one a channel",
    .example = "{group_norm: 7, from: h}",
    .call = "group_norm(h, 7, affine=false)",
    .citation = "Wu and He 2018, Group normalization, arXiv 1803.08494",
    .aliases = "GroupNorm GroupNormalization",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
