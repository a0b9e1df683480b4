/* How work is cut into parts. */
#ifndef ENGINE_CPU_PARTS_H
#define ENGINE_CPU_PARTS_H

#include <stdint.h>

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* Where a part of `count` begins, in whole grains. */
static inline int64_t share(int64_t count, int64_t grain, int part, int parts) {
    return least(count, divide_up(count, grain) * part / parts * grain);
}

#endif
