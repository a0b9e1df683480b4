/* Gaussians on a circle: the toy on which mode collapse is seen (Metz et al. 2017). */
#include <math.h>

#include "datasets/points.h"

struct ring_options {
    struct points_options points;
    int64_t modes;
    double radius;
};

static const struct parameter parameters[] = {
    {.name = "modes",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct ring_options, modes),
     .standard = "8",
     .low = 1,
     .high = POINTS_CLASSES_MOST,
     .doc = "Gaussians, at equal angles; the first lies on the first axis"},
    {.name = "radius",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct ring_options, radius),
     .standard = "1",
     .low = 0,
     .high = 1e6,
     .doc = "of the circle on which their centres lie"},
    POINTS_SIGMA_ROW("sigma", "0.01", "standard deviation of each mode, along each axis"),
    POINTS_ROWS,
    {0},
};

static void centre(const void *object, int32_t label, double *at) {
    const struct ring_options *options = object;
    double angle = 6.283185307179586476925 * (double)label / (double)options->modes;
    at[0] = options->radius * cos(angle);
    at[1] = options->radius * sin(angle);
}

static bool ring_points(const struct dataset_request *request, struct points *points,
                        struct dataset *dataset, struct error *error) {
    (void)dataset, (void)error;
    const struct ring_options *options = request->options;
    *points = (struct points){.axes = 2, .classes = (int)options->modes, .centre = centre};
    return true;
}

const struct dataset_row dataset_ring = {
    .name = "ring",
    .doc = "points of the plane from Gaussians on a circle; the label is the Gaussian's number",
    .citation = "Metz, Poole, Pfau and Sohl-Dickstein 2017, Unrolled generative adversarial "
                "networks, arXiv 1611.02163",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct ring_options),
    .points = ring_points,
    .peek = points_peek,
    .load = points_load,
};
