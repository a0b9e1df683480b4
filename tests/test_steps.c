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
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/backend.h"
#include "runner/experiment.h"
#include "runner/game.h"

enum { EXAMPLES = 300 };

struct fixture {
    struct arena *arena;
    struct game *game;
    struct device *cpu, *exact;
    uint8_t *images;
    float *points;
    int32_t labels[EXAMPLES], index[512], clock[3];
    float scalars[64];
    int64_t runs[16];
    double states[16];
};

static void read_game(struct fixture *f, const char *path, const char *const *sets) {
    static const char *const folders[] = {"configs", NULL};
    memset(f, 0, sizeof *f);
    f->arena = arena_new();
    struct diagnostics diagnostics = {.arena = f->arena};
    struct config *root = config_load(path, folders, sets, &diagnostics);
    const struct experiment *experiment =
        root ? experiment_read(root, folders, f->arena, &diagnostics) : NULL;
    f->game = experiment ? game_build(experiment, f->arena, &diagnostics) : NULL;
    diagnostics_print(&diagnostics, stderr, false);
    assert_non_null(f->game);
}

static void open_devices(struct fixture *f, int threads) {
    struct error error = {0};
    f->cpu = backend_cpu.device_open(&(struct device_options){.threads = threads}, &error);
    f->exact = backend_reference.device_open(NULL, &error);
    assert_non_null(f->cpu);
    for (int i = 0; i < f->game->variables_count; i++) {
        const struct game_variable *v = f->game->variables[i];
        double *values = ARENA_ARRAY(f->arena, double, shape_count(v->variable.shape));
        game_initial(f->game, v, 1, values);
        backend_cpu.variable_create(f->cpu, &v->variable);
        backend_reference.variable_create(f->exact, &v->variable);
        backend_cpu.variable_write(f->cpu, &v->variable, TYPE_FLOAT64, values);
    }
}

/* Data that no data set has: 28 x 28 bytes and points, the same for every example's number. */
static void make_data(struct fixture *f) {
    f->images = ARENA_ARRAY(f->arena, uint8_t, EXAMPLES * 784);
    f->points = ARENA_ARRAY(f->arena, float, EXAMPLES * 2);
    for (int i = 0; i < EXAMPLES * 784; i++)
        f->images[i] = (uint8_t)((i * 7919) >> 5);
    for (int i = 0; i < EXAMPLES; i++) {
        f->points[2 * i] = (float)cos(i);
        f->points[2 * i + 1] = (float)sin(i);
        f->labels[i] = i % 10;
    }
}

/* The phase's inputs at a step. */
static void feed(struct fixture *f, const struct game_program *p, int64_t step, int phase,
                 const void **inputs) {
    f->runs[phase]++;
    struct game_clock clock = {.step = step,
                               .epoch = 0,
                               .images = 0,
                               .updates = f->runs[phase],
                               .state = f->states,
                               .runs = f->runs};
    assert_true(p->scalars_count <= 64 && p->batch <= 512);
    for (int i = 0; i < p->scalars_count; i++)
        f->scalars[i] = (float)game_scalar(f->game, &p->scalars[i], &clock);
    for (int64_t i = 0; i < p->batch; i++)
        f->index[i] = (int32_t)((i * 31 + step * 17) % EXAMPLES);
    f->clock[0] = (int32_t)step;
    const struct program_stream *data = p->streams;
    bool bytes = data->values_input >= 0 && p->graph->inputs[data->values_input].type == TYPE_UINT8;
    if (p->clock_input >= 0) inputs[p->clock_input] = f->clock;
    if (p->scalars_input >= 0) inputs[p->scalars_input] = f->scalars;
    if (data->index_input >= 0) inputs[data->index_input] = f->index;
    if (data->values_input >= 0)
        inputs[data->values_input] = bytes ? (const void *)f->images : (const void *)f->points;
    if (data->labels_input >= 0) inputs[data->labels_input] = f->labels;
}

static void copy_state(struct fixture *f) {
    for (int i = 0; i < f->game->variables_count; i++) {
        const struct variable *v = &f->game->variables[i]->variable;
        double *values = ARENA_ARRAY(f->arena, double, shape_count(v->shape));
        backend_cpu.variable_read(f->cpu, v, TYPE_FLOAT64, values);
        backend_reference.variable_write(f->exact, v, TYPE_FLOAT64, values);
    }
}

/*
 * Every variable after the run. A number may differ by a share of the largest in its tensor. Adam
 * divides a gradient by its own size, so that one that is nearly nought may step either way:
 * parameters may differ by two steps (the learning rates here are at most 1e-3).
 */
static void compare_state(struct fixture *f, const char *phase) {
    for (int i = 0; i < f->game->variables_count; i++) {
        const struct game_variable *g = f->game->variables[i];
        int64_t count = shape_count(g->variable.shape), far = 0;
        double *a = ARENA_ARRAY(f->arena, double, count), *b = ARENA_ARRAY(f->arena, double, count),
               largest = 1e-3;
        backend_cpu.variable_read(f->cpu, &g->variable, TYPE_FLOAT64, a);
        backend_reference.variable_read(f->exact, &g->variable, TYPE_FLOAT64, b);
        for (int64_t k = 0; k < count; k++)
            largest = fmax(largest, fabs(b[k]));
        for (int64_t k = 0; k < count; k++) {
            double off = fabs(a[k] - b[k]);
            if (off > 2.1e-3)
                fail_msg("%s: %s[%d] is %g, not %g", phase, g->variable.name, (int)k, a[k], b[k]);
            far += off > 2e-4 * largest;
        }
        /* steps that went the other way are rare */
        if (far * 50 > count && far > 2)
            fail_msg("%s: %d of %d numbers of %s are off", phase, (int)far, (int)count,
                     g->variable.name);
    }
}

static void compare_outputs(struct fixture *f, struct program *a, struct program *b,
                            const struct graph *graph, const char *phase) {
    (void)f;
    for (int i = 0; i < graph->outputs_count; i++) {
        if (shape_count(graph->outputs[i].value->shape) != 1) continue;
        double x, y;
        backend_cpu.output(a, i, TYPE_FLOAT64, &x);
        backend_reference.output(b, i, TYPE_FLOAT64, &y);
        if (fabs(x - y) > 2e-4 * fmax(1, fabs(y)))
            fail_msg("%s: %s is %g, not %g", phase, graph->outputs[i].name, x, y);
    }
}

static void run_phase(struct fixture *f, const struct game_program *p, int64_t step, int phase,
                      struct program *fast, struct program *slow) {
    const void *inputs[16] = {0};
    feed(f, p, step, phase, inputs);
    copy_state(f);
    assert_int_equal(backend_cpu.run(fast, inputs), RUN_DONE);
    assert_int_equal(backend_reference.run(slow, inputs), RUN_DONE);
    compare_outputs(f, fast, slow, p->graph, p->name);
    compare_state(f, p->name);
}

static void play(const char *path, const char *const *sets, int steps, int threads) {
    struct fixture f;
    struct error error = {0};
    read_game(&f, path, sets);
    open_devices(&f, threads);
    make_data(&f);
    struct program *fast[16], *slow[16];
    for (int i = 0; i < f.game->phases_count; i++) {
        const struct graph *graph = f.game->phases[i].program.graph;
        fast[i] = backend_cpu.compile(f.cpu, f.arena, graph, NULL, &error);
        slow[i] = backend_reference.compile(f.exact, f.arena, graph, NULL, &error);
    }
    for (int64_t step = 0; step < steps; step++)
        for (int i = 0; i < f.game->phases_count; i++)
            run_phase(&f, &f.game->phases[i].program, step, i, fast[i], slow[i]);
    backend_cpu.device_close(f.cpu);
    backend_reference.device_close(f.exact);
    arena_free(f.arena);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* A bias before batch norm has a gradient of nought, whose rounding decides where Adam steps: none
 * here. */
#define SMALL                                                                                      \
    "data.batch=16", "networks.generator.layers[0].linear={units: 32, bias: false}",               \
        "networks.generator.layers[3].linear={units: 64, bias: false}",                            \
        "networks.generator.layers[6].linear={units: 128, bias: false}"

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
        struct fixture f;
        struct error error = {0};
        char path[64];
        snprintf(path, sizeof path, "configs/%s.yaml", e->config);
        read_game(&f, path, SETS(e->set));
        open_devices(&f, 2);
        struct program *program = backend_cpu.compile(
            f.cpu, f.arena, f.game->phases[e->phase].program.graph, NULL, &error);
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
        backend_cpu.device_close(f.cpu);
        backend_reference.device_close(f.exact);
        arena_free(f.arena);
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_the_plain_game_is_the_references),
        cmocka_unit_test(a_step_of_wgan_gp_is_the_references),
        cmocka_unit_test(a_step_with_r1_is_the_references),
        cmocka_unit_test(steps_in_the_plane_are_the_references),
        cmocka_unit_test(a_step_of_convolutions_is_the_references),
        cmocka_unit_test(steps_with_images_are_the_references),
        cmocka_unit_test(a_step_costs_what_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
