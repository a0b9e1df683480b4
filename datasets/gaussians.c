/* Gaussians wherever they are wanted, in one dimension or more. */
#include "datasets/points.h"

struct gaussians_options {
    struct points_options points;
    struct point_list centres;
    struct numbers deviations, weights;
};

static const struct parameter parameters[] = {
    {.name = "centres",
     .type = PARAMETER_POINTS,
     .offset = offsetof(struct gaussians_options, centres),
     .low = -1e6,
     .high = 1e6,
     .doc = "a point for each Gaussian: [[0, 0], [1, 2]], or [[0], [3]] on a line"},
    {.name = "deviations",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct gaussians_options, deviations),
     .standard = "[0.05]",
     .low = 0,
     .high = 1e6,
     .doc = "standard deviation of each, along each axis; one stands for all"},
    {.name = "weights",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct gaussians_options, weights),
     .standard = "",
     .low = 0,
     .above = true,
     .high = 1e6,
     .doc = "how often each is drawn, in proportion; all as often if none are given"},
    POINTS_ROWS,
    {0},
};

/* Which Gaussian, by the weights. */
static int32_t draw_mode(const struct gaussians_options *options, struct random_stream *stream) {
    const struct numbers *weights = &options->weights;
    if (!weights->count) return (int32_t)random_below(stream, (uint32_t)options->centres.count);
    double all = 0;
    for (int i = 0; i < weights->count; i++)
        all += weights->list[i];
    double left = points_uniform(stream) * all;
    int mode = 0;
    while (mode < weights->count - 1 && left >= weights->list[mode])
        left -= weights->list[mode++];
    return mode;
}

static void centre(const void *object, int32_t label, double *at) {
    const struct gaussians_options *options = object;
    int axes = options->centres.axes;
    for (int axis = 0; axis < axes; axis++)
        at[axis] = options->centres.list[label * axes + axis];
}

static double deviation(const void *object, int32_t label) {
    const struct gaussians_options *options = object;
    return options->deviations.list[options->deviations.count > 1 ? label : 0];
}

static int32_t draw(const void *object, struct random_stream *stream, double *at) {
    const struct gaussians_options *options = object;
    int32_t mode = draw_mode(options, stream);
    centre(options, mode, at);
    points_scatter(stream, deviation(options, mode), options->centres.axes, at);
    return mode;
}

static bool refuse(struct dataset *dataset, const char *option, int found, int expected,
                   struct error *error) {
    dataset->wrong = option;
    return error_set(error, STATUS_CONFIG, "%s: there are %d for %d centres", option, found,
                     expected);
}

static bool gaussians_points(const struct dataset_request *request, struct points *points,
                             struct dataset *dataset, struct error *error) {
    const struct gaussians_options *options = request->options;
    int count = options->centres.count, axes = options->centres.axes;
    int deviations = options->deviations.count, weights = options->weights.count;
    *points = (struct points){
        .axes = axes, .classes = count, .draw = draw, .centre = centre, .deviation = deviation};
    if (deviations != 1 && deviations != count)
        return refuse(dataset, "deviations", deviations, count, error);
    if (weights && weights != count) return refuse(dataset, "weights", weights, count, error);
    if (axes <= POINTS_AXES_MOST && count <= POINTS_CLASSES_MOST) return true;
    dataset->wrong = "centres";
    return error_set(error, STATUS_CONFIG,
                     "centres: there are %d of %d coordinates; at most %d of %d can be drawn",
                     count, axes, POINTS_CLASSES_MOST, POINTS_AXES_MOST);
}

const struct dataset_row dataset_gaussians = {
    .name = "gaussians",
    .doc = "points from Gaussians with the centres, deviations and weights that are given; the "
           "label is the Gaussian's number",
    .citation = "McLachlan and Peel 2000, Finite mixture models, Wiley",
    .licence = "none needed: the points are drawn",
    .parameters = parameters,
    .options_size = sizeof(struct gaussians_options),
    .points = gaussians_points,
    .peek = points_peek,
    .load = points_load,
};
