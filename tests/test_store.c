/* links: store base */
/* Atomic files and checkpoints; faults at every system call, damage at every byte. */
#include <hdf5.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/store_digest.h"
#include "tests/store_fixture.h"

/* HDF5 1.10.8 itself loses some memory when what it opens is damaged; this is what the leak
 * sanitizer asks. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

/* ---- Files. ---- */

static void a_file_is_old_or_new_whatever_call_fails(void **state) {
    (void)state;
    const char *path = in_folder("file");
    int failures = 0;
    for (int n = 1;; n++) {
        help_write(path, "old", 3);
        faults = (struct faults){.at = n, .reason = ENOSPC, .most = 100};
        struct error e = {0};
        char bytes[1000];
        memset(bytes, 'n', sizeof bytes);
        bool ok = file_write(&faulty_calls, path, bytes, sizeof bytes, &e);
        size_t size;
        const char *now = content(path, &size);
        bool new = size == sizeof bytes && !memcmp(now, bytes, size);
        assert_true(new || (size == 3 && !memcmp(now, "old", 3)));
        assert_int_equal(help_count_files(folder), 1);
        if (ok) assert_true(new);
        if (!ok) {
            failures++;
            assert_int_equal(e.status, STATUS_IO);
            assert_non_null(strstr(e.message, folder));
            assert_non_null(strstr(e.message, strerror(ENOSPC)));
        }
        if (!faults.fired) break;
    }
    assert_int_equal(failures,
                     16); /* open, 10 writes, sync, close, rename, the folder: open and sync */
}

static void a_disk_that_fills_leaves_nothing(void **state) {
    (void)state;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    struct error e = {0};
    char *bytes = arena_alloc(arena, 10000);
    bool ok = file_write(NULL, in_folder("file"), bytes, 10000, &e);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(ok);
    assert_non_null(strstr(e.message, strerror(EFBIG)));
    assert_int_equal(help_count_files(folder), 0);
}

static void a_folder_that_is_not_there_is_named(void **state) {
    (void)state;
    struct error e = {0};
    assert_false(file_write(NULL, in_folder("none/file"), "x", 1, &e));
    assert_non_null(strstr(e.message, "none/file"));
    assert_non_null(strstr(e.message, strerror(ENOENT)));
    assert_int_equal(e.status, STATUS_IO);
}

static void cleaning_removes_temporaries_and_nothing_else(void **state) {
    (void)state;
    static const char *const names[] = {".a.h5.123.tmp", "b.tmp", ".c.tmp",
                                        ".d.12x.tmp",    "e.h5",  "..1.tmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        help_write(in_folder(names[i]), "", 0);
    struct error e = {0};
    assert_true(file_clean(NULL, folder, &e));
    assert_int_equal(access(in_folder(names[0]), F_OK), -1);
    assert_int_equal(help_count_files(folder), 5);
    assert_true(file_clean(NULL, in_folder("none"), &e));
}

static void digests_are_those_of_the_standard(void **state) {
    (void)state;
    char digest[DIGEST_TEXT], again[DIGEST_TEXT];
    digest_bytes("a", "bc", 2, digest); /* FIPS 180-4's example */
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    help_write(in_folder("abc"), "abc", 3);
    struct error e = {0};
    assert_true(digest_file(in_folder("abc"), again, &e));
    assert_string_equal(digest, again);
}

/* ---- Checkpoints. ---- */

static const char *write_checkpoint(int64_t step) {
    struct checkpoint c = help_checkpoint(arena, step);
    const char *path = checkpoint_path(arena, folder, step);
    struct error e = {0};
    assert_true(checkpoint_write(NULL, path, &c, &e));
    return path;
}

static void a_checkpoint_reads_back(void **state) {
    (void)state;
    struct checkpoint c = help_checkpoint(arena, 10000), read;
    const char *path = write_checkpoint(10000);
    assert_string_equal(strrchr(path, '/'), "/step-00010000.h5");
    struct error e = {0};
    assert_true(checkpoint_read(arena, path, &read, &e));
    help_assert_same(&c, &read);
    assert_null(checkpoint_find(&read, "parameters/generator"));
    assert_int_equal(checkpoint_counter(&read, "none", 5), 5);
}

static void same_content_gives_the_same_bytes(void **state) {
    (void)state;
    size_t size, again;
    const char *path = write_checkpoint(7);
    const char *first = content(path, &size);
    nanosleep(&(struct timespec){1, 100000000}, NULL); /* times, if there were any, would differ */
    mallopt(M_PERTURB, 0x5a);                          /* and bytes that nobody wrote */
    const char *second = content(write_checkpoint(7), &again);
    mallopt(M_PERTURB, 0);
    assert_int_equal(size, again);
    assert_memory_equal(first, second, size);
}

static void damage_to_an_array_names_it(void **state) {
    (void)state;
    const char *path = write_checkpoint(10);
    const char *array = "parameters/generator/linear_1/weight";
    struct error e = {0};
    struct store_array shape;
    int64_t offset;
    struct arena *scratch =
        arena_new(); /* the library would take a file that is still open for the changed one */
    struct hdf5_reader *file = hdf5_open(scratch, path, &e);
    assert_non_null(file);
    assert_true(hdf5_describe(file, array, &shape, &offset, &e));
    arena_free(scratch);
    size_t size;
    char *bytes = content(path, &size);
    bytes[offset + 5] ^= 1;
    help_write(path, bytes, size);
    assert_refused(path, "'/parameters/generator/linear_1/weight'");
    assert_refused(path, "SHA-256");
}

/* Whatever byte is changed: the checkpoint is refused, or what is read is what was written (the
 * byte meant nothing). */
static void damage_anywhere_is_refused_or_harmless(void **state) {
    (void)state;
    const char *path = write_checkpoint(10), *copy = in_folder("copy.h5");
    struct checkpoint c = help_checkpoint(arena, 10), read;
    size_t size, refused = 0, harmless = 0;
    char *bytes = content(path, &size);
    for (size_t at = 0; at < size; at += 13) {
        struct arena *scratch = arena_new();
        struct error e = {0};
        bytes[at] ^= 0x10;
        help_write(copy, bytes, size);
        bytes[at] ^= 0x10;
        if (!checkpoint_read(scratch, copy, &read, &e))
            refused++;
        else
            harmless++, help_assert_same(&c, &read);
        arena_free(scratch);
    }
    assert_true(refused > harmless);
}

static void a_checkpoint_cut_short_is_refused(void **state) {
    (void)state;
    const char *path = write_checkpoint(10), *copy = in_folder("copy.h5");
    size_t size;
    char *bytes = content(path, &size);
    for (size_t length = 0; length < size; length += 251) {
        help_write(copy, bytes, length);
        assert_refused(copy, "HDF5");
    }
}

static void every_fault_leaves_the_older_checkpoint(void **state) {
    (void)state;
    struct checkpoint c = help_checkpoint(arena, 20), read;
    write_checkpoint(10);
    for (int n = 1;; n++) {
        const char *path = checkpoint_path(arena, folder, 20);
        unlink(path);
        faults = (struct faults){.at = n, .reason = EIO};
        struct error e = {0}, skipped = {0};
        bool ok = checkpoint_write(&faulty_calls, path, &c, &e);
        assert_int_equal(e.status, ok ? STATUS_OK : STATUS_IO);
        assert_true(
            checkpoint_read_latest(arena, folder, &read, &path, &skipped, &(struct error){0}));
        assert_int_equal(skipped.status, STATUS_OK);
        assert_true(read.step == 20 || (!ok && read.step == 10));
        if (!faults.fired) break;
    }
}

static void a_killed_writer_leaves_the_older_checkpoint(void **state) {
    (void)state;
    struct checkpoint c = help_checkpoint(arena, 20), read;
    write_checkpoint(10);
    int killed = 0;
    for (int n = 1;; n++) {
        const char *path = checkpoint_path(arena, folder, 20);
        unlink(path);
        pid_t child = fork();
        if (child == 0) {
            faults = (struct faults){.at = n, .kill = true};
            struct error e = {0};
            _exit(checkpoint_write(&faulty_calls, path, &c, &e) ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFSIGNALED(status))
            killed++;
        else
            assert_int_equal(status, 0);
        struct error e = {0}, skipped = {0};
        assert_true(checkpoint_read_latest(arena, folder, &read, &path, &skipped, &e));
        assert_int_equal(skipped.status, STATUS_OK);
        assert_true(read.step == 10 || read.step == 20);
        assert_true(file_clean(NULL, folder, &e));
        assert_int_equal(help_count_files(folder), read.step == 20 ? 2 : 1);
        if (!WIFSIGNALED(status)) break;
    }
    assert_true(killed >= 7); /* remove, open, write, sync, close, rename, and the folder's */
}

static void the_newest_whole_checkpoint_is_read(void **state) {
    (void)state;
    struct checkpoint read;
    const char *path;
    struct error e = {0}, skipped = {0};
    assert_false(checkpoint_read_latest(arena, folder, &read, &path, &skipped, &e));
    assert_int_equal(e.status, STATUS_NO_INPUT);
    write_checkpoint(10);
    write_checkpoint(100000000); /* more digits: not the order of the alphabet */
    help_write(in_folder("step-00000030.h5.aside"), "", 0);
    help_write(in_folder("step-30.h5"), "", 0);
    e = (struct error){0};
    assert_string_equal(checkpoint_latest(arena, folder, &e), in_folder("step-100000000.h5"));
    help_write(in_folder("step-100000000.h5"), "damaged", 7);
    assert_true(checkpoint_read_latest(arena, folder, &read, &path, &skipped, &e));
    assert_int_equal(read.step, 10);
    assert_int_equal(skipped.status, STATUS_DATA);
    assert_non_null(strstr(skipped.message, "step-100000000.h5"));
}

static void assert_steps(const char *expected) {
    int count;
    const int64_t *steps;
    struct error e = {0};
    char *text = "";
    assert_true(checkpoint_list(arena, folder, &count, &steps, &e));
    for (int i = 0; i < count; i++)
        text = arena_format(arena, "%s%s%lld", text, i ? " " : "", (long long)steps[i]);
    assert_string_equal(text, expected);
}

static void pruning_keeps_the_newest(void **state) {
    (void)state;
    struct error e = {0};
    for (int64_t step = 1; step <= 5; step++)
        write_checkpoint(step);
    assert_true(checkpoint_prune(NULL, folder, 0, 5, &e));
    assert_steps("1 2 3 4 5");
    assert_true(checkpoint_prune(NULL, folder, 3, 4,
                                 &e)); /* 5 belongs to another continuation: left alone */
    assert_steps("2 3 4 5");
    assert_true(checkpoint_prune(NULL, folder, 1, 9, &e)); /* 9 was not written: nothing goes */
    assert_steps("2 3 4 5");
    assert_int_equal(unlink(in_folder("step-00000004.h5")), 0);
    assert_true(checkpoint_prune(NULL, folder, 1, 4, &e));
    assert_steps("2 3 5");
    assert_true(checkpoint_set_aside(NULL, folder, 3, &e));
    assert_steps("2 3");
    assert_int_equal(access(in_folder("step-00000005.h5.aside"), F_OK), 0);
    assert_true(checkpoint_prune(NULL, folder, 1, 3, &e));
    assert_steps("3");
}

static void foreign_and_newer_files_are_refused(void **state) {
    (void)state;
    const char *path = in_folder("foreign.h5");
    struct error e = {0};
    help_write(path, "no HDF5 at all", 14);
    assert_refused(path, "is not a whole HDF5 file");
    struct hdf5_writer *w = hdf5_writer_new(arena, &e);
    assert_true(hdf5_save(w, NULL, path));
    assert_refused(path, "was not written by duel");
    w = hdf5_writer_new(arena, &e);
    hdf5_set_integer(w, "", "duel_format", 2);
    hdf5_set_text(w, "", "duel_kind", "checkpoint");
    assert_true(hdf5_save(w, NULL, path));
    assert_refused(path, "has format 2; this duel reads formats up to 1");
    w = hdf5_writer_new(arena, &e);
    hdf5_set_integer(w, "", "duel_format", 1);
    hdf5_set_text(w, "", "duel_kind", "samples");
    assert_true(hdf5_save(w, NULL, path));
    assert_refused(path, "is not a checkpoint file but a samples file");
    struct checkpoint c;
    e = (struct error){0};
    assert_false(checkpoint_read(arena, in_folder("none.h5"), &c, &e));
    assert_int_equal(e.status, STATUS_NO_INPUT);
    e = (struct error){0};
    assert_false(checkpoint_read(arena, "/dev/null", &c, &e));
    assert_non_null(strstr(e.message, "not a regular file"));
}

/* ---- HDF5 that others made. ---- */

static void add_plain(hid_t file, const char *name, hid_t type, hid_t plist, hsize_t extent,
                      bool write) {
    hid_t space = H5Screate_simple(1, &extent, NULL);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    assert_true(set >= 0);
    static const double zeros[64];
    if (write) assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void add_chunked(hid_t file, const char *name, hsize_t extent, hsize_t chunk,
                        H5Z_filter_t filter) {
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plist, 1, &chunk);
    if (filter == H5Z_FILTER_SCALEOFFSET) H5Pset_scaleoffset(plist, H5Z_SO_INT, 0);
    add_plain(file, name, H5T_STD_I32LE, plist, extent, extent <= 64);
    H5Pclose(plist);
}

static void add_elsewhere(hid_t file) {
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(plist, "/etc/passwd", 0, 64);
    add_plain(file, "external", H5T_STD_U8LE, plist, 64, false);
    H5Pclose(plist);
    plist = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t extent = 64;
    hid_t space = H5Screate_simple(1, &extent, NULL);
    H5Pset_virtual(plist, space, "/etc/passwd", "x", space);
    add_plain(file, "virtual", H5T_STD_U8LE, plist, 64, false);
    H5Sclose(space);
    H5Pclose(plist);
}

static void make_foreign(const char *path) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_plain(file, "good", H5T_IEEE_F32LE, H5P_DEFAULT, 8, true);
    add_plain(file, "big_endian", H5T_IEEE_F32BE, H5P_DEFAULT, 8, true);
    add_plain(file, "uint16", H5T_STD_U16LE, H5P_DEFAULT, 8, true);
    add_plain(file, "unwritten", H5T_IEEE_F32LE, H5P_DEFAULT, (hsize_t)1 << 40, false);
    add_plain(file, "unwritten_small", H5T_IEEE_F32LE, H5P_DEFAULT, 8, false);
    add_chunked(file, "chunked", 64, 16, H5Z_FILTER_NONE);
    add_chunked(file, "sparse", (hsize_t)1 << 40, 1024, H5Z_FILTER_NONE);
    add_chunked(file, "unknown_filter", 64, 16, H5Z_FILTER_SCALEOFFSET);
    add_elsewhere(file);
    H5Lcreate_soft("/good", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/good", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
    add_plain(file, "twice", H5T_IEEE_F32LE, H5P_DEFAULT, 8, true);
    H5Lcreate_hard(file, "twice", file, "twin", H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(file, "cycle", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "cycle", group, "again", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    H5Fclose(file);
}

static void untrusted_hdf5_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *path, *because;
    } cases[] = {
        {"big_endian", "has a type that is not"},
        {"uint16", "has a type that is not"},
        {"unwritten", "says it is larger than what the file holds"},
        {"unwritten_small", "says it is larger than what the file holds"},
        {"sparse", "says it is larger than what the file holds"},
        {"unknown_filter", "has filters other than"},
        {"external", "has its data in another file"},
        {"virtual", "is virtual"},
        {"soft", "has no '/soft' that can be read"},
        {"outside", "has no '/outside' that can be read"},
        {"twice", "is linked more than once"},
        {"cycle", "is not a data set"},
        {"none", "has no '/none' that can be read"},
    };
    const char *path = in_folder("foreign.h5");
    make_foreign(path);
    struct error e = {0};
    struct store_array array;
    struct hdf5_reader *file = hdf5_open(arena, path, &e);
    assert_non_null(file);
    assert_true(hdf5_read(file, arena, "good", &array, &e));
    assert_true(hdf5_read(file, arena, "chunked", &array, &e));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        e = (struct error){0};
        assert_false(hdf5_read(file, arena, cases[i].path, &array, &e));
        assert_int_equal(e.status, STATUS_DATA);
        if (!strstr(e.message, cases[i].because)) fail_msg("%s: '%s'", cases[i].path, e.message);
    }
    int count;
    const char *const *paths;
    e = (struct error){0};
    assert_false(hdf5_list(file, arena, "", &count, &paths, &e));
    assert_non_null(strstr(e.message, "is not followed"));
    e = (struct error){0};
    assert_false(hdf5_list(file, arena, "cycle", &count, &paths, &e));
    assert_non_null(strstr(e.message, "linked more than once"));
}

/* Three arrays that lie in the same bytes: each of them fits into the file. */
static void arrays_that_share_bytes_are_refused(void **state) {
    (void)state;
    const char *path = in_folder("shared.h5");
    static const char *const names[] = {"g/a", "g/b", "g/c"};
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    uint64_t shared[2] = {0, 16384}, none[2] = {UINT64_MAX, 16384}; /* as a file has them */
    for (int i = 0; i < 3; i++) {
        hid_t space = H5Screate_simple(1, (const hsize_t *)&shared[1], NULL);
        hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_alloc_time(plist, i ? H5D_ALLOC_TIME_LATE : H5D_ALLOC_TIME_EARLY);
        hid_t set =
            H5Dcreate2(file, names[i], H5T_STD_U8LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);
        if (!i) shared[0] = H5Dget_offset(set);
        H5Dclose(set);
        H5Pclose(plist);
        H5Sclose(space);
    }
    H5Fclose(file);
    struct error e = {0};
    size_t size;
    char *bytes = (char *)file_read(arena, path, 1 << 20, &size, &e);
    for (char *at; (at = memmem(bytes, size, none, sizeof none));)
        memcpy(at, shared, sizeof shared);
    help_write(path, bytes, size);
    struct store_array array;
    int count;
    const char *const *paths;
    struct hdf5_reader *reader = hdf5_open(arena, path, &e);
    assert_non_null(reader);
    for (int i = 0; i < 3; i++)
        assert_true(hdf5_describe(reader, names[i], &array, NULL, &e));
    assert_false(hdf5_list(reader, arena, "g", &count, &paths, &e));
    assert_non_null(strstr(e.message, "larger than the file"));
}

/* A group with more links than fit beside its head, by others. HDF5 1.10 frees what it never made
 * where it is damaged and asked for an order. */
static void a_damaged_group_is_an_error(void **state) {
    (void)state;
    const char *path = in_folder("group.h5");
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    for (int i = 0; i < 40; i++)
        H5Gclose(
            H5Gcreate2(file, arena_format(arena, "g%d", i), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(file);
    H5Pclose(access);
    struct error e = {0};
    size_t size;
    char *bytes = (char *)file_read(arena, path, 1 << 20, &size, &e);
    int damaged = 0;
    mallopt(M_PERTURB, 0xA5); /* so that it is noticed */
    for (size_t i = 0; i < size; i += 7) {
        struct arena *scratch = arena_new();
        struct error told = {0};
        int count;
        const char *const *paths;
        bytes[i] ^= 0x10;
        help_write(path, bytes, size);
        bytes[i] ^= 0x10;
        struct hdf5_reader *reader = hdf5_open(scratch, path, &told);
        bool good = reader && hdf5_list(reader, scratch, "", &count, &paths, &told);
        assert_int_equal(good, told.status == STATUS_OK);
        damaged += !good;
        arena_free(scratch);
    }
    mallopt(M_PERTURB, 0);
    assert_true(damaged > 100);
}

static void groups_keep_the_order_of_layers(void **state) {
    (void)state;
    struct error e = {0};
    struct hdf5_writer *w = hdf5_writer_new(arena, &e);
    float one = 1;
    for (int i = 20; i > 0; i--)
        hdf5_add(
            w, &(struct store_array){.path = arena_format(arena, "g/layer_%d/w", i), .data = &one},
            HDF5_CONTIGUOUS);
    assert_true(hdf5_save(w, NULL, in_folder("order.h5")));
    struct hdf5_reader *file = hdf5_open(arena, in_folder("order.h5"), &e);
    int count;
    const char *const *paths;
    assert_true(hdf5_list(file, arena, "g", &count, &paths, &e));
    assert_int_equal(count, 20);
    for (int i = 0; i < count; i++)
        assert_string_equal(paths[i], arena_format(arena, "g/layer_%d/w", 20 - i));
}

static void a_name_given_twice_is_an_error(void **state) {
    (void)state;
    struct error e = {0};
    struct hdf5_writer *w = hdf5_writer_new(arena, &e);
    float one = 1;
    hdf5_add(w, &(struct store_array){.path = "a/b", .data = &one}, HDF5_CONTIGUOUS);
    hdf5_add(w, &(struct store_array){.path = "a/b/c", .data = &one}, HDF5_CONTIGUOUS);
    assert_false(hdf5_save(w, NULL, in_folder("twice.h5")));
    assert_non_null(strstr(e.message, "a/b"));
    assert_int_equal(help_count_files(folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_old_or_new_whatever_call_fails),
        TEST(a_disk_that_fills_leaves_nothing),
        TEST(a_folder_that_is_not_there_is_named),
        TEST(cleaning_removes_temporaries_and_nothing_else),
        TEST(digests_are_those_of_the_standard),
        TEST(a_checkpoint_reads_back),
        TEST(same_content_gives_the_same_bytes),
        TEST(damage_to_an_array_names_it),
        TEST(damage_anywhere_is_refused_or_harmless),
        TEST(a_checkpoint_cut_short_is_refused),
        TEST(every_fault_leaves_the_older_checkpoint),
        TEST(a_killed_writer_leaves_the_older_checkpoint),
        TEST(the_newest_whole_checkpoint_is_read),
        TEST(pruning_keeps_the_newest),
        TEST(foreign_and_newer_files_are_refused),
        TEST(untrusted_hdf5_is_refused),
        TEST(arrays_that_share_bytes_are_refused),
        TEST(a_damaged_group_is_an_error),
        TEST(groups_keep_the_order_of_layers),
        TEST(a_name_given_twice_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
