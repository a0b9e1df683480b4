/* The progress line; see progress.h. */
#include "runner/progress.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Seconds between two lines: on a terminal, elsewhere. */
static const double terminal_pause = 0.1, line_pause = 10;

double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int64_t memory_peak(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) ? 0 : (int64_t)usage.ru_maxrss * 1024;
}

void text_add_seconds(struct text *text, double seconds) {
    if (!(seconds >= 0 && seconds < 1e7)) {
        text_add(text, "-:--");
        return;
    }
    long whole = lround(seconds), hours = whole / 3600, minutes = whole / 60 % 60;
    if (hours)
        text_format(text, "%ld:%02ld:%02ld", hours, minutes, whole % 60);
    else
        text_format(text, "%ld:%02ld", minutes, whole % 60);
}

void progress_start(struct progress *progress, FILE *file, bool quiet, bool colour, int64_t step) {
    double now = seconds_now();
    *progress = (struct progress){.file = file,
                                  .quiet = quiet,
                                  .terminal = isatty(fileno(file)),
                                  .colour = colour,
                                  .started = now,
                                  .last = now,
                                  .first_step = step,
                                  .last_step = step};
}

bool progress_due(struct progress *progress) {
    if (progress->quiet) return false;
    return seconds_now() - progress->last >= (progress->terminal ? terminal_pause : line_pause);
}

static int terminal_width(FILE *file) {
    struct winsize size;
    return !ioctl(fileno(file), TIOCGWINSZ, &size) && size.ws_col > 0 ? size.ws_col : 80;
}

/* The rate over the last second or so. */
static void measure(struct progress *progress, int64_t step) {
    double now = seconds_now(), passed = now - progress->last;
    if (passed <= 0 || step <= progress->last_step) return;
    double rate = (double)(step - progress->last_step) / passed;
    double keep = progress->rate > 0 ? exp(-passed / 2) : 0;
    progress->rate = keep * progress->rate + (1 - keep) * rate;
    progress->last = now;
    progress->last_step = step;
}

static void add_numbers(struct text *line, const struct progress_state *state) {
    if (state->epochs > 0)
        text_format(line, "epoch %.2f/%g  ", state->epoch, state->epochs);
    else
        text_format(line, "epoch %.2f  ", state->epoch);
    text_format(line, "step %" PRId64, state->step);
}

static void add_rate(const struct progress *progress, struct text *line,
                     const struct progress_state *state) {
    text_format(line, progress->rate < 10 ? "  %.2f steps/s" : "  %.0f steps/s", progress->rate);
    double passed = seconds_now() - progress->started;
    double speed = progress->rate > 0 && state->step > progress->first_step
                       ? (double)(state->step - progress->first_step) / passed
                       : 0;
    if (speed <= 0 || state->fraction <= 0) return;
    double steps_left = (double)state->step * (1 - state->fraction) / state->fraction;
    text_add(line, "  ");
    text_add_seconds(line, steps_left / progress->rate);
    text_add(line, " left");
}

/* As many metrics as fit into `room` columns. */
static void add_metrics(struct text *line, const struct progress_state *state, size_t room) {
    for (int i = 0; i < state->count; i++) {
        char piece[128];
        snprintf(piece, sizeof piece, "  %s %.4g", state->metrics[i].name, state->metrics[i].value);
        if (line->length + strlen(piece) > room) return;
        text_add(line, piece);
    }
}

static void add_bar(struct text *line, double fraction, int wide) {
    int full = (int)(fraction * wide + 0.5);
    for (int i = 0; i < wide; i++)
        text_add(line, i < full ? "█" : "░");
    text_format(line, " %3.0f%%  ", 100 * fraction);
}

void progress_draw(struct progress *progress, const struct progress_state *state) {
    if (progress->quiet) return;
    measure(progress, state->step);
    struct text *line = &progress->line;
    text_clear(line);
    add_numbers(line, state);
    add_rate(progress, line, state);
    if (!progress->terminal) {
        add_metrics(line, state, 400);
        fprintf(progress->file, "%s\n", text_get(line));
        fflush(progress->file);
        return;
    }
    int columns = terminal_width(progress->file), bar = columns >= 100 ? 20 : 10;
    int room = columns - 1 - (columns >= 60 ? bar + 7 : 0);
    add_metrics(line, state, room > 0 ? (size_t)room : 0);
    fputs("\r", progress->file);
    if (columns >= 60) {
        struct text drawing = {0};
        add_bar(&drawing, state->fraction, bar);
        fputs(progress->colour ? "\033[36m" : "", progress->file);
        fputs(text_get(&drawing), progress->file);
        fputs(progress->colour ? "\033[0m" : "", progress->file);
        text_release(&drawing);
    }
    fprintf(progress->file, "%.*s\033[K", room > 0 ? room : 0, text_get(line));
    fflush(progress->file);
    progress->drawn = true;
}

void progress_clear(struct progress *progress) {
    if (!progress->drawn) return;
    fputs("\r\033[K", progress->file);
    fflush(progress->file);
    progress->drawn = false;
}

void progress_end(struct progress *progress, const struct progress_state *state) {
    progress_draw(progress, state);
    if (progress->drawn) fputs("\n", progress->file);
    progress->drawn = false;
    text_release(&progress->line);
}
