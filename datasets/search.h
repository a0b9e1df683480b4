/* Finding the files of a source: $DUEL_DATA, data.path, the user's data folder, the system's, in
 * this order. */
#ifndef DATASETS_SEARCH_H
#define DATASETS_SEARCH_H

#include "datasets/dataset.h"

/* `path` if it is a regular file, else `path` with .gz if that is one, else NULL; owned by the
 * arena. */
const char *search_file(const char *path, struct arena *arena);

/*
 * Finds the first folder that holds all `count` files called `names`, each as it is or with .gz,
 * and gives their `paths`, owned by the arena. `path` is data.path, or NULL. Fails with NO_INPUT,
 * naming each folder and what is wrong with it.
 */
bool search_files(const struct dataset_request *request, const char *path, const char *const *names,
                  int count, struct arena *arena, const char **paths, struct error *error);

/* The first of `names`, ended by NULL, that is in the first folder that holds any of them, as it is or with
 * .gz: a file or a folder; in the arena. NULL: NO_INPUT, likewise. */
const char *search_any(const struct dataset_request *request, const char *path,
                       const char *const *names, struct arena *arena, struct error *error);

#endif
