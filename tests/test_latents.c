/* links: language reference */
/* Latents: the distribution of each, and how they are keyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/language.h"

#define GAME                                                                                       \
    "train: {steps: 1}\noptimizer: sgd\n"                                                          \
    "networks: {f: {layers: [parameter: []]}}\n"                                                   \
    "game: {phases: {f: {minimize: square(f() - 1), report: {v: \"%s\"}}}}\n"

/* A number of a latent z, in the first run of a phase with a batch of 1000. */
static double number(const char *latent, const char *report) {
    struct play p;
    char text[1024];
    snprintf(text, sizeof text,
             "name: test\ndata: {source: ring, batch: 1000, count: 2000}\n"
             "latent: {z: \"%s\"}\n" GAME,
             latent, report);
    assert_true(play_open(&p, text));
    assert_true(play_run(&p, 0, 0));
    double value = play_metric(&p, "v");
    play_close(&p);
    return value;
}

static void numbers_have_their_moments(void **state) {
    (void)state;
    static const struct {
        const char *latent;
        double mean, variance;
        double least, most; /* bounds that are nearly reached */
    } cases[] = {
        {"normal(20)", 0, 1, 0, 0},
        {"normal([4, 5], mean=2, deviation=3)", 2, 9, 0, 0},
        {"uniform(4, 5)", 0.5, 1.0 / 12, 0, 1},
        {"uniform(20, low=-3, high=1)", -1, 16.0 / 12, -3, 1},
        {"truncated_normal(20)", 0, 0.773741, -2, 2},
        {"truncated_normal(20, cut=0.5)", 0, 0.080589, -0.5, 0.5},
        {"truncated_normal(20, cut=1, mean=-1, deviation=2)", -1, 4 * 0.291125, -3, 1},
        {"truncated_normal(20, cut=5)", 0, 0.999985, 0, 0},
        {"spherical(20, radius=2)", 0, 4.0 / 20, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *latent = cases[i].latent;
        double width = sqrt(cases[i].variance), mean = number(latent, "mean(z)");
        double square = number(latent, "mean(square(z))");
        assert_near((mean - cases[i].mean) / width, 0, 0.02, latent);
        assert_near((square - mean * mean) / cases[i].variance, 1, 0.03, latent);
        if (cases[i].least == cases[i].most) continue;
        double least = number(latent, "min(z)"), most = number(latent, "max(z)");
        assert_true(least >= cases[i].least && most <= cases[i].most);
        assert_near((least - cases[i].least) / width, 0, 0.01, latent);
        assert_near((cases[i].most - most) / width, 0, 0.01, latent);
    }
}

/* Quantiles of a normal distribution between -2 and 2, and between -5 and 5. */
static void truncated_normals_are_normal_inside(void **state) {
    (void)state;
    const char *two = "truncated_normal(100)", *five = "truncated_normal(100, cut=5)";
    assert_near(number(two, "mean(z < 1)"), 0.857616, 0.004, two);
    assert_near(number(two, "mean(z < -1.5)"), 0.046157, 0.003, two);
    assert_near(number(two, "mean(abs(z) < 0.1)"), 0.083454, 0.003, two);
    assert_near(number(five, "mean(z < 1.96)"), 0.975002, 0.002, five);
    assert_near(number(five, "mean(z > 3)"), 0.00135, 0.0005, five);
}

static void spheres_have_their_radius(void **state) {
    (void)state;
    assert_near(number("spherical(5)", "max(norm(z))"), 1, 1e-6, "norm");
    assert_near(number("spherical(5)", "min(norm(z))"), 1, 1e-6, "norm");
    assert_near(number("spherical(2, 3, radius=4)", "min(norm(z))"), 4, 1e-6, "norm");
    assert_near(number("spherical(1)", "mean(square(abs(z) - 1))"), 0, 1e-12, "two points");
    assert_near(number("spherical(3)", "mean(z[0] < 0.5)"), 0.75, 0.04, "Archimedes");
}

static void classes_are_equally_likely(void **state) {
    (void)state;
    assert_near(number("categorical(10)", "min(z)"), 0, 0, "the least");
    assert_near(number("categorical(10)", "max(z)"), 9, 0, "the largest");
    assert_near(number("categorical(10, [7, 5])", "mean(z)"), 4.5, 0.03, "mean");
    assert_near(number("categorical(4, 50)", "mean(z == 2)"), 0.25, 0.01, "one of four");
    assert_near(number("categorical(3)", "mean(z - floor(z))"), 0, 0, "whole numbers");
    assert_near(number("one_hot(5)", "max(abs(sum(z, axis=-1) - 1))"), 0, 0, "sum");
    assert_near(number("one_hot(5)", "max(abs(max(z, axis=-1) - 1))"), 0, 0, "one of them");
    assert_near(number("one_hot(5)", "mean(z[3])"), 0.2, 0.04, "one of five");
    assert_near(number("one_hot(5, [3, 2])", "sum(0 * z[2, 1] + 1)"), 5000, 0, "shape");
    assert_near(number("one_hot(5, 20)", "mean(z[:, 4])"), 0.2, 0.01, "of twenty");
}

/* Labels as often as the data have them, of other examples than those of the batch. */
static void labels_are_the_datas(void **state) {
    (void)state;
    static int32_t labels[2000];
    struct play p;
    char text[1024];
    for (int i = 0; i < 2000; i++)
        labels[i] = i % 10 < 7 ? 1 : 6;
    snprintf(text, sizeof text,
             "name: test\ndata: {source: ring, batch: 1000, count: 2000}\nlatent: {z: labels()}\n"
             "train: {steps: 1}\noptimizer: sgd\n"
             "networks: {f: {layers: [parameter: []]}}\n"
             "game: {phases: {f: {minimize: square(f() - 1), report: {one: mean(z == 1), six: "
             "mean(z == 6), same: mean(z == y), fresh: mean(z == fresh(z)), y: mean(y == 1)}}, "
             "g: {report: {alone: mean(z == 1)}}}}\n");
    assert_true(play_open(&p, text));
    p.streams[0].data.labels = labels;
    assert_true(play_run(&p, 0, 0) && play_run(&p, 1, 0));
    assert_near(play_metric(&p, "one"), 0.7, 0.04, "one");
    assert_near(play_metric(&p, "one") + play_metric(&p, "six"), 1, 0, "all");
    assert_near(play_metric(&p, "same"), 0.58, 0.05, "chance");
    assert_near(play_metric(&p, "fresh"), 0.58, 0.05, "chance");
    assert_near(play_metric(&p, "y"), 0.7, 0.04, "y");
    assert_near(play_metric(&p, "alone"), 0.7, 0.04, "without the batch");
    play_close(&p);
}

/* Of the stream that is named, whether its examples are drawn or not. */
static void labels_are_a_streams(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(
        &p, "name: test\n"
            "data: {a: {source: ring, batch: 1000, count: 2000, modes: 3}, "
            "b: {source: ring, batch: 1000, count: 2000, modes: 9}}\n"
            "latent: {z: labels(b.y), w: labels(of=a.y)}\ntrain: {steps: 1}\noptimizer: sgd\n"
            "networks: {f: {layers: [parameter: []]}}\n"
            "game: {phases: {f: {minimize: square(f() - 1), report: {z: max(z), w: max(w), "
            "same: mean(w == a.y)}}}}\n"));
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "z"), 8, 0, "b");
    assert_near(play_metric(&p, "w"), 2, 0, "a");
    assert_near(play_metric(&p, "same"), 1.0 / 3, 0.05, "chance");
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_their_moments),
        cmocka_unit_test(truncated_normals_are_normal_inside),
        cmocka_unit_test(spheres_have_their_radius),
        cmocka_unit_test(classes_are_equally_likely),
        cmocka_unit_test(labels_are_the_datas),
        cmocka_unit_test(labels_are_a_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
