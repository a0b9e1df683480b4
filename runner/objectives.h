/* The objectives that are to be had: files in the folders of configurations, each folder's objectives/. */
#ifndef RUNNER_OBJECTIVES_H
#define RUNNER_OBJECTIVES_H

#include "base/text.h"
#include "runner/config.h"

struct objective_file {
    const char *name, *path; /* "hinge", ".../objectives/hinge.yaml" */
    const char *doc;         /* its `doc:`, or "" */
    const char *aliases;     /* what others call it, for hints: words */
    const char *text;        /* as it stands in the file */
    struct config *root;     /* NULL where it cannot be read */
};

/* All of them by name; of two that are called the same, that of the earlier folder. `folders` is ended by NULL; everything
 * lives in `arena`. */
struct objective_file *objectives_find(struct arena *arena, const char *const *folders, int *count);

/* Tries the names of all of them. */
void objectives_try_names(const struct objective_file *files, int count, struct nearest *nearest);

#endif
