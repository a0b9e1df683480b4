/* duel export: parts of a run for other programs. */
#include <inttypes.h>
#include <string.h>

#include "runner/command.h"
#include "runner/export.h"
#include "runner/store_about.h"
#include "runner/store_run.h"

enum what { PARAMETERS, METRICS, SAMPLES, WHATS };
static const char *const what_names[] = {"parameters", "metrics", "samples"};

/* What each format is for; of those for one thing, the first is the default. */
struct export {
    const struct arguments *arguments;
    struct arena *arena;
    const char *folder, *name; /* of the run; the experiment */
    const char *file;          /* the checkpoint or samples that RUN names, or NULL */
    const char *out;
    struct export_way way;
    const struct format *format;
};
typedef bool write_function(struct export *x, struct error *error);
static write_function write_safetensors, write_parameters_npy, write_csv, write_tensorboard,
    write_png, write_samples_npy;
static const struct format {
    enum what what;
    const char *name, *ending; /* of a file; NULL: what is written is a folder */
    write_function *write;
} formats[] = {
    {PARAMETERS, "safetensors", ".safetensors", write_safetensors},
    {PARAMETERS, "npy", NULL, write_parameters_npy},
    {METRICS, "csv", ".csv", write_csv},
    {METRICS, "tensorboard", NULL, write_tensorboard},
    {SAMPLES, "png", ".png", write_png},
    {SAMPLES, "npy", ".npy", write_samples_npy},
};
enum { FORMATS = sizeof formats / sizeof *formats };

static bool ends(const char *text, const char *tail) {
    size_t length = strlen(text), size = strlen(tail);
    return length > size && !strcmp(text + length - size, tail);
}

/* ---- what is asked for ---- */

static bool find_what(const char *name, int *what, struct error *error) {
    *what = -1;
    for (int i = 0; name && i < WHATS; i++)
        if (!strcmp(what_names[i], name)) *what = i;
    return !name || *what >= 0 ||
           error_set(error, STATUS_USAGE, "'--what' is parameters, metrics or samples, not '%s'",
                     name);
}

static bool is_wanted(const struct format *format, int what, const char *name, const char *out) {
    if (what >= 0 && format->what != (enum what)what) return false;
    if (name) return !strcmp(format->name, name);
    const char *slash = out ? strrchr(out, '/') : NULL;
    return !out || !strchr(slash ? slash : out, '.') ||
           (format->ending && ends(out, format->ending));
}

static bool no_format(int what, const char *name, const char *out, struct error *error) {
    if (name)
        error_set(error, STATUS_USAGE, "there is no format '%s'%s%s", name, what < 0 ? "" : " for ",
                  what < 0 ? "" : what_names[what]);
    else
        error_set(error, STATUS_USAGE, "the ending of '%s' does not tell a format%s%s", out,
                  what < 0 ? "" : " for ", what < 0 ? "" : what_names[what]);
    return error_hint(error, "parameters: safetensors, npy; metrics: csv, tensorboard; samples: "
                             "png, npy");
}

/* The first format that goes with --what, --format and the ending of --out. */
static bool choose(struct export *x, struct error *error) {
    const char *name = arguments_get(x->arguments, "--format");
    int what, found = 0;
    if (!find_what(arguments_get(x->arguments, "--what"), &what, error)) return false;
    for (int i = FORMATS; i-- > 0;)
        if (is_wanted(&formats[i], what, name, x->out)) {
            x->format = &formats[i];
            found++;
        }
    if (!found) return no_format(what, name, x->out, error);
    if (name && found > 1) {
        error_set(error, STATUS_USAGE, "the format '%s' is there for %s and for samples", name,
                  what_names[x->format->what]);
        return error_hint(error, "'--what' says which of them");
    }
    return true;
}

/* ---- parameters ---- */

static bool find_checkpoint(const struct export *x, struct checkpoint *checkpoint,
                            struct error *error) {
    struct error skipped = {0};
    const char *path, *folder = arena_format(x->arena, "%s/checkpoints", x->folder);
    int64_t step;
    if (!arguments_integer(x->arguments, "--step", 0, INT64_MAX, -1, &step, error)) return false;
    if (step >= 0)
        return (path = checkpoint_of_step(x->arena, folder, step, error)) &&
               checkpoint_read(x->arena, path, checkpoint, error);
    if (x->file && ends(x->file, ".h5"))
        return checkpoint_read(x->arena, x->file, checkpoint, error);
    if (!checkpoint_read_latest(x->arena, folder, checkpoint, &path, &skipped, error)) return false;
    if (skipped.status != STATUS_OK) fprintf(stderr, "duel: warning: %s\n", skipped.message);
    return true;
}

/* What a model computes with: parameters, their averages, running statistics. Paths lose their first
 * part, which is the same for all of a kind. Returns how many. */
static int model_arrays(struct arena *arena, const struct checkpoint *checkpoint,
                        struct store_array **arrays) {
    static const char *const kinds[] = {"parameters/", "averages/", "state/"};
    int count = 0;
    *arrays = ARENA_ARRAY(arena, struct store_array, checkpoint->arrays);
    for (int i = 0; i < checkpoint->arrays; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            const struct store_array *array = &checkpoint->array[i];
            if (strncmp(array->path, kinds[k], strlen(kinds[k])) != 0) continue;
            (*arrays)[count] = *array;
            (*arrays)[count++].path = array->path + strlen(kinds[k]);
        }
    return count;
}

/* NAME-step-00001000ENDING, if --out was not given. */
static void name_by_step(struct export *x, int64_t step, const char *ending) {
    if (!x->out) x->out = arena_format(x->arena, "%s-step-%08" PRId64 "%s", x->name, step, ending);
}

static bool write_safetensors(struct export *x, struct error *error) {
    struct checkpoint checkpoint = {0};
    struct store_array *arrays;
    if (!find_checkpoint(x, &checkpoint, error)) return false;
    const char *const metadata[] = {
        "name",       x->name,
        "step",       arena_format(x->arena, "%" PRId64, checkpoint.step),
        "written_by", "duel " DUEL_VERSION,
        "linear",     "weight is [inputs, outputs]",
        NULL};
    name_by_step(x, checkpoint.step, ".safetensors");
    int count = model_arrays(x->arena, &checkpoint, &arrays);
    return export_safetensors(&x->way, x->out, count, arrays, metadata, error);
}

static bool write_parameters_npy(struct export *x, struct error *error) {
    struct checkpoint checkpoint = {0};
    struct store_array *arrays;
    if (!find_checkpoint(x, &checkpoint, error)) return false;
    name_by_step(x, checkpoint.step, "");
    int count = model_arrays(x->arena, &checkpoint, &arrays);
    for (int i = 0; i < count; i++)
        if (!export_npy(&x->way, arena_format(x->arena, "%s/%s.npy", x->out, arrays[i].path),
                        &arrays[i], error))
            return false;
    return true;
}

/* ---- metrics ---- */

static struct record *read_record(const struct export *x, struct error *error) {
    struct record *record = record_new(x->arena, x->folder);
    return record_read(record, error) ? record : NULL;
}

static bool write_csv(struct export *x, struct error *error) {
    const struct record *record = read_record(x, error);
    if (!x->out) x->out = arena_format(x->arena, "%s.csv", x->name);
    return record && export_csv(&x->way, x->out, record, error);
}

/* TensorBoard looks into folders for files with this in their names. */
static bool write_tensorboard(struct export *x, struct error *error) {
    struct run_about about;
    const struct record *record = read_record(x, error);
    const char *host = run_text_of(x->arena, x->folder, "host");
    if (!record) return false;
    run_look_brief(x->arena, x->folder, &about);
    if (!x->out) x->out = arena_format(x->arena, "%s-tensorboard", x->name);
    const char *path = arena_format(x->arena, "%s/events.out.tfevents.%lld.%s", x->out,
                                    (long long)about.started, host ? host : "duel");
    return export_events(&x->way, path, record, (double)about.started,
                         (double)about.started + about.seconds, error);
}

/* ---- samples ---- */

static bool find_samples(const struct export *x, struct sample *sample, struct error *error) {
    const char *folder = arena_format(x->arena, "%s/samples", x->folder);
    const int64_t *steps;
    int64_t step;
    int count;
    if (!arguments_integer(x->arguments, "--step", 0, INT64_MAX, -1, &step, error)) return false;
    if (x->file && ends(x->file, ".h5") && step < 0)
        return sample_read(x->arena, x->file, sample, error);
    if (!checkpoint_list(x->arena, folder, &count, &steps, error)) return false;
    if (!count) return error_set(error, STATUS_NO_INPUT, "there are no samples in '%s'", folder);
    const char *path =
        checkpoint_of_step(x->arena, folder, step < 0 ? steps[count - 1] : step, error);
    return path && sample_read(x->arena, path, sample, error);
}

/* A grid, if --out ends in .png, else a folder with a picture a sample. */
static bool write_png(struct export *x, struct error *error) {
    struct sample sample;
    if (!find_samples(x, &sample, error)) return false;
    if (!sample.images.data) {
        error_set(error, STATUS_USAGE, "the samples are %s, which a picture cannot hold",
                  sample.points.data ? "points" : "numbers");
        return error_hint(error, "'--format npy' exports their numbers; 'duel plot' draws them");
    }
    name_by_step(x, sample.step, ".png");
    if (ends(x->out, ".png"))
        return export_begin(&x->way, x->out, error) &&
               sample_write_png(x->way.calls, x->out, &sample.images, 0, 2, error);
    struct store_array one = sample.images;
    one.extent[0] = 1;
    for (int64_t i = 0; i < sample.images.extent[0]; i++) {
        const char *path = arena_format(x->arena, "%s/%05" PRId64 ".png", x->out, i);
        one.data = (const uint8_t *)sample.images.data + i * store_count(&one);
        if (!export_begin(&x->way, path, error) ||
            !sample_write_png(x->way.calls, path, &one, 1, 0, error))
            return false;
    }
    return true;
}

/* The samples themselves, if --out ends in .npy, else a folder with all that belongs to them. */
static bool write_samples_npy(struct export *x, struct error *error) {
    struct sample s;
    if (!find_samples(x, &s, error)) return false;
    name_by_step(x, s.step, ".npy");
    if (ends(x->out, ".npy"))
        return export_npy(&x->way, x->out,
                          s.images.data   ? &s.images
                          : s.points.data ? &s.points
                                          : &s.values,
                          error);
    const struct {
        const char *name;
        const struct store_array *array;
    } parts[] = {{"images", &s.images}, {"points", &s.points},   {"values", &s.values},
                 {"real", &s.real},     {"latents", &s.latents}, {"labels", &s.labels},
                 {"field", &s.field},   {"field_x", &s.field_x}, {"field_y", &s.field_y},
                 {"arrows", &s.arrows}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].array->data &&
            !export_npy(&x->way, arena_format(x->arena, "%s/%s.npy", x->out, parts[i].name),
                        parts[i].array, error))
            return false;
    return true;
}

/* ---- the command ---- */

static enum status run(const struct arguments *arguments, struct error *error) {
    struct arena *arena = arguments->arena;
    struct export x = {.arguments = arguments,
                       .arena = arena,
                       .out = arguments_get(arguments, "--out"),
                       .way.force = arguments_has(arguments, "--force")};
    if (!choose(&x, error)) return error->status;
    x.folder = run_find(arena, arguments_get(arguments, "--outputs"), arguments->operands[0],
                        &x.file, error);
    if (!x.folder) return error->status;
    x.name = run_text_of(arena, x.folder, "name");
    if (!x.name) x.name = "run";
    if (!x.format->write(&x, error)) return error->status;
    printf("%s\n", x.out);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--what", "PART",
     "parameters, metrics or samples; by default what the format is for: '--format npy', which is "
     "for parameters and for samples, wants it"},
    {"--format", "NAME",
     "safetensors, npy, csv, tensorboard or png; by default by the ending of --out"},
    {"--out", "PATH", "the file or folder to write; by default one named after the experiment"},
    {"--step", "N", "the checkpoint or samples of this step instead of the newest"},
    OPTION_FORCE,
    OPTION_OUTPUTS,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel export fashion-mlp --out model.safetensors",
     "all weights of the newest checkpoint, by their paths"},
    {"duel export fashion-mlp --out losses.csv", "the metrics as a table"},
    {"duel export fashion-mlp --format tensorboard --out logs/fashion", "the same for TensorBoard"},
    {"duel export fashion-mlp --what samples --out pictures",
     "a PNG for each of the newest samples, in a folder"},
    {NULL, NULL},
};

const struct command command_export = {
    .name = "export",
    .doc = "writes parameters, metrics or samples for other programs",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .about =
        "parameters are exported as one safetensors file or a folder of NPY files, metrics as\n"
        "CSV or TensorBoard events, samples as PNG or NPY: one file where --out has the\n"
        "ending, else a folder. The path goes to standard output.",
    .options = options,
    .examples = examples,
    .run = run,
};
