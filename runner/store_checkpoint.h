/*
 * Checkpoints: everything that is needed to go on, or to sample, in one HDF5 file
 * (docs/run-folder.md).
 *
 * A SHA-256 digest for each array and text covers its path, the step, its type, shape and bytes;
 * reading checks all of them, so a checkpoint is used as it was written or not at all. Weights of
 * linear layers are [in, out].
 */
#ifndef RUNNER_STORE_CHECKPOINT_H
#define RUNNER_STORE_CHECKPOINT_H

#include "files/hdf5.h"

/* The version of what duel writes into HDF5 files, in their attribute `duel_format`; newer files
 * are refused. */
enum { STORE_FORMAT = 1 };

/* Whether an open HDF5 file is duel's, of a format that is known, and of this kind: "checkpoint",
 * "samples", "metrics". */
bool store_check_kind(struct hdf5_reader *file, const char *path, const char *kind,
                      struct error *e);

struct checkpoint_counter {
    const char *name; /* "epoch", "images", "cursor/data" */
    int64_t value;
};

struct checkpoint {
    int64_t step;          /* steps done */
    int64_t metrics_bytes; /* length of metrics.jsonl at this step */
    const char *config;    /* the resolved configuration, as YAML */
    const char *kernels;   /* choices made by timing, to be replayed; "" or NULL: none */
    const char
        *classes; /* names of the data's classes, as lines of labels, tab, name; "" or NULL: none */
    int counters;
    const struct checkpoint_counter *counter;
    int arrays;
    const struct store_array
        *array; /* paths begin with parameters/, optimizer/, state/ or averages/ */
};

/* Writes atomically; what the checkpoint points to stays the caller's. */
bool checkpoint_write(const struct file_calls *calls, const char *path,
                      const struct checkpoint *checkpoint, struct error *e);

/* Reads and verifies; all of it lives in the arena. STATUS_NO_INPUT: no such file; STATUS_DATA:
   damaged, foreign, or of a newer duel. */
bool checkpoint_read(struct arena *arena, const char *path, struct checkpoint *checkpoint,
                     struct error *e);

/* The array of this path ("parameters/generator/linear_1/weight"), or NULL. */
const struct store_array *checkpoint_find(const struct checkpoint *checkpoint, const char *path);
/* The counter of this name, or `otherwise`. */
int64_t checkpoint_counter(const struct checkpoint *checkpoint, const char *name,
                           int64_t otherwise);

/* Adds a counter; in the arena. */
void checkpoint_count(struct arena *arena, struct checkpoint *checkpoint, const char *name,
                      int64_t value);

/* FOLDER/step-00010000.h5 */
const char *checkpoint_path(struct arena *arena, const char *folder, int64_t step);

/* The steps of the checkpoints in `folder`, ascending; by their names alone. None, where there is
 * no folder. */
bool checkpoint_list(struct arena *arena, const char *folder, int *count, const int64_t **steps,
                     struct error *e);

/* The file of a step that is asked for; NULL and an error that lists the steps (STATUS_NO_INPUT): it is not there. */
const char *checkpoint_of_step(struct arena *arena, const char *folder, int64_t step,
                               struct error *e);

/* The newest checkpoint of a folder by its name, or NULL and an error (STATUS_NO_INPUT: there is
 * none). */
const char *checkpoint_latest(struct arena *arena, const char *folder, struct error *e);

/* Reads the newest checkpoint that is whole. Where newer ones are damaged, `skipped` holds what is
   wrong with the newest of them, to be told as a warning. `path` is the one that was read. */
bool checkpoint_read_latest(struct arena *arena, const char *folder, struct checkpoint *checkpoint,
                            const char **path, struct error *skipped, struct error *e);

/* After `newest` was written: removes older checkpoints until `keep` are left, `newest` among them
   (keep < 1: all stay). Checkpoints with higher steps are left alone and not counted. */
bool checkpoint_prune(const struct file_calls *calls, const char *folder, int keep, int64_t newest,
                      struct error *e);

/* When training goes on from `step`: checkpoints of higher steps become step-….h5.aside, which
 * nothing here reads. */
bool checkpoint_set_aside(const struct file_calls *calls, const char *folder, int64_t step,
                          struct error *e);

#endif
