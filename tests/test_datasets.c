/* links: datasets base */
/* Data sets: reading, finding and refusing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/data.h"

/* The bytes of a file. */
struct bytes {
    unsigned char at[512];
    size_t size;
};

enum { UINT8 = 0x08, INT16 = 0x0b, INT32 = 0x0c, FLOAT32 = 0x0d };

static struct bytes idx(int type, int rank, const uint32_t *extent, const void *data, size_t size) {
    struct bytes b = {.at = {0, 0, (unsigned char)type, (unsigned char)rank}, .size = 4};
    for (int i = 0; i < rank; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            b.at[b.size++] = (unsigned char)(extent[i] >> shift);
    if (size) memcpy(b.at + b.size, data, size);
    b.size += size;
    return b;
}
/* 1, 2, 3, … as pixels. */
static struct bytes pixels(int rank, const uint32_t *extent) {
    unsigned char data[256];
    size_t size = 1;
    for (int i = 0; i < rank; i++)
        size *= extent[i];
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)(i + 1);
    return idx(UINT8, rank, extent, data, size);
}

static struct bytes four_labels(void) {
    return idx(UINT8, EXTENTS(4), (unsigned char[]){0, 2, 1, 2}, 4);
}

/* `from` as one gzip member, appended to `to`. */
static struct bytes gzip_after(struct bytes to, const unsigned char *from, size_t size) {
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)from;
    stream.avail_in = (unsigned)size;
    stream.next_out = to.at + to.size;
    stream.avail_out = (unsigned)(sizeof to.at - to.size);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    to.size = sizeof to.at - stream.avail_out;
    deflateEnd(&stream);
    return to;
}

static struct bytes gzip(struct bytes plain) {
    return gzip_after((struct bytes){.size = 0}, plain.at, plain.size);
}

static const char *write_file(struct fixture *f, const char *name, struct bytes bytes) {
    return write_bytes(f, name, bytes.at, bytes.size);
}

static void make_folder(struct fixture *f, const char *name) {
    assert_int_equal(mkdir(arena_format(f->arena, "%s/%s", f->folder, name), 0700), 0);
}

static struct dataset_request idx_request(struct fixture *f, const char *images,
                                          const char *labels) {
    struct dataset_request request = request_of(f, "idx");
    *(const char **)option(&request, "images") = images;
    *(const char **)option(&request, "labels") = labels;
    return request;
}

/* Expects that a look at the headers is enough to refuse. */
static void expect_peek_failure(struct fixture *f, const struct dataset_request *request,
                                const char *message) {
    struct dataset dataset;
    struct error error = {0};
    assert_false(dataset_peek(request, f->arena, &dataset, &error));
    assert_string_equal(error.message, in_folder(f, message));
}

/* Writes the two files (no labels if empty) as i and l, and expects loading to fail with DATA. */
static void expect_bad(struct fixture *f, struct bytes images, struct bytes labels,
                       const char *message) {
    const char *i = write_file(f, "i", images), *l = write_file(f, "l", labels);
    struct dataset_request request = idx_request(f, i, labels.size ? l : NULL);
    expect_failure(f, &request, STATUS_DATA, message);
}

/* Rows */

static void every_row_is_complete_and_found_by_its_name(void **state) {
    (void)state;
    int count = 0;
    for (; dataset_rows[count]; count++) {
        const struct dataset_row *row = dataset_rows[count];
        assert_ptr_equal(dataset_find(row->name), row);
        assert_true(row->doc && row->citation && row->licence && row->peek && row->load);
        assert_true(!row->files == !row->get && !row->files == !row->known);
        for (const struct parameter *p = row->parameters; p->name; p++)
            assert_true(p->doc && p->offset < row->options_size);
    }
    assert_int_equal(count, 18);
    assert_null(dataset_find("minst"));
}

/* Reading */

static void plain_and_gzipped_files_give_the_same(void **state) {
    struct fixture *f = *state;
    struct bytes images = pixels(EXTENTS(4, 3, 2)), labels = four_labels();
    struct dataset_request plain =
        idx_request(f, write_file(f, "i", images), write_file(f, "l", labels));
    write_file(f, "zi.gz", gzip(images));
    write_file(f, "zl.gz", gzip(labels)); /* the name is given without .gz */
    struct dataset_request zipped = idx_request(f, in_folder(f, "%/zi"), in_folder(f, "%/zl"));
    const struct dataset_request *requests[] = {&plain, &zipped};
    for (int i = 0; i < 2; i++) {
        struct dataset d = load(f, requests[i]), seen = peek(f, requests[i]);
        assert_int_equal(d.count, 4);
        assert_int_equal(seen.count, 4);
        assert_shape(&d, EXTENTS(3, 2, 1));
        assert_shape(&seen, EXTENTS(3, 2, 1));
        assert_int_equal(d.type, DATA_UINT8);
        assert_int_equal(d.classes, 3);
        assert_int_equal(seen.classes, 3);
        assert_memory_equal(d.values, images.at + 16, 24);
        assert_memory_equal(d.labels, ((int32_t[]){0, 2, 1, 2}), 16);
        assert_int_equal(d.file_count, 2);
    }
}

static void gzip_is_known_by_its_magic_and_the_plain_file_goes_first(void **state) {
    struct fixture *f = *state;
    struct bytes images = pixels(EXTENTS(4, 2, 2));
    struct dataset_request request = idx_request(f, write_file(f, "a", gzip(images)), NULL);
    assert_int_equal(load(f, &request).count, 4);
    write_file(f, "b.gz", images);
    request = idx_request(f, in_folder(f, "%/b"), NULL);
    assert_int_equal(load(f, &request).count, 4);
    write_file(f, "b", pixels(EXTENTS(3, 2, 2)));
    assert_int_equal(load(f, &request).count, 3);
}

static void gzip_members_in_a_row_are_one_stream(void **state) {
    struct fixture *f = *state;
    struct bytes images = pixels(EXTENTS(4, 2, 2));
    struct bytes both = gzip_after(gzip_after((struct bytes){.size = 0}, images.at, 20),
                                   images.at + 20, images.size - 20);
    struct dataset_request request = idx_request(f, write_file(f, "i", both), NULL);
    struct dataset d = load(f, &request);
    assert_memory_equal(d.values, images.at + 16, 16);
    assert_int_equal(d.classes, 0);
    assert_null(d.labels);
}

static void axes_and_types_of_the_format_become_shapes(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = idx_request(f, in_folder(f, "%/i"), NULL);
    write_file(f, "i", pixels(EXTENTS(2, 5)));
    struct dataset d = load(f, &request);
    assert_shape(&d, EXTENTS(5));
    write_file(f, "i", pixels(EXTENTS(2, 4, 3, 3)));
    d = load(f, &request);
    assert_shape(&d, EXTENTS(4, 3, 3));
    static const unsigned char floats[] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0};
    write_file(f, "i", idx(FLOAT32, EXTENTS(1, 2), floats, sizeof floats));
    d = load(f, &request);
    assert_shape(&d, EXTENTS(2));
    assert_int_equal(d.type, DATA_FLOAT32);
    assert_memory_equal(d.values, ((float[]){1, -2}), 8);
    static const unsigned char labels[] = {0, 0, 1, 2};
    write_file(f, "l", idx(INT32, EXTENTS(1), labels, sizeof labels));
    request = idx_request(f, in_folder(f, "%/i"), in_folder(f, "%/l"));
    d = load(f, &request);
    assert_int_equal(d.labels[0], 258);
    assert_int_equal(d.classes, 259);
}

static void limit_and_classes_choose_images(void **state) {
    struct fixture *f = *state;
    struct bytes images = pixels(EXTENTS(4, 1, 2));
    struct dataset_request request =
        idx_request(f, write_file(f, "i", gzip(images)), write_file(f, "l", four_labels()));
    *(int64_t *)option(&request, "limit") = 2;
    struct dataset d = load(f, &request);
    assert_int_equal(d.count, 2);
    assert_memory_equal(d.values, ((uint8_t[]){1, 2, 3, 4}), 4);
    assert_memory_equal(d.labels, ((int32_t[]){0, 2}), 8);
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){2}, NULL};
    d = load(f, &request);
    assert_int_equal(d.count, 2);
    assert_int_equal(peek(f, &request).count, 2);
    assert_memory_equal(d.values, ((uint8_t[]){3, 4, 7, 8}), 4);
    assert_memory_equal(d.labels, ((int32_t[]){2, 2}), 8);
    assert_int_equal(d.classes, 3);
    *(struct labels *)option(&request, "classes") = (struct labels){2, (double[]){1, 0}, NULL};
    *(int64_t *)option(&request, "limit") = 99;
    d = load(f, &request);
    assert_memory_equal(d.values, ((uint8_t[]){1, 2, 5, 6}), 4);
    assert_memory_equal(d.labels, ((int32_t[]){0, 1}), 8);
}

static void classes_that_do_not_exist_are_refused(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = idx_request(f, write_file(f, "i", pixels(EXTENTS(4, 1, 2))),
                                                 write_file(f, "l", four_labels()));
    struct numbers *classes = option(&request, "classes");
    *classes = (struct numbers){2, (double[]){1, 3}};
    expect_failure(f, &request, STATUS_CONFIG,
                   "classes: 3 is not a label of %/i; labels are 0 to 2");
    *classes = (struct numbers){1, (double[]){0.5}};
    expect_failure(f, &request, STATUS_CONFIG,
                   "classes: 0.5 is not a label of %/i; labels are 0 to 2");
    write_file(f, "l", idx(UINT8, EXTENTS(4), (unsigned char[]){0, 2, 0, 2}, 4));
    *classes = (struct numbers){1, (double[]){1}};
    expect_failure(f, &request, STATUS_CONFIG,
                   "classes: no example of %/i has one of these labels");
    *(const char **)option(&request, "labels") = NULL;
    expect_failure(f, &request, STATUS_CONFIG,
                   "classes: %/i comes without labels, so that no classes can be chosen");
}

/* Refusing */

static void files_of_another_kind_are_refused(void **state) {
    struct fixture *f = *state;
    struct bytes none = {.size = 0}, images = pixels(EXTENTS(4, 3, 2)), labels = four_labels();
    expect_bad(f, none, none, "%/i is not an IDX file: it holds only 0 bytes");
    expect_bad(f, (struct bytes){{0, 0, 8}, 3}, none,
               "%/i is not an IDX file: it holds only 3 bytes");
    expect_bad(f, (struct bytes){"\x89PNG\r\n", 6}, none,
               "%/i is not an IDX file: it begins with 89 50 4e 47, not with 00 00, a type (08 to "
               "0e) and a rank");
    expect_bad(f, (struct bytes){{0, 0, 7, 3, 0}, 5}, none,
               "%/i is not an IDX file: it begins with 00 00 07 03, not with 00 00, a type (08 to "
               "0e) and a rank");
    expect_bad(f, (struct bytes){{0, 0, 8, 5}, 4}, none, "%/i has 5 axes; 1 to 4 can be read");
    expect_bad(f, (struct bytes){{0, 0, 8, 0}, 4}, none, "%/i has 0 axes; 1 to 4 can be read");
    expect_bad(f, idx(INT16, EXTENTS(1, 2), "\0\0\0", 4), none,
               "%/i holds int16 values; images must be uint8, float32 or float64");
    expect_bad(f, images, idx(FLOAT32, EXTENTS(1), "\0\0\0", 4),
               "%/l holds float32 values; labels must be uint8, int32 or int64");
    expect_bad(f, labels, images, "%/i holds labels ([4]) where images were expected");
    expect_bad(f, images, images, "%/l holds images ([4, 3, 2]) where labels were expected");
}

static void lengths_that_differ_from_the_header_are_refused(void **state) {
    struct fixture *f = *state;
    struct bytes none = {.size = 0}, images = pixels(EXTENTS(4, 3, 2)), other = images;
    expect_bad(f, (struct bytes){{0, 0, 8, 3, 0, 0}, 6}, none,
               "%/i is truncated: it ends within its header");
    expect_bad(f, idx(UINT8, EXTENTS(0, 3, 2), "", 0), none,
               "%/i is empty: its array is [0, 3, 2]");
    expect_bad(f, idx(UINT8, EXTENTS(~0u, ~0u, ~0u, ~0u), "", 0), none,
               "%/i announces an array [4294967295, 4294967295, 4294967295, 4294967295], which no "
               "memory can hold");
    other.size -= 5;
    expect_bad(f, other, none,
               "%/i is truncated: 5 of the 24 bytes of its uint8 array [4, 3, 2] are missing");
    expect_bad(f, gzip(other), none,
               "%/i is truncated: 5 of the 24 bytes of its uint8 array [4, 3, 2] are missing");
    struct dataset_request request = idx_request(f, in_folder(f, "%/i"), NULL);
    expect_peek_failure(
        f, &request,
        "%/i is truncated: 5 of the 24 bytes of its uint8 array [4, 3, 2] are missing");
    other.size += 7;
    expect_bad(f, other, none, "%/i is too long: 2 bytes follow its uint8 array [4, 3, 2]");
    expect_bad(f, gzip(other), none, "%/i is too long: more follows its uint8 array [4, 3, 2]");
    expect_bad(f, images, idx(UINT8, EXTENTS(3), "\0\1\0", 3),
               "%/l holds 3 labels, but %/i holds 4 images");
}

static void damaged_gzip_is_refused(void **state) {
    struct fixture *f = *state;
    struct bytes none = {.size = 0}, images = pixels(EXTENTS(4, 3, 2)), zipped = gzip(images);
    zipped.at[zipped.size - 8] ^= 1;
    expect_bad(f, zipped, none, "%/i is damaged: incorrect data check");
    zipped = gzip(images);
    zipped.size -= 12; /* within the compressed data */
    const char *path = write_file(f, "i", zipped);
    struct dataset_request request = idx_request(f, path, NULL);
    struct dataset dataset;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &dataset, &error));
    assert_int_equal(error.status, STATUS_DATA);
    assert_non_null(
        strstr(error.message, "of the 24 bytes of its uint8 array [4, 3, 2] are missing"));
    zipped = gzip(images);
    zipped.at[10] = 0xff; /* the kind of the first block */
    expect_bad(f, zipped, none, "%/i is damaged: invalid block type");
}

/* Writes an array (2, columns) of zeros as stored blocks of gzip; the size of the file. */
static int64_t write_stored(const char *path, uint32_t columns) {
    static const unsigned char zeros[1 << 20];
    struct bytes header = idx(UINT8, EXTENTS(2, columns), "", 0);
    gzFile zipped = gzopen(path, "wb0");
    assert_int_equal(gzwrite(zipped, header.at, (unsigned)header.size), header.size);
    for (int i = 0; i < 2; i++)
        assert_int_equal(gzwrite(zipped, zeros, columns), columns);
    gzclose(zipped);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

/* zlib writes a long array straight into place, and would leave its check sum unread if that began
 * a buffer of input. */
static void the_check_sum_of_a_long_array_is_compared(void **state) {
    struct fixture *f = *state;
    const char *path = in_folder(f, "%/i.gz");
    uint32_t columns = 655000;
    int64_t wanted = 5 * (256 << 10) + 8, size = write_stored(path, columns);
    columns += (uint32_t)(wanted - size) / 2;
    assert_int_equal(write_stored(path, columns), wanted);
    struct dataset_request request = idx_request(f, path, NULL);
    assert_int_equal(load(f, &request).count, 2);
    FILE *file = fopen(path, "r+b");
    assert_int_equal(fseek(file, -8, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -8, SEEK_END), 0);
    fputc(byte ^ 1, file);
    fclose(file);
    expect_failure(f, &request, STATUS_DATA, "%/i.gz is damaged: incorrect data check");
    *(int64_t *)option(&request, "limit") = 1; /* the rest is not read */
    assert_int_equal(load(f, &request).count, 1);
}

static void announced_sizes_take_no_memory(void **state) {
    struct fixture *f = *state;
    struct bytes none = {.size = 0}, claim = idx(UINT8, EXTENTS(1u << 20, 1u << 20), "x", 1);
    struct bytes zipped = gzip(claim);
    char *message = arena_format(
        f->arena,
        "%%/i announces a uint8 array [1048576, 1048576], which its %zu gzipped bytes cannot hold",
        zipped.size);
    expect_bad(f, zipped, none, message);
    expect_bad(f, claim, none,
               "%/i is truncated: 1099511627775 of the 1099511627776 bytes of its uint8 array "
               "[1048576, 1048576] are missing");
    /* The file may indeed be that long. */
    const char *path = write_file(f, "i", claim);
    if (truncate(path, 12 + (1ll << 40))) skip();
    struct dataset_request request = idx_request(f, path, NULL);
    struct dataset dataset;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &dataset, &error));
    assert_int_equal(error.status, STATUS_SYSTEM);
    assert_non_null(strstr(error.message, "/i needs 1024.0 GiB, but this machine has "));
    assert_string_equal(error.hint, "'limit: N' reads only the first N images");
    *(int64_t *)option(&request, "limit") = 1;
    assert_int_equal(((const uint8_t *)load(f, &request).values)[0], 'x');
}

static void values_out_of_range_are_refused(void **state) {
    struct fixture *f = *state;
    struct bytes none = {.size = 0}, images = pixels(EXTENTS(2, 1, 1));
    expect_bad(f, images, idx(INT32, EXTENTS(2), "\0\0\0\5\xff\xff\xff\xff", 8),
               "%/l: label number 1 (from 0) is -1; labels are 0 to 65535");
    expect_bad(f, images, idx(INT32, EXTENTS(2), "\0\1\0\0\0\0\0\0", 8),
               "%/l: label number 0 (from 0) is 65536; labels are 0 to 65535");
    expect_bad(f, idx(FLOAT32, EXTENTS(2, 2), "\0\0\0\0\0\0\0\0\0\0\0\0\x7f\xc0\0\0", 16), none,
               "%/i: the value at [1, 1] is not finite");
}

static void a_file_that_cannot_be_had_is_named(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = idx_request(f, in_folder(f, "%/none"), NULL);
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "data set 'idx': images: there is no file %/none, nor the same with .gz");
    if (!geteuid()) return; /* root may read everything */
    const char *path = write_file(f, "i", pixels(EXTENTS(2, 1, 1)));
    chmod(path, 0);
    request = idx_request(f, path, NULL);
    expect_failure(f, &request, STATUS_NO_INPUT, "cannot read '%/i': Permission denied");
}

/* Finding */

#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"

/* Writes `count` images of 28x28 and their labels into `folder`. */
static void write_mnist(struct fixture *f, const char *folder, uint32_t count) {
    struct bytes header = idx(UINT8, EXTENTS(count, 28, 28), "", 0);
    const char *name = arena_format(f->arena, "%s/%s", folder, TRAIN_IMAGES);
    assert_int_equal(truncate(write_file(f, name, header), 16 + (off_t)count * 784), 0);
    name = arena_format(f->arena, "%s/%s", folder, TRAIN_LABELS);
    unsigned char labels[9] = {0, 9};
    write_file(f, name, idx(UINT8, EXTENTS(count), labels, count));
}

static void folders_are_searched_in_order(void **state) {
    struct fixture *f = *state;
    static const char *const folders[] = {
        "environment", "environment/mnist", "path", "user", "user/mnist", "system", "system/mnist"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        make_folder(f, folders[i]);
    struct dataset_request request = request_of(f, "mnist");
    struct dataset_search search = {in_folder(f, "%/environment"), in_folder(f, "%/user"),
                                    in_folder(f, "%/system")};
    request.search = &search;
    *(const char **)option(&request, "path") = in_folder(f, "%/path");
    static const char *const order[] = {"system/mnist", "user/mnist", "path", "environment/mnist"};
    for (uint32_t i = 0; i < 4; i++) {
        write_mnist(f, order[i], i + 2);
        struct dataset d = load(f, &request);
        assert_int_equal(d.count, i + 2);
        assert_int_equal(d.classes, 10);
        assert_string_equal(d.files[1].path,
                            arena_format(f->arena, "%s/%s/" TRAIN_LABELS, f->folder, order[i]));
    }
    /* A folder with one of the files is passed over. */
    assert_int_equal(remove(in_folder(f, "%/environment/mnist/" TRAIN_LABELS)), 0);
    assert_int_equal(load(f, &request).count, 4);
}

static void missing_files_are_told_folder_by_folder(void **state) {
    struct fixture *f = *state;
    make_folder(f, "user");
    make_folder(f, "user/mnist");
    make_folder(f, "system");
    make_folder(f, "system/mnist");
    write_mnist(f, "system/mnist", 1);
    assert_int_equal(remove(in_folder(f, "%/system/mnist/" TRAIN_LABELS)), 0);
    write_file(f, "file", four_labels());
    struct dataset_request request = request_of(f, "mnist");
    struct dataset_search search = {NULL, in_folder(f, "%/user"), in_folder(f, "%/system")};
    request.search = &search;
    *(const char **)option(&request, "path") = in_folder(f, "%/file");
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "the files of data set 'mnist' are not there: " TRAIN_IMAGES " and " TRAIN_LABELS
                   ", or the same with .gz; looked in\n"
                   "  $DUEL_DATA: not set\n"
                   "  %/file: not a folder\n"
                   "  %/user/mnist: " TRAIN_IMAGES " and " TRAIN_LABELS " are missing\n"
                   "  %/system/mnist: " TRAIN_LABELS " is missing");
    search.environment = in_folder(f, "%/none");
    search.user = search.system = NULL;
    *(const char **)option(&request, "path") = NULL;
    *(int *)option(&request, "split") = SPLIT_TEST;
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "the files of data set 'mnist' are not there: t10k-images-idx3-ubyte and "
                   "t10k-labels-idx1-ubyte, or the same with .gz; looked in\n"
                   "  %/none/mnist: there is no such folder");
}

static void shapes_are_known_without_files_and_the_remedy_is_told(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = request_of(f, "fashion-mnist");
    struct dataset d = peek(f, &request);
    assert_int_equal(d.count, 60000);
    assert_shape(&d, EXTENTS(28, 28, 1));
    assert_int_equal(d.classes, 10);
    assert_string_equal(d.class_names[9], "ankle boot");
    assert_non_null(d.missing);
    assert_int_equal(d.missing->status, STATUS_NO_INPUT);
    assert_string_equal(d.missing->hint,
                        "run 'duel fetch fashion-mnist', or sudo apt install "
                        "dataset-fashion-mnist (Debian, Ubuntu), or put its four "
                        "IDX files, gzipped (.gz) or not, into one of these folders");
    *(int *)option(&request, "split") = SPLIT_TEST;
    assert_int_equal(peek(f, &request).count, 10000);
    *(int64_t *)option(&request, "limit") = 100;
    assert_int_equal(peek(f, &request).count, 100);
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){2}, NULL};
    assert_int_equal(peek(f, &request).count, 0);
}

static void a_published_set_has_its_own_shape_and_labels(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = request_of(f, "mnist");
    *(const char **)option(&request, "path") = f->folder;
    write_mnist(f, ".", 2);
    assert_null(peek(f, &request).missing);
    write_file(f, TRAIN_LABELS, idx(UINT8, EXTENTS(2), "\1\12", 2));
    expect_failure(f, &request, STATUS_DATA,
                   "%/" TRAIN_LABELS ": label number 1 (from 0) is 10; labels are 0 to 9");
    write_file(f, TRAIN_IMAGES, pixels(EXTENTS(2, 3, 2)));
    expect_failure(f, &request, STATUS_DATA,
                   "%/" TRAIN_IMAGES
                   " holds images [2, 3, 2], but an image of this data set is [28, 28]");
    struct error error = {0};
    struct dataset dataset;
    assert_false(dataset_peek(&request, f->arena, &dataset, &error));
    assert_int_equal(error.status, STATUS_DATA);
}

static void the_environment_names_the_folders(void **state) {
    struct fixture *f = *state;
    setenv("DUEL_DATA", "/d", 1);
    setenv("XDG_DATA_HOME", "/x", 1);
    setenv("HOME", "/h", 1);
    struct dataset_search search = dataset_search_here(f->arena);
    assert_string_equal(search.environment, "/d");
    assert_string_equal(search.user, "/x/duel/datasets");
    assert_string_equal(search.system, "/usr/share/datasets");
    unsetenv("DUEL_DATA");
    setenv("XDG_DATA_HOME", "relative", 1);
    search = dataset_search_here(f->arena);
    assert_null(search.environment);
    assert_string_equal(search.user, "/h/.local/share/duel/datasets");
}

/* Threads and digests */

static void a_thread_loads_the_same_or_fails_the_same(void **state) {
    struct fixture *f = *state;
    struct bytes images = pixels(EXTENTS(4, 3, 2));
    struct dataset_request good =
        idx_request(f, write_file(f, "i", gzip(images)), write_file(f, "l", four_labels()));
    struct dataset_request bad = request_of(f, "mnist");
    struct dataset_loading *loading = dataset_start(&good, f->arena);
    struct dataset_loading *failing = dataset_start(&bad, f->arena);
    dataset_start(&good, f->arena); /* never finished: the arena joins it */
    struct dataset d;
    struct error error = {0};
    assert_true(dataset_finish(loading, &d, &error));
    assert_memory_equal(d.values, images.at + 16, 24);
    assert_memory_equal(d.labels, ((int32_t[]){0, 2, 1, 2}), 16);
    assert_false(dataset_finish(failing, &d, &error));
    assert_int_equal(error.status, STATUS_NO_INPUT);
    assert_memory_equal(error.hint, "run 'duel fetch mnist', or put MNIST's", 38);
}

static void digests_are_those_of_the_files_and_the_values(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = idx_request(f, write_file(f, "i", pixels(EXTENTS(4, 3, 2))),
                                                 write_file(f, "l", four_labels()));
    struct dataset d = load(f, &request);
    struct error error = {0};
    assert_string_equal(d.sha256, "");
    assert_true(dataset_hash(&d, &error));
    /* sha256sum of the same bytes */
    assert_string_equal(d.files[0].sha256,
                        "8e90ce374087f7bfcbe5faeb4a9d146134007ad48879cd29cf30fec63334b8eb");
    assert_string_equal(d.files[1].sha256,
                        "7792cb909153278171abda561174d17264b35ea5868f2ac290950aaa354b5d5f");
    assert_string_equal(d.sha256,
                        "500aaa507c01e0324304ad68900f00085c8b0b1c2b74714ec1a8f29558a282ce");
    assert_int_equal(d.files[0].size, 40);
    d.files[1].path = in_folder(f, "%/none");
    d.files[1].sha256[0] = '\0'; /* what is known is not read again */
    assert_false(dataset_hash(&d, &error));
    assert_string_equal(error.message,
                        in_folder(f, "%/none cannot be read: No such file or directory"));
}

/* Real data */

static void check_counts(const struct dataset *d, const int *expected) {
    int counts[10] = {0};
    for (int64_t i = 0; i < d->count; i++)
        counts[d->labels[i]]++;
    for (int i = 0; i < 10; i++)
        assert_int_equal(counts[i], expected[i]);
}

/* Loads both splits of the real `source`, or skips. */
static void check_real(struct fixture *f, const char *source, const int expected[2][10],
                       const char *const digest[2]) {
    struct dataset_request request = request_of(f, source);
    struct dataset_search search = dataset_search_here(f->arena);
    request.search = &search;
    if (peek(f, &request).missing) {
        print_message("%s is not on this machine: set DUEL_DATA to test with it\n", source);
        skip();
    }
    for (int split = 0; split < 2; split++) {
        *(int *)option(&request, "split") = split ? SPLIT_TEST : SPLIT_TRAIN;
        struct dataset seen = peek(f, &request), d = load(f, &request);
        struct error error = {0};
        assert_int_equal(d.count, split ? 10000 : 60000);
        assert_int_equal(seen.count, d.count);
        assert_shape(&d, EXTENTS(28, 28, 1));
        check_counts(&d, expected[split]);
        assert_true(dataset_hash(&d, &error));
        assert_string_equal(d.sha256, digest[split]);
    }
}

static void mnist_is_as_published(void **state) {
    static const int expected[2][10] = {
        {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
        {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}};
    static const char *const digest[] = {
        "6a364e333ea1f8ab86e4d641d64a8cf8d8644433f54b0a78e32c2b9e143672d0",
        "45a60edfded3b2bb860a7fd195c83431011e7f04318268b4f2de30030af9444e"};
    check_real(*state, "mnist", expected, digest);
}

static void fashion_mnist_is_as_published(void **state) {
    static const int expected[2][10] = {
        {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000},
        {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}};
    static const char *const digest[] = {
        "c7d8cfe8172756709eda8bbe8b201cb44f70785b4cd9974a82408b36cc1f72e4",
        "2589de149ea70a51076dfb7116c581fbd9b4c7b39b8e9c9f19ec089d65d659b8"};
    check_real(*state, "fashion-mnist", expected, digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_row_is_complete_and_found_by_its_name),
        TEST(plain_and_gzipped_files_give_the_same),
        TEST(gzip_is_known_by_its_magic_and_the_plain_file_goes_first),
        TEST(gzip_members_in_a_row_are_one_stream),
        TEST(axes_and_types_of_the_format_become_shapes),
        TEST(limit_and_classes_choose_images),
        TEST(classes_that_do_not_exist_are_refused),
        TEST(files_of_another_kind_are_refused),
        TEST(lengths_that_differ_from_the_header_are_refused),
        TEST(damaged_gzip_is_refused),
        TEST(the_check_sum_of_a_long_array_is_compared),
        TEST(announced_sizes_take_no_memory),
        TEST(values_out_of_range_are_refused),
        TEST(a_file_that_cannot_be_had_is_named),
        TEST(folders_are_searched_in_order),
        TEST(missing_files_are_told_folder_by_folder),
        TEST(shapes_are_known_without_files_and_the_remedy_is_told),
        TEST(a_published_set_has_its_own_shape_and_labels),
        TEST(a_thread_loads_the_same_or_fails_the_same),
        TEST(digests_are_those_of_the_files_and_the_values),
        TEST(mnist_is_as_published),
        TEST(fashion_mnist_is_as_published),
        TEST(the_environment_names_the_folders), /* last: it changes it */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
