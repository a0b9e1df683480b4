/*
 * What most commands begin with: a configuration read, its data found, its game built, a device to
 * play it on. Everything lives in one arena, from file to program.
 */
#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

#include "datasets/dataset.h"
#include "datasets/stream.h"
#include "runner/command.h"
#include "runner/experiment.h"
#include "runner/game.h"
#include "runner/play.h"
#include "runner/store_checkpoint.h"

struct session {
    const struct arguments *arguments;
    struct arena *arena;
    struct diagnostics diagnostics;
    const char *path; /* of the configuration, or the name of what it was read from */
    struct config *root;
    struct experiment *experiment;
    struct game *game;
    struct dataset_loading **loading; /* (experiment->data_count) NULL: not begun */
    struct dataset *data;             /* (experiment->data_count) NULL: not loaded */
};

/* Begins a session for a command; its memory is the command's. */
void session_start(struct session *session, const struct arguments *arguments);

/* Reads the configuration `given` (a file, or a name in the folders of configurations), or that of
 * a checkpoint, with the command's --set options. False, with diagnostics or `error`, if anything
 * in it is wrong. A checkpoint knows the data's shape: their files need not be there. */
bool session_read(struct session *session, const char *given, struct error *error);
bool session_read_checkpoint(struct session *session, const char *path,
                             const struct checkpoint *checkpoint);

/* Builds the game. */
bool session_build(struct session *session);

/* Loads the data of all streams, each in a thread beside other work, and hashes them. What is
 * missing is told in `error`, or, of streams with names, in the diagnostics. */
void session_start_data(struct session *session);
bool session_finish_data(struct session *session, struct error *error);

/* The place of an option's value, or of an operand (option NULL), for diagnostics. */
const struct origin *session_origin(const struct session *session, const char *option,
                                    const char *value);
/* What was reported is wrong on the command line: STATUS_USAGE goes with it. Always false. */
bool session_usage(struct session *session);

/* Prints the diagnostics to standard error. The status that goes with them, or `error`'s. */
enum status session_report(const struct session *session, const struct error *error);

/* --backend, --threads, --isa, --no-fuse and --no-plan, with the configuration's seed. `before`, if
 * not NULL, is what a run was begun with: it counts where these options are not given. */
struct run_device {
    const char *identity; /* of the device: its first word is the backend's name */
    int64_t threads;
};
bool session_play_options(const struct session *session, const struct run_device *before,
                          struct play_options *options, struct error *error);

/* The resolved configuration as YAML; in the arena. */
const char *session_resolved(const struct session *session);
/* The configuration as given, includes merged. */
const char *session_given(const struct session *session);

/* Adds what a checkpoint must know of the data to its counters. */
void session_describe_data(const struct session *session, struct checkpoint *checkpoint,
                           struct arena *arena);

#endif
