/* Convolutions in which each channel has one filter of its own; see depthwise.c. */
#ifndef ENGINE_CPU_DEPTHWISE_H
#define ENGINE_CPU_DEPTHWISE_H

#include "base/whole.h"
#include "engine/graph.h"

struct depthwise {
    const struct convolution *at;
    int64_t images, x[2], y[2], taps[2], channels; /* of the images, and of the kernel */
};

/* Along an axis, a tap lies on pixel place * stride + from of x; that is inside for first <= place < end. */
struct reach {
    int64_t from, first, end;
};

static inline struct reach reach_of(const struct depthwise *d, int axis, int64_t tap) {
    int64_t stride = d->at->stride[axis], from = tap * d->at->dilation[axis] - d->at->low[axis],
            last = d->x[axis] - 1 - from;
    struct reach r = {.from = from,
                      .first = from < 0 ? divide_up(-from, stride) : 0,
                      .end = last < 0 ? 0 : last / stride + 1};
    if (r.end > d->y[axis]) r.end = d->y[axis];
    return r;
}

/* Of the pixels that a row of y and a row of x share under one row of taps: y += x kernel, x += y kernel, or kernel += x y of
   `count` channels; compiled for each instruction set. */
typedef void depthwise_row(const struct depthwise *d, enum op op, float *x, float *y, float *kernel,
                           int64_t count);

/* Whether conv, conv_dx or conv_dw is such a one. */
bool is_depthwise(const struct node *node);

/* As conv_scratch, conv_parts and conv_run. */
int64_t depthwise_scratch(const struct node *node);
int64_t depthwise_parts(const struct node *node);
void depthwise_run(depthwise_row *add_row, const struct node *node, const float *a, const float *b,
                   float *dst, float *scratch, int part, int parts);

#endif
