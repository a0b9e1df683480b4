/* links: language reference */
/* A game in the plane: what a network says of places, and where a loss would have points go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

enum { COUNT = 4 };

#define HEAD                                                                                       \
    "name: test\nseed: 5\ndata: {source: ring, batch: 8, count: 64}\nlatent: {z: normal(3)}\n"     \
    "train: {steps: 1}\noptimizer: sgd\n"
#define G       "  g: {inputs: [z], layers: [{linear: 4}, batch_norm, relu, {linear: 2}]}\n"
#define D       "  d: {inputs: [x], layers: [{dropout: 0.5}, {linear: 1}]}\n"
#define TRAIN_D "    d: {minimize: mean(d(stop(g(z)))) - mean(d(x))}\n"

static const float points[COUNT][2] = {{0, 0}, {1, 2}, {-3, 0.5}, {0.25, -1}},
                   real[COUNT][2] = {{1, 0}, {0, 1}, {-1, 0}, {0.5, 0.5}};

struct seen {
    struct play play;
    struct game_sampler *sampler;
    struct game_plane *plane;
    double field[COUNT], arrows[COUNT][2];
};

/* Builds the game, sets d's weights to (2, -1) and 0.5 where it has such, and looks. */
static void look(struct seen *s, const char *text) {
    assert_true(play_open(&s->play, text));
    struct game *game = s->play.game;
    int variables = game->variables_count;
    s->sampler = game_sampler(game, NULL, COUNT, s->play.arena, &s->play.diagnostics);
    assert_non_null(s->sampler);
    s->plane = game_plane(game, s->sampler, s->play.arena);
    assert_int_equal(game->variables_count, variables);
    assert_int_equal(s->play.diagnostics.count, 0);
}

static void set_judge(struct seen *s) {
    play_write(&s->play, "d/linear_1/weight", (const double[]){2, -1});
    play_write(&s->play, "d/linear_1/bias", (const double[]){0.5});
}

static void run(struct seen *s, const struct game_program *program, const void *const *inputs,
                double *dst) {
    struct program *compiled = play_compile(&s->play, program);
    assert_int_equal(backend_reference.run(compiled, inputs), RUN_DONE);
    backend_reference.output(compiled, 0, TYPE_FLOAT64, dst);
}

static void run_field(struct seen *s) {
    const void *inputs[8] = {0};
    assert_non_null(s->plane->field.graph);
    inputs[s->plane->places_input] = points;
    run(s, &s->plane->field, inputs, s->field);
}

static void run_arrows(struct seen *s) {
    const void *inputs[8] = {0};
    static const float latents[COUNT * 3] = {0};
    static const int32_t labels[COUNT] = {0}, clock[3] = {0};
    const struct game_plane *plane = s->plane;
    assert_non_null(plane->arrows.graph);
    inputs[plane->points_input] = points;
    if (plane->real_input >= 0) inputs[plane->real_input] = real;
    if (plane->labels_input >= 0) inputs[plane->labels_input] = labels;
    if (plane->arrows.clock_input >= 0) inputs[plane->arrows.clock_input] = clock;
    for (int i = 0; i < s->sampler->latents_count; i++)
        if (plane->latents_input[i] >= 0) inputs[plane->latents_input[i]] = latents;
    run(s, &plane->arrows, inputs, &s->arrows[0][0]);
}

static double judged(const float *at) {
    return 2 * (double)at[0] - (double)at[1] + 0.5;
}

static double sigmoid(double v) {
    return 1 / (1 + exp(-v));
}

static void assert_arrow(const struct seen *s, int i, double x, double y) {
    if (fabs(s->arrows[i][0] - x) > 1e-6 || fabs(s->arrows[i][1] - y) > 1e-6)
        fail_msg("arrow %d is (%g, %g) instead of (%g, %g)", i, s->arrows[i][0], s->arrows[i][1], x,
                 y);
}

/* In eval mode: nothing is dropped. */
static void the_field_is_what_the_network_says(void **state) {
    (void)state;
    struct seen s;
    look(&s,
         HEAD "networks:\n" G D "game:\n  phases:\n" TRAIN_D "    g: {minimize: -mean(d(g(z)))}\n");
    assert_string_equal(s.plane->judge, "d");
    set_judge(&s);
    run_field(&s);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabs(s.field[i] - judged(points[i])) < 1e-6);
    play_close(&s.play);
}

/* -n d mean(softplus(-d(p))) / dp = sigmoid(-d(p)) w */
static void arrows_go_down_the_loss_of_each_point(void **state) {
    (void)state;
    struct seen s;
    look(&s, HEAD "networks:\n" G D "game:\n  phases:\n" TRAIN_D
                  "    g: {let: {f: g(z)}, minimize: mean(softplus(-d(f)))}\n");
    set_judge(&s);
    run_arrows(&s);
    for (int i = 0; i < COUNT; i++) {
        double size = sigmoid(-judged(points[i]));
        assert_arrow(&s, i, 2 * size, -size);
    }
    play_close(&s.play);
}

/* Players that move at once; and a loss in which real points stand beside the generated ones. */
static void the_loss_may_see_real_points(void **state) {
    (void)state;
    struct seen s;
    look(&s, HEAD "networks:\n" G D "game:\n  phases:\n    both:\n      players:\n"
                  "        d: {minimize: mean(d(stop(g(z)))) - mean(d(x))}\n"
                  "        g: {minimize: mean(softplus(d(x) - d(g(z))))}\n");
    set_judge(&s);
    run_arrows(&s);
    for (int i = 0; i < COUNT; i++) {
        double size = sigmoid(judged(real[i]) - judged(points[i]));
        assert_arrow(&s, i, 2 * size, -size);
    }
    play_close(&s.play);
}

/* Numbers that change with time, and gradients within the loss. */
static void the_loss_may_change_and_hold_gradients(void **state) {
    (void)state;
    struct seen s;
    look(&s, HEAD "networks:\n" G D "game:\n  phases:\n" TRAIN_D
                  "    g: {let: {f: g(z)}, minimize: \"-step * mean(d(f)) - mean(square(f))"
                  " + 0 * mean(norm(grad(d(f), f)))\"}\n");
    assert_non_null(s.plane->arrows.graph);
    assert_int_equal(s.plane->arrows.scalars_count, 1);
    play_close(&s.play);
}

struct rule {
    const char *text;
    const char *judge; /* NULL: there is no field */
    bool arrows;
};

static void where_a_rule_does_not_apply_nothing_is_seen(void **state) {
    (void)state;
    static const struct rule rules[] = {
        /* a network that takes labels, too; one that gives two numbers; one that packs */
        {HEAD "networks:\n"
              "  g: {inputs: [z, y], layers: [{one_hot: 8, from: y, as: c}, {concat: {}, from: [z, "
              "c]}, {linear: 2}]}\n"
              "  d: {inputs: [x, y], layers: [{one_hot: 8, from: y, as: c}, {concat: {}, from: [x, "
              "c]}, {linear: 1}]}\n"
              "game:\n  phases:\n" TRAIN_D "    g: {minimize: -mean(d(g(z)))}\n",
         NULL, true},
        {HEAD "networks:\n" G "  d: {inputs: [x], layers: [{linear: 2}]}\n"
              "game:\n  phases:\n" TRAIN_D "    g: {minimize: -mean(d(g(z)))}\n",
         NULL, true},
        {HEAD "networks:\n" G "  d: {inputs: [x], layers: [{pack: 2}, {linear: 1}]}\n"
              "game:\n  phases:\n" TRAIN_D "    g: {minimize: -mean(d(g(z)))}\n",
         NULL, true},
        /* the first of several results that is a number */
        {HEAD "networks:\n" G
              "  d: {inputs: [x], outputs: {f: body, logit: head}, layers: [{linear: "
              "4, as: body}, {linear: 1, as: head}]}\n"
              "game:\n  phases:\n"
              "    d: {minimize: mean(d(stop(g(z))).logit) - mean(d(x).logit)}\n"
              "    g: {minimize: -mean(d(g(z)).logit)}\n",
         "d", true},
        /* a loss that changes state as it is computed, or does not see the points */
        {HEAD "networks:\n" G D "game:\n  phases:\n" TRAIN_D
              "    g: {minimize: \"-ema(mean(d(g(z))), 0.5)\"}\n",
         "d", false},
        {HEAD "networks:\n" G D "game:\n  phases:\n" TRAIN_D
              "    g: {minimize: sum(square(weights(g))), report: {v: mean(d(g(z)))}}\n",
         "d", false},
        /* three coordinates */
        {"name: t\nlatent: {z: normal(3)}\ntrain: {steps: 1}\noptimizer: sgd\nnetworks:\n"
         "  g: {inputs: [z], layers: [{linear: 3}]}\n"
         "  d: {inputs: [x], layers: [{linear: 1}]}\n"
         "game:\n  phases:\n    d: {minimize: mean(d(stop(g(z))))}\n"
         "    g: {minimize: -mean(d(g(z)))}\n",
         NULL, false},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct seen s;
        look(&s, rules[i].text);
        if (!rules[i].judge != !s.plane->judge || !rules[i].arrows != !s.plane->arrows.graph)
            fail_msg("rule %zu: field of %s, arrows %d", i,
                     s.plane->judge ? s.plane->judge : "nothing", s.plane->arrows.graph != NULL);
        if (s.plane->judge) run_field(&s);
        if (s.plane->arrows.graph) run_arrows(&s);
        play_close(&s.play);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_is_what_the_network_says),
        cmocka_unit_test(arrows_go_down_the_loss_of_each_point),
        cmocka_unit_test(the_loss_may_see_real_points),
        cmocka_unit_test(the_loss_may_change_and_hold_gradients),
        cmocka_unit_test(where_a_rule_does_not_apply_nothing_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
