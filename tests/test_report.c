/* links: language reference */
/* What phases report: norms of gradients, weights and changes of their updates; modes of the data that
 * points cover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

static void assert_metric(struct play *p, const char *name, double wanted) {
    double found = play_metric(p, name);
    if (fabs(found - wanted) > 1e-6 * fmax(1, fabs(wanted)))
        fail_msg("%s is %.9g instead of %.9g", name, found, wanted);
}

#define HEAD                                                                                       \
    "name: t\ntrain: {steps: 1}\noptimizer: {sgd: {lr: 0.1}}\n"                                    \
    "networks:\n"                                                                                  \
    "  a:\n"                                                                                       \
    "    layers:\n"                                                                                \
    "      - parameter: {shape: [2], init: 3}\n"                                                   \
    "        as: p\n"                                                                              \
    "      - parameter: {shape: [], init: 4}\n"                                                    \
    "        as: q\n"                                                                              \
    "      - compute: sum(p^2) + q^2\n"                                                            \
    "  b: {layers: [{parameter: {shape: [], init: -2}}]}\n"                                        \
    "game:\n  phases:\n"

/* Of a phase that minimises (p1^2 + p2^2 + q^2) / 2 + 3 b: gradients are p, q and 3. */
static void norms_are_of_the_own_update(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(&p, HEAD "    all:\n      update: [a, b]\n"
                                   "      minimize: a() / 2 + 3 * b()\n"
                                   "      report:\n"
                                   "        ga: gradient_norm(a)\n"
                                   "        gp: gradient_norm(a/p)\n"
                                   "        gb: gradient_norm(b)\n"
                                   "        wa: weight_norm(a)\n"
                                   "        wb: weight_norm(b)\n"
                                   "        ua: update_norm(a)\n"
                                   "        uq: update_norm(a/q)\n"
                                   "        ub: update_norm(b)\n"));
    assert_true(play_run(&p, 0, 0));
    assert_metric(&p, "ga", sqrt(9 + 9 + 16));
    assert_metric(&p, "gp", sqrt(18));
    assert_metric(&p, "gb", 3);
    assert_metric(&p, "wa", sqrt(34));
    assert_metric(&p, "wb", 2);
    assert_metric(&p, "ua", 0.1 * sqrt(34));
    assert_metric(&p, "uq", 0.4);
    assert_metric(&p, "ub", 0.3);
    assert_true(play_run(&p, 0, 0)); /* weights as the phase begins */
    assert_metric(&p, "wb", 2.3);
    play_close(&p);
}

/* Players have gradients of their own losses; project is part of an update. */
static void players_and_projections_count(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(&p, HEAD "    both:\n      players:\n"
                                   "        a: {minimize: a() / 2 + 3 * b()}\n"
                                   "        b:\n"
                                   "          minimize: 7 * b() + a()\n"
                                   "          project: clamp(weights, -2.5, 0)\n"
                                   "      report:\n"
                                   "        ga: gradient_norm(a)\n"
                                   "        gb: gradient_norm(b)\n"
                                   "        ub: update_norm(b)\n"));
    assert_true(play_run(&p, 0, 0));
    assert_metric(&p, "ga", sqrt(34));
    assert_metric(&p, "gb", 7);
    assert_metric(&p, "ub", 0.5); /* -2 - 0.7 is clamped */
    play_close(&p);
}

#define POINTS(data)                                                                               \
    "name: t\ntrain: {steps: 1}\noptimizer: {sgd: {lr: 0.1}}\n" data "networks:\n"                 \
    "  near: {layers: [{parameter: {shape: [2], init: 0.72}}]}\n"                                  \
    "  far: {layers: [{parameter: {shape: [2], init: 0.73}}]}\n"                                   \
    "game:\n  phases:\n"                                                                           \
    "    probe:\n"                                                                                 \
    "      update: [near, far]\n"                                                                  \
    "      minimize: sum(near()) + sum(far())\n"                                                   \
    "      report:\n"                                                                              \
    "        all: modes(x)\n"                                                                      \
    "        most: high_quality(x)\n"                                                              \
    "        one: modes(near() + 0 * x)\n"                                                         \
    "        good: high_quality(near() + 0 * x)\n"                                                 \
    "        none: modes(far() + 0 * x)\n"                                                         \
    "        bad: high_quality(far() + 0 * x)\n"                                                   \
    "        two: modes(select(uniform() < 0.5, near() + 0 * x, -near() + 0 * x))\n"               \
    "        share: high_quality(select(x[0:1] > 0, near() + 0 * x, far() + 0 * x))\n"             \
    "        right: mean(x[0] > 0)\n"

/* The ring has a mode at 45 degrees, (0.7071, 0.7071), of deviation 0.01: (0.72, 0.72) is 0.018 away,
 * (0.73, 0.73) is 0.032. Of a normal distribution in the plane 1 - exp(-9/2) lies within three. */
static void modes_are_found_by_points_near_them(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(&p, POINTS("data: {source: ring, batch: 4096, count: 4096}\n")));
    assert_true(play_run(&p, 0, 0));
    assert_metric(&p, "all", 8);
    assert_in_range((int)(10000 * play_metric(&p, "most")), 9850, 9930);
    assert_metric(&p, "one", 1);
    assert_metric(&p, "good", 1);
    assert_metric(&p, "none", 0);
    assert_metric(&p, "bad", 0);
    assert_metric(&p, "two", 2);
    assert_metric(&p, "share", play_metric(&p, "right"));
    play_close(&p);
    assert_true(
        play_open(&p, POINTS("data: {source: grid, batch: 4096, count: 4096, spacing: 0.36}\n")));
    assert_true(play_run(&p, 0, 0));
    assert_metric(&p, "all", 25);
    assert_metric(&p, "one", 1); /* the corner */
    assert_metric(&p, "two", 2);
    play_close(&p);
    /* Each Gaussian has its own deviation: (0.72, 0.72) is 0.028 from the first, (0.73, 0.73) 0.042;
     * (-0.72, -0.72) is 0.113 from the third. */
    assert_true(play_open(&p, POINTS("data: {source: gaussians, batch: 4096, count: 4096,\n"
                                     "  centres: [[0.7, 0.7], [0.7, -5], [-0.8, -0.8]],\n"
                                     "  deviations: [0.01, 0.5, 0.1], weights: [1, 2, 5]}\n")));
    assert_true(play_run(&p, 0, 0));
    assert_metric(&p, "all", 3);
    assert_in_range((int)(10000 * play_metric(&p, "most")), 9850, 9930);
    assert_metric(&p, "one", 1);
    assert_metric(&p, "none", 0);
    assert_metric(&p, "bad", 0);
    assert_metric(&p, "two", 2);
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_are_of_the_own_update),
        cmocka_unit_test(players_and_projections_count),
        cmocka_unit_test(modes_are_found_by_points_near_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
