/* links: datasets base */
/*
 * Images: what the decoders give, how it is turned, cropped and resized, and what is refused.
 *
 * The files of tests/images were written by Pillow 13; the digests are those of what Pillow and
 * NumPy make of them: convert('RGB'), exif_transpose, alpha on white, 16 bits divided by 257 and rounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "datasets/fit.h"
#include "datasets/hash.h"
#include "datasets/resize.h"
#include "files/file.h"
#include "tests/data.h"

enum { PIXELS_MOST = 1 << 20 };

/* The bytes of a file of tests/images. */
static const char *corpus(struct fixture *f, const char *name, size_t *size) {
    struct error error = {0};
    const char *path = arena_format(f->arena, "tests/images/%s", name);
    const char *bytes = file_read(f->arena, path, 1 << 20, size, &error);
    if (!bytes) fail_msg("%s", error.message);
    return bytes;
}

static void assert_image(const struct image *image, int64_t height, int64_t width, int channels,
                         const char *digest) {
    char found[SHA256_TEXT];
    assert_int_equal(image->height, height);
    assert_int_equal(image->width, width);
    assert_int_equal(image->channels, channels);
    struct hash *hash = hash_begin();
    hash_add(hash, image->pixels, (size_t)(height * width * channels));
    hash_end(hash, found);
    assert_string_equal(found, digest);
}

/* Decodes and fits; fails where that fails. */
static const struct image *fitted(struct fixture *f, const char *name, const struct fit *fit,
                                  struct image *image, struct fit_room *room) {
    size_t size;
    const char *bytes = corpus(f, name, &size);
    struct error error = {0};
    if (!image_decode(image, bytes, size, PIXELS_MOST, &error))
        fail_msg("%s: %s", name, error.message);
    const struct image *example = image_fit(image, fit, room, &error);
    if (!example) fail_msg("%s: %s", name, error.message);
    return example;
}

static void images_of_all_kinds_are_as_pillow_has_them(void **state) {
    static const struct {
        const char *name;
        int channels;
        int64_t height, width;
        const char *digest;
    } cases[] = {
        {"jpeg/colour.jpg", 3, 13, 19,
         "dfdd86e7fa4948a88146a40649aa7f09bc6ba7994e29f679a31a917d0d4f2971"},
        {"jpeg/progressive.jpg", 3, 13, 19,
         "dfdd86e7fa4948a88146a40649aa7f09bc6ba7994e29f679a31a917d0d4f2971"},
        {"jpeg/grey.jpg", 3, 13, 19,
         "0266aa725f7bba72271dd9add5eb8f80266235714c63e73651c32fbb8cbd4d40"},
        {"jpeg/colour.jpg", 1, 13, 19,
         "2b9297d1df811d6f3fa1ec8cd0245fceab22a4dc93f71df55ee67554d693b64f"},
        {"jpeg/cmyk.jpg", 3, 13, 19,
         "16f30fc68a6b464705401f61aa5d6a3875772e7a9da8f04678515e2e8fe9ece1"},
        {"jpeg/orientation-6.jpg", 3, 19, 13,
         "db3eff0ccce0c4b88a424690cad2eb0907ef9513c4953b30ff878efa4e6e3395"},
        {"png/rgb.png", 3, 7, 5,
         "38759a56cf844feeeb2efda734c02a30d55eb23ad870dca1967ef0f68ebf8b3b"},
        {"png/grey.png", 3, 7, 5,
         "4d286e893382b3bf9479ed136861dcd3a98e99f67921191cc92e89024828524a"},
        {"png/grey-16.png", 3, 7, 5,
         "2faeb6ec123b89b8f320bc17a12b8a803bd8941e809c4f09162d26a9b12cd5fa"},
        {"png/palette.png", 3, 7, 5,
         "f41f359fa119a8c48b83b87ecb1f2a06bde2a2eb0c2fb5dc4d32eace9f687926"},
        {"png/palette-transparent.png", 3, 7, 5,
         "c0f9689fca25bb7608b167edcd00933dd6cfa888ccbb3f8d41f427dc15873cb0"},
        {"png/rgba.png", 3, 7, 5,
         "f8026fb105e19ccb89acdf78dbaca8bdefcede324e974f82ed3f3014825ea4a6"},
        {"png/grey-alpha.png", 3, 7, 5,
         "9e111f30d82258cafb25910b54d61b10cdc8bd1a9724823e0240c1e510d906d9"},
        {"png/bits.png", 3, 7, 5,
         "c1ec604f2840a9bf5d999962612669b0a088c062c9248b8190a17955d8270ebd"},
        {"png/orientation-8.png", 3, 5, 7,
         "e2f797d8c2ab2f84c5e61cf67b7ba7e614f079d86b47664f81d63925e0516298"},
    };
    struct image image = {0};
    struct fit_room room = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fit fit = {.channels = cases[i].channels};
        print_message("%s\n", cases[i].name);
        assert_image(fitted(*state, cases[i].name, &fit, &image, &room), cases[i].height,
                     cases[i].width, cases[i].channels, cases[i].digest);
    }
    image_release(&image);
    fit_room_release(&room);
}

/* (x * 37 + y * 91 + c * 53 + x * y * 3) mod 256 */
static struct image pattern(int64_t height, int64_t width) {
    struct image image = {0};
    image_resize(&image, width, height, 3);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.pixels[(y * width + x) * 3 + c] =
                    (uint8_t)(x * 37 + y * 91 + c * 53 + x * y * 3);
    return image;
}

static void every_orientation_is_turned_upright(void **state) {
    (void)state;
    static const char *const digests[] = {
        "38759a56cf844feeeb2efda734c02a30d55eb23ad870dca1967ef0f68ebf8b3b",
        "d0a684c05f9786cfefd64a072e34a4e4565577ca1d489680ae50f1576e0b3f43",
        "838ab1062e49d45d33572567789690f57ddb68faca44764caa8634e792f505ba",
        "574bab1ec4cd1982851794552dcbd3eb55f72631fa878f2a84f35fd0b78cdf49",
        "3d909138332be567e2227e3f7ceb2bb2f91ea86c2cde8c7124e41291c474b3ce",
        "a1fc2cbdd06ad2d94c0a77e16b4dc8564640c9b1cc3c180ed060ef4136f48d9b",
        "e30f393d716f659c3177921d99b7b615a3e1148eabb766af2c6ce61d0108867d",
        "e2f797d8c2ab2f84c5e61cf67b7ba7e614f079d86b47664f81d63925e0516298",
    };
    struct fit_room room = {0};
    const struct fit fit = {.channels = 3};
    struct error error = {0};
    for (int i = 0; i < 8; i++) {
        struct image image = pattern(7, 5);
        image.orientation = i + 1;
        assert_image(image_fit(&image, &fit, &room, &error), i < 4 ? 7 : 5, i < 4 ? 5 : 7, 3,
                     digests[i]);
        image_release(&image);
    }
    fit_room_release(&room);
}

static void resizing_gives_pillows_bytes(void **state) {
    (void)state;
    static const struct {
        int64_t width, height;
        uint8_t middle[3], last[3];
        const char *digest;
    } cases[] = {
        {16,
         16,
         {123, 141, 117},
         {116, 164, 109},
         "4abc6fff7c89d6d684f308ee43b380ac184a19ffff9fce4e48bdf6c40ec97ccb"},
        {20,
         11,
         {142, 138, 108},
         {124, 155, 114},
         "0a5874ec7d8bad97be8cd964ed1da069b02ebbb5a18704dbf1a06b84391072f9"},
        {106,
         80,
         {167, 171, 62},
         {64, 117, 170},
         "7aaff29676502420bf39d5f6eb9b110009116a476756422d31ecddab7ce58dea"},
        {53,
         9,
         {162, 137, 94},
         {82, 135, 188},
         "d53606d20d3a4f9c581ef04c26e9cf0555e4850165c9abd75ee0fa5cde31a5a3"},
        {7,
         37,
         {146, 133, 125},
         {136, 130, 137},
         "c01120684427d296badcb781fd3845a711590c2e9871a598a8eb358ad255baa3"},
        {1,
         1,
         {127, 127, 127},
         {127, 127, 127},
         "4977021028c4a74c2bca8061786cd88afc96837ef6007265acc4f8cda2d945e0"},
    };
    struct image src = pattern(37, 53), between = {0}, dst = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t width = cases[i].width, height = cases[i].height;
        resize_image(&src, &(struct resize_side){width, 0, width},
                     &(struct resize_side){height, 0, height}, &between, &dst);
        assert_memory_equal(dst.pixels + (height / 2 * width + width / 2) * 3, cases[i].middle, 3);
        assert_memory_equal(dst.pixels + (height * width - 1) * 3, cases[i].last, 3);
        assert_image(&dst, height, width, 3, cases[i].digest);
    }
    image_release(&src);
    image_release(&between);
    image_release(&dst);
}

/* The pixel of the pattern that is at the corner of what is cut out. */
static void assert_corner(const struct image *image, int64_t y, int64_t x) {
    for (int c = 0; c < 3; c++)
        assert_int_equal(image->pixels[c], (uint8_t)(x * 37 + y * 91 + c * 53 + x * y * 3));
}

static void crops_are_cut_from_the_middle(void **state) {
    (void)state;
    struct fit_room room = {0};
    struct error error = {0};
    struct image image = pattern(37, 53);
    /* 37 - 10 = 27, a half of which is 13.5 and rounds to 14; 53 - 20 = 33: 16.5 to 16, as in torchvision */
    struct fit fit = {.channels = 3, .crop = {10, 20}};
    const struct image *example = image_fit(&image, &fit, &room, &error);
    assert_int_equal(example->height, 10);
    assert_int_equal(example->width, 20);
    assert_corner(example, 14, 16);
    fit = (struct fit){.channels = 3, .crop = {10, 20}, .size = {5, 5}};
    image_release(&image);
    image = pattern(37, 53);
    example = image_fit(&image, &fit, &room, &error);
    assert_int_equal(example->height, 5);
    assert_int_equal(example->width, 5);
    fit = (struct fit){.channels = 3, .crop = {38, 20}};
    image_release(&image);
    image = pattern(37, 53);
    assert_null(image_fit(&image, &fit, &room, &error));
    assert_string_equal(error.message,
                        "it is 53 wide and 37 high, too small for a 'crop' of [38, 20]");
    image_release(&image);
    fit_room_release(&room);
}

static void a_size_is_covered_then_cut(void **state) {
    (void)state;
    struct fit_room room = {0};
    struct error error = {0};
    /* the shorter side becomes 37: no resizing, a cut of 16 / 2 columns */
    struct image image = pattern(37, 53);
    struct fit fit = {.channels = 3, .size = {37, 37}};
    const struct image *example = image_fit(&image, &fit, &room, &error);
    assert_corner(example, 0, 8);
    image_release(&image);
    /* [20, 53] is covered by the image as it is: rows are cut */
    image = pattern(37, 53);
    fit = (struct fit){.channels = 3, .size = {20, 53}};
    example = image_fit(&image, &fit, &room, &error);
    assert_int_equal(example->height, 20);
    assert_corner(example, 8, 0);
    image_release(&image);
    fit_room_release(&room);
}

/* Of what covers the size only the middle is made, which is all of an image of 2,000,000x1 that there is memory
 * for. The digests are those of Pillow's resize(…).crop(…). */
static void however_odd_an_image_is_only_the_size_is_made(void **state) {
    (void)state;
    static const struct {
        int64_t height, width, size[2];
        const char *digest; /* NULL: too large for Pillow */
    } cases[] = {
        {37, 53, {16, 16}, "a30ff72550c17cf22a0708780f8008c513f1f28c9d1063c324a71f31bc2c615a"},
        {53, 37, {16, 24}, "2077571de0ba08d6954e192d06e4ca9bc85b546986e4128852faae81612c6140"},
        {37, 53, {64, 80}, "d325f74521ddba74fcecf05a23d973ac6cced1516d0866b93118d22930d8d78d"},
        {4, 10000, {64, 64}, "2a728086c082633e645a378e14369c5f5769bedd57806027bc790577de40997d"},
        {10000, 4, {48, 64}, "b60e7be3d46c9395e1d8f96ac45c24fbb884dee0702bff54fcfb3de21aaa3378"},
        {1, 60000, {64, 64}, "c7b1011a012460b43affa9ec302a3af1e0c3a1fb44952640365ce4482d4e9237"},
        {50000, 1, {8, 64}, "331f316bb86f8269114b300ee1328285f93ffd4137fb5eac9c80c231f687378d"},
        {300, 5000, {32, 32}, "90a74a2798f7bc6fe9eb4f47716ae925e63fd26f2e562ceba70ae959ec64c3d5"},
        {1, 2000000, {64, 64}, NULL},
        {2000000, 1, {64, 64}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fit_room room = {0};
        struct error error = {0};
        const int64_t *size = cases[i].size;
        struct fit fit = {.channels = 3, .size = {size[0], size[1]}};
        struct image image = pattern(cases[i].height, cases[i].width);
        const struct image *example = image_fit(&image, &fit, &room, &error);
        assert_int_equal(example->height, size[0]);
        assert_int_equal(example->width, size[1]);
        if (cases[i].digest) assert_image(example, size[0], size[1], 3, cases[i].digest);
        size_t taken = 0;
        for (int j = 0; j < 4; j++)
            taken += room.image[j].room;
        assert_in_range(taken, 0, 2 * image.room + (size_t)(6 * size[0] * size[1]));
        image_release(&image);
        fit_room_release(&room);
    }
}

static void halves_of_a_pair_are_fitted_apart(void **state) {
    (void)state;
    struct fit_room room = {0};
    struct error error = {0};
    struct image image = pattern(10, 40);
    struct fit fit = {.channels = 3, .size = {10, 10}, .pair = true};
    const struct image *example = image_fit(&image, &fit, &room, &error);
    assert_int_equal(example->height, 10);
    assert_int_equal(example->width, 20);
    assert_corner(example, 0, 5);
    const struct image right = {.pixels = example->pixels + 30};
    assert_corner(&right, 0, 25);
    image_release(&image);
    image = pattern(10, 41);
    assert_null(image_fit(&image, &fit, &room, &error));
    assert_string_equal(error.message, "it is 41 pixels wide, which has no halves");
    image_release(&image);
    fit_room_release(&room);
}

/* Refusing */

static void expect_wrong(const void *bytes, size_t size, int64_t max_pixels, const char *message) {
    struct image image = {0};
    struct error error = {0};
    assert_false(image_decode(&image, bytes, size, max_pixels, &error));
    assert_int_equal(error.status, STATUS_DATA);
    if (strncmp(error.message, message, strlen(message)) != 0)
        fail_msg("'%s', expected '%s'", error.message, message);
    image_release(&image);
}

static void files_that_are_cut_are_refused_wherever_they_are_cut(void **state) {
    static const char *const names[] = {"jpeg/colour.jpg", "jpeg/progressive.jpg", "png/rgba.png",
                                        "png/palette.png"};
    struct image image = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size;
        const char *bytes = corpus(*state, names[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            struct error error = {0};
            char *part = malloc(cut + 1); /* so that reading beyond it is seen */
            memcpy(part, bytes, cut);
            assert_false(image_decode(&image, part, cut, PIXELS_MOST, &error));
            assert_int_equal(error.status, STATUS_DATA);
            free(part);
        }
    }
    image_release(&image);
}

static void damage_is_told(void **state) {
    size_t size;
    const char *jpeg = corpus(*state, "jpeg/colour.jpg", &size);
    expect_wrong(jpeg, size - 100, PIXELS_MOST, "it is cut or damaged: Premature end of JPEG file");
    const char *png = corpus(*state, "png/rgb.png", &size);
    expect_wrong(png, size - 20, PIXELS_MOST, "it is cut: its data end too early");
    char *damaged = memcpy(malloc(size), png, size);
    damaged[50] ^= 1;
    expect_wrong(damaged, size, PIXELS_MOST, "it cannot be decoded: ");
    free(damaged);
    expect_wrong("GIF89a", 6, PIXELS_MOST,
                 "it is neither JPEG nor PNG: it begins with 47 49 46 38");
    expect_wrong("", 0, PIXELS_MOST, "it is empty");
}

static void an_image_that_says_it_is_too_large_takes_no_memory(void **state) {
    /* A PNG that announces 1,000,000 x 1,000,000 pixels, with the check sum of its header. */
    static const uint8_t bomb[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                   13,   'I',  'H', 'D', 'R',  0,    0x0f, 0x42, 0x40, 0,    0x0f,
                                   0x42, 0x40, 8,   6,   0,    0,    0,    0x5c, 0x6d, 0x38, 0x7d,
                                   0,    0,    0,   10,  'I',  'D',  'A',  'T'};
    size_t size;
    const char *jpeg = corpus(*state, "jpeg/colour.jpg", &size);
    expect_wrong(
        bomb, sizeof bomb, PIXELS_MOST,
        "it says that it is 1000000x1000000, more than the 1048576 pixels of 'max_pixels'");
    expect_wrong(jpeg, size, 100,
                 "it says that it is 19x13, more than the 100 pixels of 'max_pixels'");
}

static void exif_is_read_without_trust(void **state) {
    (void)state;
    static const uint8_t big[] = {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,
                                  1,   0x12, 0, 3,  0, 0, 0, 1, 0, 5};
    static const uint8_t little[] = {'I',  'I', 42, 0, 8, 0, 0, 0, 1, 0,
                                     0x12, 1,   3,  0, 1, 0, 0, 0, 7, 0};
    assert_int_equal(exif_orientation(big, sizeof big), 5);
    assert_int_equal(exif_orientation(little, sizeof little), 7);
    for (size_t size = 0; size < sizeof big; size++) {
        uint8_t *part = memcpy(malloc(size + 1), big, size);
        assert_int_equal(exif_orientation(part, size), 1);
        free(part);
    }
    uint8_t far[sizeof big];
    memcpy(far, big, sizeof big);
    memset(far + 4, 0xff, 4); /* the tags are said to be elsewhere */
    assert_int_equal(exif_orientation(far, sizeof far), 1);
    memcpy(far, big, sizeof big);
    far[19] = 9; /* there is no such orientation */
    assert_int_equal(exif_orientation(far, sizeof far), 1);
    memcpy(far, big, sizeof big);
    far[13] = 4; /* it is no short */
    assert_int_equal(exif_orientation(far, sizeof far), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(images_of_all_kinds_are_as_pillow_has_them),
        TEST(every_orientation_is_turned_upright),
        TEST(resizing_gives_pillows_bytes),
        TEST(crops_are_cut_from_the_middle),
        TEST(a_size_is_covered_then_cut),
        TEST(however_odd_an_image_is_only_the_size_is_made),
        TEST(halves_of_a_pair_are_fitted_apart),
        TEST(files_that_are_cut_are_refused_wherever_they_are_cut),
        TEST(damage_is_told),
        TEST(an_image_that_says_it_is_too_large_takes_no_memory),
        TEST(exif_is_read_without_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
