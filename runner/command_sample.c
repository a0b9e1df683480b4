/* duel sample: samples of a run's networks, from a checkpoint alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/sampling.h"
#include "runner/session.h"
#include "runner/store_run.h"

enum { COUNT_MOST = 100000 };

static bool ends(const char *text, const char *tail) {
    size_t length = strlen(text), size = strlen(tail);
    return length > size && !strcmp(text + length - size, tail);
}

/* The checkpoint that is meant: --checkpoint, or RUN's newest whole one. */
static bool find_checkpoint(const struct arguments *arguments, struct checkpoint *checkpoint,
                            const char **path, struct error *error) {
    struct arena *arena = arguments->arena;
    const char *file = arguments_get(arguments, "--checkpoint");
    *path = file;
    if (file) return checkpoint_read(arena, file, checkpoint, error);
    if (!arguments->count)
        return error_set(error, STATUS_USAGE, "'duel sample' wants RUN, or --checkpoint FILE");
    struct error skipped = {0};
    if (!run_find_checkpoint(arena, arguments_get(arguments, "--outputs"), arguments->operands[0],
                             -1, checkpoint, path, &skipped, error))
        return false;
    if (skipped.status != STATUS_OK) fprintf(stderr, "duel: warning: %s\n", skipped.message);
    return true;
}

static bool write(const struct sample *sample, const char *path, struct error *error) {
    if (!ends(path, ".png")) return sample_write(NULL, path, sample, error);
    if (sample->images.data) return sample_write_png(NULL, path, &sample->images, 0, 2, error);
    error_set(error, STATUS_USAGE, "the samples are %s, which '%s' cannot hold",
              sample->points.data ? "points" : "no images", path);
    return error_hint(error, "give --out a name that ends in .h5%s",
                      sample->points.data ? "; 'duel plot' draws points" : "");
}

/* Whether there is a sampler of this name. */
static bool check_sampler(const struct experiment *x, const char *name, struct error *error) {
    struct nearest nearest = {.wanted = name};
    if (!name || experiment_sampler(x, name)) return true;
    for (int i = 0; i < x->samplers_count; i++)
        nearest_try(&nearest, x->samplers[i].name);
    error_set(error, STATUS_USAGE, "there is no sampler '%s' in '%s'", name, x->name);
    if (nearest.name) return error_hint(error, "did you mean '%s'?", nearest.name);
    return x->samplers_count ? error_hint(error, "there is '%s'", x->samplers[0].name) : false;
}

/* --with psi=0.5 */
static bool set_parameters(const struct arguments *arguments, struct sampling *sampling,
                           struct error *error) {
    const char *const *all = arguments_all(arguments, "--with");
    for (int i = 0; all[i]; i++) {
        const char *equals = strchr(all[i], '=');
        char *end = NULL;
        double value = equals ? strtod(equals + 1, &end) : 0;
        if (!equals || end == equals + 1 || *end || !isfinite(value))
            return error_set(error, STATUS_USAGE, "'--with' wants NAME=NUMBER, not '%s'", all[i]);
        const char *name = arena_text_range(arguments->arena, all[i], (size_t)(equals - all[i]));
        if (!sampling_set(sampling, name, value, error)) return false;
    }
    return true;
}

/* A sampler that shows examples needs the data after all. */
static bool give_data(struct session *session, struct sampling *sampling,
                      const struct compile_options *options, struct error *error) {
    session_start_data(session);
    if (!session_finish_data(session, error)) return false;
    for (int i = 0; i < session->experiment->data_count; i++) {
        const struct dataset *known = &session->experiment->data[i].dataset,
                             *data = &session->data[i];
        if (data->count != known->count || data->type != known->type ||
            data->classes != known->classes ||
            memcmp(&data->shape, &known->shape, sizeof data->shape) != 0)
            return error_set(error, STATUS_DATA,
                             "the data set is not the one that the run was trained on: it has "
                             "another shape, or another number of examples");
    }
    return sampling_set_data(sampling, session->data, options, session->arena, error);
}

static enum status run(const struct arguments *arguments, struct error *error) {
    int64_t count, seed;
    struct session session;
    struct checkpoint checkpoint = {0};
    struct play_options options;
    const char *path, *out = arguments_get(arguments, "--out");
    if (!arguments_integer(arguments, "--count", 1, COUNT_MOST, 64, &count, error) ||
        !arguments_integer(arguments, "--seed", 0, INT64_MAX, -1, &seed, error))
        return error->status;
    if (out && !ends(out, ".png") && !ends(out, ".h5"))
        return error_set(error, STATUS_USAGE,
                         "'--out' wants a name that ends in .h5 or .png, "
                         "not '%s'",
                         out),
               STATUS_USAGE;
    const char *sampler = arguments_get(arguments, "--sampler");
    if (!find_checkpoint(arguments, &checkpoint, &path, error)) return error->status;
    session_start(&session, arguments);
    if (!session_read_checkpoint(&session, path, &checkpoint) || !session_build(&session) ||
        !session_play_options(&session, NULL, &options, error))
        return session_report(&session, error);
    if (!check_sampler(session.experiment, sampler, error)) return error->status;
    struct play *play = play_open(session.game, &options, session.arena, error);
    if (!play || !play_load(play, &checkpoint, true, error)) return error->status;
    struct sampling *sampling =
        sampling_open(play, sampler, count, seed < 0 ? session.experiment->seed : (uint64_t)seed,
                      &options.compile, session.arena, &session.diagnostics, error);
    if (!sampling) return session_report(&session, error);
    struct sample sample;
    if (sampling_needs_data(sampling) && !give_data(&session, sampling, &options.compile, error))
        return session_report(&session, error);
    if (!set_parameters(arguments, sampling, error) || !sampling_run(sampling, &sample, error))
        return error->status;
    if (!out) out = sample.images.data ? "samples.png" : "samples.h5";
    if (!write(&sample, out, error)) return error->status;
    printf("%s\n", out);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--count", "N", "how many; 64 by default"},
    {"--out", "FILE",
     "where to: a picture, .png, or numbers, .h5; 'samples' in the current folder by default"},
    {"--seed", "N", "of all draws; the run's own by default"},
    {"--sampler", "NAME", "one of the run's 'samplers:'; 'default' by default"},
    {"--with", "NAME=NUMBER", "another number for a parameter of the sampler: psi=0.5"},
    {"--checkpoint", "FILE", "this checkpoint instead of the run's newest"},
    OPTION_OUTPUTS,
    OPTION_DEVICE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel sample outputs/fashion-mlp --count 100 --out hundred.png",
     "a picture of 100 samples of the newest run of this name"},
    {"duel sample fashion-mlp --count 10000 --out many.h5 --seed 7",
     "10,000 samples as numbers, of latents that training did not show"},
    {"duel sample stylegan2-64 --sampler truncated --with psi=0.5",
     "samples by another sampler of the run, with another value of its parameter"},
    {NULL, NULL},
};

const struct command command_sample = {
    .name = "sample",
    .doc = "makes samples from a run's checkpoint",
    .operands = "RUN",
    .least = 0,
    .most = 1,
    .about = "The configuration's file is not needed, and the data only by samplers that show\n"
             "examples: a checkpoint holds all. RUN may be left out with --checkpoint.",
    .options = options,
    .examples = examples,
    .run = run,
};
