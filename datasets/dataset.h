/*
 * Data sets: what a source is called and takes, where its files are looked for, and its examples in
 * memory.
 *
 * A source is one `const struct dataset_row` in a file of its own, named once in datasets/list.h.
 * Examples are resident: images as uint8 [height, width, channels], channels last; points as
 * float32. Nothing here scales them: the program does.
 */
#ifndef DATASETS_DATASET_H
#define DATASETS_DATASET_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/parameter.h"
#include "datasets/view.h"

enum dataset_type { DATA_UINT8, DATA_FLOAT32 };

enum { SHA256_TEXT = 65, DATASET_FILES_MOST = 2 };

struct dataset_file {
    const char *path;
    int64_t size;             /* bytes on the disk */
    char sha256[SHA256_TEXT]; /* of those bytes, as sha256sum prints it; empty until dataset_hash */
};

struct dataset {
    int64_t count;        /* examples; 0: not known without the files (dataset_peek only) */
    struct extents shape; /* of one example: [28, 28, 1], [2] */
    enum dataset_type type;
    const char *stored; /* type of the values in the file, "float64"; NULL: they are drawn */
    double low, high;   /* numbers of the file that become -1 and 1; both 0: they stay */
    int classes;        /* labels are 0 to classes - 1; 0: there are no labels */
    const char *const *class_names; /* (classes); NULL: they have no names */
    const void *values;             /* (count, shape…); NULL after dataset_peek */
    const int32_t *labels;          /* (count); NULL: none, or after dataset_peek */
    int file_count;
    struct dataset_file files[DATASET_FILES_MOST];
    char sha256[SHA256_TEXT]; /* of values, then labels, as they lie in memory; empty until
                                 dataset_hash */
    const struct error
        *missing; /* dataset_peek: why there are no files though the shape is known; else NULL */
    const char *wrong; /* after a failure: the option that does not fit the data, or NULL */
};

enum dataset_split { SPLIT_TRAIN, SPLIT_HELD_OUT, SPLIT_TEST, SPLIT_VAL };

/* What the options struct of every row begins with: which examples are used; datasets/select.h has
 * their rows. */
struct dataset_options {
    int split;             /* enum dataset_split */
    double hold_out;       /* share of the examples that is kept apart */
    int64_t limit;         /* at most so many; 0: all */
    struct labels classes; /* those to keep; none: all. Labels keep their numbers */
};

/* The folders in which folders of sources are looked for, in this order; data.path comes after the
 * first. NULL: not set. */
struct dataset_search {
    const char *environment; /* $DUEL_DATA */
    const char *user;        /* $XDG_DATA_HOME/duel/datasets, or ~/.local/share/duel/datasets */
    const char *system;      /* /usr/share/datasets */
};

/* Who is told what loading does where that takes long. It may be called from several threads. */
struct dataset_listener {
    /* A line about what begins; one about what is not as it should be. */
    void (*tell)(void *context, const char *line);
    void (*warn)(void *context, const char *line);
    /* `done` of `all` images of `what` are decoded; done == all: that was the last. */
    void (*progress)(void *context, const char *what, int64_t done, int64_t all);
    void *context;
};

/* What is to be had. All that it points to must live until dataset_load returns or dataset_finish
 * has been called. */
struct dataset_request {
    const struct dataset_row *row;
    const void *options; /* the row's options struct; it begins with a struct dataset_options */
    uint64_t seed;       /* for sources that are drawn, and for what is held out */
    const struct dataset_search *search;
    const struct dataset_listener *listener; /* NULL: nobody */
    const atomic_bool *stop; /* becomes true where nobody waits any more; NULL: somebody does */
    bool as_stored; /* for who looks at the numbers of a file: they are not mapped to [-1, 1], and
                       those that are not finite are let through */
};

/* A file as it was published. */
struct fetch_file {
    const char *name; /* in the mirrors' folders, and on the disk */
    int64_t bytes;
    const char *sha256;
};

/* Where a data set can be fetched (datasets/fetch.h): its mirrors, and its files as published, ended by one
 * without a name. */
struct dataset_remote {
    const char *const *mirrors; /* addresses of folders, ended by NULL */
    struct fetch_file files[5];
};

struct examples; /* datasets/examples.h */
struct points;   /* datasets/points.h */
typedef bool dataset_function(const struct dataset_request *request, struct arena *arena,
                              struct dataset *dataset, struct error *error);

struct dataset_row {
    const char *name; /* as in `data: {source: name}`, and the name of its folder */
    const char *doc;  /* one line */
    const char *citation;
    const char *licence;
    const char *aliases; /* what other programs call it, for hints; NULL: nothing else */
    const struct parameter *parameters; /* ended by one without a name */
    size_t options_size;                /* of the struct that `parameters` have offsets in */
    const char *const
        *files; /* ended by NULL, each as it is or with .gz: train images, train labels,
                                 test images, test labels; or names of archives of images, of which
                                 one is there, the best first. NULL: drawn, or named by parameters */
    const struct dataset_remote *remote; /* NULL: it cannot be fetched */
    const char *endings; /* of files that may stand for the first parameter, separated by spaces:
                            ".h5 .hdf5"; NULL: there are none */
    bool folders;        /* a folder may stand for it, too */
    const char *get;     /* what to do when they are missing; NULL: there is nothing to get */
    const struct dataset *
        known; /* train and test (of images also val), as published: known without files; NULL: nothing is */
    struct view (*view)(const void *options); /* what programs see of examples; NULL: all of them */
    dataset_function *peek, *load;
    /* Of a source of arrays (datasets/examples.h), whose peek and load call it. */
    bool (*open)(const struct dataset_request *request, struct examples *examples,
                 struct arena *scratch, struct dataset *dataset, struct error *error);
    /* Of a source of points that are drawn (datasets/points.h), likewise. */
    bool (*points)(const struct dataset_request *request, struct points *points,
                   struct dataset *dataset, struct error *error);
    bool alone; /* its library is not safe for threads: dataset_start leaves it to dataset_finish */
};

/* All rows, in the order of datasets/list.h, ended by NULL. */
extern const struct dataset_row *const dataset_rows[];

/* The row called `name`, or NULL; the one whose `endings` has that of the file, or that takes the folder, or NULL. */
const struct dataset_row *dataset_find(const char *name);
const struct dataset_row *dataset_find_file(const char *path);

/* The folders of this user and machine, from the environment; texts live in `arena`. */
struct dataset_search dataset_search_here(struct arena *arena);

/*
 * Shape, type, classes and count without the values: reads the headers of the files, and labels
 * where classes or count depend on them. Where the files are missing but the shape is known (mnist,
 * fashion-mnist) it succeeds and `missing` says why. Texts live in `arena`. Errors as
 * dataset_load's.
 */
dataset_function dataset_peek;

/*
 * Reads or draws the whole data set; values and labels belong to `arena`. Errors: NO_INPUT (files
 * missing or not readable; the message lists each folder), DATA (not what they should be), IO,
 * SYSTEM (too large for the memory), CONFIG (options that do not fit the data: dataset->wrong names
 * one). With `limit`, the rest of a gzipped file is not read, so that its check sum is not compared.
 */
dataset_function dataset_load;

/*
 * The same in a thread, beside other work: start, then finish exactly once or not at all; `arena`
 * owns the data and joins the thread when it is freed. Signals are left to the other threads. Where
 * no thread can be had, or row->alone, dataset_finish does the work.
 */
struct dataset_loading *dataset_start(const struct dataset_request *request, struct arena *arena);
bool dataset_finish(struct dataset_loading *loading, struct dataset *dataset, struct error *error);

/*
 * Fills in all `sha256` that are empty by reading the files and values once more (about 0.1 s for MNIST). Off the
 * critical path: it may run in a thread of its own while others read values and labels, as it
 * writes nothing but those texts.
 */
bool dataset_hash(struct dataset *dataset, struct error *error);

/* Of a source that is a mixture of round Gaussians: its modes. */
struct dataset_modes {
    int64_t count;
    int axes;
    const double *centre;    /* (count, axes) */
    const double *deviation; /* (count) along each axis */
};
/* False where the source is none. They live in `arena`; no files are read. */
bool dataset_modes(const struct dataset_request *request, struct arena *arena,
                   struct dataset_modes *modes);

/* The number of values in one example. */
int64_t dataset_example_size(const struct dataset *dataset);

#endif
