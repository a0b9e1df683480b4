/*
 * pixel_shuffle: channels become pixels, an image `factor` times as high and wide (Shi et al. 2016).
 *
 * As in PyTorch, channel (c * factor + a) * factor + b becomes pixel (a, b) of each square, in channel c.
 */
#include "layers/image.h"

struct options {
    int64_t factor;
};

static const struct parameter parameters[] = {
    IMAGE_FACTOR_ROW(struct options, NULL, "upscale_factor",
                     "by which height and width grow; its square must divide the channels"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t factor = options->factor, square = factor * factor;
    struct value x = {.node = image_input(layer), .batched = true};
    if (!x.node) return VALUE_POISON;
    struct shape image = value_shape(x);
    int64_t height = image.extent[0], width = image.extent[1], channels = image.extent[2] / square;
    if (image.extent[2] % square)
        return layer_fail(layer, NULL,
                          "the square of 'factor', %lld, must divide the channels of %s",
                          (long long)square, value_text(layer->arena, x));
    x = value_reshape(g, x, SHAPE(height, width, channels, factor, factor));
    x = value_permute(g, x, (const int[]){0, 3, 1, 4, 2});
    x = value_reshape(g, x, SHAPE(height * factor, width * factor, channels));
    return image_value(layer, x.node);
}

const struct layer_row pixel_shuffle_layer = {
    .name = "pixel_shuffle",
    .doc = "channels become pixels: [h, w, c factor^2] becomes [h factor, w factor, c]",
    .equation = "y[i factor + a, j factor + b, c] = x[i, j, (c factor + a) factor + b]",
    .example = "{pixel_shuffle: 2, from: \"reshape(image, 14, 14, 4)\"}",
    .call = "pixel_shuffle(reshape(image, 14, 14, 4), 2)",
    .citation =
        "Shi et al. 2016, Real-time single image and video super-resolution using an efficient "
        "sub-pixel convolutional neural network, arXiv 1609.05158",
    .aliases = "PixelShuffle depth_to_space",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
