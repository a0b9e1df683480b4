/* permute: the axes of each sample in another order. */
#include "layers/layer.h"

struct options {
    struct numbers order;
};

static const struct parameter parameters[] = {
    {.name = "order",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct options, order),
     .doc = "for each axis of the result the axis it was before, from 0: [1, 0, 2]"},
    {0},
};

/* The order; false, reported, where it is none of its axes. */
static bool read_order(struct layer *layer, struct value x, int *order) {
    const struct options *options = layer->options;
    int rank = value_shape(x).rank, seen = 0;
    for (int a = 0; a < options->order.count && a < rank; a++) {
        double axis = options->order.list[a];
        if (axis != (int)axis || axis < 0 || axis >= rank) break;
        order[a] = (int)axis;
        seen |= 1 << (int)axis;
    }
    if (options->order.count == rank && seen == (1 << rank) - 1) return true;
    layer_fail(layer, NULL, "'order' must name each axis of %s once: 0 to %d",
               value_text(layer->arena, x), rank - 1);
    return false;
}

static struct value build(struct layer *layer) {
    struct value x = layer->inputs[0];
    int order[AXES_MOST] = {0};
    if (!value_shape(x).rank)
        return layer_fail(layer, NULL, "permute's input is one number a sample: it has no axes");
    if (!read_order(layer, x, order)) return VALUE_POISON;
    return value_permute(layer->graph, x, order);
}

const struct layer_row permute_layer = {
    .name = "permute",
    .doc = "the axes of each sample in another order",
    .equation = "y[i, j, k] = x[j, i, k] for the order [1, 0, 2]",
    .example = "{permute: [1, 0, 2], from: image}",
    .call = "permute(image, [1, 0, 2])",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
    .aliases = "transpose",
};
