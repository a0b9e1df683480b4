/* The images of a data set that are nearest to given ones, by the sum of squared differences of their bytes. */
#ifndef RUNNER_NEIGHBOURS_H
#define RUNNER_NEIGHBOURS_H

#include "base/arena.h"

#include <stdint.h>

struct neighbour {
    int64_t index;   /* of the image */
    int64_t squares; /* the sum; below 0: there are not so many images */
};

struct neighbours {
    const uint8_t *images; /* (count, size) */
    int64_t count, size, most;
    struct neighbour
        *list; /* (count, most) nearest first; of equal ones that of the lowest index */
};

/* Looks for the `most` nearest of each image. Lives in the arena; `images` must outlive it. */
struct neighbours neighbours_new(struct arena *arena, const uint8_t *images, int64_t count,
                                 int64_t size, int64_t most);

/* One image of the data set. They come in the order of their indices. */
void neighbours_add(struct neighbours *neighbours, int64_t index, const uint8_t *image);

/* The distance of a sum: of pixels from 0 to 1. */
double neighbours_distance(int64_t squares);

#endif
