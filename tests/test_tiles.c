/* links: reference engine base */
/*
 * Convolutions by tiles that are worth several blocks of tiles, which the fuzzer's graphs hardly are: against the reference.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "engine/backend.h"

/* Kernels of 3x3 in tiles of 4x4: 120 of them, a block has some 100. */
enum { IMAGES = 6, ROWS = 15, COLUMNS = 17, CHANNELS = 16, FILTERS = 128, RESULTS = 3 };

struct fixture {
    struct arena *arena;
    struct graph *graph;
    struct shape shapes[RESULTS];  /* of x, kernel and y */
    const void *operands[RESULTS]; /* float32 */
};

static const float *draw(struct fixture *f, uint64_t key, struct shape shape) {
    struct random_stream stream = {.key = key};
    int64_t count = shape_count(shape);
    float *x = ARENA_ARRAY(f->arena, float, count);
    for (int64_t i = 0; i < count; i++)
        x[i] = (float)random_below(&stream, 2001) / 1000 - 1;
    return x;
}

static int set_up(void **state) {
    struct arena *arena = arena_new();
    struct fixture *f = ARENA_NEW(arena, struct fixture);
    struct graph *g = graph_new(arena);
    struct convolution at = {
        .stride = {1, 1}, .dilation = {1, 1}, .low = {1, 1}, .high = {1, 1}, .groups = 1};
    *f = (struct fixture){arena,
                          g,
                          {SHAPE(IMAGES, ROWS, COLUMNS, CHANNELS), SHAPE(3, 3, CHANNELS, FILTERS),
                           SHAPE(IMAGES, ROWS, COLUMNS, FILTERS)},
                          {NULL}};
    struct node *n[RESULTS];
    for (int i = 0; i < RESULTS; i++) {
        f->operands[i] = draw(f, (uint64_t)i, f->shapes[i]);
        n[i] = graph_input(g, "operand", TYPE_FLOAT32, f->shapes[i], false);
    }
    graph_output(g, "x", graph_conv_dx(g, n[2], n[1], &at, f->shapes[0]), NULL);
    graph_output(g, "kernel", graph_conv_dw(g, n[0], n[2], &at, f->shapes[1]), NULL);
    graph_output(g, "y", graph_conv(g, n[0], n[1], &at), NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    return 0;
}

/* x, kernel and y by the two others, one behind the other. */
static void run(struct fixture *f, const struct backend *backend, int threads, int tile,
                double *results[RESULTS]) {
    struct error error = {0};
    struct device *device =
        backend->device_open(&(struct device_options){.threads = threads}, &error);
    assert_non_null(device);
    struct program *program = backend->compile(device, f->arena, f->graph,
                                               &(struct compile_options){.winograd = tile}, &error);
    assert_non_null(program);
    assert_int_equal(backend->run(program, f->operands), RUN_DONE);
    for (int i = 0; i < RESULTS; i++) {
        results[i] = ARENA_ARRAY(f->arena, double, shape_count(f->shapes[i]));
        backend->output(program, i, TYPE_FLOAT64, results[i]);
    }
    backend->device_close(device);
}

static void compare(const double *found, const double *expected, int64_t count) {
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (int64_t i = 0; i < count; i++)
        assert_true(fabs(found[i] - expected[i]) < 1e-5 * largest);
}

static void several_blocks_of_tiles(void **state) {
    struct fixture *f = *state;
    double *expected[RESULTS], *found[RESULTS];
    run(f, &backend_reference, 1, 0, expected);
    for (int threads = 1; threads <= 3; threads += 2)
        for (int tile = 2; tile <= 4; tile += 2) {
            run(f, &backend_cpu, threads, tile, found);
            for (int i = 0; i < RESULTS; i++)
                compare(found[i], expected[i], shape_count(f->shapes[i]));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_blocks_of_tiles, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
