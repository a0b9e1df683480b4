/* Gaussians on a square grid: more modes to lose than the ring has (Srivastava et al. 2017). */
#include "datasets/points.h"

struct grid_options {
    int64_t side;
    double spacing, sigma;
    int64_t count;
};

static const struct parameter parameters[] = {
    {.name = "side",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct grid_options, side),
     .standard = "5",
     .low = 1,
     .high = 256,
     .doc = "Gaussians along each axis, side * side in all, around the origin"},
    {.name = "spacing",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct grid_options, spacing),
     .standard = "2",
     .low = 0,
     .high = 1e6,
     .doc = "distance between the centres of neighbours"},
    POINTS_SIGMA_ROW(struct grid_options, "0.05"),
    POINTS_COUNT_ROW(struct grid_options),
    {0},
};

static void centre(const void *object, int64_t mode, double at[2]) {
    const struct grid_options *options = object;
    double middle = (double)(options->side - 1) / 2;
    at[0] = ((double)(mode % options->side) - middle) * options->spacing;
    at[1] = ((double)(mode / options->side) - middle) * options->spacing;
}

static struct points points_of(const struct grid_options *options) {
    return (struct points){options->count, options->side * options->side, options->sigma, centre,
                           options};
}

static bool grid_peek(const struct dataset_request *request, struct arena *arena,
                      struct dataset *dataset, struct error *error) {
    (void)arena, (void)error;
    struct points points = points_of(request->options);
    points_describe(&points, dataset);
    return true;
}

static bool grid_load(const struct dataset_request *request, struct arena *arena,
                      struct dataset *dataset, struct error *error) {
    (void)error;
    struct points points = points_of(request->options);
    points_draw(&points, request->seed, arena, dataset);
    return true;
}

const struct dataset_row dataset_grid = {
    .name = "grid",
    .doc =
        "points of the plane from Gaussians on a square grid; the label is the Gaussian's number",
    .citation = "Srivastava, Valkov, Russell, Gutmann and Sutton 2017, VEEGAN: reducing mode "
                "collapse in GANs using implicit variational learning, arXiv 1705.07761",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct grid_options),
    .peek = grid_peek,
    .load = grid_load,
};
