/* links: language reference */
/* What programs see of images: halves of pairs, crops, mirror images; and how their moves are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/data.h"

#include "tests/collection.h"
#include "tests/play.h"

/* Draws */

static const struct extents stored = {3, {8, 12, 3}};

static void draws_depend_on_seed_epoch_and_number_alone(void **state) {
    (void)state;
    const struct view view = {.flip = true, .padding = 2, .crop = {5, 6}};
    enum { COUNT = 16, NUMBERS = COUNT * VIEW_MOVES };
    int32_t a[NUMBERS], b[NUMBERS];
    view_draw(&view, &stored, 7, 1, 3, COUNT, a);
    view_draw(&view, &stored, 7, 1, 3, COUNT / 2, b);
    assert_memory_equal(a, b, sizeof b / 2);
    for (int i = 0; i < 3; i++) {
        view_draw(&view, &stored, 7 + (i == 0), 1 + (i == 1), 3 + (i == 2), COUNT, b);
        assert_memory_not_equal(a, b, sizeof b);
    }
}

/* Each place is as likely: within five deviations of what is expected. */
static void assert_uniform(const int *counts, int places, int draws) {
    double expected = (double)draws / places;
    for (int i = 0; i < places; i++)
        assert_true(fabs(counts[i] - expected) < 5 * sqrt(expected));
}

static void places_are_drawn_uniformly(void **state) {
    (void)state;
    const struct view view = {.flip = true, .padding = 2, .crop = {5, 6}};
    enum { DRAWS = 20000, ROWS = 8 + 4 - 5 + 1, COLUMNS = 12 + 4 - 6 + 1 };
    static int32_t moves[DRAWS * VIEW_MOVES];
    int top[ROWS] = {0}, left[COLUMNS] = {0}, flip[2] = {0};
    view_draw(&view, &stored, 1, 0, 1, DRAWS, moves);
    for (int i = 0; i < DRAWS; i++) {
        const int32_t *move = moves + i * VIEW_MOVES;
        assert_in_range(move[VIEW_TOP], 0, ROWS - 1);
        assert_in_range(move[VIEW_LEFT], 0, COLUMNS - 1);
        assert_in_range(move[VIEW_FLIP], 0, 1);
        top[move[VIEW_TOP]]++;
        left[move[VIEW_LEFT]]++;
        flip[move[VIEW_FLIP]]++;
    }
    assert_uniform(top, ROWS, DRAWS);
    assert_uniform(left, COLUMNS, DRAWS);
    assert_uniform(flip, 2, DRAWS);
}

static void what_is_not_wanted_is_not_drawn(void **state) {
    (void)state;
    const struct view crop = {.crop = {8, 12}}, none = {0}, pair = {.pairs = PAIRS_LEFT};
    int32_t moves[4 * VIEW_MOVES], zeros[4 * VIEW_MOVES] = {0};
    view_draw(&crop, &stored, 1, 0, 1, 4, moves);
    assert_memory_equal(moves, zeros, sizeof zeros);
    assert_false(view_moves(&none) || view_moves(&pair));
    struct extents half = view_shape(&pair, &stored);
    assert_int_equal(half.extent[1], 6);
}

/* Programs */

enum { HEIGHT = 3, WIDTH = 4 };

/* Two images of one channel, whose pixels are 1 + 12 * image + 4 * row + column, or pairs of such. */
static const char *put_images(struct fixture *f, int pairs) {
    for (int i = 0; i < 2; i++) {
        png_image image = {.version = PNG_IMAGE_VERSION,
                           .width = (png_uint_32)(WIDTH * pairs),
                           .height = HEIGHT,
                           .format = PNG_FORMAT_GRAY};
        uint8_t pixels[HEIGHT * WIDTH * 2];
        for (int k = 0; k < HEIGHT * WIDTH * pairs; k++)
            pixels[k] = (uint8_t)(1 + HEIGHT * WIDTH * pairs * i + k);
        const char *path = arena_format(f->arena, "%s/%d.png", f->folder, i);
        assert_true(png_image_write_to_file(&image, path, 0, pixels, 0, NULL));
    }
    return f->folder;
}

/* Reads the byte of a pixel of the only image of a batch. */
static int pixel(struct play *p, const char *value, int row, int column) {
    char name[32];
    snprintf(name, sizeof name, "%s_%d_%d", value, row, column);
    return (int)lround((play_metric(p, name) + 1) * 255 / 2);
}

/* A game that reports each pixel of x, and of the condition of pairs. */
static void open_game(struct fixture *f, struct play *p, int pairs, const char *options, int height,
                      int width) {
    struct text text = {0};
    text_format(&text,
                "data: {source: images, path: %s, cache: false, colours: grey, batch: 1, shuffle: "
                "false%s}\ntrain: {steps: 1}\noptimizer: sgd\n"
                "networks: {d: {inputs: [x], layers: [flatten, {linear: 1}]}}\n"
                "game:\n  phases:\n    d:\n      minimize: mean(d(x))\n      report:\n",
                put_images(f, pairs), options);
    for (int k = 0; k < pairs; k++)
        for (int i = 0; i < height * width; i++)
            text_format(&text, "        %s_%d_%d: \"mean(%s[%d, %d])\"\n", k ? "c" : "x", i / width,
                        i % width, k ? "condition" : "x", i / width, i % width);
    assert_true(play_open(p, text_get(&text)));
    text_release(&text);
}

/* Runs it with these moves and compares all pixels with what they must be: image `image`, of rows as long as
 * `row`, from column `first` of it on. */
static void expect_moved(struct play *p, const char *value, const int32_t moves[VIEW_MOVES],
                         int height, int width, int padding, int image, int row, int first) {
    memcpy(p->streams[0].moves, moves, VIEW_MOVES * sizeof *moves);
    p->streams[0].index[0] = image;
    assert_true(play_run(p, 0, 0));
    const struct experiment_data *data = &p->experiment->data[0];
    uint8_t pixels[HEIGHT * WIDTH * 2], x_alone[HEIGHT * WIDTH];
    for (int k = 0; k < HEIGHT * row; k++)
        pixels[k] = (uint8_t)(1 + HEIGHT * row * image + k);
    view_take(&data->view, &data->dataset.shape, moves, pixels, x_alone);
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++) {
            int y = moves[VIEW_TOP] + i - padding;
            int x = moves[VIEW_LEFT] + (moves[VIEW_FLIP] ? width - 1 - j : j) - padding;
            bool inside = y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH;
            int expected = inside ? 1 + HEIGHT * row * image + y * row + first + x : 0;
            assert_int_equal(pixel(p, value, i, j), expected);
            if (*value == 'x') assert_int_equal(x_alone[i * width + j], expected);
        }
}

static void crops_and_mirror_images_are_gathered(void **state) {
    struct play p;
    open_game(*state, &p, 1, ", flip: true, random_crop: [2, 3]", 2, 3);
    for (int32_t image = 0; image < 2; image++)
        for (int32_t top = 0; top < 2; top++)
            for (int32_t left = 0; left < 2; left++)
                for (int32_t flip = 0; flip < 2; flip++)
                    expect_moved(&p, "x", (int32_t[]){top, left, flip}, 2, 3, 0, image, WIDTH, 0);
    play_close(&p);
}

static void what_is_outside_is_black(void **state) {
    struct play p;
    open_game(*state, &p, 1, ", flip: true, padding: 2", HEIGHT, WIDTH);
    for (int32_t top = 0; top <= 4; top++)
        for (int32_t left = 0; left <= 4; left++)
            expect_moved(&p, "x", (int32_t[]){top, left, top % 2}, HEIGHT, WIDTH, 2, 1, WIDTH, 0);
    play_close(&p);
}

static void halves_are_moved_alike(void **state) {
    static const char *const options[] = {", pairs: left", ", pairs: right"};
    for (int right = 0; right < 2; right++) {
        struct play p;
        char text[64];
        snprintf(text, sizeof text, "%s, flip: true", options[right]);
        open_game(*state, &p, 2, text, HEIGHT, WIDTH);
        for (int32_t flip = 0; flip < 2; flip++) {
            const int32_t moves[] = {0, 0, flip};
            expect_moved(&p, "x", moves, HEIGHT, WIDTH, 0, 1, 2 * WIDTH, right ? WIDTH : 0);
            expect_moved(&p, "c", moves, HEIGHT, WIDTH, 0, 1, 2 * WIDTH, right ? 0 : WIDTH);
        }
        play_close(&p);
        open_game(*state, &p, 2, options[right], HEIGHT, WIDTH);
        expect_moved(&p, "c", (int32_t[]){0, 0, 0}, HEIGHT, WIDTH, 0, 0, 2 * WIDTH,
                     right ? 0 : WIDTH);
        play_close(&p);
    }
}

static void phases_that_see_all_take_no_moves(void **state) {
    struct play p;
    open_game(*state, &p, 1, "", HEIGHT, WIDTH);
    assert_true(p.game->phases[0].program.streams[0].moves_input < 0);
    play_close(&p);
    open_game(*state, &p, 1, ", flip: true", HEIGHT, WIDTH);
    assert_true(p.game->phases[0].program.streams[0].moves_input >= 0);
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(draws_depend_on_seed_epoch_and_number_alone),
        TEST(places_are_drawn_uniformly),
        TEST(what_is_not_wanted_is_not_drawn),
        TEST(crops_and_mirror_images_are_gathered),
        TEST(what_is_outside_is_black),
        TEST(halves_are_moved_alike),
        TEST(phases_that_see_all_take_no_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
