/* duel plot: curves, sample grids and animations of a run. */
#include <string.h>

#include "base/text.h"
#include "runner/command.h"
#include "runner/plotting.h"
#include "runner/store_run.h"

static const char *const format_names[] = {
#define X(name, text) text,
    PLOT_FORMAT_LIST(X)
#undef X
};

/* "png,svg" as a set of bits. */
static bool read_formats(const char *text, unsigned *formats, struct error *error) {
    *formats = 0;
    while (*text) {
        char name[32];
        size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        int found = -1;
        for (int i = 0; i < PLOT_FORMATS; i++)
            if (!strcmp(format_names[i], name)) found = i;
        if (found < 0) {
            error_set(error, STATUS_USAGE, "there is no format '%s'", name);
            return error_hint(error, "formats are png, svg, pdf and gif");
        }
        *formats |= 1u << found;
        text += length + (text[length] == ',');
    }
    return *formats || error_set(error, STATUS_USAGE, "'--format' wants a list: png,svg,pdf,gif");
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *wanted = arguments_get(arguments, "--format"), *file;
    unsigned formats;
    if (!read_formats(wanted ? wanted : "png,gif", &formats, error)) return error->status;
    const char *folder = run_find(arguments->arena, arguments_get(arguments, "--outputs"),
                                  arguments->operands[0], &file, error);
    if (folder && arguments_has(arguments, "--live")) {
        plotting_live(arguments->arena, folder, error);
        return error->status;
    }
    if (!folder || !plotting_run(arguments->arena, folder, formats, true, error))
        return error->status;
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--format", "LIST", "of png, svg, pdf and gif; 'png,gif' by default"},
    {"--live", NULL, "keep a window with the metrics of a run that goes on"},
    OPTION_OUTPUTS,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel plot outputs/fashion-mlp", "draws the newest run of this name"},
    {"duel plot fashion-mlp --format pdf,svg", "draws what a report wants"},
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
        "Pictures go to the run's folder plots/; their paths go to standard output. gnuplot\n"
        "draws them, with scripts that can be used by hand as well. With --live there is a\n"
        "window instead, which wants gnuplot-x11 or gnuplot-qt; it ends with the run, or when\n"
        "the window is closed.",
    .options = options,
    .examples = examples,
    .run = run,
};
