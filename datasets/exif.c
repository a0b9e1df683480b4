/* The orientation in an EXIF block, which is a TIFF file of tags (CIPA DC-008, Exif 2.3, 4.6.4). */
#include <string.h>

#include "datasets/image.h"

enum { ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big; /* the high byte goes first */
};

/* A number of `width` bytes at `at`; 0 outside. */
static uint32_t number(const struct tiff *tiff, size_t at, int width) {
    uint32_t value = 0;
    if (at > tiff->size || tiff->size - at < (size_t)width) return 0;
    for (int i = 0; i < width; i++)
        value = value << 8 | tiff->bytes[at + (size_t)(tiff->big ? i : width - 1 - i)];
    return value;
}

int exif_orientation(const void *bytes, size_t size) {
    struct tiff tiff = {bytes, size, false};
    if (size < 8) return ORIENTATION_UPRIGHT;
    tiff.big = !memcmp(bytes, "MM", 2);
    if ((!tiff.big && memcmp(bytes, "II", 2) != 0) || number(&tiff, 2, 2) != 42)
        return ORIENTATION_UPRIGHT;
    size_t at = number(&tiff, 4, 4), entry = at + 2;
    for (uint32_t count = number(&tiff, at, 2); count-- && entry < size; entry += ENTRY) {
        if (number(&tiff, entry, 2) != TAG_ORIENTATION) continue;
        uint32_t value = number(&tiff, entry + 8, 2);
        bool good =
            number(&tiff, entry + 2, 2) == TYPE_SHORT && value >= 1 && value <= ORIENTATION_MOST;
        return good ? (int)value : ORIENTATION_UPRIGHT;
    }
    return ORIENTATION_UPRIGHT;
}
