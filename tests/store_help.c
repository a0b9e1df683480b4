/* See store_help.h. */
#include "tests/store_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *help_folder_new(struct arena *arena) {
    const char *above = getenv("TMPDIR");
    char *folder = arena_format(arena, "%s/duel-store-XXXXXX", above ? above : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at) {
    (void)status, (void)kind, (void)at;
    return remove(path);
}

void help_folder_remove(const char *folder) {
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int help_count_files(const char *folder) {
    DIR *entries = opendir(folder);
    int count = -2; /* . and .. */
    assert_non_null(entries);
    while (readdir(entries))
        count++;
    closedir(entries);
    return count;
}

void help_write(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

struct faults faults;

static bool fault(void) {
    if (++faults.calls != faults.at) return false;
    if (faults.kill) kill(getpid(), SIGKILL);
    faults.fired = true;
    errno = faults.reason;
    return true;
}

static int fault_open(const char *path, int flags, mode_t mode) {
    return fault() ? -1 : open(path, flags, mode);
}
static ssize_t fault_write(int file, const void *bytes, size_t size) {
    if (faults.kill && faults.calls + 1 == faults.at && write(file, bytes, size / 2) < 0) abort();
    if (faults.most && size > (size_t)faults.most) size = (size_t)faults.most;
    return fault() ? -1 : write(file, bytes, size);
}
static int fault_sync(int file) {
    return fault() ? -1 : fsync(file);
}
static int fault_close(int file) {
    int result = close(file); /* as the system's, which closes even where it fails */
    return fault() ? -1 : result;
}
static int fault_rename(const char *from, const char *to) {
    faults.renames++;
    return fault() ? -1 : rename(from, to);
}
static int fault_remove(const char *path) {
    return fault() ? -1 : unlink(path);
}
static int fault_make_folder(const char *path, mode_t mode) {
    return fault() ? -1 : mkdir(path, mode);
}
static int fault_truncate(int file, off_t size) {
    return fault() ? -1 : ftruncate(file, size);
}
static int fault_lock(int file, int operation) {
    return fault() ? -1 : file_calls_system.lock(file, operation);
}

const struct file_calls faulty_calls = {fault_open,        fault_write,    fault_sync,
                                        fault_close,       fault_rename,   fault_remove,
                                        fault_make_folder, fault_truncate, fault_lock};

struct checkpoint help_checkpoint(struct arena *arena, int64_t step) {
    float *weight = ARENA_ARRAY(arena, float, 6);
    double *state = ARENA_NEW(arena, double);
    int32_t *labels = ARENA_ARRAY(arena, int32_t, 3);
    int64_t *count = ARENA_NEW(arena, int64_t);
    for (int i = 0; i < 6; i++)
        weight[i] = (float)i + (float)step / 16;
    for (int i = 0; i < 3; i++)
        labels[i] = i - 1;
    *state = 1.0 / 3 + (double)step;
    *count = step * 3;
    static const struct checkpoint_counter counters[] = {
        {"epoch", 2}, {"images", 128000}, {"cursor/data", -7}};
    const struct store_array arrays[] = {
        {"parameters/generator/linear_2/weight", STORE_FLOAT32, 2, {2, 3}, weight},
        {"parameters/generator/linear_1/weight", STORE_FLOAT32, 3, {1, 3, 2}, weight},
        {"parameters/discriminator/empty", STORE_FLOAT32, 2, {0, 3}, NULL},
        {"optimizer/generator/linear_1/weight/m", STORE_FLOAT32, 1, {6}, weight},
        {"optimizer/count", STORE_INT64, 0, {0}, count},
        {"state/p", STORE_FLOAT64, 0, {0}, state},
        {"state/labels", STORE_INT32, 1, {3}, labels},
        {"averages/shadow/linear_1/weight", STORE_FLOAT32, 2, {3, 2}, weight},
    };
    return (struct checkpoint){
        .step = step,
        .metrics_bytes = 1234,
        .config = "name: mnist-mlp\nseed: 1 # \xc3\xa9\n",
        .kernels = "",
        .counters = 3,
        .counter = counters,
        .arrays = sizeof arrays / sizeof *arrays,
        .array = arena_copy(arena, arrays, sizeof arrays),
    };
}

void help_assert_same(const struct checkpoint *a, const struct checkpoint *b) {
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->metrics_bytes, b->metrics_bytes);
    assert_string_equal(a->config, b->config);
    assert_string_equal(a->kernels, b->kernels);
    assert_int_equal(a->counters, b->counters);
    for (int i = 0; i < a->counters; i++)
        assert_int_equal(checkpoint_counter(b, a->counter[i].name, -1), a->counter[i].value);
    assert_int_equal(a->arrays, b->arrays);
    for (int i = 0; i < a->arrays; i++) {
        const struct store_array *x = &a->array[i], *y = &b->array[i];
        assert_string_equal(x->path, y->path);
        assert_ptr_equal(checkpoint_find(b, x->path), y);
        assert_int_equal(x->type, y->type);
        assert_int_equal(x->rank, y->rank);
        assert_memory_equal(x->extent, y->extent, (size_t)x->rank * sizeof *x->extent);
        size_t size = (size_t)store_count(x) * store_type_size(x->type);
        if (size) assert_memory_equal(x->data, y->data, size);
    }
}
