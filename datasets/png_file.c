/* PNG, by libpng: any depth, palettes, transparency, interlaced or not. */
#include "datasets/image.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

enum { CHUNK_MOST = 8 << 20, CHUNKS_MOST = 1000 };

struct decoding {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t left;
    png_bytep *rows;
    struct error *error;
};

static void on_error(png_structp png, png_const_charp message) {
    struct decoding *decoding = png_get_error_ptr(png);
    error_set(decoding->error, STATUS_DATA, "it cannot be decoded: %s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png, (void)message;
}

static void read_bytes(png_structp png, png_bytep to, size_t size) {
    struct decoding *decoding = png_get_io_ptr(png);
    if (size > decoding->left) {
        error_set(decoding->error, STATUS_DATA, "it is cut: its data end too early");
        png_longjmp(png, 1);
    }
    memcpy(to, decoding->bytes, size);
    decoding->bytes += size;
    decoding->left -= size;
}

static void limit(png_structp png) {
    png_set_user_limits(png, INT32_MAX, INT32_MAX); /* image_allow says what is too much */
    png_set_chunk_malloc_max(png, CHUNK_MOST);
    png_set_chunk_cache_max(png, CHUNKS_MOST);
}

static int read_orientation(struct decoding *decoding) {
    png_bytep block;
    png_uint_32 size;
    if (!png_get_eXIf_1(decoding->png, decoding->info, &size, &block)) return ORIENTATION_UPRIGHT;
    return exif_orientation(block, size);
}

static bool decode(struct decoding *decoding, struct image *image, int64_t max_pixels) {
    png_structp png = decoding->png;
    png_read_info(png, decoding->info);
    int64_t width = png_get_image_width(png, decoding->info),
            height = png_get_image_height(png, decoding->info);
    if (!image_allow(width, height, max_pixels, decoding->error)) return false;
    png_set_expand(png); /* palettes to colours, fewer bits to 8, a transparent colour to alpha */
    png_set_scale_16(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, decoding->info);
    image_resize(image, width, height, png_get_channels(png, decoding->info));
    size_t row = png_get_rowbytes(png, decoding->info);
    BUG_IF(row != (size_t)width * (size_t)image->channels);
    decoding->rows = memory_resize(NULL, (size_t)height * sizeof *decoding->rows);
    for (int64_t y = 0; y < height; y++)
        decoding->rows[y] = image->pixels + (size_t)y * row;
    png_read_image(png, decoding->rows);
    png_read_end(png, decoding->info);
    image->orientation = read_orientation(decoding);
    return true;
}

static void release(struct decoding *decoding) {
    png_destroy_read_struct(&decoding->png, &decoding->info, NULL);
    free(decoding->rows);
}

bool png_decode(struct image *image, const void *bytes, size_t size, int64_t max_pixels,
                struct error *error) {
    struct decoding decoding = {.bytes = bytes, .left = size, .error = error};
    decoding.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoding, on_error, on_warning);
    if (decoding.png) decoding.info = png_create_info_struct(decoding.png);
    if (!decoding.info) BUG("libpng gives no reader");
    if (setjmp(png_jmpbuf(decoding.png))) {
        release(&decoding);
        return false;
    }
    limit(decoding.png);
    png_set_read_fn(decoding.png, &decoding, read_bytes);
    bool good = decode(&decoding, image, max_pixels);
    release(&decoding);
    return good;
}
