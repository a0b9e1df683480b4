/* links: language reference */
/* Layers: values and gradients against PyTorch (tests/language_torch.py), and gradients of gradients
 * against finite differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/language_torch.h"
#include "tests/layer_case.h"

static void layers_have_gradients(void **state) {
    (void)state;
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
               "f.loss", "f");
}

static void layers_have_second_gradients(void **state) {
    (void)state;
    static const char *const layers[] = {
        "{maxout: {units: 4, pieces: 3}}",
        "prelu",
        "{prelu: {per_channel: true}}",
        "elu",
        "selu",
        "gelu",
        "{gelu: tanh}",
        "silu",
        "softmax",
        "log_softmax",
        "layer_norm",
        "{gaussian_noise: 0.5}, tanh",
        "{add: {}, from: [h, \"h[2:3]\"]}, {multiply: {}, from: [previous, h, h]}",
        "{reshape: [2, 3]}, {permute: [1, 0]}, {linear: 2}, tanh, flatten",
        "tanh, {pack: 2}",
        "bias, {leaky_relu: {slope: 0.2, gain: 1.4}}, identity, tanh",
        "{minibatch_stddev: {group: 3, features: 2}}",
        "{minibatch_discrimination: {kernels: 3, size: 2, init: normal(0.5)}}",
        "{reshape: [2, 3, 1]}, {conv: {channels: 2, kernel: 2, padding: same}}, tanh, flatten",
        "{reshape: [1, 2, 3]}, {conv_transpose: {channels: 2, kernel: [2, 3], stride: 2}}, tanh, "
        "{conv: {channels: 4, kernel: 3, stride: 2, groups: 2, padding: reflect}}, flatten",
    };
    for (size_t i = 0; i < COUNT(layers); i++)
        check_penalty(layers[i]);
}

/* Noise in training, none in eval mode; of the deviation that is given. */
static void gaussian_noise_is_for_training(void **state) {
    (void)state;
    struct play p;
    open_play(&p, "optimizer: sgd\n"
                  "networks:\n"
                  "  f: {inputs: [a], layers: [{linear: 1}]}\n"
                  "  noisy: {inputs: [a], layers: [{gaussian_noise: 0.5}]}\n"
                  "game:\n"
                  "  phases:\n"
                  "    f:\n"
                  "      let: {a: \"normal(1000)\", d: noisy(a) - a}\n"
                  "      minimize: mean(f(a))\n"
                  "      report:\n"
                  "        mean: mean(d)\n"
                  "        deviation: sqrt(mean(square(d)))\n"
                  "        other: max(abs(noisy(a, mode=eval) - a))\n"
                  "        function: mean(square(gaussian_noise(a, 2) - a))\n");
    assert_true(play_run(&p, 0, 0));
    assert_near(play_metric(&p, "mean"), 0, 0.03, "mean");
    assert_near(play_metric(&p, "deviation"), 0.5, 0.03, "deviation");
    assert_near(play_metric(&p, "other"), 0, 0, "eval mode");
    assert_near(play_metric(&p, "function"), 4, 0.1, "as a function");
    play_close(&p);
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
    p.streams->data.labels = labels;
    p.streams->index = index;
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

/* What packs has a batch of its own size, for reductions and for what drops. */
static void packed_samples_are_a_batch(void **state) {
    (void)state;
#define TWO "pack(z[0:2], 2)"
    assert_near(value_of("sum(0 * " TWO "[0] + 1)"), 3, 0, "samples");
    assert_near(value_of("max(abs(sum(" TWO ", axis=batch)[0:2] + sum(" TWO
                         ", axis=batch)[2:4] - sum(z, axis=batch)[0:2]))"),
                0, 1e-6, "sum");
    assert_near(value_of("max(abs(mean(" TWO ", axis=batch)[0:2] + mean(" TWO
                         ", axis=batch)[2:4] - 2 * mean(z, axis=batch)[0:2]))"),
                0, 1e-6, "mean");
    assert_near(value_of("max(abs(max(max(" TWO ", axis=batch)[0:2], max(" TWO
                         ", axis=batch)[2:4]) - max(z, axis=batch)[0:2]))"),
                0, 0, "largest");
    /* fill drops half, each number by itself, and doubles the others */
#define DROPPED "fill(pack(0 * z[0:2] + 1, 2))"
    assert_near(value_of("max(abs(abs(" DROPPED " - 1) - 1))"), 0, 0, "dropped or doubled");
    assert_near(value_of("sum(0 * " DROPPED "[0] + 1)"), 3, 0, "samples of what drops");
    assert_near(value_of("max(max(" DROPPED ", axis=batch) - min(" DROPPED ", axis=batch))"), 2, 0,
                "between samples");
    assert_near(value_of("max(max(" DROPPED ", axis=sample) - min(" DROPPED ", axis=sample))"), 2,
                0, "within samples");
}

static void layers_are_pytorchs(void **state) {
    (void)state;
    static const struct layer_case cases[] = {
        {"{maxout: {units: 2, pieces: 3}}",
         4,
         2,
         maxout_y,
         maxout_dx,
         {"maxout_1/weight", "maxout_1/bias"},
         {maxout_d0, maxout_d1}},
        {"prelu", 4, 12, prelu_y, prelu_dx, {"prelu_1/slope"}, {prelu_d0}},
        {"{reshape: [2, 2, 3]}, {prelu: {per_channel: true}}",
         4,
         12,
         prelu_channels_y,
         prelu_channels_dx,
         {"prelu_1/slope"},
         {prelu_channels_d0}},
        {"{reshape: [2, 2, 3]}, layer_norm",
         4,
         12,
         layer_norm_y,
         layer_norm_dx,
         {"layer_norm_1/scale", "layer_norm_1/shift"},
         {layer_norm_d0, layer_norm_d1}},
        {"{reshape: [2, 2, 3]}, {layer_norm: 3}",
         4,
         12,
         layer_norm_all_y,
         layer_norm_all_dx,
         {"layer_norm_1/scale", "layer_norm_1/shift"},
         {layer_norm_all_d0, layer_norm_all_d1}},
        {"{reshape: [2, 2, 3]}, bias", 4, 12, bias_y, bias_dx, {"bias_1/bias"}, {bias_d0}},
        {"identity", 4, 12, identity_y, identity_dx, {0}, {0}},
        {"{reshape: [2, 2, 3]}, {pack: 2}", 2, 24, pack_images_y, pack_images_dx, {0}, {0}},
        {"{pack: 2}", 2, 24, pack_rows_y, pack_rows_dx, {0}, {0}},
        {"{reshape: [2, 2, 3]}, {conv: {channels: 2, kernel: 2, padding: 1}}",
         4,
         18,
         conv_y,
         conv_dx,
         {"conv_1/weight", "conv_1/bias"},
         {conv_d0, conv_d1}},
        {"{reshape: [4, 3, 1]}, {conv: {channels: 2, kernel: [3, 2], stride: [2, 1], "
         "dilation: [1, 2], padding: [0, 1, 2, 1], bias: false}}",
         4,
         16,
         conv_uneven_y,
         conv_uneven_dx,
         {"conv_1/weight"},
         {conv_uneven_d0}},
        {"{reshape: [2, 2, 3]}, {conv: {channels: 6, kernel: [2, 1], groups: 3}}",
         4,
         12,
         conv_groups_y,
         conv_groups_dx,
         {"conv_1/weight", "conv_1/bias"},
         {conv_groups_d0, conv_groups_d1}},
        {"{reshape: [4, 3, 1]}, {conv: {channels: 2, kernel: [4, 2], stride: 2, padding: same, "
         "bias: false}}",
         4,
         8,
         conv_same_y,
         conv_same_dx,
         {"conv_1/weight"},
         {conv_same_d0}},
        {"{reshape: [4, 3, 1]}, {conv: {channels: 1, kernel: 3, padding: reflect, bias: false}}",
         4,
         12,
         conv_reflect_y,
         conv_reflect_dx,
         {"conv_1/weight"},
         {conv_reflect_d0}},
        {"{reshape: [2, 2, 3]}, {conv_transpose: {channels: 2, kernel: 4, stride: 2, padding: 1}}",
         4,
         32,
         conv_transpose_y,
         conv_transpose_dx,
         {"conv_transpose_1/weight", "conv_transpose_1/bias"},
         {conv_transpose_d0, conv_transpose_d1}},
        {"{reshape: [2, 2, 3]}, {conv_transpose: {channels: 3, kernel: [3, 2], stride: [3, 2], "
         "padding: [1, 1, 0, 0], output_padding: [2, 1], dilation: [1, 2], groups: 3, bias: "
         "false}}",
         4,
         108,
         conv_transpose_more_y,
         conv_transpose_more_dx,
         {"conv_transpose_1/weight"},
         {conv_transpose_more_d0}},
        {"{reshape: [2, 2, 3]}, {conv_transpose: {channels: 3, kernel: 3, stride: 2, padding: "
         "same, "
         "groups: 3, bias: false}}",
         4,
         48,
         conv_transpose_same_y,
         conv_transpose_same_dx,
         {"conv_transpose_1/weight"},
         {conv_transpose_same_d0}},
        {"{reshape: [2, 2, 3]}, {conv_transpose: {channels: 2, kernel: [2, 1], bias: false, "
         "weight: weight_norm}}",
         4,
         12,
         conv_transpose_norm_y,
         conv_transpose_norm_dx,
         {"conv_transpose_1/weight", "conv_transpose_1/gain"},
         {conv_transpose_norm_d0, conv_transpose_norm_d1}},
        {"{compute: \"a[0]\"}, {pack: 4}", 1, 4, pack_numbers_y, pack_numbers_dx, {0}, {0}},
        {"{reshape: [2, 2, 3]}, minibatch_stddev",
         4,
         16,
         minibatch_stddev_y,
         minibatch_stddev_dx,
         {0},
         {0}},
        {"{reshape: [2, 2, 3]}, {minibatch_stddev: {group: 2, features: 3}}",
         4,
         24,
         minibatch_stddev_groups_y,
         minibatch_stddev_groups_dx,
         {0},
         {0}},
        {"{minibatch_stddev: {group: 99, features: 2}}",
         4,
         14,
         minibatch_stddev_rows_y,
         minibatch_stddev_rows_dx,
         {0},
         {0}},
        {"{minibatch_discrimination: {kernels: 5, size: 2}}",
         4,
         17,
         minibatch_discrimination_y,
         minibatch_discrimination_dx,
         {"minibatch_discrimination_1/weight"},
         {minibatch_discrimination_d0}},
        {"{multiply: {}, from: [a, \"a[0:1]\", \"a[2]\"]}",
         4,
         12,
         multiply_y,
         multiply_dx,
         {0},
         {0}},
        {"{reshape: [2, 2, 3]}, {permute: [2, 0, 1], as: p}, "
         "{compute: \"reshape(p, 12) * iota(12)\"}",
         4,
         12,
         permute_y,
         permute_dx,
         {0},
         {0}},
        {"{compute: \"reshape(permute(reshape(a, 2, 2, 3), [2, 0, 1]), 12) * iota(12)\"}",
         4,
         12,
         permute_y,
         permute_dx,
         {0},
         {0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_layer(&cases[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_have_gradients),
        cmocka_unit_test(layers_have_second_gradients),
        cmocka_unit_test(gaussian_noise_is_for_training),
        cmocka_unit_test(batch_norm_is_pytorchs),
        cmocka_unit_test(packed_samples_are_a_batch),
        cmocka_unit_test(layers_are_pytorchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
