/* links: language engine cpu reference */
/*
 * Whole games on the CPU backend: each phase against the reference from the same state, and the
 * counts of what a step costs, so that a lost optimisation is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/steps.h"

static void play(const char *path, const char *const *sets, int steps, int threads) {
    struct steps s;
    steps_read(&s, path, sets);
    steps_play(&s, steps, threads);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SMALL                                                                                      \
    "data.batch=16", "networks.generator.layers[0].linear=32",                                     \
        "networks.generator.layers[3].linear=64", "networks.generator.layers[6].linear=128"

static void a_step_of_the_plain_game_is_the_references(void **state) {
    (void)state;
    play("configs/mnist-mlp.yaml", SETS(SMALL), 3, 2);
}

static void a_step_of_wgan_gp_is_the_references(void **state) {
    (void)state;
    play("configs/mnist-mlp.yaml", SETS(SMALL, "game.objective=wgan-gp"), 2, 2);
}

static void a_step_with_r1_is_the_references(void **state) {
    (void)state;
    play("configs/mnist-mlp.yaml", SETS(SMALL, "game.objective=[hinge, {r1: {weight: 5}}]"), 2, 3);
}

static void a_step_with_r1_of_its_own_is_the_references(void **state) {
    (void)state;
    play("configs/mnist-mlp.yaml", SETS(SMALL, "game.objective=[softened, lazy-r1]"), 2, 1);
}

static void steps_in_the_plane_are_the_references(void **state) {
    (void)state;
    static const char *const objectives[] = {
        "game.objective=non-saturating", "game.objective=minimax", "game.objective=least-squares",
        "game.objective=wasserstein",    "game.objective=wgan-gp", "game.objective=hinge"};
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        play("configs/points/ring.yaml", SETS("data.batch=32", objectives[i]), 10, 1 + (int)i % 3);
}

static void a_step_of_convolutions_is_the_references(void **state) {
    (void)state;
    play("configs/mnist-dcgan.yaml",
         SETS("data.batch=4", "networks.generator.layers[1].dcgan_up.channels=8",
              "networks.generator.layers[2].dcgan_up=4",
              "networks.discriminator.layers[0].dcgan_down.channels=4",
              "networks.discriminator.layers[1].dcgan_down=8"),
         3, 2);
}

/* Three steps, as the share of what attention finds begins as 0. */
static void steps_with_images_are_the_references(void **state) {
    (void)state;
    play("tests/images.yaml", SETS(NULL), 3, 2);
}

/* ---- what a step costs ---- */

struct expected {
    const char *config, *set;
    int phase, products, kernels, nodes;
    double megaflops, megabytes;
};

static void a_step_costs_what_it_did(void **state) {
    (void)state;
    static const struct expected table[] = {
#include "tests/costs.h"
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct expected *e = &table[i];
        struct steps s;
        struct error error = {0};
        char path[64];
        snprintf(path, sizeof path, "configs/%s.yaml", e->config);
        steps_read(&s, path, SETS(e->set));
        steps_build(&s);
        steps_open(&s, 2);
        struct program *program = backend_cpu.compile(
            s.cpu, s.arena, s.game->phases[e->phase].program.graph, NULL, &error);
        struct program_costs c = backend_cpu.costs(program);
        bool same = c.products == e->products && c.kernels == e->kernels && c.nodes == e->nodes &&
                    fabs((double)c.flops / 1e6 - e->megaflops) < 0.05 &&
                    fabs((double)c.bytes / 1e6 - e->megabytes) < 0.05;
        wrong += !same;
        if (!same)
            print_error("costs changed: {\"%s\", \"%s\", %d, %d, %d, %d, %.1f, %.1f} is what they "
                        "are now\n",
                        e->config, e->set, e->phase, c.products, c.kernels, c.nodes,
                        (double)c.flops / 1e6, (double)c.bytes / 1e6);
        steps_close(&s);
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_the_plain_game_is_the_references),
        cmocka_unit_test(a_step_of_wgan_gp_is_the_references),
        cmocka_unit_test(a_step_with_r1_is_the_references),
        cmocka_unit_test(a_step_with_r1_of_its_own_is_the_references),
        cmocka_unit_test(steps_in_the_plane_are_the_references),
        cmocka_unit_test(a_step_of_convolutions_is_the_references),
        cmocka_unit_test(steps_with_images_are_the_references),
        cmocka_unit_test(a_step_costs_what_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
