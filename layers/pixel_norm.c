/* pixel_norm: each place's channels divided by the root of the mean of their squares (Karras et al. 2018). */
#include "layers/compose_norm.h"

struct options {
    double epsilon;
};

static const struct parameter parameters[] = {
    COMPOSE_EPSILON_ROW(struct options, epsilon, "1e-8",
                        "added to the mean of the squares; the authors' value"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    int axis = layer_axis(layer, x, -1);
    if (axis < 0) return VALUE_POISON;
    struct node *sum = graph_sum(g, graph_mul(g, x.node, x.node), 1u << axis);
    struct node *mean = graph_scale(g, sum, 1 / (double)x.node->shape.extent[axis]);
    struct node *root = graph_unary(g, OP_SQRT, graph_shift(g, mean, options->epsilon));
    return value_make(graph_div(g, x.node, graph_expand(g, root, x.node->shape)), x.batched);
}

const struct layer_row pixel_norm_layer = {
    .name = "pixel_norm",
    .counts = true,
    .doc = "divides each place's channels by the root of the mean of their squares",
    .equation = "y[i, j, c] = x[i, j, c] / sqrt(mean over k of x[i, j, k]^2 + epsilon)",
    .example = "pixel_norm",
    .call = "pixel_norm(h)",
    .citation = "Karras, Aila, Laine and Lehtinen 2018, Progressive growing of GANs, section 4.2, "
                "arXiv 1710.10196",
    .aliases = "PixelNorm rms_norm RMSNorm",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
