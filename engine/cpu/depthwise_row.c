/* The inner loops of depthwise.c; compiled once for each instruction set, as the interpreter is. */
#include "engine/cpu/depthwise.h"

#include "engine/cpu/interpreter_tile.h"

enum { CHANNELS = 16 /* at a time, in registers */ };

static void add_product(float *restrict to, const float *restrict a, const float *restrict b,
                        int64_t count) {
    for (int64_t c = 0; c < count; c++)
        to[c] = to[c] + a[c] * b[c];
}

/* `count` channels of a row's pixels and of what was made there, added up over the row. */
static inline __attribute__((always_inline)) void
add_places(float *restrict to, const float *restrict pixel, int64_t stride,
           const float *restrict made, int64_t channels, int64_t places, int count) {
    float sum[CHANNELS] = {0};
    for (int64_t i = 0; i < places; i++, pixel += stride, made += channels)
        for (int c = 0; c < count; c++)
            sum[c] = sum[c] + pixel[c] * made[c];
    for (int c = 0; c < count; c++)
        to[c] = to[c] + sum[c];
}

static void add_row_of(float *to, const float *pixel, int64_t stride, const float *made,
                       int64_t channels, int64_t places, int64_t count) {
    for (; count >= CHANNELS; count -= CHANNELS) {
        add_places(to, pixel, stride, made, channels, places, CHANNELS);
        to += CHANNELS, pixel += CHANNELS, made += CHANNELS;
    }
    add_places(to, pixel, stride, made, channels, places, (int)count);
}

void depthwise_row_here(const struct depthwise *d, enum op op, float *x, float *y, float *kernel,
                        int64_t count) {
    int64_t stride = d->at->stride[1] * d->channels;
    for (int64_t tap = 0; tap < d->taps[1]; tap++, kernel += d->channels) {
        struct reach r = reach_of(d, 1, tap);
        float *under = x + r.from * d->channels;
        if (op == OP_CONV_DW) {
            add_row_of(kernel, under + r.first * stride, stride, y + r.first * d->channels,
                       d->channels, r.end - r.first, count);
            continue;
        }
        for (int64_t place = r.first; place < r.end; place++) {
            float *pixel = under + place * stride, *made = y + place * d->channels;
            if (op == OP_CONV)
                add_product(made, pixel, kernel, count);
            else
                add_product(pixel, made, kernel, count);
        }
    }
}
