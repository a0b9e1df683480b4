/* identity: its input as it is, where a name or a place for one is wanted. */
#include "layers/layer.h"

static const struct parameter parameters[] = {{0}};

static struct value build(struct layer *layer) {
    return layer->inputs[0];
}

const struct layer_row identity_layer = {
    .name = "identity",
    .doc = "its input as it is; `as:` and `from:` beside it give a result a name",
    .equation = "y = x",
    .example = "{identity: {}, from: \"h[0:4]\", as: first}",
    .call = "identity(x)",
    .parameters = parameters,
    LAYER_ONE_INPUT,
    .build = build,
};
