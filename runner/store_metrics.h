/*
 * The record of a run's numbers: metrics.jsonl, to which one JSON object a line is appended while
 * training, and what is derived from it: metrics.h5 (a 1-D data set a metric, `step` as dimension
 * scale) and plots/metrics.tsv (for gnuplot).
 */
#ifndef RUNNER_STORE_METRICS_H
#define RUNNER_STORE_METRICS_H

#include "files/file.h"

struct metrics;

struct metric {
    const char *name; /* "discriminator.loss"; any text without a slash; "step" is taken */
    double value;     /* not finite: null in JSON, nan elsewhere */
};

/*
 * Opens FOLDER/metrics.jsonl for appending, making it where it is missing; closed with the arena.
 * It is first cut to `keep` bytes (-1: all of them), then at the end of its last whole line, which
 * also takes away a line that was torn when the process was killed. `missing`, which may be NULL,
 * gets the bytes by which it was shorter than `keep`: then lines were lost.
 */
struct metrics *metrics_open(struct arena *arena, const struct file_calls *calls,
                             const char *folder, int64_t keep, int64_t *missing, struct error *e);

/* Appends a line, {"step":…, name:value, …}, in one write, so that a killed process loses nothing;
   where the write fails, the part that was written is cut off again. When the record has grown by a
   quarter the derived files are rewritten. */
bool metrics_append(struct metrics *metrics, int64_t step, int count, const struct metric *list,
                    struct error *e);

/* Syncs the record to the disk and gives its length: call it before a checkpoint, which holds that
 * length. */
bool metrics_sync(struct metrics *metrics, int64_t *length, struct error *e);

/* Syncs, and rewrites the derived files: at the end of a run. */
bool metrics_finish(struct metrics *metrics, struct error *e);

/* Writes a record as the table that plots/ read: names, then a row a line, with tabs between. */
struct record;
bool metrics_write_table(const struct file_calls *calls, const char *path,
                         const struct record *record, struct error *e);

/* Rewrites FOLDER/metrics.h5 and FOLDER/plots/metrics.tsv from FOLDER/metrics.jsonl, whose torn
   last line, if any, is left out. Columns are in the order of their first appearance; what a line
   does not have is nan. */
bool metrics_derive(const struct file_calls *calls, const char *folder, struct error *e);

#endif
