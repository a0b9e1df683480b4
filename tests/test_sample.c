/* links: store base */
/* Samples: images, points and values of any shape in HDF5, and pictures of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <png.h>

#include "runner/store_sample.h"
#include "tests/store_fixture.h"

enum { N = 5, H = 3, W = 2, C = 3 };

static struct sample make_sample(void) {
    uint8_t *pixels = ARENA_ARRAY(arena, uint8_t, N * H * W * C);
    for (int i = 0; i < N * H * W * C; i++)
        pixels[i] = (uint8_t)(i + 1);
    return (struct sample){
        .step = 1000,
        .images = {NULL, STORE_UINT8, 4, {N, H, W, C}, pixels},
        .latents = {NULL, STORE_FLOAT32, 2, {N, 4}, ARENA_ARRAY(arena, float, N * 4)},
        .labels = {NULL, STORE_INT32, 1, {N}, ARENA_ARRAY(arena, int32_t, N)},
    };
}

static void images_lie_raw_at_their_offset(void **state) {
    (void)state;
    struct sample s = make_sample(), read;
    struct error e = {0};
    const char *path = sample_path(arena, folder, 1000);
    assert_string_equal(strrchr(path, '/'), "/step-00001000.h5");
    assert_true(sample_write(NULL, path, &s, &e));
    struct sample_layout layout;
    assert_true(sample_layout(arena, path, &layout, &e));
    assert_int_equal(layout.images.shape.rank, 4);
    assert_memory_equal(layout.images.shape.extent, s.images.extent, 4 * sizeof(int64_t));
    assert_int_equal(layout.points.offset, -1);
    size_t size;
    const char *bytes = content(path, &size);
    assert_memory_equal(bytes + layout.images.offset, s.images.data, N * H * W * C);
    assert_true(sample_read(arena, path, &read, &e));
    assert_int_equal(read.step, 1000);
    assert_memory_equal(read.images.data, s.images.data, N * H * W * C);
    assert_int_equal(read.latents.extent[1], 4);
    assert_int_equal(read.labels.extent[0], N);
    assert_null(read.points.data);
}

static void points_are_samples_too(void **state) {
    (void)state;
    static const float points[][2] = {{0, 1}, {2, 3}, {4, 5}};
    struct sample s = {.step = 1, .points = {NULL, STORE_FLOAT32, 2, {3, 2}, points}}, read;
    struct error e = {0};
    const char *path = sample_path(arena, folder, 1);
    struct sample_layout layout;
    assert_true(sample_write(NULL, path, &s, &e));
    assert_true(sample_layout(arena, path, &layout, &e));
    size_t size;
    assert_memory_equal(content(path, &size) + layout.points.offset, points, sizeof points);
    assert_int_equal(layout.field.offset, -1);
    assert_true(sample_read(arena, path, &read, &e));
    assert_memory_equal(read.points.data, points, sizeof points);
    assert_refused(path, "is not a checkpoint file but a samples file");
}

static void points_may_have_a_field_and_arrows(void **state) {
    (void)state;
    struct error e = {0};
    const char *path = in_folder("field.h5");
    const float points[] = {1, 2, 3, 4}, arrows[] = {5, 6, 7, 8}, x[] = {0.5f, 1.5f, 2.5f},
                y[] = {-1, 1}, field[] = {1, 2, 3, 4, 5, 6};
    const struct sample s = {.step = 3,
                             .points = {NULL, STORE_FLOAT32, 2, {2, 2}, points},
                             .arrows = {NULL, STORE_FLOAT32, 2, {2, 2}, arrows},
                             .field = {NULL, STORE_FLOAT32, 2, {2, 3}, field},
                             .field_x = {NULL, STORE_FLOAT32, 1, {3}, x},
                             .field_y = {NULL, STORE_FLOAT32, 1, {2}, y},
                             .field_network = "judge"};
    struct sample_layout layout;
    struct sample read;
    size_t size;
    assert_true(sample_write(NULL, path, &s, &e));
    assert_true(sample_layout(arena, path, &layout, &e));
    assert_memory_equal(content(path, &size) + layout.field.offset, field, sizeof field);
    assert_memory_equal(content(path, &size) + layout.arrows.offset, arrows, sizeof arrows);
    assert_int_equal(layout.field.shape.extent[1], 3);
    assert_string_equal(layout.field_network, "judge");
    assert_true(layout.field_x[0] == 0.5f && layout.field_x[1] == 1.5f && layout.field_y[1] == 1);
    assert_true(sample_read(arena, path, &read, &e));
    assert_memory_equal(read.arrows.data, arrows, sizeof arrows);
    assert_memory_equal(read.field_x.data, x, sizeof x);
}

static void values_of_any_shape_are_samples_too(void **state) {
    (void)state;
    static const float values[2][2][3] = {{{0, 1, 2}, {3, 4, 5}}, {{6, 7, 8}, {9, 10, 11}}};
    struct sample s = {.step = 1, .values = {NULL, STORE_FLOAT32, 3, {2, 2, 3}, values}}, read;
    struct error e = {0};
    const char *path = sample_path(arena, folder, 1);
    struct sample_layout layout;
    assert_true(sample_write(NULL, path, &s, &e));
    assert_true(sample_layout(arena, path, &layout, &e));
    assert_int_equal(layout.points.offset, -1);
    assert_true(sample_read(arena, path, &read, &e));
    assert_int_equal(read.values.rank, 3);
    assert_memory_equal(read.values.data, values, sizeof values);
    assert_null(read.points.data);
}

static void a_grid_has_a_gap_between_images(void **state) {
    (void)state;
    struct sample s = make_sample();
    struct error e = {0};
    const char *path = in_folder("grid.png");
    assert_true(sample_write_png(NULL, path, &s.images, 0, 1, &e));
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path));
    assert_int_equal(image.width, 3 * (W + 1) - 1); /* 3 x 2 cells for 5 images */
    assert_int_equal(image.height, 2 * (H + 1) - 1);
    image.format = PNG_FORMAT_RGB;
    uint8_t *pixels = arena_alloc(arena, PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    const uint8_t *src = s.images.data;
    size_t line = (size_t)image.width * C;
    assert_memory_equal(pixels, src, W * C);
    assert_memory_equal(pixels + line, src + W * C, W * C);
    assert_memory_equal(pixels + (W + 1) * C, src + H * W * C, W * C); /* the second image */
    assert_memory_equal(pixels + (H + 1) * line, src + (size_t)3 * H * W * C,
                        W * C); /* the fourth, in the next row */
    for (int c = 0; c < C; c++) {
        assert_int_equal(pixels[W * C + c], 255); /* the gap */
        assert_int_equal(pixels[(H + 1) * line + 2 * (W + 1) * C + (size_t)c],
                         255); /* the cell without an image */
    }
}

static void pictures_that_cannot_be_are_refused(void **state) {
    (void)state;
    struct store_array images = {NULL, STORE_UINT8, 4, {1, 1, 1, 5}, "12345"};
    struct error e = {0};
    assert_false(sample_write_png(NULL, in_folder("x.png"), &images, 0, 1, &e));
    assert_non_null(strstr(e.message, "5 channels"));
    images.extent[0] = 0;
    e = (struct error){0};
    assert_false(sample_write_png(NULL, in_folder("x.png"), &images, 0, 1, &e));
    assert_non_null(strstr(e.message, "no image"));
    assert_int_equal(help_count_files(folder), 0);
}

static void bytes_are_the_nearest(void **state) {
    (void)state;
    static const float src[] = {-1, 1, 0, -2, 2, NAN, -0.99f};
    static const uint8_t expected[] = {0, 255, 128, 0, 255, 0, 1};
    uint8_t dst[7];
    sample_to_bytes(src, 7, -1, 1, dst);
    assert_memory_equal(dst, expected, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(images_lie_raw_at_their_offset),
        TEST(points_are_samples_too),
        TEST(points_may_have_a_field_and_arrows),
        TEST(values_of_any_shape_are_samples_too),
        TEST(a_grid_has_a_gap_between_images),
        TEST(pictures_that_cannot_be_are_refused),
        TEST(bytes_are_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
