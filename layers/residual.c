/* residual: y = x + layers(x), or shortcut(x) + layers(x) (He et al. 2016). */
#include "layers/layer.h"

struct options {
    const struct config *layers, *shortcut;
};

static const struct parameter parameters[] = {
    {.name = "layers",
     .type = PARAMETER_LAYERS,
     .offset = offsetof(struct options, layers),
     .doc = "what is added to the input"},
    {.name = "shortcut",
     .type = PARAMETER_LAYERS,
     .offset = offsetof(struct options, shortcut),
     .standard = "",
     .doc = "what the input goes through instead of being added as it is"},
    {0},
};

static struct value build(struct layer *layer) {
    struct value x = layer->inputs[0], added = layer_list(layer, 0, x);
    if (layer->lists > 1) x = layer_list(layer, 1, x);
    if (!added.node || !x.node) return VALUE_POISON;
    struct value pair[2] = {value_real(layer->graph, x), value_real(layer->graph, added)};
    if (!shape_equal(value_shape(x), value_shape(added)) || !value_meet(layer->graph, 2, pair))
        return layer_fail(layer, "layers under 'shortcut:' can give the input the other shape",
                          "a residual adds its layers' result, %s, to its input, %s",
                          value_text(layer->arena, added), value_text(layer->arena, x));
    return value_make(graph_add(layer->graph, pair[0].node, pair[1].node), pair[0].batched);
}

const struct layer_row residual_layer = {
    .name = "residual",
    .doc = "adds the result of a list of layers to its input",
    .equation = "y = x + layers(x), or shortcut(x) + layers(x)",
    .example = "residual: [relu, linear: channels(previous)]",
    .citation = "He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition, "
                "arXiv 1512.03385",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .lists = true,
    .build = build,
};
