/* What the tests of the language share: small experiments played on the reference backend, and
 * gradients against finite differences. After cmocka.h. */
#ifndef TESTS_LANGUAGE_H
#define TESTS_LANGUAGE_H

#include <stdio.h>

#include "tests/play.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline void assert_near(double got, double wanted, double tolerance, const char *what) {
    if (fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted))) return;
    fail_msg("%s: %.17g instead of %.17g", what, got, wanted);
}

/* A small experiment around the given sections. */
static inline const char *experiment(char *room, size_t size, const char *sections) {
    snprintf(room, size,
             "name: test\nseed: 3\ndata: {source: ring, batch: 6, count: 100}\n"
             "latent: {z: normal(4)}\ntrain: {steps: 1}\n%s",
             sections);
    return room;
}

static inline void open_play(struct play *p, const char *sections) {
    char text[8192];
    assert_true(play_open(p, experiment(text, sizeof text, sections)));
}

/* A phase that only reports, beside a game that has to be there. */
static const char probe[] = "optimizer: sgd\n"
                            "networks:\n"
                            "  f: {inputs: [a], layers: [{linear: 1}]}\n"
                            "  two:\n"
                            "    inputs: {a: [4], b: [4]}\n"
                            "    layers:\n"
                            "      - {add: {}, from: [a, b], as: s}\n"
                            "      - {compute: \"a - b\", as: d}\n"
                            "    outputs: {s: s, d: d}\n"
                            "  fill: {inputs: [z], layers: [{dropout: 0.5}]}\n"
                            "state: {t: {shape: [7]}, w: {shape: [7]}, p: {init: 0.5}, "
                            "out: {shape: [7]}}\n"
                            "parameters: {k: 3}\n";

static inline void open_probe(struct play *p, const char *phase) {
    char text[4096];
    snprintf(text, sizeof text,
             "%sgame:\n  phases:\n    f: {minimize: \"mean(f(z)) + mean(f(two(z, z).s)) + "
             "mean(f(fill(z)))\"}\n    probe: %s\n",
             probe, phase);
    open_play(p, text);
}

static inline double value_of(const char *expression) {
    struct play p;
    char phase[1024];
    snprintf(phase, sizeof phase, "{report: {v: \"%s\"}}", expression);
    open_probe(&p, phase);
    assert_true(play_run(&p, 1, 0));
    double value = play_metric(&p, "v");
    play_close(&p);
    return value;
}

/* Where functions of seven numbers are looked at, and with which weights. */
static const double spots[7] = {-3.1, -1.7, -0.4, 0.3, 0.9, 2.2, 4.7};
static const double weights[7] = {0.3, -0.7, 1.1, 0.6, -0.2, 0.9, -0.5};

/* Weights of a network, as they are, and a direction along which they are moved. */
enum { WEIGHTS_MOST = 16 };
struct moved {
    int count;
    const struct game_variable *variables[WEIGHTS_MOST];
    double *kept[WEIGHTS_MOST], *along[WEIGHTS_MOST];
};

static inline int64_t variable_count(const struct game_variable *v) {
    return shape_count(v->variable.shape);
}

static inline void moved_find(struct moved *moved, struct play *p, const char *network) {
    *moved = (struct moved){0};
    for (int i = 0; i < p->game->variables_count; i++) {
        const struct game_variable *v = p->game->variables[i];
        size_t length = strlen(network);
        if (v->role != ROLE_PARAMETER || strncmp(v->variable.name, network, length) != 0 ||
            v->variable.name[length] != '/')
            continue;
        int at = moved->count++;
        assert_true(at < WEIGHTS_MOST);
        moved->variables[at] = v;
        moved->kept[at] = ARENA_ARRAY(p->arena, double, variable_count(v));
        moved->along[at] = ARENA_ARRAY(p->arena, double, variable_count(v));
        play_get(p, v->variable.name, moved->kept[at]);
        for (int64_t k = 0; k < variable_count(v); k++)
            moved->along[at][k] = sin((double)(k * 7 + at * 3 + 1));
    }
}

/* The loss with the weights moved by h. */
static inline double moved_loss(const struct moved *moved, struct play *p, double h,
                                const char *loss) {
    for (int i = 0; i < moved->count; i++) {
        int64_t count = variable_count(moved->variables[i]);
        double *values = ARENA_ARRAY(p->arena, double, count);
        for (int64_t k = 0; k < count; k++)
            values[k] = moved->kept[i][k] + h * moved->along[i][k];
        play_write(p, moved->variables[i]->variable.name, values);
    }
    assert_true(play_run(p, 0, 0));
    return play_metric(p, loss);
}

/* The gradient of a phase's loss by all weights of a network, read off a step of sgd with lr 1,
 * along one direction, against differences of the loss. */
static inline void check_loss(const char *sections, const char *loss, const char *network) {
    struct play p;
    struct moved moved;
    const double h = 1e-5;
    double slope = 0;
    open_play(&p, sections);
    moved_find(&moved, &p, network);
    assert_true(play_run(&p, 0, 0));
    for (int i = 0; i < moved.count; i++) {
        int64_t count = variable_count(moved.variables[i]);
        double *after = ARENA_ARRAY(p.arena, double, count);
        play_get(&p, moved.variables[i]->variable.name, after);
        for (int64_t k = 0; k < count; k++)
            slope += (moved.kept[i][k] - after[k]) * moved.along[i][k];
    }
    double above = moved_loss(&moved, &p, h, loss), below = moved_loss(&moved, &p, -h, loss);
    assert_true(fabs(slope) > 1e-6);
    assert_near((above - below) / (2 * h), slope, 2e-5, sections);
    play_close(&p);
}

#endif
