/* prelu: x above 0, slope * x below, where the slope is learned: one, or one a channel (He et al. 2015). */
#include "layers/layer.h"

struct options {
    struct distribution init;
    bool per_channel;
};

static const struct parameter parameters[] = {
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "constant(0.25)",
     .choices = INITIALISERS,
     .doc = "of the slopes; PyTorch's default"},
    {.name = "per_channel",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, per_channel),
     .standard = "false",
     .doc = "a slope for each channel, as the paper has it, instead of one for all"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x);
    if (options->per_channel && sample.rank < 1)
        return layer_fail(layer, "leave 'per_channel' out, or put 'reshape: [1]' before it",
                          "prelu wants channels, but its input is one number a sample");
    int64_t slopes = options->per_channel ? sample.extent[sample.rank - 1] : 1;
    struct node *slope = layer_weight(layer, "slope", SHAPE(slopes), &options->init, 1, 1);
    if (!slope) return VALUE_POISON;
    if (!sample.rank) slope = graph_reshape(g, slope, SHAPE_SCALAR);
    struct node *above = graph_binary(g, OP_LESS, graph_like(g, x.node, 0), x.node);
    struct node *below = graph_mul(g, graph_broadcast(g, slope, x.node->shape), x.node);
    return value_make(graph_select(g, above, x.node, below), x.batched);
}

const struct layer_row prelu_layer = {
    .name = "prelu",
    .doc = "x where it is above 0, else a learned slope times x",
    .equation = "x if x > 0, else slope x",
    .example = "prelu",
    .citation = "He, Zhang, Ren and Sun 2015, Delving deep into rectifiers, arXiv 1502.01852",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
};
