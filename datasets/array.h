/*
 * An array in a file of any format: what examples and labels are read from. A format fills it in
 * once it has compared what the file announces with the file's length; examples.h makes a data set
 * of it.
 */
#ifndef DATASETS_ARRAY_H
#define DATASETS_ARRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Element types, their bytes and names; OTHER: one that is not read. */
#define ARRAY_TYPE_LIST(X)                                                                         \
    X(UINT8, 1, "uint8")                                                                           \
    X(INT32, 4, "int32")                                                                           \
    X(INT64, 8, "int64")                                                                           \
    X(FLOAT32, 4, "float32")                                                                       \
    X(FLOAT64, 8, "float64")                                                                       \
    X(OTHER, 0, NULL)

enum array_type {
#define X(name, bytes, text) ARRAY_##name,
    ARRAY_TYPE_LIST(X)
#undef X
};
enum { ARRAY_RANK_MOST = 8 };

struct array {
    const char *name;   /* what messages call it: its path, or "'/x' in 'a.h5'" */
    const char *path;   /* of the file */
    int64_t file_bytes; /* on the disk */
    enum array_type type;
    const char *type_name;           /* "uint8"; what the format calls a type that is not read */
    int rank;                        /* from 1 */
    int64_t extent[ARRAY_RANK_MOST]; /* from 1; their product times the type's bytes is an int64 */
    bool fortran;                    /* the first axis lies closest in memory, not the last */
    const int32_t *lines; /* (extent[0]) of a text file, for messages; NULL: there are none */
    void *file;           /* the format's own */
    /* Reads the first `count` entries of the first axis, or the whole of one that is `fortran`, in
     * this machine's order of bytes. At most once. */
    bool (*read)(struct array *array, int64_t count, void *destination, struct error *error);
};

/* Bytes of one element. */
int64_t array_type_bytes(enum array_type type);
/* "uint8"; NULL for OTHER. */
const char *array_type_name(enum array_type type);

/* Elements in one entry of the first axis; bytes of the whole. */
int64_t array_entry_size(const struct array *array);
int64_t array_bytes(const struct array *array);

/* "[60000, 28, 28]", in `arena`. */
const char *array_shape(const struct array *array, struct arena *arena);

/* Turns the bytes of each of `count` elements of 1, 4 or 8 bytes around. */
void array_swap(void *elements, int64_t count, int64_t bytes);

#endif
