/*
 * maxout: the largest of `pieces` linear functions for each unit (Goodfellow et al. 2013); the weight is
 * [in, pieces * units], piece after piece.
 */
#include "layers/compose.h"

struct options {
    int64_t units, pieces;
    bool bias;
    struct distribution init, bias_init;
};

static const struct parameter parameters[] = {
    {.name = "units",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, units),
     .low = 1,
     .high = 1 << 24,
     .aliases = "out_features output_dim features",
     .doc = "numbers that come out, in the place of the last axis"},
    {.name = "pieces",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, pieces),
     .standard = "2",
     .low = 1,
     .high = 1 << 16,
     .doc = "linear functions a unit; the largest counts"},
    COMPOSE_LINEAR_ROWS(struct options, "of the weight [in, pieces * units]; as linear's",
                        "of the bias [pieces * units]; as linear's"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t units = options->units, all = units * options->pieces;
    struct value y = compose_linear(layer, value_real(g, layer->inputs[0]), all, &options->init,
                                    options->bias ? &options->bias_init : NULL);
    if (!y.node) return VALUE_POISON;
    struct shape pieces = y.node->shape, shape = pieces;
    if (pieces.rank == AXES_MOST)
        return layer_fail(layer, NULL, "maxout's input %s has too many axes",
                          value_text(layer->arena, layer->inputs[0]));
    int axis = pieces.rank - 1;
    pieces.extent[axis] = options->pieces;
    pieces.extent[pieces.rank++] = units;
    shape.extent[axis] = units;
    struct node *most = graph_max(g, graph_reshape(g, y.node, pieces), 1u << axis);
    return value_make(graph_reshape(g, most, shape), y.batched);
}

const struct layer_row maxout_layer = {
    .name = "maxout",
    .doc = "for each unit the largest of several linear functions",
    .equation = "max over pieces of x W[piece] + b[piece]",
    .example = "maxout: {units: 200, pieces: 5}",
    .citation = "Goodfellow, Warde-Farley, Mirza, Courville and Bengio 2013, Maxout networks, "
                "arXiv 1302.4389",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .build = build,
};
