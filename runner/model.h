/*
 * A trained model, opened from a run's checkpoint to be looked at: what `sample`, `explore` and
 * others begin with.
 */
#ifndef RUNNER_MODEL_H
#define RUNNER_MODEL_H

#include "runner/sampling.h"
#include "runner/session.h"

struct model {
    struct session session;
    struct checkpoint checkpoint;
    const char *path; /* of the checkpoint */
    struct play_options options;
    struct play *play;
    const char *sampler; /* --sampler; NULL: the default one */
};

/* Options of all commands that open one. */
#define OPTION_SAMPLER                                                                             \
    { "--sampler", "NAME", "one of the run's 'samplers:'; 'default' by default" }
#define OPTION_WITH                                                                                \
    { "--with", "NAME=NUMBER", "another number for a parameter of the sampler: psi=0.5" }
#define OPTION_CHECKPOINT                                                                          \
    { "--checkpoint", "FILE", "this checkpoint instead of the run's newest" }

/* Reads the checkpoint that is meant, --checkpoint or the newest whole one of the run `given` (NULL:
 * none), and its experiment: enough for its data. Reports to `error`, or to the session's diagnostics. */
bool model_read(struct model *model, const struct arguments *arguments, const char *given,
                struct error *error);

/* The same, and makes it ready to sample. */
bool model_open(struct model *model, const struct arguments *arguments, const char *given,
                struct error *error);

/* Loads the data that it was trained on; nothing where that is done. */
bool model_load_data(struct model *model, struct error *error);

/* Gives a sampling the data, where it needs them, and the numbers of --with. */
bool model_prepare(struct model *model, struct sampling *sampling, struct error *error);

#endif
