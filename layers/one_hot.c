/* one_hot: 1 at the index, 0 elsewhere, on a new last axis. */
#include "layers/layer.h"

struct options {
    int64_t classes;
};

static const struct parameter parameters[] = {
    {.name = "classes",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, classes),
     .standard = "",
     .low = 1,
     .high = 1 << 24,
     .doc = "length of the new axis: indices are 0 to classes - 1; if it is not given, as many as "
            "the labels are known to have"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = layer->inputs[0];
    struct shape column = x.node->shape;
    if (column.rank >= AXES_MOST)
        return layer_fail(layer, NULL, "one_hot's input %s has too many axes",
                          value_text(layer->arena, x));
    int64_t classes = layer_classes(layer, x, "classes", options->classes);
    if (!classes) return VALUE_POISON;
    column.extent[column.rank++] = 1;
    struct shape full = column;
    full.extent[full.rank - 1] = classes;
    struct node *index = graph_reshape(g, graph_cast(g, x.node, TYPE_INT32), column);
    struct node *count = graph_iota(g, TYPE_INT32, full, full.rank - 1);
    return value_make(graph_binary(g, OP_EQUAL, count, graph_expand(g, index, full)), x.batched);
}

const struct layer_row one_hot_layer = {
    .name = "one_hot",
    .doc = "1 at the index and 0 elsewhere, on a new last axis",
    .equation = "y[i] = 1 if x = i, else 0, for i from 0 to classes - 1",
    .example = "{one_hot: 10, from: y}",
    .call = "one_hot(y, 10)",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
