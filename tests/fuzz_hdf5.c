/* links: store files base */
/*
 * Any bytes as an HDF5 file: as a checkpoint, as samples, and everything in it by itself. What can be
 * read is consistent and no larger than such a file can hold, what cannot gives an error, and nothing
 * else happens.
 *
 * HDF5 1.10 itself goes wrong on files that were made to harm: it reads past the end of attributes'
 * messages in headers without checksums, frees links that it never made, and turns in circles in a
 * heap of a virtual data set. So the fuzzer is run as
 *     libfuzz_hdf5 -fork=1 -ignore_crashes=1 -ignore_timeouts=1 -detect_leaks=0 NEW tests/corpus/hdf5
 * with ASAN_OPTIONS=allocator_may_return_null=1; what counts are faults whose first frame is duel's.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bug.h"
#include "runner/store_checkpoint.h"
#include "runner/store_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* zlib makes at most 1,032 bytes of one. */
enum { GROWTH_MOST = 1100 };

static void check_error(bool ok, const struct error *e) {
    BUG_IF(ok != (e->status == STATUS_OK) || (!ok && !e->message[0]));
}

/* Looks at every byte, so that a sanitizer does. */
static void check_array(const struct store_array *array, size_t file_size) {
    int64_t count = store_count(array);
    BUG_IF(count < 0 || array->rank < 0 || array->rank > STORE_RANK_MOST);
    size_t size = (size_t)count * store_type_size(array->type);
    BUG_IF(size > file_size * GROWTH_MOST);
    const uint8_t *bytes = array->data;
    unsigned sum = 0;
    for (size_t i = 0; bytes && i < size; i++)
        sum += bytes[i];
    BUG_IF(sum && !size);
}

static void read_attributes(struct hdf5_reader *file, struct arena *arena, const char *path) {
    static const char *const names[] = {"duel_format", "duel_kind", "step", "sha256"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t integer;
        struct error text_error = {0}, integer_error = {0};
        const char *text = hdf5_get_text(file, arena, path, names[i], &text_error);
        check_error(text != NULL, &text_error);
        bool number = hdf5_get_integer(file, path, names[i], &integer, &integer_error);
        check_error(number, &integer_error);
        BUG_IF((text && number) || ((text || number) && !hdf5_has_attribute(file, path, names[i])));
    }
}

static void read_one(struct hdf5_reader *file, struct arena *arena, const char *path, size_t size) {
    struct store_array seen, array;
    int64_t offset;
    struct error seen_error = {0}, error = {0}, text_error = {0};
    bool described = hdf5_describe(file, path, &seen, &offset, &seen_error);
    check_error(described, &seen_error);
    if (described) {
        check_array(&seen, size);
        BUG_IF(offset > (int64_t)size);
    }
    bool read = hdf5_read(file, arena, path, &array, &error);
    check_error(read, &error);
    BUG_IF(read && !described);
    if (read) check_array(&array, size);
    const char *text = hdf5_read_text(file, arena, path, &text_error);
    check_error(text != NULL, &text_error);
    BUG_IF(text && strlen(text) > size);
}

/* All that hdf5_list finds, and what duel asks for by name. */
static void read_all(const char *path, size_t size) {
    static const char *const asked[] = {"config", "images", "points", "latents", "labels", "real"};
    struct arena *arena = arena_new();
    struct error e = {0}, list_error = {0};
    struct hdf5_reader *file = hdf5_open(arena, path, &e);
    check_error(file != NULL, &e);
    int count = 0;
    const char *const *paths = NULL;
    if (file) {
        check_error(hdf5_list(file, arena, "", &count, &paths, &list_error), &list_error);
        read_attributes(file, arena, "");
    }
    for (int i = 0; i < count; i++) {
        read_one(file, arena, paths[i], size);
        read_attributes(file, arena, paths[i]);
    }
    for (size_t i = 0; file && !count && i < sizeof asked / sizeof *asked; i++)
        if (hdf5_has(file, asked[i])) read_one(file, arena, asked[i], size);
    arena_free(arena);
}

static void read_checkpoint(const char *path, size_t size) {
    struct arena *arena = arena_new();
    struct checkpoint c;
    struct error e = {0};
    bool ok = checkpoint_read(arena, path, &c, &e);
    check_error(ok, &e);
    size_t all = 0;
    for (int i = 0; ok && i < c.arrays; i++) {
        check_array(&c.array[i], size);
        all += (size_t)store_count(&c.array[i]) * store_type_size(c.array[i].type);
        BUG_IF(checkpoint_find(&c, c.array[i].path) == NULL);
    }
    BUG_IF(all > size);
    arena_free(arena);
}

static void check_place(const struct sample_place *place, size_t size) {
    if (place->offset < 0) return;
    BUG_IF(place->offset > (int64_t)size || store_count(&place->shape) > (int64_t)size);
}

static void read_samples(const char *path, size_t size) {
    struct arena *arena = arena_new();
    struct sample s;
    struct sample_layout layout = {0};
    struct error e = {0}, layout_error = {0};
    bool ok = sample_read(arena, path, &s, &e);
    check_error(ok, &e);
    if (ok) check_array(s.images.data ? &s.images : &s.points, size);
    ok = sample_layout(arena, path, &layout, &layout_error);
    check_error(ok, &layout_error);
    const struct sample_place *const all[] = {&layout.images, &layout.points, &layout.real,
                                              &layout.arrows, &layout.field};
    for (size_t i = 0; ok && i < sizeof all / sizeof *all; i++)
        check_place(all[i], size);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[64];
    int handle = memfd_create("hdf5", MFD_CLOEXEC);
    if (handle < 0 || write(handle, bytes, size) != (ssize_t)size) BUG("no file in memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
    read_all(path, size);
    read_checkpoint(path, size);
    read_samples(path, size);
    close(handle);
    return 0;
}
