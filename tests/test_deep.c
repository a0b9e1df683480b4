/* links: engine base */
/*
 * Deep graphs: no pass and no backend goes down a chain by calling itself, or takes a time that grows
 * with the square of its length.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/backend.h"

enum { LINKS = 25000, SIDE = 2, ELEMENTS = SIDE * SIDE };

/* Powers of two, so that all sums below are exact in float32. */
static const float start[ELEMENTS] = {1, 2, 4, 8};
static const float weight[ELEMENTS] = {0x1p-10f, 0x1p-9f, 0x1p-8f, 0x1p-7f};
static const float swap[ELEMENTS] = {0, 1, 1, 0};

struct fixture {
    struct arena *arena;
    struct graph *graph;
    struct variable weight;
};

/* A chain of 4 * LINKS nodes, x -> flip(flip(x + w) + w), between two products with one matrix; its
 * result, and w's update by the gradient. */
static int set_up(void **state) {
    struct arena *arena = arena_new();
    struct fixture *f = ARENA_NEW(arena, struct fixture);
    *state = f;
    f->arena = arena;
    f->weight = (struct variable){.name = "w", .type = TYPE_FLOAT32, .shape = SHAPE(SIDE, SIDE)};
    struct graph *g = f->graph = graph_new(arena);
    g->label = "start";
    struct node *w = graph_variable(g, &f->weight), *slope,
                *x = graph_input(g, "x", TYPE_FLOAT32, f->weight.shape, false);
    g->label = NULL;
    struct node *matrix = graph_input(g, "matrix", TYPE_FLOAT32, f->weight.shape, false);
    x = graph_matmul(g, x, matrix);
    for (int i = 0; i < 2 * LINKS; i++)
        x = graph_flip(g, graph_add(g, x, w), 3);
    x = graph_matmul(g, x, matrix);
    graph_output(g, "y", x, NULL);
    graph_gradient(g, graph_sum_all(g, x), &w, 1, &slope);
    graph_assign(g, &f->weight, slope);
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    return 0;
}

static struct device *open_device(struct fixture *f, const struct backend *backend) {
    struct error error = {0};
    struct device *device = backend->device_open(&(struct device_options){.threads = 1}, &error);
    assert_non_null(device);
    backend->variable_create(device, &f->weight);
    backend->variable_write(device, &f->weight, TYPE_FLOAT32, weight);
    return device;
}

static void check_results(struct fixture *f, const struct backend *backend, struct device *device,
                          struct program *program) {
    float y[ELEMENTS], slope[ELEMENTS];
    backend->output(program, 0, TYPE_FLOAT32, y);
    backend->variable_read(device, &f->weight, TYPE_FLOAT32, slope);
    for (int i = 0; i < ELEMENTS; i++) {
        int swapped = i / SIDE * SIDE + SIDE - 1 - i % SIDE; /* the columns' order, after one */
        assert_true(y[i] == start[i] + LINKS * (weight[swapped] + weight[ELEMENTS - 1 - swapped]));
        assert_true(slope[i] == 2 * LINKS);
    }
}

/* In the run that looks for the place, each node is a kernel. */
static void check_place(const struct backend *backend, struct program *program) {
    const float spoilt[ELEMENTS] = {1, NAN, 4, 8};
    const void *inputs[] = {spoilt, swap};
    struct not_finite where;
    assert_int_equal(backend->run(program, inputs), RUN_NOT_FINITE);
    assert_true(backend->locate(program, inputs, &where));
    assert_string_equal(where.what, "input");
    assert_string_equal(where.label, "start");
}

static void a_deep_chain_runs(void **state) {
    struct fixture *f = *state;
    const struct backend *backends[] = {&backend_reference, &backend_cpu};
    for (int b = 0; b < 2; b++) {
        struct error error = {0};
        struct device *device = open_device(f, backends[b]);
        struct program *program = backends[b]->compile(device, f->arena, f->graph, NULL, &error);
        assert_non_null(program);
        assert_int_equal(backends[b]->run(program, (const void *[]){start, swap}), RUN_DONE);
        check_results(f, backends[b], device, program);
        check_place(backends[b], program);
        backends[b]->device_close(device);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deep_chain_runs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
