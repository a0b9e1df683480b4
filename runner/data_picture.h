/*
 * A picture of a data set's examples: a grid of images, a class a row where there are labels, or
 * points of the plane, coloured by their classes. Examples are evenly chosen.
 */
#ifndef RUNNER_DATA_PICTURE_H
#define RUNNER_DATA_PICTURE_H

#include "datasets/statistics.h"
#include "runner/export.h"

enum { PICTURE_CLASSES_MOST = 32, PICTURE_COUNT_MOST = 100000 };

struct data_picture {
    const struct dataset *dataset;
    const struct statistics *statistics;
    const char *title; /* of points */
    const char *path;
    int64_t
        count; /* examples: of images with labels, of each class; 0: 10 of each class, 64 images,
                      5000 points */
    struct export_way way;
    struct arena *arena;
};

/* Draws it, and returns what it shows, in the arena. NULL: STATUS_USAGE where examples of this shape
 * have no picture, the ending of the path is none of theirs or a file is there; STATUS_NO_DEVICE
 * where points want a gnuplot that is not there; STATUS_IO, STATUS_DATA. */
const char *data_picture_draw(const struct data_picture *picture, struct error *error);

#endif
