/* A folder of each test's own, for tests of the store; nothing may be left open. After cmocka.h. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <errno.h>
#include <hdf5.h>

#include "runner/store_checkpoint.h"
#include "tests/store_help.h"

static struct arena *arena;
static char *folder;

static inline int setup(void **state) {
    (void)state;
    arena = arena_new();
    folder = help_folder_new(arena);
    faults = (struct faults){.reason = ENOSPC};
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    help_folder_remove(folder);
    arena_free(arena);
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0); /* nothing was left open */
    return 0;
}

static inline const char *in_folder(const char *name) {
    return arena_format(arena, "%s/%s", folder, name);
}

static inline char *content(const char *path, size_t *size) {
    struct error e = {0};
    char *bytes = file_read(arena, path, SIZE_MAX / 2, size, &e);
    assert_non_null(bytes);
    return bytes;
}

static inline void assert_refused(const char *path, const char *because) {
    struct checkpoint c;
    struct error e = {0};
    assert_false(checkpoint_read(arena, path, &c, &e));
    if (!strstr(e.message, because)) fail_msg("'%s' does not say '%s'", e.message, because);
    assert_non_null(strstr(e.message, path));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
