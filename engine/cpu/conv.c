/*
 * Convolutions as products of matrices (im2col: Chellapilla et al. 2006). What a kernel covers at
 * one place is a row of `patches`; with the kernel as a matrix of as many rows as it has taps and
 * channels,
 *
 *     y = patches(x) kernel      x = unpatches(y kernel')      kernel = patches(x)' y
 *
 * Patches are made block by block, so that a block is read again while it is in the cache.
 */
#include "engine/cpu/conv.h"

#include <string.h>

#include "engine/cpu/dnnl.h"
#include "engine/cpu/parts.h"

enum {
    BLOCK = 1 << 18,  /* floats of a block of patches */
    ROWS_LEAST = 256, /* of a block: fewer do not repay that the product packs the kernel again */
    GRAIN = 16        /* rows or columns that a part is a multiple of */
};

struct conv {
    const struct convolution *at;
    struct shape x, kernel, y;
    int64_t places;            /* of the kernel, over all images: rows of y as a matrix */
    int64_t channels;          /* in a group */
    int64_t begin, seen;       /* of these, from begin on, so many are in patches */
    int64_t filters, all;      /* in a group; in all groups */
    int64_t columns, row_most; /* of patches; rows in a block */
    bool neighbours;           /* taps of one row, all channels, are in one piece of x */
};

static struct conv conv_of(const struct node *n) {
    struct convolved of = node_convolved(n);
    struct conv c = {.at = &n->at.conv, .x = of.x, .kernel = of.kernel, .y = of.y};
    c.channels = c.seen = c.kernel.extent[2];
    c.all = c.kernel.extent[3];
    c.filters = c.all / c.at->groups;
    c.places = c.y.extent[0] * c.y.extent[1] * c.y.extent[2];
    c.columns = c.kernel.extent[0] * c.kernel.extent[1] * c.channels;
    c.neighbours = c.at->groups == 1 && c.at->dilation[1] == 1;
    c.row_most = BLOCK / c.columns > ROWS_LEAST ? BLOCK / c.columns : ROWS_LEAST;
    if (c.row_most > c.places) c.row_most = c.places;
    return c;
}

int64_t conv_scratch(const struct kernel *k) {
    if (k->node->at.conv.winograd) return winograd_scratch(k->node);
    if (is_depthwise(k->node)) return depthwise_scratch(k->node);
    struct conv c = conv_of(k->node);
    return c.row_most * c.columns;
}

/* ---- patches ---- */

/* One place of the kernel: the image, and the row and column of x under its first tap. */
struct spot {
    int64_t image, row, column;
};

static struct spot spot_of(const struct conv *c, int64_t place) {
    int64_t w = c->y.extent[2], h = c->y.extent[1];
    return (struct spot){place / w / h, place / w % h * c->at->stride[0] - c->at->low[0],
                         place % w * c->at->stride[1] - c->at->low[1]};
}

/* A column of patches: a tap's row and column in the kernel, and a channel of a group. */
struct column {
    int64_t row, column, channel;
};

static struct column column_of(const struct conv *c, int64_t column) {
    int64_t tap = column / c->seen, width = c->kernel.extent[1];
    return (struct column){tap / width, tap % width, column % c->seen};
}

/* How many of the `left` columns from `at` on lie in one piece of x, or are all padding: *from is
 * the first of them, or NULL. Moves `at` behind them. */
static int64_t next_piece(const struct conv *c, const float *x, struct spot spot, int64_t group,
                          int64_t left, struct column *at, const float **from) {
    int64_t row = spot.row + at->row * c->at->dilation[0],
            column = spot.column + at->column * c->at->dilation[1], width = c->x.extent[2],
            taps = c->neighbours ? c->kernel.extent[1] - at->column : 1;
    bool inside = row >= 0 && row < c->x.extent[1] && column >= 0 && column < width;
    *from = inside ? x + ((spot.image * c->x.extent[1] + row) * width + column) * c->x.extent[3] +
                         group * c->channels + c->begin + at->channel
                   : NULL;
    if (inside)
        taps = least(taps, width - column);
    else if (column < 0 && row >= 0 && row < c->x.extent[1])
        taps = least(taps, -column);
    int64_t count = least(left, taps * c->seen - at->channel);
    at->channel = 0;
    at->column += taps;
    if (at->column == c->kernel.extent[1]) {
        at->column = 0;
        at->row++;
    }
    return count;
}

/* Columns begin .. end of the patches at `rows` places from `first` on: (rows, end - begin). */
static void make_patches(const struct conv *c, const float *x, int64_t group, int64_t first,
                         int64_t rows, int64_t begin, int64_t end, float *patches) {
    struct column start = column_of(c, begin);
    for (int64_t i = 0; i < rows; i++) {
        struct spot spot = spot_of(c, first + i);
        struct column at = start;
        for (int64_t left = end - begin; left > 0;) {
            const float *from;
            int64_t count = next_piece(c, x, spot, group, left, &at, &from);
            if (from)
                memcpy(patches, from, (size_t)count * sizeof *patches);
            else
                memset(patches, 0, (size_t)count * sizeof *patches);
            patches += count;
            left -= count;
        }
    }
}

/* Adds patches to the images that they were, or would have been, taken from. */
static void add_patches(const struct conv *c, const float *patches, int64_t group, int64_t first,
                        int64_t rows, float *x) {
    for (int64_t i = 0; i < rows; i++) {
        struct spot spot = spot_of(c, first + i);
        struct column at = {0};
        for (int64_t left = c->columns; left > 0;) {
            const float *from;
            int64_t count = next_piece(c, x, spot, group, left, &at, &from);
            float *to = (float *)(uintptr_t)from;
            for (int64_t k = 0; to && k < count; k++)
                to[k] = to[k] + patches[k];
            patches += count;
            left -= count;
        }
    }
}

/* ---- the three ---- */

static void run_conv(const struct conv *c, const float *x, const float *kernel, float *y,
                     float *patches, int part, int parts) {
    int64_t end = share(c->places, GRAIN, part + 1, parts);
    for (int64_t at = share(c->places, GRAIN, part, parts); at < end; at += c->row_most) {
        int64_t rows = least(c->row_most, end - at);
        for (int64_t g = 0; g < c->at->groups; g++) {
            make_patches(c, x, g, at, rows, 0, c->columns, patches);
            dnnl_matrix(false, false, rows, c->filters, c->columns, patches, c->columns,
                        kernel + g * c->filters, c->all, false, y + at * c->all + g * c->filters,
                        c->all);
        }
    }
}

/* patches (rows, taps x seen) = y kernel', at places from `at` on. */
static void multiply_back(const struct conv *c, const float *y, const float *kernel, int64_t group,
                          int64_t at, int64_t rows, float *patches) {
    const float *from = y + at * c->all + group * c->filters, *to = kernel + group * c->filters;
    if (c->seen == c->channels) {
        dnnl_matrix(false, true, rows, c->columns, c->filters, from, c->all, to, c->all, false,
                    patches, c->columns);
        return;
    }
    for (int64_t tap = 0; tap < c->columns / c->seen; tap++)
        dnnl_matrix(false, true, rows, c->seen, c->filters, from, c->all,
                    to + (tap * c->channels + c->begin) * c->all, c->all, false,
                    patches + tap * c->seen, c->columns);
}

static void clear(const struct conv *c, float *x, int64_t pixels) {
    int64_t all = c->x.extent[3];
    if (c->seen == c->channels) {
        memset(x, 0, (size_t)(pixels * all) * sizeof *x);
        return;
    }
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t g = 0; g < c->at->groups; g++)
            memset(x + i * all + g * c->channels + c->begin, 0, (size_t)c->seen * sizeof *x);
}

/* A part has some of the images, or some channels of each where there are few images. */
static void run_conv_dx(const struct conv *whole, const float *y, const float *kernel, float *x,
                        float *patches, int part, int parts) {
    int64_t images = whole->x.extent[0], pixels = whole->x.extent[1] * whole->x.extent[2],
            places = whole->places / images, first = 0, last = images;
    struct conv c = *whole;
    if (images < parts) {
        c.begin = share(c.channels, GRAIN, part, parts);
        c.seen = share(c.channels, GRAIN, part + 1, parts) - c.begin;
        c.columns = c.columns / c.channels * c.seen;
        c.neighbours = c.neighbours && c.seen == c.channels;
    } else {
        first = share(images, 1, part, parts);
        last = share(images, 1, part + 1, parts);
    }
    if (!c.seen) return;
    clear(&c, x + first * pixels * c.x.extent[3], (last - first) * pixels);
    for (int64_t at = first * places; at < last * places; at += c.row_most) {
        int64_t rows = least(c.row_most, last * places - at);
        for (int64_t g = 0; g < c.at->groups; g++) {
            multiply_back(&c, y, kernel, g, at, rows, patches);
            add_patches(&c, patches, g, at, rows, x);
        }
    }
}

/* A part has some rows of the kernel as a matrix, or some filters if these are more. */
static void run_conv_dw(const struct conv *c, const float *x, const float *y, float *kernel,
                        float *patches, int part, int parts) {
    bool by_rows = c->columns >= c->filters;
    int64_t all = by_rows ? c->columns : c->filters, first = share(all, GRAIN, part, parts),
            last = share(all, GRAIN, part + 1, parts), begin = by_rows ? first : 0,
            end = by_rows ? last : c->columns, filter = by_rows ? 0 : first,
            filters = by_rows ? c->filters : last - first;
    if (first == last) return;
    for (int64_t at = 0; at < c->places; at += c->row_most) {
        int64_t rows = least(c->row_most, c->places - at);
        for (int64_t g = 0; g < c->at->groups; g++) {
            int64_t column = g * c->filters + filter;
            make_patches(c, x, g, at, rows, begin, end, patches);
            dnnl_matrix(true, false, end - begin, filters, rows, patches, end - begin,
                        y + at * c->all + column, c->all, at > 0, kernel + begin * c->all + column,
                        c->all);
        }
    }
}

int64_t conv_parts(const struct kernel *k) {
    if (k->node->at.conv.winograd) return winograd_parts(k->node);
    if (is_depthwise(k->node)) return depthwise_parts(k->node);
    struct conv c = conv_of(k->node);
    int64_t parts = (k->node->op == OP_CONV_DW ? c.columns : c.places) / ROWS_LEAST;
    return k->node->op == OP_CONV_DX ? least(parts, c.x.extent[0]) : parts;
}

void conv_run(const struct kernel *k, const struct interpreter *interpreter, const float *a,
              const float *b, float *dst, float *scratch, int part, int parts) {
    if (k->node->at.conv.winograd) {
        winograd_run(interpreter->winograd, k->node, a, b, dst, scratch, part, parts);
        return;
    }
    if (is_depthwise(k->node)) {
        depthwise_run(interpreter->depthwise_row, k->node, a, b, dst, scratch, part, parts);
        return;
    }
    struct conv c = conv_of(k->node);
    void (*run)(const struct conv *, const float *, const float *, float *, float *, int, int) =
        k->node->op == OP_CONV      ? run_conv
        : k->node->op == OP_CONV_DX ? run_conv_dx
                                    : run_conv_dw;
    run(&c, a, b, dst, scratch, part, parts);
}
