/*
 * linear: y = x W + b over the last axis; W is [in, out].
 */
#include "layers/layer.h"

struct options {
    int64_t units;
    bool bias;
    struct distribution init, bias_init;
};

static const struct parameter parameters[] = {
    {.name = "units",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, units),
     .low = 1,
     .high = 1 << 24,
     .doc = "numbers that come out, in the place of the last axis"},
    {.name = "bias",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, bias),
     .standard = "true",
     .doc = "whether a learned number is added to each"},
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "fan_in",
     .choices = INITIALISERS,
     .doc = "of the weight [in, units]; PyTorch's default, uniform in +-1/sqrt(in)"},
    {.name = "bias_init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, bias_init),
     .standard = "fan_in",
     .choices = INITIALISERS,
     .doc = "of the bias [units]; PyTorch's default, uniform in +-1/sqrt(in)"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct shape sample = value_shape(x), full = x.node->shape;
    if (sample.rank < 1)
        return layer_fail(layer, "put 'reshape: [1]' before it",
                          "linear wants an axis, but its "
                          "input is one number a sample");
    int64_t in = sample.extent[sample.rank - 1], units = options->units;
    if (!shape_is_sane(SHAPE(in, units)))
        return layer_fail(layer, NULL, "a weight of [%lld, %lld] has too many numbers",
                          (long long)in, (long long)units);
    struct node *w =
        layer_weight(layer, "weight", SHAPE(in, units), &options->init, (double)in, (double)units);
    if (!w) return VALUE_POISON;
    struct node *y =
        graph_matmul(g, graph_reshape(g, x.node, SHAPE(shape_count(full) / in, in)), w);
    if (options->bias) {
        struct node *b = layer_weight(layer, "bias", SHAPE(units), &options->bias_init, (double)in,
                                      (double)units);
        if (!b) return VALUE_POISON;
        y = graph_add(g, y, graph_broadcast(g, b, y->shape));
    }
    full.extent[full.rank - 1] = units;
    return value_make(graph_reshape(g, y, full), x.batched);
}

const struct layer_row linear_layer = {
    .name = "linear",
    .doc = "a fully connected layer over the last axis",
    .equation = "y = x W + b, where W is [in, units] and b is [units]",
    .example = "linear: 32",
    .aliases = "Dense fully_connected",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .build = build,
};
