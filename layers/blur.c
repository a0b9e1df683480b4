/*
 * blur: each channel goes through a small filter, along the height and along the width.
 *
 * The filter's numbers are divided by their sum. Zeros lie around the image, so that a stride of 1 keeps its size: the
 * filter's middle (of two, the first) goes over each pixel.
 */
#include "layers/window.h"

struct options {
    struct numbers filter;
    int64_t stride;
};

static const struct parameter parameters[] = {
    {.name = "filter",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct options, filter),
     .standard = "[1, 2, 1]",
     .doc = "the same along both axes; its numbers are divided by their sum"},
    {.name = "stride",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, stride),
     .standard = "1",
     .low = 1,
     .high = 1024,
     .unit = "pixels",
     .doc = "from one pixel of the result to the next"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t size = options->filter.count, stride = options->stride;
    struct node *x = image_input(layer);
    if (!x) return VALUE_POISON;
    if (!size) return layer_fail(layer, "leave it out for [1, 2, 1]", "'filter' has no numbers");
    double sum = 0, *factor = ARENA_ARRAY(layer->arena, double, size);
    for (int64_t k = 0; k < size; k++)
        sum += options->filter.list[k];
    if (sum == 0)
        return layer_fail(layer, NULL,
                          "the numbers of 'filter' are divided by their sum, but that is 0");
    for (int64_t k = 0; k < size; k++)
        factor[k] = options->filter.list[k] / sum;
    int64_t low = (size - 1) / 2, high = size / 2;
    x = graph_pad(g, x, (const int64_t[]){0, low, low, 0}, (const int64_t[]){0, high, high, 0},
                  NULL, 0);
    for (int axis = 2; axis >= 1; axis--)
        x = window_slide(g, x, axis, size, stride, factor);
    return image_value(layer, x);
}

const struct layer_row blur_layer = {
    .name = "blur",
    .doc = "a small filter over each channel, as before images are made smaller or after they grew",
    .equation =
        "y[i, j, c] = sum over a, b of f[a] f[b] x[i stride + a - m, j stride + b - m, c],\n"
        "f = filter / sum(filter), m = floor((numbers in it - 1) / 2)",
    .example = "{blur: [1, 3, 3, 1], from: image}",
    .call = "blur(image, [1, 3, 3, 1])",
    .citation = "Zhang 2019, Making convolutional networks shift-invariant again, arXiv 1904.11486",
    .aliases = "upfirdn2d fir BlurPool binomial_filter gaussian_blur",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
