/*
 * Antialiased resizing: each pixel is a mean of those under a triangle, which is as wide as two pixels of
 * the smaller of both images. It is what Pillow's resize(…, BILINEAR) and torchvision's antialias=True do,
 * in whole numbers, so that the bytes are Pillow's (Parmar, Zhang and Zhu 2022, arXiv 2104.11222, on why).
 */
#ifndef DATASETS_RESIZE_H
#define DATASETS_RESIZE_H

#include "datasets/image.h"

/* Along one side: of `whole` pixels of the result, `count` from `first` on are wanted. */
struct resize_side {
    int64_t whole, first, count;
};

/* Fills `dst`, whose channels it sets, with the wanted part of `src` at another size, and makes no more than
 * that, however large the whole would be; `between` is room for one direction. All three are different
 * images. */
void resize_image(const struct image *src, const struct resize_side *width,
                  const struct resize_side *height, struct image *between, struct image *dst);

#endif
