/*
 * From an image as it is in its file to an example: upright, with the wanted channels, cropped and of the
 * wanted size, in this order.
 *
 * Alpha goes first: what is transparent is shown on white. Grey becomes RGB by repeating it; RGB becomes
 * grey by ITU-R BT.601's luma, 0.299 R + 0.587 G + 0.114 B, rounded as in Pillow.
 */
#ifndef DATASETS_FIT_H
#define DATASETS_FIT_H

#include "datasets/image.h"

struct fit {
    int channels;    /* 1 or 3 */
    int64_t crop[2]; /* height, width cut out of the middle, first; 0: all of it */
    int64_t size[2]; /* height, width; 0: as it is. Resized to cover it, then cut in the middle */
    bool pair;       /* two images side by side, each fitted by itself */
};

/* Zero-initialise it: what image_fit needs for itself, kept for the next image. */
struct fit_room {
    struct image image[4];
};
void fit_room_release(struct fit_room *room);

/* The example, in `room` until the next call; NULL and an error (DATA) where the image is too small to be
 * cropped, or has no halves. `image` is used up. */
const struct image *image_fit(struct image *image, const struct fit *fit, struct fit_room *room,
                              struct error *error);

#endif
