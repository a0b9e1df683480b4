/* links: datasets base */
/* NPY files, and what is made of arrays of any format: layouts, ranges, types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "tests/data.h"

/* A file of `version` with this dictionary and these elements; the path. */
static const char *write_npy(struct fixture *f, const char *name, int version,
                             const char *dictionary, const void *elements, size_t size) {
    char bytes[1024] = "\x93NUMPY";
    size_t length = strlen(dictionary), at = version == 1 ? 10 : 12;
    bytes[6] = (char)version;
    bytes[8] = (char)(length & 255);
    bytes[9] = (char)(length >> 8);
    assert_true(at + length + size <= sizeof bytes);
    memcpy(bytes + at, dictionary, length);
    if (size) memcpy(bytes + at + length, elements, size);
    return write_bytes(f, name, bytes, at + length + size);
}

#define DICTIONARY(descr, order, shape)                                                            \
    "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }          \n"

static struct dataset_request npy_request(struct fixture *f, const char *x, const char *y) {
    struct dataset_request request = request_of(f, "npy");
    *(const char **)option(&request, "x") = x;
    *(const char **)option(&request, "y") = y;
    return request;
}

/* The data set of a file with these elements. */
#define LOAD(f, descr, order, shape, ...)                                                          \
    load_one(f, DICTIONARY(descr, order, shape), (__VA_ARGS__), sizeof(__VA_ARGS__))
static struct dataset load_one(struct fixture *f, const char *dictionary, const void *elements,
                               size_t size) {
    struct dataset_request request =
        npy_request(f, write_npy(f, "x.npy", 1, dictionary, elements, size), NULL);
    struct dataset seen = peek(f, &request), d = load(f, &request);
    assert_int_equal(seen.count, d.count);
    assert_int_equal(seen.type, d.type);
    assert_memory_equal(&seen.shape, &d.shape, sizeof d.shape);
    return d;
}

static void each_type_and_rank_is_read(void **state) {
    struct fixture *f = *state;
    struct dataset d =
        LOAD(f, "|u1", "False", "(2, 2, 3)", (uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    assert_int_equal(d.count, 2);
    assert_int_equal(d.type, DATA_UINT8);
    assert_shape(&d, EXTENTS(2, 3, 1));
    assert_memory_equal(d.values, ((uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 12);
    d = LOAD(f, "<f4", "False", "(2, 2)", (float[]){1, -2, 0.5f, 4});
    assert_int_equal(d.type, DATA_FLOAT32);
    assert_shape(&d, EXTENTS(2));
    assert_memory_equal(d.values, ((float[]){1, -2, 0.5f, 4}), 16);
    d = LOAD(f, "<f8", "False", "(3,)", (double[]){1, -2, 0.1});
    assert_shape(&d, EXTENTS(1));
    assert_memory_equal(d.values, ((float[]){1, -2, 0.1f}), 12);
    d = LOAD(f, ">f4", "False", "(1, 2)", (uint8_t[]){0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0});
    assert_memory_equal(d.values, ((float[]){1, -2}), 8);
    d = LOAD(f, ">f8", "False", "(1, 1)", (uint8_t[]){0xc0, 0, 0, 0, 0, 0, 0, 0});
    assert_memory_equal(d.values, ((float[]){-2}), 4);
    d = LOAD(f, "|u1", "False", "(1, 1, 2, 3)", (uint8_t[]){1, 2, 3, 4, 5, 6});
    assert_shape(&d, EXTENTS(1, 2, 3));
}

static void versions_and_other_ways_to_write_the_header_are_read(void **state) {
    struct fixture *f = *state;
    static const char *const headers[] = {
        DICTIONARY("|u1", "False", "(2, 1)"),
        "{'shape':(2,1),'fortran_order':False,'descr':'|u1'}",
        "{\"descr\": \"<u1\", \"fortran_order\": False, \"shape\": (2, 1, ),}",
    };
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < 3; i++) {
            struct dataset_request request =
                npy_request(f, write_npy(f, "x.npy", version, headers[i], "ab", 2), NULL);
            assert_memory_equal(load(f, &request).values, "ab", 2);
        }
}

static void labels_of_each_type_are_read(void **state) {
    struct fixture *f = *state;
    static const int32_t expected[] = {0, 2, 1};
    const char *x = write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(3, 1)"), "abc", 3);
    const char *y = in_folder(f, "%/y.npy");
    struct dataset_request request = npy_request(f, x, y);
#define EXPECT_LABELS(dictionary, ...)                                                             \
    write_npy(f, "y.npy", 1, dictionary, (__VA_ARGS__), sizeof(__VA_ARGS__));                      \
    assert_int_equal(load(f, &request).classes, 3);                                                \
    assert_memory_equal(load(f, &request).labels, expected, sizeof expected)
    EXPECT_LABELS(DICTIONARY("|u1", "False", "(3,)"), (uint8_t[]){0, 2, 1});
    EXPECT_LABELS(DICTIONARY("<i4", "False", "(3,)"), (int32_t[]){0, 2, 1});
    EXPECT_LABELS(DICTIONARY("<i8", "False", "(3, 1)"), (int64_t[]){0, 2, 1});
    EXPECT_LABELS(DICTIONARY(">i4", "True", "(3, 1)"),
                  (uint8_t[]){0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1});
    write_npy(f, "y.npy", 1, DICTIONARY("<i8", "False", "(3,)"), (int64_t[]){0, -1, 1}, 24);
    expect_failure(f, &request, STATUS_DATA,
                   "%/y.npy: label number 1 (from 0) is -1; labels are 0 to 65535");
    write_npy(f, "y.npy", 1, DICTIONARY("<i8", "False", "(3,)"),
              (int64_t[]){0, 1, INT64_C(1) << 32}, 24);
    expect_failure(f, &request, STATUS_DATA,
                   "%/y.npy: label number 2 (from 0) is 4294967296; labels are 0 to 65535");
    write_npy(f, "y.npy", 1, DICTIONARY("<f4", "False", "(3,)"), (float[]){0, 1, 2}, 12);
    expect_failure(f, &request, STATUS_DATA,
                   "%/y.npy holds float32 values; labels must be uint8, int32 or int64");
    write_npy(f, "y.npy", 1, DICTIONARY("|u1", "False", "(2,)"), "ab", 2);
    expect_failure(f, &request, STATUS_DATA, "%/y.npy holds 2 labels, but %/x.npy holds 3 images");
    write_npy(f, "y.npy", 1, DICTIONARY("|u1", "False", "(3, 2)"), "abcdef", 6);
    expect_failure(f, &request, STATUS_DATA,
                   "%/y.npy holds images ([3, 2]) where labels were expected");
}

/* x[i, j, k] = 100 i + 10 j + k, 2 of [3, 2], with its first axis closest. */
static void fortran_order_is_turned(void **state) {
    struct fixture *f = *state;
    uint8_t fortran[12];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 2; k++)
                fortran[i + 2 * (j + 3 * k)] = (uint8_t)(100 * i + 10 * j + k);
    struct dataset d = LOAD(f, "|u1", "True", "(2, 3, 2)", fortran);
    static const uint8_t expected[] = {0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121};
    assert_shape(&d, EXTENTS(3, 2, 1));
    assert_memory_equal(d.values, expected, 12);
    struct dataset_request request = npy_request(f, in_folder(f, "%/x.npy"), NULL);
    *(double *)option(&request, "hold_out") = 0.5;
    d = load(f, &request);
    assert_int_equal(d.count, 1);
    assert_memory_equal(d.values, expected + (*(const uint8_t *)d.values ? 6 : 0), 6);
}

static void channels_first_become_last(void **state) {
    struct fixture *f = *state;
    static const uint8_t first[] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
    static const uint8_t last[] = {1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16};
    struct dataset_request request = npy_request(
        f, write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2, 2, 1, 3)"), first, 12), NULL);
    *(int *)option(&request, "layout") = 1;
    struct dataset d = load(f, &request);
    assert_shape(&d, EXTENTS(1, 3, 2));
    assert_memory_equal(d.values, last, 12);
    write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2, 6)"), first, 12);
    expect_failure(f, &request, STATUS_CONFIG,
                   "layout: channels_first is one of [n, channels, height, width], but %/x.npy "
                   "holds [2, 6]");
}

static struct dataset_request with_values(struct fixture *f, const char *dictionary,
                                          const void *elements, size_t size, double low,
                                          double high) {
    struct dataset_request request =
        npy_request(f, write_npy(f, "x.npy", 1, dictionary, elements, size), NULL);
    double *range = ARENA_ARRAY(f->arena, double, 2);
    range[0] = low;
    range[1] = high;
    *(struct numbers *)option(&request, "values") = (struct numbers){2, range};
    return request;
}

static void a_stated_range_is_checked_and_mapped(void **state) {
    struct fixture *f = *state;
    struct dataset_request request =
        with_values(f, DICTIONARY("<f4", "False", "(1, 3)"), (float[]){0, 0.5f, 1}, 12, 0, 1);
    struct dataset d = load(f, &request);
    assert_memory_equal(d.values, ((float[]){-1, 0, 1}), 12);
    request = with_values(f, DICTIONARY("|u1", "False", "(1, 2)"), (uint8_t[]){0, 1}, 2, 0, 1);
    assert_int_equal(peek(f, &request).type, DATA_FLOAT32);
    d = load(f, &request);
    assert_memory_equal(d.values, ((float[]){-1, 1}), 8);
    request = with_values(f, DICTIONARY("|u1", "False", "(1, 2)"), (uint8_t[]){0, 1}, 2, 0, 255);
    d = load(f, &request);
    assert_int_equal(d.type, DATA_UINT8);
    assert_memory_equal(d.values, ((uint8_t[]){0, 1}), 2);
    request = with_values(f, DICTIONARY("<f8", "False", "(2, 2, 2)"),
                          (double[]){0, 0, 0, 0, 0, 0, -0.25, 0}, 64, 0, 1);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy: the value at [1, 1, 0] is -0.25, but 'values' go from 0 to 1");
    request = with_values(f, DICTIONARY("|u1", "False", "(1, 2)"), (uint8_t[]){0, 2}, 2, 0, 1);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy: the value at [0, 1] is 2, but 'values' go from 0 to 1");
    request = with_values(f, DICTIONARY("|u1", "False", "(1, 2)"), (uint8_t[]){0, 1}, 2, 1, 1);
    expect_failure(f, &request, STATUS_CONFIG,
                   "values: these must be two numbers, the lowest and the highest, as in [0, 255]");
}

static void what_is_not_finite_is_told_by_its_index(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = npy_request(f, in_folder(f, "%/x.npy"), NULL);
    write_npy(f, "x.npy", 1, DICTIONARY("<f4", "False", "(2, 2)"), (float[]){0, 0, NAN, 0}, 16);
    expect_failure(f, &request, STATUS_DATA, "%/x.npy: the value at [1, 0] is not finite");
    write_npy(f, "x.npy", 1, DICTIONARY("<f8", "False", "(2, 2)"), (double[]){0, 1e300, 0, 0}, 32);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy: the value at [0, 1] is not finite as float32");
    write_npy(f, "x.npy", 1, DICTIONARY("<f4", "True", "(2, 2)"), (float[]){0, 0, INFINITY, 0}, 16);
    expect_failure(f, &request, STATUS_DATA, "%/x.npy: the value at [0, 1] is not finite");
    write_npy(f, "x.npy", 1, DICTIONARY("<f4", "False", "(1, 2, 1, 2)"), (float[]){0, 0, 0, NAN},
              16);
    *(int *)option(&request, "layout") = 1;
    expect_failure(f, &request, STATUS_DATA, "%/x.npy: the value at [0, 1, 0, 1] is not finite");
    *(int64_t *)option(&request, "limit") = 1;
    *(int *)option(&request, "layout") = 0;
    write_npy(f, "x.npy", 1, DICTIONARY("<f4", "False", "(2, 2)"), (float[]){3, 4, NAN, 0}, 16);
    assert_memory_equal(load(f, &request).values, ((float[]){3, 4}), 8); /* the rest is not read */
}

static void headers_that_are_not_plain_are_refused(void **state) {
    static const struct {
        const char *header, *why;
    } cases[] = {
        {"", "its header is not a dictionary"},
        {"{", "its header is not a dictionary"},
        {"['descr']", "its header is not a dictionary"},
        {"{'descr' '|u1'}", "its header is not a dictionary"},
        {"{'descr': '|u1'", "its header is not a dictionary"},
        {"{'descr': '|u1', 'fortran_order': False}",
         "its header lacks 'descr', 'fortran_order' or 'shape'"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}",
         "its header has other keys than it should"},
        {"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
         "its header has other keys than it should"},
        {DICTIONARY("|u1", "False", "(2,)") "x", "something follows its header's dictionary"},
        {DICTIONARY("|u1", "Falsely", "(2,)"), "its header is not a dictionary"},
        {DICTIONARY("|u1", "0", "(2,)"), "its 'fortran_order' is neither True nor False"},
        {DICTIONARY("|u1", "False", "(2)"), "its 'shape' is not a tuple of numbers"},
        {DICTIONARY("|u1", "False", "[2]"), "its 'shape' is not a tuple of numbers"},
        {DICTIONARY("|u1", "False", "(-2,)"), "its 'shape' is not a tuple of numbers"},
        {DICTIONARY("|u1", "False", "(1 2,)"), "its 'shape' is not a tuple of numbers"},
        {DICTIONARY("|u1", "False", "(,)"), "its 'shape' is not a tuple of numbers"},
        {DICTIONARY("|u1", "False", "()"), "it is a single number"},
        {DICTIONARY("|u1", "False", "(1,1,1,1,1,1,1,1,1)"), "it has more than eight axes"},
        {DICTIONARY("|u1", "False", "(99999999999999999999,)"),
         "its 'shape' is larger than what any memory can hold"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
         "its elements have parts, or its 'descr' is no text"},
        {"{'descr': '|u\\x31', 'fortran_order': False, 'shape': (2,)}",
         "its elements have parts, or its 'descr' is no text"},
    };
    struct fixture *f = *state;
    struct dataset_request request = npy_request(f, in_folder(f, "%/x.npy"), NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy(f, "x.npy", 1, cases[i].header, "ab", 2);
        expect_failure(f, &request, STATUS_DATA,
                       arena_format(f->arena, "%%/x.npy is not a NPY file that can be read: %s",
                                    cases[i].why));
    }
}

static void files_of_another_kind_are_refused(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = npy_request(f, in_folder(f, "%/x.npy"), NULL);
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "cannot read '%/x.npy': No such file or directory");
    write_bytes(f, "x.npy", "", 0);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy is not a NPY file that can be read: it is too short");
    write_bytes(f, "x.npy", "PK\3\4 and so on", 15);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy is not a NPY file that can be read: it is an archive (.npz)");
    write_bytes(f, "x.npy", "something else", 15);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy is not a NPY file that can be read: it does not begin with "
                   "\\x93NUMPY");
    write_npy(f, "x.npy", 4, DICTIONARY("|u1", "False", "(2,)"), "ab", 2);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy is not a NPY file that can be read: its version is not 1.0, 2.0 or "
                   "3.0");
    write_bytes(f, "x.npy", "\x93NUMPY\1\0\377\1{}", 13);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy is not a NPY file that can be read: its header is longer than can be "
                   "meant");
    write_npy(f, "x.npy", 1, DICTIONARY("|O", "False", "(2, 1)"), "ab", 2);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy holds |O values; images must be uint8, float32 or float64");
    write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2,)"), "ab", 2);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy holds labels ([2]) where images were expected");
    write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(1, 1, 1, 1, 2)"), "ab", 2);
    expect_failure(f, &request, STATUS_DATA, "%/x.npy has 5 axes; 1 to 4 can be read");
}

static void lengths_that_differ_from_the_header_are_refused(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = npy_request(f, in_folder(f, "%/x.npy"), NULL);
    write_npy(f, "x.npy", 1, DICTIONARY("<f4", "False", "(2, 2)"), "abcdefghijklmno", 15);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy announces a float32 array [2, 2], but 15 bytes follow its header");
    write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2, 1)"), "abc", 3);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy announces a uint8 array [2, 1], but 3 bytes follow its header");
    write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2, 0)"), "", 0);
    expect_failure(f, &request, STATUS_DATA, "%/x.npy is empty: its array is [2, 0]");
    write_npy(f, "x.npy", 1, DICTIONARY("<f8", "False", "(4294967296, 4294967296)"), "abc", 3);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy announces a float64 array [4294967296, 4294967296], but 3 bytes follow "
                   "its header");
    write_npy(f, "x.npy", 1, DICTIONARY("|O", "False", "(4294967296, 4294967296)"), "abc", 3);
    expect_failure(f, &request, STATUS_DATA,
                   "%/x.npy announces a |O array [4294967296, 4294967296], but 3 bytes follow its "
                   "header");
}

static void the_option_that_is_wrong_is_named(void **state) {
    struct fixture *f = *state;
    const char *x = write_npy(f, "x.npy", 1, DICTIONARY("|u1", "False", "(2, 1)"), "ab", 2);
    struct dataset_request request = npy_request(f, x, in_folder(f, "%/none"));
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_peek(&request, f->arena, &d, &error));
    assert_string_equal(d.wrong, "y");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_type_and_rank_is_read),
        TEST(versions_and_other_ways_to_write_the_header_are_read),
        TEST(labels_of_each_type_are_read),
        TEST(fortran_order_is_turned),
        TEST(channels_first_become_last),
        TEST(a_stated_range_is_checked_and_mapped),
        TEST(what_is_not_finite_is_told_by_its_index),
        TEST(headers_that_are_not_plain_are_refused),
        TEST(files_of_another_kind_are_refused),
        TEST(lengths_that_differ_from_the_header_are_refused),
        TEST(the_option_that_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
