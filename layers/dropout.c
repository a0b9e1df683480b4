/* dropout: in training, each number is 0 with probability `rate`, else divided by 1 - rate
 * (Srivastava et al. 2014). */
#include "layers/layer.h"

struct options {
    double rate;
};

static const struct parameter parameters[] = {
    {.name = "rate",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, rate),
     .standard = "0.5",
     .low = 0,
     .high = 1,
     .aliases = "p prob probability",
     .doc = "share of numbers that become 0"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    if (!layer->training || options->rate == 0) return x;
    struct node *zero = graph_like(g, x.node, 0);
    if (options->rate == 1) return value_make(zero, x.batched);
    struct node *u = layer_random(layer, RANDOM_UNIFORM, x.node->shape);
    if (!u) return VALUE_POISON;
    struct node *dropped = graph_binary(g, OP_LESS, u, graph_like(g, u, options->rate));
    struct node *kept = graph_scale(g, x.node, 1 / (1 - options->rate));
    return value_make(graph_select(g, dropped, zero, kept), x.batched);
}

const struct layer_row dropout_layer = {
    .name = "dropout",
    .doc = "in training, sets a random share of numbers to 0 and enlarges the others",
    .equation =
        "y = m x / (1 - rate), where m is 0 with probability rate, else 1; in eval mode y = x",
    .example = "dropout: 0.3",
    .call = "dropout(x, 0.3)",
    .citation = "Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from "
                "overfitting",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
