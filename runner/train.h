/*
 * Training: steps until the end that the configuration names, the record of metrics, samples and
 * checkpoints as they fall due, and a clean stop on SIGINT and SIGTERM.
 */
#ifndef RUNNER_TRAIN_H
#define RUNNER_TRAIN_H

#include "runner/command.h"
#include "runner/load.h"
#include "runner/play.h"
#include "runner/progress.h"
#include "runner/sampling.h"
#include "runner/session.h"
#include "runner/store_run.h"

struct train {
    const struct arguments *arguments;
    struct session *session;
    const struct experiment *experiment;
    struct arena *arena; /* of the run */
    struct play *play;
    struct sampling *sampling; /* NULL: no samples are wanted */
    struct run *run;
    struct metrics *record;
    struct loading *loading; /* NULL: the run began with nothing of others */
    struct progress progress;
    struct metric *metrics; /* (metrics_count + 1) `epoch` and those of the last step */
    int metrics_count;
    const char *config;     /* the resolved configuration, for checkpoints */
    double started;         /* seconds_now(), less `before` */
    double before;          /* seconds that earlier processes have trained for */
    uint64_t missed;        /* bit i: phase i did not run when metrics were due, nor since then */
    int64_t saved, sampled; /* steps of the last checkpoint and samples; -1: none */
    int64_t recorded;       /* step of the last line of the record */
};

/* What a run.json tells of the device. */
struct run_facts train_facts(const struct train *train);

/* How far training has come when it begins, in the unit of the configuration's `train`. */
double train_done(const struct train *train);

/* Trains a play that stands at its beginning, or where a checkpoint has put it (`resumed`). Prints
 * what went wrong with the numbers itself and returns STATUS_DIVERGED; other failures are in
 * `error`. STATUS_STOPPED after a signal. */
enum status train_run(struct train *train, bool resumed, struct error *error);

#endif
