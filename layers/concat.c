/* concat: values joined along one axis of their samples. */
#include "layers/layer.h"

struct options {
    int64_t axis;
};

static const struct parameter parameters[] = {
    LAYER_AXIS_ROW(struct options,
                   "of one sample; from the end where negative, so that -1 joins channels"),
    {0},
};

/* What does not fit: a shape, or else a batch. */
static struct value clash(struct layer *layer, int axis) {
    const struct options *options = layer->options;
    struct shape first = value_shape(layer->inputs[0]);
    for (int i = 1; i < layer->count; i++) {
        struct shape other = value_shape(layer->inputs[i]);
        if (other.rank == first.rank) other.extent[axis] = first.extent[axis];
        const char *hint = other.rank ? "shapes must be equal but for the axis that is joined"
                                      : value_row_hint(layer->inputs[i]);
        if (!shape_equal(other, first))
            return layer_fail(layer, hint, "cannot join %s and %s along axis %lld",
                              shape_text(layer->arena, first),
                              value_text(layer->arena, layer->inputs[i]), (long long)options->axis);
    }
    struct misfit misfit = value_misfit(layer->arena, layer->count, layer->inputs);
    return layer_fail(layer, misfit.hint, "cannot join %s", misfit.text);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    int axis = layer_axis(layer, layer->inputs[0], options->axis) - layer->inputs[0].batched;
    if (axis < 0) return VALUE_POISON;
    struct value joined = value_concat(layer->graph, layer->count, layer->inputs, axis);
    return joined.node ? joined : clash(layer, axis);
}

const struct layer_row concat_layer = {
    .name = "concat",
    .doc = "joins its inputs along an axis of their samples",
    .equation = "y = [x1, x2, …]",
    .example = "{concat: {axis: -1}, from: [h, skip]}",
    .call = "concat(x, fake)",
    .aliases = "cat Concatenate",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_least = 2,
    .inputs_most = -1,
    .build = build,
};
