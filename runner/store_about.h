/*
 * What can be told of a run from outside, by its folder alone: whether a process trains into it, how
 * far it came, what it measured last. Nothing is written, and nothing is waited for.
 */
#ifndef RUNNER_STORE_ABOUT_H
#define RUNNER_STORE_ABOUT_H

#include <time.h>

#include "runner/store_record.h"

/* States, and what they are called. */
#define RUN_STATE_LIST(X)                                                                          \
    X(RUNNING, "running")   /* a process trains into it */                                         \
    X(FINISHED, "finished") /* to the end that the configuration names */                          \
    X(STOPPED, "stopped")   /* by a signal */                                                      \
    X(DIED, "died")         /* run.json says that it runs, but no process does */                  \
    X(DIVERGED, "diverged") /* a number was not finite */                                          \
    X(FAILED, "failed")     /* a full disk, say */                                                 \
    X(UNKNOWN, "unknown")   /* run.json cannot be read */

enum run_state {
#define X(name, text) RUN_##name,
    RUN_STATE_LIST(X)
#undef X
};
const char *run_state_name(enum run_state state);
enum run_state run_state(struct arena *arena, const char *folder);

struct run_about {
    const char *folder, *name; /* name: of the experiment; the folder's where it is not known */
    enum run_state state;
    bool resumable;      /* it stopped or died, and there is a checkpoint */
    time_t started;      /* 0: not known */
    double seconds;      /* from the start to the end, or to the last sign of life */
    int64_t step;        /* the newest that is known of */
    struct record *last; /* the last line of the record; no row where there is none */
    int64_t bytes;       /* of all its files */
};

/* Looks at a run; what cannot be read is left out. Lives in the arena. */
void run_look(struct arena *arena, const char *folder, struct run_about *about);
/* The same without what takes longer: `last` is empty and `bytes` 0. */
void run_look_brief(struct arena *arena, const char *folder, struct run_about *about);

#endif
