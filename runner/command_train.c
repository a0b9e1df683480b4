/* duel train: a new run, from a configuration. */
#include "runner/plotting.h"
#include "runner/train.h"

/* Loads the data in a thread while programs are compiled. */
static bool prepare(struct train *train, struct session *session, struct error *error) {
    struct arena *arena = session->arena;
    struct play_options options;
    if (!session_play_options(session, NULL, &options, error)) return false;
    session_start_data(session);
    if (!session_build(session)) return false;
    if (session->experiment->loads_count) {
        train->loading = load_runs(session, arguments_get(train->arguments, "--outputs"));
        if (!train->loading) return false;
        if (!train->arguments->quiet) loading_print(train->loading, stderr);
    }
    train->play = play_open(session->game, &options, arena, error);
    if (!train->play) return false;
    if (session->experiment->samples.count > 0) {
        train->sampling = sampling_open(
            train->play, session->experiment->samples.sampler, session->experiment->samples.count,
            session->experiment->seed, &options.compile, arena, &session->diagnostics, error);
        if (!train->sampling) return false;
    }
    if (!session_finish_data(session, error)) return false;
    if (train->sampling &&
        !sampling_set_data(train->sampling, session->data, &options.compile, arena, error))
        return false;
    return play_set_data(train->play, session->data, arena, error);
}

static bool open_run(struct train *train, const struct session *session, struct error *error) {
    const struct run_options options = {
        .outputs = arguments_get(train->arguments, "--outputs"),
        .name = session->experiment->name,
        .seed = session->experiment->seed,
        .folder = arguments_get(train->arguments, "--run-dir"),
        .config_text = session_given(session),
        .resolved_text = train->config,
        .facts = train_facts(train),
    };
    train->run = run_create(train->arena, NULL, &options, error);
    if (!train->run) return false;
    train->record = metrics_open(train->arena, NULL, train->run->folder, 0, NULL, error);
    printf("%s\n", train->run->folder);
    fflush(stdout);
    return train->record &&
           (!train->loading ||
            run_set_json(train->run, "loaded", loading_json(train->loading, train->arena), error));
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct session session;
    session_start(&session, arguments);
    struct train train = {.arguments = arguments, .session = &session, .arena = session.arena};
    if (!session_read(&session, arguments->operands[0], error) || !prepare(&train, &session, error))
        return session_report(&session, error);
    train.experiment = session.experiment;
    train.config = session_resolved(&session);
    if (!open_run(&train, &session, error)) return error->status;
    play_begin(train.play);
    enum status status = train_run(&train, false, error);
    if (status == STATUS_OK && arguments_has(arguments, "--plot"))
        plotting_run(session.arena, train.run->folder, 1u << PLOT_PNG | 1u << PLOT_GIF, false,
                     error);
    return error->status != STATUS_OK ? error->status : status;
}

static const struct option_row options[] = {
    OPTION_SET,
    OPTION_OUTPUTS,
    {"--run-dir", "FOLDER", "exactly this folder, new or empty, for the run"},
    {"--plot", NULL, "draw plots when training has ended"},
    OPTION_DEVICE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel train configs/fashion-mlp.yaml", "trains a small GAN on Fashion-MNIST"},
    {"duel train fashion-mlp --set seed=2 --set train.epochs=5",
     "the same, found by its name, with another seed and only 5 epochs"},
    {"run=$(duel train configs/points/ring.yaml) && duel plot \"$run\"",
     "standard output holds the run's folder and nothing else"},
    {NULL, NULL},
};

const struct command command_train = {
    .name = "train",
    .doc = "trains what CONFIG describes, in a new folder of runs",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .about = "The run's folder is OUTPUTS/NAME/TIME-SEED. It gets the metrics, samples and\n"
             "checkpoints that CONFIG asks for. Ctrl-C ends the step, stores a checkpoint and\n"
             "ends with status 75; 'duel resume' then goes on to the same bits.",
    .options = options,
    .examples = examples,
    .run = run,
};
