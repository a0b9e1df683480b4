/*
 * minibatch_discrimination: how near a sample is to the others of its batch, by learned distances,
 * as further numbers (Salimans et al. 2016, section 3.2).
 *
 * M = x T gives each sample `kernels` rows of `size` numbers; of two samples i and j the k-th
 * nearness is c = exp(-|M[i, k] - M[j, k]|), by the L1 norm; the sum of c over all j of the batch,
 * i among them, is appended. The weight T is [in, size * kernels].
 */
#include "layers/compose.h"

struct options {
    int64_t kernels, size;
    struct distribution init;
};

static const struct parameter parameters[] = {
    {.name = "kernels",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, kernels),
     .standard = "100",
     .low = 1,
     .high = 1 << 16,
     .aliases = "out_features",
     .doc = "numbers that are appended; the authors' code has 100"},
    {.name = "size",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, size),
     .standard = "5",
     .low = 1,
     .high = 1 << 16,
     .aliases = "kernel_dims",
     .doc = "numbers that each of them compares; the authors' code has 5"},
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "normal(0.05)",
     .choices = INITIALISERS,
     .doc = "of the weight [in, size * kernels]"},
    {0},
};

/* M [b, size, kernels] to [b, kernels]: the sums of nearness. */
static struct node *nearness(struct graph *g, struct node *m) {
    int64_t batch = m->shape.extent[0], size = m->shape.extent[1], kernels = m->shape.extent[2];
    struct shape pairs = SHAPE(batch, batch, size, kernels);
    struct node *own = graph_expand(g, graph_reshape(g, m, SHAPE(batch, 1, size, kernels)), pairs);
    struct node *far = compose_abs(g, graph_sub(g, own, graph_broadcast(g, m, pairs)));
    struct node *near = graph_unary(g, OP_EXP, graph_neg(g, graph_sum(g, far, 1u << 2)));
    return graph_reshape(g, graph_sum(g, near, 1u << 1), SHAPE(batch, kernels));
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    if (!x.batched || value_shape(x).rank != 1)
        return layer_fail(layer, "put 'flatten' before it",
                          "minibatch_discrimination wants a batch of rows, but its input is %s",
                          value_text(layer->arena, x));
    struct value m =
        compose_linear(layer, x, options->size * options->kernels, &options->init, NULL);
    if (!m.node) return VALUE_POISON;
    m = value_reshape(g, m, SHAPE(options->size, options->kernels));
    struct node *parts[2] = {x.node, nearness(g, m.node)};
    return value_make(graph_concat(g, 2, parts, 1), true);
}

const struct layer_row minibatch_discrimination_layer = {
    .name = "minibatch_discrimination",
    .doc = "appends how near a sample is to the others of its batch",
    .equation = "[x, sum over j of exp(-|M[i, k] - M[j, k]|)], M = x T",
    .example = "minibatch_discrimination: {kernels: 100, size: 5}",
    .citation = "Salimans, Goodfellow, Zaremba, Cheung, Radford and Chen 2016, Improved techniques "
                "for training GANs, section 3.2, arXiv 1606.03498",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
    .aliases = "MinibatchDiscrimination",
};
