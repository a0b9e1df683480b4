/* JPEG, by libjpeg-turbo: baseline and progressive, grey, YCbCr, RGB, and CMYK as Photoshop writes it. */
#include "datasets/image.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file of a few bytes can ask for any number of passes over all of its pixels. */
enum { SCANS_MOST = 500, EXIF_NAME = 6 };

struct decoding {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr handlers;
    struct jpeg_progress_mgr progress;
    jmp_buf leave;
    struct error *error;
};

static struct decoding *decoding_of(j_common_ptr jpeg) {
    return jpeg->client_data;
}

static void leave(struct decoding *decoding, const char *what) {
    char text[JMSG_LENGTH_MAX];
    decoding->handlers.format_message((j_common_ptr)&decoding->jpeg, text);
    error_set(decoding->error, STATUS_DATA, "%s: %s", what, text);
    longjmp(decoding->leave, 1);
}

static void on_error(j_common_ptr jpeg) {
    leave(decoding_of(jpeg), "it cannot be decoded");
}

/* libjpeg makes grey of what is missing, and only warns. */
static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA: /* nothing is lost by these */
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC:
        return;
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        leave(decoding_of(jpeg), "it is cut or damaged");
        return;
    default:
        leave(decoding_of(jpeg), "it is damaged");
    }
}

static void on_progress(j_common_ptr jpeg) {
    struct decoding *decoding = decoding_of(jpeg);
    if (decoding->jpeg.input_scan_number <= SCANS_MOST) return;
    error_set(decoding->error, STATUS_DATA, "it has more than %d scans", SCANS_MOST);
    longjmp(decoding->leave, 1);
}

static int read_orientation(const struct jpeg_decompress_struct *jpeg) {
    for (jpeg_saved_marker_ptr at = jpeg->marker_list; at; at = at->next)
        if (at->marker == JPEG_APP0 + 1 && at->data_length > EXIF_NAME &&
            !memcmp(at->data, "Exif\0", EXIF_NAME))
            return exif_orientation(at->data + EXIF_NAME, at->data_length - EXIF_NAME);
    return ORIENTATION_UPRIGHT;
}

/* Inks to light: Adobe stores them inverted. */
static void cmyk_to_rgb(struct image *image, bool inverted) {
    int64_t count = image->width * image->height;
    uint8_t *out = image->pixels;
    for (const uint8_t *in = image->pixels; count--; in += 4, out += 3) {
        int key = inverted ? in[3] : 255 - in[3];
        for (int i = 0; i < 3; i++)
            out[i] = (uint8_t)(((inverted ? in[i] : 255 - in[i]) * key + 127) / 255);
    }
    image->channels = 3;
}

static int choose_colours(struct jpeg_decompress_struct *jpeg) {
    bool inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    if (jpeg->jpeg_color_space == JCS_GRAYSCALE)
        jpeg->out_color_space = JCS_GRAYSCALE;
    else
        jpeg->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    return jpeg->out_color_space == JCS_GRAYSCALE ? 1 : inks ? 4 : 3;
}

static bool decode(struct decoding *decoding, struct image *image, int64_t max_pixels) {
    struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    if (!image_allow(jpeg->image_width, jpeg->image_height, max_pixels, decoding->error))
        return false;
    int channels = choose_colours(jpeg);
    jpeg_start_decompress(jpeg);
    image_resize(image, jpeg->output_width, jpeg->output_height, channels);
    image->orientation = read_orientation(jpeg);
    size_t row = (size_t)image->width * (size_t)channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW at = image->pixels + jpeg->output_scanline * row;
        jpeg_read_scanlines(jpeg, &at, 1);
    }
    jpeg_finish_decompress(jpeg);
    if (channels == 4) cmyk_to_rgb(image, jpeg->saw_Adobe_marker);
    return true;
}

bool jpeg_decode(struct image *image, const void *bytes, size_t size, int64_t max_pixels,
                 struct error *error) {
    struct decoding decoding = {.error = error};
    decoding.progress.progress_monitor = on_progress;
    decoding.jpeg.err = jpeg_std_error(&decoding.handlers);
    decoding.handlers.error_exit = on_error;
    decoding.handlers.emit_message = on_message;
    decoding.jpeg.client_data = &decoding;
    if (setjmp(decoding.leave)) {
        jpeg_destroy_decompress(&decoding.jpeg);
        return false;
    }
    jpeg_create_decompress(&decoding.jpeg);
    decoding.jpeg.progress = &decoding.progress;
    jpeg_mem_src(&decoding.jpeg, bytes, size);
    bool good = decode(&decoding, image, max_pixels);
    jpeg_destroy_decompress(&decoding.jpeg);
    return good;
}
