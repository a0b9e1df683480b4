/*
 * Windows that slide over images (batch, height, width, channels) and are no convolution: pools and filters.
 *
 * They go along one axis after the other: twice as many slices as a window is wide, not its square, and the fuser makes
 * one kernel of both.
 */
#ifndef LAYERS_WINDOW_H
#define LAYERS_WINDOW_H

#include "layers/image.h"

/* y[i] = sum over k of factor[k] x[i * stride + k] along an axis, for as many i as fit; the largest of x[i * stride + k]
 * where `factor` is NULL, the first at a tie. */
struct node *window_slide(struct graph *graph, struct node *x, int axis, int64_t kernel,
                          int64_t stride, const double *factor);

/* The sum of each window, and its largest number, of height and width kernel[0] and kernel[1]. */
struct node *window_sum(struct graph *graph, struct node *images, const int64_t kernel[2],
                        const int64_t stride[2]);
struct node *window_max(struct graph *graph, struct node *images, const int64_t kernel[2],
                        const int64_t stride[2]);

/* x[start], x[start + step], … along an axis. */
struct node *window_every(struct graph *graph, struct node *x, int axis, int64_t start,
                          int64_t step, int64_t count);

/* The window of a pool, the first field of its options, and the rows that read it. */
struct pool {
    struct extents kernel, stride;
    struct padding padding;
};
#define WINDOW_POOL_ROWS(padding_doc)                                                              \
    IMAGE_EXTENTS_ROW(struct pool, kernel, NULL, "of the window: 2, or [height, width]"),          \
        IMAGE_EXTENTS_ROW(struct pool, stride, "",                                                 \
                          "from one window to the next; the kernel where it is not given"),        \
        IMAGE_PADDING_ROW(struct pool, "same valid", padding_doc)

/* The layer's input with `fill` around it, and the pool's window over it; NULL, reported, where it does not fit. */
struct node *window_pool(struct layer *layer, const struct pool *pool, double fill,
                         int64_t kernel[2], struct convolution *window);

#endif
