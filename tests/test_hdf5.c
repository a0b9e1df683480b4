/* links: datasets files base */
/* The data source 'hdf5'. What the reader refuses is tested in test_store.c. */
#include <hdf5.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files/hdf5.h"
#include "tests/data.h"

static const uint8_t images[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const int32_t labels[] = {0, 2, 1};

/* Writes `arrays` as the file's content. */
static void write_file(struct fixture *f, const struct store_array *arrays, int count,
                       enum hdf5_layout layout) {
    struct error error = {0};
    struct hdf5_writer *writer = hdf5_writer_new(f->arena, &error);
    for (int i = 0; i < count; i++)
        hdf5_add(writer, &arrays[i], layout);
    if (!hdf5_save(writer, NULL, in_folder(f, "%/a.h5"))) fail_msg("%s", error.message);
}

static struct dataset_request hdf5_request(struct fixture *f, const char *x, const char *y) {
    struct dataset_request request = request_of(f, "hdf5");
    *(const char **)option(&request, "file") = in_folder(f, "%/a.h5");
    *(const char **)option(&request, "x") = x;
    *(const char **)option(&request, "y") = y;
    return request;
}

static void named_arrays_are_read(void **state) {
    struct fixture *f = *state;
    const struct store_array arrays[] = {
        {"train/images", STORE_UINT8, 3, {3, 2, 2}, images},
        {"train/labels", STORE_INT32, 1, {3}, labels},
    };
    for (enum hdf5_layout layout = HDF5_CONTIGUOUS; layout <= HDF5_COMPRESSED; layout++) {
        write_file(f, arrays, 2, layout);
        struct dataset_request request = hdf5_request(f, "/train/images", "train/labels");
        struct dataset seen = peek(f, &request), d = load(f, &request);
        assert_int_equal(seen.count, 3);
        assert_int_equal(d.count, 3);
        assert_shape(&d, EXTENTS(2, 2, 1));
        assert_int_equal(d.classes, 3);
        assert_int_equal(d.file_count, 1);
        assert_memory_equal(d.values, images, 12);
        assert_memory_equal(d.labels, labels, 12);
        *(int64_t *)option(&request, "limit") = 2;
        d = load(f, &request);
        assert_int_equal(d.count, 2);
        assert_memory_equal(d.values, images, 8);
        *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){1}, NULL};
        d = load(f, &request);
        assert_int_equal(d.count, 1);
        assert_memory_equal(d.values, images + 8, 4);
    }
}

static void floats_and_wide_labels_are_read(void **state) {
    struct fixture *f = *state;
    const struct store_array arrays[] = {
        {"x", STORE_FLOAT64, 2, {2, 2}, (double[]){0.5, 1, -2, 4}},
        {"y", STORE_INT64, 1, {2}, (int64_t[]){1, 0}},
    };
    write_file(f, arrays, 2, HDF5_CONTIGUOUS);
    struct dataset_request request = hdf5_request(f, "x", "y");
    struct dataset d = load(f, &request);
    assert_shape(&d, EXTENTS(2));
    assert_memory_equal(d.values, ((float[]){0.5f, 1, -2, 4}), 16);
    assert_memory_equal(d.labels, ((int32_t[]){1, 0}), 8);
}

static void a_thread_is_not_asked(void **state) {
    struct fixture *f = *state;
    const struct store_array x = {"x", STORE_UINT8, 2, {3, 4}, images};
    write_file(f, &x, 1, HDF5_CONTIGUOUS);
    struct dataset_request request = hdf5_request(f, "x", NULL);
    struct dataset_loading *loading = dataset_start(&request, f->arena);
    struct dataset d;
    struct error error = {0};
    remove(in_folder(f, "%/a.h5")); /* so that reading it before would be noticed */
    assert_false(dataset_finish(loading, &d, &error));
    assert_int_equal(error.status, STATUS_NO_INPUT);
}

static void expect_wrong(struct fixture *f, const struct dataset_request *request,
                         enum status status, const char *wrong, const char *message,
                         const char *hint) {
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_peek(request, f->arena, &d, &error));
    assert_int_equal(error.status, status);
    assert_string_equal(d.wrong, wrong);
    if (!strstr(error.message, in_folder(f, message))) fail_msg("%s", error.message);
    assert_string_equal(error.hint, hint);
}

static void what_is_not_there_is_told(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = hdf5_request(f, "x", "z");
    expect_wrong(f, &request, STATUS_NO_INPUT, "file",
                 "cannot read '%/a.h5': No such file or directory", "");
    write_bytes(f, "a.h5", "something else", 14);
    expect_wrong(f, &request, STATUS_DATA, "file", "'%/a.h5' is not a whole HDF5 file", "");
    const struct store_array arrays[] = {
        {"x", STORE_UINT8, 2, {3, 4}, images},
        {"in/y", STORE_INT32, 1, {3}, labels},
        {"number", STORE_INT32, 0, {0}, labels},
        {"none", STORE_UINT8, 2, {0, 4}, images},
    };
    write_file(f, arrays, 4, HDF5_CONTIGUOUS);
    expect_wrong(f, &request, STATUS_DATA, "y", "'%/a.h5' has no '/z' that can be read",
                 "it holds x, in/y, number, none");
    request = hdf5_request(f, "number", NULL);
    expect_wrong(f, &request, STATUS_DATA, "x", "'/number' in '%/a.h5' is a single number", "");
    request = hdf5_request(f, "none", NULL);
    expect_wrong(f, &request, STATUS_DATA, "x", "'/none' in '%/a.h5' is empty", "");
    request = hdf5_request(f, "in", NULL);
    expect_wrong(f, &request, STATUS_DATA, "x", "'/in' in '%/a.h5' is not a data set", "");
    request = hdf5_request(f, "x", "in/y");
    *(struct numbers *)option(&request, "values") = (struct numbers){2, (double[]){0, 11}};
    expect_failure(f, &request, STATUS_DATA,
                   "'/x' in '%/a.h5': the value at [2, 3] is 12, but 'values' go from 0 to 11");
}

/* Data that are elsewhere, and more of them than the file can hold. */
static void strangers_files_are_refused_before_memory_is_taken(void **state) {
    struct fixture *f = *state;
    hid_t file = H5Fcreate(in_folder(f, "%/a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hsize_t small[] = {4, 2}, large[] = {(hsize_t)1 << 40, 2}, chunk[] = {1024, 2};
    hid_t outside = H5Pcreate(H5P_DATASET_CREATE), sparse = H5Pcreate(H5P_DATASET_CREATE);
    hid_t few = H5Screate_simple(2, small, NULL), many = H5Screate_simple(2, large, NULL);
    H5Pset_external(outside, "/etc/passwd", 0, 8);
    H5Pset_chunk(sparse, 2, chunk);
    H5Dclose(H5Dcreate2(file, "x", H5T_STD_U8LE, few, H5P_DEFAULT, outside, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "y", H5T_STD_U8LE, many, H5P_DEFAULT, sparse, H5P_DEFAULT));
    H5Sclose(few);
    H5Sclose(many);
    H5Pclose(outside);
    H5Pclose(sparse);
    H5Fclose(file);
    struct dataset_request request = hdf5_request(f, "x", NULL);
    expect_wrong(f, &request, STATUS_DATA, "x", "'/x' in '%/a.h5' has its data in another file",
                 "");
    request = hdf5_request(f, "y", NULL);
    expect_wrong(f, &request, STATUS_DATA, "x",
                 "'/y' in '%/a.h5' says it is larger than what the file holds", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(named_arrays_are_read),
        TEST(floats_and_wide_labels_are_read),
        TEST(a_thread_is_not_asked),
        TEST(what_is_not_there_is_told),
        TEST(strangers_files_are_refused_before_memory_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
