/* links: canvas base */
/* Pictures in characters: cells and colours, axes that tell the truth, samples in their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "runner/chart.h"
#include "runner/chart_axis.h"

static struct arena *arena;
static const struct canvas_style plain = {COLOURS_NONE, false}, braille = {COLOURS_NONE, true},
                                 all = {COLOURS_ALL, true}, few = {COLOURS_256, true},
                                 ground = {COLOURS_256, false};

static int setup(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *printed(const struct canvas *canvas, const struct canvas_style *style) {
    struct text text = {0};
    canvas_print(canvas, style, "\n", &text);
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

static void text_is_cut_and_blanks_are_left_out(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(arena, 2, 6);
    canvas_text(canvas, 0, 1, 3, "abcd", COLOUR_OWN);
    canvas_text(canvas, 1, 4, 9, "┤é\033", 0xff0000);
    canvas_text(canvas, 2, 0, 9, "outside", COLOUR_OWN);
    assert_string_equal(printed(canvas, &braille), " abc\n    ┤é\n");
    assert_string_equal(printed(canvas, &plain), " abc\n    +?\n");
    assert_string_equal(printed(canvas, &all), " abc\n    \033[38;2;255;0;0m┤é\033[39m\n");
    canvas_text(canvas, 0, 0, 1, "\033", COLOUR_OWN);
    assert_string_equal(printed(canvas, &braille), "?abc\n    ┤é\n");
}

static void dots_are_braille_patterns(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(arena, 1, 9);
    struct box box = {0, 0, 1, 9};
    for (int i = 0; i < 8; i++) /* one dot a cell */
        canvas_dot(canvas, &box, 2 * i + i / 4, i % 4, COLOUR_OWN);
    canvas_dot(canvas, &box, 16, 0, COLOUR_OWN);
    canvas_dot(canvas, &box, 17, 3, COLOUR_OWN);
    canvas_dot(canvas, &box, 18, 3, COLOUR_OWN);
    canvas_dot(canvas, &box, 0, -1, COLOUR_OWN);
    assert_string_equal(printed(canvas, &braille), "⠁⠂⠄⡀⠈⠐⠠⢀⢁\n");
    assert_string_equal(printed(canvas, &plain), "''..''..:\n");
}

static void pixels_are_half_blocks(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(arena, 1, 3);
    struct box box = {0, 0, 1, 3};
    canvas_pixel(canvas, &box, 0, 0, 0x0a141e);
    canvas_pixel(canvas, &box, 0, 1, 0xffffff);
    canvas_pixel(canvas, &box, 1, 0, 0xffffff);
    canvas_pixel(canvas, &box, 2, 1, 0x0a141e);
    assert_string_equal(printed(canvas, &all), "\033[38;2;10;20;30m\033[48;2;255;255;255m▀"
                                               "\033[38;2;255;255;255m\033[49m▀"
                                               "\033[38;2;10;20;30m▄\033[39m\n");
    assert_string_equal(printed(canvas, &few), "\033[38;5;233m\033[48;5;231m▀"
                                               "\033[38;5;231m\033[49m▀"
                                               "\033[38;5;233m▄\033[39m\n");
    assert_string_equal(printed(canvas, &ground),
                        "\033[48;5;245m \033[48;5;231m \033[48;5;233m \033[49m\n");
    assert_string_equal(printed(canvas, &plain),
                        "+@ \n"); /* half a cell is as bright as its pixel */
}

static void the_nearest_of_256_colours_is_taken(void **state) {
    (void)state;
    static const struct {
        int32_t colour;
        int nearest;
    } cases[] = {{0x000000, 16},  {0xffffff, 231}, {0xff0000, 196}, {0x0000ff, 21}, {0x5f87af, 67},
                 {0x808080, 244}, {0x080808, 232}, {0xeeeeee, 255}, {0x303030, 236}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(canvas_colour_256(cases[i].colour), cases[i].nearest);
}

static void an_axis_ends_at_round_numbers_around_all_values(void **state) {
    (void)state;
    const double some[] = {NAN, 0.31, 1.28, INFINITY}, same[] = {3, 3}, wide[] = {0.02, 300};
    struct axis axis = axis_around(some, 4, 5);
    assert_true(fabs(axis.low - 0) < 1e-12 && fabs(axis.high - 1.5) < 1e-12);
    assert_int_equal(axis_dot(&axis, 1.5, 20), 0);
    assert_int_equal(axis_dot(&axis, 0, 20), 19);
    axis = axis_around(same, 2, 5);
    assert_true(axis.low < 3 && axis.high > 3);
    axis = axis_around(wide, 2, 10);
    assert_true(axis.logarithmic && axis.low == -2 && axis.high == 3);
    assert_int_equal(axis_dot(&axis, 0.01, 41), 40);
    assert_int_equal(axis_dot(&axis, 1000, 41), 0);
    assert_int_equal(axis_dot(&axis, 1, 41), 24);
    axis = axis_around(NULL, 0, 5);
    assert_true(axis.low < axis.high);
}

static const char *chart_of(int count, const double *value, int rows, int columns) {
    struct canvas *canvas = canvas_new(arena, rows, columns);
    int64_t *step = ARENA_ARRAY(arena, int64_t, count);
    for (int i = 0; i < count; i++)
        step[i] = 1000 * (i + 1);
    struct chart chart = {.arena = arena,
                          .name = "loss",
                          .count = count,
                          .step = step,
                          .value = value,
                          .first = 0,
                          .last = 1000 * count,
                          .colour = COLOUR_MADE};
    chart_draw(canvas, &(struct box){0, 0, rows, columns}, &chart);
    return printed(canvas, &plain);
}

static void a_curve_goes_through_its_values(void **state) {
    (void)state;
    const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, none[] = {NAN, INFINITY};
    assert_string_equal(chart_of(9, rising, 6, 30), "loss 8\n"
                                                    "      8+                 ...''\n"
                                                    "       |             ..'''\n"
                                                    "       |      ...''''\n"
                                                    "      0+  ..:''\n"
                                                    "        0        step    9,000\n");
    assert_non_null(strstr(chart_of(2, none, 6, 30), "no values yet"));
    double *many = ARENA_ARRAY(arena, double, 10000); /* means, not some of the values */
    for (int i = 0; i < 10000; i++)
        many[i] = i % 2 ? 2 : 4;
    const char *chart = chart_of(10000, many, 6, 60);
    assert_non_null(strstr(chart, "   3.02+"));
    assert_non_null(strstr(chart, "   2.97+"));
    assert_non_null(strstr(chart, "means of up to 98 values"));
}

static void images_stand_in_rows_and_keep_their_colours(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(arena, 8, 33);
    uint8_t images[3][16][16][3];
    for (int i = 0; i < 3; i++)
        for (int pixel = 0; pixel < 256; pixel++)
            for (int c = 0; c < 3; c++)
                images[i][pixel / 16][pixel % 16][c] = (uint8_t)(i == c ? 255 : 0);
    struct gallery gallery = {&images[0][0][0][0], 3, 16, 16, 3};
    assert_int_equal(gallery_draw(canvas, &(struct box){0, 0, 8, 33}, &gallery), 2);
    assert_int_equal(canvas->cell[0].colour, 0xff0000);
    assert_int_equal(canvas->cell[7 * 33 + 15].lower, 0xff0000);
    assert_int_equal(canvas->cell[16].kind, CELL_TEXT);
    assert_int_equal(canvas->cell[17].colour, 0x00ff00);
    canvas = canvas_new(arena, 70, 200); /* twice as large where there is room */
    assert_int_equal(gallery_draw(canvas, &(struct box){0, 0, 70, 200}, &gallery), 3);
    assert_int_equal(canvas->cell[31].colour, 0xff0000);
    /* one that is too large is made smaller, by means */
    uint8_t board[64][64][1];
    for (int i = 0; i < 64 * 64; i++)
        board[i / 64][i % 64][0] = (i / 64 + i % 64) % 2 ? 200 : 100;
    gallery = (struct gallery){&board[0][0][0], 1, 64, 64, 1};
    canvas = canvas_new(arena, 16, 40);
    assert_int_equal(gallery_draw(canvas, &(struct box){0, 0, 16, 40}, &gallery), 1);
    assert_int_equal(canvas->cell[0].colour, 0x969696);
    assert_int_equal(canvas->cell[31].colour, 0x969696);
    assert_int_equal(canvas->cell[32].kind, CELL_TEXT);
}

static void points_lie_where_they_are(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(arena, 9, 32);
    const float real[] = {-1, -1, 1, 1}, made[] = {0, 0, 1, -1, 50, 50, NAN, 0};
    struct scatter scatter = {.made = made,
                              .real = real,
                              .made_count = 4,
                              .real_count = 2,
                              .coordinates = 2,
                              .colours = true};
    scatter_draw(canvas, &(struct box){0, 0, 9, 32}, &scatter);
    /* 0.08 to a dot: (1, 1) lies on dot (36, 3) of 48 x 32, (0, 0) on (24, 16) */
    assert_string_equal(printed(canvas, &braille), "   1.24┤                  ⡀\n"
                                                   "       │\n"
                                                   "       │\n"
                                                   "       │\n"
                                                   "       │            ⠁\n"
                                                   "       │\n"
                                                   "       │\n"
                                                   "  -1.24┤     ⠈            ⠁\n"
                                                   "        -1.88               1.88\n");
    const char *colours = printed(canvas, &all);
    assert_non_null(strstr(colours, "\033[38;2;230;159;0m⡀")); /* real */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(text_is_cut_and_blanks_are_left_out),
        TEST(dots_are_braille_patterns),
        TEST(pixels_are_half_blocks),
        TEST(the_nearest_of_256_colours_is_taken),
        TEST(an_axis_ends_at_round_numbers_around_all_values),
        TEST(a_curve_goes_through_its_values),
        TEST(images_stand_in_rows_and_keep_their_colours),
        TEST(points_lie_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
