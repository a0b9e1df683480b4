/*
 * Convolutions by tiles: the product at each point is one of matrices. Tiles are taken block by block, so that a block's points
 * stay in the cache; engine/winograd.c tells what points are.
 */
#include "engine/cpu/winograd.h"

#include <string.h>

#include "engine/cpu/dnnl.h"
#include "engine/cpu/parts.h"
#include "engine/winograd.h"

enum {
    BLOCK = 1 << 19,  /* floats of a block's points */
    TILES_LEAST = 64, /* of a block */
    PART_LEAST = 256, /* tiles of a part: each reads the whole kernel */
    GRAIN = 8,        /* tiles that a part is a multiple of */
    BLOCKS_LEAST = 4, /* of channels in a part of conv_dw: each makes the points of y */
    BANDS_LEAST = 16, /* of all images together, where their rows allow it */
};

static struct tiling tiling_of(const struct node *n) {
    struct convolved c = node_convolved(n);
    const int64_t *x = c.x.extent, *y = c.y.extent;
    struct tiling t = {
        .x = {x[1], x[2], x[3], {0}, n->at.conv.stride[0]},
        .y = {y[1], y[2], y[3], {0}, 1},
        .images = x[0],
        .taps = winograd_taps(n->at.conv.winograd, n->at.conv.stride[0]),
        .points = c.kernel.extent[0],
    };
    t.tile = t.points + 1 - t.taps;
    for (int a = 0; a < 2; a++) {
        t.x.low[a] = n->at.conv.low[a];
        t.tiles[a] = divide_up(y[a + 1], t.tile);
    }
    return t;
}

static int64_t tiles_all(const struct tiling *t) {
    return t->images * t->tiles[0] * t->tiles[1];
}

/* Columns of a block of channels. */
static int64_t block_columns(const struct tiling *t) {
    return t->x.stride * t->x.stride * WINOGRAD_CHANNELS;
}

static int64_t columns_all(const struct tiling *t) {
    return t->x.stride * t->x.stride * t->x.channels;
}

/* Tiles of a block. */
static int64_t tiles_most(const struct tiling *t) {
    int64_t most = BLOCK / (t->points * t->points * (columns_all(t) + t->y.channels));
    return least(most > TILES_LEAST ? most : TILES_LEAST, tiles_all(t));
}

int64_t winograd_scratch(const struct node *n) {
    struct tiling t = tiling_of(n);
    return t.points * t.points * tiles_most(&t) * (columns_all(&t) + t.y.channels);
}

/* ---- the three ---- */

static void run_conv(const struct winograd *w, const struct tiling *t, const float *x,
                     const float *kernel, float *y, float *scratch, int part, int parts) {
    int64_t end = share(tiles_all(t), GRAIN, part + 1, parts), columns = columns_all(t),
            points = t->points * t->points;
    float *seen = scratch, *made = scratch + points * tiles_most(t) * columns;
    struct tiles tiles = {.first = share(tiles_all(t), GRAIN, part, parts)};
    for (; tiles.first < end; tiles.first += tiles.count) {
        tiles.count = least(tiles_most(t), end - tiles.first);
        w->read_x(t, tiles, x, 0, t->x.channels / WINOGRAD_CHANNELS, seen);
        for (int64_t p = 0; p < points; p++)
            dnnl_matrix(false, false, tiles.count, t->y.channels, columns,
                        seen + p * tiles.count * columns, columns,
                        kernel + p * columns * t->y.channels, t->y.channels, false,
                        made + p * tiles.count * t->y.channels, t->y.channels);
        w->write_y(t, tiles, made, y);
    }
}

/* Few images are cut into bands of rows, so that one large image, too, is work for many. */
static int64_t bands_of(const struct tiling *t) {
    int64_t bands = divide_up(BANDS_LEAST, t->images);
    return least(bands, divide_up(t->tiles[0], 2));
}

/* Rows begin .. end of images of x, from what tiles add to them. */
static void add_tiles(const struct winograd *w, const struct tiling *t, struct tiles all,
                      const float *y, const float *kernel, float *x, float *scratch, int64_t begin,
                      int64_t end) {
    int64_t columns = columns_all(t), points = t->points * t->points;
    float *given = scratch, *made = scratch + points * tiles_most(t) * t->y.channels;
    for (struct tiles tiles = {.first = all.first}; tiles.first < all.first + all.count;
         tiles.first += tiles.count) {
        tiles.count = least(tiles_most(t), all.first + all.count - tiles.first);
        w->read_y(t, tiles, y, 0, t->y.channels / WINOGRAD_CHANNELS, given);
        for (int64_t p = 0; p < points; p++)
            dnnl_matrix(false, true, tiles.count, columns, t->y.channels,
                        given + p * tiles.count * t->y.channels, t->y.channels,
                        kernel + p * columns * t->y.channels, t->y.channels, false,
                        made + p * tiles.count * columns, columns);
        w->add_x(t, tiles, made, x, begin, end);
    }
}

/* The tiles that reach into rows begin .. end of an image. */
static struct tiles tiles_over(const struct tiling *t, int64_t image, int64_t begin, int64_t end) {
    int64_t step = t->tile * t->x.stride, above = begin + t->x.low[0] - t->points * t->x.stride,
            first = above < 0 ? 0 : above / step + 1,
            last = least(t->tiles[0], divide_up(end + t->x.low[0], step));
    return (struct tiles){(image * t->tiles[0] + first) * t->tiles[1],
                          (last - first) * t->tiles[1]};
}

/* A part has some of the images, or some bands of them. */
static void run_conv_dx(const struct winograd *w, const struct tiling *t, const float *y,
                        const float *kernel, float *x, float *scratch, int part, int parts) {
    int64_t bands = bands_of(t), first = share(t->images * bands, 1, part, parts),
            last = share(t->images * bands, 1, part + 1, parts), row = t->x.columns * t->x.channels;
    if (bands == 1) {
        int64_t tiles = t->tiles[0] * t->tiles[1];
        memset(x + first * t->x.rows * row, 0,
               (size_t)((last - first) * t->x.rows * row) * sizeof *x);
        add_tiles(w, t, (struct tiles){first * tiles, (last - first) * tiles}, y, kernel, x,
                  scratch, 0, t->x.rows);
        return;
    }
    for (int64_t i = first; i < last; i++) {
        int64_t image = i / bands, begin = t->x.rows * (i % bands) / bands,
                end = t->x.rows * (i % bands + 1) / bands;
        memset(x + (image * t->x.rows + begin) * row, 0, (size_t)((end - begin) * row) * sizeof *x);
        add_tiles(w, t, tiles_over(t, image, begin, end), y, kernel, x, scratch, begin, end);
    }
}

/* A part has some blocks of channels; where there are fewer of these than parts, and some of filters. */
static void run_conv_dw(const struct winograd *w, const struct tiling *t, const float *x,
                        const float *y, float *kernel, float *scratch, int part, int parts) {
    int64_t channels = t->x.channels / WINOGRAD_CHANNELS, all = t->y.channels / WINOGRAD_CHANNELS;
    int across = (int)least(channels, parts), down = (int)least(all, parts / across);
    if (part >= across * down) return;
    int64_t block = share(channels, 1, part % across, across),
            blocks = share(channels, 1, part % across + 1, across) - block,
            filter = share(all, 1, part / across, down),
            filters = share(all, 1, part / across + 1, down) - filter,
            columns = blocks * block_columns(t), width = filters * WINOGRAD_CHANNELS,
            points = t->points * t->points;
    float *seen = scratch, *given = scratch + points * tiles_most(t) * columns_all(t);
    for (struct tiles tiles = {0}; tiles.first < tiles_all(t); tiles.first += tiles.count) {
        tiles.count = least(tiles_most(t), tiles_all(t) - tiles.first);
        w->read_x(t, tiles, x, block, blocks, seen);
        w->read_y(t, tiles, y, filter, filters, given);
        for (int64_t p = 0; p < points; p++)
            dnnl_matrix(true, false, columns, width, tiles.count, seen + p * tiles.count * columns,
                        columns, given + p * tiles.count * width, width, tiles.first > 0,
                        kernel + (p * columns_all(t) + block * block_columns(t)) * t->y.channels +
                            filter * WINOGRAD_CHANNELS,
                        t->y.channels);
    }
}

int64_t winograd_parts(const struct node *n) {
    struct tiling t = tiling_of(n);
    int64_t parts = tiles_all(&t) / PART_LEAST;
    return n->op == OP_CONV      ? parts
           : n->op == OP_CONV_DX ? least(parts, t.images * bands_of(&t))
                                 : t.x.channels / WINOGRAD_CHANNELS / BLOCKS_LEAST;
}

void winograd_run(const struct winograd *w, const struct node *n, const float *a, const float *b,
                  float *dst, float *scratch, int part, int parts) {
    struct tiling t = tiling_of(n);
    void (*run)(const struct winograd *, const struct tiling *, const float *, const float *,
                float *, float *, int, int) = n->op == OP_CONV      ? run_conv
                                              : n->op == OP_CONV_DX ? run_conv_dx
                                                                    : run_conv_dw;
    run(w, &t, a, b, dst, scratch, part, parts);
}
