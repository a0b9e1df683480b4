/*
 * Parts of a run in the formats of other programs: safetensors, NPY, CSV, TensorBoard's event files,
 * PNG. Files are whole or not there, and none is overwritten unless that is wanted.
 */
#ifndef RUNNER_EXPORT_H
#define RUNNER_EXPORT_H

#include "runner/store_checkpoint.h"
#include "runner/store_record.h"
#include "runner/store_sample.h"

/* How files are written. */
struct export_way {
    const struct file_calls *calls; /* NULL: the system's own */
    bool force;                     /* files that exist are replaced */
    const char *option;             /* that names the path; NULL: "--out" */
};

/* Refuses where a file is there (STATUS_USAGE). */
bool export_is_free(const struct export_way *way, const char *path, struct error *e);
/* The same, and makes the folders above `path`. */
bool export_begin(const struct export_way *way, const char *path, struct error *e);
/* Writes a file whole. */
bool export_file(const struct export_way *way, const char *path, const void *bytes, size_t size,
                 struct error *e);

/* One array as NPY (format 1.0): little-endian, row by row. */
bool export_npy(const struct export_way *way, const char *path, const struct store_array *array,
                struct error *e);

/* Arrays as one safetensors file, with `metadata` as its pairs of texts, name before value, ended by
 * NULL. Arrays are called by their paths. */
bool export_safetensors(const struct export_way *way, const char *path, int count,
                        const struct store_array *arrays, const char *const *metadata,
                        struct error *e);

/* One line of names, then one a row of the record; what is not there is empty (RFC 4180). */
bool export_csv(const struct export_way *way, const char *path, const struct record *record,
                struct error *e);

/* TensorBoard's event file: scalars by their names. The record knows no times: rows are spread
 * evenly by their steps from `started` to `ended`, in seconds since 1970. */
bool export_events(const struct export_way *way, const char *path, const struct record *record,
                   double started, double ended, struct error *e);

#endif
