/* repeat: a list of layers, built once a round, each time with weights of its own. */
#include "layers/layer.h"

struct options {
    const struct config *layers, *loop;
    struct texts carry;
};

static const struct parameter parameters[] = {
    {.name = "for",
     .type = PARAMETER_LOOP,
     .offset = offsetof(struct options, loop),
     .doc = "a name and its numbers, one a round: {i: range(4)}; several go side by side"},
    {.name = "layers",
     .type = PARAMETER_LAYERS,
     .offset = offsetof(struct options, layers),
     .doc = "of one round; it goes on from the result of the round before"},
    {.name = "carry",
     .type = PARAMETER_TEXTS,
     .offset = offsetof(struct options, carry),
     .standard = "[]",
     .doc = "names that a round binds for the next round and for what follows"},
    {0},
};

static struct value build(struct layer *layer) {
    struct value result = layer->count ? layer->inputs[0] : VALUE_POISON;
    for (int i = 0; i < layer->lists; i++)
        result = layer_list(layer, i, result);
    return result;
}

const struct layer_row repeat_layer = {
    .name = "repeat",
    .doc = "a list of layers several times over, each time with weights of its own",
    .equation = "y = layers n(... layers 2(layers 1(x)))",
    .example = "repeat: {for: {units: [64, 32, 16]}, layers: [linear: units, relu]}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_most = 1,
    .learns = true,
    .lists = true,
    .groups = true,
    .build = build,
};
