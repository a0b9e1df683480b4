/*
 * A window with the metrics of a run that goes on. gnuplot draws a table again whenever a file with
 * two numbers says so; duel writes both beside the run's plots, from metrics.jsonl.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/folders.h"
#include "runner/gnuplot.h"
#include "runner/plotting.h"
#include "runner/progress.h"
#include "runner/store_about.h"
#include "runner/store_metrics.h"
#include "runner/store_run.h"

struct live {
    struct arena *arena;
    const char *folder;
    struct record *record;
    const char *table, *state;           /* files, as seen from the run's folder, */
    const char *table_path, *state_path; /* and from here */
    int64_t version;                     /* rows that the table has, and one more */
    struct gnuplot gnuplot;
};

/* Writes the table, if there is more, and then that there is, or that this is the end. */
static bool write_files(struct live *live, bool end, struct error *error) {
    if (!access(live->record->path, F_OK) && !record_read(live->record, error)) return false;
    bool same = live->version == live->record->rows + 1;
    if (same && !end) return true;
    live->version = live->record->rows + 1;
    char text[64];
    snprintf(text, sizeof text, "%" PRId64 "\t%d\n", live->version, end);
    return (same || metrics_write_table(NULL, live->table_path, live->record, error)) &&
           file_write(NULL, live->state_path, text, strlen(text), error);
}

static bool check_display(const char *folder, struct error *error) {
    const char *display = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    if ((display && *display) || (wayland && *wayland)) return true;
    error_set(error, STATUS_NO_DEVICE, "there is no display to open a window on");
    return error_hint(error, "'duel watch %s' shows the run in the terminal", folder);
}

static bool start(struct live *live, struct error *error) {
    const char *scripts = folder_own(live->arena, "plots");
    const char *name = run_text_of(live->arena, live->folder, "name"), *wanted = getenv("GNUTERM");
    if (!scripts)
        return error_set(error, STATUS_NO_INPUT,
                         "the folder of plot scripts is not where it "
                         "should be: beside the program, in share/duel");
    const char *const arguments[] = {"gnuplot",
                                     "-d",
                                     "-c",
                                     arena_format(live->arena, "%s/live.gp", scripts),
                                     live->table,
                                     live->state,
                                     plot_one_line(live->arena, name ? name : live->folder),
                                     wanted,
                                     NULL};
    return gnuplot_start(&live->gnuplot, "gnuplot", live->folder, arguments, error);
}

/* gnuplot's x11 goes on without a window where it cannot have one. */
static bool has_window(const struct live *live, struct error *error) {
    if (!strstr(text_get(&live->gnuplot.words), "unable to open display")) return true;
    error_set(error, STATUS_NO_DEVICE, "the display '%s' cannot be opened", getenv("DISPLAY"));
    return error_hint(error, "'duel watch %s' shows the run in the terminal", live->folder);
}

static bool finish(struct live *live, struct error *error) {
    int status = live->gnuplot.status;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != GNUPLOT_NO_WINDOWS)
        return gnuplot_finish(&live->gnuplot, live->arena, error);
    gnuplot_stop(&live->gnuplot);
    error_set(error, STATUS_NO_DEVICE, "this gnuplot opens no windows");
    return error_hint(error, "sudo apt install gnuplot-qt (or gnuplot-x11)");
}

/* Waits so long, or until gnuplot has ended or somebody wants this to end: true. */
static bool wait_for_signal(double seconds) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct timespec pause = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    int signal = sigtimedwait(&set, NULL, &pause);
    return signal > 0 && signal != SIGCHLD;
}

static bool goes_on(const struct live *live) {
    struct arena *scratch = arena_new();
    bool running = run_state(scratch, live->folder) == RUN_RUNNING;
    arena_free(scratch);
    return running;
}

/* Looks at the run again and again; a table that takes long to write is written less often. The
 * window is opened when there is something to show in it. */
static bool follow(struct live *live, struct error *error) {
    bool open = false, stopped = false, end = false;
    double spent = 0;
    while (!stopped && !(open && (gnuplot_has_ended(&live->gnuplot) || !has_window(live, error)))) {
        double before = seconds_now();
        if (!end) {
            end = !goes_on(live);
            if (!write_files(live, end, error)) break;
            spent = seconds_now() - before;
        }
        if (!open && (live->record->rows || end) && !(open = start(live, error))) return false;
        stopped = wait_for_signal(spent > 0.1 ? 10 * spent : 1);
    }
    if (!open) return error->status == STATUS_OK;
    if (live->gnuplot.ended && has_window(live, error)) return finish(live, error);
    gnuplot_stop(&live->gnuplot);
    return error->status == STATUS_OK;
}

bool plotting_live(struct arena *arena, const char *folder, struct error *error) {
    struct live live = {
        .arena = arena,
        .folder = folder,
        .record = record_new(arena, folder),
        .table = arena_format(arena, "plots/.live-%ld.tsv", (long)getpid()),
        .state = arena_format(arena, "plots/.live-%ld.state", (long)getpid()),
    };
    live.table_path = arena_format(arena, "%s/%s", folder, live.table);
    live.state_path = arena_format(arena, "%s/%s", folder, live.state);
    wait_for_signal(0); /* from here on they wait */
    bool good = check_display(folder, error) &&
                file_make_folders(NULL, arena_format(arena, "%s/plots", folder), error) &&
                follow(&live, error);
    unlink(live.table_path);
    unlink(live.state_path);
    return good;
}
