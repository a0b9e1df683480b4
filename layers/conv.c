/*
 * conv: convolution of images (in the sense of all deep learning: correlation); the weight is
 * [kernel height, kernel width, in / groups, channels].
 */
#include "layers/compose.h"
#include "layers/image.h"

struct options {
    int64_t channels, groups;
    struct extents kernel, stride, dilation;
    struct padding padding;
    bool bias;
    struct distribution init, bias_init;
};

static const struct parameter parameters[] = {
    IMAGE_CHANNELS_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, kernel, NULL, "how large it is: 3, or [height, width]"),
    IMAGE_EXTENTS_ROW(struct options, stride, "1", "from one place of the kernel to the next"),
    IMAGE_AROUND_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, dilation, "1", "from one tap of the kernel to the next"),
    IMAGE_GROUPS_ROW(struct options,
                     "of channels that do not see each other; as many as channels: depthwise"),
    COMPOSE_LINEAR_ROWS(struct options,
                        "of the weight [height, width, in / groups, channels]; PyTorch's default, "
                        "uniform in +-1/sqrt(height * width * in / groups)",
                        "of the bias [channels]; PyTorch's default, as the weight's"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *o = layer->options;
    struct graph *g = layer->graph;
    struct node *x = image_input(layer);
    struct convolution c;
    int64_t kernel[2];
    const struct window window = {&o->kernel, &o->stride, &o->dilation, &o->padding};
    if (!x || !image_window(layer, &window, kernel, &c) ||
        !image_pad(layer, &o->padding, kernel, &c, &x) || !image_fits(layer, x, kernel, &c))
        return VALUE_POISON;
    c.groups = o->groups;
    int64_t in = x->shape.extent[3];
    if (!image_groups(layer, o->groups, in, o->channels)) return VALUE_POISON;
    struct node *w = image_kernel(layer, SHAPE(kernel[0], kernel[1], in / o->groups, o->channels),
                                  in / o->groups, o->channels / o->groups, &o->init);
    if (!w) return VALUE_POISON;
    struct node *y = graph_conv(g, x, w, &c);
    y = o->bias ? image_bias(layer, y, kernel, in / o->groups, &o->bias_init) : y;
    return y ? image_value(layer, y) : VALUE_POISON;
}

const struct layer_row conv_layer = {
    .name = "conv",
    .doc = "convolution of images",
    .equation = "y[i, j] = sum over a, b of x[i * stride - top + a * dilation, …] W[a, b] + b,\n"
                "where W is [height, width, in / groups, channels]",
    .example = "{conv: {channels: 64, kernel: 4, stride: 2, padding: 1}, from: image}",
    .aliases = "Conv2d conv2d Conv2D convolution",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .build = build,
};
