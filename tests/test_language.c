/* links: language reference */
/* Expressions and games: values, gradients, draws and state, against numbers by hand, by finite
 * differences and by PyTorch (tests/language_torch.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runner/compose.h"
#include "runner/experiment_keys.h"
#include "tests/language.h"
#include "tests/language_torch.h"

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
        {"leaky_relu(t, 0.25, 1.5)", leaky_relu_gain_y, leaky_relu_gain_d},
        {"elu(t)", elu_y, elu_d},
        {"elu(t, 2)", elu_2_y, elu_2_d},
        {"selu(t)", selu_y, selu_d},
        {"silu(t)", silu_y, silu_d},
        {"gelu(t)", gelu_y, gelu_d},
        {"gelu(t, tanh)", gelu_tanh_y, gelu_tanh_d},
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

/* The values and gradients of functions for objectives, as PyTorch has them. */
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
                                            "elu(t, 0.7) * t",
                                            "selu(t)",
                                            "silu(t)",
                                            "gelu(t)",
                                            "gelu(t, tanh)",
                                            "softmax(reshape(t[0:6], 2, 3), axis=0)[0, 1] * t",
                                            "multiply(t, t, t + 1)",
                                            "permute(reshape(t[0:6], 2, 3), 1, 0)[2, 1] * t * t",
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

#define CRITIC                                                                                     \
    "optimizer: {sgd: {lr: 1}}\n"                                                                  \
    "networks:\n"                                                                                  \
    "  generator: {inputs: [z], layers: [{linear: 5}, batch_norm, tanh, {linear: 2}]}\n"           \
    "  discriminator: {inputs: [x], layers: [{linear: 6}, {leaky_relu: 0.2}, {linear: 5}, tanh, "  \
    "{linear: 1}]}\n"

static void penalties_have_second_gradients(void **state) {
    (void)state;
    static const char *const objectives[] = {"non-saturating",
                                             "minimax",
                                             "least-squares",
                                             "wgan-gp",
                                             "hinge",
                                             "softened",
                                             "[non-saturating, {r1: {weight: 5}}]",
                                             "[hinge, {r1: {weight: linear(3, 9, end=7)}}]"};
    for (size_t i = 0; i < COUNT(objectives); i++) {
        char text[2048];
        snprintf(text, sizeof text, CRITIC "game: {objective: %s}\n", objectives[i]);
        check_loss(text, "discriminator.loss", "discriminator");
    }
    check_loss(CRITIC "game: {objective: [lazy-r1, non-saturating]}\n", "penalty.loss",
               "discriminator");
}

/* A map that chooses one row has keys beside it: the reader that merges files has them by heart. */
static void assert_beside(const struct place *place, const struct key_row *keys) {
    const char *const *beside = row_choice(place);
    int count = 0;
    for (; keys->is.name; keys++, count++)
        if (row_is_chosen_by(beside, keys->is.name)) fail_msg("'%s' is no row", keys->is.name);
    for (; *beside; beside++)
        count--;
    assert_int_equal(count, 0);
}

static void what_stands_beside_rows_is_known(void **state) {
    (void)state;
    static const struct key_row length[] = {{.is = {.name = "accumulate"}}, {.is = {0}}};
    const struct place layers = {.key = "layers"}, layer = {.outer = &layers},
                       optimizer = {.key = "optimizer"}, optimizers = {.key = "optimizers"},
                       one = {.outer = &optimizers, .key = "generator"}, train = {.key = "train"};
    assert_beside(&layer, layer_keys);
    assert_beside(&optimizer, optimizers_keys);
    assert_beside(&one, optimizers_keys);
    assert_beside(&train, length);
    assert_non_null(key_find(train_keys, "accumulate"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_beside_rows_is_known),
        cmocka_unit_test(expressions_have_their_values),
        cmocka_unit_test(batches_broadcast_apart),
        cmocka_unit_test(functions_and_gradients_are_pytorchs),
        cmocka_unit_test(objectives_functions_are_pytorchs),
        cmocka_unit_test(a_shuffled_batch_is_a_permutation),
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(second_gradients_at_the_edge_are_finite),
        cmocka_unit_test(penalties_have_second_gradients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
