/*
 * Examples, and labels for them, from two arrays: what all sources in files have in common.
 *
 * An array [n, height, width] or [n, height, width, channels] holds images, one [n, d] or [n]
 * vectors. uint8 stays bytes, which come as [-1, 1] for 0 to 255. With `values`, numbers of any type
 * are checked against that range and mapped to [-1, 1]; else floats stay as they are.
 */
#ifndef DATASETS_EXAMPLES_H
#define DATASETS_EXAMPLES_H

#include "datasets/array.h"
#include "datasets/select.h"

struct examples {
    struct array x, y; /* what examples are made of; labels, where `has_y` */
    bool has_y;
    const struct dataset *known;    /* what shape and classes must be; NULL: whatever they are */
    const char *const *class_names; /* of all labels up to the greatest; NULL: they have none */
};

/* Opens the arrays of a request; what is opened and allocated lives as long as `scratch`. `examples`
 * comes zeroed. Errors as dataset_load's. */
typedef bool examples_open(const struct dataset_request *request, struct examples *examples,
                           struct arena *scratch, struct dataset *dataset, struct error *error);

/* For the row of a source that has `open`, and options that begin with a struct examples_options (a
 * struct dataset_options where shape and classes are known). */
dataset_function examples_peek, examples_load;

/* What the options of a source of arrays begin with, and the rows. */
enum examples_layout { LAYOUT_CHANNELS_LAST, LAYOUT_CHANNELS_FIRST };
struct examples_options {
    struct dataset_options common;
    struct numbers values; /* lowest and highest; none: as above */
    int layout;            /* enum examples_layout */
};
#define EXAMPLES_VALUES_ROW                                                                        \
    {                                                                                              \
        .name = "values", .type = PARAMETER_NUMBERS,                                               \
        .offset = offsetof(struct examples_options, values), .standard = "",                       \
        .doc = "lowest and highest number that there may be: they become -1 and 1. Without it "    \
               "bytes count as [0, 255], and floats stay as they are"                              \
    }
#define EXAMPLES_LAYOUT_ROW                                                                        \
    {                                                                                              \
        .name = "layout", .type = PARAMETER_CHOICE,                                                \
        .offset = offsetof(struct examples_options, layout), .standard = "channels_last",          \
        .choices = "channels_last channels_first",                                                 \
        .doc = "of images with four axes: [n, height, width, channels], or "                       \
               "[n, channels, height, width]"                                                      \
    }
#define EXAMPLES_ROWS SELECT_FILE_ROWS, EXAMPLES_VALUES_ROW, EXAMPLES_LAYOUT_ROW

/*
 * A set that was published as four files (train and test, images and labels), found in a folder:
 * the parameters and functions of its row, which gives `files`, `get` and `known`.
 */
struct published_options {
    struct dataset_options common;
    const char *path;
};
extern const struct parameter published_parameters[];
examples_open published_open;
dataset_function published_peek;

/* Of a data set whose files are `missing`: what is `known` of it, and how many of its examples the options
 * leave. */
bool known_peek(const struct dataset_request *request, const struct dataset *known,
                const struct error *missing, struct arena *arena, struct dataset *dataset,
                struct error *error);

#endif
