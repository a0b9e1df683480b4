/*
 * IDX files, plain or gzipped: arrays of up to four axes after a header of big-endian words (LeCun,
 * Cortes, Burges, "The MNIST database of handwritten digits"): 0, 0, type, rank, then an extent an
 * axis.
 *
 * What a header announces is compared with the length of the file before any memory is taken for
 * it.
 */
#ifndef DATASETS_IDX_FILE_H
#define DATASETS_IDX_FILE_H

#include <stdint.h>

#include <zlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "datasets/array.h"

/* The types of the format: name, code, bytes, what they are called in messages. */
#define IDX_TYPE_LIST(X)                                                                           \
    X(UINT8, 0x08, 1, "uint8")                                                                     \
    X(INT8, 0x09, 1, "int8")                                                                       \
    X(INT16, 0x0b, 2, "int16")                                                                     \
    X(INT32, 0x0c, 4, "int32")                                                                     \
    X(FLOAT32, 0x0d, 4, "float32")                                                                 \
    X(FLOAT64, 0x0e, 8, "float64")

enum idx_type {
#define X(name, code, bytes, text) IDX_##name = code,
    IDX_TYPE_LIST(X)
#undef X
};

enum { IDX_RANK_MOST = 4, IDX_SHAPE_TEXT = 64 };

struct idx_file {
    const char *path;
    gzFile stream; /* reads plain files as they are */
    int handle;    /* belongs to `stream` */
    int64_t size;  /* of the file on the disk */
    enum idx_type type;
    int rank;
    int64_t extent[IDX_RANK_MOST];
    char shape[IDX_SHAPE_TEXT]; /* "[60000, 28, 28]" */
    int64_t bytes;              /* of the array */
};

/* "uint8", … */
const char *idx_type_name(enum idx_type type);

/* Opens `path`, reads the header and checks the length. The file is closed when `arena` is freed.
 * `path` must live as long. */
bool idx_open(struct idx_file *file, const char *path, struct arena *arena, struct error *error);

/* Reads the first `bytes` of the array, as they lie in the file, and where these are all checks
   that the file ends there and the check sum of gzip. Once a file. */
bool idx_read(struct idx_file *file, void *destination, int64_t bytes, struct error *error);

/* Opens `path` as an array. It and the file live as long as `arena`. */
bool idx_open_array(struct array *array, const char *path, struct arena *arena,
                    struct error *error);

#endif
