/*
 * HDF5 as duel uses it: written in memory and then as one atomic file, read without trust.
 *
 * Writing: object times off, links indexed in the order of creation (groups keep the order of
 * layers), format of HDF5 1.8 with checksums over all metadata: the same content gives the same
 * bytes. Reading: soft, external and user-defined links, objects linked twice, external storage,
 * virtual layouts, filters other than shuffle, deflate and fletcher32, other types than those
 * below, and sizes that the file cannot hold are refused before memory is taken for them. HDF5's
 * library is not safe for threads: all of this is called from one thread.
 */
#ifndef FILES_HDF5_H
#define FILES_HDF5_H

#include "files/file.h"

/* Element types: name, name in files and messages, C type. All little-endian. */
#define STORE_TYPE_LIST(X)                                                                         \
    X(FLOAT32, "float32", float)                                                                   \
    X(FLOAT64, "float64", double)                                                                  \
    X(INT32, "int32", int32_t)                                                                     \
    X(INT64, "int64", int64_t)                                                                     \
    X(UINT8, "uint8", uint8_t)

enum store_type {
#define X(name, text, type) STORE_##name,
    STORE_TYPE_LIST(X)
#undef X
};
enum { STORE_RANK_MOST = 8, STORE_PATH_MOST = 1024 };

/* A named array, row-major. Rank 0 is one number. */
struct store_array {
    const char *path; /* "parameters/generator/linear_1/weight": groups, then the data set; no
                         leading slash */
    enum store_type type;
    int rank;
    int64_t extent[STORE_RANK_MOST];
    const void *data; /* product of extents elements */
};

size_t store_type_size(enum store_type type);
const char *store_type_name(enum store_type type);
/* The number of elements, or -1 where the extents are negative or their product has more than 2^62
 * bytes. */
int64_t store_count(const struct store_array *array);

/* ---- Writing. Errors are kept: after the first one further calls do nothing, and hdf5_save says
 * false. ---- */

struct hdf5_writer;

enum hdf5_layout {
    HDF5_CONTIGUOUS, /* raw at one offset of the file */
    HDF5_COMPRESSED, /* chunks; shuffle, deflate, fletcher32 */
};

/* A new file in memory; released with the arena. `e` is kept and outlives the writer. */
struct hdf5_writer *hdf5_writer_new(struct arena *arena, struct error *e);

/* An array, and the groups above it. */
void hdf5_add(struct hdf5_writer *writer, const struct store_array *array, enum hdf5_layout layout);
/* A text (UTF-8) as a scalar data set. */
void hdf5_add_text(struct hdf5_writer *writer, const char *path, const char *text);
/* A group and those above it; nothing where it exists. */
void hdf5_add_group(struct hdf5_writer *writer, const char *path);

/* Attributes of a group or data set that exists; "" is the file itself (its root group). */
void hdf5_set_integer(struct hdf5_writer *writer, const char *path, const char *name,
                      int64_t value);
void hdf5_set_bytes(struct hdf5_writer *writer, const char *path, const char *name, int count,
                    const uint8_t *values);
void hdf5_set_text(struct hdf5_writer *writer, const char *path, const char *name,
                   const char *text);

/* Makes the 1-D array at `scale` a dimension scale, and the coordinate of `axis` of the array at
 * `path`. */
void hdf5_set_scale(struct hdf5_writer *writer, const char *path, int axis, const char *scale);

/* Writes the file atomically. The writer takes no more calls after this one. */
bool hdf5_save(struct hdf5_writer *writer, const struct file_calls *calls, const char *path);

/* ---- Reading. ---- */

struct hdf5_reader;

/* Opens a file read-only (it is read into memory, so that it may change meanwhile); released with the
 * arena. */
struct hdf5_reader *hdf5_open(struct arena *arena, const char *path, struct error *e);
/* The same without reading it: for files larger than what is wanted of them. */
struct hdf5_reader *hdf5_open_in_place(struct arena *arena, const char *path, struct error *e);

/* Bytes of the file. */
int64_t hdf5_size(const struct hdf5_reader *reader);

/* Whether there is a group or data set of this path (through hard links alone); an attribute of it.
 */
bool hdf5_has(struct hdf5_reader *reader, const char *path);
bool hdf5_has_attribute(struct hdf5_reader *reader, const char *path, const char *name);

/* Type, rank and extents of a data set, checked; takes no memory, data stays NULL. `offset` is
   where its bytes begin in the file, or -1 where they are not contiguous; may be NULL. */
bool hdf5_describe(struct hdf5_reader *reader, const char *path, struct store_array *array,
                   int64_t *offset, struct error *e);
/* The same with its data, in the arena. */
bool hdf5_read(struct hdf5_reader *reader, struct arena *arena, const char *path,
               struct store_array *array, struct error *e);
/* The first `count` entries of the first axis of an array that hdf5_describe has described, into
 * `destination`. */
bool hdf5_read_first(struct hdf5_reader *reader, const struct store_array *array, int64_t count,
                     void *destination, struct error *e);
const char *hdf5_read_text(struct hdf5_reader *reader, struct arena *arena, const char *path,
                           struct error *e);

/* The paths of all arrays under a group, in the order in which they were written; refused where they
 * say to be larger than the file together. */
bool hdf5_list(struct hdf5_reader *reader, struct arena *arena, const char *path, int *count,
               const char *const **paths, struct error *e);
bool hdf5_get_integer(struct hdf5_reader *reader, const char *path, const char *name,
                      int64_t *value, struct error *e);
const char *hdf5_get_text(struct hdf5_reader *reader, struct arena *arena, const char *path,
                          const char *name, struct error *e);

/* "1.10.8": for run.json. */
const char *hdf5_version(struct arena *arena);

#endif
