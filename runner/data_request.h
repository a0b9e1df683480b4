/* A data set that the command line names: a source, or a file, and its options by --set. */
#ifndef RUNNER_DATA_REQUEST_H
#define RUNNER_DATA_REQUEST_H

#include "datasets/dataset.h"
#include "runner/command.h"
#include "runner/config.h"

struct data_request {
    struct dataset_request request;
    const char *file;     /* that the operand names; NULL: it names a source */
    struct config *given; /* the options, with the file among them */
};

/* Examples that there are of a part of the data. */
struct data_split {
    const char *name;
    int64_t count;
};

/* Reads the first operand, --set and --seed. False, with diagnostics or `error`: STATUS_USAGE where
 * the operand is neither the name of a source nor a file with an ending that one of them reads. */
bool data_request_read(struct data_request *data, const struct arguments *arguments,
                       struct diagnostics *diagnostics, struct error *error);

/* Loads it, with its numbers as stored. An option that does not fit is told where it
 * was given. */
bool data_request_load(const struct data_request *data, struct arena *arena,
                       struct dataset *dataset, struct diagnostics *diagnostics,
                       struct error *error);

/* The values of `split` with which there are examples, otherwise with the same options. */
struct data_split *data_request_splits(const struct data_request *data, struct arena *arena,
                                       int *count);

#endif
