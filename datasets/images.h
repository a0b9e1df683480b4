/* Images, and labels for them, from two IDX files: what mnist, fashion-mnist and idx have in
 * common. */
#ifndef DATASETS_IMAGES_H
#define DATASETS_IMAGES_H

#include "datasets/dataset.h"

struct images {
    const char *images, *labels; /* paths; labels may be NULL */
    const struct dataset *known; /* what shape and classes must be; NULL: whatever the files say */
    int64_t limit;               /* at most so many of those kept; 0: all */
    struct numbers classes;      /* labels to keep; none: all. Labels keep their numbers */
};

/* Fills `dataset`; without `decode` values and labels stay NULL. Errors as dataset_load's. */
bool images_read(const struct images *images, bool decode, struct arena *arena,
                 struct dataset *dataset, struct error *error);

/* The row of `limit` and `classes`, in an options struct of this type. */
#define IMAGES_LIMIT_ROW(options)                                                                  \
    {                                                                                              \
        .name = "limit", .type = PARAMETER_INTEGER, .offset = offsetof(options, limit),            \
        .standard = "", .low = 1, .high = INT32_MAX, .unit = "images",                             \
        .doc = "use only the first so many of the images that are kept"                            \
    }
#define IMAGES_CLASSES_ROW(options)                                                                \
    {                                                                                              \
        .name = "classes", .type = PARAMETER_NUMBERS, .offset = offsetof(options, classes),        \
        .standard = "", .low = 0, .high = 65535,                                                   \
        .doc = "keep only images with these labels; labels keep their numbers"                     \
    }

/*
 * A set that was published as four files (train and test, images and labels), found in a folder:
 * the parameters and functions of its row, which gives `files`, `get` and `known`.
 */
struct published_options {
    int split; /* 0 train, 1 test */
    int64_t limit;
    struct numbers classes;
    const char *path;
};
extern const struct parameter published_parameters[];
dataset_function published_peek, published_load;

#endif
