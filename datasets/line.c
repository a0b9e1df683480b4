/* A straight line: a distribution without density in the plane (Arjovsky et al. 2017, example 1). */
#include "datasets/points.h"

struct line_options {
    struct points_options points;
    struct numbers from, to;
};

static const struct parameter parameters[] = {
    {.name = "from",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct line_options, from),
     .standard = "[0, 0]",
     .low = -1e6,
     .high = 1e6,
     .doc = "one end"},
    {.name = "to",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct line_options, to),
     .standard = "[0, 1]",
     .low = -1e6,
     .high = 1e6,
     .doc = "the other end, with as many coordinates"},
    POINTS_SIGMA_ROW("noise", "0", "standard deviation around the line, along each axis"),
    POINTS_ROWS,
    {0},
};

static int32_t draw(const void *object, struct random_stream *stream, double *at) {
    const struct line_options *options = object;
    int axes = options->from.count;
    double s = points_uniform(stream);
    for (int axis = 0; axis < axes; axis++)
        at[axis] = (1 - s) * options->from.list[axis] + s * options->to.list[axis];
    points_scatter(stream, options->points.sigma, axes, at);
    return 0;
}

static bool line_points(const struct dataset_request *request, struct points *points,
                        struct dataset *dataset, struct error *error) {
    const struct line_options *options = request->options;
    int from = options->from.count, to = options->to.count;
    *points = (struct points){.axes = from, .draw = draw};
    if (from == to && from >= 1 && from <= POINTS_AXES_MOST) return true;
    dataset->wrong = from == to ? "from" : "to";
    return error_set(
        error, STATUS_CONFIG,
        "%s: the ends have %d and %d coordinates; they must have as many, from 1 to %d",
        dataset->wrong, from, to, POINTS_AXES_MOST);
}

const struct dataset_row dataset_line = {
    .name = "line",
    .doc = "points from a straight line between two ends",
    .citation = "Arjovsky, Chintala and Bottou 2017, Wasserstein GAN, arXiv 1701.07875, example 1",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct line_options),
    .points = line_points,
    .peek = points_peek,
    .load = points_load,
};
