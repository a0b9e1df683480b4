/* links: datasets base */
/*
 * Any bytes as a pair of IDX files: what can be read is consistent, what cannot gives an error, and
 * nothing else happens.
 *
 * Input: a byte of flags (1 labels are given, 2 limit: 1, 4 classes: [1]), the length of the
 * labels' file in two bytes, low byte first, the labels' file, the images' file.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The options struct is private to idx.c: set it by its rows, as the configuration does. */
static void *option(void *options, const char *name) {
    const struct parameter *row = dataset_find("idx")->parameters;
    for (; row->name; row++)
        if (!strcmp(row->name, name)) return (char *)options + row->offset;
    BUG("idx has no parameter '%s'", name);
}

static int file_of(const uint8_t *bytes, size_t size, char path[64]) {
    int handle = memfd_create("idx", MFD_CLOEXEC);
    if (handle < 0 || write(handle, bytes, size) != (ssize_t)size) BUG("no file in memory");
    snprintf(path, 64, "/proc/self/fd/%d", handle);
    return handle;
}

static void check(const struct dataset *seen, const struct dataset *dataset) {
    BUG_IF(dataset->count < 1 || dataset->count != seen->count);
    BUG_IF(dataset->classes != seen->classes || dataset->shape.rank != seen->shape.rank);
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
}

static void load(void *options) {
    struct arena *arena = arena_new();
    struct dataset_search nowhere = {0};
    struct dataset_request request = {dataset_find("idx"), options, 0, &nowhere};
    struct dataset seen, dataset;
    struct error seen_error = {0}, error = {0};
    bool peeked = dataset_peek(&request, arena, &seen, &seen_error);
    bool loaded = dataset_load(&request, arena, &dataset, &error);
    BUG_IF(peeked != !seen_error.status || loaded != !error.status);
    BUG_IF(loaded && !peeked);
    if (loaded)
        check(&seen, &dataset);
    else
        BUG_IF(!error.message[0]);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 3) return 0;
    size_t label_size = (size_t)(bytes[1] | bytes[2] << 8);
    if (label_size > size - 3) label_size = size - 3;
    char labels[64], images[64];
    int label_file = file_of(bytes + 3, label_size, labels);
    int image_file = file_of(bytes + 3 + label_size, size - 3 - label_size, images);
    static const double one = 1;
    max_align_t options[16] = {0};
    BUG_IF(dataset_find("idx")->options_size > sizeof options);
    *(const char **)option(options, "images") = images;
    if (bytes[0] & 1) *(const char **)option(options, "labels") = labels;
    if (bytes[0] & 2) *(int64_t *)option(options, "limit") = 1;
    if (bytes[0] & 4) *(struct numbers *)option(options, "classes") = (struct numbers){1, &one};
    load(options);
    close(label_file);
    close(image_file);
    return 0;
}
