/* duel resume: goes on with a run from its newest good checkpoint, to the bits of an unbroken run.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/read.h"
#include "runner/train.h"

struct resume {
    struct session session;
    struct train train;
    struct checkpoint checkpoint;
    const char *checkpoint_path;
    bool newest; /* the checkpoint was not asked for by its name */
};

/* The checkpoint that was asked for, or the newest whole one. */
static bool read_checkpoint(struct resume *resume, const char *file, struct error *error) {
    struct arena *arena = resume->session.arena;
    if (file && strstr(file, ".h5")) {
        resume->checkpoint_path = file;
        return checkpoint_read(arena, file, &resume->checkpoint, error);
    }
    struct error skipped = {0};
    resume->newest = true;
    if (!checkpoint_read_latest(arena, resume->train.run->checkpoints, &resume->checkpoint,
                                &resume->checkpoint_path, &skipped, error))
        return false;
    if (skipped.status != STATUS_OK) fprintf(stderr, "duel: warning: %s\n", skipped.message);
    return true;
}

/* Text of run.json that decides the bits: says so when it has changed. */
static void warn_of_changes(const struct resume *resume) {
    const struct train *train = &resume->train;
    const char *before = run_text(train->run, "device");
    const char *now = train->play->backend->identity(train->play->device);
    if (before && strcmp(before, now) != 0)
        fprintf(stderr,
                "duel: warning: the run was begun with '%s' and goes on with '%s': bits may "
                "differ\n",
                before, now);
    const char *version = run_text(train->run, "version");
    if (version && strcmp(version, DUEL_VERSION) != 0)
        fprintf(stderr,
                "duel: warning: the run was begun by duel %s; this is %s: bits may differ\n",
                version, DUEL_VERSION);
}

/* How the data of before may be there again. */
static bool data_hint(const struct session *session, int stream, struct error *error) {
    const struct dataset *data = &session->data[stream];
    if (session->experiment->data[stream].row->files)
        return error_hint(error, "put the data set back that it was trained on; DUEL_DATA says "
                                 "where data sets are looked for first");
    return data->file_count ? error_hint(error, "put back what was '%s' when the run was begun",
                                         data->files[0].path)
                            : false;
}

static bool check_data(const struct resume *resume, int stream, struct error *error) {
    const struct session *session = &resume->session;
    const char *name = session->experiment->data[stream].name;
    const char *now = session->data[stream].sha256;
    const char *before = run_text_in(resume->train.run, "data_sha256", name);
    if (!before || !strcmp(before, now)) return true;
    error_set(error, STATUS_DATA,
              "the data set%s%s%s is not the one that the run was trained on (SHA-256 %.12s…, then "
              "%.12s…)",
              *name ? " of stream '" : "", name, *name ? "'" : "", now, before);
    return data_hint(session, stream, error);
}

/* A run may be made longer, and its outputs others: what its numbers come from must stay. */
static bool check_sets(struct resume *resume) {
    struct session *session = &resume->session;
    const char *const *sets = arguments_all(session->arguments, "--set");
    for (int i = 0; sets[i]; i++) {
        size_t length = strcspn(sets[i], ".[=");
        const char *section = arena_text_range(session->arena, sets[i], length);
        if (!strcmp(section, "train") || !strcmp(section, "outputs")) continue;
        struct origin *origin = ARENA_NEW(session->arena, struct origin);
        *origin = *session_origin(session, "--set", sets[i]);
        origin->length = text_width(section);
        diagnostics_add(&session->diagnostics, origin,
                        "'train' and 'outputs' may change; 'duel train' begins another run",
                        "a run goes on with its own '%s'", section);
    }
    return !session->diagnostics.count;
}

/* The data, the same as before. */
static bool take_data(struct resume *resume, const struct compile_options *options,
                      struct error *error) {
    struct session *session = &resume->session;
    struct train *train = &resume->train;
    if (!session_finish_data(session, error)) return false;
    for (int i = 0; i < session->experiment->data_count; i++)
        if (!check_data(resume, i, error)) return false;
    if (train->sampling &&
        !sampling_set_data(train->sampling, session->data, options, session->arena, error))
        return false;
    return play_set_data(train->play, session->data, session->arena, error);
}

static bool prepare(struct resume *resume, struct error *error) {
    struct session *session = &resume->session;
    struct train *train = &resume->train;
    struct play_options options;
    const struct run_device before = {
        .identity = run_text(train->run, "device"),
        .threads = checkpoint_counter(&resume->checkpoint, "threads", 0),
    };
    if (!session_play_options(session, &before, &options, error)) return false;
    session_start_data(session);
    if (!session_build(session)) return false;
    train->play = play_open(session->game, &options, session->arena, error);
    if (!train->play) return false;
    if (session->experiment->samples.count > 0) {
        train->sampling =
            sampling_open(train->play, session->experiment->samples.sampler,
                          session->experiment->samples.count, session->experiment->seed,
                          &options.compile, session->arena, &session->diagnostics, error);
        if (!train->sampling) return false;
    }
    warn_of_changes(resume);
    if (!take_data(resume, &options.compile, error)) return false;
    return play_load(train->play, &resume->checkpoint, false, error) ||
           error_hint(error, "the checkpoint is %s", resume->checkpoint_path);
}

static bool has_ended(const struct train *train) {
    return train_done(train) >= train->experiment->train.count;
}

/* Cuts the record, unless no step is to follow, and sets later checkpoints aside: from here on the run is changed. */
static bool begin(struct resume *resume, struct error *error) {
    struct train *train = &resume->train;
    int64_t missing = 0;
    bool ends = resume->newest && has_ended(train);
    train->record = metrics_open(train->arena, NULL, train->run->folder,
                                 ends ? -1 : resume->checkpoint.metrics_bytes, &missing, error);
    if (!train->record) return false;
    if (missing > 0)
        fprintf(stderr, "duel: warning: metrics.jsonl has lost %" PRId64 " bytes\n", missing);
    struct run_facts facts = train_facts(train);
    return checkpoint_set_aside(NULL, train->run->checkpoints, resume->checkpoint.step, error) &&
           run_resolved(train->run, train->config, error) &&
           run_resumed(train->run, resume->checkpoint.step, &facts, error);
}

/* Whether the run has ended and would end again at once; then tells how it could go on. */
static bool is_finished(const struct resume *resume) {
    const struct train *train = &resume->train;
    const char *status = run_text(train->run, "status");
    if (!has_ended(train) || !status || strcmp(status, "finished") != 0) return false;
    const struct duration *length = &train->experiment->train;
    const char *unit = duration_names[length->unit];
    double done = train_done(train), more = 2 * (done > length->count ? done : length->count);
    if (!train->arguments->quiet)
        fprintf(stderr,
                "the run is finished: it has done %" PRId64 " steps, and 'train.%s' is %g\n"
                "      = 'duel resume %s --set train.%s=%g' goes on\n",
                train->play->step, unit, length->count, train->run->folder, unit, ceil(more));
    return true;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct resume *resume = ARENA_NEW(arguments->arena, struct resume);
    struct train *train = &resume->train;
    session_start(&resume->session, arguments);
    *train = (struct train){
        .arguments = arguments, .session = &resume->session, .arena = resume->session.arena};
    const char *file = NULL;
    const char *folder = run_find(train->arena, arguments_get(arguments, "--outputs"),
                                  arguments->operands[0], &file, error);
    if (!folder || !(train->run = run_open(train->arena, NULL, folder, error)) ||
        !read_checkpoint(resume, file, error))
        return error->status;
    if (!check_sets(resume) ||
        !session_read_checkpoint(&resume->session, resume->checkpoint_path, &resume->checkpoint) ||
        !prepare(resume, error))
        return session_report(&resume->session, error);
    train->experiment = resume->session.experiment;
    train->config = session_resolved(&resume->session);
    train->before = (double)checkpoint_counter(&resume->checkpoint, "milliseconds", 0) / 1000;
    train->missed = (uint64_t)checkpoint_counter(&resume->checkpoint, "missed_metrics", 0);
    bool finished = is_finished(resume);
    if (!finished && !begin(resume, error)) return error->status;
    printf("%s\n", folder);
    fflush(stdout);
    if (finished) return STATUS_OK;
    if (!arguments->quiet) fprintf(stderr, "going on from %s\n", resume->checkpoint_path);
    return train_run(train, true, error);
}

static const struct option_row options[] = {
    OPTION_SET, OPTION_OUTPUTS, OPTION_DEVICE, OPTION_QUIET, OPTION_HELP, OPTION_END,
};

static const struct example examples[] = {
    {"duel resume outputs/fashion-mlp", "goes on with the newest run of this name"},
    {"duel resume outputs/fashion-mlp/2026-11-21T10-15-00-1", "goes on with this run"},
    {"duel resume fashion-mlp --set train.epochs=60", "goes on, and for longer"},
    {NULL, NULL},
};

const struct command command_resume = {
    .name = "resume",
    .doc = "goes on with a run that was stopped",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .about = "RUN is a run's folder, one of its checkpoints, a folder of runs (its newest), or\n"
             "the name of an experiment. The configuration comes from the checkpoint; the data\n"
             "must be those of the run. With the same binary, instruction set and threads the\n"
             "result has the same bits as that of an unbroken run. --set may change 'train' and\n"
             "'outputs', to make a run longer, say; nothing else.",
    .options = options,
    .examples = examples,
    .run = run,
};
