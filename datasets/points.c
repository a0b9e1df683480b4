/* Mixtures of Gaussians in the plane; see points.h. Normal deviates by Box and Muller 1958, in
 * double. */
#include "datasets/points.h"

#include <math.h>

#include "base/random.h"

static const double turn = 6.283185307179586476925;

/* Uniform in (0, 1), with 53 random bits. */
static double draw_uniform(struct random_stream *stream) {
    uint64_t high = random_word(stream) >> 5, low = random_word(stream) >> 6;
    return ((double)(high << 26 | low) + 0.5) / 9007199254740992.0;
}

static void draw_normal_pair(struct random_stream *stream, double pair[2]) {
    double radius = sqrt(-2 * log(draw_uniform(stream)));
    double angle = turn * draw_uniform(stream);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

void points_describe(const struct points *points, struct dataset *dataset) {
    *dataset = (struct dataset){.count = points->count,
                                .shape = {1, {2}},
                                .type = DATA_FLOAT32,
                                .classes = (int)points->modes};
}

void points_draw(const struct points *points, uint64_t seed, struct arena *arena,
                 struct dataset *dataset) {
    points_describe(points, dataset);
    float *values = ARENA_ARRAY(arena, float, 2 * points->count);
    int32_t *labels = ARENA_ARRAY(arena, int32_t, points->count);
    struct random_stream stream = {.key = hash_mix(hash_text(0, "points"), seed)};
    for (int64_t i = 0; i < points->count; i++) {
        double centre[2], deviate[2];
        labels[i] = (int32_t)random_below(&stream, (uint32_t)points->modes);
        points->centre(points->options, labels[i], centre);
        draw_normal_pair(&stream, deviate);
        for (int axis = 0; axis < 2; axis++)
            values[2 * i + axis] = (float)(centre[axis] + points->sigma * deviate[axis]);
    }
    dataset->values = values;
    dataset->labels = labels;
}
