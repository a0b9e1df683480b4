/* links: language reference */
/* Games: calls and draws, state, averages, joined objectives, schedules, samplers, messages, and
 * that a small one learns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "tests/play.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_near(double got, double wanted, double tolerance, const char *what) {
    if (fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted))) return;
    fail_msg("%s: %.17g instead of %.17g", what, got, wanted);
}

#define HEAD                                                                                       \
    "name: test\nseed: 5\ndata: {source: ring, batch: 8, count: 64}\nlatent: {z: normal(3)}\n"     \
    "train: {steps: 1}\n"
#define NETWORKS                                                                                   \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 4}, batch_norm, relu, {linear: 2}]}\n"                   \
    "  d: {inputs: [x], layers: [{linear: 4}, {dropout: 0.5}, tanh, {linear: 1}]}\n"
#define PLAIN                                                                                      \
    "    d: {minimize: mean(d(g(z)))}\n"                                                           \
    "    g: {minimize: mean(d(g(z)))}\n"

static void open_play(struct play *p, const char *text) {
    assert_true(play_open(p, text));
}

/* A metric `v` of one run of phase 0 of this game. */
static double metric_of(const char *phases) {
    struct play p;
    char text[4096];
    snprintf(text, sizeof text, HEAD "optimizer: sgd\n" NETWORKS "game:\n  phases:\n%s" PLAIN,
             phases);
    open_play(&p, text);
    assert_true(play_run(&p, 0, 0));
    double value = play_metric(&p, "v");
    play_close(&p);
    return value;
}

/* ---- draws and calls ---------------------------------------------------------------------------
 */

static void equal_calls_are_one(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        bool zero;
    } cases[] = {
        {"mean(abs(d(x) - d(x)))", true},               /* one dropout mask */
        {"mean(abs(d(x) - d(x=x)))", true},             /* the same arguments */
        {"mean(abs(d(x) - d()))", true},                /* x comes from the scope */
        {"mean(abs(d(x) - d(x + 0 * z[0:2])))", false}, /* another argument, another mask */
        {"mean(abs(d(x) - d(x, mode=eval)))", false},
        {"mean(abs(d(x, mode=eval) - d(x, mode=eval, state=hold)))", true},
        {"mean(abs(z - z))", true},
        {"mean(abs(z - fresh(z)))", false},
        {"mean(abs(fresh(z) - fresh(z)))", false},
        {"mean(abs(uniform() - uniform()))", false},
        {"mean(abs(normal(2, 2) - normal(2, 2)))", false},
        {"mean(abs(uniform(per=batch) - uniform(per=batch)))", false},
        {"mean(abs(d(g(z)) - d(g(z))))", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char phase[512];
        snprintf(phase, sizeof phase, "    probe: {report: {v: \"%s\"}}\n", cases[i].expression);
        double value = metric_of(phase);
        if ((value == 0) != cases[i].zero) fail_msg("%s is %g", cases[i].expression, value);
    }
}

/* What else a file contains does not change a draw. */
static void draws_depend_on_their_place_alone(void **state) {
    (void)state;
    double alone = metric_of("    probe: {report: {v: mean(uniform()), }}\n");
    assert_true(
        alone ==
        metric_of("    probe: {let: {a: normal(3)}, report: {u: mean(a), v: mean(uniform()), "
                  "w: mean(uniform())}}\n"));
    assert_true(alone != metric_of("    other: {report: {v: mean(uniform())}}\n"));
    struct play p;
    open_play(&p, HEAD "optimizer: sgd\n" NETWORKS
                       "game: {phases: {d: {minimize: mean(d(g(z))), report: {v: mean(z), u: "
                       "mean(uniform())}}, g: {minimize: mean(d(g(z)))}}}\n");
    double first[3], second[3];
    for (int i = 0; i < 3; i++) {
        p.step = i == 1;
        assert_true(play_run(&p, 0, i == 2));
        first[i] = play_metric(&p, "v");
        second[i] = play_metric(&p, "u");
    }
    assert_true(first[0] != first[1] && first[0] != first[2] && first[1] != first[2]);
    assert_true(second[0] != second[1] && second[0] != second[2]);
    p.step = 0;
    assert_true(play_run(&p, 0, 0));
    assert_true(play_metric(&p, "v") == first[0]);
    play_close(&p);
}

static void latents_have_their_distribution(void **state) {
    (void)state;
    struct play p;
    open_play(&p, "name: t\nlatent: {z: normal(4000), u: \"uniform(4000, low=-3, high=1)\", "
                  "w: \"normal([40, 100], mean=2, deviation=3)\"}\n"
                  "train: {steps: 1}\noptimizer: sgd\n"
                  "networks: {f: {layers: [{parameter: []}]}}\n"
                  "game: {phases: {f: {minimize: square(f() - 1), report: {a: mean(z), b: "
                  "mean(square(z)), c: mean(u), d: min(u), e: max(u), m: mean(w), n: mean(square(w "
                  "- 2))}}}}\n");
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "a"), 0, 0.01, "mean of z");
    assert_near(play_metric(&p, "b"), 1, 0.02, "square of z");
    assert_near(play_metric(&p, "c"), -1, 0.02, "mean of u");
    assert_true(play_metric(&p, "d") >= -3 && play_metric(&p, "d") < -2.99);
    assert_true(play_metric(&p, "e") < 1 && play_metric(&p, "e") > 0.99);
    assert_near(play_metric(&p, "m"), 2, 0.02, "mean of w");
    assert_near(play_metric(&p, "n"), 9, 0.03, "variance of w");
    play_close(&p);
}

/* ---- state -------------------------------------------------------------------------------------
 */

static double after(const char *phases, const char *variable, int runs) {
    struct play p;
    char text[4096];
    double values[16];
    snprintf(text, sizeof text,
             HEAD "optimizer: sgd\nstate: {p: 2, q: {init: 5}}\n" NETWORKS
                  "game:\n  phases:\n%s" PLAIN,
             phases);
    open_play(&p, text);
    for (int i = 0; i < runs; i++)
        assert_true(play_run(&p, 0, 0));
    play_get(&p, variable, values);
    play_close(&p);
    return values[0];
}

static void sets_read_what_was(void **state) {
    (void)state;
    assert_near(after("    a: {set: {p: q, q: p}}\n", "state/p", 1), 5, 0, "p");
    assert_near(after("    a: {set: {p: q, q: p}}\n", "state/q", 1), 2, 0, "q");
    assert_near(after("    a: {set: {p: \"min(7, p + 2)\"}}\n", "state/p", 4), 7, 0, "p");
    assert_near(after("    a: {set: {p: ema(q, 0.5)}}\n", "state/p", 1), 5, 0, "an ema's start");
    assert_near(after("    a: {let: {e: ema(q, 0.5)}, set: {p: e, q: q + 4}}\n", "state/p", 3),
                0.5 * (0.5 * 5 + 0.5 * 9) + 0.5 * 13, 1e-12, "ema");
}

static void training_calls_move_statistics_once(void **state) {
    (void)state;
    static const char name[] = "g/batch_norm_1/running_variance";
    double once = after("    a: {let: {i: g(z)}, set: {p: mean(i)}}\n", name, 1);
    assert_true(once != 1);
    assert_true(after("    a: {let: {i: g(z), j: g(z)}, set: {p: mean(i + j)}}\n", name, 1) ==
                once);
    assert_true(after("    a: {let: {i: g(z), j: g(2 * z)}, set: {p: mean(i + j)}}\n", name, 1) !=
                once);
    assert_true(after("    a: {let: {i: \"g(z, state=hold)\"}, set: {p: mean(i)}}\n", name, 1) ==
                1);
    assert_true(after("    a: {let: {i: \"g(z, mode=eval)\"}, set: {p: mean(i)}}\n", name, 1) == 1);
    assert_true(after("    a: {report: {v: mean(g(z))}}\n", name, 1) == 1);
}

static void averages_follow_their_network(void **state) {
    (void)state;
    struct play p;
    double start[8], now[8], shadow[8];
    open_play(&p, HEAD
              "optimizer: {sgd: {lr: 0.5}}\n" NETWORKS "averages: {shadow: {of: g, decay: 0.75}}\n"
              "game:\n  phases:\n    probe: {report: {v: \"mean(abs(shadow(z, mode=eval) - "
              "g(z, mode=eval)))\"}}\n" PLAIN);
    play_get(&p, "g/linear_2/weight", start);
    play_get(&p, "shadow/linear_2/weight", shadow);
    assert_memory_equal(start, shadow, sizeof start);
    assert_true(play_run(&p, 0, 0));
    assert_true(play_metric(&p, "v") == 0);
    assert_true(play_step(&p));
    play_get(&p, "g/linear_2/weight", now);
    play_get(&p, "shadow/linear_2/weight", shadow);
    for (int i = 0; i < 8; i++)
        assert_near(shadow[i], 0.75 * start[i] + 0.25 * now[i], 1e-12, "average");
    play_get(&p, "g/batch_norm_1/running_mean", now);
    play_get(&p, "shadow/batch_norm_1/running_mean", shadow);
    assert_memory_equal(now, shadow, 4 * sizeof *now);
    assert_true(play_run(&p, 0, 0));
    assert_true(play_metric(&p, "v") != 0);
    play_close(&p);
}

static void project_maps_what_the_optimizer_wrote(void **state) {
    (void)state;
    struct play p;
    double w[8], b[2];
    open_play(&p,
              HEAD "optimizer: {sgd: {lr: 10}}\nparameters: {c: 0.01}\n" NETWORKS
                   "game:\n  phases:\n    d: {minimize: mean(d(x)), project: clamp(weights, -c, "
                   "c)}\n    g: {minimize: mean(d(g(z)))}\n");
    assert_true(play_run(&p, 0, 0));
    play_get(&p, "d/linear_1/weight", w);
    for (int i = 0; i < 8; i++)
        assert_true(fabs(w[i]) <= 0.01 + 1e-9);
    play_get(&p, "g/linear_2/bias", b);
    assert_true(fabs(b[0]) > 0.01);
    play_close(&p);
}

/* Two players on one pair of numbers: both gradients at the same point, with x y against -x y. */
static void players_move_at_once(void **state) {
    (void)state;
    struct play p;
    double a, b;
    open_play(&p, "name: t\ntrain: {steps: 1}\noptimizer: {sgd: {lr: 0.1}}\n"
                  "networks:\n"
                  "  a: {layers: [{parameter: {shape: [], init: constant(2)}}]}\n"
                  "  b: {layers: [{parameter: {shape: [], init: constant(3)}}]}\n"
                  "game:\n  phases:\n    both:\n      let: {v: a() * b()}\n"
                  "      players: {a: {minimize: v}, b: {minimize: -v}}\n");
    assert_true(play_run(&p, 0, 0));
    play_get(&p, "a/parameter_1/value", &a);
    play_get(&p, "b/parameter_1/value", &b);
    assert_near(a, 2 - 0.1 * 3, 1e-7, "a");
    assert_near(b, 3 + 0.1 * 2, 1e-7, "b");
    assert_near(play_metric(&p, "both.a.loss"), 6, 1e-12, "loss");
    assert_near(play_metric(&p, "both.b.loss"), -6, 1e-12, "loss");
    play_close(&p);
}

/* ---- objectives, schedules, samplers, resolved -------------------------------------------------
 */

#define GAN                                                                                        \
    "optimizer: sgd\nnetworks:\n"                                                                  \
    "  generator: {inputs: [z], layers: [{linear: 4}, tanh, {linear: 2}]}\n"                       \
    "  discriminator: {inputs: [x], layers: [{linear: 4}, tanh, {linear: 1}]}\n"

static double objective_loss(const char *objective) {
    struct play p;
    char text[2048];
    snprintf(text, sizeof text, HEAD GAN "game: {objective: %s}\n", objective);
    open_play(&p, text);
    assert_int_equal(p.game->phases_count, objective[1] == 'r' && objective[2] == '1' ? 1 : 2);
    assert_true(play_run(&p, 0, 0));
    double loss = play_metric(&p, "discriminator.loss");
    play_close(&p);
    return loss;
}

static void joined_objectives_add(void **state) {
    (void)state;
    double hinge = objective_loss("hinge");
    double five = objective_loss("[hinge, {r1: {weight: 5}}]");
    double ten = objective_loss("[hinge, r1]");
    assert_true(five > hinge);
    assert_near(ten - hinge, 2 * (five - hinge), 1e-12, "hinge and r1");
    assert_near(objective_loss("[{r1: {weight: 5}}, hinge]"), five, 1e-12, "the other order");
}

/* R1 in a phase of its own, every 16 steps: on average the same. */
static void lazy_r1_is_r1_on_average(void **state) {
    (void)state;
    struct play p;
    open_play(&p, HEAD GAN "game: {objective: [hinge, {lazy-r1: {weight: 5}}]}\n");
    assert_int_equal(p.game->phases_count, 3);
    assert_true(play_run(&p, 2, 0));
    double penalty = objective_loss("[hinge, {r1: {weight: 5}}]") - objective_loss("hinge");
    assert_true(penalty > 1e-4);
    assert_near(play_metric(&p, "penalty.loss"), 16 * penalty, 1e-12, "the penalty");
    assert_near(game_scalar(p.game, &p.game->phases[2].every, &(struct game_clock){0}), 16, 0,
                "every");
    play_close(&p);
}

/* The discriminator's loss at a step, and what it is where all targets are flipped. */
static double softened_loss(const char *parameters, int64_t step, double *flipped) {
    struct play p;
    char text[2048];
    snprintf(text, sizeof text,
             HEAD GAN "game:\n  objective: {softened: %s}\n  phases:\n    discriminator:\n"
                      "      report: {flipped: \"mean(softplus(discriminator(x))) + "
                      "mean(bce_with_logits(discriminator(fake), 0.75))\"}\n",
             parameters);
    open_play(&p, text);
    p.step = step;
    assert_true(play_run(&p, 0, 0));
    double loss = play_metric(&p, "discriminator.loss");
    *flipped = play_metric(&p, "flipped");
    play_close(&p);
    return loss;
}

static void the_softened_game_is_the_usual_one_at_its_ends(void **state) {
    (void)state;
    double flipped, none, half, loss;
    none = softened_loss("{target: 1, flipped: 0, noise: 0}", 0, &flipped);
    assert_near(none, objective_loss("non-saturating"), 1e-12, "hard labels");
    loss = softened_loss("{target: 0.75, flipped: 1, noise: 0}", 0, &flipped);
    assert_near(loss, flipped, 1e-12, "all labels flipped");
    assert_true(fabs(loss - softened_loss("{target: 0.75, flipped: 0, noise: 0}", 0, &flipped)) >
                1e-3);

    static const char fading[] = "{target: 1, flipped: 0, noise: \"linear(0.5, 0, end=100)\"}";
    none = softened_loss("{target: 1, flipped: 0, noise: 0}", 100, &flipped);
    assert_near(softened_loss(fading, 100, &flipped), none, 1e-12, "noise that has faded");
    half = softened_loss("{target: 1, flipped: 0, noise: 0.25}", 50, &flipped);
    assert_near(softened_loss(fading, 50, &flipped), half, 1e-7, "half of the noise");
    assert_true(fabs(half - none) > 1e-4);
}

static void scalars_change_with_time(void **state) {
    (void)state;
    struct play p;
    open_play(&p, HEAD GAN "state: {p: 0.25}\nparameters: {n: 4}\n"
                           "game:\n  objective: {wgan-gp: {weight: \"linear(0, 10, end=100)\", "
                           "critic_steps: n / 2}}\n"
                           "  phases: {tick: {set: {p: p + 0.5}, when: p < 0.5, every: \"steps(1, "
                           "10, n)\"}}\n");
    const struct game_phase *phase = p.game->phases;
    struct game_clock clock = {.step = 50, .state = p.states};
    p.states[0] = 0.25;
    assert_int_equal(p.game->phases_count, 3);
    assert_near(game_scalar(p.game, &phase[0].repeat, &clock), 2, 0, "repeat");
    assert_int_equal(phase[0].program.scalars_count, 1);
    assert_near(game_scalar(p.game, &phase[0].program.scalars[0], &clock), 5, 1e-12, "weight");
    assert_null(phase[1].repeat.expression);
    assert_near(game_scalar(p.game, &phase[2].when, &clock), 1, 0, "when");
    assert_near(game_scalar(p.game, &phase[2].every, &clock), 4, 0, "every");
    assert_true(play_step(&p));
    p.states[0] = 0.75;
    assert_near(game_scalar(p.game, &phase[2].when, &clock), 0, 0, "when");
    play_close(&p);
}

/* Phases that share an optimizer's state share its count of updates: two phases of one update each
 * move a number as one phase does in two. */
static void phases_share_an_optimizer(void **state) {
    (void)state;
    static const char head[] = "name: t\ntrain: {steps: 1}\noptimizer: {adam: {lr: 0.1}}\n"
                               "networks: {f: {layers: [{parameter: {init: constant(3), shape: "
                               "[]}}]}}\ngame:\n  phases:\n    f: {minimize: square(f())}\n";
    double value[2];
    for (int i = 0; i < 2; i++) {
        struct play p;
        char text[1024];
        snprintf(text, sizeof text, "%s%s", head,
                 i ? "    again: {update: f, minimize: square(f())}\n" : "");
        open_play(&p, text);
        for (int step = 0; step < (i ? 3 : 6); step++)
            assert_true(play_step(&p));
        play_get(&p, "f/parameter_1/value", &value[i]);
        play_close(&p);
    }
    assert_near(value[0], value[1], 1e-12, "six updates");
}

static void samplers_use_the_average_in_eval_mode(void **state) {
    (void)state;
    struct play p;
    static const char text[] =
        "name: t\ndata: {source: ring, batch: 8}\nlatent: {z: normal(3)}\ntrain: {steps: 1}\n"
        "optimizer: sgd\naverages: {shadow: {of: g}}\n"
        "networks:\n"
        "  g:\n"
        "    inputs: [noise, c]\n"
        "    layers: [{one_hot: 8, from: c, as: h}, {concat: {}, from: [noise, h]}, {linear: 4}, "
        "batch_norm, {dropout: 0.5}, {linear: 2}]\n"
        "  d: {inputs: [x], layers: [{linear: 1}]}\n"
        "game: {phases: {d: {minimize: mean(d(g(z, y))) - mean(d(x))}, g: {minimize: \"mean(d(g("
        "fresh(z), y)))\"}}}\n";
    open_play(&p, text);
    struct game_sampler *s = game_sampler(p.game, NULL, 5, p.arena, &p.diagnostics);
    assert_non_null(s);
    assert_int_equal(s->latents_count, 1);
    assert_string_equal(s->latents[0].name, "z");
    assert_true(shape_equal(s->latents[0].shape, SHAPE(3)));
    assert_int_equal(experiment_label_count(s->labels->data), 8);
    assert_int_equal(s->labels_count, 1);
    assert_true(shape_equal(s->shape, SHAPE(2)));
    assert_true(shape_equal(s->program.graph->outputs[0].value->shape, SHAPE(5, 2)));
    assert_int_equal(s->program.graph->assignments_count, 0);
    const struct graph *lean = graph_simplify(p.arena, s->program.graph);
    int shadows = 0;
    for (int i = 0; i < lean->count; i++) {
        assert_int_not_equal(lean->nodes[i]->op, OP_RANDOM);
        if (lean->nodes[i]->op != OP_VARIABLE) continue;
        assert_int_equal(strncmp(lean->nodes[i]->at.variable->name, "shadow/", 7), 0);
        shadows++;
    }
    assert_int_equal(shadows, 8);
    play_close(&p);
}

/* What was resolved builds the same graphs, without the files of the objectives. */
/* Labels keep their numbers where only some classes are used: a table holds the greatest, and samples
 * are of those alone. */
static void labels_are_of_the_classes_that_are_used(void **state) {
    (void)state;
    static const char text[] =
        "name: test\ndata: {source: mnist, batch: 4, classes: [3, 1]}\nlatent: {z: normal(2)}\n"
        "train: {steps: 1}\noptimizer: sgd\n"
        "networks:\n"
        "  g: {inputs: [z, y], layers: [{embedding: {size: 2, count: %d}, from: y, as: c},\n"
        "       {add: {}, from: [z, c]}, {linear: 784}, {reshape: [28, 28, 1]}]}\n"
        "  d: {inputs: [x], layers: [flatten, {linear: 1}]}\n"
        "game: {phases: {d: {minimize: mean(d(x)) - mean(d(g(z)))}, g: {minimize: "
        "mean(d(g(z)))}}}\n";
    for (int rows = 3; rows < 5; rows++) {
        struct play p;
        char whole[1024];
        snprintf(whole, sizeof whole, text, rows);
        play_read(&p, whole);
        assert_int_equal(p.game != NULL, rows == 4);
        const struct experiment_data *data = p.experiment->data;
        assert_int_equal(experiment_label_count(data), 2);
        assert_int_equal(experiment_label(data, 0), 3);
        assert_int_equal(experiment_label(data, 1), 1);
        assert_int_equal(experiment_label_limit(data), 4);
        play_close(&p);
    }
}

static void resolved_says_the_same(void **state) {
    (void)state;
    struct play p, q;
    open_play(&p, HEAD GAN "parameters: {n: 4}\naverages: {shadow: {of: [generator]}}\n"
                           "game:\n  objective: [{wgan-gp: {weight: \"linear(0, 10, end=100)\", "
                           "critic_steps: n / 2}}, r1]\n"
                           "  phases: {generator: {repeat: 2}}\n");
    struct text text = {0};
    config_write(experiment_resolved(p.experiment), &text);
    open_play(&q, text_get(&text));
    text_release(&text);
    char *a = play_graphs(&p), *b = play_graphs(&q);
    assert_string_equal(a, b);
    free(a);
    free(b);
    play_close(&p);
    play_close(&q);
}

/* ---- messages ----------------------------------------------------------------------------------
 */

static void mistakes_are_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {HEAD GAN "game: {objective: hing}\n", "there is no objective 'hing'"},
        {HEAD GAN "game: {objective: {r1: {weigth: 3}}}\n", "objective 'r1' has no key 'weigth'"},
        {HEAD GAN "game: {objective: {r1: {weight: -3}}}\n", "must be from 0 to 1e6, but is -3"},
        {HEAD GAN "game: {objective: [wgan-gp, {wasserstein: {critic_steps: 4}}]}\n",
         "'repeat' is something else"},
        {HEAD GAN "game: {objective: hinge, roles: {y: x}}\n",
         "no objective of this game names 'y'"},
        {HEAD GAN "game: {objective: hinge}\nsede: 1\n", "no key 'sede'"},
        {HEAD GAN
         "game: {phases: {generator: {minimize: mean(discriminator(generator(z))) + y}}}\n",
         "a loss must be one number, but is a batch of []"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(x)}}}\n",
         "'discriminator' is updated here, but the loss does not depend on it"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(stop(discriminator(x)))}}}\n",
         "the loss does not depend on 'discriminator'"},
        {HEAD GAN "game: {phases: {critic: {minimize: mean(discriminator(x))}}}\n",
         "there is no network 'critic' to update"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(discriminator(x))}}}\n",
         "network 'generator' is never called"},
        {HEAD GAN
         "game: {phases: {discriminator: {minimize: mean(discriminator(generator(z)))}}}\n",
         "no phase updates network 'generator'"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(discriminator(x)) + "
                  "mean(discriminator(z))}}}\n",
         "this is [3], but network 'discriminator' takes 'x' as [2]"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(discriminator(x) + z + x)}}}\n",
         "[3] and [2] do not fit together"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(discriminatr(x))}}}\n",
         "there is no function or network 'discriminatr'"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: \"mean(discriminator(x), 3, 4)\"}}}\n",
         "'mean' has too many arguments"},
        {HEAD GAN
         "game: {phases: {discriminator: {minimize: \"mean(discriminator(x), axs=1)\"}}}\n",
         "'mean' has no argument 'axs'"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: lerp(discriminator(x))}}}\n",
         "'lerp' lacks its argument 'b'"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: mean(discriminator(w))}}}\n",
         "there is no value 'w' here"},
        {HEAD GAN "game: {phases: {discriminator: {minimize: \"norm(grad(mean(x), 2 * x))\"}}}\n",
         "grad differentiates by a name"},
        {HEAD GAN "game: {phases: {discriminator: {batch: 9, minimize: mean(discriminator(x))}}}\n",
         "this phase wants 9 examples, but a step has 8"},
        {HEAD GAN "game: {phases: {probe: {batch: 0.5, report: {a: mean(z)}}}}\n",
         "a phase's batch must be a whole number from 1 to 1048576"},
        {HEAD GAN "game: {phases: {discriminator: {minimze: mean(discriminator(x))}}}\n",
         "phase 'discriminator' has no key 'minimze'"},
        {HEAD GAN
         "game: {phases: {discriminator: {minimize: mean(discriminator(x)), set: {q: 1}}}}\n",
         "there is no state 'q' to set"},
        {HEAD "networks: {f: {inputs: [x], layers: [{linear: 3}, {reshape: [2, 2]}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "cannot reshape [3], 3 numbers, to [2, 2], 4 numbers"},
        {HEAD
         "networks: {f: {inputs: [x], layers: [{linear: 3}, {add: {}, from: [x, previous]}]}}\n"
         "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "cannot add [2] and [3]"},
        {HEAD
         "networks: {f: {inputs: [x], layers: [{reshape: [2000000000, 2000000000, 2000000000]}]}}\n"
         "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "has too many numbers"},
        {HEAD "networks: {f: {inputs: [x], layers: [{liner: 3}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "there is no layer 'liner'"},
        {HEAD "networks: {f: {inputs: [x], layers: [{linear: {units: 3, bais: 3}}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "layer 'linear' has no key 'bais'"},
        {HEAD "networks: {f: {inputs: [x], layers: [linear]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "layer 'linear' lacks its 'units'"},
        {HEAD "networks: {f: {inputs: [x], layers: [{call: f}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "network 'f' calls itself"},
        {HEAD "networks: {f: {inputs: [x], layers: [{compute: x + z}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "there is no value 'z' here"},
        {HEAD "networks: {mean: {inputs: [x], layers: [{linear: 1}]}}\n"
              "optimizer: sgd\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "'mean' is a function, so it cannot be the name of a network"},
        {HEAD "networks: {f: {inputs: [x], layers: [{linear: 1}]}}\n"
              "game: {phases: {f: {minimize: mean(f(x))}}}\n",
         "'f' is updated here, but no optimizer is given for it"},
        {HEAD "networks: {f: {inputs: [x], layers: [{linear: 1}]}}\noptimizer: {adam: {betas: [1, "
              "1]}}\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "adam wants two betas"},
        {"name: t\ndata: {source: rink}\nnetworks: {f: {inputs: [x], layers: [{linear: 1}]}}\n"
         "optimizer: sgd\ntrain: {steps: 1}\ngame: {phases: {f: {minimize: mean(f(x))}}}\n",
         "there is no data source 'rink'"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;
        bool found = false;
        play_read(&p, cases[i].text);
        for (int k = 0; k < p.diagnostics.count; k++) {
            const struct diagnostic *d = &p.diagnostics.list[k];
            found = found || strstr(d->message, cases[i].message);
            assert_non_null(d->origin);
            assert_non_null(d->origin->source);
        }
        if (!found || p.game) {
            diagnostics_print(&p.diagnostics, stderr, false);
            fail_msg("'%s' is not told of %s", cases[i].message, cases[i].text);
        }
        arena_free(p.arena);
    }
}

/* Whatever is cut off the end of a configuration, there is a game or a message, and no crash. */
static void truncated_files_are_mistakes_or_games(void **state) {
    (void)state;
    static const char text[] =
        HEAD GAN "state: {p: 0}\naverages: {shadow: {of: generator, decay: 0.9}}\n"
                 "game:\n  objective: [wgan-gp, {r1: {weight: 5}}]\n  phases:\n"
                 "    discriminator:\n      players: {a: {update: discriminator, minimize: "
                 "mean(discriminator(x))}}\n"
                 "    tick: {every: 4, set: {p: ema(mean(x), 0.5)}, report: {v: "
                 "norm(weights(generator/linear_1))}}\n";
    for (size_t length = 0; length < sizeof text; length += 3) {
        struct play p;
        char *cut = strndup(text, length);
        play_read(&p, cut);
        assert_true((p.game != NULL) == (p.diagnostics.count == 0));
        arena_free(p.arena);
        free(cut);
    }
}

/* ---- learning ----------------------------------------------------------------------------------
 */

static double distance_to_modes(struct play *p, struct program *program,
                                const struct game_sampler *s, int count) {
    float z[256][8];
    double out[256][2], sum = 0;
    struct random_stream stream = {.key = 7};
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 8; k++) {
            double u = (random_word(&stream) + 0.5) / 4294967296.0;
            double v = (random_word(&stream) + 0.5) / 4294967296.0;
            z[i][k] = (float)(sqrt(-2 * log(u)) * cos(6.283185307179586 * v));
        }
    const void *inputs[1] = {z};
    assert_int_equal(s->latents[0].input, 0);
    assert_int_equal(backend_reference.run(program, inputs), RUN_DONE);
    backend_reference.output(program, 0, TYPE_FLOAT64, out);
    for (int i = 0; i < count; i++) {
        double best = 1e9;
        for (int m = 0; m < 8; m++) {
            double angle = 6.283185307179586 * m / 8;
            best = fmin(best, hypot(out[i][0] - cos(angle), out[i][1] - sin(angle)));
        }
        sum += best;
    }
    (void)p;
    return sum / count;
}

static void a_ring_is_learnt(void **state) {
    (void)state;
    struct play p;
    struct compile_options options = {0};
    struct error error = {0};
    open_play(&p, "name: ring\nseed: 1\ndata: {source: ring, sigma: 0.02, batch: 32}\n"
                  "latent: {z: normal(8)}\ntrain: {steps: 600}\n"
                  "networks:\n"
                  "  generator: {inputs: [z], layers: [{linear: 32}, relu, {linear: 32}, relu, "
                  "{linear: 2}]}\n"
                  "  discriminator: {inputs: [x], layers: [{linear: 32}, {leaky_relu: 0.2}, "
                  "{linear: 32}, {leaky_relu: 0.2}, {linear: 1}]}\n"
                  "optimizer: {adam: {lr: 3e-3, betas: [0.5, 0.999]}}\n"
                  "game: {objective: [non-saturating, {r1: {weight: 1}}]}\n");
    struct game_sampler *s = game_sampler(p.game, NULL, 256, p.arena, &p.diagnostics);
    assert_non_null(s);
    struct program *sampler =
        backend_reference.compile(p.device, p.arena, s->program.graph, &options, &error);
    double before = distance_to_modes(&p, sampler, s, 256), now = before;
    for (int step = 0; step < 600; step++)
        assert_true(play_step(&p));
    now = distance_to_modes(&p, sampler, s, 256);
    print_message("mean distance to the nearest mode: %.3f, then %.3f\n", before, now);
    assert_true(before > 0.5 && now < 0.3);
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_calls_are_one),
        cmocka_unit_test(draws_depend_on_their_place_alone),
        cmocka_unit_test(latents_have_their_distribution),
        cmocka_unit_test(sets_read_what_was),
        cmocka_unit_test(training_calls_move_statistics_once),
        cmocka_unit_test(averages_follow_their_network),
        cmocka_unit_test(project_maps_what_the_optimizer_wrote),
        cmocka_unit_test(players_move_at_once),
        cmocka_unit_test(joined_objectives_add),
        cmocka_unit_test(lazy_r1_is_r1_on_average),
        cmocka_unit_test(the_softened_game_is_the_usual_one_at_its_ends),
        cmocka_unit_test(scalars_change_with_time),
        cmocka_unit_test(phases_share_an_optimizer),
        cmocka_unit_test(samplers_use_the_average_in_eval_mode),
        cmocka_unit_test(labels_are_of_the_classes_that_are_used),
        cmocka_unit_test(resolved_says_the_same),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(truncated_files_are_mistakes_or_games),
        cmocka_unit_test(a_ring_is_learnt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
