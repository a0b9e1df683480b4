/* How work is cut into parts. */
#ifndef ENGINE_CPU_PARTS_H
#define ENGINE_CPU_PARTS_H

#include "base/whole.h"

/* Where a part of `count` begins, in whole grains. */
static inline int64_t share(int64_t count, int64_t grain, int part, int parts) {
    return least(count, divide_up(count, grain) * part / parts * grain);
}

#endif
