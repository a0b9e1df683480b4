/* links: language reference */
/* Lists of layers: repeat, residual, branch, sequential, blocks, defaults, and what weights go
 * through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HEAD                                                                                       \
    "name: test\nseed: 3\nlatent: {z: normal(4)}\ntrain: {steps: 1}\noptimizer: {sgd: {lr: 1}}\n"

static void assert_near(double got, double wanted, const char *what) {
    if (fabs(got - wanted) <= 1e-6 * fmax(1, fabs(wanted))) return;
    fail_msg("%s: %.17g instead of %.17g", what, got, wanted);
}

/* The greatest difference between network f, of these layers, and an expression over z. */
static double difference(const char *layers, const char *expression) {
    struct play p;
    char text[4096];
    snprintf(text, sizeof text,
             HEAD "parameters: {k: 3}\n"
                  "blocks:\n"
                  "  shift:\n"
                  "    parameters: {by: 1, times: {default: 2, range: [0, 10]}}\n"
                  "    inputs: [a, b]\n"
                  "    layers:\n"
                  "      - compute: a * times\n"
                  "      - compute: previous + by * b\n"
                  "  twice: {inputs: a, layers: [{shift: {by: 0}, from: [a, a]}]}\n"
                  "networks:\n"
                  "  g: {inputs: [z], layers: [linear: 1]}\n"
                  "  f:\n    inputs: [z]\n    layers: %s\n"
                  "game:\n  phases:\n    g:\n      update: [g%s]\n"
                  "      minimize: mean(g(z)) + mean(f(z))\n"
                  "      report: {v: \"max(abs(f(z) - (%s)))\"}\n",
             layers, strstr(layers, "linear") ? ", f" : "", expression);
    assert_true(play_open(&p, text));
    assert_true(play_run(&p, 0, 0));
    double value = play_metric(&p, "v");
    play_close(&p);
    return value;
}

static void lists_are_what_they_stand_for(void **state) {
    (void)state;
    static const struct {
        const char *layers, *expression;
    } cases[] = {
        {"[sequential: [compute: 2 * z, compute: previous + 1]]", "2 * z + 1"},
        {"[{residual: [compute: 3 * previous]}]", "4 * z"},
        {"[{residual: {layers: [compute: 3 * previous], shortcut: [compute: z - 1]}}]",
         "4 * z - 1"},
        {"[branch: [[compute: z + 1], []]]", "concat(z + 1, z)"},
        {"[branch: {branches: [[compute: z + 1], [compute: z * z], []], join: add}]",
         "z + 1 + z * z + z"},
        {"[branch: {branches: [[compute: z + 1], [compute: z * z]], join: multiply}]",
         "(z + 1) * z * z"},
        {"[repeat: {for: {i: range(3)}, layers: [compute: 2 * previous + i]}]", "8 * z + 4"},
        {"[repeat: {for: {i: 'range(5, 1, -2)', c: [k, 10]}, layers: [compute: i * previous + c]}]",
         "3 * (5 * z + 3) + 10"},
        {"[repeat: {for: {i: range(0)}, layers: [compute: 2 * previous]}]", "z"},
        {"[{compute: z, as: h}, {compute: 1, as: n}, "
         "{repeat: {for: {i: range(3)}, carry: [h, n], layers: "
         "[{compute: 2 * h, as: h}, {compute: n + 1, as: n}]}}, {compute: h + n}]",
         "8 * z + 4"},
        {"[{repeat: {for: {i: range(2)}, layers: [{compute: previous + i, when: i > 0}]}}]",
         "z + 1"},
        {"[{sequential: [{compute: 5 * z, as: z2}, {compute: z2 + z}]}]", "6 * z"},
        {"[{compute: 3 * z, as: h}, {sequential: [compute: 'grad(h * h, h)']}]", "6 * z"},
        {"[{shift: {by: 5}, from: ['z[0]', 'z[1]']}]", "2 * z[0] + 5 * z[1]"},
        {"[{compute: z, as: b}, {compute: z + 1}, shift: {times: k}]", "3 * (z + 1) + z"},
        {"[twice, twice]", "4 * z"},
        {"[{compute: 'reshape(z, 2, 2)', as: h}, {compute: channels(z) + extent(h, 0)}]", "6"},
        {"[{residual: {layers: [{linear: {units: channels(previous), init: 0, bias_init: 2}}]}}]",
         "z + 2"},
        {"[{linear: {units: channels(z) / 2, init: 1, bias: false}}]",
         "concat(reshape(sum(z, axis=sample), 1), reshape(sum(z, axis=sample), 1))"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_near(difference(cases[i].layers, cases[i].expression), 0, cases[i].layers);
}

/* ---- paths and defaults ------------------------------------------------------------------------
 */

static const char nested[] =
    HEAD "defaults: {linear: {bias: false, init: 0.5}}\n"
         "blocks:\n"
         "  dense: {parameters: {units: 4}, inputs: [h], layers: [linear: units, relu]}\n"
         "networks:\n"
         "  g:\n"
         "    inputs: [z]\n"
         "    defaults: {linear: {init: 0.25}, dense: {units: 3}}\n"
         "    layers:\n"
         "      - linear: 4\n"
         "      - repeat:\n"
         "          for: {i: range(2)}\n"
         "          layers: [dense, {linear: {units: 4 + i, bias: true}, as: last$(i)}]\n"
         "        as: body\n"
         "      - residual: [dense: 5, linear: channels(previous)]\n"
         "      - branch: [[linear: 1], [linear: 1]]\n"
         "      - linear: {units: 1, init: 2}\n"
         "game: {phases: {g: {minimize: mean(g(z))}}}\n";

static void weights_are_named_by_path(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int64_t count;
        double first;
    } wanted[] = {
        {"g/linear_1/weight", 16, 0.25},
        {"g/body/0/dense_1/linear_1/weight", 12, 0.25},
        {"g/body/0/last0/weight", 12, 0.25},
        {"g/body/0/last0/bias", 4, NAN},
        {"g/body/1/dense_1/linear_1/weight", 12, 0.25},
        {"g/body/1/last1/weight", 15, 0.25},
        {"g/body/1/last1/bias", 5, NAN},
        {"g/residual_1/dense_1/linear_1/weight", 25, 0.25},
        {"g/residual_1/linear_1/weight", 25, 0.25},
        {"g/branch_1/0/linear_1/weight", 5, 0.25},
        {"g/branch_1/1/linear_1/weight", 5, 0.25},
        {"g/linear_2/weight", 2, 2},
    };
    struct play p;
    assert_true(play_open(&p, nested));
    assert_int_equal(p.game->variables_count, COUNT(wanted));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct game_variable *v = p.game->variables[i];
        assert_string_equal(v->variable.name, wanted[i].name);
        assert_int_equal(shape_count(v->variable.shape), wanted[i].count);
        play_get(&p, wanted[i].name, p.row);
        if (!isnan(wanted[i].first)) assert_near(p.row[0], wanted[i].first, wanted[i].name);
    }
    play_close(&p);
}

static void resolved_says_the_same(void **state) {
    (void)state;
    struct play p, q;
    struct text text = {0};
    assert_true(play_open(&p, nested));
    config_write(experiment_resolved(p.experiment), &text);
    assert_non_null(strstr(text_get(&text), "bias_init: fan_in")); /* the rows' own defaults */
    assert_true(play_open(&q, text_get(&text)));
    char *a = play_graphs(&p), *b = play_graphs(&q);
    assert_string_equal(a, b);
    free(a);
    free(b);
    text_release(&text);
    play_close(&p);
    play_close(&q);
}

/* A list that nothing comes before has no input, as a network's first layer has none. */
static void a_first_list_may_lack_an_input(void **state) {
    (void)state;
    static const char *const firsts[] = {"sequential: [linear: 3]",
                                         "repeat: {for: {i: range(2)}, layers: [linear: 3]}"};
    for (size_t i = 0; i < COUNT(firsts); i++) {
        struct play p;
        char text[1024];
        snprintf(text, sizeof text,
                 HEAD "networks:\n  g: {inputs: [z], layers: [linear: 1]}\n"
                      "  c: {layers: [{%s}]}\n"
                      "game: {phases: {g: {update: [g, c], minimize: mean(g(z)) + mean(c())}}}\n",
                 firsts[i]);
        play_read(&p, text);
        assert_null(p.game);
        assert_int_equal(p.diagnostics.count, 1);
        assert_string_equal(p.diagnostics.list[0].message, "'linear' has no input");
        play_close(&p);
    }
}

/* ---- chains ------------------------------------------------------------------------------------
 */

static void open_linear(struct play *p, const char *chain, const char *minimize) {
    char text[2048];
    snprintf(text, sizeof text,
             HEAD "state: {c: {shape: [2, 2]}}\n"
                  "networks:\n  f:\n    inputs: {h: [2]}\n    layers:\n"
                  "      - linear: {units: 2, bias: %s, init: 1, bias_init: 3, weight: %s}\n"
                  "game:\n  phases:\n    f:\n      minimize: \"%s\"\n"
                  "      report: {a: \"mean(f([1, 0])[0])\", b: \"mean(f([0, 1])[1])\"}\n",
             strstr(chain, "equalized") ? "true" : "false", chain, minimize);
    assert_true(play_open(p, text));
}

static double norm2(double x, double y) {
    return sqrt(x * x + y * y);
}

/* One step of the power iteration, and a gradient that goes through sigma but not through u and v,
 * by hand. */
static void spectral_norm_is_miyatos(void **state) {
    (void)state;
    const double w[4] = {3, 1, 0, 2}, u[2] = {0.6, 0.8};
    struct play p;
    double got[4], vector[2];
    open_linear(&p, "[spectral_norm]", "sum(square(f([1, 2])))");
    play_write(&p, "f/linear_1/weight", w);
    play_write(&p, "f/linear_1/spectral_vector", u);
    assert_true(play_run(&p, 0, 0));
    double v[2] = {w[0] * u[0] + w[1] * u[1], w[2] * u[0] + w[3] * u[1]};
    double length = norm2(v[0], v[1]);
    v[0] /= length, v[1] /= length;
    double next[2] = {w[0] * v[0] + w[2] * v[1], w[1] * v[0] + w[3] * v[1]};
    double sigma = norm2(next[0], next[1]);
    next[0] /= sigma, next[1] /= sigma;
    play_get(&p, "f/linear_1/spectral_vector", vector);
    assert_near(vector[0], next[0], "u");
    assert_near(vector[1], next[1], "u");
    /* y = x W / sigma, the loss is |y|^2: dW = 2 x' y / sigma - (2 y y' / sigma) v u'. */
    const double x[2] = {1, 2};
    double y[2], yy;
    for (int j = 0; j < 2; j++)
        y[j] = (x[0] * w[j] + x[1] * w[2 + j]) / sigma;
    yy = y[0] * y[0] + y[1] * y[1];
    play_get(&p, "f/linear_1/weight", got);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            assert_near(w[2 * i + j] - got[2 * i + j],
                        2 * x[i] * y[j] / sigma - 2 * yy / sigma * v[i] * next[j], "a gradient");
    play_close(&p);
}

static void spectral_norm_finds_the_largest_singular_value(void **state) {
    (void)state;
    const double w[4] = {3, 0, 0, 1};
    struct play p;
    open_linear(&p, "[spectral_norm]", "0 * sum(f([1, 2]))");
    play_write(&p, "f/linear_1/weight", w);
    for (int i = 0; i < 40; i++)
        assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "a"), 1, "the largest");
    assert_near(play_metric(&p, "b"), 1.0 / 3, "the other");
    play_close(&p);
}

static void weight_norm_keeps_lengths_apart(void **state) {
    (void)state;
    const double w[4] = {3, 1, 4, 2}, gain[2] = {10, 1};
    struct play p;
    double got[2];
    open_linear(&p, "weight_norm", "0 * sum(f([1, 2]))");
    play_get(&p, "f/linear_1/gain", got);
    assert_near(got[0], sqrt(2), "the gain at first");
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "a"), 1, "the weight at first");
    play_write(&p, "f/linear_1/weight", w);
    play_write(&p, "f/linear_1/gain", gain);
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "a"), 10 * 3 / 5.0, "a weight");
    assert_near(play_metric(&p, "b"), 2 / sqrt(5), "a weight");
    play_close(&p);
}

static void equalized_scales_at_each_use(void **state) {
    (void)state;
    struct play p;
    double weight[4], bias[2];
    open_linear(&p, "[equalized: {gain: 2, lr_multiplier: 0.1}]", "sum(f([1, 0]))");
    play_get(&p, "f/linear_1/weight", weight);
    play_get(&p, "f/linear_1/bias", bias);
    assert_near(weight[0], 10, "what is stored");
    assert_near(bias[0], 30, "what is stored");
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "a"), 2 / sqrt(2) + 3, "y");
    play_get(&p, "f/linear_1/weight", weight);
    play_get(&p, "f/linear_1/bias", bias);
    assert_near(weight[0], 10 - 0.2 / sqrt(2), "a step");
    assert_near(bias[0], 30 - 0.1, "a step");
    play_close(&p);
}

/* The way out of a transposed convolution is the third axis of its weight [height, width, out, in]. */
static void chains_know_the_way_out(void **state) {
    (void)state;
    struct play p;
    double weight[12], gain[3];
    assert_true(play_open(
        &p, HEAD "networks:\n  f:\n    inputs: {h: [1, 1, 2]}\n    layers:\n"
                 "      - conv_transpose: {channels: 3, kernel: [2, 1], weight: [weight_norm, "
                 "spectral_norm]}\n"
                 "game: {phases: {f: {minimize: \"sum(f(normal(1, 1, 2)))\"}}}\n"));
    play_get(&p, "f/conv_transpose_1/weight", weight);
    play_get(&p, "f/conv_transpose_1/gain", gain);
    for (int out = 0; out < 3; out++)
        assert_near(gain[out],
                    sqrt(weight[2 * out] * weight[2 * out] +
                         weight[2 * out + 1] * weight[2 * out + 1] +
                         weight[6 + 2 * out] * weight[6 + 2 * out] +
                         weight[7 + 2 * out] * weight[7 + 2 * out]),
                    "a gain at first");
    const struct game_variable *u = play_variable(&p, "f/conv_transpose_1/spectral_vector");
    assert_int_equal(shape_count(u->variable.shape), 3);
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_what_they_stand_for),
        cmocka_unit_test(weights_are_named_by_path),
        cmocka_unit_test(resolved_says_the_same),
        cmocka_unit_test(a_first_list_may_lack_an_input),
        cmocka_unit_test(spectral_norm_is_miyatos),
        cmocka_unit_test(spectral_norm_finds_the_largest_singular_value),
        cmocka_unit_test(weight_norm_keeps_lengths_apart),
        cmocka_unit_test(equalized_scales_at_each_use),
        cmocka_unit_test(chains_know_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
