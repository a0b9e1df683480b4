/*
 * pixel_unshuffle: pixels become channels, the inverse of pixel_shuffle (Shi et al. 2016).
 *
 * As in PyTorch, pixel (a, b) of each square of channel c becomes channel (c * factor + a) * factor + b.
 */
#include "layers/image.h"

struct options {
    int64_t factor;
};

static const struct parameter parameters[] = {
    IMAGE_FACTOR_ROW(struct options, NULL, "downscale_factor",
                     "by which height and width shrink; it must divide them"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t factor = options->factor;
    struct value x = {.node = image_input(layer), .batched = true};
    if (!x.node) return VALUE_POISON;
    struct shape image = value_shape(x);
    int64_t height = image.extent[0] / factor, width = image.extent[1] / factor;
    if (image.extent[0] % factor || image.extent[1] % factor)
        return layer_fail(layer, NULL, "'factor' must divide height and width of %s, but is %lld",
                          value_text(layer->arena, x), (long long)factor);
    x = value_reshape(g, x, SHAPE(height, factor, width, factor, image.extent[2]));
    x = value_permute(g, x, (const int[]){0, 2, 4, 1, 3});
    x = value_reshape(g, x, SHAPE(height, width, image.extent[2] * factor * factor));
    return image_value(layer, x.node);
}

const struct layer_row pixel_unshuffle_layer = {
    .name = "pixel_unshuffle",
    .doc = "pixels become channels: [h factor, w factor, c] becomes [h, w, c factor^2]",
    .equation = "y[i, j, (c factor + a) factor + b] = x[i factor + a, j factor + b, c]",
    .example = "{pixel_unshuffle: 2, from: image}",
    .call = "pixel_unshuffle(image, 2)",
    .citation =
        "Shi et al. 2016, Real-time single image and video super-resolution using an efficient "
        "sub-pixel convolutional neural network, arXiv 1609.05158",
    .aliases = "PixelUnshuffle space_to_depth",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
