/* Convolutions by Winograd's minimal filtering; see engine/winograd.c for the equations. */
#ifndef ENGINE_CPU_WINOGRAD_H
#define ENGINE_CPU_WINOGRAD_H

#include "engine/fused.h"

/* The images on one side of a convolution: x, or y, which counts as without a stride. */
struct side {
    int64_t rows, columns, channels;
    int64_t low[2]; /* rows and columns of zeros before them */
    int64_t stride;
};

struct tiling {
    struct side x, y;
    int64_t images, tiles[2];   /* rows and columns of tiles in each image */
    int64_t tile, taps, points; /* along each axis: F(tile, taps) */
};

/* Tiles first .. first + count, in the order of images, rows and columns. */
struct tiles {
    int64_t first, count;
};

/*
 * Between images and points; compiled for each instruction set. Points are (points, points, count, columns): columns are those
 * of `blocks` blocks of 16 channels, with all phases of the stride: (blocks, stride, stride, 16).
 */
struct winograd {
    /* B' x B, and A y A', of blocks from `block` on. */
    void (*read_x)(const struct tiling *t, struct tiles tiles, const float *x, int64_t block,
                   int64_t blocks, float *points);
    void (*read_y)(const struct tiling *t, struct tiles tiles, const float *y, int64_t block,
                   int64_t blocks, float *points);
    /* Adds B v B' to rows begin .. end of the images of x; y = A' m A. */
    void (*add_x)(const struct tiling *t, struct tiles tiles, const float *points, float *x,
                  int64_t begin, int64_t end);
    void (*write_y)(const struct tiling *t, struct tiles tiles, const float *points, float *y);
};

/* As in conv.h, for nodes that engine/winograd.c made. */
int64_t winograd_scratch(const struct node *n);
int64_t winograd_parts(const struct node *n);
void winograd_run(const struct winograd *w, const struct node *n, const float *a, const float *b,
                  float *dst, float *scratch, int part, int parts);

#endif
