/*
 * batch_norm: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, one of each a channel (the
 * last axis), mean and variance over everything else (Ioffe and Szegedy 2015).
 *
 * Training uses the batch's own, biased variance; eval mode uses running ones, which training moves
 * by running += momentum * (batch - running), with the unbiased variance, as PyTorch does.
 */
#include "layers/layer.h"

struct options {
    double momentum, epsilon;
    bool affine;
};

static const struct parameter parameters[] = {
    {.name = "momentum",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, momentum),
     .standard = "0.1",
     .low = 0,
     .high = 1,
     .doc = "share of the batch in the running statistics at each call (PyTorch's sense)"},
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

/* One number a channel, as a row that meets x. */
static struct node *spread(struct graph *g, struct node *row, const struct node *x) {
    return graph_broadcast(g, row, x->shape);
}

static void update(struct layer *layer, const char *leaf, struct node *running,
                   struct node *batch) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct node *now = graph_reshape(g, batch, running->shape);
    struct node *step = graph_scale(g, graph_sub(g, now, running), options->momentum);
    layer_state_set(layer, leaf, graph_add(g, running, step));
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value input = value_real(g, layer->inputs[0]);
    struct node *x = input.node;
    int last = x->shape.rank - 1;
    if (!input.batched || last < 1)
        return layer_fail(layer, NULL,
                          "batch_norm wants a batch of samples with channels on "
                          "their last axis, but its input is %s",
                          value_text(layer->arena, input));
    struct shape row = SHAPE(x->shape.extent[last]);
    uint32_t axes = axes_all(last);
    double count = (double)(shape_count(x->shape) / row.extent[0]);
    struct node *running_mean = layer_state(layer, "running_mean", row, 0);
    struct node *running_variance = layer_state(layer, "running_variance", row, 1);
    struct distribution one = {"constant", 1, {1}}, zero = {"constant", 1, {0}};
    struct node *scale = NULL, *shift = NULL;
    if (options->affine) {
        scale = layer_weight(layer, "scale", row, &one, 1, 1);
        shift = layer_weight(layer, "shift", row, &zero, 1, 1);
    }
    if (!running_mean || !running_variance || (options->affine && (!scale || !shift)))
        return VALUE_POISON;

    struct node *mean = running_mean, *variance = running_variance, *centred;
    if (layer->training) {
        if (count < 2)
            return layer_fail(layer, "make 'batch' larger than 1",
                              "batch_norm has only one number a channel to take statistics of");
        mean = graph_scale(g, graph_sum(g, x, axes), 1 / count);
        centred = graph_sub(g, x, graph_expand(g, mean, x->shape));
        struct node *square = graph_mul(g, centred, centred);
        variance = graph_scale(g, graph_sum(g, square, axes), 1 / count);
        update(layer, "running_mean", running_mean, mean);
        update(layer, "running_variance", running_variance,
               graph_scale(g, variance, count / (count - 1)));
        variance = graph_reshape(g, variance, row);
    } else {
        centred = graph_sub(g, x, spread(g, mean, x));
    }
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, options->epsilon));
    struct node *factor = graph_div(g, scale ? scale : graph_like(g, deviation, 1), deviation);
    struct node *y = graph_mul(g, centred, spread(g, factor, x));
    if (shift) y = graph_add(g, y, spread(g, shift, x));
    return value_make(y, true);
}

const struct layer_row batch_norm_layer = {
    .name = "batch_norm",
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
