/* links: reference engine base */
/* Convolutions that are larger than the fuzzer's graphs have them as a rule: against the reference. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "engine/backend.h"

enum { RESULTS = 3 };

/* The three convolutions of x, kernel and y, by kernels of 3x3 on images that keep their size. */
struct fixture {
    struct arena *arena;
    struct graph *graph;
    struct shape shapes[RESULTS];  /* of x, kernel and y */
    const void *operands[RESULTS]; /* float32 */
};

/* From `low` on, below 1. */
static const float *draw(struct fixture *f, uint64_t key, struct shape shape, double low) {
    struct random_stream stream = {.key = key};
    int64_t count = shape_count(shape);
    float *x = ARENA_ARRAY(f->arena, float, count);
    for (int64_t i = 0; i < count; i++)
        x[i] = (float)(low + (1 - low) * random_below(&stream, 1000) / 1000);
    return x;
}

static int set_up(void **state) {
    struct arena *arena = arena_new();
    struct fixture *f = ARENA_NEW(arena, struct fixture);
    f->arena = arena;
    f->graph = graph_new(arena);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    return 0;
}

static void build(struct fixture *f, struct shape x, int64_t groups, int64_t filters, double low) {
    struct graph *g = f->graph;
    struct convolution at = {
        .stride = {1, 1}, .dilation = {1, 1}, .low = {1, 1}, .high = {1, 1}, .groups = groups};
    struct node *n[RESULTS];
    f->shapes[0] = f->shapes[2] = x;
    f->shapes[1] = SHAPE(3, 3, x.extent[3] / groups, filters);
    f->shapes[2].extent[3] = filters;
    for (int i = 0; i < RESULTS; i++) {
        f->operands[i] = draw(f, (uint64_t)i, f->shapes[i], low);
        n[i] = graph_input(g, "operand", TYPE_FLOAT32, f->shapes[i], false);
    }
    graph_output(g, "x", graph_conv_dx(g, n[2], n[1], &at, f->shapes[0]), NULL);
    graph_output(g, "kernel", graph_conv_dw(g, n[0], n[2], &at, f->shapes[1]), NULL);
    graph_output(g, "y", graph_conv(g, n[0], n[1], &at), NULL);
}

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

/* Within `bound` of the largest number. */
static void compare(const double *found, const double *expected, int64_t count, double bound) {
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (int64_t i = 0; i < count; i++)
        assert_true(fabs(found[i] - expected[i]) < bound * largest);
}

static void check(struct fixture *f, int tile, double bound) {
    double *expected[RESULTS], *found[RESULTS];
    run(f, &backend_reference, 1, 0, expected);
    for (int threads = 1; threads <= 3; threads += 2) {
        run(f, &backend_cpu, threads, tile, found);
        for (int i = 0; i < RESULTS; i++)
            compare(found[i], expected[i], shape_count(f->shapes[i]), bound);
    }
}

/* In 120 tiles of 4x4, of which a block has some 100. */
static void several_blocks_of_tiles(void **state) {
    build(*state, SHAPE(6, 15, 17, 16), 1, 128, -1);
    check(*state, 4, 1e-5);
}

/* Where nothing cancels, half a million numbers of one size lose no digits. */
static void sums_over_many_images(void **state) {
    build(*state, SHAPE(128, 64, 64, 1), 1, 1, 0);
    check(*state, 0, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_blocks_of_tiles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_over_many_images, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
