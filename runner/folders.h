/*
 * Where the program finds its own files: beside the executable when it is installed
 * (PREFIX/share/duel), else in the source tree it was built from.
 */
#ifndef RUNNER_FOLDERS_H
#define RUNNER_FOLDERS_H

#include "base/arena.h"
#include "base/error.h"

/* The folder `name` ("configs", "plots") of this program, or NULL; in the arena. */
const char *folder_own(struct arena *arena, const char *name);

/* Folders in which configurations are looked for: the user's ($XDG_CONFIG_HOME/duel/configs, or
 * ~/.config/duel/configs), then the program's. NULL-terminated; in the arena. */
const char *const *folders_configs(struct arena *arena);

/* The configuration that `given` means: that file, or one of folders_configs, with or without
 * .yaml ("fashion-mlp"). NULL and STATUS_NO_INPUT where there is none. */
const char *folders_find_config(struct arena *arena, const char *given, struct error *error);

/* The names of all configurations in folders_configs, as folders_find_config takes them
 * ("fashion-mlp", "points/ring"); a name that is in two folders comes twice. NULL-terminated; in the
 * arena. */
const char *const *folders_list_configs(struct arena *arena);

#endif
