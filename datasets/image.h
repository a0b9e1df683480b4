/*
 * An image in memory, decoded from a file of any format that is read. Its pixels are those of the file;
 * datasets/fit.h makes an example of them.
 */
#ifndef DATASETS_IMAGE_H
#define DATASETS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How a picture lies in its file: the numbers of EXIF's tag Orientation. */
enum { ORIENTATION_UPRIGHT = 1, ORIENTATION_MOST = 8 };

/* Zero-initialise it; image_release gives its memory back. It may be decoded into again and again. */
struct image {
    int64_t width, height;
    int channels; /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha */
    uint8_t *pixels;
    size_t room;     /* bytes that `pixels` has */
    int orientation; /* 1 to 8 */
};

/* Gives it a size and room for its pixels, which are not set. */
void image_resize(struct image *image, int64_t width, int64_t height, int channels);
void image_release(struct image *image);

/*
 * Decodes a JPEG or PNG file, known by how it begins, of at most `max_pixels`. 16 bits become 8, palettes
 * colours. DATA where it is damaged, cut, too large, or of another kind; the message says what it is, not
 * which: "it is cut: …".
 */
typedef bool image_decoder(struct image *image, const void *bytes, size_t size, int64_t max_pixels,
                           struct error *error);
image_decoder image_decode;

/* The formats. */
image_decoder jpeg_decode, png_decode;

/* Whether an image of this size may be; else the error. */
bool image_allow(int64_t width, int64_t height, int64_t max_pixels, struct error *error);

/* The orientation that an EXIF block (a TIFF header and what follows) tells; upright if it tells none. */
int exif_orientation(const void *bytes, size_t size);

#endif
