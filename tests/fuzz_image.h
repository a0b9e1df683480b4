/* What fuzzers of decoders share: any bytes give an image that is consistent, or an error, and from an image an
 * example is made. */
#ifndef TESTS_FUZZ_IMAGE_H
#define TESTS_FUZZ_IMAGE_H

#include "base/bug.h"
#include "datasets/fit.h"

enum { FUZZ_PIXELS = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The first byte chooses what is made of the image: 1 grey, 2 a crop, 4 a size, 8 halves. */
static inline int fuzz_image(image_decoder *decode, const uint8_t *bytes, size_t size) {
    struct image image = {0};
    struct fit_room room = {0};
    struct error error = {0};
    if (!size) return 0;
    struct fit fit = {.channels = bytes[0] & 1 ? 1 : 3, .pair = bytes[0] & 8};
    if (bytes[0] & 2) fit.crop[0] = fit.crop[1] = 3;
    if (bytes[0] & 4) fit.size[0] = 5, fit.size[1] = 7;
    const struct image *example = NULL;
    bool good = decode(&image, bytes + 1, size - 1, FUZZ_PIXELS, &error);
    if (good) {
        BUG_IF(image.width < 1 || image.height < 1 || image.width > FUZZ_PIXELS / image.height);
        BUG_IF(image.orientation < 1 || image.orientation > ORIENTATION_MOST);
        example = image_fit(&image, &fit, &room, &error);
    }
    BUG_IF((example != NULL) != (error.status == STATUS_OK));
    if (example) {
        BUG_IF(example->channels != fit.channels);
        BUG_IF(fit.size[0] && example->height != fit.size[0]);
        unsigned sum = 0;
        for (int64_t i = 0; i < example->height * example->width * example->channels; i++)
            sum += example->pixels[i];
        BUG_IF(sum == 1 && !example->pixels);
    }
    image_release(&image);
    fit_room_release(&room);
    return 0;
}

#endif
