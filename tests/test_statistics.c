/* links: datasets base m */
/* What is told of a data set's values and labels, and of files by their endings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "datasets/statistics.h"
#include "tests/data.h"

static void expect_number(double found, double wanted) {
    if (!(fabs(found - wanted) < 1e-12)) fail_msg("%.17g is not %.17g", found, wanted);
}

static void expect_moments(struct moments m, double low, double high, double mean,
                           double deviation) {
    expect_number(m.low, low);
    expect_number(m.high, high);
    expect_number(m.mean, mean);
    expect_number(m.deviation, deviation);
}

static void each_channel_is_measured(void **state) {
    struct fixture *f = *state;
    const uint8_t values[] = {0, 10, 4, 10, 8, 10, 0, 30}; /* two images of two pixels */
    const int32_t labels[] = {2, 0};
    struct dataset d = {.count = 2,
                        .shape = {3, {1, 2, 2}},
                        .type = DATA_UINT8,
                        .classes = 3,
                        .values = values,
                        .labels = labels};
    struct statistics s = dataset_statistics(&d, f->arena);
    assert_int_equal(s.parts, 2);
    expect_moments(s.part[0], 0, 8, 3, sqrt(11));
    expect_moments(s.part[1], 10, 30, 15, sqrt(75));
    expect_moments(s.all, 0, 30, 9, sqrt(43 + 36));
    assert_int_equal(s.all.count, 8);
    assert_int_equal(s.bytes, 8 + 2 * 4);
    assert_memory_equal(s.label_count, ((int64_t[]){1, 0, 1}), 24);
    expect_moments(moments_map(s.part[0], 2, -1), -1, 15, 5, 2 * sqrt(11));
}

static void more_coordinates_are_measured_together(void **state) {
    struct fixture *f = *state;
    const float values[] = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
    struct dataset d = {.count = 2, .shape = {1, {5}}, .type = DATA_FLOAT32, .values = values};
    struct statistics s = dataset_statistics(&d, f->arena);
    assert_int_equal(s.parts, 0);
    expect_moments(s.all, 1, 5, 3, sqrt(2));
    assert_int_equal(s.bytes, 40);
    assert_null(s.label_count);
}

static void what_is_not_finite_is_counted_alone(void **state) {
    struct fixture *f = *state;
    const float values[] = {NAN, 1, INFINITY, 3, -INFINITY, 5};
    struct dataset d = {.count = 3, .shape = {1, {2}}, .type = DATA_FLOAT32, .values = values};
    struct statistics s = dataset_statistics(&d, f->arena);
    assert_int_equal(s.all.not_finite, 3);
    assert_int_equal(s.all.count, 3);
    assert_int_equal(s.part[0].count, 0);
    expect_moments(s.part[0], 0, 0, 0, 0);
    expect_moments(s.all, 1, 5, 3, sqrt(8 / 3.0));
}

/* One axis of float32. */
static struct dataset_request numbers_request(struct fixture *f, const float *numbers, int count) {
    struct text bytes = {0};
    char header[119];
    int length = snprintf(header, sizeof header,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }", count);
    memset(header + length, ' ', sizeof header - (size_t)length);
    header[117] = '\n';
    text_add_range(&bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    text_add_range(&bytes, header, 118);
    text_add_range(&bytes, (const char *)numbers, (size_t)count * sizeof *numbers);
    struct dataset_request request = request_of(f, "npy");
    *(const char **)option(&request, "x") = write_bytes(f, "a.npy", text_get(&bytes), bytes.length);
    text_release(&bytes);
    return request;
}

static void only_who_counts_gets_what_is_not_finite(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = numbers_request(f, (const float[]){0, NAN, 4}, 3);
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_non_null(strstr(error.message, "the value at [1] is not finite"));
    request.as_stored = true;
    d = load(f, &request);
    assert_int_equal(dataset_statistics(&d, f->arena).all.not_finite, 1);
    *(struct numbers *)option(&request, "values") = (struct numbers){2, (const double[]){0, 3}};
    error = (struct error){0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_non_null(strstr(error.message, "is 4, but 'values' go from 0 to 3"));
}

static void what_was_stored_is_known(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = numbers_request(f, (const float[]){0, 1, 4}, 3);
    struct dataset d = load(f, &request);
    assert_string_equal(d.stored, "float32");
    assert_false(d.low < d.high);
    *(struct numbers *)option(&request, "values") = (struct numbers){2, (const double[]){-4, 4}};
    d = load(f, &request);
    expect_moments(dataset_statistics(&d, f->arena).all, 0, 1, 5 / 12.0,
                   sqrt((0 + 0.0625 + 1) / 3 - 25 / 144.0));
    request.as_stored = true;
    d = load(f, &request);
    expect_moments(dataset_statistics(&d, f->arena).all, 0, 4, 5 / 3.0, sqrt(17 / 3.0 - 25 / 9.0));
    expect_number(d.low, -4);
    expect_number(d.high, 4);
    request = request_of(f, "ring");
    assert_null(load(f, &request).stored);
}

static void a_file_is_known_by_its_ending(void **state) {
    (void)state;
    static const char *const known[][2] = {
        {"a.npy", "npy"},   {"b/a.h5", "hdf5"},     {"a.hdf5", "hdf5"},
        {"a.b.csv", "csv"}, {"t10k.idx.gz", "idx"}, {"train-images-idx3-ubyte", "idx"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(dataset_find_file(known[i][0])->name, known[i][1]);
    assert_string_equal(dataset_find_file("/")->name, "images"); /* a folder */
    static const char *const unknown[] = {"a", "a.np", "anpy", ".npy", "a.npy.gz", ""};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(dataset_find_file(unknown[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_channel_is_measured),
        TEST(more_coordinates_are_measured_together),
        TEST(what_is_not_finite_is_counted_alone),
        TEST(only_who_counts_gets_what_is_not_finite),
        TEST(what_was_stored_is_known),
        TEST(a_file_is_known_by_its_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
