/* What layers that slide a window over images share; see image.h. */
#include "layers/image.h"

struct node *image_input(struct layer *layer) {
    struct value input = value_real(layer->graph, layer->inputs[0]);
    struct shape sample = value_shape(input);
    if (sample.rank != 3) {
        layer_fail(layer,
                   sample.rank == 1 ? "put 'reshape: [height, width, channels]' before it" : NULL,
                   "this wants images [height, width, channels], but its input is %s",
                   value_text(layer->arena, input));
        return NULL;
    }
    return input.batched
               ? input.node
               : graph_reshape(layer->graph, input.node, value_full_shape(sample, true, 1));
}

struct value image_value(struct layer *layer, struct node *image) {
    if (layer->inputs[0].batched) return value_make(image, true);
    const int64_t *extent = image->shape.extent;
    return value_make(graph_reshape(layer->graph, image, SHAPE(extent[1], extent[2], extent[3])),
                      false);
}

bool image_pair(struct layer *layer, const char *name, const struct extents *extents,
                int64_t pair[2]) {
    if (extents->rank > 2) {
        layer_fail(layer, "as in 3 or [3, 5]",
                   "'%s' is one number or [height, width], but has %d numbers", name,
                   extents->rank);
        return false;
    }
    pair[0] = extents->extent[0];
    pair[1] = extents->extent[extents->rank - 1];
    return true;
}

bool image_groups(struct layer *layer, int64_t groups, int64_t in, int64_t out) {
    if (in % groups == 0 && out % groups == 0) return true;
    layer_fail(layer, "groups must divide the channels that go in and those that come out",
               "%lld channels cannot be divided into %lld groups",
               (long long)(in % groups ? in : out), (long long)groups);
    return false;
}

bool image_is_sane(struct layer *layer, struct shape shape) {
    if (shape_is_sane(shape)) return true;
    layer_fail(layer, NULL, "%s has too many numbers", shape_text(layer->arena, shape));
    return false;
}

struct node *image_kernel(struct layer *layer, struct shape shape, int64_t in, int64_t out,
                          const struct distribution *init) {
    double taps = (double)(shape.extent[0] * shape.extent[1]);
    if (!image_is_sane(layer, shape)) return NULL;
    return layer_weight(layer, "weight", shape, init, taps * (double)in, taps * (double)out);
}

struct node *image_bias(struct layer *layer, struct node *y, const int64_t kernel[2], int64_t in,
                        const struct distribution *init) {
    int64_t channels = y->shape.extent[3];
    double fan_in = (double)(kernel[0] * kernel[1] * in);
    struct node *b = layer_weight(layer, "bias", SHAPE(channels), init, fan_in, (double)channels);
    struct graph *g = layer->graph;
    return b ? graph_add(g, y, graph_broadcast(g, b, y->shape)) : NULL;
}

bool image_window(struct layer *layer, const struct window *window, int64_t kernel[2],
                  struct convolution *c) {
    const struct padding *padding = window->padding;
    *c = (struct convolution){.stride = {1, 1}, .dilation = {1, 1}, .groups = 1};
    for (int a = 0; a < 2 && padding && padding->word < 0; a++) {
        c->low[a] = padding->side[2 * a];
        c->high[a] = padding->side[2 * a + 1];
    }
    return image_pair(layer, "kernel", window->kernel, kernel) &&
           (!window->stride || image_pair(layer, "stride", window->stride, c->stride)) &&
           (!window->dilation || image_pair(layer, "dilation", window->dilation, c->dilation));
}

void image_same(struct convolution *c, const int64_t image[2], const int64_t kernel[2]) {
    for (int a = 0; a < 2; a++) {
        int64_t places = (image[a] + c->stride[a] - 1) / c->stride[a];
        int64_t all = (places - 1) * c->stride[a] + c->dilation[a] * (kernel[a] - 1) + 1 - image[a];
        c->low[a] = all > 0 ? all / 2 : 0;
        c->high[a] = all > 0 ? all - all / 2 : 0;
    }
}

/* `count` rows or columns of x along an axis from `start` on, in the other order. */
static struct node *mirrored(struct graph *g, struct node *x, int axis, int64_t start,
                             int64_t count) {
    return graph_flip(g, graph_slice_axis(g, x, axis, start, count), 1u << axis);
}

static struct node *reflected(struct graph *g, struct node *x, const struct convolution *c) {
    for (int a = 0; a < 2; a++) {
        struct node *parts[3];
        int axis = a + 1, count = 0;
        if (c->low[a]) parts[count++] = mirrored(g, x, axis, 1, c->low[a]);
        parts[count++] = x;
        int64_t last = x->shape.extent[axis] - 1;
        if (c->high[a]) parts[count++] = mirrored(g, x, axis, last - c->high[a], c->high[a]);
        x = graph_concat(g, count, parts, axis);
    }
    return x;
}

bool image_pad(struct layer *layer, const struct padding *padding, const int64_t kernel[2],
               struct convolution *c, struct node **x) {
    const int64_t *image = (*x)->shape.extent + 1;
    if (padding->word == PADDING_SAME || padding->word == PADDING_REFLECT)
        image_same(c, image, kernel);
    if (padding->word != PADDING_REFLECT) return true;
    for (int a = 0; a < 2; a++)
        if (c->low[a] >= image[a] || c->high[a] >= image[a]) {
            layer_fail(layer, "a reflection reaches at most to the other side: use 'padding: same'",
                       "%lld pixels cannot be reflected into a padding of %lld",
                       (long long)image[a],
                       (long long)(c->low[a] > c->high[a] ? c->low[a] : c->high[a]));
            return false;
        }
    *x = reflected(layer->graph, *x, c);
    for (int a = 0; a < 2; a++)
        c->low[a] = c->high[a] = 0;
    return true;
}

bool image_fits(struct layer *layer, const struct node *x, const int64_t kernel[2],
                const struct convolution *c) {
    const int64_t *image = x->shape.extent + 1;
    for (int a = 0; a < 2; a++) {
        if (convolution_extent(c, a, image[a], kernel[a]) > 0) continue;
        int64_t reach = c->dilation[a] * (kernel[a] - 1) + 1,
                missing = reach - image[a] - c->low[a] - c->high[a];
        layer_fail(layer,
                   arena_format(layer->arena, "use 'padding: same', or %lld pixels more of it",
                                (long long)missing),
                   "a kernel of [%lld, %lld]%s does not fit into an image of [%lld, %lld]%s",
                   (long long)kernel[0], (long long)kernel[1],
                   c->dilation[a] > 1 ? " with its dilation" : "", (long long)image[0],
                   (long long)image[1], c->low[a] + c->high[a] ? " with its padding" : "");
        return false;
    }
    return true;
}

bool image_transposed(struct layer *layer, const struct node *y, const int64_t kernel[2],
                      const struct padding *padding, const struct extents *output_padding,
                      struct convolution *c, int64_t image[2]) {
    const int64_t *in = y->shape.extent + 1;
    int64_t more[2];
    if (!image_pair(layer, "output_padding", output_padding, more)) return false;
    for (int a = 0; a < 2; a++)
        image[a] = in[a] * c->stride[a];
    if (padding->word == PADDING_SAME) image_same(c, image, kernel);
    for (int a = 0; a < 2; a++) {
        if (more[a] >= c->stride[a] && more[a]) {
            layer_fail(layer, "a kernel's next place would begin there",
                       "'output_padding' must be below the stride of %lld, but is %lld",
                       (long long)c->stride[a], (long long)more[a]);
            return false;
        }
        if (padding->word == PADDING_SAME && !more[a]) continue;
        image[a] = (in[a] - 1) * c->stride[a] + c->dilation[a] * (kernel[a] - 1) + 1 + more[a] -
                   c->low[a] - c->high[a];
        if (image[a] < 1) {
            layer_fail(layer, "use a smaller padding",
                       "nothing is left of %lld pixels when the padding of %lld is cut off",
                       (long long)(image[a] + c->low[a] + c->high[a]),
                       (long long)(c->low[a] + c->high[a]));
            return false;
        }
    }
    return true;
}
