/* Convolutions with fewer multiplications; see winograd.c. */
#ifndef ENGINE_WINOGRAD_H
#define ENGINE_WINOGRAD_H

#include "engine/graph.h"

enum { WINOGRAD_CHANNELS = 16 /* that lie together in a transformed kernel */ };

/* F(tile, taps), along each axis: winograd_tables.h. */
struct filtering {
    int64_t tile, taps;
    const double *g; /* (tile + taps - 1, taps) */
};

/* Taps along an axis for each phase of the stride, where the kernel has `rows`. */
int64_t winograd_taps(int64_t rows, int64_t stride);

/* Tiles over `rows` by `columns` places. */
int64_t winograd_tiles(int64_t rows, int64_t columns, int64_t tile);

/* Whether n, a conv, conv_dx or conv_dw, can be made so: of float32, all channels together, without dilation, with as many
   rows as columns in the kernel and in the stride, 2 or 3 taps a phase of the stride, channels and filters in whole blocks. */
bool winograd_can(const struct node *n);

/* How n is made so; NULL: not at all. tile: 0 where that is faster, else wherever it can be, with this tile if there is one. */
const struct filtering *winograd_choose(const struct node *n, int64_t tile);

/* n with sources a and b, by tiles. */
struct node *graph_winograd(struct graph *graph, const struct node *n,
                            const struct filtering *filtering, struct node *a, struct node *b);

#endif
