/* Values that come from an element's position: its index along an axis, and draws, which are keyed by
 * it (random_draw.h). */
#include <math.h>

#include "engine/cpu/interpreter_tile.h"
#include "engine/random_draw.h"

void tile_index(const struct fused *fused, const struct instruction *k, const struct tile *tile,
                void *d) {
    int64_t at = map_offset(fused, k->map, tile->index), step = k->map->stride[tile->column_axis];
    int64_t rs = row_stride(k->map, tile);
    for (int r = 0; r < tile->rows; r++)
        for (int c = 0; c < tile->columns; c++) {
            int64_t value = at + r * rs + c * step;
            if (k->result == TYPE_INT32)
                ((int32_t *)d)[r * tile->columns + c] = (int32_t)value;
            else
                ((float *)d)[r * tile->columns + c] = (float)value;
        }
}

enum { BLOCKS = TILE / 4 + 2 };

/* Words of `n` neighbouring Philox blocks, word by word. */
static void philox_blocks(uint64_t first, int n, uint64_t place, const int32_t *clock,
                          uint32_t (*restrict w)[BLOCKS]) {
    const uint32_t step_low = (uint32_t)clock[0], step_high = (uint32_t)clock[1],
                   repetition = (uint32_t)clock[2];
    for (int i = 0; i < n; i++) {
        uint64_t block = first + (uint64_t)i;
        uint32_t c0 = (uint32_t)block, c1 = step_low, c2 = step_high,
                 c3 = repetition ^ (uint32_t)(block >> 32 << 16);
        uint32_t k0 = (uint32_t)place, k1 = (uint32_t)(place >> 32);
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
            c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint32_t)p1;
            c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint32_t)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        w[0][i] = c0;
        w[1][i] = c1;
        w[2][i] = c2;
        w[3][i] = c3;
    }
}

static void normals(int n, const uint32_t *restrict first, const uint32_t *restrict second,
                    float *restrict even, float *restrict odd) {
    for (int i = 0; i < n; i++) {
        float radius = sqrtf(-2.0f * scalar_log(random_unit_above(first[i])));
        float sine, cosine;
        scalar_turn(random_unit(second[i]), &sine, &cosine);
        even[i] = radius * cosine;
        odd[i] = radius * sine;
    }
}

/* `n` draws from element `at` on. */
static void draw_run(const struct node *node, const int32_t *clock, int64_t at, int n, float *d) {
    uint32_t words[4][BLOCKS];
    float values[4][BLOCKS];
    int64_t first = at / 4;
    int blocks = (int)((at + n + 3) / 4 - first);
    philox_blocks((uint64_t)first, blocks, node->at.place, clock, words);
    if (node->at.kind == RANDOM_UNIFORM) {
        for (int l = 0; l < 4; l++)
            for (int i = 0; i < blocks; i++)
                values[l][i] = random_unit(words[l][i]);
    } else {
        normals(blocks, words[0], words[1], values[0], values[1]);
        normals(blocks, words[2], words[3], values[2], values[3]);
    }
    int lane = (int)(at % 4), block = 0;
    for (int i = 0; i < n; i++) {
        d[i] = values[lane][block];
        if (++lane == 4) lane = 0, block++;
    }
}

void tile_random(const struct fused *fused, const struct instruction *k, const struct worker *w,
                 const struct tile *tile, float *d) {
    const int32_t *clock = (const int32_t *)w->memory[k->clock] + k->clock_offset;
    int64_t at = map_offset(fused, k->map, tile->index), step = k->map->stride[tile->column_axis];
    int64_t rs = row_stride(k->map, tile);
    if (step == 1 && rs == tile->columns) { /* one run through all rows */
        draw_run(k->node, clock, at, tile->rows * tile->columns, d);
        return;
    }
    for (int r = 0; r < tile->rows; r++) {
        float *row = d + r * tile->columns;
        if (step == 1)
            draw_run(k->node, clock, at + r * rs, tile->columns, row);
        else
            for (int c = 0; c < tile->columns; c++)
                draw_run(k->node, clock, at + r * rs + c * step, 1, row + c);
    }
}
