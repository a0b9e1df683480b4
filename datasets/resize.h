/*
 * Antialiased resizing: each pixel is a mean of those under a triangle, which is as wide as two pixels of
 * the smaller of both images. It is what Pillow's resize(…, BILINEAR) and torchvision's antialias=True do,
 * in whole numbers, so that the bytes are Pillow's (Parmar, Zhang and Zhu 2022, arXiv 2104.11222, on why).
 */
#ifndef DATASETS_RESIZE_H
#define DATASETS_RESIZE_H

#include "datasets/image.h"

/* Fills `dst`, whose channels it sets, with `src` at another size; `between` is room for one direction.
 * All three are different images. */
void resize_image(const struct image *src, int64_t width, int64_t height, struct image *between,
                  struct image *dst);

#endif
