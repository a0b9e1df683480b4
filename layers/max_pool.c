/* max_pool: the largest number of each window, channel by channel; the first at a tie. */
#include <math.h>

#include "layers/window.h"

struct options {
    struct pool pool;
};

static const struct parameter parameters[] = {
    WINDOW_POOL_ROWS("around the image, which never counts: a number, [top, bottom, left, right], "
                     "'same' (ceil(size / stride) come out; TensorFlow's), 'valid' (none)"),
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct convolution window;
    int64_t kernel[2];
    struct node *x = window_pool(layer, &options->pool, -INFINITY, kernel, &window);
    return x ? image_value(layer, window_max(layer->graph, x, kernel, window.stride))
             : VALUE_POISON;
}

const struct layer_row max_pool_layer = {
    .name = "max_pool",
    .doc = "the largest number of each window, channel by channel",
    .equation = "y[i, j] = max over a, b of x[i * stride - top + a, j * stride - left + b]",
    .example = "{max_pool: 2, from: image}",
    .call = "max_pool(image, 2)",
    .aliases = "MaxPool2d MaxPooling2D maxpool",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
