/* Images of any format; see image.h. */
#include "datasets/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void image_resize(struct image *image, int64_t width, int64_t height, int channels) {
    size_t size = (size_t)width * (size_t)height * (size_t)channels;
    if (size > image->room) {
        image->pixels = memory_resize(image->pixels, size);
        image->room = size;
    }
    image->width = width;
    image->height = height;
    image->channels = channels;
    image->orientation = ORIENTATION_UPRIGHT;
}

void image_release(struct image *image) {
    free(image->pixels);
    *image = (struct image){0};
}

bool image_allow(int64_t width, int64_t height, int64_t max_pixels, struct error *error) {
    if (width < 1 || height < 1)
        return error_set(error, STATUS_DATA, "it is empty: %" PRId64 "x%" PRId64 " pixels", width,
                         height);
    if (width <= max_pixels / height) return true;
    error_set(error, STATUS_DATA,
              "it says that it is %" PRId64 "x%" PRId64 ", more than the %" PRId64
              " pixels of 'max_pixels'",
              width, height, max_pixels);
    return error_hint(error, "if the image is meant, 'max_pixels' allows more");
}

/* What a file begins with, for messages. */
static bool unknown(const uint8_t *bytes, size_t size, struct error *error) {
    if (!size) return error_set(error, STATUS_DATA, "it is empty");
    char text[32] = "";
    for (size_t i = 0; i < size && i < 4; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %02x", bytes[i]);
    return error_set(error, STATUS_DATA, "it is neither JPEG nor PNG: it begins with%s", text);
}

bool image_decode(struct image *image, const void *bytes, size_t size, int64_t max_pixels,
                  struct error *error) {
    if (size >= 3 && !memcmp(bytes, "\xff\xd8\xff", 3))
        return jpeg_decode(image, bytes, size, max_pixels, error);
    if (size >= 8 && !memcmp(bytes, "\x89PNG\r\n\x1a\n", 8))
        return png_decode(image, bytes, size, max_pixels, error);
    return unknown(bytes, size, error);
}
