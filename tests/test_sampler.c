/* links: language reference */
/* Samplers: what they compute, from which draws, with which parameters, and that they change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

#define HEAD                                                                                       \
    "name: t\nseed: 4\ndata: {source: ring, batch: 8, count: 64}\n"                                \
    "latent: {z: normal(3), u: \"uniform(low=2, high=3)\", c: categorical(3), o: one_hot(2), "     \
    "k: labels}\n"                                                                                 \
    "train: {steps: 1}\noptimizer: sgd\naverages: {shadow: {of: g}}\n"                             \
    "state: {centre: {shape: [2], init: 5}, p: {init: 0.25}}\n"                                    \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 4}, batch_norm, {dropout: 0.5}, {linear: 2}]}\n"         \
    "  d: {inputs: [x], layers: [{linear: 1}]}\n"                                                  \
    "game: {phases: {d: {minimize: mean(d(g(z))) - mean(d(x)), set: {p: p, centre: centre}}, "     \
    "g: {minimize: mean(d(g(z)))}}}\n"

enum { COUNT = 6, MOST = 64 };

/* A sampler and its programs, ready to run. */
struct looking {
    struct play play;
    struct game_sampler *sampler;
    struct program *draws, *program;
    float latents[4][MOST], out[MOST];
    int values; /* of a sample */
};

/* The examples that are shown. */
static const int32_t examples[COUNT] = {5, 0, 63, 5, 17, 20};

static void look(struct looking *l, const char *samplers, const char *name, int64_t count) {
    char text[4096];
    struct compile_options options = {0};
    struct error error = {0};
    snprintf(text, sizeof text, HEAD "%s", samplers);
    assert_true(play_open(&l->play, text));
    struct play *p = &l->play;
    const struct experiment_sampler *declared = experiment_sampler(p->experiment, name);
    l->sampler = game_sampler(p->game, declared, count, p->arena, &p->diagnostics);
    assert_non_null(l->sampler);
    assert_int_equal(l->sampler->program.graph->assignments_count, 0);
    l->values = (int)shape_count(l->sampler->shape);
    l->program =
        backend_reference.compile(p->device, p->arena, l->sampler->program.graph, &options, &error);
    if (l->sampler->latents_count)
        l->draws = backend_reference.compile(p->device, p->arena, l->sampler->draws.graph, &options,
                                             &error);
}

static const float *run(struct looking *l, int32_t seed, int32_t round) {
    const struct game_sampler *s = l->sampler;
    const int32_t clock[3] = {seed, 0, round};
    int32_t labels[MOST];
    const void *inputs[8] = {clock};
    float scalars[8];
    if (l->draws) assert_int_equal(backend_reference.run(l->draws, inputs), RUN_DONE);
    for (int i = 0; i < s->latents_count; i++) {
        backend_reference.output(l->draws, i, s->latents[i].type, l->latents[i]);
        inputs[s->latents[i].input] = l->latents[i];
    }
    double state = 0.25;
    const struct game_clock now = {.step = 7, .state = &state};
    for (int i = 0; i < s->program.scalars_count; i++)
        scalars[i] = (float)game_scalar(l->play.game, &s->program.scalars[i], &now);
    for (int i = 0; i < MOST; i++)
        labels[i] = i % 8;
    if (s->program.clock_input >= 0) inputs[s->program.clock_input] = clock;
    if (s->program.scalars_input >= 0) inputs[s->program.scalars_input] = scalars;
    for (int i = 0; i < s->labels_count; i++)
        inputs[s->labels[i].input] = labels;
    const struct program_stream *stream = &s->program.streams[0];
    if (stream->values_input >= 0) inputs[stream->values_input] = l->play.streams[0].data.values;
    if (stream->index_input >= 0) inputs[stream->index_input] = examples;
    assert_int_equal(backend_reference.run(l->program, inputs), RUN_DONE);
    backend_reference.output(l->program, 0, TYPE_FLOAT32, l->out);
    return l->out;
}

static void parameters_are_set_without_compiling(void **state) {
    (void)state;
    struct looking l = {0};
    look(&l,
         "samplers: {default: {parameters: {psi: {default: 0, range: [0, 1]}}, "
         "let: {w: \"lerp(centre, z[0:2], psi)\"}, output: \"concat(w + 0 * step, w * p)\"}}\n",
         NULL, COUNT);
    const float *out = run(&l, 1, 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(out[4 * i] == 5 && out[4 * i + 1] == 5 && out[4 * i + 2] == 1.25f);
    l.sampler->constants->list[0].number = 1;
    out = run(&l, 1, 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(out[4 * i] == l.latents[0][3 * i] && out[4 * i + 1] == l.latents[0][3 * i + 1]);
    play_close(&l.play);
}

/* All draws are the seed's and the round's, and the first of many samples are those of few. */
static void draws_are_the_seeds(void **state) {
    (void)state;
    static const char *const outputs[] = {
        "z",    "fresh(z)",  "z + normal_like(z)",       "uniform(2, 2)",
        "g(z)", "shadow(z)", "concat(z, reshape(u, 1))", "d(g(fresh(z)))"};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        char text[256];
        float first[MOST];
        struct looking many = {0}, few = {0};
        snprintf(text, sizeof text, "samplers: {other: {output: \"%s\"}}\n", outputs[i]);
        look(&many, text, "other", COUNT);
        look(&few, text, NULL, 2);
        size_t bytes = sizeof(float) * 2 * (size_t)many.values;
        memcpy(first, run(&many, 1, 0), sizeof first);
        assert_memory_equal(first, run(&few, 1, 0), bytes);
        assert_memory_equal(first, run(&many, 1, 0), bytes);
        assert_memory_not_equal(first, run(&many, 2, 0), bytes);
        assert_memory_not_equal(first, run(&many, 1, 1), bytes);
        play_close(&many.play);
        play_close(&few.play);
    }
}

static void latents_are_drawn_beside(void **state) {
    (void)state;
    struct looking l = {0};
    look(&l, "samplers: {a: {output: \"u + z[0] * 0 + y * 0\"}}\n", "a", COUNT);
    assert_int_equal(l.sampler->latents_count, 2);
    assert_string_equal(l.sampler->latents[0].name, "u");
    assert_int_equal(experiment_label_count(l.sampler->labels->data), 8);
    assert_int_equal(l.values, 1);
    const float *out = run(&l, 3, 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(out[i] == l.latents[0][i] && out[i] >= 2 && out[i] < 3);
    play_close(&l.play);
}

/* Of several latents with classes all combinations are shown, over the rounds. */
static void classes_are_shown_in_turn(void **state) {
    (void)state;
    struct looking l = {0};
    look(&l,
         "samplers: {a: {output: \"concat(reshape(c, 1), o, reshape(k, 1), reshape(0 * z[0], "
         "1))\"}, "
         "b: {output: reshape(fresh(c), 1) + z * 0}}\n",
         "a", COUNT);
    assert_int_equal(l.sampler->latents[0].type, TYPE_INT32);
    assert_int_equal(l.sampler->latents[0].shape.rank, 0);
    assert_true(shape_equal(l.sampler->latents[1].shape, SHAPE(2)));
    for (int round = 0; round < 9; round++) {
        const float *out = run(&l, 1, round);
        for (int i = 0; i < COUNT; i++, out += 5) {
            int n = COUNT * round + i, one = n / 3 % 2;
            assert_true(out[0] == (float)(n % 3));
            assert_true(out[1] == (one == 0) && out[2] == (one == 1));
            assert_true(out[3] == (float)(n / 6 % 8));
        }
    }
    play_close(&l.play);
}

static void samplers_run_in_eval_mode(void **state) {
    (void)state;
    struct looking l = {0};
    look(&l, "samplers: {a: {output: g(z)}, b: {output: g(z) - g(fresh(z))}}\n", "a", COUNT);
    const struct graph *lean = graph_simplify(l.play.arena, l.sampler->program.graph);
    for (int i = 0; i < lean->count; i++)
        assert_int_not_equal(lean->nodes[i]->op, OP_RANDOM);
    play_close(&l.play);
}

static void samplers_may_show_examples(void **state) {
    (void)state;
    struct looking l = {0};
    look(&l, "samplers: {a: {output: \"concat(x, g(z) * 0, axis=0)\"}}\n", "a", COUNT);
    const float *out = run(&l, 3, 0), *data = l.play.streams[0].data.values;
    assert_int_equal(l.values, 4);
    for (int i = 0; i < COUNT; i++)
        assert_true(out[4 * i] == data[2 * examples[i]] &&
                    out[4 * i + 1] == data[2 * examples[i] + 1] && out[4 * i + 2] == 0);
    play_close(&l.play);
}

/* What was resolved builds the same sampler. */
static void resolved_says_the_same(void **state) {
    (void)state;
    struct looking l = {0};
    struct text text = {0};
    struct play again;
    look(&l, "samplers: {a: {doc: twice, parameters: {k: 2}, let: {w: k * z}, output: w}}\n", "a",
         COUNT);
    config_write(experiment_resolved(l.play.experiment), &text);
    assert_true(play_open(&again, text_get(&text)));
    const struct experiment_sampler *s = experiment_sampler(again.experiment, "a");
    assert_non_null(s);
    assert_string_equal(s->constants->list[0].name, "k");
    assert_true(s->constants->list[0].number == 2);
    assert_int_equal(s->let.count, 1);
    text_release(&text);
    play_close(&again);
    play_close(&l.play);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_set_without_compiling),
        cmocka_unit_test(draws_are_the_seeds),
        cmocka_unit_test(latents_are_drawn_beside),
        cmocka_unit_test(classes_are_shown_in_turn),
        cmocka_unit_test(samplers_run_in_eval_mode),
        cmocka_unit_test(samplers_may_show_examples),
        cmocka_unit_test(resolved_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
