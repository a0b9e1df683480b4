/* Crops and mirror images; see view.h. */
#include "datasets/view.h"

#include <inttypes.h>
#include <string.h>

#include "base/random.h"

/* Height and width of one image, of a pair's half. */
static void image_size(const struct view *view, const struct extents *stored, int64_t size[2]) {
    size[0] = stored->extent[0];
    size[1] = view->pairs == PAIRS_NONE ? stored->extent[1] : stored->extent[1] / 2;
}

struct extents view_shape(const struct view *view, const struct extents *stored) {
    struct extents shape = *stored;
    if (shape.rank != 3) return shape;
    image_size(view, stored, shape.extent);
    if (view->crop[0]) {
        shape.extent[0] = view->crop[0];
        shape.extent[1] = view->crop[1];
    }
    return shape;
}

bool view_moves(const struct view *view) {
    return view->flip || view->padding || view->crop[0];
}

/* How many places there are for the crop along an axis. */
static int64_t places(const struct view *view, const struct extents *stored, int axis) {
    int64_t size[2];
    image_size(view, stored, size);
    return size[axis] + 2 * view->padding - view_shape(view, stored).extent[axis] + 1;
}

void view_draw(const struct view *view, const struct extents *stored, uint64_t seed, int64_t epoch,
               int64_t position, int64_t count, int32_t *moves) {
    uint64_t key = hash_mix(hash_mix(hash_text(0, "view"), seed), (uint64_t)epoch);
    key = hash_mix(key, (uint64_t)position);
    uint32_t rows = (uint32_t)places(view, stored, 0), columns = (uint32_t)places(view, stored, 1);
    for (int64_t i = 0; i < count; i++) {
        struct random_stream random = {.key = hash_mix(key, (uint64_t)i)};
        int32_t *move = moves + i * VIEW_MOVES;
        move[VIEW_TOP] = (int32_t)random_below(&random, rows);
        move[VIEW_LEFT] = (int32_t)random_below(&random, columns);
        move[VIEW_FLIP] = view->flip ? (int32_t)random_below(&random, 2) : 0;
    }
}

void view_middle(const struct view *view, const struct extents *stored, int32_t moves[VIEW_MOVES]) {
    moves[VIEW_TOP] = (int32_t)((places(view, stored, 0) - 1) / 2);
    moves[VIEW_LEFT] = (int32_t)((places(view, stored, 1) - 1) / 2);
    moves[VIEW_FLIP] = 0;
}

void view_take(const struct view *view, const struct extents *stored,
               const int32_t moves[VIEW_MOVES], const uint8_t *image, uint8_t *x) {
    struct extents shape = view_shape(view, stored);
    int64_t size[2], height = shape.extent[0], width = shape.extent[1], depth = shape.extent[2];
    image_size(view, stored, size);
    int64_t half = view->pairs == PAIRS_RIGHT ? size[1] : 0;
    memset(x, 0, (size_t)(height * width * depth));
    for (int64_t i = 0; i < height; i++) {
        int64_t row = i + moves[VIEW_TOP] - view->padding;
        for (int64_t k = 0; k < width && row >= 0 && row < size[0]; k++) {
            int64_t turned = moves[VIEW_FLIP] ? width - 1 - k : k,
                    column = turned + moves[VIEW_LEFT] - view->padding;
            if (column < 0 || column >= size[1]) continue;
            memcpy(x + (i * width + k) * depth,
                   image + (row * stored->extent[1] + half + column) * depth, (size_t)depth);
        }
    }
}

bool view_check(const struct view *view, const struct extents *stored, const char **wrong,
                struct error *error) {
    int64_t size[2];
    image_size(view, stored, size);
    *wrong = "pairs";
    if (view->pairs != PAIRS_NONE && stored->extent[1] % 2)
        return error_set(error, STATUS_CONFIG,
                         "pairs: images are %" PRId64 " pixels wide, which has no halves",
                         stored->extent[1]);
    *wrong = "random_crop";
    if (places(view, stored, 0) < 1 || places(view, stored, 1) < 1) {
        error_set(error, STATUS_CONFIG,
                  "random_crop: [%" PRId64 ", %" PRId64 "] does not fit into images [%" PRId64
                  ", %" PRId64 "]%s",
                  view->crop[0], view->crop[1], size[0], size[1],
                  view->padding ? " with their padding" : "");
        return error_hint(error, "'padding' and 'size' make images larger");
    }
    *wrong = NULL;
    return true;
}
