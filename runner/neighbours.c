/* See neighbours.h. */
#include "runner/neighbours.h"

#include <math.h>

struct neighbours neighbours_new(struct arena *arena, const uint8_t *images, int64_t count,
                                 int64_t size, int64_t most) {
    struct neighbours n = {images, count, size, most,
                           ARENA_ARRAY(arena, struct neighbour, count * most)};
    for (int64_t i = 0; i < count * most; i++)
        n.list[i] = (struct neighbour){-1, -1};
    return n;
}

/* In parts that an int32 holds. */
static int64_t squares_between(const uint8_t *a, const uint8_t *b, int64_t size) {
    enum { PART = 1 << 14 };
    int64_t sum = 0;
    for (int64_t first = 0; first < size; first += PART) {
        const int64_t end = size - first < PART ? size : first + PART;
        int32_t part = 0;
        for (int64_t i = first; i < end; i++) {
            const int32_t difference = (int32_t)a[i] - (int32_t)b[i];
            part += difference * difference;
        }
        sum += part;
    }
    return sum;
}

void neighbours_add(struct neighbours *n, int64_t index, const uint8_t *image) {
    for (int64_t i = 0; i < n->count; i++) {
        struct neighbour *list = n->list + i * n->most;
        const int64_t squares = squares_between(n->images + i * n->size, image, n->size);
        int64_t place = n->most;
        while (place > 0 && (list[place - 1].squares < 0 || squares < list[place - 1].squares)) {
            place--;
            if (place + 1 < n->most) list[place + 1] = list[place];
        }
        if (place < n->most) list[place] = (struct neighbour){index, squares};
    }
}

double neighbours_distance(int64_t squares) {
    return sqrt((double)squares) / 255;
}
