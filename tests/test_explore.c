/* links: explore config base */
/* What explorations compute: ways between latents, sums of samples, nearest images. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/explore_path.h"
#include "runner/explore_sum.h"
#include "runner/neighbours.h"

/* ---- ways ---- */

enum { LENGTH = 37 };

static void fill(float *latent, uint32_t state) {
    for (int i = 0; i < LENGTH; i++) {
        state = state * 1664525u + 1013904223u;
        latent[i] = (float)((double)(state >> 8) / (1 << 23) - 1);
    }
}

static double norm(const float *latent) {
    double sum = 0;
    for (int i = 0; i < LENGTH; i++)
        sum += (double)latent[i] * (double)latent[i];
    return sqrt(sum);
}

static void ways_end_at_their_ends(void **state) {
    (void)state;
    float a[LENGTH], b[LENGTH], out[LENGTH];
    fill(a, 1);
    fill(b, 2);
    for (int spherical = 0; spherical < 2; spherical++) {
        path_between(a, b, LENGTH, 0, spherical, out);
        assert_memory_equal(out, a, sizeof a);
        path_between(a, b, LENGTH, 1, spherical, out);
        assert_memory_equal(out, b, sizeof b);
    }
}

static void the_sphere_keeps_the_norm(void **state) {
    (void)state;
    float a[LENGTH], b[LENGTH], out[LENGTH];
    fill(a, 3);
    fill(b, 4);
    const double stretch = norm(a) / norm(b);
    for (int i = 0; i < LENGTH; i++)
        b[i] = (float)(stretch * (double)b[i]);
    for (int i = 1; i < 10; i++) {
        path_between(a, b, LENGTH, i / 10.0, true, out);
        assert_true(fabs(norm(out) - norm(a)) < 1e-5 * norm(a));
        path_between(a, b, LENGTH, i / 10.0, false, out);
        assert_true(norm(out) < 0.99 * norm(a));
    }
    /* Of other lengths, evenly from one to the other. */
    for (int i = 0; i < LENGTH; i++)
        b[i] *= 3;
    path_between(a, b, LENGTH, 0.25, true, out);
    assert_true(fabs(norm(out) - 1.5 * norm(a)) < 1e-5 * norm(a));
}

static void without_a_direction_the_way_is_straight(void **state) {
    (void)state;
    float a[LENGTH], b[LENGTH], out[LENGTH];
    fill(a, 5);
    for (int kind = 0; kind < 3; kind++) { /* nothing, the same direction, the opposite one */
        for (int i = 0; i < LENGTH; i++)
            b[i] = kind == 0 ? 0 : kind == 1 ? 2 * a[i] : -a[i];
        path_between(a, b, LENGTH, 0.25, true, out);
        for (int i = 0; i < LENGTH; i++)
            assert_true(fabs((double)(out[i] - (0.75f * a[i] + 0.25f * b[i]))) < 1e-6);
    }
}

/* ---- sums ---- */

/* "3*1 7*-1", of other seeds than 5 "7:3*1"; NULL where it is wrong, `message` says how. */
static const char *sum_text(struct arena *arena, const char *text, const char **message) {
    struct diagnostics diagnostics = {.arena = arena};
    const struct source source = {"test", text, strlen(text), NULL};
    const struct origin origin = {.source = &source, .line = 1, .column = 1};
    const struct expression *e = expression_parse_samples(text, &origin, &diagnostics);
    struct sum sum;
    bool good = e && sum_read(e, 5, 1000, &sum, &diagnostics);
    assert_true(good == !diagnostics.count);
    if (!good) return *message = diagnostics.list[0].message, NULL;
    const char *list = "";
    for (int i = 0; i < sum.count; i++)
        list = arena_format(
            arena, "%s%s%s%lld*%g", list, i ? " " : "",
            sum.terms[i].name.seed == 5
                ? ""
                : arena_format(arena, "%llu:", (unsigned long long)sum.terms[i].name.seed),
            (long long)sum.terms[i].name.number, sum.terms[i].factor);
    return list;
}

static void sums_have_factors(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"3", "3*1"},
        {"3 - 7 + 12", "3*1 7*-1 12*1"},
        {"-3", "3*-1"},
        {"mean(3, 5, 9, 999)", "3*0.25 5*0.25 9*0.25 999*0.25"},
        {"mean(3, 5) - mean(7, 3)", "3*0 5*0.5 7*-0.5"},
        {"0.5 * (3 + 12)", "3*0.5 12*0.5"},
        {"2 * 3", "3*2"},
        {"-1 / 4 * 8", "8*-0.25"},
        {"(3 + 7) / 2 - (4 - 5)", "3*0.5 7*0.5 4*-1 5*1"},
        {"2 * -(3 - 4 / 2)", "3*-2 4*1"},
        {"3 - 7:3 + 12", "3*1 7:3*-1 12*1"},
        {"5:3 + 3 - 9223372036854775807:3", "3*2 9223372036854775807:3*-1"},
        {"0.5 * (7:3 + mean(7:3, 7:4))", "7:3*0.75 7:4*0.25"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        const char *message = "";
        const char *found = sum_text(arena, cases[i][0], &message);
        if (!found) print_message("%s: %s\n", cases[i][0], message);
        assert_non_null(found);
        assert_string_equal(found, cases[i][1]);
        arena_free(arena);
    }
}

static void what_is_no_sum_is_told(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"1000", "there is no sample 1000"},
        {"2.5", "there is no sample 2.5"},
        {"(3 + 4) * 2", "a product begins with its factor, a number"},
        {"3 / (4 + 5)", "samples are divided by a number"},
        {"3 / 0", "this divides by 0"},
        {"3 ^ 2", "samples have '+', '-', a factor, a divisor, and 'mean'"},
        {"z", "samples have '+', '-', a factor, a divisor, and 'mean'"},
        {"true", "samples have '+', '-', a factor, a divisor, and 'mean'"},
        {"7:1000", "there is no sample 7:1000"},
        {"7:1.5", "there is no sample 7:1.5"},
        {"9223372036854775808:1", "there is no sample 9223372036854775808:1"},
        {"7:12 * 2", "a product begins with its factor, a number"},
        {"7: 12", "expected the number of a sample, as in 7:12, found '12'"},
        {"7 :12", "expected an operator or the end, found ':'"},
        {"7:", "expected the number of a sample, as in 7:12, found the end"},
        {"mean()", "'mean' wants samples"},
        {"mean(3, axis=4)", "'mean' takes samples alone here"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        const char *message = "";
        assert_null(sum_text(arena, cases[i][0], &message));
        assert_string_equal(message, cases[i][1]);
        arena_free(arena);
    }
}

/* ---- neighbours ---- */

static void an_image_is_nearest_to_itself(void **state) {
    (void)state;
    enum { COUNT = 40, SIZE = 12, MOST = 3 };
    uint8_t images[COUNT][SIZE];
    struct arena *arena = arena_new();
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < SIZE; k++)
            images[i][k] = (uint8_t)((i % 20) * 53 + k * k * 31 + i * i * k);
    memcpy(images[33], images[7], SIZE); /* of equal ones the first */
    struct neighbours n = neighbours_new(arena, &images[0][0], COUNT, SIZE, MOST);
    for (int i = 0; i < COUNT; i++)
        neighbours_add(&n, i, images[i]);
    for (int i = 0; i < COUNT; i++) {
        const struct neighbour *list = n.list + (int64_t)MOST * i;
        assert_int_equal(list[0].squares, 0);
        assert_int_equal(list[0].index, i == 33 ? 7 : i);
        assert_true(list[1].squares <= list[2].squares);
        if (list[1].squares == list[2].squares) assert_true(list[1].index < list[2].index);
    }
    assert_int_equal(n.list[MOST * 7 + 1].index, 33);
    arena_free(arena);
}

static void the_nearest_are_those_with_the_least_squares(void **state) {
    (void)state;
    enum { SIZE = 20000, MOST = 4 }; /* more than an int32 holds */
    static uint8_t image[SIZE], others[5][SIZE];
    static const int levels[5] = {255, 10, 200, 10, 0};
    struct arena *arena = arena_new();
    for (int i = 0; i < 5; i++)
        memset(others[i], levels[i], SIZE);
    struct neighbours n = neighbours_new(arena, image, 1, SIZE, MOST);
    assert_int_equal(n.list[0].squares, -1);
    for (int i = 0; i < 5; i++)
        neighbours_add(&n, i, others[i]);
    static const int order[MOST] = {4, 1, 3, 2};
    for (int i = 0; i < MOST; i++) {
        const int64_t level = levels[order[i]];
        assert_int_equal(n.list[i].index, order[i]);
        assert_int_equal(n.list[i].squares, level * level * SIZE);
    }
    assert_true(fabs(neighbours_distance(255 * 255 * 4) - 2) < 1e-12);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_end_at_their_ends),
        cmocka_unit_test(the_sphere_keeps_the_norm),
        cmocka_unit_test(without_a_direction_the_way_is_straight),
        cmocka_unit_test(sums_have_factors),
        cmocka_unit_test(what_is_no_sum_is_told),
        cmocka_unit_test(an_image_is_nearest_to_itself),
        cmocka_unit_test(the_nearest_are_those_with_the_least_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
