/* parameter: a learned constant, the same for every sample. */
#include "layers/layer.h"

struct options {
    struct extents shape;
    struct distribution init;
};

static const struct parameter parameters[] = {
    {.name = "shape",
     .type = PARAMETER_SHAPE,
     .offset = offsetof(struct options, shape),
     .doc = "of the constant; [] is one number"},
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "constant(0)",
     .choices = INITIALISERS,
     .doc = "how it begins; the last axis counts as the way out"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct shape shape = shape_make(options->shape.rank, options->shape.extent);
    if (!shape_is_sane(shape))
        return layer_fail(layer, NULL, "a parameter of %s has too many numbers",
                          shape_text(layer->arena, shape));
    double out = shape.rank ? (double)shape.extent[shape.rank - 1] : 1;
    double in = (double)shape_count(shape) / out;
    return value_make(layer_weight(layer, "value", shape, &options->init, in, out), false);
}

const struct layer_row parameter_layer = {
    .name = "parameter",
    .doc = "a learned constant, the same for every sample",
    .equation = "y = value",
    .example = "{parameter: {shape: [4, 512], init: normal(1)}, as: start}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .learns = true,
    .build = build,
};
