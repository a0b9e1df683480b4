/* The field and the arrows beside samples that are points of the plane: see game_plane.c. */
#ifndef RUNNER_SAMPLING_PLANE_H
#define RUNNER_SAMPLING_PLANE_H

#include "runner/play.h"
#include "runner/store_sample.h"

struct plane;

/* What the samples were made of, for all of them (rounds of the sampler's count). */
struct plane_given {
    const float *points;   /* (all, 2) */
    float *arrows;         /* (all, 2) room for them */
    void *const *latents;  /* (sampler->latents_count) each (all, shape…) */
    const int32_t *labels; /* (all); NULL: none */
    int64_t count, rounds; /* points that are kept; runs of the sampler's count */
};

/* Compiles what there is to be seen in a square around `real` ([m, 2] points of the data); NULL,
 * without an error, where there is nothing. Lives in `arena`. */
struct plane *plane_open(struct play *play, const struct game_sampler *sampler,
                         const struct store_array *real, const struct compile_options *options,
                         struct arena *arena, struct error *error);

/* Runs it on the variables as they are and adds field and arrows to the sample, which points into
 * the plane until the next call. What is not finite is left out. */
void plane_run(struct plane *plane, const struct plane_given *given, struct sample *sample);

#endif
