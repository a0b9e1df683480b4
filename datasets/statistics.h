/* What the values of a data set are like, and how often each label is there. */
#ifndef DATASETS_STATISTICS_H
#define DATASETS_STATISTICS_H

#include "datasets/dataset.h"

/* Of numbers that are finite; all 0 where there are none. */
struct moments {
    int64_t count, not_finite;
    double low, high, mean, deviation; /* the deviation's square is a mean over `count` */
};

enum { STATISTICS_PARTS = 4 };
struct statistics {
    struct moments all;
    int parts; /* channels of images, coordinates of points; 0 where there are more than
                  STATISTICS_PARTS */
    struct moments part[STATISTICS_PARTS];
    int64_t *label_count; /* (dataset->classes); NULL: there are no labels */
    int64_t bytes;        /* of values and labels in memory */
};

/* Of values as they lie in memory. `label_count` lives in `arena`. */
struct statistics dataset_statistics(const struct dataset *dataset, struct arena *arena);

/* The same moments of scale * x + offset, for a `scale` above 0. */
struct moments moments_map(struct moments moments, double scale, double offset);

#endif
