/* What the tests of layers share: a layer's values and gradients against PyTorch's numbers, and its gradient of a gradient
 * against finite differences. After cmocka.h. */
#ifndef TESTS_LAYER_CASE_H
#define TESTS_LAYER_CASE_H

#include "tests/language.h"

/* A gradient penalty through a layer of six numbers, called h: its gradient is a gradient of a gradient. */
static inline void check_penalty(const char *layers) {
    char text[1024];
    snprintf(text, sizeof text,
             "optimizer: {sgd: {lr: 1}}\n"
             "networks: {f: {inputs: [x, y], layers: [{linear: 6, as: h}, %s, {linear: 1}]}}\n"
             "game: {phases: {f: {minimize: "
             "\"mean(square(norm(grad(sum(f(x) ^ 2), x)) - 1))\"}}}\n",
             layers);
    check_loss(text, "f.loss", "f");
}

static inline void assert_all(const double *got, const double *wanted, int count,
                              const char *what) {
    for (int i = 0; i < count; i++)
        assert_near(got[i], wanted[i], 1e-12, what);
}

enum { SAMPLES = 4, NUMBERS = 12, ROOM = 512, WEIGHTS = 5 };

/* A layer, what PyTorch makes of it, and of the gradients by its weights. */
struct layer_case {
    const char *layers; /* of network f; the result is flattened */
    int batch, columns; /* of the result */
    const double *y, *dx;
    const char *weights[WEIGHTS]; /* leaf by leaf: "maxout_1/bias" */
    const double *gradients[WEIGHTS];
};

static inline void open_layer(struct play *p, const struct layer_case *c) {
    char text[2048];
    snprintf(text, sizeof text,
             "name: test\ndata: {source: ring, modes: 4, batch: 4}\ntrain: {steps: 1}\n"
             "optimizer: {sgd: {lr: 1}}\n"
             "state: {rows: {shape: [4, 12]}, made: {shape: [%d, %d]}, dx: {shape: [4, 12]}}\n"
             "networks:\n"
             "  f: {inputs: [a, y], layers: [%s, flatten]}\n"
             "  other: {inputs: [a], layers: [{linear: 1}]}\n"
             "game:\n"
             "  phases:\n"
             "    layer:\n"
             "      update: [%s]\n"
             "      let:\n"
             "        a: rows[y]\n"
             "        out: f(a)\n"
             "        g: grad(sum(out ^ 3), a)\n"
             "        i: cumsum(0 * out[0] + 1, axis=batch) - 1\n"
             "      minimize: sum(out ^ 3) + mean(other(a))\n"
             "      set:\n"
             "        made: mean(reshape(one_hot(i, %d), %d, 1) * reshape(out, 1, %d), axis=batch) "
             "* %d\n"
             "        dx: mean(reshape(one_hot(y, 4), 4, 1) * reshape(g, 1, 12), axis=batch) * 4\n",
             c->batch, c->columns, c->layers, c->weights[0] ? "f, other" : "other", c->batch,
             c->batch, c->columns, c->batch);
    assert_true(play_open(p, text));
}

static inline void check_layer(const struct layer_case *c) {
    static const int32_t labels[SAMPLES] = {0, 1, 2, 3};
    static int32_t index[SAMPLES] = {0, 1, 2, 3};
    struct play p;
    double numbers[SAMPLES * NUMBERS], before[WEIGHTS][ROOM], after[ROOM];
    char name[64];
    open_layer(&p, c);
    p.streams->data.labels = labels;
    p.streams->index = index;
    for (int k = 0; k < SAMPLES * NUMBERS; k++)
        numbers[k] = 2 * sin(k + 1);
    play_write(&p, "state/rows", numbers);
    for (int i = 0; i < WEIGHTS && c->weights[i]; i++) {
        snprintf(name, sizeof name, "f/%s", c->weights[i]);
        int64_t count = shape_count(play_variable(&p, name)->variable.shape);
        assert_true(count <= ROOM);
        for (int64_t k = 0; k < count; k++)
            before[i][k] = cos(3 * (double)k + i) / 2;
        play_write(&p, name, before[i]);
    }
    assert_true(play_run(&p, 0, 0));
    play_get(&p, "state/made", after);
    assert_all(after, c->y, c->batch * c->columns, c->layers);
    play_get(&p, "state/dx", after);
    for (int k = 0; k < SAMPLES * NUMBERS; k++)
        assert_near(after[k], c->dx[k], 1e-9, c->layers);
    for (int i = 0; i < WEIGHTS && c->weights[i]; i++) {
        snprintf(name, sizeof name, "f/%s", c->weights[i]);
        play_get(&p, name, after);
        int64_t count = shape_count(play_variable(&p, name)->variable.shape);
        for (int64_t k = 0; k < count; k++)
            assert_near(before[i][k] - after[k], c->gradients[i][k], 1e-9, name);
    }
    play_close(&p);
}

#endif
