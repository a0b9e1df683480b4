/* Convolutions by Winograd's minimal filtering; see engine/winograd.c for the equations. */
#ifndef ENGINE_CPU_WINOGRAD_H
#define ENGINE_CPU_WINOGRAD_H

#include "engine/fused.h"

/* How tiles lie on images. Entry 0 is for rows, 1 for columns. */
struct tiling {
    int64_t images, x[2], y[2], tiles[2];
    int64_t low[2]; /* rows and columns of zeros before x */
    int64_t channels, filters;
    int64_t stride, points; /* along each axis */
};

/* Tiles first .. first + count, in the order of images, rows and columns. */
struct tiles {
    int64_t first, count;
};

/* Between images and points; compiled for each instruction set. Points are (points, points, count, columns): columns are those
 * of blocks of 16 channels with all phases of the stride, (block, stride, stride, 16), or filters. */
struct winograd {
    /* B' d B of `blocks` blocks from `block` on. */
    void (*read_x)(const struct tiling *t, struct tiles tiles, const float *x, int64_t block,
                   int64_t blocks, float *points);
    /* Adds B v B' to rows begin .. end of the images of x. */
    void (*add_x)(const struct tiling *t, struct tiles tiles, const float *points, float *x,
                  int64_t begin, int64_t end);
    /* A y A'. */
    void (*read_y)(const struct tiling *t, struct tiles tiles, const float *y, float *points);
    /* A' m A. */
    void (*write_y)(const struct tiling *t, struct tiles tiles, const float *points, float *y);
};

/* As in conv.h, for nodes that engine/winograd.c made. */
int64_t winograd_scratch(const struct node *n);
int64_t winograd_parts(const struct node *n);
void winograd_run(const struct winograd *w, const struct node *n, const float *a, const float *b,
                  float *dst, float *scratch, int part, int parts);

#endif
