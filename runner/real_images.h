/* The images that a model was trained on, as bytes, to be shown beside its samples: as x is where samples are made, the
 * middle of each, or its half. */
#ifndef RUNNER_REAL_IMAGES_H
#define RUNNER_REAL_IMAGES_H

#include "runner/session.h"

struct real_images {
    const struct dataset *data;
    struct view view;
    int64_t size; /* bytes of an image as it is shown */
    uint8_t *stored,
        *seen; /* for one that is not stored as bytes; that is not shown as it is stored */
};

/* The first stream of the session, whose data are loaded, with images of this height, width and channels, as they are seen or
 * else as they are stored; STATUS_USAGE where there is none. Lives in the session's arena. */
bool real_images_find(const struct session *session, const int64_t extent[3],
                      struct real_images *images, struct error *error);

/* Image i; valid until the next call. */
const uint8_t *real_image(const struct real_images *images, int64_t i);

#endif
