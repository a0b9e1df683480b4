/* What fuzzers of data sets share: options set by their rows, files in memory, and what must hold of a
 * data set that could be read. */
#ifndef TESTS_FUZZ_DATA_H
#define TESTS_FUZZ_DATA_H

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* An options struct, which is private to its source. */
struct fuzz_options {
    const struct dataset_row *row;
    max_align_t room[32];
};

static inline struct fuzz_options fuzz_options(const char *source) {
    struct fuzz_options options = {.row = dataset_find(source)};
    BUG_IF(!options.row || options.row->options_size > sizeof options.room);
    return options;
}

/* Where the option of this name is. */
static inline void *fuzz_option(struct fuzz_options *options, const char *name) {
    for (const struct parameter *row = options->row->parameters; row->name; row++)
        if (!strcmp(row->name, name)) return (char *)options->room + row->offset;
    BUG("%s has no parameter '%s'", options->row->name, name);
}

/* A file in memory with these bytes; the caller closes it. */
static inline int fuzz_file(const uint8_t *bytes, size_t size, char path[64]) {
    int handle = memfd_create("fuzz", MFD_CLOEXEC);
    if (handle < 0 || write(handle, bytes, size) != (ssize_t)size) BUG("no file in memory");
    snprintf(path, 64, "/proc/self/fd/%d", handle);
    return handle;
}

static inline void fuzz_check(const struct dataset *seen, const struct dataset *dataset) {
    BUG_IF(dataset->count < 1 || dataset->count != seen->count);
    BUG_IF(dataset->classes != seen->classes || dataset->shape.rank != seen->shape.rank);
    BUG_IF(dataset->type != seen->type);
    int64_t values = dataset->count * dataset_example_size(dataset);
    const float *floats = dataset->values;
    const uint8_t *integers = dataset->values;
    unsigned sum = 0;
    for (int64_t i = 0; i < values; i++)
        if (dataset->type == DATA_UINT8)
            sum += integers[i];
        else
            BUG_IF(!isfinite(floats[i]));
    BUG_IF(sum == 1 && !values);
    for (int64_t i = 0; dataset->labels && i < dataset->count; i++)
        BUG_IF(dataset->labels[i] < 0 || dataset->labels[i] >= dataset->classes);
    for (int i = 0; dataset->class_names && i < dataset->classes; i++)
        BUG_IF(!dataset->class_names[i]);
}

/* Peeks and loads: what can be loaded is consistent, what cannot gives an error. */
static inline void fuzz_load(struct fuzz_options *options) {
    struct arena *arena = arena_new();
    struct dataset_search nowhere = {0};
    struct dataset_request request = {
        .row = options->row, .options = options->room, .search = &nowhere};
    struct dataset seen, dataset;
    struct error seen_error = {0}, error = {0};
    bool peeked = dataset_peek(&request, arena, &seen, &seen_error);
    bool loaded = dataset_load(&request, arena, &dataset, &error);
    BUG_IF(peeked != !seen_error.status || loaded != !error.status);
    BUG_IF(loaded && !peeked);
    if (loaded)
        fuzz_check(&seen, &dataset);
    else
        BUG_IF(!error.message[0]);
    arena_free(arena);
}

#endif
