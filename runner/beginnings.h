/*
 * Beginnings: what samples are made from. Each sample has a name, which keys all that is drawn for
 * it: a seed, and its number among the samples of that seed, from 0. It has the latents that its
 * sampler takes, a label, and which examples of the data are shown.
 */
#ifndef RUNNER_BEGINNINGS_H
#define RUNNER_BEGINNINGS_H

#include "runner/play.h"
#include "runner/sample_name.h"

struct beginnings {
    const struct game_sampler *sampler;
    int64_t count;
    struct sample_name *names; /* (count) */
    void **latents;            /* for each latent (count, shape…), of its type */
    int32_t **labels;          /* for each of the sampler's labels (count) */
    int streams;
    int32_t **index; /* for each data stream (count), which examples; NULL: none of it */
};

/* Room for `count` beginnings, all 0. */
struct beginnings *beginnings_new(const struct play *play, const struct game_sampler *sampler,
                                  int64_t count, struct arena *arena);

/* Draws all of them, the first `count` of a seed, which is a multiple of what the sampler draws for a run. A beginning
 * depends on its name alone. */
bool beginnings_draw(struct beginnings *beginnings, const struct play *play, uint64_t seed,
                     const struct compile_options *options, struct arena *arena,
                     struct error *error);

/* Examples that are shown bring their labels. */
void beginnings_take_labels(struct beginnings *beginnings, const struct play *play,
                            const struct dataset *data);

/* Entry `src` of one becomes entry `dst` of another, of the same sampler but for its count. */
void beginnings_copy(struct beginnings *to, int64_t dst, const struct beginnings *from,
                     int64_t src);

/* Entry i of latent `latent`; its type says of what. */
void *beginnings_latent(const struct beginnings *beginnings, int latent, int64_t i);

/* The first latent that is (or is not) a class for each sample; -1: there is none. */
int beginnings_find(const struct game_sampler *sampler, bool class);
/* Each sample's class: its first label, or else the first latent that is a class; NULL: there is none. */
int32_t *beginnings_classes(const struct beginnings *beginnings);
/* The names of these classes, if they are the data's. */
struct class_names sampler_class_names(const struct experiment *experiment,
                                       const struct game_sampler *sampler);

/* Whether the sampler shows examples of a data stream. */
bool sampler_shows(const struct game_sampler *sampler, int stream);

#endif
