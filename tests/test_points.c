/* links: datasets base */
/* Points that are drawn: where they lie, how often, and that the seed decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "tests/data.h"

enum { COUNT = 10000 };

static struct dataset_request points_request(struct fixture *f, const char *source) {
    struct dataset_request request = request_of(f, source);
    *(int64_t *)option(&request, "count") = COUNT;
    return request;
}

static struct dataset load_points(struct fixture *f, const struct dataset_request *request,
                                  uint32_t axes) {
    struct dataset seen = peek(f, request), d = load(f, request);
    assert_int_equal(seen.count, d.count);
    assert_int_equal(seen.classes, d.classes);
    assert_shape(&seen, 1, &axes);
    assert_shape(&d, 1, &axes);
    return d;
}

static double distance(const float *a, double x, double y) {
    return hypot(a[0] - x, a[1] - y);
}

static int count_label(const struct dataset *d, int32_t label) {
    int count = 0;
    for (int64_t i = 0; i < d->count; i++)
        count += d->labels[i] == label;
    return count;
}

/* A binomial count of COUNT draws: within six deviations. */
static void expect_share(int count, double share) {
    double deviation = sqrt(COUNT * share * (1 - share));
    if (fabs(count - COUNT * share) > 6 * deviation) fail_msg("%d is not %g", count, share);
}

/* Mean and standard deviation of each mode lie where its row puts them, and all modes are equally
 * likely. */
static void check_points(const struct dataset *d, double sigma,
                         void (*centre)(int label, double at[2])) {
    const float *values = d->values;
    for (int mode = 0; mode < d->classes; mode++) {
        double at[2], sum[2] = {0}, squares = 0, cross = 0, count = 0;
        centre(mode, at);
        for (int64_t i = 0; i < d->count; i++) {
            if (d->labels[i] != mode) continue;
            double x = values[2 * i] - at[0], y = values[2 * i + 1] - at[1];
            sum[0] += x, sum[1] += y, squares += x * x + y * y, cross += x * y;
            count++;
        }
        double expected = (double)d->count / d->classes;
        assert_true(fabs(count - expected) < 5 * sqrt(expected));
        assert_true(fabs(sum[0] / count) < 5 * sigma / sqrt(count));
        assert_true(fabs(sum[1] / count) < 5 * sigma / sqrt(count));
        assert_true(fabs(sqrt(squares / (2 * count)) / sigma - 1) < 4 / sqrt(2 * count));
        assert_true(fabs(cross / count) < 5 * sigma * sigma / sqrt(count));
    }
}

static void ring_centre(int label, double at[2]) {
    at[0] = cos(label * acos(-1) / 4);
    at[1] = sin(label * acos(-1) / 4);
}

static void grid_centre(int label, double at[2]) {
    at[0] = 2 * (label % 5) - 4;
    at[1] = 2 * (label / 5) - 4;
}

static void points_lie_around_their_modes(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = request_of(f, "ring");
    struct dataset d = load(f, &request), seen = peek(f, &request);
    assert_int_equal(d.count, 100000);
    assert_int_equal(d.classes, 8);
    assert_int_equal(d.type, DATA_FLOAT32);
    assert_shape(&d, EXTENTS(2));
    assert_int_equal(seen.count, d.count);
    assert_int_equal(seen.classes, d.classes);
    assert_shape(&seen, EXTENTS(2));
    check_points(&d, 0.01, ring_centre);
    request = request_of(f, "grid");
    d = load(f, &request);
    assert_int_equal(d.classes, 25);
    check_points(&d, 0.05, grid_centre);
}

static void points_depend_on_the_seed_alone(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = request_of(f, "ring");
    *(int64_t *)option(&request, "count") = 1000;
    struct dataset a = load(f, &request), b = load(f, &request);
    assert_memory_equal(a.values, b.values, 8000);
    *(int64_t *)option(&request, "count") = 500;
    b = load(f, &request);
    assert_memory_equal(a.values, b.values, 4000);
    request.seed = 2;
    b = load(f, &request);
    assert_memory_not_equal(a.values, b.values, 4000);
}

static void moons_are_two_half_circles(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = points_request(f, "moons");
    *(double *)option(&request, "noise") = 0;
    struct dataset d = load_points(f, &request, 2);
    int early = 0;
    for (int64_t i = 0; i < COUNT; i++) {
        const float *at = (const float *)d.values + 2 * i;
        bool inner = d.labels[i];
        assert_true(fabs(distance(at, inner, inner ? 0.5 : 0) - 1) < 1e-6);
        assert_true(inner ? at[1] <= 0.5 : at[1] >= 0);
        early += inner ? at[0] < 1 : at[0] > 0;
    }
    assert_int_equal(d.classes, 2);
    expect_share(count_label(&d, 1), 0.5);
    expect_share(early, 0.5); /* as many on each quarter */
}

static void spirals_wind_outward(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = points_request(f, "spiral");
    *(double *)option(&request, "noise") = 0;
    *(double *)option(&request, "radius") = 2;
    *(int64_t *)option(&request, "arms") = 3;
    struct dataset d = load_points(f, &request, 2);
    int inside = 0;
    for (int64_t i = 0; i < COUNT; i++) {
        const float *at = (const float *)d.values + 2 * i;
        double s = distance(at, 0, 0) / 2;
        double angle = 2 * 3.14159265358979 * (1.5 * s + d.labels[i] / 3.0);
        assert_true(s <= 1.000001);
        assert_true(distance(at, 2 * s * cos(angle), 2 * s * sin(angle)) < 1e-5);
        inside += s < 0.5;
    }
    expect_share(inside, 0.25); /* as in a disc */
    for (int arm = 0; arm < 3; arm++)
        expect_share(count_label(&d, arm), 1.0 / 3);
}

static void a_line_has_two_ends_and_no_labels(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = points_request(f, "line");
    struct dataset d = load_points(f, &request, 2);
    assert_int_equal(d.classes, 0);
    assert_null(d.labels);
    int low = 0;
    for (int64_t i = 0; i < COUNT; i++) {
        const float *at = (const float *)d.values + 2 * i;
        assert_true(at[0] == 0 && at[1] > 0 && at[1] < 1);
        low += at[1] < 0.25f;
    }
    expect_share(low, 0.25);
    *(struct numbers *)option(&request, "from") = (struct numbers){3, (double[]){1, 2, 3}};
    expect_failure(f, &request, STATUS_CONFIG,
                   "to: the ends have 3 and 2 coordinates; they must have as many, from 1 to 16");
    *(struct numbers *)option(&request, "to") = (struct numbers){3, (double[]){1, 4, 3}};
    d = load_points(f, &request, 3);
    for (int64_t i = 0; i < COUNT; i++) {
        const float *at = (const float *)d.values + 3 * i;
        assert_true(at[0] == 1 && at[1] > 2 && at[1] < 4 && at[2] == 3);
    }
}

static struct dataset_request gaussians(struct fixture *f, int count, int axes,
                                        const double *centres) {
    struct dataset_request request = points_request(f, "gaussians");
    *(struct point_list *)option(&request, "centres") = (struct point_list){count, axes, centres};
    return request;
}

static void gaussians_have_centres_deviations_and_weights(void **state) {
    struct fixture *f = *state;
    static const double centres[] = {-5, 0, 5, 0, 0, 9}, deviations[] = {0.1, 0.5, 1};
    static const double weights[] = {1, 2, 5};
    struct dataset_request request = gaussians(f, 3, 2, centres);
    *(struct numbers *)option(&request, "deviations") = (struct numbers){3, deviations};
    *(struct numbers *)option(&request, "weights") = (struct numbers){3, weights};
    struct dataset d = load_points(f, &request, 2);
    double sums[3] = {0}, squares[3] = {0};
    for (int64_t i = 0; i < COUNT; i++) {
        const float *at = (const float *)d.values + 2 * i;
        int mode = d.labels[i];
        for (int axis = 0; axis < 2; axis++) {
            double off = at[axis] - centres[2 * mode + axis];
            sums[mode] += off;
            squares[mode] += off * off;
        }
    }
    for (int mode = 0; mode < 3; mode++) {
        int count = count_label(&d, mode);
        double numbers = 2.0 * count, deviation = deviations[mode];
        expect_share(count, weights[mode] / 8);
        assert_true(fabs(sums[mode] / numbers) < 6 * deviation / sqrt(numbers));
        assert_true(fabs(sqrt(squares[mode] / numbers) / deviation - 1) < 6 / sqrt(2 * numbers));
    }
}

static void gaussians_have_any_number_of_coordinates(void **state) {
    struct fixture *f = *state;
    static const double centres[] = {1, 2, 3, 4, 5, 6};
    for (uint32_t axes = 1; axes <= 3; axes++) {
        struct dataset_request request = gaussians(f, 2, (int)axes, centres);
        *(struct numbers *)option(&request, "deviations") = (struct numbers){1, (double[]){0}};
        struct dataset d = load_points(f, &request, axes);
        for (int64_t i = 0; i < COUNT; i++)
            for (uint32_t axis = 0; axis < axes; axis++)
                assert_true(((const float *)d.values)[i * axes + axis] ==
                            (float)centres[(uint32_t)d.labels[i] * axes + axis]);
        expect_share(count_label(&d, 0), 0.5);
    }
}

static void numbers_that_do_not_fit_the_centres_are_refused(void **state) {
    struct fixture *f = *state;
    static const double centres[] = {1, 2, 3, 4};
    struct dataset_request request = gaussians(f, 4, 1, centres);
    *(struct numbers *)option(&request, "deviations") = (struct numbers){2, centres};
    expect_failure(f, &request, STATUS_CONFIG, "deviations: there are 2 for 4 centres");
    *(struct numbers *)option(&request, "deviations") = (struct numbers){1, centres};
    *(struct numbers *)option(&request, "weights") = (struct numbers){1, centres};
    expect_failure(f, &request, STATUS_CONFIG, "weights: there are 1 for 4 centres");
    static const double zeros[17] = {0};
    request = gaussians(f, 1, 17, zeros);
    expect_failure(f, &request, STATUS_CONFIG,
                   "centres: there are 1 of 17 coordinates; at most 65536 of 16 can be drawn");
}

static void the_seed_decides_and_held_out_points_are_others(void **state) {
    struct fixture *f = *state;
    static const char *const sources[] = {"ring", "grid", "spiral", "moons", "line", "gaussians"};
    static const double origin[] = {0, 0};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct dataset_request request = points_request(f, sources[i]);
        if (i == 5)
            *(struct point_list *)option(&request, "centres") = (struct point_list){1, 2, origin};
        struct dataset one = load(f, &request), same = load(f, &request);
        request.seed = 2;
        struct dataset other = load(f, &request);
        size_t bytes = 2 * COUNT * sizeof(float);
        assert_memory_equal(one.values, same.values, bytes);
        assert_memory_not_equal(one.values, other.values, 8);
        request.seed = 1;
        *(double *)option(&request, "hold_out") = 0.25;
        struct dataset train = load_points(f, &request, 2);
        *(int *)option(&request, "split") = SPLIT_HELD_OUT;
        struct dataset held = load_points(f, &request, 2);
        assert_int_equal(train.count, 3 * COUNT / 4);
        assert_int_equal(held.count, COUNT / 4);
        /* Both are in the order of the whole. */
        const float *all = one.values, *a = train.values, *b = held.values;
        for (int64_t k = 0; k < COUNT; k++, all += 2) {
            bool first = a < (const float *)train.values + 2 * train.count && !memcmp(a, all, 8);
            if (!first) assert_memory_equal(b, all, 8);
            *(first ? &a : &b) += 2;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(points_lie_around_their_modes),
        TEST(points_depend_on_the_seed_alone),
        TEST(moons_are_two_half_circles),
        TEST(spirals_wind_outward),
        TEST(a_line_has_two_ends_and_no_labels),
        TEST(gaussians_have_centres_deviations_and_weights),
        TEST(gaussians_have_any_number_of_coordinates),
        TEST(numbers_that_do_not_fit_the_centres_are_refused),
        TEST(the_seed_decides_and_held_out_points_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
