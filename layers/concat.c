/* concat: values joined along one axis of their samples. */
#include "layers/layer.h"

struct options {
    int64_t axis;
};

static const struct parameter parameters[] = {
    {.name = "axis",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, axis),
     .standard = "-1",
     .low = -AXES_MOST,
     .high = AXES_MOST,
     .doc = "of one sample; from the end where negative, so that -1 joins channels"},
    {0},
};

/* Two shapes are joined along `axis` if they are equal elsewhere. */
static bool fits(struct shape a, struct shape b, int axis) {
    if (a.rank != b.rank) return false;
    b.extent[axis] = a.extent[axis];
    return shape_equal(a, b);
}

static struct value clash(struct layer *layer) {
    struct misfit misfit = value_misfit(layer->arena, layer->count, layer->inputs);
    return layer_fail(layer, misfit.hint, "cannot join %s", misfit.text);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct shape first = value_shape(layer->inputs[0]);
    int axis = layer_axis(layer, layer->inputs[0], options->axis) - layer->inputs[0].batched;
    if (axis < 0) return VALUE_POISON;
    struct node **parts = ARENA_ARRAY(layer->arena, struct node *, layer->count);
    bool batched = false;
    int64_t batch = 1;
    for (int i = 0; i < layer->count; i++) {
        if (!fits(first, value_shape(layer->inputs[i]), axis))
            return layer_fail(layer, "shapes must be equal but for the axis that is joined",
                              "cannot join %s and %s along axis %lld",
                              shape_text(layer->arena, first),
                              value_text(layer->arena, layer->inputs[i]), (long long)options->axis);
        if (!layer->inputs[i].batched) continue;
        int64_t own = layer->inputs[i].node->shape.extent[0];
        if (batched && own != batch) return clash(layer);
        batched = true;
        batch = own;
    }
    for (int i = 0; i < layer->count; i++) {
        struct value part = value_real(g, layer->inputs[i]);
        parts[i] = value_spread(g, part, value_shape(part), batched, batch).node;
    }
    return value_make(graph_concat(g, layer->count, parts, axis + batched), batched);
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
