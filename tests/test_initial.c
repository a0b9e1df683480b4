/* links: language reference */
/* How weights begin: the mean, deviation and bounds of each initialiser, matrices that are orthogonal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/language.h"

enum { ROWS = 100, COLUMNS = 60 };

/* The beginning of a parameter of this shape. */
static void begin(const char *init, const char *shape, uint64_t seed, double *values) {
    struct play p;
    char text[512];
    snprintf(text, sizeof text,
             "name: test\ntrain: {steps: 1}\noptimizer: sgd\n"
             "networks: {f: {layers: [{parameter: {shape: %s, init: \"%s\"}, as: w}]}}\n"
             "game: {phases: {f: {minimize: sum(f())}}}\n",
             shape, init);
    play_read(&p, text);
    if (!p.game) diagnostics_print(&p.diagnostics, stderr, false);
    assert_non_null(p.game);
    game_initial(p.game, play_variable(&p, "f/w/value"), seed, values);
    play_close(&p);
}

static void initialisers_have_their_moments(void **state) {
    (void)state;
    static const struct {
        const char *init;
        double mean, deviation, most; /* most: the largest distance from the mean; 0: any */
    } cases[] = {
        {"fan_in", 0, 0.1 / 1.7320508, 0.1},
        {"normal(0.02)", 0, 0.02, 0},
        {"normal(3, 0.5)", 3, 0.5, 0},
        {"truncated_normal(0.5)", 0, 0.5 * 0.87962566, 1},
        {"truncated_normal(-1, 2)", -1, 2 * 0.87962566, 4},
        {"uniform(0.3)", 0, 0.3 / 1.7320508, 0.3},
        {"uniform(1, 3)", 2, 1 / 1.7320508, 1},
        {"he", 0, 0.14142136, 0},
        {"he_uniform(0.2)", 0, 0.13867505, 0.13867505 * 1.7320509},
        {"glorot", 0, 0.1118034, 0.1118034 * 1.7320509},
        {"glorot_normal(2)", 0, 2 * 0.1118034, 0},
        {"lecun", 0, 0.1, 0},
        {"lecun_normal", 0, 0.1, 0},
        {"lecun_uniform", 0, 0.1, 0.17320509},
    };
    static double values[ROWS * COLUMNS];
    for (size_t i = 0; i < COUNT(cases); i++) {
        double sum = 0, squares = 0, most = 0;
        begin(cases[i].init, "[100, 60]", 1, values);
        for (int k = 0; k < ROWS * COLUMNS; k++) {
            double far = values[k] - cases[i].mean;
            sum += far;
            squares += far * far;
            most = fmax(most, fabs(far));
        }
        double count = ROWS * COLUMNS, deviation = cases[i].deviation;
        assert_near(sum / count / deviation, 0, 0.05, cases[i].init);
        assert_near(sqrt(squares / count) / deviation, 1, 0.04, cases[i].init);
        if (cases[i].most > 0) {
            assert_true(most <= cases[i].most);
            assert_near(most / cases[i].most, 1, 0.01, cases[i].init);
        } else {
            assert_true(most > 3 * deviation);
        }
    }
}

/* Rows, or columns where these are fewer, of length `gain`, square to each other. */
static void check_orthogonal(const double *values, int rows, int columns, double gain) {
    bool tall = rows > columns;
    int count = tall ? columns : rows, length = tall ? rows : columns;
    for (int i = 0; i < count; i++)
        for (int k = 0; k <= i; k++) {
            double sum = 0;
            for (int a = 0; a < length; a++)
                sum += tall ? values[a * columns + i] * values[a * columns + k]
                            : values[i * columns + a] * values[k * columns + a];
            assert_near(sum, i == k ? gain * gain : 0, 1e-13, "orthogonal");
        }
}

static void orthogonal_matrices_are_orthogonal(void **state) {
    (void)state;
    static double values[ROWS * COLUMNS], again[ROWS * COLUMNS];
    begin("orthogonal", "[100, 60]", 1, values);
    check_orthogonal(values, 100, 60, 1);
    begin("orthogonal(1.4)", "[60, 100]", 1, again);
    check_orthogonal(again, 60, 100, 1.4);
    begin("orthogonal", "[4, 5, 60]", 1, again);
    check_orthogonal(again, 20, 60, 1);
    begin("orthogonal", "[7, 7]", 1, again);
    check_orthogonal(again, 7, 7, 1);
    begin("orthogonal", "[100, 60]", 1, again);
    assert_memory_equal(values, again, sizeof values);
    begin("orthogonal", "[100, 60]", 2, again);
    assert_true(memcmp(values, again, sizeof values) != 0);
}

static void identity_is_a_diagonal(void **state) {
    (void)state;
    double values[12];
    static const double wide[12] = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0};
    begin("identity(2)", "[3, 4]", 1, values);
    assert_memory_equal(values, wide, sizeof wide);
    static const double tall[6] = {1, 0, 0, 1, 0, 0};
    begin("identity", "[3, 2]", 1, values);
    assert_memory_equal(values, tall, sizeof tall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initialisers_have_their_moments),
        cmocka_unit_test(orthogonal_matrices_are_orthogonal),
        cmocka_unit_test(identity_is_a_diagonal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
