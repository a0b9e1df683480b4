/*
 * How a RANDOM node's element comes from Philox: shared by every backend, so that all draw the same
 * bits.
 *
 * Element e of a node takes word e % 4 (uniform) of the block with counter (e / 4, step low, step
 * high, repetition ^ e / 2^34) and the place as its key. Two normals come from two words by Box and
 * Muller (1958): sqrt(-2 ln u) * cos and sin of 2 pi v, u in (0, 1], v in [0, 1), both multiples of
 * 2^-24.
 */
#ifndef ENGINE_RANDOM_DRAW_H
#define ENGINE_RANDOM_DRAW_H

#include "base/random.h"

static inline struct philox random_block(uint64_t block, uint64_t place, const int32_t clock[3]) {
    uint32_t counter[4] = {(uint32_t)block, (uint32_t)clock[0], (uint32_t)clock[1],
                           (uint32_t)clock[2] ^ (uint32_t)(block >> 32 << 16)};
    uint32_t key[2] = {(uint32_t)place, (uint32_t)(place >> 32)};
    return philox4x32(counter, key);
}

/* 24 bits of a word as [0, 1) and (0, 1]. */
static inline float random_unit(uint32_t word) {
    return (float)(word >> 8) * 0x1p-24f;
}
static inline float random_unit_above(uint32_t word) {
    return (float)((word >> 8) + 1) * 0x1p-24f;
}

#endif
