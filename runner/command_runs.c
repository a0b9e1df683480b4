/* duel runs: which runs there are, which of them go on, and how far they came. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/command.h"
#include "runner/progress.h"
#include "runner/store_about.h"
#include "runner/store_run.h"

/* The newest first; of those that began in one second, the one whose folder was made last. */
static int compare(const void *a, const void *b) {
    const struct run_about *x = a, *y = b;
    if (x->started != y->started) return x->started < y->started ? 1 : -1;
    return strverscmp(y->folder, x->folder);
}

/* ---- as a table ---- */

enum { COLUMNS = 7 };
static const char *const headings[COLUMNS] = {"run",     "state", "step", "epoch",
                                              "started", "took",  "size"};
static const bool to_the_right[COLUMNS] = {[2] = true, [3] = true, [5] = true, [6] = true};

struct row {
    const char *cell[COLUMNS], *metrics;
};

static const char *kept(struct arena *arena, struct text *text) {
    const char *copy = arena_text(arena, text_get(text));
    text_release(text);
    return copy;
}

static const char *time_text(struct arena *arena, time_t time) {
    char text[32];
    struct tm local;
    localtime_r(&time, &local);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    return time ? arena_text(arena, text) : "";
}

static const char *size_text(struct arena *arena, int64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double size = (double)bytes / 1e3;
    int unit = 0;
    while (size >= 999.5 && unit < 3)
        size /= 1e3, unit++;
    return arena_format(arena, size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

static const char *metrics_text(struct arena *arena, const struct record *last) {
    struct text text = {0};
    for (int i = 0; i < last->columns; i++)
        if (strcmp(last->column[i].name, "epoch") != 0)
            text_format(&text, "%s%s %.4g", text.length ? "  " : "", last->column[i].name,
                        last->column[i].value[0]);
    return kept(arena, &text);
}

static struct row row_of(struct arena *arena, const struct run_about *about) {
    const struct record_column *epoch = record_find(about->last, "epoch");
    struct text took = {0};
    if (about->started) text_add_seconds(&took, about->seconds);
    return (struct row){
        .cell = {about->folder,
                 arena_format(arena, "%s%s", run_state_name(about->state),
                              about->resumable ? ", resumable" : ""),
                 arena_format(arena, "%" PRId64, about->step),
                 epoch ? arena_format(arena, "%.2f", epoch->value[0]) : "",
                 time_text(arena, about->started), kept(arena, &took),
                 size_text(arena, about->bytes)},
        .metrics = metrics_text(arena, about->last),
    };
}

static void print_cell(const char *text, int width, bool right) {
    int pad = width - text_width(text);
    printf("%*s%s%*s", right ? pad : 0, "", text, right ? 0 : pad, "");
}

static void print_row(const char *const *cell, const int *width, const char *metrics, int room) {
    size_t bytes = 0, left = strlen(metrics);
    for (int c = 0; c < COLUMNS; c++) {
        if (c) fputs("  ", stdout);
        print_cell(cell[c], width[c], to_the_right[c]);
    }
    for (int i = 0; bytes < left && i < room; i++)
        bytes += text_character_size(metrics + bytes, left - bytes);
    printf("%s%.*s\n", bytes ? "  " : "", (int)bytes, metrics);
}

/* What is left of a line of the terminal behind `width`; without a terminal all is shown. */
static int room_behind(const int *width) {
    struct winsize size;
    int all = 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col) return INT32_MAX;
    for (int c = 0; c < COLUMNS; c++)
        all += width[c] + 2;
    return size.ws_col - all;
}

static void print_table(struct arena *arena, int count, const struct run_about *runs) {
    struct row *rows = ARENA_ARRAY(arena, struct row, count);
    int width[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        width[c] = text_width(headings[c]);
    for (int i = 0; i < count; i++) {
        rows[i] = row_of(arena, &runs[i]);
        for (int c = 0; c < COLUMNS; c++)
            if (text_width(rows[i].cell[c]) > width[c]) width[c] = text_width(rows[i].cell[c]);
    }
    print_row(headings, width, "metrics", INT32_MAX);
    for (int i = 0; i < count; i++)
        print_row(rows[i].cell, width, rows[i].metrics, room_behind(width));
}

/* ---- as JSON ---- */

static json_t *number_or_null(double number) {
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *metrics_object(const struct record *last) {
    json_t *object = json_object();
    for (int i = 0; i < last->columns; i++)
        json_object_set_new(object, last->column[i].name, number_or_null(last->column[i].value[0]));
    return object;
}

static void print_json(struct arena *arena, int count, const struct run_about *runs) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        const struct run_about *run = &runs[i];
        json_array_append_new(list, json_pack("{s:s s:s s:s s:b s:I s:o s:s? s:f s:I}", "folder",
                                              run->folder, "name", run->name, "state",
                                              run_state_name(run->state), "resumable",
                                              (int)run->resumable, "step", (json_int_t)run->step,
                                              "metrics", metrics_object(run->last), "started",
                                              run_text_of(arena, run->folder, "started"), "seconds",
                                              run->seconds, "bytes", (json_int_t)run->bytes));
    }
    char *text = json_dumps(list, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    printf("%s\n", text);
    free(text);
    json_decref(list);
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct arena *arena = arguments->arena;
    const char *outputs = arguments_get(arguments, "--outputs"), *const * folders;
    int count;
    if (!run_find_all(arena, outputs, arguments->count ? arguments->operands[0] : NULL, &count,
                      &folders, error))
        return error->status;
    struct run_about *runs = ARENA_ARRAY(arena, struct run_about, count);
    for (int i = 0; i < count; i++)
        run_look(arena, folders[i], &runs[i]);
    qsort(runs, (size_t)count, sizeof *runs, compare);
    if (arguments_has(arguments, "--json"))
        print_json(arena, count, runs);
    else if (count)
        print_table(arena, count, runs);
    else
        fprintf(stderr, "there are no runs in '%s' yet; 'duel train CONFIG' makes one\n",
                outputs ? outputs : "outputs");
    return STATUS_OK;
}

static const struct option_row options[] = {
    OPTION_JSON,
    OPTION_OUTPUTS,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel runs", "lists all runs, the newest first"},
    {"duel runs fashion-mlp", "those of one experiment"},
    {"duel resume \"$(duel runs --json | jq -r 'map(select(.resumable))[0].folder')\"",
     "goes on with the newest run that was stopped"},
    {NULL, NULL},
};

const struct command command_runs = {
    .name = "runs",
    .doc = "lists runs: their state, how far they came, their last metrics",
    .operands = "[EXPERIMENT]",
    .least = 0,
    .most = 1,
    .about = "A run is 'running' while a process trains into its folder, else 'finished',\n"
             "'stopped' (by a signal), 'diverged' or 'failed' (a full disk, say). One that 'died'\n"
             "has lost its process to a crash or kill -9. What is 'resumable', 'duel resume'\n"
             "goes on with. 'took' is the time from the start to the last sign of life.",
    .options = options,
    .examples = examples,
    .run = run,
};
