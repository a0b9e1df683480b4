/* sequential: layers one after the other, under a name of their own. */
#include "layers/layer.h"

struct options {
    const struct config *layers;
};

static const struct parameter parameters[] = {
    {.name = "layers",
     .type = PARAMETER_LAYERS,
     .offset = offsetof(struct options, layers),
     .doc = "one after the other; names given in it are known in it alone"},
    {0},
};

static struct value build(struct layer *layer) {
    return layer_list(layer, 0, layer->count ? layer->inputs[0] : VALUE_POISON);
}

const struct layer_row sequential_layer = {
    .name = "sequential",
    .doc = "layers one after the other, under a path of their own",
    .equation = "y = layer n(... layer 2(layer 1(x)))",
    .example = "{sequential: [linear: 8, relu], as: body}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_most = 1,
    .learns = true,
    .lists = true,
    .groups = true,
    .build = build,
};
