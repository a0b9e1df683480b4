/* branch: several lists of layers on one input, and their results joined. */
#include "layers/layer.h"

enum join { JOIN_CONCAT, JOIN_ADD, JOIN_MULTIPLY };

struct options {
    const struct config *branches;
    int join;
};

static const struct parameter parameters[] = {
    {.name = "branches",
     .type = PARAMETER_BRANCHES,
     .offset = offsetof(struct options, branches),
     .doc = "each takes the input; an empty one gives it as it is"},
    {.name = "join",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct options, join),
     .standard = "concat",
     .choices = "concat add multiply",
     .doc = "what becomes of the results; concat: along the last axis"},
    {0},
};

/* Poisoned where they do not fit. */
static struct value join(struct layer *layer, int count, struct value *values) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    if (options->join == JOIN_CONCAT) return value_concat(g, count, values, -1);
    if (!value_meet(g, count, values)) return VALUE_POISON;
    return value_fold(g, options->join == JOIN_ADD ? OP_ADD : OP_MUL, count, values);
}

static struct value build(struct layer *layer) {
    struct value *values = ARENA_ARRAY(layer->arena, struct value, layer->lists);
    bool good = true;
    for (int i = 0; i < layer->lists; i++) {
        struct value result = layer_list(layer, i, layer->inputs[0]);
        good = good && result.node;
        if (good) values[i] = value_real(layer->graph, result);
    }
    if (!good) return VALUE_POISON;
    struct value joined = join(layer, layer->lists, values);
    if (joined.node) return joined;
    struct misfit misfit = value_misfit(layer->arena, layer->lists, values);
    return layer_fail(layer, "'join' is concat, add or multiply",
                      "its branches give %s, which cannot be joined so", misfit.text);
}

const struct layer_row branch_layer = {
    .name = "branch",
    .doc = "several lists of layers on one input, their results joined",
    .equation = "y = [branch 0(x), branch 1(x), ...], or their sum or product",
    .example = "branch: {branches: [[linear: 8, relu], [linear: 8, tanh]], join: multiply}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .lists = true,
    .build = build,
};
