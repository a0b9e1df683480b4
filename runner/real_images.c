/* See real_images.h. */
#include "runner/real_images.h"

#include "runner/store_sample.h"

bool real_images_find(const struct session *session, const int64_t extent[3],
                      struct real_images *images, struct error *error) {
    for (int i = 0; i < session->experiment->data_count; i++) {
        const struct dataset *data = &session->data[i];
        const int64_t *own = data->shape.extent;
        if (data->shape.rank != 3 || own[0] != extent[0] || own[1] != extent[1] ||
            own[2] != extent[2])
            continue;
        *images = (struct real_images){.data = data, .size = own[0] * own[1] * own[2]};
        images->room = ARENA_ARRAY(session->arena, uint8_t, images->size);
        return true;
    }
    return error_set(error, STATUS_USAGE, "no data of the run are images such as its samples");
}

const uint8_t *real_image(const struct real_images *images, int64_t i) {
    const struct dataset *data = images->data;
    if (data->type == DATA_UINT8) return (const uint8_t *)data->values + i * images->size;
    sample_to_bytes((const float *)data->values + i * images->size, (size_t)images->size, -1, 1,
                    images->room);
    return images->room;
}
