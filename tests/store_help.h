/* What the tests of the store share: a folder of their own, faults at the n-th system call, a
 * checkpoint to write. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include "runner/store_checkpoint.h"

/* Makes a folder under $TMPDIR, and removes it with all that is in it. */
char *help_folder_new(struct arena *arena);
void help_folder_remove(const char *folder);

/* The number of entries of a folder, whatever they are. */
int help_count_files(const char *folder);
void help_write(const char *path, const void *bytes, size_t size);

/*
 * System calls of which one goes wrong. `at`: the number of the call from 1; 0: none. The call
 * fails with `reason`, or, where `kill` is set, the process is killed in its middle (a write has
 * then written half). `most`: bytes that one write takes; 0: all. The table that the store takes
 * has no room for a context, so this one is the test's own.
 */
struct faults {
    int at, reason, most;
    bool kill;
    int calls, renames; /* made so far */
    bool fired;
};
extern struct faults faults;
extern const struct file_calls faulty_calls;

/* A checkpoint with a few arrays of every type; its numbers depend on `step`. */
struct checkpoint help_checkpoint(struct arena *arena, int64_t step);
void help_assert_same(const struct checkpoint *a, const struct checkpoint *b);

#endif
