/*
 * Tables of numbers as text: a line a row, values between separators, names in the first line where
 * there is a header. Empty lines and those that begin with '#' count for nothing. A value may stand in
 * double quotes, "" being one of them (RFC 4180), but not go on in the next line. Numbers are those of
 * strtod in the C locale, whatever the user's is, without its hexadecimal ones.
 */
#ifndef DATASETS_CSV_FILE_H
#define DATASETS_CSV_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/parameter.h"

struct csv_options {
    const char *path;
    char separator; /* ' ': any number of blanks and tabs */
    bool header;
    struct texts columns; /* those that are read, by name or number from 1; none: all but `label` */
    const char *label;    /* the column with labels, likewise; NULL: none */
};

struct csv_table {
    int64_t file_bytes;
    int64_t rows; /* at least one */
    int columns;
    const double *values;  /* (rows, columns), finite */
    const int32_t *lines;  /* (rows), from 1 */
    const int64_t *labels; /* (rows), from 0; NULL: none */
    const char *const
        *class_names; /* where a label is not a whole number: the different ones, sorted;
                                       `labels` are their places in it. Else NULL */
};

/*
 * Reads a whole table; what it points to lives in `arena`. Errors: NO_INPUT, IO; DATA, as in
 * "points.csv:14:7: 'abc' is not a finite number"; CONFIG where a column is not there or `header` does
 * not fit, and `wrong` names that option.
 */
bool csv_read(const struct csv_options *options, struct arena *arena, struct csv_table *table,
              const char **wrong, struct error *error);

#endif
