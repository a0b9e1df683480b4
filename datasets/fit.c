/* Channels, orientation, crops, size; see fit.h. */
#include "datasets/fit.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "datasets/resize.h"

enum { WHITE = 255 };

void fit_room_release(struct fit_room *room) {
    for (size_t i = 0; i < sizeof room->image / sizeof *room->image; i++)
        image_release(&room->image[i]);
}

/* ---- channels ---- */

/* Shows an image with alpha on white; it loses its alpha. */
static void flatten(struct image *image) {
    if (image->channels == 1 || image->channels == 3) return;
    int colours = image->channels - 1;
    int64_t count = image->width * image->height;
    uint8_t *out = image->pixels;
    for (const uint8_t *in = image->pixels; count--; in += colours + 1)
        for (int i = 0, alpha = in[colours]; i < colours; i++)
            *out++ = (uint8_t)((in[i] * alpha + WHITE * (255 - alpha) + 127) / 255);
    image->channels = colours;
}

static uint8_t luma(const uint8_t *rgb) {
    return (uint8_t)((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

/* Gives a pixel its channels; they lie in `dst` after that. */
static void take_pixel(const uint8_t *src, int from, uint8_t *dst, int to) {
    for (int i = 0; i < to; i++)
        dst[i] = from == to ? src[i] : to == 1 ? luma(src) : src[0];
}

/* ---- orientation: 2, 4, 5, 7 are mirrored; 5 to 8 have rows for columns ---- */

/* Where pixel (y, x) of the upright image is in the file's. */
static int64_t source_pixel(const struct image *src, int64_t y, int64_t x) {
    bool swapped = src->orientation >= 5;
    bool right_to_left = src->orientation == 2 || src->orientation == 3 || src->orientation == 7 ||
                         src->orientation == 8;
    bool upwards = src->orientation == 3 || src->orientation == 4 || src->orientation == 6 ||
                   src->orientation == 7;
    int64_t row = swapped ? x : y, column = swapped ? y : x;
    if (upwards) row = src->height - 1 - row;
    if (right_to_left) column = src->width - 1 - column;
    return row * src->width + column;
}

/* Upright, with `channels`. */
static void turn(const struct image *src, int channels, struct image *dst) {
    bool swapped = src->orientation >= 5;
    image_resize(dst, swapped ? src->height : src->width, swapped ? src->width : src->height,
                 channels);
    uint8_t *out = dst->pixels;
    for (int64_t y = 0; y < dst->height; y++)
        for (int64_t x = 0; x < dst->width; x++, out += channels)
            take_pixel(src->pixels + source_pixel(src, y, x) * src->channels, src->channels, out,
                       channels);
}

/* ---- crops and sizes ---- */

/* Cuts [height, width] out, from (top, left) on. */
static void cut(const struct image *src, int64_t top, int64_t left, int64_t height, int64_t width,
                struct image *dst) {
    image_resize(dst, width, height, src->channels);
    size_t row = (size_t)width * (size_t)src->channels;
    for (int64_t y = 0; y < height; y++)
        memcpy(dst->pixels + (size_t)y * row,
               src->pixels + ((top + y) * src->width + left) * src->channels, row);
}

/* As torchvision's CenterCrop: an odd pixel more is on the side that rounding to even leaves it. */
static int64_t middle(int64_t all, int64_t part) {
    return (int64_t)nearbyint((double)(all - part) / 2);
}

static void cut_middle(const struct image *src, const int64_t size[2], struct image *dst) {
    cut(src, middle(src->height, size[0]), middle(src->width, size[1]), size[0], size[1], dst);
}

/* The size at which the image just covers [height, width]: one side fits. */
static void covering(const struct image *image, const int64_t size[2], int64_t *height,
                     int64_t *width) {
    *height = size[0];
    *width = image->width * size[0] / image->height;
    if (*width >= size[1]) return;
    *width = size[1];
    *height = image->height * size[1] / image->width;
    if (*height < size[0]) *height = size[0];
}

/* The image at the wanted size, in another room, or itself where it has it. */
static const struct image *scale(const struct image *image, const int64_t size[2],
                                 struct fit_room *room) {
    int64_t height, width;
    if (!size[0] || (image->height == size[0] && image->width == size[1])) return image;
    covering(image, size, &height, &width);
    resize_image(image, &(struct resize_side){width, middle(width, size[1]), size[1]},
                 &(struct resize_side){height, middle(height, size[0]), size[0]}, &room->image[2],
                 &room->image[3]);
    return &room->image[3];
}

/* One image, upright, or one half of a pair; it is in room->image[0]. */
static const struct image *fit_one(const struct fit *fit, struct fit_room *room,
                                   struct error *error) {
    const struct image *image = &room->image[0];
    if (fit->crop[0]) {
        if (image->height < fit->crop[0] || image->width < fit->crop[1]) {
            error_set(error, STATUS_DATA,
                      "it is %" PRId64 " wide and %" PRId64
                      " high, too small for a 'crop' of [%" PRId64 ", %" PRId64 "]",
                      image->width, image->height, fit->crop[0], fit->crop[1]);
            error_hint(error, "'crop' comes before 'size'; 'on_error: skip' leaves smaller images "
                              "out");
            return NULL;
        }
        cut_middle(image, fit->crop, &room->image[1]);
        image = &room->image[1];
    }
    return scale(image, fit->size, room);
}

/* ---- pairs ---- */

/* Puts an image into its half of `both`. */
static void put(const struct image *image, int half, struct image *both) {
    size_t row = (size_t)image->width * (size_t)image->channels;
    if (!half) image_resize(both, 2 * image->width, image->height, image->channels);
    for (size_t y = 0; y < (size_t)image->height; y++)
        memcpy(both->pixels + (2 * y + (size_t)half) * row, image->pixels + y * row, row);
}

static const struct image *fit_pair(struct image *both, const struct fit *fit,
                                    struct fit_room *room, struct error *error) {
    int64_t width = both->width / 2;
    if (both->width % 2) {
        error_set(error, STATUS_DATA, "it is %" PRId64 " pixels wide, which has no halves",
                  both->width);
        return NULL;
    }
    struct image pair = {0};
    bool good = true;
    for (int half = 0; half < 2 && good; half++) {
        cut(both, 0, half * width, both->height, width, &room->image[0]);
        const struct image *one = fit_one(fit, room, error);
        if (one) put(one, half, &pair);
        good = one;
    }
    image_release(both);
    *both = pair;
    return good ? both : NULL;
}

const struct image *image_fit(struct image *image, const struct fit *fit, struct fit_room *room,
                              struct error *error) {
    flatten(image);
    turn(image, fit->channels, &room->image[0]);
    if (!fit->pair) return fit_one(fit, room, error);
    struct image swapped =
        *image; /* the upright image becomes `image`, whose memory is used next */
    *image = room->image[0];
    room->image[0] = swapped;
    return fit_pair(image, fit, room, error);
}
