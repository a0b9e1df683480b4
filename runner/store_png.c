/* A grid of images as one PNG, by libpng's simplified interface; see store_sample.h. */
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "runner/store_sample.h"

enum { BACKGROUND = 255, SIDE_MOST = 1 << 16 };

/* A grid of cells and its picture. */
struct grid {
    int64_t columns, rows, gap;
    int64_t height, width, channels; /* of one image */
    int64_t across, down;            /* pixels of the whole */
};

static struct grid grid_of(const struct store_array *images, int columns, int gap) {
    struct grid g = {.height = images->extent[1],
                     .width = images->extent[2],
                     .channels = images->extent[3],
                     .gap = gap};
    int64_t count = images->extent[0];
    g.columns = columns > 0 ? columns : (int64_t)ceil(sqrt((double)count));
    if (g.columns > count) g.columns = count;
    g.rows = (count + g.columns - 1) / g.columns;
    g.across = g.columns * (g.width + gap) - gap;
    g.down = g.rows * (g.height + gap) - gap;
    return g;
}

static void draw(const struct grid *g, const struct store_array *images, uint8_t *picture) {
    memset(picture, BACKGROUND, (size_t)(g->across * g->down * g->channels));
    size_t line = (size_t)(g->width * g->channels);
    const uint8_t *src = images->data;
    for (int64_t i = 0; i < images->extent[0]; i++) {
        int64_t left = i % g->columns * (g->width + g->gap),
                top = i / g->columns * (g->height + g->gap);
        for (int64_t y = 0; y < g->height; y++, src += line)
            memcpy(picture + ((top + y) * g->across + left) * g->channels, src, line);
    }
}

/* Compresses and writes the picture; takes nothing over. */
static bool write_picture(const struct file_calls *calls, const char *path, const struct grid *g,
                          const uint8_t *picture, struct error *e) {
    static const png_uint_32 formats[] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                          PNG_FORMAT_RGBA};
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)g->across,
                       .height = (png_uint_32)g->down,
                       .format = formats[g->channels]};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *bytes = memory_resize(NULL, size);
    bool ok = png_image_write_to_memory(&image, bytes, &size, false, picture, 0, NULL) != 0;
    if (!ok) error_set(e, STATUS_IO, "cannot make '%s': libpng says '%s'", path, image.message);
    png_image_free(&image);
    ok = ok && file_write(calls, path, bytes, size, e);
    free(bytes);
    return ok;
}

bool sample_write_png(const struct file_calls *calls, const char *path,
                      const struct store_array *images, int columns, int gap, struct error *e) {
    BUG_IF(images->type != STORE_UINT8 || images->rank != 4 || gap < 0);
    if (store_count(images) < 1)
        return error_set(e, STATUS_DATA, "cannot make '%s': there is no image or no pixel in it",
                         path);
    if (images->extent[3] > 4)
        return error_set(e, STATUS_DATA,
                         "cannot make '%s' of images with %lld channels; PNG has 1 to 4", path,
                         (long long)images->extent[3]);
    struct grid g = grid_of(images, columns, gap);
    if (g.across > SIDE_MOST || g.down > SIDE_MOST)
        return error_set(e, STATUS_DATA,
                         "cannot make '%s': %lld x %lld pixels are more than %d a side", path,
                         (long long)g.across, (long long)g.down, SIDE_MOST);
    uint8_t *picture = memory_resize(NULL, (size_t)(g.across * g.down * g.channels));
    draw(&g, images, picture);
    bool ok = write_picture(calls, path, &g, picture, e);
    free(picture);
    return ok;
}
