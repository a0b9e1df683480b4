/* links: language reference */
/* Optimizers step by step, against PyTorch (tests/language_torch.py) and by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/language.h"
#include "tests/language_torch.h"

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
    run_optimizer("adam: {lr: 0.01, betas: [0.5, 0.5], amsgrad: true}", adam_amsgrad);
    run_optimizer("adamw: {}", adamw_plain);
    run_optimizer("adamw: {lr: 0.02, betas: [0.5, 0.6], epsilon: 1e-3, weight_decay: 0.5, "
                  "amsgrad: true}",
                  adamw_all);
    run_optimizer("rmsprop: {}", rmsprop_plain);
    run_optimizer("rmsprop: {lr: 0.02, alpha: 0.8, epsilon: 1e-3, weight_decay: 0.1, "
                  "momentum: 0.5, centered: true}",
                  rmsprop_all);
    run_optimizer("adagrad: {}", adagrad_plain);
    run_optimizer("adagrad: {lr: 0.1, lr_decay: 0.2, weight_decay: 0.1, "
                  "initial_accumulator_value: 2, epsilon: 1e-3}",
                  adagrad_all);
}

/* By hand, from the papers' algorithms: tests/language_torch.py has them. */
static void optimizers_are_their_papers(void **state) {
    (void)state;
    run_optimizer("lion: {}", lion_plain);
    run_optimizer("lion: {lr: 0.3, betas: [0.2, 0.7], weight_decay: 0.1}", lion_all);
    run_optimizer("optimistic_adam: {}", optimistic_adam_plain);
    run_optimizer("optimistic_adam: {lr: 0.05, betas: [0.3, 0.6], epsilon: 1e-3}",
                  optimistic_adam_all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers_are_pytorchs),
        cmocka_unit_test(optimizers_are_their_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
