/* duel watch: a run in the terminal, live. */
#include <string.h>
#include <unistd.h>

#include "runner/command.h"
#include "runner/store_run.h"
#include "runner/terminal.h"
#include "runner/watch.h"

/* Seconds between two looks at the run. */
static const double pause_seconds = 0.5;

/* One frame as lines that end with `end`; `spare` lines of the terminal stay free. */
static void draw(const struct watch *watch, const struct canvas_style *style, const char *end,
                 int spare, struct text *lines) {
    struct arena *scratch = arena_new();
    int rows, columns;
    terminal_size(&rows, &columns);
    struct canvas *canvas = canvas_new(scratch, rows > spare ? rows - spare : 1, columns);
    watch_draw(watch, style, canvas);
    text_clear(lines);
    canvas_print(canvas, style, end, lines);
    arena_free(scratch);
}

/* Until the run has ended or a signal comes. */
static bool follow(struct watch *watch, const struct canvas_style *style, struct error *error) {
    struct text lines = {0};
    bool good = true;
    enum terminal_event event = TERMINAL_TIME;
    terminal_begin();
    while (good && event != TERMINAL_STOP && watch->state == RUN_RUNNING) {
        draw(watch, style, TERMINAL_LINE, 0, &lines);
        terminal_show(&lines);
        event = terminal_wait(pause_seconds);
        good = watch_read(watch, error);
    }
    terminal_end();
    text_release(&lines);
    return good;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct canvas_style style;
    const char *file;
    if (!terminal_style(arguments_get(arguments, "--colours"), &style, error)) return error->status;
    const char *folder = run_find(arguments->arena, arguments_get(arguments, "--outputs"),
                                  arguments->operands[0], &file, error);
    if (!folder) return error->status;
    struct watch *watch = watch_open(arguments->arena, folder);
    if (!watch_read(watch, error)) return error->status;
    bool once = arguments_has(arguments, "--once") || !isatty(STDOUT_FILENO);
    if (!once && !follow(watch, &style, error)) return error->status;
    struct text lines = {0};
    draw(watch, &style, "\n", 1, &lines);
    while (lines.length > 1 && lines.bytes[lines.length - 2] == '\n') /* empty lines at the end */
        lines.length--;
    fwrite(lines.bytes, 1, lines.length, stdout);
    text_release(&lines);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--once", NULL, "print one picture and end; so it is where standard output is no terminal"},
    {"--colours", "WHICH", "none, 256 or all; by default what the terminal says that it shows"},
    OPTION_OUTPUTS,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel watch fashion-mlp", "follows the newest run of this name until it ends, or Ctrl-C"},
    {"duel watch fashion-mlp --once", "shows it as it is now"},
    {NULL, NULL},
};

const struct command command_watch = {
    .name = "watch",
    .doc = "shows a run in the terminal: its metrics as curves, its newest samples",
    .operands = "RUN",
    .least = 1,
    .most = 1,
    .about =
        "It reads the run's metrics and samples, and nothing else; training does not notice.\n"
        "Curves are drawn in braille patterns, pixels as half blocks. COLORTERM=truecolor or\n"
        "a TERM with '256color' gives colours, NO_COLOR takes them away; without them, images\n"
        "become characters. What is left when it ends is the last picture.",
    .options = options,
    .examples = examples,
    .run = run,
};
