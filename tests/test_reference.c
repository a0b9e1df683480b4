/* links: reference engine base */
/*
 * Each primitive on the reference backend, by hand: small results that are exactly known, with
 * ties, numbers that are not numbers, signed noughts and indices out of range. The reference is the
 * measure of the other backends; here is the measure of the reference.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/backend.h"
#include "engine/random_draw.h"

enum { NUMBERS_MOST = 64, DRAWS = 20000 };

/* ---- one node on the reference -----------------------------------------------------------------
 */

struct fixture {
    struct arena *arena;
    struct graph *g;
};

static int set_up(void **state) {
    static struct fixture f;
    f.arena = arena_new();
    f.g = graph_new(f.arena);
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    return 0;
}

static struct node *table(struct fixture *f, struct shape shape, const double *numbers) {
    return graph_table(f->g, TYPE_FLOAT32, shape, numbers);
}
#define ROW(f, ...)                                                                                \
    table((f), SHAPE((int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double))),                 \
          (double[]){__VA_ARGS__})

static struct node *whole(struct fixture *f, struct shape shape, const double *numbers) {
    return graph_table(f->g, TYPE_INT32, shape, numbers);
}

/* Evaluates `n` as it was built; a float as double, an integer as it is. */
static void evaluate(struct fixture *f, struct node *n, const void *const *inputs, void *dst) {
    struct error error = {0};
    int output = f->g->outputs_count;
    graph_output(f->g, "n", n, NULL);
    graph_verify(f->g, "a test");
    struct device *device = backend_reference.device_open(&(struct device_options){0}, &error);
    struct program *program = backend_reference.compile(
        device, f->arena, f->g, &(struct compile_options){.no_simplify = true}, &error);
    backend_reference.run(program, inputs);
    backend_reference.output(program, output, n->type == TYPE_INT32 ? TYPE_INT32 : TYPE_FLOAT64,
                             dst);
    backend_reference.device_close(device);
}

static void expect_numbers(struct fixture *f, struct node *n, struct shape shape,
                           const double *expected) {
    double found[NUMBERS_MOST];
    assert_true(shape_equal(n->shape, shape));
    assert_true(shape_count(shape) <= NUMBERS_MOST);
    evaluate(f, n, NULL, found);
    for (int64_t i = 0; i < shape_count(shape); i++) {
        bool same = isnan(expected[i])
                        ? isnan(found[i])
                        : found[i] == expected[i] && !signbit(found[i]) == !signbit(expected[i]);
        if (!same)
            fail_msg("%s: element %d is %.17g instead of %.17g", op_rows[n->op].name, (int)i,
                     found[i], expected[i]);
    }
}
#define EXPECT_ROW(f, n, ...)                                                                      \
    expect_numbers((f), (n), SHAPE((int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double))),   \
                   (double[]){__VA_ARGS__})

static void expect_whole(struct fixture *f, struct node *n, const int32_t *expected) {
    int32_t found[NUMBERS_MOST];
    assert_int_equal(n->type, TYPE_INT32);
    evaluate(f, n, NULL, found);
    for (int64_t i = 0; i < shape_count(n->shape); i++)
        if (found[i] != expected[i])
            fail_msg("%s: element %d is %d instead of %d", op_rows[n->op].name, (int)i, found[i],
                     expected[i]);
}

/* ---- element by element ------------------------------------------------------------------------
 */

static void functions_of_one_number(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum op op;
        double x, expected;
    } cases[] = {
        {OP_NEG, 0, -0.0},
        {OP_NEG, -3, 3},
        {OP_EXP, 0, 1},
        {OP_EXP, 1, 2.7182818284590452},
        {OP_EXP, -INFINITY, 0},
        {OP_LOG, 1, 0},
        {OP_LOG, 0, -INFINITY},
        {OP_LOG, -1, NAN},
        {OP_SQRT, 9, 3},
        {OP_SQRT, -0.0, -0.0},
        {OP_SQRT, -1, NAN},
        {OP_TANH, 0, 0},
        {OP_TANH, INFINITY, 1},
        {OP_TANH, -1, -0.76159415595576489},
        {OP_SIN, 0, 0},
        {OP_SIN, 1, 0.8414709848078965},
        {OP_COS, 0, 1},
        {OP_COS, 1, 0.54030230586813972},
        {OP_LOG1P, -1, -INFINITY},
        {OP_LOG1P, 1e-20, 1e-20},
        {OP_EXPM1, 1e-20, 1e-20},
        {OP_EXPM1, -INFINITY, -1},
        {OP_ERF, 1, 0.84270079294971487},
        {OP_ERF, -INFINITY, -1},
        {OP_FLOOR, -0.5, -1},
        {OP_FLOOR, 2.75, 2},
        {OP_STOP_GRADIENT, 5, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT_ROW(f, graph_unary(f->g, cases[i].op, ROW(f, cases[i].x)), cases[i].expected);
    EXPECT_ROW(f, graph_mark(f->g, ROW(f, 5)), 5);
}

static void functions_of_two_numbers(void **state) {
    struct fixture *f = *state;
    static const struct {
        enum op op;
        double a, b, expected;
    } cases[] = {
        {OP_ADD, 1, 2, 3},          {OP_ADD, INFINITY, -INFINITY, NAN},
        {OP_SUB, 1, 2, -1},         {OP_MUL, -2, 3, -6},
        {OP_MUL, 0, INFINITY, NAN}, {OP_DIV, 1, 4, 0.25},
        {OP_DIV, -1, 0, -INFINITY}, {OP_DIV, 0, 0, NAN},
        {OP_MAX, 1, 2, 2},          {OP_MAX, NAN, 2, NAN},
        {OP_MAX, 2, NAN, NAN},      {OP_MIN, 1, 2, 1},
        {OP_MIN, NAN, 2, NAN},      {OP_MIN, 2, NAN, NAN},
        {OP_POW, 2, 10, 1024},      {OP_POW, -2, 3, -8},
        {OP_POW, -2, 0.5, NAN},     {OP_POW, 0, 0, 1},
        {OP_LESS, 1, 2, 1},         {OP_LESS, 2, 2, 0},
        {OP_LESS, NAN, 2, 0},       {OP_LESS, 2, NAN, 0},
        {OP_EQUAL, 2, 2, 1},        {OP_EQUAL, 0, -0.0, 1},
        {OP_EQUAL, NAN, NAN, 0},    {OP_EQUAL, 1, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT_ROW(f, graph_binary(f->g, cases[i].op, ROW(f, cases[i].a), ROW(f, cases[i].b)),
                   cases[i].expected);
}

/* What is not chosen does not matter; a condition that is not a number is not nought. */
static void select_chooses(void **state) {
    struct fixture *f = *state;
    struct node *condition = ROW(f, 1, 0, -0.0, -2, NAN);
    EXPECT_ROW(
        f,
        graph_select(f->g, condition, ROW(f, 1, NAN, INFINITY, 4, 5), ROW(f, NAN, 7, 8, NAN, 10)),
        1, 7, 8, 4, 5);
}

static void casts_go_towards_nought(void **state) {
    struct fixture *f = *state;
    struct node *x = ROW(f, 1.9, -1.9, 0.5, -0.5, 3e9, -3e9);
    expect_whole(f, graph_cast(f->g, x, TYPE_INT32),
                 (int32_t[]){1, -1, 0, 0, INT32_MAX, INT32_MIN});
    EXPECT_ROW(f, graph_cast(f->g, whole(f, SHAPE(2), (double[]){-7, 7}), TYPE_FLOAT32), -7, 7);
}

static void iota_counts_along_its_axis(void **state) {
    struct fixture *f = *state;
    expect_numbers(f, graph_iota(f->g, TYPE_FLOAT32, SHAPE(2, 3), 0), SHAPE(2, 3),
                   (double[]){0, 0, 0, 1, 1, 1});
    expect_whole(f, graph_iota(f->g, TYPE_INT32, SHAPE(2, 3), 1), (int32_t[]){0, 1, 2, 0, 1, 2});
}

/* ---- movement ----------------------------------------------------------------------------------
 */

static struct node *counted(struct fixture *f, struct shape shape) {
    double numbers[NUMBERS_MOST];
    for (int i = 0; i < shape_count(shape); i++)
        numbers[i] = i + 1;
    return table(f, shape, numbers);
}

static void movement(void **state) {
    struct fixture *f = *state;
    struct node *x = counted(f, SHAPE(2, 3));
    expect_numbers(f, graph_reshape(f->g, x, SHAPE(3, 2)), SHAPE(3, 2),
                   (double[]){1, 2, 3, 4, 5, 6});
    expect_numbers(f, graph_transpose(f->g, x), SHAPE(3, 2), (double[]){1, 4, 2, 5, 3, 6});
    expect_numbers(f, graph_permute(f->g, counted(f, SHAPE(2, 1, 3)), (int[]){2, 0, 1}),
                   SHAPE(3, 2, 1), (double[]){1, 4, 2, 5, 3, 6});
    expect_numbers(f, graph_expand(f->g, counted(f, SHAPE(2, 1)), SHAPE(2, 2)), SHAPE(2, 2),
                   (double[]){1, 1, 2, 2});
    expect_numbers(f, graph_broadcast(f->g, counted(f, SHAPE(2)), SHAPE(2, 2)), SHAPE(2, 2),
                   (double[]){1, 2, 1, 2});
    expect_numbers(f, graph_flip(f->g, x, 2), SHAPE(2, 3), (double[]){3, 2, 1, 6, 5, 4});
    expect_numbers(f, graph_flip(f->g, x, 3), SHAPE(2, 3), (double[]){6, 5, 4, 3, 2, 1});
}

static void slices_step_and_pads_leave_gaps(void **state) {
    struct fixture *f = *state;
    struct node *x = counted(f, SHAPE(2, 5));
    expect_numbers(f, graph_slice(f->g, x, (int64_t[]){1, 1}, (int64_t[]){1, 2}, SHAPE(1, 2)),
                   SHAPE(1, 2), (double[]){7, 9});
    struct node *row = ROW(f, 1, 2);
    EXPECT_ROW(f, graph_pad(f->g, row, (int64_t[]){1}, (int64_t[]){2}, (int64_t[]){3}, 9), 9, 1, 9,
               9, 2, 9, 9);
    struct node *column = counted(f, SHAPE(2, 1));
    expect_numbers(
        f, graph_pad(f->g, column, (int64_t[]){0, 1}, (int64_t[]){0, 0}, (int64_t[]){2, 1}, 0),
        SHAPE(3, 2), (double[]){0, 1, 0, 0, 0, 2});
}

static void concat_joins_along_any_axis(void **state) {
    struct fixture *f = *state;
    struct node *a = counted(f, SHAPE(2, 1)), *b = counted(f, SHAPE(2, 2));
    expect_numbers(f, graph_concat(f->g, 3, (struct node *[]){a, b, a}, 1), SHAPE(2, 4),
                   (double[]){1, 1, 2, 1, 2, 3, 4, 2});
    expect_numbers(f, graph_concat(f->g, 2, (struct node *[]){b, counted(f, SHAPE(1, 2))}, 0),
                   SHAPE(3, 2), (double[]){1, 2, 3, 4, 1, 2});
}

/* ---- reductions, products, indexing ------------------------------------------------------------
 */

static void reductions_keep_their_axes(void **state) {
    struct fixture *f = *state;
    struct node *x = counted(f, SHAPE(2, 3));
    expect_numbers(f, graph_sum(f->g, x, 1), SHAPE(1, 3), (double[]){5, 7, 9});
    expect_numbers(f, graph_sum(f->g, x, 2), SHAPE(2, 1), (double[]){6, 15});
    expect_numbers(f, graph_sum(f->g, x, 3), SHAPE(1, 1), (double[]){21});
    expect_numbers(f, graph_sum(f->g, counted(f, SHAPE(2, 2, 2)), 5), SHAPE(1, 2, 1),
                   (double[]){1 + 2 + 5 + 6, 3 + 4 + 7 + 8});
    double middle[] = {1, 9, 2, 8, 3, 7};
    expect_numbers(f, graph_max(f->g, table(f, SHAPE(3, 2), middle), 1), SHAPE(1, 2),
                   (double[]){3, 9});
    double spoilt[] = {1, NAN, -INFINITY, -INFINITY};
    expect_numbers(f, graph_max(f->g, table(f, SHAPE(2, 2), spoilt), 2), SHAPE(2, 1),
                   (double[]){NAN, -INFINITY});
    EXPECT_ROW(f, graph_sum(f->g, ROW(f, 1, NAN), 1), NAN);
}

static void products_take_factors_transposed(void **state) {
    struct fixture *f = *state;
    struct node *a = counted(f, SHAPE(2, 3)), *b = counted(f, SHAPE(3, 2));
    double expected[] = {22, 28, 49, 64};
    expect_numbers(f, graph_matmul(f->g, a, b), SHAPE(2, 2), expected);
    struct node *at = graph_transpose(f->g, a), *bt = graph_transpose(f->g, b);
    expect_numbers(f, graph_matmul_transposed(f->g, at, true, b, false), SHAPE(2, 2), expected);
    expect_numbers(f, graph_matmul_transposed(f->g, a, false, bt, true), SHAPE(2, 2), expected);
    expect_numbers(f, graph_matmul_transposed(f->g, at, true, bt, true), SHAPE(2, 2), expected);
    expect_numbers(f, graph_matmul(f->g, counted(f, SHAPE(2, 1, 2)), counted(f, SHAPE(2, 2, 1))),
                   SHAPE(2, 1, 1), (double[]){1 + 4, 9 + 16});
    /* An element that is not finite reaches its row or column even across a nought. */
    double zeros[] = {0, 0, 0, 1}, spoilt[] = {INFINITY, 1, 1, 1};
    expect_numbers(f,
                   graph_matmul(f->g, table(f, SHAPE(2, 2), zeros), table(f, SHAPE(2, 2), spoilt)),
                   SHAPE(2, 2), (double[]){NAN, 0, NAN, 1});
}

static void indices_outside_are_clamped(void **state) {
    struct fixture *f = *state;
    struct node *rows = counted(f, SHAPE(3, 2)),
                *index = whole(f, SHAPE(4), (double[]){2, -5, 9, 1});
    expect_numbers(f, graph_gather(f->g, rows, index), SHAPE(4, 2),
                   (double[]){5, 6, 1, 2, 5, 6, 3, 4});
    struct node *grid = whole(f, SHAPE(2, 2), (double[]){0, 1, 1, 0});
    expect_numbers(f, graph_gather(f->g, ROW(f, 3, 4), grid), SHAPE(2, 2), (double[]){3, 4, 4, 3});
    expect_numbers(f, graph_scatter_add(f->g, 3, index, counted(f, SHAPE(4, 2))), SHAPE(3, 2),
                   (double[]){3, 4, 7, 8, 1 + 5, 2 + 6});
}

/* ---- inputs, variables, guards -----------------------------------------------------------------
 */

static void bytes_and_integers_are_read_where_they_lie(void **state) {
    struct fixture *f = *state;
    struct node *bytes = graph_input(f->g, "data", TYPE_UINT8, SHAPE(2, 2), true),
                *index = graph_input(f->g, "index", TYPE_INT32, SHAPE(1), false);
    struct node *x = graph_cast(f->g, graph_gather(f->g, bytes, index), TYPE_FLOAT32);
    const uint8_t data[] = {0, 1, 255, 128};
    const int32_t one = 1;
    double found[2];
    evaluate(f, x, (const void *const[]){data, &one}, found);
    assert_true(found[0] == 255 && found[1] == 128);
}

/* Two variables that change places, each written once, from values at the start of the run; and an
 * output of one is its value at the start. A run that is not finite changes nothing. */
static void assignments_happen_together_or_not_at_all(void **state) {
    struct fixture *f = *state;
    struct error error = {0};
    const struct variable a = {"a", TYPE_FLOAT32, SHAPE_SCALAR, NULL, 0},
                          b = {"b", TYPE_FLOAT32, SHAPE_SCALAR, NULL, 1};
    struct node *x = graph_input(f->g, "x", TYPE_FLOAT32, SHAPE_SCALAR, false);
    graph_assign(f->g, &a, graph_add(f->g, graph_variable(f->g, &b), x));
    graph_assign(f->g, &b, graph_variable(f->g, &a));
    graph_output(f->g, "a", graph_variable(f->g, &a), NULL);
    struct device *device = backend_reference.device_open(&(struct device_options){0}, &error);
    double one = 1, two = 2, found[3];
    backend_reference.variable_create(device, &a);
    backend_reference.variable_create(device, &b);
    backend_reference.variable_write(device, &a, TYPE_FLOAT64, &one);
    backend_reference.variable_write(device, &b, TYPE_FLOAT64, &two);
    struct program *program = backend_reference.compile(device, f->arena, f->g, NULL, &error);
    for (int run = 0; run < 2; run++) {
        float fed = run ? NAN : 0.5f;
        const void *const inputs[] = {&fed};
        assert_int_equal(backend_reference.run(program, inputs), run ? RUN_NOT_FINITE : RUN_DONE);
        backend_reference.output(program, 0, TYPE_FLOAT64, &found[2]);
        backend_reference.variable_read(device, &a, TYPE_FLOAT64, &found[0]);
        backend_reference.variable_read(device, &b, TYPE_FLOAT64, &found[1]);
        assert_true(found[0] == 2.5 && found[1] == 1 && found[2] == (run ? 2.5 : 1));
        struct not_finite where;
        assert_int_equal(backend_reference.locate(program, inputs, &where), run);
        if (run) assert_string_equal(where.variable, "a");
    }
    backend_reference.device_close(device);
}

/* ---- random numbers ----------------------------------------------------------------------------
 */

static double *draws(struct fixture *f, enum random_kind kind, uint64_t place, int32_t step,
                     int32_t repetition) {
    double clock[3] = {step, 0, repetition};
    struct node *n = graph_random(f->g, kind, SHAPE(DRAWS), place, whole(f, SHAPE(3), clock));
    double *numbers = ARENA_ARRAY(f->arena, double, DRAWS);
    evaluate(f, n, NULL, numbers);
    return numbers;
}

static double mean_of(const double *x) {
    double sum = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += x[i];
    return sum / DRAWS;
}

/* The correlation of x and y shifted by `lag`. */
static double correlation(const double *x, const double *y, int lag) {
    double mx = mean_of(x), my = mean_of(y), xy = 0, xx = 0, yy = 0;
    for (int i = 0; i < DRAWS; i++) {
        double a = x[i] - mx, b = y[(i + lag) % DRAWS] - my;
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    return xy / sqrt(xx * yy);
}

/* Five deviations of the estimate: a wrong generator is far outside, a right one is never. */
static const double five = 5;

static void draws_have_their_distribution(void **state) {
    struct fixture *f = *state;
    for (int kind = RANDOM_UNIFORM; kind <= RANDOM_NORMAL; kind++) {
        bool normal = kind == RANDOM_NORMAL;
        double *x = draws(f, (enum random_kind)kind, 42, 3, 0), fourth = 0, third = 0;
        double mean = normal ? 0 : 0.5, variance = normal ? 1 : 1.0 / 12;
        double kurtosis = normal ? 3 : 1.8, second = 0;
        for (int i = 0; i < DRAWS; i++) {
            double d = (x[i] - mean) / sqrt(variance);
            assert_true(normal ? fabs(x[i]) < 6 : x[i] >= 0 && x[i] < 1);
            second += d * d / DRAWS;
            third += d * d * d / DRAWS;
            fourth += d * d * d * d / DRAWS;
        }
        assert_true(fabs(mean_of(x) - mean) < five * sqrt(variance / DRAWS));
        assert_true(fabs(second - 1) < five * sqrt((kurtosis - 1) / DRAWS));
        assert_true(fabs(third) < five * sqrt(15.0 / DRAWS));
        assert_true(fabs(fourth - kurtosis) < five * sqrt(105.0 / DRAWS));
    }
}

/* Other places, steps and repetitions are other numbers, and neighbours have nothing in common. */
static void draws_are_independent(void **state) {
    struct fixture *f = *state;
    for (int kind = RANDOM_UNIFORM; kind <= RANDOM_NORMAL; kind++) {
        enum random_kind k = (enum random_kind)kind;
        double *x = draws(f, k, 42, 3, 0);
        double *others[] = {draws(f, k, 43, 3, 0), draws(f, k, 42, 4, 0), draws(f, k, 42, 3, 1),
                            draws(f, k, 42ull << 32, 3, 0)};
        for (int i = 0; i < 4; i++)
            for (int lag = 0; lag < 5; lag++)
                assert_true(fabs(correlation(x, others[i], lag)) < five / sqrt(DRAWS));
        for (int lag = 1; lag < 9; lag++)
            assert_true(fabs(correlation(x, x, lag)) < five / sqrt(DRAWS));
        double *again = draws(f, k, 42, 3, 0);
        assert_memory_equal(x, again, DRAWS * sizeof *x);
    }
}

/* Neither logarithm's operand is 0, nor is a turn whole. */
static void words_become_fractions(void **state) {
    (void)state;
    assert_true(random_unit(0) == 0 && random_unit(UINT32_MAX) == 1 - 0x1p-24f);
    assert_true(random_unit_above(0) == 0x1p-24f && random_unit_above(UINT32_MAX) == 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(functions_of_one_number),
        TEST(functions_of_two_numbers),
        TEST(select_chooses),
        TEST(casts_go_towards_nought),
        TEST(iota_counts_along_its_axis),
        TEST(movement),
        TEST(slices_step_and_pads_leave_gaps),
        TEST(concat_joins_along_any_axis),
        TEST(reductions_keep_their_axes),
        TEST(products_take_factors_transposed),
        TEST(indices_outside_are_clamped),
        TEST(bytes_and_integers_are_read_where_they_lie),
        TEST(assignments_happen_together_or_not_at_all),
        cmocka_unit_test(words_become_fractions),
        TEST(draws_have_their_distribution),
        TEST(draws_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
