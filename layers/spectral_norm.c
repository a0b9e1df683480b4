/*
 * spectral_norm: W / sigma(W), the weight divided by its largest singular value.
 *
 * W is taken as a matrix [rest, out]. A call in training makes one step of the power iteration from
 * the vector u that the call before it left: v = W u / |W u|, u = W' v / |W' v|, sigma = v' W u. No
 * gradient flows through u and v (Miyato et al. 2018, arXiv 1802.05957).
 */
#include "layers/weight.h"

struct options {
    double epsilon;
};

static const struct parameter parameters[] = {
    {.name = "epsilon",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, epsilon),
     .standard = "1e-12",
     .low = 0,
     .high = 1,
     .doc = "the least norm that a vector of the iteration is divided by"},
    {0},
};

/* A column [n, 1] divided by its norm. */
static struct node *unit(struct graph *g, struct node *vector, double epsilon) {
    struct node *norm = graph_unary(g, OP_SQRT, graph_sum(g, graph_mul(g, vector, vector), 3));
    norm = graph_binary(g, OP_MAX, norm, graph_like(g, norm, epsilon));
    return graph_div(g, vector, graph_expand(g, norm, vector->shape));
}

/* The weight with the axis `out` behind the others. */
static struct node *way_out_last(struct graph *g, struct node *weight, int out) {
    int order[AXES_MOST], count = 0;
    if (out == weight->shape.rank - 1) return weight;
    for (int a = 0; a < weight->shape.rank; a++)
        if (a != out) order[count++] = a;
    order[count] = out;
    return graph_permute(g, weight, order);
}

static struct node *build(struct weighting *w, struct node *weight) {
    const struct options *options = w->options;
    const struct distribution normal = {"normal", 1, {1}};
    struct layer *layer = w->layer;
    struct graph *g = layer->graph;
    struct node *last = way_out_last(g, weight, w->out);
    int64_t out = weight->shape.extent[w->out];
    const char *leaf = weighting_leaf(w, "spectral_vector");
    struct node *u = layer_state_drawn(layer, leaf, SHAPE(out), &normal);
    if (!u) return NULL;
    struct node *matrix = graph_reshape(g, last, SHAPE(shape_count(weight->shape) / out, out));
    struct node *held = graph_stop(g, matrix);
    u = unit(g, graph_reshape(g, u, SHAPE(out, 1)), options->epsilon);
    struct node *v = unit(g, graph_matmul(g, held, u), options->epsilon);
    if (layer->training) {
        u = unit(g, graph_matmul(g, graph_transpose(g, held), v), options->epsilon);
        layer_state_set(layer, leaf, graph_reshape(g, u, SHAPE(out)));
    }
    struct node *image = graph_matmul(g, matrix, graph_stop(g, u));
    struct node *sigma = graph_sum_all(g, graph_mul(g, graph_stop(g, v), image));
    return graph_div(g, weight, graph_broadcast(g, sigma, weight->shape));
}

const struct weight_row spectral_norm_weight = {
    .name = "spectral_norm",
    .doc = "divides the weight by its largest singular value, found by power iteration",
    .equation = "W / sigma(W)",
    .example = "linear: {units: 64, weight: [spectral_norm]}",
    .citation = "Miyato, Kataoka, Koyama and Yoshida 2018, Spectral normalization for generative "
                "adversarial networks, arXiv 1802.05957",
    .aliases = "SpectralNorm spectral_normalization sn",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .build = build,
};
