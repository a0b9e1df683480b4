/*
 * minibatch_stddev: the mean deviation of a group of samples as further channels, so that a
 * discriminator sees how much a batch varies (Karras et al. 2018).
 *
 * A batch of b samples falls into b / group groups; sample i is in group i mod (b / group), as in
 * the authors' code. In each group the deviation of every number over its samples is taken, then
 * the mean of these, over all places and over the channels of each feature.
 */
#include "layers/layer.h"

struct options {
    int64_t group, features;
    double epsilon;
};

static const struct parameter parameters[] = {
    {.name = "group",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, group),
     .standard = "4",
     .low = 1,
     .high = 1 << 24,
     .doc = "samples that are compared; it must divide the batch, and one above it means all"},
    {.name = "features",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, features),
     .standard = "1",
     .low = 1,
     .high = 1 << 24,
     .doc = "channels that are added, each from as many of the input's"},
    {.name = "epsilon",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, epsilon),
     .standard = "1e-8",
     .low = 0,
     .high = 1,
     .above = true,
     .doc = "added to the variance; the authors' value"},
    {0},
};

/* x [group, groups, …, features, channels]: the mean of its deviations, [1, groups, 1 …, features, 1]. */
static struct node *mean_deviation(struct graph *g, struct node *x, double epsilon) {
    int last = x->shape.rank - 1;
    double group = (double)x->shape.extent[0], count = (double)x->shape.extent[last];
    struct node *mean = graph_scale(g, graph_sum(g, x, 1), 1 / group);
    struct node *centred = graph_sub(g, x, graph_expand(g, mean, x->shape));
    struct node *squares = graph_sum(g, graph_mul(g, centred, centred), 1);
    struct node *variance = graph_scale(g, squares, 1 / group);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, epsilon));
    uint32_t axes = 1u << last;
    for (int a = 2; a < last - 1; a++) {
        axes |= 1u << a;
        count *= (double)x->shape.extent[a];
    }
    return graph_scale(g, graph_sum(g, deviation, axes), 1 / count);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x);
    if (!x.batched || sample.rank < 1 || sample.rank > AXES_MOST - 3)
        return layer_fail(layer, NULL,
                          "minibatch_stddev wants a batch of samples with channels on their last "
                          "axis, but its input is %s",
                          value_text(layer->arena, x));
    int64_t batch = x.node->shape.extent[0], channels = sample.extent[sample.rank - 1];
    int64_t group = options->group < batch ? options->group : batch;
    if (batch % group)
        return layer_fail(layer, NULL, "'group' must divide the batch, %lld, but is %lld",
                          (long long)batch, (long long)group);
    if (channels % options->features)
        return layer_fail(layer, NULL, "'features' must divide the channels, %lld, but is %lld",
                          (long long)channels, (long long)options->features);

    struct shape split =
        value_full_shape(value_full_shape(sample, true, batch / group), true, group);
    split.extent[split.rank - 1] = options->features;
    struct shape tiled = split;
    split.extent[split.rank++] = channels / options->features;
    struct node *mean = mean_deviation(g, graph_reshape(g, x.node, split), options->epsilon);
    struct shape column = mean->shape;
    column.extent[--column.rank] = 0;
    mean = graph_expand(g, graph_reshape(g, mean, column), tiled);
    sample.extent[sample.rank - 1] = options->features;
    mean = graph_reshape(g, mean, value_full_shape(sample, true, batch));
    return value_make(graph_concat(g, 2, (struct node *[]){x.node, mean}, sample.rank), true);
}

const struct layer_row minibatch_stddev_layer = {
    .name = "minibatch_stddev",
    .doc = "appends how much a group of samples deviates, as channels",
    .equation = "[x, mean over places and channels of sqrt(variance of the group + epsilon)]",
    .example = "minibatch_stddev",
    .call = "minibatch_stddev(h)",
    .citation = "Karras, Aila, Laine and Lehtinen 2018, Progressive growing of GANs, section 3, "
                "arXiv 1710.10196",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
    .aliases = "minibatch_std MinibatchStdLayer",
};
