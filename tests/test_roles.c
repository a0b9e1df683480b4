/* links: language reference */
/* Roles: objectives joined several times, under other names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

#define HEAD                                                                                       \
    "name: test\nseed: 3\n"                                                                        \
    "data: {a: {source: ring, batch: 8, count: 64}, b: {source: ring, count: 96}}\n"               \
    "latent: {z: normal(2), w: normal(2)}\ntrain: {steps: 1}\n"                                    \
    "optimizer: {sgd: {lr: 0.1}}\n"                                                                \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 2}]}\n"                                                  \
    "  h: {inputs: [z], layers: [{linear: 2}]}\n"                                                  \
    "  d: {inputs: [x], layers: [{linear: 4}, tanh, {linear: 1}]}\n"                               \
    "  e: {inputs: [x], layers: [{linear: 4}, tanh, {linear: 1}]}\n"
#define BOTH                                                                                       \
    "    - least-squares: {roles: {generator: g, discriminator: d, x: b.x, z: w}}\n"               \
    "    - least-squares: {roles: {generator: h, discriminator: e, x: a.x, z: b.x}}\n"

/* The same losses and weights after a step as of a game that is written out. */
static void assert_same_game(const char *one, const char *other) {
    struct play p, q;
    assert_true(play_open(&p, one) && play_open(&q, other));
    for (int step = 0; step < 3; step++) {
        assert_true(play_step(&p) && play_step(&q));
        assert_int_equal(p.game->metrics_count, q.game->metrics_count);
        for (int i = 0; i < p.game->metrics_count; i++)
            assert_true(play_metric(&p, p.game->metrics[i].name) ==
                        play_metric(&q, q.game->metrics[i].name));
    }
    for (int i = 0; i < p.game->variables_count; i++) {
        const struct variable *v = &p.game->variables[i]->variable;
        double a[16], b[16];
        assert_true(shape_count(v->shape) <= 16);
        play_get(&p, v->name, a);
        play_get(&q, v->name, b);
        assert_memory_equal(a, b, sizeof *a * (size_t)shape_count(v->shape));
    }
    play_close(&p);
    play_close(&q);
}

static void an_objective_is_joined_twice(void **state) {
    (void)state;
    assert_same_game(
        HEAD "game:\n  objective:\n" BOTH,
        HEAD "game:\n  phases:\n"
             "    d: {let: {fake: stop(g(w))}, minimize: 0.5 * mean(square(d(b.x) - 1)) + 0.5 * "
             "mean(square(d(fake)))}\n"
             "    g: {minimize: 0.5 * mean(square(d(g(w)) - 1))}\n"
             "    e: {let: {fake: stop(h(b.x))}, minimize: 0.5 * mean(square(e(a.x) - 1)) + 0.5 * "
             "mean(square(e(fake)))}\n"
             "    h: {minimize: 0.5 * mean(square(e(h(b.x)) - 1))}\n");
}

/* Roles of the game are those of each objective that has such a name, but for its own. */
static void the_game_gives_roles_to_all(void **state) {
    (void)state;
    assert_same_game(HEAD "game:\n  roles: {generator: h, discriminator: d, x: a.x}\n"
                          "  objective:\n"
                          "    - least-squares\n"
                          "    - least-squares: {roles: {discriminator: e, generator: g}}\n"
                          "    - r1: {weight: 2, roles: {discriminator: e, x: b.x}}\n",
                     HEAD "game:\n  objective:\n"
                          "    - least-squares: {roles: {generator: h, discriminator: d, x: a.x}}\n"
                          "    - least-squares: {roles: {generator: g, discriminator: e, x: a.x}}\n"
                          "    - r1: {weight: 2, roles: {x: b.x, discriminator: e}}\n");
}

/* Whatever stands in an objective: lets, state, players, paths, words, inputs from the scope. */
static void all_names_are_renamed(void **state) {
    (void)state;
    static const char *const objective =
        "      - name: own\n        parameters: {k: {default: 2}}\n"
        "        roles: {f: g, t: p, both: pair, real: a.x, n: d, u: w, zz: z, keep: kept, batch: "
        "h, "
        "x: b.x}\n"
        "        phases:\n"
        "          both:\n"
        "            let: {keep: n(real), mean: t, batch: u}\n"
        "            players:\n"
        "              f: {update: f/linear_1, minimize: mean(n(f(u))) + k * mean(keep)}\n"
        "              n: {minimize: \"mean(norm(grad(n(real), real))) + mean(mean(n(), "
        "axis=batch)) + mean(batch) + "
        "mean(mean)\"}\n"
        "            set: {t: t + 1}\n"
        "            report: {size: sum(square(weights(f/linear_1))), t: t}\n"
        "            when: t < 100\n"
        "          rest: {update: [h, e], minimize: 0 * mean(h(fresh(zz))) + mean(e(h(zz)))}\n";
    char one[4096];
    snprintf(one, sizeof one, HEAD "state: {p: {init: 1}}\ngame:\n  objective:\n%s", objective);
    assert_same_game(
        one, HEAD "state: {p: {init: 1}}\ngame:\n  phases:\n"
                  "    pair:\n"
                  "      let: {kept: d(a.x), mean: p}\n"
                  "      players:\n"
                  "        g: {update: g/linear_1, minimize: mean(d(g(w))) + 2 * mean(kept)}\n"
                  "        d: {minimize: \"mean(norm(grad(d(a.x), a.x))) + mean(d(b.x)) + "
                  "mean(w) + mean(mean)\"}\n"
                  "      set: {p: p + 1}\n"
                  "      report: {size: sum(square(weights(g/linear_1))), t: p}\n"
                  "      when: p < 100\n"
                  "    rest: {update: [h, e], minimize: 0 * mean(h(fresh(z))) + mean(e(h(z)))}\n");
}

/* Draws of two objectives in one phase are two, whatever the order of the roles. */
static void draws_are_told_apart(void **state) {
    (void)state;
    static const char *const roles[] = {"{f: g, u: w}", "{u: w, f: g}", "{f: g, u: z}", "{f: g}"};
    double values[4];
    for (int i = 0; i < 4; i++) {
        struct play p;
        char text[2048];
        snprintf(text, sizeof text,
                 HEAD "game:\n  objective:\n"
                      "    - name: own\n      roles: %s\n      phases:\n"
                      "        f: {minimize: mean(f(%s)), report: {v: mean(uniform(4))}}\n"
                      "  phases: {h: {minimize: mean(h(z))}, d: {minimize: mean(d(a.x))}, "
                      "e: {minimize: mean(e(a.x))}}\n",
                 roles[i], i < 3 ? "u" : "z");
        assert_true(play_open(&p, text) && play_run(&p, 0, 0));
        values[i] = play_metric(&p, "g.v");
        play_close(&p);
    }
    assert_true(values[0] == values[1]);
    assert_true(values[0] != values[2] && values[0] != values[3] && values[2] != values[3]);
}

/* In one phase, what is not the same in two objectives needs another name. */
static void what_clashes_is_renamed(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(&p,
                          HEAD "game:\n  roles: {generator: g, discriminator: d}\n  objective:\n"
                               "    - wgan-gp: {roles: {x: a.x}}\n"
                               "    - wgan-gp: {roles: {x: b.x, mix: mix_b, wasserstein: w_b}}\n"
                               "  phases: {h: {minimize: mean(e(h(z)))}, e: {minimize: "
                               "mean(e(h(z)))}}\n"));
    assert_true(play_run(&p, 0, 0));
    assert_true(play_metric(&p, "d.wasserstein") != play_metric(&p, "d.w_b"));
    play_close(&p);
}

/* A phase that is renamed still updates its network: one phase for those of several objectives. */
static void phases_of_two_objectives_are_one(void **state) {
    (void)state;
    assert_same_game(
        HEAD "game:\n  objective:\n"
             "    - least-squares: {roles: {generator: g, discriminator: d, x: b.x}, "
             "phase_names: {generator: both}}\n"
             "    - least-squares: {roles: {generator: h, discriminator: e, x: a.x}, "
             "phase_names: {generator: both, discriminator: judges}}\n",
        HEAD "game:\n  phases:\n"
             "    d: {let: {fake: stop(g(z))}, minimize: 0.5 * mean(square(d(b.x) - 1)) + 0.5 * "
             "mean(square(d(fake)))}\n"
             "    both: {update: [g, h], minimize: 0.5 * mean(square(d(g(z)) - 1)) + 0.5 * "
             "mean(square(e(h(z)) - 1))}\n"
             "    judges: {update: e, let: {fake: stop(h(z))}, minimize: 0.5 * mean(square(e(a.x) "
             "- 1)) + 0.5 * mean(square(e(fake)))}\n");
}

/* What joined phases update adds up, as what they minimize. */
static void updates_add_up(void **state) {
    (void)state;
    assert_same_game(
        HEAD "game:\n  objective:\n"
             "    - least-squares: {roles: {generator: g, discriminator: d, x: a.x}}\n"
             "    - name: own\n      phases:\n"
             "        g: {update: [h, g/linear_1], minimize: mean(square(e(h(z)) - g(z)))}\n"
             "  phases: {g: {update: e}}\n",
        HEAD "game:\n  phases:\n"
             "    d: {let: {fake: stop(g(z))}, minimize: 0.5 * mean(square(d(a.x) - 1)) + 0.5 * "
             "mean(square(d(fake)))}\n"
             "    g: {update: [e, g, h], minimize: 0.5 * mean(square(d(g(z)) - 1)) + "
             "mean(square(e(h(z)) - g(z)))}\n");
}

/* What is resolved is resolved to itself. */
static void resolved_roles_are_the_same(void **state) {
    (void)state;
    struct play p;
    struct text text = {0};
    play_read(&p, HEAD "game:\n  roles: {x: a.x}\n  objective:\n"
                       "    - least-squares: {roles: {generator: g, discriminator: d, x: b.x}, "
                       "phase_names: {generator: made}}\n"
                       "    - r1: {weight: \"linear(1, 2, end=9)\", roles: {discriminator: e}}\n"
                       "  phases: {h: {minimize: mean(h(z))}}\n");
    assert_non_null(p.game);
    config_write(experiment_resolved(p.experiment), &text);
    char *once = arena_text(p.arena, text_get(&text));
    text_release(&text);
    assert_non_null(strstr(once, "x: b.x"));
    assert_non_null(strstr(once, "x: a.x"));
    assert_non_null(strstr(once, "generator: made"));
    struct play q;
    play_read(&q, once);
    assert_non_null(q.game);
    config_write(experiment_resolved(q.experiment), &text);
    assert_string_equal(text_get(&text), once);
    text_release(&text);
    play_close(&q);
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objective_is_joined_twice),
        cmocka_unit_test(the_game_gives_roles_to_all),
        cmocka_unit_test(all_names_are_renamed),
        cmocka_unit_test(draws_are_told_apart),
        cmocka_unit_test(what_clashes_is_renamed),
        cmocka_unit_test(phases_of_two_objectives_are_one),
        cmocka_unit_test(updates_add_up),
        cmocka_unit_test(resolved_roles_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
