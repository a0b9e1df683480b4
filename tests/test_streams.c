/* links: language reference */
/* Data streams with names: what they bind, what a program takes of each, and their batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

#define NETWORKS                                                                                   \
    "latent: {z: normal(3)}\ntrain: {steps: 1}\noptimizer: sgd\n"                                  \
    "networks:\n"                                                                                  \
    "  g: {inputs: [z], layers: [{linear: 2}]}\n"                                                  \
    "  d: {inputs: [x], layers: [{linear: 4}, tanh, {linear: 1}]}\n"
#define TWO                                                                                        \
    "data: {a: {source: ring, batch: 8, count: 64}, b: {source: ring, count: 96}}\n" NETWORKS
#define PLAIN                                                                                      \
    "    d: {minimize: mean(d(g(z)))}\n"                                                           \
    "    g: {minimize: mean(d(g(z)))}\n"

static void open_phase(struct play *p, const char *phase) {
    char text[4096];
    snprintf(text, sizeof text, TWO "game:\n  phases:\n%s" PLAIN, phase);
    assert_true(play_open(p, text));
    assert_true(play_run(p, 0, 0));
}

static double mean_of_batch(const struct test_stream *s) {
    double sum = 0;
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 2; k++)
            sum += ((const float *)s->data.values)[2 * s->index[i] + k];
    return sum / 16;
}

static void a_stream_binds_its_examples(void **state) {
    (void)state;
    struct play p;
    open_phase(&p, "    probe: {report: {v: mean(a.x), w: mean(b.x)}}\n");
    double v = play_metric(&p, "v"), w = play_metric(&p, "w");
    assert_true(fabs(v - mean_of_batch(&p.streams[0])) < 1e-6);
    assert_true(fabs(w - mean_of_batch(&p.streams[1])) < 1e-6);
    play_close(&p);
}

/* Two streams of one source are two sets. */
static void a_stream_is_drawn_for_itself(void **state) {
    (void)state;
    struct play p;
    open_phase(&p, "    probe: {report: {v: mean(a.x), w: mean(b.x)}}\n");
    const float *a = p.streams[0].data.values, *b = p.streams[1].data.values;
    int same = 0;
    for (int i = 0; i < 64; i++)
        same += a[i] == b[i];
    assert_true(same < 4);
    play_close(&p);
}

static void a_program_takes_what_it_uses(void **state) {
    (void)state;
    struct play p;
    open_phase(&p, "    probe: {report: {w: mean(b.x)}}\n");
    const struct program_stream *taken = p.game->phases[0].program.streams;
    assert_true(taken[0].index_input < 0 && taken[0].values_input < 0);
    assert_true(taken[1].index_input >= 0 && taken[1].values_input >= 0);
    assert_true(taken[1].labels_input < 0);
    assert_true(p.game->phases[1].program.streams[1].index_input < 0);
    play_close(&p);
}

static void gradients_by_a_stream(void **state) {
    (void)state;
    struct play p;
    open_phase(&p, "    probe:\n"
                   "      report:\n"
                   "        v: max(abs(grad(sum(square(a.x)) + sum(b.x), a.x) - 2 * a.x))\n"
                   "        w: max(abs(grad(y=sum(3 * b.x), t=b.x) - 3))\n");
    assert_true(play_metric(&p, "v") < 1e-12 && play_metric(&p, "w") < 1e-12);
    play_close(&p);
}

/* A value of the phase comes before a stream of its name. */
static void a_let_hides_a_stream(void **state) {
    (void)state;
    struct play p;
    assert_true(play_open(
        &p, TWO "  e: {inputs: [x], outputs: {x: previous}, layers: [{linear: 1}]}\n"
                "game:\n  phases:\n"
                "    probe: {update: e, let: {a: e(b.x)}, minimize: mean(a.x), report: {w: "
                "mean(a.x) - mean(e(b.x).x)}}\n" PLAIN));
    assert_true(play_run(&p, 0, 0));
    assert_true(play_metric(&p, "w") == 0);
    play_close(&p);
}

/* The batch that one stream gives is that of all, whichever it is. */
static void one_batch_counts_for_all(void **state) {
    (void)state;
    static const struct {
        const char *data;
        int batch;
    } cases[] = {
        {"{a: {source: ring, batch: 8}, b: {source: grid}}", 8},
        {"{a: {source: ring}, b: {source: grid, batch: 16}}", 16},
        {"{a: {source: ring, batch: 4}, b: {source: grid, batch: 2 + 2}}", 4},
        {"{a: {source: ring}, b: {source: grid}}", 64},
        {"{source: {source: ring, batch: 3}}", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p;
        char text[1024];
        snprintf(text, sizeof text, "data: %s\n" NETWORKS "game: {phases: {%s}}\n", cases[i].data,
                 "d: {minimize: mean(d(g(z)))}, g: {minimize: mean(d(g(z)))}");
        play_read(&p, text);
        assert_non_null(p.game);
        assert_int_equal(p.experiment->batch, cases[i].batch);
        for (int k = 0; k < p.experiment->data_count; k++)
            assert_int_equal(p.experiment->data[k].stream.batch, cases[i].batch);
        play_close(&p);
    }
}

/* The default sampler takes the labels of the stream that the generator was given. */
static void a_sampler_takes_its_streams_labels(void **state) {
    (void)state;
    static const char *const text =
        "data: {a: {source: ring, batch: 8}, digits: {source: mnist}}\n"
        "latent: {z: normal(3)}\ntrain: {steps: 1}\noptimizer: sgd\n"
        "networks:\n"
        "  g:\n    inputs: [z, y]\n    layers:\n"
        "      - {one_hot: 10, from: y, as: class}\n"
        "      - {concat: {}, from: [z, class]}\n"
        "      - linear: 784\n      - reshape: [28, 28, 1]\n"
        "  d: {inputs: [x], layers: [flatten, {linear: 1}]}\n"
        "game:\n  phases:\n"
        "    d: {minimize: mean(d(digits.x)) - mean(d(g(z, digits.y)))}\n"
        "    g: {minimize: mean(d(g(z, y=digits.y)))}\n";
    struct play p;
    play_read(&p, text);
    assert_non_null(p.game);
    struct game_sampler *s = game_sampler(p.game, NULL, 4, p.arena, &p.diagnostics);
    assert_non_null(s);
    assert_int_equal(s->labels_count, 1);
    assert_string_equal(s->labels->data->name, "digits");
    assert_int_equal(experiment_label_count(s->labels->data), 10);
    play_close(&p);
}

static void mistakes_are_told(void **state) {
    (void)state;
    static const struct {
        const char *expression, *message, *hint;
    } cases[] = {
        {"mean(x)", "there is no value 'x' here", "'data:' binds a.x, a.y, b.x, b.y"},
        {"mean(a)", "there is no value 'a' here", "'data:' binds a.x, a.y, b.x, b.y"},
        {"mean(a.q)", "data stream 'a' has no 'q'", "'data:' binds a.x, a.y, b.x, b.y"},
        {"mean(aa.x)", "there is no value 'aa' here", "did you mean 'a'?"},
        {"mean(z.x)", "there is no output 'x' here", NULL},
        {"sum(grad(mean(a.x), b.x))", "this does not depend on 'b.x'", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p;
        char text[1024];
        snprintf(text, sizeof text,
                 TWO "game:\n  phases:\n    probe: {report: {v: \"%s\"}}\n" PLAIN,
                 cases[i].expression);
        play_read(&p, text);
        assert_null(p.game);
        assert_int_equal(p.diagnostics.count, 1);
        assert_string_equal(p.diagnostics.list[0].message, cases[i].message);
        if (cases[i].hint) assert_string_equal(p.diagnostics.list[0].hint, cases[i].hint);
        play_close(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_binds_its_examples),
        cmocka_unit_test(a_stream_is_drawn_for_itself),
        cmocka_unit_test(a_program_takes_what_it_uses),
        cmocka_unit_test(gradients_by_a_stream),
        cmocka_unit_test(a_let_hides_a_stream),
        cmocka_unit_test(one_batch_counts_for_all),
        cmocka_unit_test(a_sampler_takes_its_streams_labels),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
