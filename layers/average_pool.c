/* average_pool: the mean of each window, channel by channel. */
#include "layers/window.h"

struct options {
    struct pool pool;
    bool count_include_pad;
};

static const struct parameter parameters[] = {
    WINDOW_POOL_ROWS("zeros around the image: a number, [top, bottom, left, right], 'same' "
                     "(ceil(size / stride) come out; TensorFlow's), 'valid' (none)"),
    {.name = "count_include_pad",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, count_include_pad),
     .standard = "true",
     .doc = "whether the padding's zeros count in the mean"},
    {0},
};

/* y, the sums of windows, divided by the pixels of the image that each has along height (a = 0) or width (1). */
static struct node *divided(struct layer *layer, struct node *y, int a, int64_t size,
                            int64_t kernel, const struct convolution *window) {
    struct shape shape = SHAPE(1, 1, 1, 1);
    int64_t count = shape.extent[a + 1] = y->shape.extent[a + 1];
    double *share = ARENA_ARRAY(layer->arena, double, count);
    for (int64_t i = 0; i < count; i++) {
        int64_t first = i * window->stride[a] - window->low[a], end = first + kernel;
        share[i] = 1 / (double)((end < size ? end : size) - (first > 0 ? first : 0));
    }
    struct graph *g = layer->graph;
    struct node *table = graph_table(g, TYPE_FLOAT32, shape, share);
    return graph_mul(g, y, graph_expand(g, table, y->shape));
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct convolution window;
    int64_t kernel[2];
    struct node *x = window_pool(layer, &options->pool, 0, kernel, &window);
    if (!x) return VALUE_POISON;
    struct node *y = window_sum(g, x, kernel, window.stride);
    if (options->count_include_pad)
        return image_value(layer, graph_scale(g, y, 1 / (double)(kernel[0] * kernel[1])));
    for (int a = 0; a < 2; a++) {
        int64_t size = x->shape.extent[a + 1] - window.low[a] - window.high[a];
        y = divided(layer, y, a, size, kernel[a], &window);
    }
    return image_value(layer, y);
}

const struct layer_row average_pool_layer = {
    .name = "average_pool",
    .doc = "the mean of each window, channel by channel",
    .equation = "y[i, j] = mean over a, b of x[i * stride - top + a, j * stride - left + b]",
    .example = "{average_pool: 2, from: image}",
    .call = "average_pool(image, 2)",
    .aliases = "AvgPool2d AveragePooling2D avg_pool mean_pool",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
