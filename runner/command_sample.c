/* duel sample: samples of a run's networks, from a checkpoint alone. */
#include <string.h>

#include "runner/export.h"
#include "runner/model.h"

static bool ends(const char *text, const char *tail) {
    size_t length = strlen(text), size = strlen(tail);
    return length > size && !strcmp(text + length - size, tail);
}

static bool check_ending(const char *out, struct error *error) {
    return !out || ends(out, ".png") || ends(out, ".h5") ||
           error_set(error, STATUS_USAGE, "'--out' wants a name that ends in .h5 or .png, not '%s'",
                     out);
}

/* Of a picture: as many as there are classes where these come in turn, so that each is a column; else 0. */
static int columns_of(const struct sample *sample) {
    const int32_t *labels = sample->labels.data;
    int64_t count = sample->labels.extent[0];
    int classes = 0;
    if (!labels || sample->labels.rank != 1) return 0;
    for (int64_t i = 0; i < count; i++)
        if (labels[i] >= classes) classes = labels[i] + 1;
    for (int64_t i = 0; i < count; i++)
        if (labels[i] != i % classes) return 0;
    return classes;
}

static bool write(const struct sample *sample, const char *path, struct error *error) {
    if (!ends(path, ".png")) return sample_write(NULL, path, sample, error);
    if (sample->images.data)
        return sample_write_png(NULL, path, &sample->images, columns_of(sample), 2, error);
    error_set(error, STATUS_USAGE, "the samples are %s, which '%s' cannot hold",
              sample->points.data ? "points" : "no images", path);
    return error_hint(error, "give --out a name that ends in .h5%s",
                      sample->points.data ? "; 'duel plot' draws points" : "");
}

static enum status run(const struct arguments *arguments, struct error *error) {
    int64_t count, seed;
    struct model model;
    const char *out = arguments_get(arguments, "--out");
    const struct export_way way = {.force = arguments_has(arguments, "--force")};
    if (!arguments_integer(arguments, "--count", 1, SAMPLES_MOST, 64, &count, error) ||
        !arguments_integer(arguments, "--seed", 0, INT64_MAX, -1, &seed, error) ||
        !check_ending(out, error) || (out && !export_is_free(&way, out, error)))
        return error->status;
    struct session *session = &model.session;
    if (!model_open(&model, arguments, arguments->count ? arguments->operands[0] : NULL, error))
        return session_report(session, error);
    struct sampling *sampling = sampling_open(
        model.play, model.sampler, count, seed < 0 ? session->experiment->seed : (uint64_t)seed,
        &model.options.compile, session->arena, &session->diagnostics, error);
    struct sample sample;
    if (!out && sampling) out = sampling_makes_images(sampling) ? "samples.png" : "samples.h5";
    if (!sampling || !export_begin(&way, out, error) || !model_prepare(&model, sampling, error) ||
        !sampling_run(sampling, &sample, error))
        return session_report(session, error);
    if (!write(&sample, out, error)) return error->status;
    printf("%s\n", out);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--count", "N", "how many; 64 by default"},
    {"--out", "FILE",
     "where to: a picture, .png, or numbers, .h5; 'samples' in the current folder by default"},
    {"--seed", "N", "of all draws; the run's own by default"},
    OPTION_SAMPLER,
    OPTION_WITH,
    OPTION_CHECKPOINT,
    OPTION_FORCE,
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
    .about =
        "The configuration's file is not needed, and the data only by samplers that show\n"
        "examples: a checkpoint holds all. RUN may be left out with --checkpoint. In a picture\n"
        "each class has a column.",
    .options = options,
    .examples = examples,
    .run = run,
};
