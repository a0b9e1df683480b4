/*
 * What the sources of image files have in common: options, and from a collection to a data set, by way of
 * the cache.
 */
#ifndef DATASETS_IMAGES_H
#define DATASETS_IMAGES_H

#include "datasets/listing.h"
#include "datasets/select.h"

/* What to do with a damaged image. */
enum images_on_error { ON_ERROR_STOP, ON_ERROR_SKIP };
enum images_colours { COLOURS_RGB, COLOURS_GREY };

struct images_options {
    struct dataset_options common;
    const char *path;
    const char *domain;
    int colours;               /* enum images_colours */
    struct extents size, crop; /* [height, width], or a number for both; rank 0: not given */
    int pairs;                 /* enum view_pairs */
    bool flip;
    int64_t padding;
    struct extents random_crop;
    int64_t max_pixels;
    int on_error; /* enum images_on_error */
    bool cache;
};

/* For a row with such options. Its `files` are names of which one is looked for, the best first; without
 * them, `path` is the collection. `known` has train, test, val; those of no examples are not there. */
dataset_function images_peek, images_load;
struct view images_view(const void *options);

/* The rows; `default_pairs` is one of "none", "left", "right". */
#define IMAGES_SPLIT_ROW SELECT_SPLIT_ROW("train held_out test val")
#define IMAGES_SELECT_ROWS                                                                         \
    IMAGES_SPLIT_ROW, SELECT_HOLD_OUT_ROW, SELECT_LIMIT_ROW, SELECT_CLASSES_ROW
#define IMAGES_FOLDER_ROW                                                                          \
    {                                                                                              \
        .name = "path", .type = PARAMETER_PATH, .offset = offsetof(struct images_options, path),   \
        .standard = "", .doc = "a folder that holds the file; $DUEL_DATA goes before it"           \
    }
#define IMAGES_PAIRS_ROW(default_pairs)                                                            \
    {                                                                                              \
        .name = "pairs", .type = PARAMETER_CHOICE,                                                 \
        .offset = offsetof(struct images_options, pairs), .standard = default_pairs,               \
        .choices = "none left right",                                                              \
        .doc = "two images side by side in each file: x is this one, 'condition' the other"        \
    }
#define IMAGES_ROWS                                                                                \
    {.name = "colours",                                                                            \
     .type = PARAMETER_CHOICE,                                                                     \
     .offset = offsetof(struct images_options, colours),                                           \
     .standard = "rgb",                                                                            \
     .choices = "rgb grey",                                                                        \
     .doc = "three channels, grey repeated; or one, colours by their luma. What is transparent "   \
            "is shown on white, 16 bits become 8"},                                                \
        {.name = "crop",                                                                           \
         .type = PARAMETER_SHAPE,                                                                  \
         .offset = offsetof(struct images_options, crop),                                          \
         .standard = "",                                                                           \
         .aliases = "center_crop centre_crop",                                                     \
         .unit = "pixels",                                                                         \
         .doc = "[height, width], or a number for both, cut out of the middle, before 'size'"},    \
        {.name = "size",                                                                           \
         .type = PARAMETER_SHAPE,                                                                  \
         .offset = offsetof(struct images_options, size),                                          \
         .standard = "",                                                                           \
         .aliases = "image_size img_size resize resolution",                                       \
         .unit = "pixels",                                                                         \
         .doc = "[height, width], or a number for both: images are resized, antialiased, to "      \
                "cover it, and cut in the middle. Without it all must be of one size"},            \
        {.name = "flip",                                                                           \
         .type = PARAMETER_BOOL,                                                                   \
         .offset = offsetof(struct images_options, flip),                                          \
         .standard = "false",                                                                      \
         .aliases = "horizontal_flip random_flip RandomHorizontalFlip hflip mirror",               \
         .doc = "mirror half of the images, drawn anew each time, left to right"},                 \
        {.name = "padding",                                                                        \
         .type = PARAMETER_INTEGER,                                                                \
         .offset = offsetof(struct images_options, padding),                                       \
         .standard = "0",                                                                          \
         .low = 0,                                                                                 \
         .high = 1024,                                                                             \
         .unit = "pixels",                                                                         \
         .doc = "black pixels on each side, before 'random_crop', which without being given is "   \
                "the image's own size"},                                                           \
        {.name = "random_crop",                                                                    \
         .type = PARAMETER_SHAPE,                                                                  \
         .offset = offsetof(struct images_options, random_crop),                                   \
         .standard = "",                                                                           \
         .unit = "pixels",                                                                         \
         .doc = "[height, width], or a number for both, cut out at a place that is drawn anew "    \
                "each time"},                                                                      \
        {.name = "max_pixels",                                                                     \
         .type = PARAMETER_INTEGER,                                                                \
         .offset = offsetof(struct images_options, max_pixels),                                    \
         .standard = "89478485",                                                                   \
         .low = 1,                                                                                 \
         .high = 1 << 30,                                                                          \
         .unit = "pixels",                                                                         \
         .doc = "an image that says it is larger is damaged: no memory is taken for it"},          \
        {.name = "on_error",                                                                       \
         .type = PARAMETER_CHOICE,                                                                 \
         .offset = offsetof(struct images_options, on_error),                                      \
         .standard = "stop",                                                                       \
         .choices = "stop skip",                                                                   \
         .doc = "what a damaged image does: it stops, or is counted and left out"},                \
    {                                                                                              \
        .name = "cache", .type = PARAMETER_BOOL, .offset = offsetof(struct images_options, cache), \
        .standard = "true",                                                                        \
        .doc = "keep the decoded images in $XDG_CACHE_HOME/duel ('duel cache'), so that the "      \
               "next run begins at once; false: in memory"                                         \
    }

#endif
