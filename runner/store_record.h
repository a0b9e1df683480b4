/*
 * metrics.jsonl, read: the record of a run as columns. Curves, tables and what is derived from the
 * record are made of it.
 */
#ifndef RUNNER_STORE_RECORD_H
#define RUNNER_STORE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct record_column {
    const char *name;
    double *value; /* (rows) nan where a line has none */
    size_t room;
};

struct record {
    const char *path;
    int64_t rows;
    int64_t *step; /* (rows) */
    int columns;   /* in the order of their first appearance */
    struct record_column *column;
    size_t step_room;
    int64_t read; /* bytes: whole lines */
    char *last;   /* the last of these lines, to be found again */
    size_t last_length;
    struct arena *arena; /* of names and the list of columns */
};

/* An empty record of FOLDER/metrics.jsonl; released with the arena. */
struct record *record_new(struct arena *arena, const char *folder);

/* Adds all lines that have ended since the last call. Where what was read is not there any more (the
 * run was gone on with from an earlier checkpoint) it begins again. STATUS_NO_INPUT: no such file;
 * STATUS_DATA: a line is not what it should be. */
bool record_read(struct record *record, struct error *e);

/* Reads the last whole line alone, into an empty record; none where there is none. */
bool record_read_last(struct record *record, struct error *e);

/* The column called `name`, or NULL. The newest value of a column, or nan. */
const struct record_column *record_find(const struct record *record, const char *name);
double record_newest(const struct record *record, const struct record_column *column);

#endif
