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

/* Whether patches lie side by side, so that each pixel is in one of them at most: then they are the image in another order. */
static bool side_by_side(const struct convolution *c, const int64_t kernel[2]) {
    for (int a = 0; a < 2; a++)
        if (c->stride[a] != kernel[a] || c->dilation[a] != 1) return false;
    return true;
}

/* Between (n, down, kh, across, kw, c) and (n, down, across, kh, kw, c). */
static const int order[] = {0, 1, 3, 2, 4, 5};

static struct node *cut(struct graph *g, struct node *x, const int64_t kernel[2],
                        struct shape patches) {
    const int64_t *p = patches.extent, channels = x->shape.extent[3];
    x = graph_slice(g, x, (int64_t[]){0, 0, 0, 0}, NULL,
                    SHAPE(p[0], p[1] * kernel[0], p[2] * kernel[1], channels));
    x = graph_reshape(g, x, SHAPE(p[0], p[1], kernel[0], p[2], kernel[1], channels));
    return graph_reshape(g, graph_permute(g, x, order),
                         SHAPE(p[0], p[1], p[2], kernel[0] * kernel[1] * channels));
}

static struct node *join(struct graph *g, struct node *patches, const int64_t kernel[2],
                         struct shape whole) {
    const int64_t *p = patches->shape.extent, channels = whole.extent[3], rows = p[1] * kernel[0],
                  columns = p[2] * kernel[1];
    struct node *x =
        graph_reshape(g, patches, SHAPE(p[0], p[1], p[2], kernel[0], kernel[1], channels));
    x = graph_reshape(g, graph_permute(g, x, order), SHAPE(p[0], rows, columns, channels));
    return graph_pad(g, x, NULL,
                     (int64_t[]){0, whole.extent[1] - rows, whole.extent[2] - columns, 0}, NULL, 0);
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
    if (side_by_side(c, kernel)) return cut(g, x, kernel, shape);
    struct node **parts = ARENA_ARRAY(g->arena, struct node *, taps);
    for (int64_t i = 0; i < taps; i++) {
        find_tap(c, kernel, i, first, step);
        parts[i] = graph_slice(g, x, first, step, shape);
    }
    return graph_concat(g, (int)taps, parts, 3);
}

/* The sum over taps of what each has of the whole image. */
static struct node *add_taps(struct graph *g, struct node *patches, const int64_t kernel[2],
                             const struct convolution *c, struct shape whole) {
    int64_t channels = whole.extent[3], first[4], step[4], after[4] = {0};
    struct node *sum = NULL;
    for (int64_t i = 0; i < kernel[0] * kernel[1]; i++) {
        find_tap(c, kernel, i, first, step);
        for (int a = 1; a < 3; a++)
            after[a] = whole.extent[a] - first[a] - (patches->shape.extent[a] - 1) * step[a] - 1;
        struct node *part = graph_slice_axis(g, patches, 3, i * channels, channels);
        part = graph_pad(g, part, first, after, step, 0);
        sum = sum ? graph_add(g, sum, part) : part;
    }
    return sum;
}

struct node *graph_unpatches(struct graph *g, struct node *patches, const int64_t kernel[2],
                             const struct convolution *c, struct shape images) {
    struct shape whole = padded(images, c);
    BUG_IF(patches->shape.extent[3] != kernel[0] * kernel[1] * images.extent[3]);
    struct node *x = side_by_side(c, kernel) ? join(g, patches, kernel, whole)
                                             : add_taps(g, patches, kernel, c, whole);
    return graph_slice(g, x, (int64_t[]){0, c->low[0], c->low[1], 0}, NULL, images);
}
