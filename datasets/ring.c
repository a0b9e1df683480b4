/* Gaussians on a circle: the toy on which mode collapse is seen (Metz et al. 2017). */
#include <math.h>

#include "datasets/points.h"

struct ring_options {
    int64_t modes;
    double radius, sigma;
    int64_t count;
};

static const struct parameter parameters[] = {
    {.name = "modes",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct ring_options, modes),
     .standard = "8",
     .low = 1,
     .high = POINTS_MODES_MOST,
     .doc = "Gaussians, at equal angles; the first lies on the first axis"},
    {.name = "radius",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct ring_options, radius),
     .standard = "1",
     .low = 0,
     .high = 1e6,
     .doc = "of the circle on which their centres lie"},
    POINTS_SIGMA_ROW(struct ring_options, "0.01"),
    POINTS_COUNT_ROW(struct ring_options),
    {0},
};

static void centre(const void *object, int64_t mode, double at[2]) {
    const struct ring_options *options = object;
    double angle = 6.283185307179586476925 * (double)mode / (double)options->modes;
    at[0] = options->radius * cos(angle);
    at[1] = options->radius * sin(angle);
}

static struct points points_of(const struct ring_options *options) {
    return (struct points){options->count, options->modes, options->sigma, centre, options};
}

static bool ring_peek(const struct dataset_request *request, struct arena *arena,
                      struct dataset *dataset, struct error *error) {
    (void)arena, (void)error;
    struct points points = points_of(request->options);
    points_describe(&points, dataset);
    return true;
}

static bool ring_load(const struct dataset_request *request, struct arena *arena,
                      struct dataset *dataset, struct error *error) {
    (void)error;
    struct points points = points_of(request->options);
    points_draw(&points, request->seed, arena, dataset);
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
    .peek = ring_peek,
    .load = ring_load,
};
