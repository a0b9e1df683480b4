/* Points drawn from a mixture of equal round Gaussians: what ring and grid have in common. */
#ifndef DATASETS_POINTS_H
#define DATASETS_POINTS_H

#include "datasets/dataset.h"

enum { POINTS_MODES_MOST = 65536 };

struct points {
    int64_t count, modes;
    double sigma;
    /* The centre of a mode. */
    void (*centre)(const void *options, int64_t mode, double at[2]);
    const void *options;
};

/* Shape [2], float32, one class a mode; without values. */
void points_describe(const struct points *points, struct dataset *dataset);

/*
 * The same with values (count, 2) and labels (count), the number of the point's mode: a mode, each
 * as likely, and a normal deviate for each axis, drawn by `seed` alone; owned by `arena`.
 */
void points_draw(const struct points *points, uint64_t seed, struct arena *arena,
                 struct dataset *dataset);

/* The rows of `sigma` and `count`, in an options struct of this type. */
#define POINTS_SIGMA_ROW(options, default_text)                                                    \
    {                                                                                              \
        .name = "sigma", .type = PARAMETER_NUMBER, .offset = offsetof(options, sigma),             \
        .standard = default_text, .low = 0, .high = 1e6,                                           \
        .doc = "standard deviation of each mode, along each axis"                                  \
    }
#define POINTS_COUNT_ROW(options)                                                                  \
    {                                                                                              \
        .name = "count", .type = PARAMETER_INTEGER, .offset = offsetof(options, count),            \
        .standard = "100000", .low = 1, .high = 100000000, .unit = "points",                       \
        .doc = "points drawn, once, before training"                                               \
    }

#endif
