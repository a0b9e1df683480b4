/* See real_images.h. */
#include "runner/real_images.h"

#include <string.h>

#include "runner/store_sample.h"

static int64_t size_of(const struct extents *shape) {
    return shape->extent[0] * shape->extent[1] * shape->extent[2];
}

/* "'x' is [32, 32, 3]", of all that are images. */
static const char *list_shapes(const struct session *session) {
    struct arena *arena = session->arena;
    const char *list = "";
    for (int i = 0; i < session->experiment->data_count; i++) {
        const struct experiment_data *data = &session->experiment->data[i];
        const struct extents seen = view_shape(&data->view, &session->data[i].shape);
        if (seen.rank == 3)
            list = arena_format(arena, "%s%s'%s' is %s", list, *list ? ", " : "", data->examples,
                                arena_extents(arena, 3, seen.extent));
    }
    return list;
}

static bool misfit(const struct session *session, const int64_t extent[3], struct error *error) {
    const char *shapes = list_shapes(session);
    if (!*shapes)
        return error_set(error, STATUS_USAGE, "the data of the run are no images, as its samples");
    error_set(error, STATUS_USAGE, "no data of the run are images such as its samples: %s, but %s",
              arena_extents(session->arena, 3, extent), shapes);
    return error_hint(
        error, "samples that are such as x can be compared: another of 'samplers:' may make them");
}

bool real_images_find(const struct session *session, const int64_t extent[3],
                      struct real_images *images, struct error *error) {
    const int count = session->experiment->data_count;
    for (int i = 0; i < 2 * count; i++) {
        const struct dataset *data = &session->data[i % count];
        const struct view view = i < count ? session->experiment->data[i].view : (struct view){0};
        const struct extents seen = view_shape(&view, &data->shape);
        if (seen.rank != 3 || memcmp(seen.extent, extent, 3 * sizeof *extent) != 0) continue;
        *images = (struct real_images){.data = data, .view = view, .size = size_of(&seen)};
        images->stored = ARENA_ARRAY(session->arena, uint8_t, size_of(&data->shape));
        images->seen = ARENA_ARRAY(session->arena, uint8_t, images->size);
        return true;
    }
    return misfit(session, extent, error);
}

const uint8_t *real_image(const struct real_images *images, int64_t i) {
    const struct dataset *data = images->data;
    const int64_t size = size_of(&data->shape);
    const uint8_t *bytes = images->stored;
    int32_t middle[VIEW_MOVES];
    if (data->type == DATA_UINT8)
        bytes = (const uint8_t *)data->values + i * size;
    else
        sample_to_bytes((const float *)data->values + i * size, (size_t)size, -1, 1,
                        images->stored);
    if (images->view.pairs == PAIRS_NONE && !images->view.padding && !images->view.crop[0])
        return bytes;
    view_middle(&images->view, &data->shape, middle);
    view_take(&images->view, &data->shape, middle, bytes, images->seen);
    return images->seen;
}
