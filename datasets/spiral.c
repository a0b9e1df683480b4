/* Arms that wind around the origin: the two spirals on which density models are shown. */
#include <math.h>

#include "datasets/points.h"

struct spiral_options {
    struct points_options points;
    int64_t arms;
    double turns, radius;
};

static const struct parameter parameters[] = {
    {.name = "arms",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct spiral_options, arms),
     .standard = "2",
     .low = 1,
     .high = POINTS_CLASSES_MOST,
     .doc = "spirals, at equal angles"},
    {.name = "turns",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct spiral_options, turns),
     .standard = "1.5",
     .low = 0,
     .high = 1000,
     .doc = "how often each arm goes around the origin"},
    {.name = "radius",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct spiral_options, radius),
     .standard = "1",
     .low = 0,
     .high = 1e6,
     .doc = "where the arms end"},
    POINTS_SIGMA_ROW("noise", "0.03", "standard deviation around the arms, along each axis"),
    POINTS_ROWS,
    {0},
};

/* A share s of an arm, with the root of a uniform number, so that points lie about as close inside as
 * outside. */
static int32_t draw(const void *object, struct random_stream *stream, double *at) {
    const struct spiral_options *options = object;
    uint32_t arm = random_below(stream, (uint32_t)options->arms);
    double s = sqrt(points_uniform(stream));
    double turn = options->turns * s + (double)arm / (double)options->arms;
    double angle = 6.283185307179586476925 * turn;
    at[0] = options->radius * s * cos(angle);
    at[1] = options->radius * s * sin(angle);
    points_scatter(stream, options->points.sigma, 2, at);
    return (int32_t)arm;
}

static bool spiral_points(const struct dataset_request *request, struct points *points,
                          struct dataset *dataset, struct error *error) {
    (void)dataset, (void)error;
    const struct spiral_options *options = request->options;
    *points = (struct points){.axes = 2, .classes = (int)options->arms, .draw = draw};
    return true;
}

const struct dataset_row dataset_spiral = {
    .name = "spiral",
    .doc = "points of the plane from arms that wind around the origin; the label is the arm",
    .citation = "Grathwohl, Chen, Bettencourt, Sutskever and Duvenaud 2019, FFJORD: free-form "
                "continuous dynamics for scalable reversible generative models, arXiv 1810.01367 "
                "(two spirals)",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct spiral_options),
    .points = spiral_points,
    .peek = points_peek,
    .load = points_load,
};
