/* links: language reference */
/* State of the game: how it begins, what joined phases that repeat make of it; and averages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

#define HEAD                                                                                       \
    "name: t\nseed: 4\ndata: {source: ring, batch: 8, count: 64}\nlatent: {z: normal(3)}\n"        \
    "train: {steps: 1}\nparameters: {k: 4, batch: 8}\n"                                            \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 4}, batch_norm, relu, {linear: 2}]}\n"                   \
    "  d: {inputs: [x], layers: [{linear: 1}]}\n"
#define GAME                                                                                       \
    "game: {phases: {d: {minimize: mean(d(g(z))) - mean(d(x))}, g: {minimize: mean(d(g(z)))}}}\n"

static void assert_near(double got, double wanted, const char *what) {
    if (!(fabs(got - wanted) <= 1e-12 * fmax(1, fabs(wanted))))
        fail_msg("%s: %.17g instead of %.17g", what, got, wanted);
}

/* ---- how it begins ----------------------------------------------------------------------------
 */

static void open_states(struct play *p, const char *states) {
    char text[4096];
    snprintf(text, sizeof text, HEAD "optimizer: sgd\nstate:\n%s" GAME, states);
    assert_true(play_open(p, text));
}

/* The tables of a diffusion model (Ho et al. 2020): each state from those before it, in double. */
static void state_begins_as_an_expression_says(void **state) {
    (void)state;
    struct play p;
    double beta[1000], kept[1000], table[6], last, product = 1;
    open_states(&p, "  beta: {init: \"linspace(1e-4, 0.02, 1000)\"}\n"
                    "  kept: {init: cumprod(1 - beta)}\n"
                    "  half: 0.5\n"
                    "  table: {init: iota(3) * half, shape: [2, 3]}\n"
                    "  last: {init: \"kept[999] * k\"}\n");
    play_get(&p, "state/beta", beta);
    play_get(&p, "state/kept", kept);
    play_get(&p, "state/table", table);
    play_get(&p, "state/last", &last);
    for (int i = 0; i < 1000; i++) {
        product *= 1 - beta[i];
        assert_near(beta[i], 1e-4 + (0.02 - 1e-4) * i / 999, "beta");
        assert_near(kept[i], product, "kept");
    }
    for (int i = 0; i < 6; i++)
        assert_near(table[i], 0.5 * (i % 3), "table");
    assert_near(last, 4 * product, "last");
    assert_int_equal(p.game->scalar_state_count, 2);
    play_close(&p);
}

static void state_may_begin_by_a_draw(void **state) {
    (void)state;
    struct play p, q;
    double first[6], again[6], sum = 0;
    open_states(&p, "  codes: {init: \"normal(2, 3, per=batch)\"}\n");
    open_states(&q, "  other: 1\n  codes: {init: \"normal(2, 3, per=batch)\"}\n");
    play_get(&p, "state/codes", first);
    play_get(&q, "state/codes", again);
    assert_memory_equal(first, again, sizeof first);
    for (int i = 0; i < 6; i++)
        sum += fabs(first[i]);
    assert_true(sum > 0.1);
    play_close(&p);
    play_close(&q);
}

/* ---- joined phases that repeat ----------------------------------------------------------------
 */

static double state_of(struct play *p, const char *name) {
    double value;
    play_get(p, name, &value);
    return value;
}

/* In each repetition what is set is read as it was when that repetition began; what both objectives set is set once. */
static void joined_phases_set_in_each_repetition(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(
        &p,
        HEAD "optimizer: sgd\nstate: {p: 0, q: 0}\n"
             "game:\n  objective:\n"
             "    - name: a\n      phases:\n        d: {repeat: 3, minimize: mean(d(g(z))) - "
             "mean(d(x)), let: {e: \"ema(p, 0.5)\"}, set: {p: p + 1}, report: {e: e}}\n"
             "    - name: b\n      phases:\n        d: {minimize: mean(d(x)), let: {e: \"ema(p, "
             "0.5)\", f: \"ema(q, 0.5)\"}, set: {p: p + 1, q: q + p}, report: {f: f}}\n"
             "        g: {minimize: mean(d(g(z))), set: {q: 10 * q}}\n"));
    static const double wanted[3][4] = {{1, 0, 0, 0}, {2, 1, 0.5, 0}, {3, 3, 1.25, 0.5}};
    for (int r = 0; r < 3; r++) {
        assert_true(play_run(&p, 0, r));
        assert_near(state_of(&p, "state/p"), wanted[r][0], "p");
        assert_near(state_of(&p, "state/q"), wanted[r][1], "q");
        assert_near(play_metric(&p, "e"), wanted[r][2], "e");
        assert_near(play_metric(&p, "f"), wanted[r][3], "f");
    }
    assert_true(play_run(&p, 1, 0));
    assert_near(state_of(&p, "state/q"), 30, "q");
    play_close(&p);
}

/* ---- averages ---------------------------------------------------------------------------------
 */

/* Each has its own decay, and its own way with running statistics. */
static void averages_of_one_network_differ(void **state) {
    (void)state;
    static const double decays[3] = {0.5, 0.9, 0};
    static const char *const names[3] = {"fast", "slow", "none"};
    struct play p;
    double weight[2][8], mean[2][4], got[8];
    assert_true(play_open(
        &p, HEAD "optimizer: {sgd: {lr: 0.5}}\naverages: {fast: {of: g, decay: 0.5, statistics: "
                 "average}, slow: {of: g, decay: 0.9}, none: {of: [g, d], decay: 0}}\n" GAME));
    for (int step = 0; step < 2; step++) {
        play_get(&p, "g/linear_2/weight", weight[step]);
        play_get(&p, "g/batch_norm_1/running_mean", mean[step]);
        if (step == 0) assert_true(play_step(&p));
    }
    assert_true(mean[0][0] != mean[1][0] && weight[0][0] != weight[1][0]);
    for (int a = 0; a < 3; a++) {
        char path[64];
        const char *of = a == 2 ? "/g" : "";
        snprintf(path, sizeof path, "%s%s/linear_2/weight", names[a], of);
        play_get(&p, path, got);
        for (int i = 0; i < 8; i++)
            assert_near(got[i], decays[a] * weight[0][i] + (1 - decays[a]) * weight[1][i], path);
        snprintf(path, sizeof path, "%s%s/batch_norm_1/running_mean", names[a], of);
        play_get(&p, path, got);
        for (int i = 0; i < 4; i++)
            assert_near(got[i], a == 0 ? 0.5 * mean[0][i] + 0.5 * mean[1][i] : mean[1][i], path);
    }
    play_close(&p);
}

/* StyleGAN2's (Karras et al. 2020): the half-life grows with the images that were seen. */
static void a_decay_may_follow_the_images(void **state) {
    (void)state;
    struct play p;
    double before[1], now[1], shadow[1];
    assert_true(play_open(&p, HEAD
                          "optimizer: {sgd: {lr: 0.01}}\naverages: {shadow: {of: d, decay: "
                          "\"0.5 ^ (batch / min(10e3, max(batch, 0.05 * images)))\"}}\n" GAME));
    for (int step = 0; step < 30; step++) {
        play_get(&p, "shadow/linear_1/bias", before);
        assert_true(play_step(&p));
        play_get(&p, "d/linear_1/bias", now);
        play_get(&p, "shadow/linear_1/bias", shadow);
        double decay = pow(0.5, 8 / fmin(10e3, fmax(8, 0.05 * 8 * step)));
        assert_true(fabs(shadow[0] - (decay * before[0] + (1 - decay) * now[0])) < 1e-6);
    }
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_begins_as_an_expression_says),
        cmocka_unit_test(state_may_begin_by_a_draw),
        cmocka_unit_test(joined_phases_set_in_each_repetition),
        cmocka_unit_test(averages_of_one_network_differ),
        cmocka_unit_test(a_decay_may_follow_the_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
