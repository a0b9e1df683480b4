/* reshape: each sample in another shape of as many numbers. */
#include "layers/layer.h"

struct options {
    struct extents shape;
};

static const struct parameter parameters[] = {
    {.name = "shape",
     .type = PARAMETER_SHAPE,
     .offset = offsetof(struct options, shape),
     .doc = "of one sample: [28, 28, 1]"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct shape from = value_shape(layer->inputs[0]);
    struct shape to = shape_make(options->shape.rank, options->shape.extent);
    if (!shape_is_sane(to))
        return layer_fail(layer, NULL, "%s has too many numbers", shape_text(layer->arena, to));
    if (shape_count(from) != shape_count(to))
        return layer_fail(layer, "the products of both shapes must be equal",
                          "cannot reshape %s, %lld numbers, to %s, %lld numbers",
                          shape_text(layer->arena, from), (long long)shape_count(from),
                          shape_text(layer->arena, to), (long long)shape_count(to));
    return value_reshape(layer->graph, layer->inputs[0], to);
}

const struct layer_row reshape_layer = {
    .name = "reshape",
    .doc = "each sample in another shape of as many numbers, in row-major order",
    .equation = "y[k] = x[k], counted in row-major order",
    .example = "reshape: [28, 28, 1]",
    .call = "reshape(h, 28, 28, 1)",
    .aliases = "view Unflatten",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
