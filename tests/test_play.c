/* links: playing language store */
/* Steps as a training takes them: which phases run, and how often they are said to have run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runner/experiment.h"
#include "runner/play.h"

/* A game that is played on the reference backend. */
static struct play *begin(struct arena *arena, const char *text) {
    static const char *const folders[] = {"configs", NULL};
    const struct play_options options = {.backend = &backend_reference, .seed = 5};
    struct diagnostics diagnostics = {.arena = arena};
    struct error error = {0};
    struct config *root = config_parse("test.yaml", text, strlen(text), folders, &diagnostics);
    struct experiment *x = root ? experiment_read(root, folders, arena, &diagnostics) : NULL;
    struct game *game = x ? game_build(x, arena, &diagnostics) : NULL;
    diagnostics_print(&diagnostics, stderr, false);
    assert_non_null(game);
    struct play *play = play_open(game, &options, arena, &error);
    assert_non_null(play);
    struct dataset *data = ARENA_ARRAY(arena, struct dataset, x->data_count);
    for (int i = 0; i < x->data_count; i++)
        assert_true(dataset_load(&x->data[i].request, arena, &data[i], &error));
    assert_true(play_set_data(play, data, arena, &error));
    play_begin(play);
    return play;
}

static void step(struct play *play) {
    struct not_finite where;
    struct error error = {0};
    assert_int_equal(play_step(play, &where, &error), PLAY_DONE);
}

/* Adam's corrections count the updates of all phases: two phases of one update each move a number as one phase does in two. */
static void phases_share_the_count_of_updates(void **state) {
    (void)state;
    static const char head[] = "name: t\ntrain: {steps: 1}\noptimizer: {adam: {lr: 0.1}}\n"
                               "networks: {f: {layers: [{parameter: {init: constant(3), shape: "
                               "[]}}]}}\ngame:\n  phases:\n    f: {minimize: square(f())}\n";
    double value[2];
    for (int twice = 0; twice < 2; twice++) {
        struct arena *arena = arena_new();
        struct play *play = begin(
            arena, arena_format(arena, "%s%s", head,
                                twice ? "    again: {update: f, minimize: square(f())}\n" : ""));
        for (int i = 0; i < (twice ? 3 : 6); i++)
            step(play);
        play->backend->variable_read(play->device, &play->game->variables[0]->variable,
                                     TYPE_FLOAT64, &value[twice]);
        arena_free(arena);
    }
    assert_true(value[0] < 2.5);
    assert_true(value[0] - value[1] < 1e-6 && value[1] - value[0] < 1e-6);
}

static void a_lazy_penalty_runs_every_16_steps(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct play *play =
        begin(arena, "name: t\ndata: {source: ring, batch: 8, count: 64}\nlatent: {z: normal(3)}\n"
                     "train: {steps: 1}\noptimizer: sgd\nnetworks:\n"
                     "  generator: {inputs: [z], layers: [linear: 2]}\n"
                     "  discriminator: {inputs: [x], layers: [linear: 4, tanh, linear: 1]}\n"
                     "game: {objective: [non-saturating, lazy-r1]}\n");
    assert_string_equal(play->game->phases[2].program.name, "penalty");
    for (int i = 0; i < 40; i++) {
        step(play);
        assert_true(play->phases[0].ran && play->phases[1].ran);
        assert_int_equal(play->phases[2].ran, i % 16 == 0);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_share_the_count_of_updates),
        cmocka_unit_test(a_lazy_penalty_runs_every_16_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
