/* Convolutions with fewer multiplications; see winograd.c. */
#ifndef ENGINE_WINOGRAD_H
#define ENGINE_WINOGRAD_H

#include "engine/graph.h"

enum {
    WINOGRAD_TILE = 2,      /* rows and columns of y in a tile */
    WINOGRAD_CHANNELS = 16, /* that lie together in a transformed kernel */
};

/* Points of a tile along each axis, where the kernel has `taps` of them along it. */
int64_t winograd_points(int64_t taps, int64_t stride);

/* Tiles of `rows` by `columns` places. */
int64_t winograd_tiles(int64_t rows, int64_t columns);

/* Whether n, a conv, conv_dx or conv_dw, can be made so: of float32, all channels together, without dilation, with as many
   rows as columns in the kernel and in the stride, 2 or 3 taps a phase of the stride, channels and filters in whole blocks. */
bool winograd_can(const struct node *n);

/* Whether that is faster. */
bool winograd_pays(const struct node *n);

/* n with sources a and b, by tiles. */
struct node *graph_winograd(struct graph *graph, const struct node *n, struct node *a,
                            struct node *b);

#endif
