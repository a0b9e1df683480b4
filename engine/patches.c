/*
 * Patches of images, made of slices, and what they are made of again, of pads: the gradient of either is the other.
 *
 *     patches(x)[i, j, (a kw + b) c + k] = x[i stride - top + a dilation, j stride - left + b dilation, k]
 *
 * so that conv(x, kernel) is patches(x) times the kernel as a matrix.
 */
#include "base/bug.h"
#include "engine/graph.h"

/* Images with their zeros around them. */
static struct shape padded(struct shape images, const struct convolution *c) {
    for (int a = 0; a < 2; a++)
        images.extent[a + 1] += c->low[a] + c->high[a];
    return images;
}

/* The first pixel of tap (i / kw, i % kw) in padded images, and the step to its next place. */
static void find_tap(const struct convolution *c, const int64_t kernel[2], int64_t i,
                     int64_t first[4], int64_t step[4]) {
    first[0] = first[3] = 0;
    step[0] = step[3] = 1;
    first[1] = i / kernel[1] * c->dilation[0];
    first[2] = i % kernel[1] * c->dilation[1];
    step[1] = c->stride[0];
    step[2] = c->stride[1];
}

struct node *graph_patches(struct graph *g, struct node *x, const int64_t kernel[2],
                           const struct convolution *c) {
    int64_t taps = kernel[0] * kernel[1], first[4], step[4];
    struct shape shape = x->shape;
    for (int a = 0; a < 2; a++)
        shape.extent[a + 1] = convolution_extent(c, a, x->shape.extent[a + 1], kernel[a]);
    if (c->low[0] || c->low[1] || c->high[0] || c->high[1])
        x = graph_pad(g, x, (int64_t[]){0, c->low[0], c->low[1], 0},
                      (int64_t[]){0, c->high[0], c->high[1], 0}, NULL, 0);
    struct node **parts = ARENA_ARRAY(g->arena, struct node *, taps);
    for (int64_t i = 0; i < taps; i++) {
        find_tap(c, kernel, i, first, step);
        parts[i] = graph_slice(g, x, first, step, shape);
    }
    return graph_concat(g, (int)taps, parts, 3);
}

struct node *graph_unpatches(struct graph *g, struct node *patches, const int64_t kernel[2],
                             const struct convolution *c, struct shape images) {
    int64_t taps = kernel[0] * kernel[1], first[4], step[4], after[4] = {0};
    struct shape whole = padded(images, c);
    BUG_IF(patches->shape.extent[3] != taps * images.extent[3]);
    struct node *sum = NULL;
    for (int64_t i = 0; i < taps; i++) {
        find_tap(c, kernel, i, first, step);
        for (int a = 1; a < 3; a++)
            after[a] = whole.extent[a] - first[a] - (patches->shape.extent[a] - 1) * step[a] - 1;
        struct node *part = graph_slice_axis(g, patches, 3, i * images.extent[3], images.extent[3]);
        part = graph_pad(g, part, first, after, step, 0);
        sum = sum ? graph_add(g, sum, part) : part;
    }
    return graph_slice(g, sum, (int64_t[]){0, c->low[0], c->low[1], 0}, NULL, images);
}
