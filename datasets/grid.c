/* Gaussians on a square grid: more modes to lose than the ring has (Srivastava et al. 2017). */
#include "datasets/points.h"

struct grid_options {
    struct points_options points;
    int64_t side;
    double spacing;
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
    POINTS_SIGMA_ROW("sigma", "0.05", "standard deviation of each mode, along each axis"),
    POINTS_ROWS,
    {0},
};

static void centre(const void *object, int32_t label, double *at) {
    const struct grid_options *options = object;
    int32_t side = (int32_t)options->side;
    double middle = (double)(side - 1) / 2;
    at[0] = ((double)(label % side) - middle) * options->spacing;
    at[1] = ((double)(label / side) - middle) * options->spacing;
}

static bool grid_points(const struct dataset_request *request, struct points *points,
                        struct dataset *dataset, struct error *error) {
    (void)dataset, (void)error;
    const struct grid_options *options = request->options;
    *points = (struct points){
        .axes = 2, .classes = (int)(options->side * options->side), .centre = centre};
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
    .points = grid_points,
    .peek = points_peek,
    .load = points_load,
};
