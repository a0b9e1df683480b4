/*
 * conv_transpose: the transpose of a convolution, from what comes out of it to images of its input's
 * shape; the weight is that convolution's, [kernel height, kernel width, channels / groups, in].
 */
#include "layers/compose.h"
#include "layers/image.h"

struct options {
    int64_t channels, groups;
    struct extents kernel, stride, dilation;
    struct extents output_padding;
    struct padding padding;
    bool bias;
    struct distribution init, bias_init;
};

static const struct parameter parameters[] = {
    IMAGE_CHANNELS_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, kernel, NULL, "how large it is: 4, or [height, width]"),
    IMAGE_EXTENTS_ROW(struct options, stride, "1", "pixels that come out for one that goes in"),
    IMAGE_CUT_ROW(struct options),
    IMAGE_OUTPUT_PADDING_ROW(struct options),
    IMAGE_EXTENTS_ROW(struct options, dilation, "1", "from one tap of the kernel to the next"),
    IMAGE_GROUPS_ROW(struct options, "of channels that do not see each other"),
    COMPOSE_LINEAR_ROWS(struct options,
                        "of the weight [height, width, channels / groups, in]; PyTorch's default, "
                        "uniform in +-1/sqrt(height * width * channels / groups)",
                        "of the bias [channels]; PyTorch's default, as the weight's"),
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
    int64_t in = y->shape.extent[3], filters = o->channels / o->groups;
    c.groups = o->groups;
    if (!image_groups(layer, o->groups, in, o->channels)) return VALUE_POISON;
    struct node *w = image_kernel(layer, SHAPE(kernel[0], kernel[1], filters, in), filters,
                                  in / o->groups, &o->init);
    struct shape shape = SHAPE(y->shape.extent[0], image[0], image[1], o->channels);
    if (!w || !image_is_sane(layer, shape)) return VALUE_POISON;
    struct node *x = graph_conv_dx(layer->graph, y, w, &c, shape);
    x = o->bias ? image_bias(layer, x, kernel, filters, &o->bias_init) : x;
    return x ? image_value(layer, x) : VALUE_POISON;
}

const struct layer_row conv_transpose_layer = {
    .name = "conv_transpose",
    .doc = "the transpose of a convolution: it makes images larger by its stride",
    .equation = "y[i * stride - top + a * dilation, …] += x[i, j] W[a, b]', then + b,\n"
                "where W is [height, width, channels / groups, in]",
    .example = "{conv_transpose: {channels: 64, kernel: 4, stride: 2, padding: 1}, from: image}",
    .aliases = "ConvTranspose2d conv_transpose2d Conv2DTranspose deconv Deconvolution2D",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .turned = 1,
    .build = build,
};
