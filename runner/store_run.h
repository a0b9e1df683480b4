/*
 * The folder of a run: made exclusively, locked while a process trains into it, with its provenance
 * in run.json.
 */
#ifndef RUNNER_STORE_RUN_H
#define RUNNER_STORE_RUN_H

#include <time.h>

#include "files/file.h"

/* A name and a text for run.json. */
struct run_fact {
    const char *name, *text;
};

/* What run.json tells beside what this code finds out by itself (version, git, host, processor,
   time, HDF5's version). Texts that are NULL are left out. */
struct run_facts {
    int argument_count;
    const char *const *arguments; /* the command line, argv[0] first */
    const char *device;           /* "cpu" */
    const char *isa;              /* "x86-64-v3" */
    int threads;
    int library_count;
    const struct run_fact *libraries; /* {"onednn", "2.7.2"}, … */
    const char *kernels;              /* choices made by timing */
    int data_count;
    const struct run_fact *data; /* SHA-256 of each data stream, by its name */
};

struct run_options {
    const char *outputs; /* the folder of all runs; NULL: "outputs" */
    const char *name; /* of the experiment: a file name without slashes, not beginning with a dot */
    uint64_t seed;
    const char
        *folder;    /* --run-dir: exactly this folder, new or empty; NULL: OUTPUTS/NAME/TIME-SEED */
    time_t started; /* 0: now */
    const char *config_text;   /* config.yaml; its SHA-256 goes into run.json */
    const char *resolved_text; /* resolved.yaml */
    struct run_facts facts;
};

struct run {
    const char *folder;                        /* "outputs/mnist-mlp/2026-11-21T10-15-00-1" */
    const char *samples, *checkpoints, *plots; /* its folders */
    const struct file_calls *calls;
    int lock;           /* an open file */
    struct json *facts; /* run.json */
};

/* Makes the folder of a new run, takes its lock, writes config.yaml, resolved.yaml and run.json
   (status "running"). The lock is given back and memory released with the arena. STATUS_USAGE:
   `folder` is not empty. */
struct run *run_create(struct arena *arena, const struct file_calls *calls,
                       const struct run_options *options, struct error *e);

/* Opens a run to go on with it: takes its lock (STATUS_USAGE: another process trains into it),
 * removes temporaries. */
struct run *run_open(struct arena *arena, const struct file_calls *calls, const char *folder,
                     struct error *e);

/* Adds an entry to `resumed` in run.json: when, from which step, with what facts; status "running"
 * again. */
bool run_resumed(struct run *run, int64_t step, const struct run_facts *facts, struct error *e);

/* Writes resolved.yaml again. */
bool run_resolved(struct run *run, const char *text, struct error *e);

/* Sets a text of run.json that is known only later, such as "kernels"; NULL or "" changes nothing.
 */
bool run_set(struct run *run, const char *key, const char *text, struct error *e);

/* Sets an entry of run.json to what a JSON text says. */
bool run_set_json(struct run *run, const char *key, const char *json, struct error *e);

/* Writes status ("finished", "stopped", "diverged", "failed") and the end time into run.json. */
bool run_finish(struct run *run, const char *status, struct error *e);

/* FOLDER/name; in the arena. */
const char *run_path(struct arena *arena, const struct run *run, const char *name);

/*
 * The run that a user means by `given`: a run's folder, anything within it, a folder of runs (its
 * newest), or NAME (the newest of OUTPUTS/NAME). If `given` is a file, `file` gets its path (`duel
 * resume …/checkpoints/step-00010000.h5`), else NULL. Returns the run's folder, or NULL and
 * STATUS_NO_INPUT.
 */
const char *run_find(struct arena *arena, const char *outputs, const char *given, const char **file,
                     struct error *e);

/* The same for all runs that are meant: every run below `given`, or below OUTPUTS where it is NULL.
 * Not sorted; none where there is no folder of outputs. */
bool run_find_all(struct arena *arena, const char *outputs, const char *given, int *count,
                  const char *const **folders, struct error *e);

/* Whether a process holds the lock of this folder, by taking it for a moment (shared, so that two
 * who look do not see each other); the system gives the lock of a killed process back. True where
 * the lock may not be read. */
bool run_is_locked(struct arena *arena, const char *folder);

/* The checkpoint that a user means by `given`, as above: the file, if it is one, or else that of `step` (-1: the newest
 * whole one) of the run. Where newer ones are damaged, `skipped` says so; `path` is the one that was read. */
struct checkpoint;
bool run_find_checkpoint(struct arena *arena, const char *outputs, const char *given, int64_t step,
                         struct checkpoint *checkpoint, const char **path, struct error *skipped,
                         struct error *e);

/* A text of run.json by its key ("config_sha256", "status"), or NULL. Lives as long as the run. */
const char *run_text(const struct run *run, const char *key);

/* A text below that key, as in {"data_sha256": {"a": TEXT}}, or NULL; `name` "": that of the key.
 */
const char *run_text_in(const struct run *run, const char *key, const char *name);

/* The same of any run, whether or not a process trains into it: the text in the arena, or NULL
 * where run.json is not to be read. */
const char *run_text_of(struct arena *arena, const char *folder, const char *key);

#endif
