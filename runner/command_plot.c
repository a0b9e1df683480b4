/* duel plot: curves, sample grids and animations of a run. */
#include "runner/command.h"
#include "runner/plot_job.h"
#include "runner/plotting.h"
#include "runner/store_run.h"

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *wanted = arguments_get(arguments, "--format"), *file;
    unsigned formats;
    if (!plot_read_formats(wanted ? wanted : "png,gif", &formats, error)) return error->status;
    const char *folder = run_find(arguments->arena, arguments_get(arguments, "--outputs"),
                                  arguments->operands[0], &file, error);
    if (folder && arguments_has(arguments, "--live")) {
        plotting_live(arguments->arena, folder, error);
        return error->status;
    }
    if (!folder || !plotting_run(arguments->arena, folder, formats, true, error))
        return error->status;
    if (arguments_has(arguments, "--real")) return plotting_real(arguments, folder, formats, error);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--format", "LIST", "of png, svg, pdf and gif; 'png,gif' by default"},
    {"--real", NULL, "one more picture: images of the data beside generated ones"},
    {"--live", NULL, "keep a window with the metrics of a run that goes on"},
    OPTION_OUTPUTS,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel plot outputs/fashion-mlp", "draws the newest run of this name"},
    {"duel plot fashion-mlp --format pdf,svg", "draws what a report wants"},
    {"duel plot fashion-mlp --real", "real images beside generated ones as well"},
    {"duel plot fashion-mlp --live", "shows the metrics in a window while it trains"},
    {NULL, NULL},
};

const struct command command_plot = {
    .name = "plot",
    .doc = "draws a run's loss curves, samples and animation",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .about =
        "Pictures go to the run's folder plots/; their paths go to standard output. There are\n"
        "losses and the newest samples, and the samples through training, as an animation and\n"
        "as a table with a row for each of the first; where they have classes, also a row for\n"
        "each class. gnuplot draws them, with scripts that can be used by hand as well. With\n"
        "--live there is a window instead, which wants gnuplot-x11 or gnuplot-qt; it ends with\n"
        "the run, or when the window is closed.",
    .options = options,
    .examples = examples,
    .run = run,
};
