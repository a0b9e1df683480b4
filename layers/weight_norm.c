/*
 * weight_norm: W = g v / |v|, direction and length apart; |v| is the norm over all axes but the
 * last, and g begins as |v|, so that W begins as v (Salimans and Kingma 2016, arXiv 1602.07868).
 */
#include "layers/weight.h"

static const struct parameter parameters[] = {{0}};

static struct node *build(struct weighting *w, struct node *weight) {
    struct graph *g = w->layer->graph;
    struct node *gain = layer_weight_norms(w->layer, weighting_leaf(w, "gain"), w->leaf, w->out);
    if (!gain) return NULL;
    uint32_t axes = axes_all(weight->shape.rank) & ~(1u << w->out);
    struct node *norm = graph_unary(g, OP_SQRT, graph_sum(g, graph_mul(g, weight, weight), axes));
    struct node *factor = graph_div(g, graph_reshape(g, gain, norm->shape), norm);
    return graph_mul(g, weight, graph_expand(g, factor, weight->shape));
}

const struct weight_row weight_norm_weight = {
    .name = "weight_norm",
    .doc = "learns the length of each output's weights apart from their direction",
    .equation = "W = g v / |v|",
    .example = "linear: {units: 64, weight: [weight_norm]}",
    .citation = "Salimans and Kingma 2016, Weight normalization, arXiv 1602.07868",
    .parameters = parameters,
    .build = build,
};
