/*
 * What tests of data sets share: a folder of their own, requests with options set by their rows, and
 * what is expected of them. cmocka.h and what it wants come first.
 */
#ifndef TESTS_DATA_H
#define TESTS_DATA_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "datasets/dataset.h"

/* What a test stands in: an arena, and a folder of its own in which it writes. */
struct fixture {
    struct arena *arena;
    char folder[64];
};

static inline int set_up(void **state) {
    static struct fixture fixture;
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/duel-test-XXXXXX");
    if (!mkdtemp(fixture.folder)) return -1;
    fixture.arena = arena_new();
    *state = &fixture;
    return 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
                               struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static inline int tear_down(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    return nftw(f->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline const char *write_bytes(struct fixture *f, const char *name, const void *bytes,
                                      size_t size) {
    const char *path = arena_format(f->arena, "%s/%s", f->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    return path;
}

static inline const struct parameter *find_row(const struct dataset_row *row, const char *name) {
    for (const struct parameter *p = row->parameters; p->name; p++)
        if (!strcmp(p->name, name)) return p;
    fail_msg("%s has no parameter %s", row->name, name);
    return NULL;
}

static inline void *option(const struct dataset_request *request, const char *name) {
    return (char *)(uintptr_t)request->options + find_row(request->row, name)->offset;
}

/* The index of the default among the choices. */
static inline int default_choice(const struct parameter *row) {
    int index = 0;
    for (const char *at = row->choices; strncmp(at, row->standard, strcspn(at, " ")) != 0; index++)
        at += strcspn(at, " ") + 1;
    return index;
}

/* "[1, 2]" */
static inline struct numbers default_numbers(struct fixture *f, const char *text) {
    double *list = ARENA_ARRAY(f->arena, double, strlen(text));
    int count = 0;
    for (char *end; *text && *text != ']'; text = end)
        list[count++] = strtod(text + 1, &end);
    return (struct numbers){count, list};
}

static inline void set_default(struct fixture *f, void *at, const struct parameter *row) {
    if (!row->standard || !*row->standard) return;
    switch (row->type) {
    case PARAMETER_NUMBER:
        *(double *)at = strtod(row->standard, NULL);
        break;
    case PARAMETER_INTEGER:
        *(int64_t *)at = strtoll(row->standard, NULL, 10);
        break;
    case PARAMETER_CHOICE:
        *(int *)at = default_choice(row);
        break;
    case PARAMETER_BOOL:
        *(bool *)at = !strcmp(row->standard, "true");
        break;
    case PARAMETER_TEXT:
        *(const char **)at = row->standard;
        break;
    case PARAMETER_NUMBERS:
        *(struct numbers *)at = default_numbers(f, row->standard);
        break;
    default:
        fail_msg("no default is read for %s", row->name);
    }
}

/* A request of `source` with its defaults, that looks nowhere. */
static inline struct dataset_request request_of(struct fixture *f, const char *source) {
    const struct dataset_row *row = dataset_find(source);
    assert_non_null(row);
    char *options = arena_alloc(f->arena, row->options_size);
    for (const struct parameter *p = row->parameters; p->name; p++)
        set_default(f, options + p->offset, p);
    return (struct dataset_request){.row = row,
                                    .options = options,
                                    .seed = 1,
                                    .search = ARENA_NEW(f->arena, struct dataset_search)};
}

static inline struct dataset load(struct fixture *f, const struct dataset_request *request) {
    struct dataset dataset;
    struct error error = {0};
    if (!dataset_load(request, f->arena, &dataset, &error)) fail_msg("%s", error.message);
    return dataset;
}

static inline struct dataset peek(struct fixture *f, const struct dataset_request *request) {
    struct dataset dataset;
    struct error error = {0};
    if (!dataset_peek(request, f->arena, &dataset, &error)) fail_msg("%s", error.message);
    assert_null(dataset.values);
    return dataset;
}

/* `text` with each % replaced by the folder. */
static inline const char *in_folder(struct fixture *f, const char *text) {
    struct text out = {0};
    for (; *text; text++) {
        if (*text == '%')
            text_add(&out, f->folder);
        else
            text_add_range(&out, text, 1);
    }
    const char *copy = arena_text(f->arena, text_get(&out));
    text_release(&out);
    return copy;
}

static inline void expect_failure(struct fixture *f, const struct dataset_request *request,
                                  enum status status, const char *message) {
    struct dataset dataset;
    struct error error = {0};
    assert_false(dataset_load(request, f->arena, &dataset, &error));
    assert_string_equal(error.message, in_folder(f, message));
    assert_int_equal(error.status, status);
}

#define EXTENTS(...)                                                                               \
    (int)(sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t)), (uint32_t[]) {                      \
        __VA_ARGS__                                                                                \
    }

static inline void assert_shape(const struct dataset *dataset, int rank, const uint32_t *extent) {
    assert_int_equal(dataset->shape.rank, rank);
    for (int i = 0; i < rank; i++)
        assert_int_equal(dataset->shape.extent[i], extent[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
