/* unpatches: the transpose of patches; what several patches have of a pixel is added. */
#include "layers/image.h"

struct options {
    struct extents kernel, stride, dilation;
    struct extents output_padding;
    struct padding padding;
};

static const struct parameter parameters[] = {
    IMAGE_EXTENTS_ROW(struct options, kernel, NULL, "of a patch: 3, or [height, width]"),
    IMAGE_EXTENTS_ROW(struct options, stride, "1", "from one patch to the next"),
    IMAGE_CUT_ROW(struct options),
    IMAGE_OUTPUT_PADDING_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, dilation, "1", "from one pixel of a patch to the next"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *o = layer->options;
    struct node *y = image_input(layer);
    struct convolution c;
    int64_t kernel[2], image[2];
    const struct window window = {&o->kernel, &o->stride, &o->dilation, &o->padding};
    if (!y || !image_window(layer, &window, kernel, &c) ||
        !image_transposed(layer, y, kernel, &o->padding, &o->output_padding, &c, image))
        return VALUE_POISON;
    int64_t taps = kernel[0] * kernel[1], channels = y->shape.extent[3];
    if (channels % taps)
        return layer_fail(
            layer, NULL,
            "patches of %lld x %lld pixels need channels in multiples of %lld, not %lld",
            (long long)kernel[0], (long long)kernel[1], (long long)taps, (long long)channels);
    struct shape shape = SHAPE(y->shape.extent[0], image[0], image[1], channels / taps);
    if (!image_is_sane(layer, shape)) return VALUE_POISON;
    return image_value(layer, graph_unpatches(layer->graph, y, kernel, &c, shape));
}

const struct layer_row unpatches_layer = {
    .name = "unpatches",
    .doc = "images of patches: the transpose of patches; what overlaps is added",
    .equation = "y[i * stride - top + a * dilation, …, c] += x[i, j, (a width + b) channels + c]\n"
                "for pixel (a, b) of a patch",
    .example = "{unpatches: {kernel: 2, stride: 2}, from: \"reshape(image, 14, 14, 4)\"}",
    .call = "unpatches(reshape(image, 14, 14, 4), 2, stride=2)",
    .aliases = "Fold fold col2im",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
