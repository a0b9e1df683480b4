/* Two half circles that reach into each other, as scikit-learn's make_moons draws them. */
#include <math.h>

#include "datasets/points.h"

static const double half_turn = 3.14159265358979323846;

static const struct parameter parameters[] = {
    POINTS_SIGMA_ROW("noise", "0.05",
                     "standard deviation around the half circles, along each axis"),
    POINTS_ROWS,
    {0},
};

/* The outer half circle is (cos t, sin t), the inner one (1 - cos t, 1/2 - sin t). */
static int32_t draw(const void *object, struct random_stream *stream, double *at) {
    const struct points_options *options = object;
    uint32_t moon = random_below(stream, 2);
    double t = half_turn * points_uniform(stream);
    at[0] = moon ? 1 - cos(t) : cos(t);
    at[1] = moon ? 0.5 - sin(t) : sin(t);
    points_scatter(stream, options->sigma, 2, at);
    return (int32_t)moon;
}

static bool moons_points(const struct dataset_request *request, struct points *points,
                         struct dataset *dataset, struct error *error) {
    (void)request, (void)dataset, (void)error;
    *points = (struct points){.axes = 2, .classes = 2, .draw = draw};
    return true;
}

const struct dataset_row dataset_moons = {
    .name = "moons",
    .doc = "points of the plane from two half circles that reach into each other; the label is "
           "which",
    .citation = "Pedregosa et al. 2011, Scikit-learn: machine learning in Python, Journal of "
                "Machine Learning Research 12 (make_moons)",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct points_options),
    .points = moons_points,
    .peek = points_peek,
    .load = points_load,
};
