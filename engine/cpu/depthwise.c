/*
 * Convolutions in which each channel has one filter of its own. As products of matrices they would
 * be products of single columns; here all channels of a pixel are multiplied by a tap's weights at a time.
 */
#include "engine/cpu/depthwise.h"

#include <string.h>

#include "engine/cpu/parts.h"

enum {
    CHANNELS = 16,  /* of a part of conv_dw: what a line of the cache holds */
    SUMS_MOST = 16, /* over some images each */
};

bool is_depthwise(const struct node *n) {
    struct shape kernel = node_convolved(n).kernel;
    return kernel.extent[2] == 1 && kernel.extent[3] == n->at.conv.groups;
}

static struct depthwise depthwise_of(const struct node *n) {
    struct convolved c = node_convolved(n);
    struct depthwise d = {
        .at = &n->at.conv, .images = c.x.extent[0], .channels = c.kernel.extent[3]};
    for (int a = 0; a < 2; a++) {
        d.x[a] = c.x.extent[a + 1];
        d.y[a] = c.y.extent[a + 1];
        d.taps[a] = c.kernel.extent[a];
    }
    return d;
}

/* add_row of rows first .. end of y, over all images, and `count` channels from `channel` on. */
static void add_rows(depthwise_row *add_row, const struct depthwise *d, enum op op, float *x,
                     float *y, float *kernel, int64_t first, int64_t end, int64_t channel,
                     int64_t count) {
    int64_t x_row = d->x[1] * d->channels, y_row = d->y[1] * d->channels;
    for (int64_t row = first; row < end; row++)
        for (int64_t tap = 0; tap < d->taps[0]; tap++) {
            struct reach r = reach_of(d, 0, tap);
            int64_t place = row % d->y[0], pixel = place * d->at->stride[0] + r.from;
            if (place >= r.first && place < r.end)
                add_row(d, op, x + (row / d->y[0] * d->x[0] + pixel) * x_row + channel,
                        y + row * y_row + channel,
                        kernel + tap * d->taps[1] * d->channels + channel, count);
        }
}

/* Rows first .. end of y. */
static void run_conv(depthwise_row *add_row, const struct depthwise *d, float *x, float *kernel,
                     float *y, int64_t first, int64_t end) {
    int64_t y_row = d->y[1] * d->channels;
    memset(y + first * y_row, 0, (size_t)((end - first) * y_row) * sizeof *y);
    add_rows(add_row, d, OP_CONV, x, y, kernel, first, end, 0, d->channels);
}

/* Rows first .. end of x. */
static void run_conv_dx(depthwise_row *add_row, const struct depthwise *d, float *y, float *kernel,
                        float *x, int64_t first, int64_t end) {
    int64_t x_row = d->x[1] * d->channels, y_row = d->y[1] * d->channels;
    memset(x + first * x_row, 0, (size_t)((end - first) * x_row) * sizeof *x);
    for (int64_t row = first; row < end; row++)
        for (int64_t tap = 0; tap < d->taps[0]; tap++) {
            struct reach r = reach_of(d, 0, tap);
            int64_t below = row % d->x[0] - r.from, place = below / d->at->stride[0];
            if (below % d->at->stride[0] == 0 && place >= r.first && place < r.end)
                add_row(d, OP_CONV_DX, x + row * x_row,
                        y + (row / d->x[0] * d->y[0] + place) * y_row,
                        kernel + tap * d->taps[1] * d->channels, d->channels);
        }
}

static int64_t sums_of(const struct depthwise *d) {
    return least(d->images, SUMS_MOST);
}

static int64_t weights_of(const struct depthwise *d) {
    return d->taps[0] * d->taps[1] * d->channels;
}

static void clear(const struct depthwise *d, float *kernel, int64_t first, int64_t end) {
    for (int64_t tap = 0; tap < d->taps[0] * d->taps[1]; tap++)
        memset(kernel + tap * d->channels + first, 0, (size_t)(end - first) * sizeof *kernel);
}

static void add_kernel(const struct depthwise *d, float *to, const float *kernel, int64_t first,
                       int64_t end) {
    for (int64_t tap = 0; tap < d->taps[0] * d->taps[1]; tap++)
        for (int64_t c = tap * d->channels + first; c < tap * d->channels + end; c++)
            to[c] = to[c] + kernel[c];
}

/* Channels first .. end of the kernel: sums over some images each, and then over these as a tree, since one sum over millions
 * of places would have an error of as many roundings. */
static void run_conv_dw(depthwise_row *add_row, const struct depthwise *d, float *x, float *y,
                        float *kernel, float *scratch, int64_t first, int64_t end) {
    int64_t sums = sums_of(d), weights = weights_of(d);
    for (int64_t i = 0; i < sums; i++) {
        clear(d, scratch + i * weights, first, end);
        add_rows(add_row, d, OP_CONV_DW, x, y, scratch + i * weights,
                 d->images * i / sums * d->y[0], d->images * (i + 1) / sums * d->y[0], first,
                 end - first);
    }
    for (int64_t apart = 1; apart < sums; apart *= 2)
        for (int64_t i = 0; i + apart < sums; i += 2 * apart)
            add_kernel(d, scratch + i * weights, scratch + (i + apart) * weights, first, end);
    clear(d, kernel, first, end);
    add_kernel(d, kernel, scratch, first, end);
}

int64_t depthwise_scratch(const struct node *n) {
    struct depthwise d = depthwise_of(n);
    return n->op == OP_CONV_DW ? sums_of(&d) * weights_of(&d) : 0;
}

/* Rows, or blocks of channels. */
int64_t depthwise_parts(const struct node *n) {
    struct depthwise d = depthwise_of(n);
    if (n->op == OP_CONV_DW) return divide_up(d.channels, CHANNELS);
    return d.images * (n->op == OP_CONV ? d.y[0] : d.x[0]);
}

void depthwise_run(depthwise_row *add_row, const struct node *n, const float *a, const float *b,
                   float *dst, float *scratch, int part, int parts) {
    struct depthwise d = depthwise_of(n);
    int64_t all = depthwise_parts(n), first = share(all, 1, part, parts),
            end = share(all, 1, part + 1, parts);
    float *left = (float *)(uintptr_t)a, *right = (float *)(uintptr_t)b; /* only dst is written */
    if (first == end) return;
    if (n->op == OP_CONV)
        run_conv(add_row, &d, left, right, dst, first, end);
    else if (n->op == OP_CONV_DX)
        run_conv_dx(add_row, &d, left, right, dst, first, end);
    else
        run_conv_dw(add_row, &d, left, right, dst, scratch, first * CHANNELS,
                    end == all ? d.channels : end * CHANNELS);
}
