/*
 * batch_norm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, one of each a channel (the
 * last axis), mean and variance over everything else (Ioffe and Szegedy 2015).
 *
 * Training uses the batch's own, biased variance; eval mode uses running ones.
 */
#include "layers/compose_norm.h"

struct options {
    struct batch_norm_options norm;
    bool affine;
};

static const struct parameter parameters[] = {
    COMPOSE_BATCH_NORM_ROWS(struct options, norm),
    COMPOSE_AFFINE_ROW(struct options, "true"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct batch_normed normed = compose_batch_norm(layer, "batch_norm", x, options->norm);
    if (!normed.centred) return VALUE_POISON;
    struct distribution one = {"constant", 1, {1}}, zero = {"constant", 1, {0}};
    struct node *scale = graph_like(g, normed.deviation, 1), *shift = NULL;
    if (options->affine) {
        scale = layer_weight(layer, "scale", scale->shape, &one, 1, 1);
        shift = layer_weight(layer, "shift", normed.deviation->shape, &zero, 1, 1);
        if (!scale || !shift) return VALUE_POISON;
    }
    struct shape full = x.node->shape;
    struct node *factor = graph_div(g, scale, normed.deviation);
    struct node *y = graph_mul(g, normed.centred, graph_broadcast(g, factor, full));
    if (shift) y = graph_add(g, y, graph_broadcast(g, shift, full));
    return value_make(y, true);
}

const struct layer_row batch_norm_layer = {
    .name = "batch_norm",
    .counts = true,
    .doc = "normalises each channel over the batch, then scales and shifts it",
    .equation = "y = (x - mean) / sqrt(variance + epsilon) * scale + shift",
    .example = "batch_norm: {momentum: 0.05}",
    .citation = "Ioffe and Szegedy 2015, Batch normalization, arXiv 1502.03167",
    .aliases = "BatchNorm1d BatchNorm2d BatchNormalization",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
};
