/* Escape sequences of ECMA-48 and xterm, and signals; see terminal.h. */
#include "runner/terminal.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static bool is_one_of(const char *word, const char *a, const char *b) {
    return !strcmp(word, a) || !strcmp(word, b);
}

/* A locale that is not set is taken for one of UTF-8, as everything else that duel prints is. */
static bool has_unicode(void) {
    const char *locale = environment("LC_ALL");
    if (!*locale) locale = environment("LC_CTYPE");
    if (!*locale) locale = environment("LANG");
    const char *terminal = environment("TERM");
    if (is_one_of(terminal, "dumb", "linux")) return false; /* the console has no braille */
    return !*locale || strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
}

static int colours_shown(void) {
    const char *terminal = environment("TERM");
    if (!isatty(STDOUT_FILENO) || *environment("NO_COLOR") || !strcmp(terminal, "dumb"))
        return COLOURS_NONE;
    if (is_one_of(environment("COLORTERM"), "truecolor", "24bit") || strstr(terminal, "direct"))
        return COLOURS_ALL;
    return strstr(terminal, "256color") ? COLOURS_256 : COLOURS_NONE;
}

bool terminal_style(const char *wanted, struct canvas_style *style, struct error *error) {
    style->unicode = has_unicode();
    style->colours = COLOURS_NONE;
    if (!wanted)
        style->colours = (unsigned)colours_shown();
    else if (!strcmp(wanted, "256"))
        style->colours = COLOURS_256;
    else if (!strcmp(wanted, "all"))
        style->colours = COLOURS_ALL;
    else if (strcmp(wanted, "none") != 0)
        return error_set(error, STATUS_USAGE, "'--colours' is none, 256 or all, not '%s'", wanted);
    return true;
}

static int number_of(const char *name, int otherwise) {
    long number = strtol(environment(name), NULL, 10);
    return number >= 1 && number <= 10000 ? (int)number : otherwise;
}

void terminal_size(int *rows, int *columns) {
    struct winsize size;
    bool known = !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col;
    *rows = known ? size.ws_row : number_of("LINES", 24);
    *columns = known ? size.ws_col : number_of("COLUMNS", 80);
}

/* ---- signals ----------------------------------------------------------------------------------- */

static bool screen_entered;

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static sigset_t waited_for(void) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        sigaddset(&set, stops[i]);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGTSTP);
    return set;
}

static void write_out(const char *bytes, size_t length) {
    while (length) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written <= 0) return;
        bytes += written;
        length -= (size_t)written;
    }
}

static void say(const char *sequence) {
    write_out(sequence, strlen(sequence));
}

void terminal_begin(void) {
    sigset_t set = waited_for();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void terminal_end(void) {
    if (screen_entered) say("\033[?25h\033[?1049l");
    screen_entered = false;
}

void terminal_show(const struct text *lines) {
    struct text all = {0};
    if (!screen_entered) text_add(&all, "\033[?1049h\033[?25l");
    screen_entered = true;
    text_add(&all, "\033[H");
    /* A newline in the last line would scroll. */
    size_t end = strlen(TERMINAL_LINE), newline = 2;
    text_add_range(&all, lines->bytes, lines->length >= end ? lines->length - newline : 0);
    text_add(&all, "\033[J");
    write_out(text_get(&all), all.length);
    text_release(&all);
}

enum terminal_event terminal_wait(double seconds) {
    sigset_t set = waited_for();
    struct timespec pause = {.tv_sec = (time_t)seconds,
                             .tv_nsec = (long)(1e9 * (seconds - floor(seconds)))};
    int signal = sigtimedwait(&set, NULL, &pause);
    if (signal == SIGTSTP) {
        terminal_end();
        raise(SIGSTOP);
        return TERMINAL_RESIZED;
    }
    if (signal == SIGWINCH) return TERMINAL_RESIZED;
    return signal > 0 ? TERMINAL_STOP : TERMINAL_TIME;
}
