/* Between memory and registers: a tile's leaves are read, its stores written, through their maps. */
#include <string.h>

#include "engine/cpu/interpreter_tile.h"

/* ---- loads ---- */

/* The element at an index, or -1 for padding; axis `but` is left out. */
static int64_t padded_offset(const struct fused *fused, const struct map *map, const int64_t *index,
                             int but) {
    int64_t offset = map->base;
    for (int a = 0; a < fused->axes; a++) {
        int64_t i = index[a];
        if (a == but) continue;
        if (map->count[a]) {
            i -= map->low[a];
            if (i < 0 || i % map->step[a] || i / map->step[a] >= map->count[a]) return -1;
            i /= map->step[a];
        }
        offset += map->stride[a] * i;
    }
    return offset;
}

/* Widens one element to 4 bytes. */
static uint32_t widened(const void *memory, enum dtype type, int64_t i) {
    if (type == TYPE_UINT8) return scalar_bits((float)((const uint8_t *)memory)[i]);
    return ((const uint32_t *)memory)[i];
}

static void load_row(uint32_t *restrict d, const void *memory, enum dtype type, int64_t at,
                     int64_t step, int n) {
    if (type == TYPE_UINT8) {
        const uint8_t *restrict s = (const uint8_t *)memory + at;
        float *restrict f = (float *)d;
        if (step == 1)
            for (int i = 0; i < n; i++)
                f[i] = (float)s[i];
        else
            for (int i = 0; i < n; i++)
                f[i] = (float)s[i * step];
        return;
    }
    const uint32_t *restrict s = (const uint32_t *)memory + at;
    if (step == 1)
        memcpy(d, s, (size_t)n * 4);
    else if (step == 0)
        for (int i = 0; i < n; i++)
            d[i] = *s;
    else
        for (int i = 0; i < n; i++)
            d[i] = s[i * step];
}

/* Rows of so few columns that a call for each would cost more than they do: pixels of colours. */
enum { NARROW = 4 };

static inline __attribute__((always_inline)) void load_columns(uint32_t *restrict d,
                                                               const void *memory, enum dtype type,
                                                               const int64_t *restrict at, int rows,
                                                               int64_t step, int columns) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            d[r * columns + c] = widened(memory, type, at[r] + c * step);
}

static void load_narrow(uint32_t *d, const void *memory, enum dtype type, const int64_t *at,
                        int rows, int64_t step, int columns) {
#define CASE(type, columns)                                                                        \
    case columns:                                                                                  \
        load_columns(d, memory, type, at, rows, step, columns);                                    \
        return
    if (type == TYPE_UINT8) switch (columns) {
            CASE(TYPE_UINT8, 1);
            CASE(TYPE_UINT8, 2);
            CASE(TYPE_UINT8, 3);
            CASE(TYPE_UINT8, 4);
        }
    else
        switch (columns) {
            CASE(TYPE_FLOAT32, 1);
            CASE(TYPE_FLOAT32, 2);
            CASE(TYPE_FLOAT32, 3);
            CASE(TYPE_FLOAT32, 4);
        }
#undef CASE
}

static void set_rows(int64_t *restrict begin, int64_t first, int64_t stride, int rows) {
    for (int r = 0; r < rows; r++)
        begin[r] = first + r * stride;
}

/* Whether each row begins where the one before ends: pixels of an image that was not mirrored. */
static bool rows_follow(const int64_t *at, int rows, int columns) {
    int64_t apart = 0;
    for (int r = 1; r < rows; r++)
        apart |= at[r] - at[r - 1] - columns;
    return !apart;
}

/* Rows of a tile that begin at at[0], at[1], … */
static void load_rows(uint32_t *d, const void *memory, enum dtype type, const int64_t *at,
                      const struct tile *tile, int64_t step) {
    if (step == 1 && rows_follow(at, tile->rows, tile->columns))
        load_row(d, memory, type, at[0], step, tile->rows * tile->columns);
    else if (tile->columns <= NARROW)
        load_narrow(d, memory, type, at, tile->rows, step, tile->columns);
    else
        for (int r = 0; r < tile->rows; r++)
            load_row(d + r * tile->columns, memory, type, at[r], step, tile->columns);
}

static int64_t gathered(const struct gather *g, const int32_t *index, int64_t at) {
    int64_t row = index[at];
    row = row < 0 ? 0 : row >= g->rows ? g->rows - 1 : row;
    return row * g->row_stride;
}

/* Where there is padding: row by row. */
static void load_padded(const struct fused *fused, const struct leaf *leaf, const void *memory,
                        const struct tile *tile, uint32_t *d) {
    const struct map *map = &leaf->map;
    const int a = tile->column_axis;
    const int64_t first = tile->index[a], end = first + tile->columns, low = map->low[a],
                  step = map->step[a];
    int64_t index[AXES_MOST];
    memcpy(index, tile->index, sizeof index);
    uint32_t fill = constant_bits(leaf->type, map->fill);
    for (int r = 0; r < tile->rows; r++, d += tile->columns) {
        if (tile->rows > 1) index[tile->row_axis] = tile->index[tile->row_axis] + r;
        int64_t at = padded_offset(fused, map, index, a);
        if (at >= 0 && !map->count[a]) {
            at += map->stride[a] * first;
            load_row(d, memory, leaf->type, at, map->stride[a], tile->columns);
            continue;
        }
        for (int c = 0; c < tile->columns; c++)
            d[c] = fill;
        if (at < 0) continue;
        for (int64_t k = first > low ? (first - low + step - 1) / step : 0;
             k < map->count[a] && low + k * step < end; k++)
            d[low + k * step - first] = widened(memory, leaf->type, at + map->stride[a] * k);
    }
}

/* Element by element: where an index changes along the columns. */
static void load_slowly(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                        const struct tile *tile, uint32_t *d) {
    const struct gather *g = leaf->map.gather;
    int64_t index[AXES_MOST];
    memcpy(index, tile->index, sizeof index);
    for (int r = 0; r < tile->rows; r++) {
        if (tile->rows > 1) index[tile->row_axis] = tile->index[tile->row_axis] + r;
        for (int c = 0; c < tile->columns; c++) {
            index[tile->column_axis] = tile->index[tile->column_axis] + c;
            int64_t row = gathered(g, w->memory[g->buffer], map_offset(fused, &g->map, index));
            d[r * tile->columns + c] = widened(w->memory[leaf->buffer], leaf->type,
                                               map_offset(fused, &leaf->map, index) + row);
        }
    }
}

/* The rows of a data set lie far apart: the next one is asked for while this one is read. */
static void prefetch_next_row(const struct fused *fused, const struct leaf *leaf,
                              const struct worker *w, const struct tile *tile, int64_t which,
                              int64_t at, int64_t step) {
    const struct gather *g = leaf->map.gather;
    int axis = tile->row_axis;
    if (tile->rows > 1 || axis < 0 || step != 1 || tile->index[axis] + 1 >= fused->extent[axis])
        return;
    int64_t row = gathered(g, w->memory[g->buffer], which + g->map.stride[axis]) + at +
                  leaf->map.stride[axis];
    const char *next =
        (const char *)w->memory[leaf->buffer] + row * (int64_t)dtype_size(leaf->type);
    for (int64_t byte = 0; byte < tile->columns * (int64_t)dtype_size(leaf->type); byte += 64)
        __builtin_prefetch(next + byte);
}

const float *tile_load(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                       const struct tile *tile, float *room) {
    const struct map *map = &leaf->map;
    const struct gather *g = map->gather;
    const void *memory = w->memory[leaf->buffer];
    if (map->padded) { /* what is gathered is never padded */
        load_padded(fused, leaf, memory, tile, (uint32_t *)room);
        return room;
    }
    if (g && g->map.stride[tile->column_axis]) {
        load_slowly(fused, leaf, w, tile, (uint32_t *)room);
        return room;
    }
    int64_t at = map_offset(fused, map, tile->index), step = map->stride[tile->column_axis],
            rs = row_stride(map, tile), begin[TILE];
    if (!g) {
        bool in_place =
            leaf->type != TYPE_UINT8 && step == 1 && (tile->rows == 1 || rs == tile->columns);
        if (in_place) return (const float *)memory + at;
        if (rs == 0 && tile->rows > 1) {
            load_row((uint32_t *)room, memory, leaf->type, at, step, tile->columns);
            for (int r = 1; r < tile->rows; r++)
                memcpy(room + r * tile->columns, room, (size_t)tile->columns * 4);
            return room;
        }
        set_rows(begin, at, rs, tile->rows);
        load_rows((uint32_t *)room, memory, leaf->type, begin, tile, step);
        return room;
    }
    int64_t which = map_offset(fused, &g->map, tile->index), which_step = row_stride(&g->map, tile);
    const int32_t *index = w->memory[g->buffer];
    prefetch_next_row(fused, leaf, w, tile, which, at, step);
    if (!which_step)
        set_rows(begin, at + gathered(g, index, which), rs, tile->rows);
    else
        for (int r = 0; r < tile->rows; r++)
            begin[r] = at + r * rs + gathered(g, index, which + r * which_step);
    load_rows((uint32_t *)room, memory, leaf->type, begin, tile, step);
    return room;
}

/* ---- stores ---- */

float *tile_store_here(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                       const struct tile *tile) {
    const struct map *map = &leaf->map;
    bool right = leaf->type != TYPE_UINT8 &&
                 (map->stride[tile->column_axis] == 1 || tile->columns == 1) &&
                 (tile->rows == 1 || row_stride(map, tile) == tile->columns);
    return right ? (float *)w->memory[leaf->buffer] + map_offset(fused, map, tile->index) : NULL;
}

void guard_finite(const float *x, int64_t n, struct worker *w) {
    uint32_t bad = 0;
    for (int64_t i = 0; i < n; i++)
        bad |= (scalar_bits(x[i]) & 0x7f800000u) == 0x7f800000u;
    if (bad) w->not_finite = true;
}

void tile_store(const struct fused *fused, const struct leaf *leaf, const struct worker *w,
                const struct tile *tile, const float *x) {
    const struct map *map = &leaf->map;
    int64_t at = map_offset(fused, map, tile->index), step = map->stride[tile->column_axis],
            rs = row_stride(map, tile);
    for (int r = 0; r < tile->rows; r++)
        for (int c = 0; c < tile->columns; c++) {
            int64_t to = at + r * rs + c * step;
            float value = x[r * tile->columns + c];
            if (leaf->type == TYPE_UINT8)
                ((uint8_t *)w->memory[leaf->buffer])[to] = (uint8_t)value;
            else
                memcpy((uint32_t *)w->memory[leaf->buffer] + to, &value, 4);
        }
}
