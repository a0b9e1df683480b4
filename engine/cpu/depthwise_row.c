/* The inner loops of depthwise.c; compiled once for each instruction set, as the interpreter is. */
#include "engine/cpu/depthwise.h"

#include "engine/cpu/interpreter_tile.h"

static void add_product(float *restrict to, const float *restrict a, const float *restrict b,
                        int64_t count) {
    for (int64_t c = 0; c < count; c++)
        to[c] = to[c] + a[c] * b[c];
}

void depthwise_row_here(const struct depthwise *d, enum op op, float *x, float *y, float *kernel,
                        int64_t count) {
    int64_t stride = d->at->stride[1] * d->channels;
    for (int64_t tap = 0; tap < d->taps[1]; tap++, kernel += d->channels) {
        struct reach r = reach_of(d, 1, tap);
        float *under = x + r.from * d->channels;
        for (int64_t place = r.first; place < r.end; place++) {
            float *pixel = under + place * stride, *made = y + place * d->channels;
            if (op == OP_CONV)
                add_product(made, pixel, kernel, count);
            else if (op == OP_CONV_DX)
                add_product(pixel, made, kernel, count);
            else
                add_product(kernel, pixel, made, count);
        }
    }
}
