/* links: playing language store */
/* Sampling: how many samples come out, and of which latents, labels and examples they are made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/backend.h"
#include "runner/experiment.h"
#include "runner/sampling.h"

#define REST                                                                                       \
    "latent: {z: normal(2), c: categorical(2)}\ntrain: {steps: 1}\noptimizer: sgd\n"               \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{pack: 2}, {linear: 2}]}\n"                                       \
    "  d: {inputs: [z], layers: [{linear: 1}]}\n"                                                  \
    "game: {phases: {g: {minimize: mean(g(z))}, d: {minimize: mean(d(z))}}}\n"

/* What is sampled, and all that it stands on. */
struct made {
    struct arena *arena;
    const struct experiment *experiment;
    struct dataset data[2];
    struct sample sample;
};

static void make(struct made *m, const char *data, const char *output, int64_t count) {
    static const char *const folders[] = {"configs", NULL};
    struct arena *arena = m->arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    struct error error = {0};
    const struct play_options options = {.backend = &backend_reference, .seed = 5};
    const char *text = arena_format(arena, "name: t\n%s%s%s%s%s", data, REST,
                                    output ? "samplers: {default: {output: \"" : "",
                                    output ? output : "", output ? "\"}}\n" : "");
    struct config *root = config_parse("test.yaml", text, strlen(text), folders, &diagnostics);
    assert_non_null(root);
    struct experiment *x = experiment_read(root, folders, arena, &diagnostics);
    m->experiment = x;
    struct game *game = game_build(x, arena, &diagnostics);
    if (!game) diagnostics_print(&diagnostics, stderr, false);
    struct play *play = play_open(game, &options, arena, &error);
    assert_non_null(play);
    play_begin(play);
    for (int i = 0; i < x->data_count; i++)
        assert_true(dataset_load(&x->data[i].request, arena, &m->data[i], &error));
    struct sampling *sampling =
        sampling_open(play, NULL, count, 7, &options.compile, arena, &diagnostics, &error);
    assert_non_null(sampling);
    assert_true(sampling_set_data(sampling, m->data, &options.compile, arena, &error));
    assert_true(sampling_run(sampling, &m->sample, &error));
}

static const float *values(const struct made *m) {
    return m->sample.points.data;
}

/* Of as many draws as become them: as many samples as are asked for. */
static void samples_may_be_packed(void **state) {
    (void)state;
    enum { MANY = 300 }; /* more than one run of the program makes */
    struct made packed, plain, many;
    make(&packed, "", "pack(z, 2)", 5);
    make(&plain, "", "z", 10);
    assert_int_equal(packed.sample.points.extent[0], 5);
    assert_int_equal(packed.sample.points.extent[1], 4);
    assert_memory_equal(values(&packed), values(&plain), 20 * sizeof(float));
    assert_null(packed.sample.latents.data);
    assert_non_null(plain.sample.latents.data);
    make(&many, "", "pack(z, 2)", MANY);
    assert_int_equal(many.sample.points.extent[0], MANY);
    assert_memory_equal(values(&packed), values(&many), 20 * sizeof(float));
    for (int i = 1; i < MANY; i++)
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(values(&many) + 4 * i, values(&many) + 4 * k,
                                    4 * sizeof(float));
    arena_free(packed.arena);
    arena_free(plain.arena);
    arena_free(many.arena);
}

/* So does the default sampler, where the generator packs. */
static void generators_may_pack(void **state) {
    (void)state;
    struct made one, m;
    make(&one, "", NULL, 1);
    make(&m, "", NULL, 4);
    assert_int_equal(one.sample.points.extent[0], 1);
    assert_int_equal(m.sample.points.extent[0], 4);
    assert_memory_equal(values(&one), values(&m), 2 * sizeof(float));
    assert_memory_not_equal(values(&m), values(&m) + 6, 2 * sizeof(float));
    arena_free(one.arena);
    arena_free(m.arena);
}

/* Of labels of several streams, and latents that are classes, all combinations. */
static void labels_of_two_streams(void **state) {
    (void)state;
    struct made m;
    make(&m, "data: {a: {source: ring, modes: 2, batch: 6}, b: {source: ring, modes: 3}}\n",
         "[0, 0, 1] * c + [1, 0, 0] * a.y + [0, 1, 0] * b.y + 0 * z[0]", 24);
    for (int i = 0; i < 24; i++) {
        const float *v = values(&m) + 3 * i;
        assert_true(v[2] == (float)(i % 2));
        assert_true(v[0] == (float)(i / 2 % 2));
        assert_true(v[1] == (float)(i / 4 % 3));
    }
    assert_memory_equal(m.sample.labels.data, ((int32_t[]){0, 0, 1, 1, 0}), 5 * sizeof(int32_t));
    arena_free(m.arena);
}

#define CLASSES                                                                                    \
    "data: {source: csv, file: configs/points/star.csv, label: side, classes: [1, 3], batch: 6}\n"

/* Where examples are shown, of the classes that are used, their labels come with them. */
static void examples_come_with_their_labels(void **state) {
    (void)state;
    enum { COUNT = 40 };
    struct made m;
    int of[4] = {0};
    make(&m, CLASSES, "concat(x, reshape(y, 1) + 0 * z[0:1])", COUNT);
    const float *all = m.data->values;
    for (int i = 0; i < COUNT; i++) {
        const float *v = values(&m) + 3 * i;
        int64_t k = 0;
        while (k < m.data->count && (all[2 * k] != v[0] || all[2 * k + 1] != v[1]))
            k++;
        assert_true(k < m.data->count);
        assert_true(v[2] == (float)m.data->labels[k]);
        assert_int_equal(((const int32_t *)m.sample.labels.data)[i], m.data->labels[k]);
        assert_true(v[2] == 1 || v[2] == 3);
        of[(int)v[2]]++;
    }
    assert_true(of[1] && of[3]);
    arena_free(m.arena);
    /* without examples these classes come in turn */
    make(&m, CLASSES, "reshape(y, 1) + 0 * z[0:1]", 4);
    assert_memory_equal(values(&m), ((float[]){1, 3, 1, 3}), 4 * sizeof(float));
    arena_free(m.arena);
}

/* Packed examples, and their labels. */
static void examples_may_be_packed(void **state) {
    (void)state;
    struct made packed, plain;
    make(&packed, CLASSES, "pack(concat(x, reshape(y, 1) + 0 * z[0:1]), 2)", 4);
    make(&plain, CLASSES, "concat(x, reshape(y, 1) + 0 * z[0:1])", 8);
    assert_int_equal(packed.sample.points.extent[1], 6);
    assert_memory_equal(values(&packed), values(&plain), 24 * sizeof(float));
    assert_null(packed.sample.labels.data);
    arena_free(packed.arena);
    arena_free(plain.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_may_be_packed),  cmocka_unit_test(generators_may_pack),
        cmocka_unit_test(labels_of_two_streams),  cmocka_unit_test(examples_come_with_their_labels),
        cmocka_unit_test(examples_may_be_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
