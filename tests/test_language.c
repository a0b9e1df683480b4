/* links: language reference */
/* Expressions, layers, optimizers and games: values, gradients, draws and state, against numbers by
 * hand, by finite differences and by PyTorch (tests/language_torch.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/language_torch.h"
#include "tests/play.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_near(double got, double wanted, double tolerance, const char *what) {
    if (fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted))) return;
    fail_msg("%s: %.17g instead of %.17g", what, got, wanted);
}

/* A small experiment around the given sections. */
static const char *experiment(char *room, size_t size, const char *sections) {
    snprintf(room, size,
             "name: test\nseed: 3\ndata: {source: ring, batch: 6, count: 100}\n"
             "latent: {z: normal(4)}\ntrain: {steps: 1}\n%s",
             sections);
    return room;
}

static void open_play(struct play *p, const char *sections) {
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

static void open_probe(struct play *p, const char *phase) {
    char text[4096];
    snprintf(text, sizeof text,
             "%sgame:\n  phases:\n    f: {minimize: \"mean(f(z)) + mean(f(two(z, z).s)) + "
             "mean(f(fill(z)))\"}\n    probe: %s\n",
             probe, phase);
    open_play(p, text);
}

static double value_of(const char *expression) {
    struct play p;
    char phase[1024];
    snprintf(phase, sizeof phase, "{report: {v: \"%s\"}}", expression);
    open_probe(&p, phase);
    assert_true(play_run(&p, 1, 0));
    double value = play_metric(&p, "v");
    play_close(&p);
    return value;
}

/* ---- expressions -------------------------------------------------------------------------------
 */

static void expressions_have_their_values(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        double value;
    } cases[] = {
        {"-2 ^ 2", -4},
        {"2 ^ 3 ^ 2", 512},
        {"k * 2 + 1", 7},
        {"sum(iota(4))", 6},
        {"sum(iota(4)[1:3])", 3},
        {"iota(4)[-1]", 3},
        {"sum(iota(6)[0:6:2])", 6},
        {"sum(reshape(iota(6), 2, 3)[1])", 12},
        {"reshape(iota(6), [2, 3])[1, 2]", 5},
        {"sum(mean(reshape(iota(6), 2, 3), axis=0) * iota(3))", 9.5},
        {"sum(mean(reshape(iota(6), 2, 3), axis=-1))", 5},
        {"sum(sum(reshape(iota(6), 2, 3), axis=[0, 1]))", 15},
        {"norm(iota(5))", 5.477225575051661},
        {"max(1, 2, iota(3)[2] - 5)", 2},
        {"max(iota(5))", 4},
        {"sum(max(reshape(iota(6), 2, 3), axis=0))", 12},
        {"min(iota(5) - 3)", -3},
        {"sum(iota(4) % 3)", 3},
        {"sum((-iota(4)) % 3)", 3},
        {"sum((iota(4) > 1) + (iota(4) >= 1) + (iota(4) <= 1) + (iota(4) != 2))", 10},
        {"sum(iota(4) == 2 or iota(4) == 3)", 2},
        {"sum(iota(4) > 0 and not iota(4) > 2)", 2},
        {"sum(select(iota(4) < 2, 10, iota(4)))", 25},
        {"sum(clamp(iota(5), 1, 3))", 10},
        {"sum(lerp(iota(3), 10, 0.5))", 16.5},
        {"sum(softmax(iota(3)))", 1},
        {"sum(log_softmax(iota(3)))", -4.222817893277321},
        {"sum(square(iota(3)))", 5},
        {"sum(iota(4) ^ 2 + pow(iota(4), 3))", 50},
        {"sum(one_hot(iota(3), 5) * iota(5))", 3},
        {"sum(concat(iota(3), iota(2)))", 4},
        {"sum(reshape(concat(reshape(iota(4), 2, 2), reshape(iota(4), 2, 2), axis=0), 8))", 12},
        {"sum(iota(7)[iota(3)])", 3},
        {"sum(broadcast(iota(2), 3, 2))", 3},
        {"erf(iota(2)[1])", 0.8427007929497149},
        {"sum(range(3)) + sum(range(2, 9, 3)) + 10 * sum(range(4, 0, -1)) + range(0, 1, 0.3)[3]",
         3 + 15 + 100 + 0.9},
        {"linspace(2, 5, 7)[3] + linspace(3, 9, 1)[0] + sum(linspace(1, 0, 3))", 3.5 + 3 + 1.5},
        {"sum(argmax(concat(iota(4), 3 - iota(4))) + 10 * argmax(reshape(iota(6) % 4, 2, 3), "
         "axis=0))",
         3 * 3 + 10},
        {"sum(cumsum(iota(5)) * iota(5))", 0 + 1 + 6 + 18 + 40},
        {"cumprod(iota(5) + 1)[4] + sum(cumprod(reshape(iota(6), 2, 3), axis=0))",
         120 + 0 + 1 + 2 + 0 + 4 + 10},
        {"sum(roll(iota(5), 2) * iota(5)) + sum(roll(reshape(iota(6), 2, 3), -1, axis=0)[0])",
         0 * 3 + 1 * 4 + 3 * 1 + 4 * 2 + 12},
        {"mean(roll(x, axis=batch)) - mean(x)", 0},
        {"max(abs(roll(roll(x, 2, axis=batch), -2, axis=batch) - x))", 0},
        {"exp(logsumexp(log(0 * iota(3)))) + logsumexp(log(iota(3)))", 1.0986122886681098},
        {"sum(cross_entropy(reshape(iota(6), 2, 3), iota(2) * 2))", 2 * 1.4076059644443804},
        {"mean(cross_entropy(one_hot(y, 8) * 100, y)) + mean(cross_entropy(iota(8), one_hot(y, "
         "8))) - "
         "mean(cross_entropy(iota(8), y))",
         0},
        {"sum(rsqrt(iota(3) + 1))", 2.2844570503761732},
        {"p * 2", 1},
        {"mean(y >= 0)", 1},
        {"mean(x * 0 + 2)", 2},
        {"mean(mean(x, axis=sample) - mean(x, axis=-1))", 0},
        {"sum(mean(x, axis=batch)) * 6 - sum(x)", 0},
        {"mean(two(z, 2 * z).s - 3 * z)", 0},
        {"mean(two(b=z, a=2 * z).d - z)", 0},
        {"mean(square(mean(z, axis=sample) - reshape(mean(z, axis=-1), 1)))", 0},
        {"sum(weights(f/linear_1/weight) * 0 + 1) + sum(0 * weights(f) + 1)", 4 + 5},
        {"mean(fill(z, mode=eval) - z)", 0},
        {"step + 1", 1},
        {"linear(5, 7, end=10) * iota(2)[1]", 5},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_near(value_of(cases[i].expression), cases[i].value, 1e-7, cases[i].expression);
}

/* [b] with [b, 1] gives [b, 1]: the batch axis never meets a sample axis. */
static void batches_broadcast_apart(void **state) {
    (void)state;
    assert_near(value_of("sum(reshape(z[0], 1) * z[0]) - sum(square(z[0]))"), 0, 1e-12, "[b, 1]");
    assert_near(value_of("sum(0 * (z + norm(z)) + 1)"), 24, 0, "[b, 4] + [b]");
    assert_near(value_of("sum(0 * (z + mean(z, axis=batch)) + 1)"), 24, 0, "[b, 4] + [4]");
}

/* ---- gradients ---------------------------------------------------------------------------------
 */

static const double places[7] = {-100, -30, -1, 0, 1, 30, 100};

/* Element by element over `places`: values and gradients as PyTorch has them. */
static void functions_and_gradients_are_pytorchs(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        const double *value, *gradient;
    } cases[] = {
        {"softplus(t)", softplus_y, softplus_d},
        {"sigmoid(t)", sigmoid_y, sigmoid_d},
        {"tanh(t)", tanh_y, tanh_d},
        {"abs(t)", abs_y, abs_d},
        {"relu(t)", relu_y, relu_d},
        {"leaky_relu(t)", leaky_relu_y, leaky_relu_d},
        {"clamp(t, -2, 2)", clamp_y, clamp_d},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int order = 0; order < 2; order++) {
            struct play p;
            char phase[256];
            double got[7];
            snprintf(phase, sizeof phase,
                     order ? "{set: {out: \"grad(%s, t)\"}}" : "{set: {out: \"%s\"}}",
                     cases[i].expression);
            open_probe(&p, phase);
            play_write(&p, "state/t", places);
            assert_true(play_run(&p, 1, 0));
            play_get(&p, "state/out", got);
            for (int k = 0; k < 7; k++)
                assert_near(got[k], order ? cases[i].gradient[k] : cases[i].value[k], 1e-12, phase);
            play_close(&p);
        }
}

/* At `spots`, the values and gradients of functions for objectives, as PyTorch has them. */
static const double spots[7] = {-3.1, -1.7, -0.4, 0.3, 0.9, 2.2, 4.7};
static const double weights[7] = {0.3, -0.7, 1.1, 0.6, -0.2, 0.9, -0.5};

static void objectives_functions_are_pytorchs(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        const double *expected; /* the value, and seven numbers of its gradient */
    } cases[] = {
        {"cross_entropy(t, 2)", objective_cross_entropy},
        {"cross_entropy(t, softmax(w))", objective_cross_entropy_shares},
        {"sum(cross_entropy(reshape(t[0:6], 2, 3), 2 - 2 * iota(2)) * w[0:2])",
         objective_cross_entropy_rows},
        {"sum(bce_with_logits(20 * t, softmax(w)) * w)", objective_bce_with_logits},
        {"sum(gaussian_log_prob(w, t * t, t / 4) * w)", objective_gaussian_log_prob},
        {"sum(kl_normal(t, w * t) * w)", objective_kl_normal},
        {"logsumexp(300 * t)", objective_logsumexp},
        {"sum(logsumexp(reshape(t[0:6], 2, 3), axis=0) * w[0:3])", objective_logsumexp_rows},
        {"sum(softmax(t) * w)", objective_softmax},
        {"sum(log_softmax(reshape(t[0:6], 2, 3), axis=0) * reshape(w[0:6], 2, 3))",
         objective_softmax_rows},
        {"sum(cumsum(t * t) * w)", objective_cumsum},
        {"sum(cumprod(t * (t > -3)) * w) + sum(cumprod(reshape(t[0:6], 2, 3), axis=0) ^ 2)",
         objective_cumprod},
        {"sum(roll(t, 2) * roll(w, -1) * t)", objective_roll},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;
        char phase[512];
        double got[7];
        snprintf(phase, sizeof phase,
                 "{let: {v: \"%s\"}, report: {v: v}, set: {out: \"grad(v, t)\"}}",
                 cases[i].expression);
        open_probe(&p, phase);
        play_write(&p, "state/t", spots);
        play_write(&p, "state/w", weights);
        assert_true(play_run(&p, 1, 0));
        assert_near(play_metric(&p, "v"), cases[i].expected[0], 1e-7, phase);
        play_get(&p, "state/out", got);
        for (int k = 0; k < 7; k++)
            assert_near(got[k], cases[i].expected[k + 1], 1e-7, phase);
        play_close(&p);
    }
}

/* A batch in another order holds the same samples, each once, and the next step another order. */
static void a_shuffled_batch_is_a_permutation(void **state) {
    (void)state;
    struct play p;
    double first = 0;
    open_probe(&p, "{let: {s: \"shuffle(z)\"}, report: {"
                   "a: \"sum(z ^ 2) - sum(s ^ 2)\", "
                   "b: \"sum(sum(z ^ 3, axis=batch) - sum(s ^ 3, axis=batch))\", "
                   "c: \"sum(z * s)\", d: \"sum(z[0] * s[0]) - sum(z[0] * shuffle(z)[0])\"}}");
    for (int step = 0; step < 3; step++) {
        p.step = step;
        assert_true(play_run(&p, 1, 0));
        assert_near(play_metric(&p, "a"), 0, 1e-12, "squares");
        assert_near(play_metric(&p, "b"), 0, 1e-12, "cubes");
        assert_true(fabs(play_metric(&p, "c") - first) > 1e-6);
        assert_true(fabs(play_metric(&p, "d")) > 1e-6);
        first = play_metric(&p, "c");
    }
    play_close(&p);
}

/* d/dt of sum(f(t) * w) along direction w, by differences, against grad; then the same of grad. */
static void gradients_agree_with_differences(void **state) {
    (void)state;
    static const char *const functions[] = {"softplus(t)",
                                            "sigmoid(t)",
                                            "tanh(t)",
                                            "exp(t / 50)",
                                            "log(t * t + 1)",
                                            "sqrt(t * t + 1)",
                                            "rsqrt(t * t + 1)",
                                            "log1p(t * t)",
                                            "expm1(t / 50)",
                                            "sin(t)",
                                            "cos(t)",
                                            "erf(t / 9)",
                                            "square(t)",
                                            "t ^ 3",
                                            "t / (t * t + 2)",
                                            "norm(t) * t",
                                            "softmax(t / 20)",
                                            "log_softmax(t / 20)",
                                            "lerp(t, t * t, 0.3)",
                                            "mean(t) * t",
                                            "max(t, 0.5 * t + 1)",
                                            "t[0] * t",
                                            "concat(t[0:3], square(t[3:7]))",
                                            "iota(7) * t * t",
                                            "abs(t) * t",
                                            "select(t > 2, t * t, t)",
                                            "cross_entropy(t, 2) * t",
                                            "cross_entropy(t, softmax(t / 3)) * t",
                                            "bce_with_logits(t, sigmoid(2 * t))",
                                            "gaussian_log_prob(t, t / 2, t / 4)",
                                            "kl_normal(t, t / 2)",
                                            "logsumexp(t * t) * t",
                                            "cumsum(t * t)",
                                            "cumprod(t + 0.2)",
                                            "roll(t, 3) * t",
                                            "leaky_relu(t, 0.2) * t"};
    const double h = 1e-4;
    for (size_t i = 0; i < COUNT(functions); i++) {
        struct play p;
        char phase[512];
        double moved[7], value[3], first[3], second[3];
        snprintf(phase, sizeof phase,
                 "{let: {a: \"sum(%s * w)\", b: \"sum(grad(a, t) * w)\"}, "
                 "report: {v: a, d: b, dd: \"sum(grad(b + 0 * sum(t), t) * w)\"}}",
                 functions[i]);
        open_probe(&p, phase);
        play_write(&p, "state/w", weights);
        for (int side = 0; side < 3; side++) {
            for (int k = 0; k < 7; k++)
                moved[k] = spots[k] + (side - 1) * h * weights[k];
            play_write(&p, "state/t", moved);
            assert_true(play_run(&p, 1, 0));
            value[side] = play_metric(&p, "v");
            first[side] = play_metric(&p, "d");
            second[side] = play_metric(&p, "dd");
        }
        assert_near((value[2] - value[0]) / (2 * h), first[1], 1e-6, functions[i]);
        assert_near((first[2] - first[0]) / (2 * h), second[1], 1e-6, functions[i]);
        play_close(&p);
    }
}

static void second_gradients_at_the_edge_are_finite(void **state) {
    (void)state;
    struct play p;
    double got[7];
    open_probe(&p, "{let: {g: \"grad(softplus(t), t)\"}, set: {out: \"grad(g, t)\"}}");
    play_write(&p, "state/t", places);
    assert_true(play_run(&p, 1, 0));
    play_get(&p, "state/out", got);
    for (int k = 0; k < 7; k++) {
        double s = sigmoid_y[k];
        assert_near(got[k], s * (1 - s), 1e-12, "softplus''");
    }
    play_close(&p);
    open_probe(&p, "{let: {n: norm(0 * t)}, set: {out: \"grad(n * sum(t), t) + grad(n, t)\"}}");
    assert_true(play_run(&p, 1, 0));
    play_get(&p, "state/out", got);
    for (int k = 0; k < 7; k++)
        assert_near(got[k], 0, 0, "norm at 0");
    play_close(&p);
}

/* ---- losses of whole networks ------------------------------------------------------------------
 */

/* The gradient of a phase's loss by all that it updates, read off a step of sgd with lr 1, along
 * one direction, against differences of the loss. */
static void check_loss(const char *sections, const char *phase_loss, const char *const *names) {
    struct play p;
    open_play(&p, sections);
    double start[512], moved[512], slope = 0, loss[2];
    const double h = 1e-5;
    double *kept[16], *along[16];
    int count = 0;
    for (; names[count]; count++) {
        const struct game_variable *v = play_variable(&p, names[count]);
        int64_t n = shape_count(v->variable.shape);
        assert_true(n <= 512);
        kept[count] = ARENA_ARRAY(p.arena, double, n);
        along[count] = ARENA_ARRAY(p.arena, double, n);
        play_get(&p, names[count], kept[count]);
        for (int64_t k = 0; k < n; k++)
            along[count][k] = sin((double)(k * 7 + count * 3 + 1));
    }
    assert_true(play_run(&p, 0, 0));
    for (int i = 0; i < count; i++) {
        play_get(&p, names[i], start);
        for (int64_t k = 0; k < shape_count(play_variable(&p, names[i])->variable.shape); k++)
            slope += (kept[i][k] - start[k]) * along[i][k];
    }
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < count; i++) {
            for (int64_t k = 0; k < shape_count(play_variable(&p, names[i])->variable.shape); k++)
                moved[k] = kept[i][k] + (side ? h : -h) * along[i][k];
            play_write(&p, names[i], moved);
        }
        assert_true(play_run(&p, 0, 0));
        loss[side] = play_metric(&p, phase_loss);
    }
    assert_true(fabs(slope) > 1e-6);
    assert_near((loss[1] - loss[0]) / (2 * h), slope, 2e-5, sections);
    play_close(&p);
}

#define CRITIC                                                                                     \
    "optimizer: {sgd: {lr: 1}}\n"                                                                  \
    "networks:\n"                                                                                  \
    "  generator: {inputs: [z], layers: [{linear: 5}, batch_norm, tanh, {linear: 2}]}\n"           \
    "  discriminator: {inputs: [x], layers: [{linear: 6}, {leaky_relu: 0.2}, {linear: 5}, tanh, "  \
    "{linear: 1}]}\n"

static const char *const critic_weights[] = {"discriminator/linear_1/weight",
                                             "discriminator/linear_1/bias",
                                             "discriminator/linear_2/weight",
                                             "discriminator/linear_2/bias",
                                             "discriminator/linear_3/weight",
                                             "discriminator/linear_3/bias",
                                             NULL};

static void penalties_have_second_gradients(void **state) {
    (void)state;
    static const char *const objectives[] = {"non-saturating",
                                             "minimax",
                                             "least-squares",
                                             "wgan-gp",
                                             "hinge",
                                             "[non-saturating, {r1: {weight: 5}}]",
                                             "[hinge, {r1: {weight: linear(3, 9, end=7)}}]"};
    for (size_t i = 0; i < COUNT(objectives); i++) {
        char text[2048];
        snprintf(text, sizeof text, CRITIC "game: {objective: %s}\n", objectives[i]);
        check_loss(text, "discriminator.loss", critic_weights);
    }
}

static void layers_have_gradients(void **state) {
    (void)state;
    static const char *const names[] = {
        "f/linear_1/weight", "f/batch_norm_1/scale", "f/batch_norm_1/shift", "f/class/weight",
        "f/free/value",      "f/linear_2/weight",    "f/linear_2/bias",      NULL};
    check_loss("optimizer: {sgd: {lr: 1}}\n"
               "networks:\n"
               "  f:\n"
               "    inputs: [x, y]\n"
               "    layers:\n"
               "      - linear: {units: 4, bias: false, init: he(0.2)}\n"
               "      - batch_norm\n"
               "      - leaky_relu: 0.2\n"
               "        as: h\n"
               "      - embedding: {count: 8, size: 4}\n"
               "        from: y\n"
               "        as: class\n"
               "      - parameter: {shape: [4], init: normal(0.5)}\n"
               "        as: free\n"
               "      - dropout: 0.3\n"
               "        from: h\n"
               "      - add: {}\n"
               "        from: [previous, class]\n"
               "      - compute: softplus(previous) * free + sigmoid(h)\n"
               "      - concat: {}\n"
               "        from: [previous, h, \"class[1:3]\"]\n"
               "      - reshape: [2, 5]\n"
               "      - linear: {units: 3, init: glorot}\n"
               "      - relu\n"
               "      - flatten\n"
               "game: {phases: {f: {minimize: mean(square(f(x, y) - 1))}}}\n",
               "f.loss", names);
}

/* ---- layers by numbers -------------------------------------------------------------------------
 */

static void assert_all(const double *got, const double *wanted, int count, const char *what) {
    for (int i = 0; i < count; i++)
        assert_near(got[i], wanted[i], 1e-12, what);
}

/* x is a batch of the rows of a state, picked by labels 0 to 3. */
static void batch_norm_is_pytorchs(void **state) {
    (void)state;
    struct play p;
    static const double scale[3] = {1, 2, 0.5}, shift[3] = {0, -1, 3};
    static const int32_t labels[4] = {0, 1, 2, 3};
    static int32_t index[4] = {0, 1, 2, 3};
    double rows[12], got[12];
    for (int i = 0; i < 12; i++)
        rows[i] = i * i / 10.0;
    static const char text[] =
        "name: test\ndata: {source: ring, modes: 4, batch: 4}\ntrain: {steps: 1}\n"
        "optimizer: {sgd: {lr: 1}}\n"
        "state: {rows: {shape: [4, 3]}, y1: {shape: [4, 3]}, y2: {shape: [4, 3]}, "
        "dx: {shape: [4, 3]}}\n"
        "networks:\n"
        "  norm_of: {inputs: [a], layers: [batch_norm]}\n"
        "  spread: {inputs: [a, n], layers: [{compute: "
        "\"4 * mean(reshape(one_hot(n, 4), 4, 1) * reshape(a, 1, 3), axis=batch)\"}]}\n"
        "game:\n"
        "  phases:\n"
        "    norm_of:\n"
        "      let: {a: \"rows[y]\", out: norm_of(a), g: \"grad(sum(out ^ 3), a)\"}\n"
        "      minimize: sum(out ^ 3)\n"
        "      set: {y1: \"spread(out, y)\", dx: \"spread(g, y)\"}\n"
        "    check:\n"
        "      set: {y2: \"spread(norm_of(rows[y], mode=eval), y)\"}\n";
    assert_true(play_open(&p, text));
    p.data.labels = labels;
    p.index = index;
    play_write(&p, "state/rows", rows);
    play_write(&p, "norm_of/batch_norm_1/scale", scale);
    play_write(&p, "norm_of/batch_norm_1/shift", shift);
    assert_true(play_run(&p, 0, 0));
    play_get(&p, "state/y1", got);
    assert_all(got, batch_norm_y, 12, "y");
    play_get(&p, "state/dx", got);
    for (int i = 0; i < 12; i++)
        assert_near(got[i], batch_norm_dx[i], 1e-10, "dx");
    play_get(&p, "norm_of/batch_norm_1/running_mean", got);
    assert_all(got, batch_norm_mean, 3, "running mean");
    play_get(&p, "norm_of/batch_norm_1/running_variance", got);
    assert_all(got, batch_norm_variance, 3, "running variance");
    play_get(&p, "norm_of/batch_norm_1/scale", got);
    for (int i = 0; i < 3; i++)
        got[i] = scale[i] - got[i];
    assert_all(got, batch_norm_dscale, 3, "dscale");
    play_write(&p, "norm_of/batch_norm_1/scale", scale);
    play_write(&p, "norm_of/batch_norm_1/shift", shift);
    assert_true(play_run(&p, 1, 0));
    play_get(&p, "state/y2", got);
    assert_all(got, batch_norm_eval, 12, "eval");
    play_close(&p);
}

static void run_optimizer(const char *optimizer, const double *expected) {
    struct play p;
    char text[1024];
    snprintf(text, sizeof text,
             "optimizer: {%s}\n"
             "networks: {f: {layers: [{parameter: {shape: [3], init: constant(0.5)}, as: p}]}}\n"
             "game: {phases: {f: {minimize: \"sum(10 ^ (iota(3) - 1) * f() ^ 2 + f())\"}}}\n",
             optimizer);
    open_play(&p, text);
    for (int step = 0; step < 5; step++) {
        double now[3];
        assert_true(play_step(&p));
        play_get(&p, "f/p/value", now);
        for (int k = 0; k < 3; k++)
            assert_near(now[k], expected[3 * step + k], 2e-7, optimizer);
    }
    play_close(&p);
}

static void optimizers_are_pytorchs(void **state) {
    (void)state;
    run_optimizer("sgd: {lr: 0.01}", sgd_plain);
    run_optimizer("sgd: {lr: 0.01, momentum: 0.9, dampening: 0.3, weight_decay: 0.1}",
                  sgd_momentum);
    run_optimizer("sgd: {lr: 0.01, momentum: 0.9, nesterov: true}", sgd_nesterov);
    run_optimizer("adam: {lr: 0.01}", adam_plain);
    run_optimizer("adam: {lr: \"linear(0.02, 0.02, end=9)\", betas: [0.5, 0.9], epsilon: 1e-3, "
                  "weight_decay: 0.1}",
                  adam_gan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_their_values),
        cmocka_unit_test(batches_broadcast_apart),
        cmocka_unit_test(functions_and_gradients_are_pytorchs),
        cmocka_unit_test(objectives_functions_are_pytorchs),
        cmocka_unit_test(a_shuffled_batch_is_a_permutation),
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(second_gradients_at_the_edge_are_finite),
        cmocka_unit_test(penalties_have_second_gradients),
        cmocka_unit_test(layers_have_gradients),
        cmocka_unit_test(batch_norm_is_pytorchs),
        cmocka_unit_test(optimizers_are_pytorchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
