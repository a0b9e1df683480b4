/* Windows that slide over images; see window.h. */
#include "layers/window.h"

struct node *window_every(struct graph *g, struct node *x, int axis, int64_t start, int64_t step,
                          int64_t count) {
    int64_t low[AXES_MOST] = {0}, steps[AXES_MOST];
    struct shape shape = x->shape;
    for (int a = 0; a < shape.rank; a++)
        steps[a] = a == axis ? step : 1;
    low[axis] = start;
    shape.extent[axis] = count;
    return graph_slice(g, x, low, steps, shape);
}

struct node *window_slide(struct graph *g, struct node *x, int axis, int64_t kernel, int64_t stride,
                          const double *factor) {
    int64_t count = (x->shape.extent[axis] - kernel) / stride + 1;
    struct node *all = NULL;
    for (int64_t k = 0; k < kernel; k++) {
        struct node *one = window_every(g, x, axis, k, stride, count);
        if (factor) one = graph_scale(g, one, factor[k]);
        if (!all)
            all = one;
        else if (factor)
            all = graph_add(g, all, one);
        else
            all = graph_select(g, graph_binary(g, OP_LESS, all, one), one, all);
    }
    return all;
}

struct node *window_sum(struct graph *g, struct node *images, const int64_t kernel[2],
                        const int64_t stride[2]) {
    int64_t most = kernel[kernel[1] > kernel[0]];
    double *one = ARENA_ARRAY(g->arena, double, most);
    for (int64_t k = 0; k < most; k++)
        one[k] = 1;
    for (int a = 1; a >= 0; a--)
        images = window_slide(g, images, a + 1, kernel[a], stride[a], one);
    return images;
}

struct node *window_max(struct graph *g, struct node *images, const int64_t kernel[2],
                        const int64_t stride[2]) {
    for (int a = 1; a >= 0; a--)
        images = window_slide(g, images, a + 1, kernel[a], stride[a], NULL);
    return images;
}

/* A window that lies in the padding alone would have no largest number, and no mean. */
static bool meets_pixels(struct layer *layer, const int64_t kernel[2],
                         const struct convolution *window) {
    for (int a = 0; a < 2; a++) {
        int64_t most = window->low[a] > window->high[a] ? window->low[a] : window->high[a];
        if (most < kernel[a]) continue;
        layer_fail(layer,
                   arena_format(layer->arena, "it can be at most %lld", (long long)kernel[a] - 1),
                   "a padding of %lld leaves a window of [%lld, %lld] without a pixel",
                   (long long)most, (long long)kernel[0], (long long)kernel[1]);
        return false;
    }
    return true;
}

struct node *window_pool(struct layer *layer, const struct pool *pool, double fill,
                         int64_t kernel[2], struct convolution *c) {
    const struct extents *stride = pool->stride.rank ? &pool->stride : &pool->kernel;
    const struct window window = {&pool->kernel, stride, NULL, &pool->padding};
    struct node *x = image_input(layer);
    if (!x || !image_window(layer, &window, kernel, c) ||
        !image_pad(layer, &pool->padding, kernel, c, &x) || !image_fits(layer, x, kernel, c) ||
        !meets_pixels(layer, kernel, c))
        return NULL;
    int64_t low[4] = {0, c->low[0], c->low[1]}, high[4] = {0, c->high[0], c->high[1]};
    bool padded = low[1] || low[2] || high[1] || high[2];
    return padded ? graph_pad(layer->graph, x, low, high, NULL, fill) : x;
}
