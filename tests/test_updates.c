/* links: language reference */
/* Optimizers beyond one rate for all: groups, what is frozen, and clipping. */
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
    "train: {steps: 1}\n"
#define NETWORKS                                                                                   \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 4}, tanh, {linear: 5}, tanh, {linear: 2}]}\n"            \
    "  d: {inputs: [x], layers: [{linear: 3}, tanh, {linear: 1}]}\n"
#define GAME                                                                                       \
    "game: {phases: {d: {minimize: 7 * mean(d(g(z))) - mean(d(x))}, g: {minimize: "                \
    "mean(d(g(z)))}}}\n"

static const char *const weights[] = {"g/linear_1/weight", "g/linear_1/bias",   "g/linear_2/weight",
                                      "g/linear_2/bias",   "g/linear_3/weight", "g/linear_3/bias",
                                      "d/linear_1/weight", "d/linear_1/bias",   "d/linear_2/weight",
                                      "d/linear_2/bias"};
enum { WEIGHTS = 10, MOST = 24 };

/* What one step (or the second, `skip` 1) moves each weight by. */
struct moves {
    double by[WEIGHTS][MOST];
    int count[WEIGHTS];
};

static struct moves moves_in(const char *game, const char *optimizers, int skip) {
    struct moves moves = {0};
    struct play p;
    char text[4096];
    double before[WEIGHTS][MOST];
    snprintf(text, sizeof text, HEAD NETWORKS "%s%s", optimizers, game);
    assert_true(play_open(&p, text));
    for (int step = 0; step < skip; step++)
        assert_true(play_step(&p));
    for (int i = 0; i < WEIGHTS; i++) {
        moves.count[i] = (int)shape_count(play_variable(&p, weights[i])->variable.shape);
        play_get(&p, weights[i], before[i]);
    }
    assert_true(play_step(&p));
    for (int i = 0; i < WEIGHTS; i++) {
        play_get(&p, weights[i], moves.by[i]);
        for (int k = 0; k < moves.count[i]; k++)
            moves.by[i][k] -= before[i][k];
    }
    play_close(&p);
    return moves;
}

static struct moves moves_of(const char *optimizers, int skip) {
    return moves_in(GAME, optimizers, skip);
}

static void assert_times(const struct moves *a, const struct moves *b, int weight, double factor) {
    for (int k = 0; k < a->count[weight]; k++) {
        double got = a->by[weight][k], wanted = factor * b->by[weight][k];
        if (fabs(got - wanted) > 1e-6 * fabs(wanted) + 1e-15)
            fail_msg("%s moves by %.10g, not %.10g", weights[weight], got, wanted);
    }
}

static double norm_of(const struct moves *m, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++)
        for (int k = 0; k < m->count[i]; k++)
            sum += m->by[i][k] * m->by[i][k];
    return sqrt(sum);
}

/* ---- groups -----------------------------------------------------------------------------------
 */

/* The discriminator alone moves by the same gradients whatever the groups are: it comes first. */
static void groups_have_rates_of_their_own(void **state) {
    (void)state;
    struct moves plain = moves_of("optimizer: {sgd: {lr: 1e-3}}\n", 0);
    struct moves own = moves_of("optimizer: {sgd: {lr: 1e-3}}\n"
                                "optimizers: {d: {sgd: {lr: 1e-3}, groups: {linear_1: {lr_scale: "
                                "0.25}, last: {of: [linear_2/bias], lr: 3e-3, lr_scale: 2}}}}\n",
                                0);
    assert_times(&own, &plain, 6, 0.25);
    assert_times(&own, &plain, 7, 0.25);
    assert_times(&own, &plain, 8, 1);
    assert_times(&own, &plain, 9, 6);
    /* the optimizer for all: paths from the network on; the longest path decides */
    own = moves_of("optimizer: {sgd: 1e-3, groups: {d/linear_1: {lr_scale: 0.5}, "
                   "d/linear_1/bias: {lr_scale: 3}, d: {lr_scale: 2}}}\n",
                   0);
    assert_times(&own, &plain, 6, 0.5);
    assert_times(&own, &plain, 7, 3);
    assert_times(&own, &plain, 8, 2);
    /* an optimizer of several: a path within each, or a whole one */
    own = moves_of("optimizers: {both: {of: [g, d], sgd: {lr: 1e-3}, groups: {linear_1: {lr_scale: "
                   "0.5}, rest: {of: [d/linear_2], lr_scale: 0.1}}}}\n",
                   0);
    assert_times(&own, &plain, 6, 0.5);
    assert_times(&own, &plain, 8, 0.1);
}

static void scales_and_rates_change_with_time(void **state) {
    (void)state;
    struct moves plain = moves_of("optimizer: {sgd: {lr: \"steps(1e-3, 1, 2e-3)\"}}\n", 0);
    struct moves own = moves_of("optimizer: {sgd: {lr: \"steps(1e-3, 1, 2e-3)\"}, groups: {d: "
                                "{lr_scale: \"steps(1, 1, 0.5)\"}}}\n",
                                0);
    assert_times(&own, &plain, 6, 1);
    double first = norm_of(&plain, 6, 10);
    plain = moves_of("optimizer: {sgd: {lr: \"steps(1e-3, 1, 2e-3)\"}}\n", 1);
    own = moves_of("optimizer: {sgd: {lr: \"steps(1e-3, 1, 2e-3)\"}, groups: {d: {lr_scale: "
                   "\"steps(1, 1, 0.5)\"}}}\n",
                   1);
    assert_times(&own, &plain, 6, 0.5);
    assert_true(first > 0);
}

static void groups_may_have_other_options(void **state) {
    (void)state;
    struct moves plain = moves_of("optimizer: {sgd: {lr: 1e-3}}\n", 0);
    struct moves decay = moves_of("optimizer: {sgd: {lr: 1e-3, weight_decay: 0.5}}\n", 0);
    struct moves own = moves_of("optimizer: {sgd: {lr: 1e-3, weight_decay: 0.5}, groups: "
                                "{d/linear_1: {weight_decay: 0}}}\n",
                                0);
    assert_times(&own, &plain, 6, 1);
    assert_times(&own, &decay, 8, 1);
    assert_true(fabs(decay.by[6][0] - plain.by[6][0]) > 1e-9);
}

/* ---- frozen -----------------------------------------------------------------------------------
 */

static int products(const struct play *p, int phase) {
    const struct graph *lean = graph_simplify(p->arena, p->game->phases[phase].program.graph);
    int count = 0;
    for (int i = 0; i < lean->count; i++)
        count += lean->nodes[i]->op == OP_MATMUL;
    return count;
}

static bool has_variable(const struct play *p, const char *name) {
    for (int i = 0; i < p->game->variables_count; i++)
        if (!strcmp(p->game->variables[i]->variable.name, name)) return true;
    return false;
}

/*
 * The generator's phase: five products forwards; backwards one by each layer's input down to the last that learns, and one
 * by each weight that does.
 */
static void nothing_is_computed_for_what_is_frozen(void **state) {
    (void)state;
    static const struct {
        const char *groups;
        int products;
    } cases[] = {
        {"{}", 5 + 4 + 3},
        {"{linear_1: {freeze: true}}", 5 + 3 + 2 + 0},
        {"{linear_1: {freeze: true}, linear_2: {freeze: true}}", 5 + 2 + 1},
        {"{linear_3: {freeze: true}}", 5 + 4 + 2},
        {"{linear_1/weight: {freeze: true}}", 5 + 4 + 2},
        {"{linear_1: {freeze: false}}", 5 + 4 + 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p;
        char text[4096];
        snprintf(text, sizeof text,
                 HEAD "optimizer: adam\noptimizers: {g: {adam: {}, groups: %s}}\n" NETWORKS GAME,
                 cases[i].groups);
        assert_true(play_open(&p, text));
        if (products(&p, 1) != cases[i].products)
            fail_msg("%s: %d products", cases[i].groups, products(&p, 1));
        play_close(&p);
    }
}

static void what_is_frozen_stays(void **state) {
    (void)state;
    struct play p;
    struct moves m = moves_of("optimizer: adam\noptimizers: {g: {adam: {}, groups: {old: {of: "
                              "[linear_1, linear_2/bias], freeze: true}}}}\n",
                              1);
    assert_true(norm_of(&m, 0, 2) == 0 && norm_of(&m, 3, 4) == 0);
    assert_true(norm_of(&m, 2, 3) > 0 && norm_of(&m, 4, 6) > 0);
    assert_true(play_open(&p, HEAD "optimizer: adam\noptimizers: {g: {adam: {}, groups: {linear_1: "
                                   "{freeze: true}}}}\n" NETWORKS GAME));
    assert_false(has_variable(&p, "g/linear_1/weight/adam/first_moment"));
    assert_true(has_variable(&p, "g/linear_2/weight/adam/first_moment"));
    play_close(&p);
}

/* ---- clipping ---------------------------------------------------------------------------------
 */

/* As PyTorch's clip_grad_norm_: over all that one optimizer updates, to norm / (total + 1e-6). */
static void gradients_are_clipped_together(void **state) {
    (void)state;
    struct moves plain = moves_of("optimizer: {sgd: {lr: 1}}\n", 0), own;
    double all = norm_of(&plain, 6, 10), first = norm_of(&plain, 6, 8),
           last = norm_of(&plain, 8, 10);
    assert_true(all > 1 && first > 0.1 && last > 0.1);
    own = moves_of("optimizer: {sgd: {lr: 1}, clip: {norm: 0.1}}\n", 0);
    for (int i = 6; i < 10; i++)
        assert_times(&own, &plain, i, 0.1 / (all + 1e-6));
    own = moves_of("optimizer: {sgd: {lr: 1}, clip: {norm: 1e3}}\n", 0);
    for (int i = 6; i < 10; i++)
        assert_times(&own, &plain, i, 1);
    /* a group is clipped with its optimizer, another optimizer apart */
    own =
        moves_of("optimizer: {sgd: {lr: 1}, clip: 0.1, groups: {d/linear_1: {lr_scale: 2}}}\n", 0);
    assert_times(&own, &plain, 6, 2 * 0.1 / (all + 1e-6));
    own = moves_of("optimizer: {sgd: {lr: 1}}\noptimizers: {head: {of: [d/linear_2], sgd: {lr: 1}, "
                   "clip: {norm: 0.1}}}\n",
                   0);
    assert_times(&own, &plain, 6, 1);
    assert_times(&own, &plain, 8, 0.1 / (last + 1e-6));
    own = moves_of("optimizer: {sgd: {lr: 1}, clip: {norm: \"steps(1e9, 1, 0)\"}}\n", 0);
    assert_times(&own, &plain, 6, 1);
    own = moves_of("optimizer: {sgd: {lr: 1}, clip: {norm: \"steps(1e9, 1, 0)\"}}\n", 1);
    assert_true(norm_of(&own, 6, 10) == 0);
}

/* Players of one phase are clipped apart, though one optimizer updates both. */
static void players_are_clipped_apart(void **state) {
    (void)state;
    static const char game[] = "game: {phases: {both: {players: {d: {minimize: 7 * mean(d(g(z))) - "
                               "mean(d(x))}, g: {minimize: 1e-3 * mean(d(g(z)))}}}}}\n";
    struct moves plain = moves_in(game, "optimizer: {sgd: {lr: 1}}\n", 0);
    struct moves own = moves_in(game, "optimizer: {sgd: {lr: 1}, clip: {norm: 0.5}}\n", 0);
    for (int i = 0; i < WEIGHTS; i++)
        assert_times(&own, &plain, i, i < 6 ? 1 : 0.5 / (norm_of(&plain, 6, 10) + 1e-6));
    assert_true(norm_of(&plain, 0, 6) > 1e-6 && norm_of(&plain, 6, 10) > 0.5);
}

static void numbers_are_clipped(void **state) {
    (void)state;
    struct moves plain = moves_of("optimizer: {sgd: {lr: 1}}\n", 0);
    struct moves own = moves_of("optimizer: {sgd: {lr: 1}, clip: {value: 0.01}}\n", 0);
    for (int i = 6; i < 10; i++)
        for (int k = 0; k < own.count[i]; k++)
            assert_true(fabs(own.by[i][k] - fmax(-0.01, fmin(0.01, plain.by[i][k]))) < 1e-8);
    assert_true(norm_of(&plain, 6, 7) > 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_have_rates_of_their_own),
        cmocka_unit_test(scales_and_rates_change_with_time),
        cmocka_unit_test(groups_may_have_other_options),
        cmocka_unit_test(nothing_is_computed_for_what_is_frozen),
        cmocka_unit_test(what_is_frozen_stays),
        cmocka_unit_test(gradients_are_clipped_together),
        cmocka_unit_test(players_are_clipped_apart),
        cmocka_unit_test(numbers_are_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
