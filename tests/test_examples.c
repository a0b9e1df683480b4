/* links: language reference */
/* Every function, layer and optimizer has an equation and an example, and each example makes a game when it is put into one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layers/weight.h"
#include "runner/function.h"
#include "runner/game.h"
#include "runner/latent.h"
#include "runner/optimizer.h"

/* What the examples name. */
#define HEAD                                                                                       \
    "name: test\nseed: 1\nparameters: {i: 1, batch: 8}\n"                                          \
    "data: {source: ring, batch: 8, modes: 10, count: 64}\n"                                       \
    "latent: {z: normal(3)}\nstate: {p: {init: 0}}\ntrain: {steps: 1}\n"
#define SGD "optimizer: sgd\n"
#define NETWORKS                                                                                   \
    "networks:\n"                                                                                  \
    "  generator: {inputs: [z], layers: [linear: 2]}\n"                                            \
    "  discriminator: {inputs: [x], layers: [linear: 1]}\n"
#define MORE_NETWORKS                                                                              \
    "  classifier: {inputs: [x], layers: [linear: 10]}\n"                                          \
    "  critic: {inputs: [x, code], layers: [{concat: {}, from: [x, code]}, {linear: 1}]}\n"        \
    "  posterior: {inputs: [x], layers: [{linear: 2, as: m}], outputs: {mean: m, log_deviation: "  \
    "m}}\n"
#define LETS                                                                                       \
    "        fake: generator(z)\n        real: discriminator(x)\n        logits: normal(10)\n    " \
    "    share: softmax(logits)\n"                                                                 \
    "        q: posterior(x)\n        c: normal(2)\n        code: normal(2)\n"                     \
    "        m: normal(2)\n        log_v: normal(2)\n"                                             \
    "        a: normal(2)\n        b: normal(2)\n        h: normal(784)\n        w: normal(512)\n" \
    "        image: normal(28, 28, 1)\n"

static void builds(const char *text, const char *example) {
    static const char *const folders[] = {"configs", NULL};
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    struct config *root = config_parse("test.yaml", text, strlen(text), folders, &diagnostics);
    struct experiment *x = root ? experiment_read(root, folders, arena, &diagnostics) : NULL;
    if (!x || !game_build(x, arena, &diagnostics) || diagnostics.count) {
        diagnostics_print(&diagnostics, stderr, false);
        fail_msg("this example is wrong: %s", example);
    }
    arena_free(arena);
}

static void check_expression(const char *name, const char *example, bool in_report) {
    char text[4096];
    struct arena *scratch = arena_new();
    assert_non_null(example);
    if (!strstr(example, name)) fail_msg("this is no example of %s: %s", name, example);
    snprintf(text, sizeof text,
             HEAD SGD NETWORKS MORE_NETWORKS
             "game:\n  phases:\n    both:\n      let:\n" LETS
             "      update: [generator, discriminator, classifier, critic, posterior]\n"
             "      minimize: mean(discriminator(fake)) + mean(real) + mean(classifier(x)) + "
             "mean(critic(x, code)) + mean(q.mean)%s\n"
             "      report: {v: mean(%s)}\n",
             in_report ? "" : arena_format(scratch, " + 0 * mean(%s)", example),
             in_report ? example : "real");
    arena_free(scratch);
    builds(text, example);
}

static void examples_of_functions(void **state) {
    (void)state;
    for (int i = 0; function_rows[i]; i++) {
        assert_non_null(function_rows[i]->equation);
        check_expression(function_rows[i]->name, function_rows[i]->example,
                         function_rows[i]->of_update);
    }
    for (const struct host_function *f = host_functions; f->name; f++) {
        assert_non_null(f->equation);
        check_expression(f->name, f->example, false);
    }
    for (int i = 0; layer_rows[i]; i++)
        if (!layer_rows[i]->learns)
            check_expression(layer_rows[i]->name, layer_rows[i]->call, false);
}

static void examples_of_layers(void **state) {
    (void)state;
    for (int i = 0; layer_rows[i]; i++) {
        const struct layer_row *row = layer_rows[i];
        char text[4096];
        assert_non_null(row->equation);
        assert_non_null(row->example);
        if (!strstr(row->example, row->name))
            fail_msg("this is no example of %s: %s", row->name, row->example);
        assert_true(row->learns == !row->call);
        snprintf(text, sizeof text,
                 HEAD SGD
                 "networks:\n"
                 "  discriminator: {inputs: [x], layers: [linear: 1]}\n"
                 "  net:\n    inputs: [h, y, skip, scale, image]\n    layers:\n      - %s\n"
                 "      - parameter: []\n        as: learned\n"
                 "    outputs: {value: learned * 1}\n"
                 "game: {phases: {net: {update: [net, discriminator], minimize: \""
                 "net(normal(784), y, normal(784), normal(), normal(28, 28, 1)).value"
                 " + mean(discriminator(normal(784)))\"}}}\n",
                 row->example);
        builds(text, row->example);
    }
}

static void examples_of_optimizers(void **state) {
    (void)state;
    for (int i = 0; optimizer_rows[i]; i++) {
        const struct optimizer_row *row = optimizer_rows[i];
        char text[4096];
        assert_non_null(row->equation);
        assert_non_null(row->example);
        if (!strstr(row->example, row->name))
            fail_msg("this is no example of %s: %s", row->name, row->example);
        snprintf(text, sizeof text, HEAD NETWORKS "optimizer: {%s}\ngame: {objective: hinge}\n",
                 row->example);
        builds(text, row->example);
    }
}

static void examples_of_weights(void **state) {
    (void)state;
    for (int i = 0; weight_rows[i]; i++) {
        const struct weight_row *row = weight_rows[i];
        char text[4096];
        assert_non_null(row->equation);
        if (!strstr(row->example, row->name))
            fail_msg("this is no example of %s: %s", row->name, row->example);
        snprintf(text, sizeof text,
                 HEAD SGD "networks:\n"
                          "  generator: {inputs: [z], layers: [linear: 2]}\n"
                          "  discriminator:\n    inputs: [x]\n    layers:\n      - %s\n"
                          "      - linear: 1\n"
                          "game: {objective: hinge}\n",
                 row->example);
        builds(text, row->example);
    }
}

static void examples_of_latents(void **state) {
    (void)state;
    for (int i = 0; latent_rows[i]; i++) {
        const struct latent_row *row = latent_rows[i];
        char text[4096];
        assert_non_null(row->equation);
        if (!strstr(row->example, row->name))
            fail_msg("this is no example of %s: %s", row->name, row->example);
        snprintf(text, sizeof text,
                 "name: test\nlatent: %s\ndata: {source: ring, batch: 8}\ntrain: {steps: 1}\n" SGD
                 "networks: {f: {layers: [parameter: []]}}\n"
                 "game: {phases: {f: {minimize: f() * mean(%.1s)}}}\n",
                 row->example, row->example + 1);
        builds(text, row->example);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_functions),  cmocka_unit_test(examples_of_layers),
        cmocka_unit_test(examples_of_latents),    cmocka_unit_test(examples_of_weights),
        cmocka_unit_test(examples_of_optimizers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
