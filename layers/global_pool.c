/* global_pool: each channel's mean, sum or largest number over the whole image. */
#include "layers/image.h"

enum { AVERAGE, SUM, MAX };
struct options {
    int of;
};

static const struct parameter parameters[] = {
    {.name = "of",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct options, of),
     .standard = "average",
     .choices = "average sum max",
     .doc = "what is taken of a channel's pixels; SN-GAN's discriminators take the sum"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct node *x = image_input(layer);
    if (!x) return VALUE_POISON;
    const int64_t *extent = x->shape.extent;
    uint32_t places = 1u << 1 | 1u << 2;
    struct node *y = options->of == MAX ? graph_max(g, x, places) : graph_sum(g, x, places);
    if (options->of == AVERAGE) y = graph_scale(g, y, 1 / (double)(extent[1] * extent[2]));
    return value_reshape(g, image_value(layer, y), SHAPE(extent[3]));
}

const struct layer_row global_pool_layer = {
    .name = "global_pool",
    .doc = "each channel's mean, sum or largest number over the whole image: [channels]",
    .equation = "y[c] = mean over i, j of x[i, j, c], or the sum, or the largest",
    .example = "{global_pool: sum, from: image}",
    .call = "global_pool(image, of=sum)",
    .citation = "Lin, Chen and Yan 2014, Network in network, arXiv 1312.4400",
    .aliases = "AdaptiveAvgPool2d AdaptiveMaxPool2d GlobalAveragePooling2D GlobalMaxPooling2D "
               "global_average_pool global_sum_pool global_max_pool adaptive_average_pool",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
