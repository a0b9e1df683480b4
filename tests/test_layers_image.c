/* links: language reference */
/* Layers of images: values and gradients against PyTorch (tests/language_torch.py), and gradients of gradients
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

#define IMAGE(layer) "{reshape: [4, 3, 1]}, " layer
/* A row of three numbers for each label, then a again. */
#define VECTOR          "{compute: \"(iota(3) + 3 * y) * 3 / 11 - 1\", as: v}, {compute: a}, "
#define CHANNELS(layer) "{reshape: [3, 2, 2]}, " layer

static void layers_have_second_gradients(void **state) {
    (void)state;
    static const char *const layers[] = {
        "tanh, {reshape: [2, 3, 1]}, {max_pool: {kernel: 2, stride: 1, padding: 1}}, flatten, "
        "{linear: 2}, tanh",
        "{reshape: [2, 3, 1]}, {average_pool: {kernel: 2, padding: 1, count_include_pad: false}}, "
        "tanh, flatten",
        "tanh, {reshape: [3, 2, 1]}, {global_pool: max}, tanh",
        "{reshape: [1, 2, 3]}, {upsample: {factor: 3, mode: bilinear}}, tanh, {downsample: "
        "{factor: 3}}, flatten",
        "{reshape: [1, 1, 6]}, {upsample: 4}, {downsample: {factor: 2, mode: nearest}}, tanh, "
        "{pixel_shuffle: 1}, {pixel_unshuffle: 2}, flatten",
        "{reshape: [3, 2, 1]}, {blur: {stride: 2}}, tanh, flatten",
        "{reshape: [3, 2, 1]}, {patches: {kernel: 2, padding: same}}, tanh, {unpatches: {kernel: "
        "2, padding: same}}, tanh, flatten",
        "{reshape: [3, 2]}, {instance_norm: {affine: true}}, tanh, flatten",
        "{group_norm: 2}, tanh",
        "{reshape: [2, 3]}, pixel_norm, flatten",
        "{conditional_batch_norm: {}, from: [h, y]}, tanh",
        "{conditional_batch_norm: {weight: [weight_norm]}, from: [h, h]}, tanh",
        "{projection: {}, from: [h, y]}, tanh",
        "{reshape: [1, 3, 2]}, {self_attention: {divisor: 1, pool: 1}, as: s}, {compute: \"s * s + "
        "sum(s, axis=sample)\"}, flatten",
        "{projection: {weight: [weight_norm]}, from: [h, h]}, tanh",
    };
    for (size_t i = 0; i < COUNT(layers); i++)
        check_penalty(layers[i]);
}

static void pools_are_pytorchs(void **state) {
    (void)state;
    static const struct layer_case cases[] = {
        {IMAGE("{max_pool: 2}"), 4, 2, max_pool_y, max_pool_dx, {0}, {0}},
        {IMAGE("{max_pool: {kernel: 3, stride: 2, padding: 1}}"),
         4,
         4,
         max_pool_padded_y,
         max_pool_padded_dx,
         {0},
         {0}},
        {CHANNELS("{max_pool: {kernel: 2, stride: 1}}"),
         4,
         4,
         max_pool_channels_y,
         max_pool_channels_dx,
         {0},
         {0}},
        {"{compute: \"a - stop(a) + 1\"}, " IMAGE("{max_pool: {kernel: 3, stride: 1, padding: 1}}"),
         4,
         12,
         max_pool_tie_y,
         max_pool_tie_dx,
         {0},
         {0}},
        {IMAGE("{average_pool: 3}"), 4, 1, average_pool_y, average_pool_dx, {0}, {0}},
        {CHANNELS("{average_pool: {kernel: 3, stride: 2, padding: 1}}"),
         4,
         4,
         average_pool_padded_y,
         average_pool_padded_dx,
         {0},
         {0}},
        {IMAGE("{average_pool: {kernel: 2, padding: 1, count_include_pad: false}}"),
         4,
         6,
         average_pool_uncounted_y,
         average_pool_uncounted_dx,
         {0},
         {0}},
        {"{reshape: [3, 4, 1]}, {max_pool: {kernel: [2, 3], stride: [1, 2], padding: [0, 1, 1, "
         "1]}}",
         4,
         6,
         max_pool_same_y,
         max_pool_same_dx,
         {0},
         {0}},
        {IMAGE("{average_pool: {kernel: 2, padding: same, count_include_pad: false}}"),
         4,
         4,
         average_pool_same_y,
         average_pool_same_dx,
         {0},
         {0}},
        {CHANNELS("global_pool"), 4, 2, global_pool_y, global_pool_dx, {0}, {0}},
        {CHANNELS("{compute: \"global_pool(previous, sum)\"}"),
         4,
         2,
         global_pool_sum_y,
         global_pool_sum_dx,
         {0},
         {0}},
        {CHANNELS("{global_pool: max}"), 4, 2, global_pool_max_y, global_pool_max_dx, {0}, {0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_layer(&cases[i]);
}

static void sizes_are_pytorchs(void **state) {
    (void)state;
    static const struct layer_case cases[] = {
        {CHANNELS("upsample"), 4, 48, upsample_y, upsample_dx, {0}, {0}},
        {CHANNELS("{upsample: {mode: bilinear}}"),
         4,
         48,
         upsample_bilinear_y,
         upsample_bilinear_dx,
         {0},
         {0}},
        {IMAGE("{upsample: {factor: 3, mode: bilinear}}"),
         4,
         108,
         upsample_bilinear_3_y,
         upsample_bilinear_3_dx,
         {0},
         {0}},
        {IMAGE("{upsample: {factor: 3, mode: bilinear, align_corners: true}}"),
         4,
         108,
         upsample_corners_y,
         upsample_corners_dx,
         {0},
         {0}},
        {"{reshape: [1, 12, 1]}, {upsample: {mode: bilinear, align_corners: true}}",
         4,
         48,
         upsample_row_y,
         upsample_row_dx,
         {0},
         {0}},
        {"{reshape: [2, 6, 1]}, downsample", 4, 3, downsample_y, downsample_dx, {0}, {0}},
        {"{reshape: [2, 6, 1]}, {downsample: {mode: nearest}}",
         4,
         3,
         downsample_nearest_y,
         downsample_nearest_dx,
         {0},
         {0}},
        {"{reshape: [1, 1, 12]}, {pixel_shuffle: 2}",
         4,
         12,
         pixel_shuffle_y,
         pixel_shuffle_dx,
         {0},
         {0}},
        {"{reshape: [2, 2, 3]}, {pixel_unshuffle: 2}",
         4,
         12,
         pixel_unshuffle_y,
         pixel_unshuffle_dx,
         {0},
         {0}},
        {CHANNELS("{patches: {kernel: 2, stride: 2, padding: 1}}"),
         4,
         32,
         patches_y,
         patches_dx,
         {0},
         {0}},
        {"{reshape: [3, 4, 1]}, {patches: {kernel: [2, 1], dilation: 2}}",
         4,
         8,
         patches_dilated_y,
         patches_dilated_dx,
         {0},
         {0}},
        {"{reshape: [1, 3, 4]}, {unpatches: {kernel: 2, stride: 3}}",
         4,
         16,
         unpatches_y,
         unpatches_dx,
         {0},
         {0}},
        {"{reshape: [3, 1, 4]}, {unpatches: {kernel: 2, dilation: 2, padding: 1}}",
         4,
         3,
         unpatches_cut_y,
         unpatches_cut_dx,
         {0},
         {0}},
        {CHANNELS("blur"), 4, 12, blur_y, blur_dx, {0}, {0}},
        {IMAGE("{blur: {filter: [1, 3, 4, 0.5], stride: 2}}"),
         4,
         4,
         blur_even_y,
         blur_even_dx,
         {0},
         {0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_layer(&cases[i]);
}

static void norms_are_pytorchs(void **state) {
    (void)state;
    static const struct layer_case cases[] = {
        {CHANNELS("{compute: \"instance_norm(previous)\"}"),
         4,
         12,
         instance_norm_y,
         instance_norm_dx,
         {0},
         {0}},
        {CHANNELS("{instance_norm: {affine: true}}"),
         4,
         12,
         instance_norm_affine_y,
         instance_norm_affine_dx,
         {"instance_norm_1/scale", "instance_norm_1/shift"},
         {instance_norm_affine_d0, instance_norm_affine_d1}},
        {"{reshape: [3, 1, 4]}, {group_norm: 2}",
         4,
         12,
         group_norm_y,
         group_norm_dx,
         {"group_norm_1/scale", "group_norm_1/shift"},
         {group_norm_d0, group_norm_d1}},
        {"{compute: \"group_norm(a, 3, affine=false)\"}",
         4,
         12,
         group_norm_rows_y,
         group_norm_rows_dx,
         {0},
         {0}},
        {"{reshape: [2, 2, 3]}, pixel_norm", 4, 12, pixel_norm_y, pixel_norm_dx, {0}, {0}},
        {CHANNELS("{conditional_batch_norm: {}, from: [previous, y]}"),
         4,
         12,
         conditional_batch_norm_y,
         conditional_batch_norm_dx,
         {"conditional_batch_norm_1/scale/weight", "conditional_batch_norm_1/shift/weight"},
         {conditional_batch_norm_d0, conditional_batch_norm_d1}},
        {VECTOR CHANNELS("{conditional_batch_norm: {}, from: [previous, v]}"),
         4,
         12,
         conditional_batch_norm_vector_y,
         conditional_batch_norm_vector_dx,
         {"conditional_batch_norm_1/scale/weight", "conditional_batch_norm_1/shift/weight"},
         {conditional_batch_norm_vector_d0, conditional_batch_norm_vector_d1}},
        {"{projection: 4, from: [a, y]}",
         4,
         1,
         projection_y,
         projection_dx,
         {"projection_1/weight"},
         {projection_d0}},
        {VECTOR "{projection: {}, from: [a, v]}",
         4,
         1,
         projection_vector_y,
         projection_vector_dx,
         {"projection_1/weight"},
         {projection_vector_d0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_layer(&cases[i]);
}

static void attention_is_the_papers(void **state) {
    (void)state;
    static const struct layer_case cases[] = {
        {"{concat: {}, from: [a, \"a * a\"]}, {reshape: [4, 3, 2]}, {self_attention: {divisor: 2, "
         "value_divisor: 1}}",
         4,
         24,
         self_attention_y,
         self_attention_dx,
         {"self_attention_1/query/weight", "self_attention_1/key/weight",
          "self_attention_1/value/weight", "self_attention_1/out/weight", "self_attention_1/gamma"},
         {self_attention_d0, self_attention_d1, self_attention_d2, self_attention_d3,
          self_attention_d4}},
        {CHANNELS("{self_attention: {divisor: 1, value_divisor: 2, pool: 1}}"),
         4,
         12,
         self_attention_all_y,
         self_attention_all_dx,
         {"self_attention_1/query/weight", "self_attention_1/key/weight",
          "self_attention_1/value/weight", "self_attention_1/out/weight", "self_attention_1/gamma"},
         {self_attention_all_d0, self_attention_all_d1, self_attention_all_d2,
          self_attention_all_d3, self_attention_all_d4}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_layer(&cases[i]);
}

/* Each weight of a layer goes through the chain, with a state of its own. */
static void chains_are_for_all_weights(void **state) {
    (void)state;
    static const char *const vectors[] = {"h/query",
                                          "h/key",
                                          "h/value",
                                          "h/out",
                                          "conditional_batch_norm_1/scale",
                                          "conditional_batch_norm_1/shift"};
    struct play p;
    double before[8], after[8], change;
    char name[64];
    open_play(&p, "optimizer: sgd\n"
                  "networks:\n"
                  "  f:\n"
                  "    inputs: [z, y]\n"
                  "    layers:\n"
                  "      - linear: 64\n"
                  "      - reshape: [4, 4, 4]\n"
                  "      - self_attention: {divisor: 1, weight: [spectral_norm]}\n"
                  "        as: h\n"
                  "      - conditional_batch_norm: {weight: [spectral_norm]}\n"
                  "        from: [h, z]\n"
                  "game: {phases: {f: {minimize: sum(f(z))}}}\n");
    for (size_t i = 0; i < COUNT(vectors); i++) {
        snprintf(name, sizeof name, "f/%s/spectral_vector", vectors[i]);
        int64_t count = shape_count(play_variable(&p, name)->variable.shape);
        assert_true(count <= (int64_t)COUNT(before));
        play_get(&p, name, before);
        assert_true(play_run(&p, 0, 0));
        play_get(&p, name, after);
        change = 0;
        for (int64_t k = 0; k < count; k++)
            change = fmax(change, fabs(after[k] - before[k]));
        if (change < 1e-9) fail_msg("%s stays", name);
    }
    play_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_have_second_gradients),
        cmocka_unit_test(pools_are_pytorchs),
        cmocka_unit_test(sizes_are_pytorchs),
        cmocka_unit_test(norms_are_pytorchs),
        cmocka_unit_test(attention_is_the_papers),
        cmocka_unit_test(chains_are_for_all_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
