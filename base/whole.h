/* Whole numbers. */
#ifndef BASE_WHOLE_H
#define BASE_WHOLE_H

#include <stdint.h>

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* a / b, rounded up; both above 0. */
static inline int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

#endif
