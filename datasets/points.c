/* Points that are drawn; see points.h. Normal deviates by Box and Muller 1958, in double. */
#include "datasets/points.h"

#include <math.h>

static const double turn = 6.283185307179586476925;

double points_uniform(struct random_stream *stream) {
    uint64_t high = random_word(stream) >> 5, low = random_word(stream) >> 6;
    return ((double)(high << 26 | low) + 0.5) / 9007199254740992.0;
}

static void draw_normal_pair(struct random_stream *stream, double pair[2]) {
    double radius = sqrt(-2 * log(points_uniform(stream)));
    double angle = turn * points_uniform(stream);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

void points_scatter(struct random_stream *stream, double sigma, int axes, double *at) {
    double deviate[2];
    for (int axis = 0; axis < axes; axis++) {
        if (axis % 2 == 0) draw_normal_pair(stream, deviate);
        at[axis] += sigma * deviate[axis % 2];
    }
}

/* What is known of the points without drawing them, and which of them are used. */
static bool describe(const struct dataset_request *request, struct arena *arena,
                     struct points *points, struct selection *selection, struct dataset *dataset,
                     struct error *error) {
    const struct points_options *options = request->options;
    if (!request->row->points(request, points, dataset, error)) return false;
    struct select_from from = {request->row->name, options->count, NULL, points->classes, NULL};
    if (!select_examples(request, &from, arena, selection, dataset, error)) return false;
    dataset->count = selection->count;
    dataset->shape = (struct extents){1, {points->axes}};
    dataset->type = DATA_FLOAT32;
    dataset->classes = points->classes;
    return true;
}

bool points_peek(const struct dataset_request *request, struct arena *arena,
                 struct dataset *dataset, struct error *error) {
    (void)arena;
    struct points points;
    struct selection selection;
    struct arena *scratch = arena_new();
    bool good = describe(request, scratch, &points, &selection, dataset, error);
    arena_free(scratch);
    return good;
}

static double deviation_of(const struct points_options *options, const struct points *points,
                           int32_t label) {
    return points->deviation ? points->deviation(options, label) : options->sigma;
}

static int32_t draw_point(const struct points_options *options, const struct points *points,
                          struct random_stream *stream, double *at) {
    if (points->draw) return points->draw(options, stream, at);
    int32_t label = (int32_t)random_below(stream, (uint32_t)points->classes);
    points->centre(options, label, at);
    points_scatter(stream, deviation_of(options, points, label), points->axes, at);
    return label;
}

/* Draws all of them; labels stay NULL where there are none. */
static void draw(const struct dataset_request *request, const struct points *points, float *values,
                 int32_t *labels) {
    const struct points_options *options = request->options;
    struct random_stream stream = {.key = hash_mix(hash_text(0, "points"), request->seed)};
    double at[POINTS_AXES_MOST];
    for (int64_t i = 0; i < options->count; i++) {
        int32_t label = draw_point(options, points, &stream, at);
        if (labels) labels[i] = label;
        for (int axis = 0; axis < points->axes; axis++)
            values[i * points->axes + axis] = (float)at[axis];
    }
}

bool points_load(const struct dataset_request *request, struct arena *arena,
                 struct dataset *dataset, struct error *error) {
    const struct points_options *options = request->options;
    struct points points;
    struct selection selection;
    struct arena *scratch = arena_new();
    bool good = describe(request, scratch, &points, &selection, dataset, error);
    if (good) {
        float *values = ARENA_ARRAY(arena, float, options->count *points.axes);
        int32_t *labels = points.classes ? ARENA_ARRAY(arena, int32_t, options->count) : NULL;
        draw(request, &points, values, labels);
        select_compact(&selection, values, sizeof *values * (size_t)points.axes);
        if (labels) select_compact(&selection, labels, sizeof *labels);
        dataset->values = values;
        dataset->labels = labels;
    }
    arena_free(scratch);
    return good;
}

bool dataset_modes(const struct dataset_request *request, struct arena *arena,
                   struct dataset_modes *modes) {
    const struct points_options *options = request->options;
    struct points points;
    struct dataset dataset = {0};
    struct error ignored = {0};
    if (!request->row->points || !request->row->points(request, &points, &dataset, &ignored) ||
        !points.centre)
        return false;
    double *centre = ARENA_ARRAY(arena, double, points.classes *points.axes);
    double *deviation = ARENA_ARRAY(arena, double, points.classes);
    for (int32_t i = 0; i < points.classes; i++) {
        points.centre(options, i, centre + i * points.axes);
        deviation[i] = deviation_of(options, &points, i);
    }
    *modes = (struct dataset_modes){points.classes, points.axes, centre, deviation};
    return true;
}
