/*
 * Samples of a play: latents drawn from a seed, the sampler's program, and what it gives as bytes of
 * images, as points or as they are.
 *
 * Draws depend on the seed, their place and the sample's number alone: the first n of more samples
 * are the same n.
 */
#ifndef RUNNER_SAMPLING_H
#define RUNNER_SAMPLING_H

#include "runner/beginnings.h"
#include "runner/play.h"
#include "runner/store_sample.h"

struct sampling;

/* So many may be asked for, of one seed. */
enum { SAMPLES_MOST = 100000 };

/* Programs are compiled for at most so many samples, and run again, in rounds, for the rest. What a sample is made of
 * depends on its place in its round: another number here makes other samples. */
enum { SAMPLES_AT_ONCE = 256 };

/* Compiles the sampler called `name` (NULL: the default one) of the play's game for `count` samples, and draws their
 * latents. Lives in `arena`. Reports to diagnostics (the sampler does not fit) or to error. */
struct sampling *sampling_open(struct play *play, const char *name, int64_t count, uint64_t seed,
                               const struct compile_options *options, struct arena *arena,
                               struct diagnostics *diagnostics, struct error *error);

/* Gives a parameter of the sampler another number; nothing is compiled again. STATUS_USAGE: there is none of this name,
 * or it is out of its range. */
bool sampling_set(struct sampling *sampling, const char *name, double value, struct error *error);

/* Whether what it makes are images. */
bool sampling_makes_images(const struct sampling *sampling);

/* Whether the sampler shows examples of the data, which must then be given before it runs. */
bool sampling_needs_data(const struct sampling *sampling);
/* Gives it the data of the experiment's streams, which outlive it: examples that it shows, with their labels, points of the
 * first stream that has such to put beside samples that are points, and in the plane what game_plane shows: compiles that,
 * and keeps it in `arena`. */
bool sampling_set_data(struct sampling *sampling, const struct dataset *data,
                       const struct compile_options *options, struct arena *arena,
                       struct error *error);

/* What it makes the samples from, which may be changed before it runs. There may be a few more than samples. */
struct beginnings *sampling_beginnings(struct sampling *sampling);
/* Whether the sampler draws numbers besides, as for noise in its layers; and whose these shall be: the first sample's of
 * the round that `name` is in. */
bool sampling_draws(const struct sampling *sampling);
void sampling_draw_as(struct sampling *sampling, struct sample_name name);

/* Runs it on the variables as they are. `sample` points into the sampling, until the next call.
 * False where a number was not finite. */
bool sampling_run(struct sampling *sampling, struct sample *sample, struct error *error);

#endif
