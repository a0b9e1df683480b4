/*
 * layer_norm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance of each
 * sample alone, over its last axes; scale and shift have the shape of these (Ba et al. 2016).
 */
#include "layers/layer.h"

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
    {.name = "epsilon",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, epsilon),
     .standard = "1e-5",
     .low = 0,
     .high = 1,
     .above = true,
     .doc = "added to the variance"},
    {.name = "affine",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, affine),
     .standard = "true",
     .doc = "whether a learned scale and shift follow"},
    {0},
};

/* (x - mean) / sqrt(variance + epsilon) over the last axes of x, of `row` together. */
static struct node *normalised(struct graph *g, struct node *x, struct shape row, double epsilon) {
    int rank = x->shape.rank;
    uint32_t axes = axes_all(rank) & ~axes_all(rank - row.rank);
    double share = 1 / (double)shape_count(row);
    struct node *mean = graph_scale(g, graph_sum(g, x, axes), share);
    struct node *centred = graph_sub(g, x, graph_expand(g, mean, x->shape));
    struct node *square = graph_mul(g, centred, centred);
    struct node *variance = graph_scale(g, graph_sum(g, square, axes), share);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, epsilon));
    return graph_div(g, centred, graph_expand(g, deviation, x->shape));
}

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
    struct node *y = normalised(g, x.node, row, options->epsilon);
    if (!options->affine) return value_make(y, x.batched);
    struct distribution one = {"constant", 1, {1}}, zero = {"constant", 1, {0}};
    struct node *scale = layer_weight(layer, "scale", row, &one, 1, 1);
    struct node *shift = layer_weight(layer, "shift", row, &zero, 1, 1);
    if (!scale || !shift) return VALUE_POISON;
    y = graph_mul(g, y, graph_broadcast(g, scale, y->shape));
    return value_make(graph_add(g, y, graph_broadcast(g, shift, y->shape)), x.batched);
}

const struct layer_row layer_norm_layer = {
    .name = "layer_norm",
    .doc = "normalises each sample over its last axes, then scales and shifts it",
    .equation = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, of each sample",
    .example = "layer_norm",
    .citation = "Ba, Kiros and Hinton 2016, Layer normalization, arXiv 1607.06450",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
    .aliases = "LayerNorm LayerNormalization",
};
