/*
 * gelu: x times the normal distribution function, or the paper's approximation by tanh (Hendrycks and
 * Gimpel 2016).
 */
#include "layers/layer.h"

struct options {
    int approximate;
};

static const struct parameter parameters[] = {
    {.name = "approximate",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct options, approximate),
     .standard = "none",
     .choices = "none tanh",
     .doc = "none: by erf; tanh: as the paper's own code had it"},
    {0},
};

/* 0.5 x (1 + erf(x / sqrt(2))) */
static struct node *exact(struct graph *g, struct node *x) {
    const double root_half = 0.70710678118654752440;
    struct node *share = graph_shift(g, graph_unary(g, OP_ERF, graph_scale(g, x, root_half)), 1);
    return graph_mul(g, graph_scale(g, x, 0.5), share);
}

/* 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
static struct node *approximate(struct graph *g, struct node *x) {
    const double root = 0.79788456080286535588;
    struct node *cube = graph_mul(g, graph_mul(g, x, x), x);
    struct node *inner = graph_scale(g, graph_add(g, x, graph_scale(g, cube, 0.044715)), root);
    struct node *share = graph_shift(g, graph_unary(g, OP_TANH, inner), 1);
    return graph_mul(g, graph_scale(g, x, 0.5), share);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    return value_make(options->approximate ? approximate(g, x.node) : exact(g, x.node), x.batched);
}

const struct layer_row gelu_layer = {
    .name = "gelu",
    .doc = "x times the share of a normal distribution that is below x",
    .equation = "x (1 + erf(x / sqrt(2))) / 2",
    .example = "gelu",
    .call = "gelu(x)",
    .citation = "Hendrycks and Gimpel 2016, Gaussian error linear units, arXiv 1606.08415",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
