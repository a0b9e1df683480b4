/* embedding: a learned row for each index. */
#include "layers/compose.h"

struct options {
    int64_t count, size;
    struct distribution init;
};

static const struct parameter parameters[] = {
    {.name = "size",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, size),
     .low = 1,
     .high = 1 << 24,
     .aliases = "embedding_dim output_dim features",
     .doc = "numbers in a row"},
    {.name = "count",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, count),
     .standard = "",
     .low = 1,
     .high = 1 << 24,
     .aliases = "num_embeddings input_dim num_classes classes",
     .doc = "rows: indices are 0 to count - 1; if it is not given, as many as the labels are known "
            "to have"},
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "normal(1)",
     .choices = INITIALISERS,
     .doc = "of the table [count, size]; PyTorch's default"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct value index = layer->inputs[0];
    if (value_shape(index).rank > AXES_MOST - 2)
        return layer_fail(layer, NULL, "embedding's input %s has too many axes",
                          value_text(layer->arena, index));
    int64_t count = layer_classes(layer, index, "count", options->count);
    if (!count) return VALUE_POISON;
    return compose_rows(layer, "weight", index, count, options->size, &options->init);
}

const struct layer_row embedding_layer = {
    .name = "embedding",
    .doc = "a learned row of numbers for each index, as for labels",
    .equation = "y = W[x], where W is [count, size]",
    .example = "{embedding: {size: 16, count: 10}, from: y}",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .build = build,
};
