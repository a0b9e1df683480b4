/* Points that are drawn, one after the other: what ring, grid, moons and the others have in common.
 */
#ifndef DATASETS_POINTS_H
#define DATASETS_POINTS_H

#include "base/random.h"
#include "datasets/select.h"

enum { POINTS_CLASSES_MOST = 65536, POINTS_AXES_MOST = 16 };

/* What the options of such a source begin with. */
struct points_options {
    struct dataset_options common;
    int64_t count;
    double sigma; /* standard deviation along each axis, where the source has one for all points */
};

struct points {
    int axes;    /* coordinates of a point, at most POINTS_AXES_MOST */
    int classes; /* labels are 0 to classes - 1; 0: there are none */
    /* Draws a point into `at` (axes) and returns its label. */
    int32_t (*draw)(const void *options, struct random_stream *stream, double *at);
    /* Of a mixture of Gaussians, one a class: where the one of this label lies, and its deviation
     * (NULL: the options' sigma). Where there is no `draw`, each is as likely. */
    void (*centre)(const void *options, int32_t label, double *at);
    double (*deviation)(const void *options, int32_t label);
};

/* For the row of a source that has `points`: shape [axes], float32, all drawn by the seed alone. */
dataset_function points_peek, points_load;

/* Uniform in (0, 1), with 53 random bits. */
double points_uniform(struct random_stream *stream);

/* Adds a normal deviate times `sigma` to each coordinate. */
void points_scatter(struct random_stream *stream, double sigma, int axes, double *at);

/* The rows. */
#define POINTS_SIGMA_ROW(name_text, default_text, doc_text)                                        \
    {                                                                                              \
        .name = name_text, .type = PARAMETER_NUMBER,                                               \
        .offset = offsetof(struct points_options, sigma), .standard = default_text, .low = 0,      \
        .high = 1e6, .doc = doc_text                                                               \
    }
#define POINTS_ROWS                                                                                \
    {.name = "count",                                                                              \
     .type = PARAMETER_INTEGER,                                                                    \
     .offset = offsetof(struct points_options, count),                                             \
     .standard = "100000",                                                                         \
     .low = 1,                                                                                     \
     .high = 100000000,                                                                            \
     .unit = "points",                                                                             \
     .doc = "points drawn, once, before training"},                                                \
        SELECT_DRAWN_ROWS

#endif
