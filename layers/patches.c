/* patches: what a window sees at each of its places, as channels: im2col (Chellapilla et al. 2006). */
#include "layers/image.h"

struct options {
    struct extents kernel, stride, dilation;
    struct padding padding;
};

static const struct parameter parameters[] = {
    IMAGE_EXTENTS_ROW(struct options, kernel, NULL, "of a patch: 3, or [height, width]"),
    IMAGE_EXTENTS_ROW(struct options, stride, "1", "from one patch to the next"),
    IMAGE_AROUND_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, dilation, "1", "from one pixel of a patch to the next"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *o = layer->options;
    struct node *x = image_input(layer);
    struct convolution c;
    int64_t kernel[2];
    const struct window window = {&o->kernel, &o->stride, &o->dilation, &o->padding};
    if (!x || !image_window(layer, &window, kernel, &c) ||
        !image_pad(layer, &o->padding, kernel, &c, &x) || !image_fits(layer, x, kernel, &c))
        return VALUE_POISON;
    struct shape shape = x->shape;
    for (int a = 0; a < 2; a++)
        shape.extent[a + 1] = convolution_extent(&c, a, x->shape.extent[a + 1], kernel[a]);
    shape.extent[3] *= kernel[0] * kernel[1];
    if (!image_is_sane(layer, shape)) return VALUE_POISON;
    return image_value(layer, graph_patches(layer->graph, x, kernel, &c));
}

const struct layer_row patches_layer = {
    .name = "patches",
    .doc = "patches of images, one a place, as channels",
    .equation = "y[i, j, (a width + b) channels + c] = x[i * stride - top + a * dilation, …, c]\n"
                "for pixel (a, b) of a patch",
    .example = "{patches: {kernel: 4, stride: 4}, from: image}",
    .call = "patches(image, 4, stride=4)",
    .aliases = "Unfold unfold im2col extract_patches extract_image_patches",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
