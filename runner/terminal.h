/* The terminal on standard output: what it shows, how large it is, and a screen of its own to draw on. */
#ifndef RUNNER_TERMINAL_H
#define RUNNER_TERMINAL_H

#include "base/error.h"
#include "runner/canvas.h"

/* By COLORTERM, TERM, NO_COLOR and the locale; no colours where standard output is no terminal.
 * `wanted` ("none", "256", "all"; NULL: not given) comes before them; STATUS_USAGE. */
bool terminal_style(const char *wanted, struct canvas_style *style, struct error *error);

/* Rows and columns: the terminal's, else LINES and COLUMNS, else 24 and 80. */
void terminal_size(int *rows, int *columns);

/* Signals wait from here on for terminal_wait. */
void terminal_begin(void);
/* Leaves the screen to draw on, if it was entered. */
void terminal_end(void);

/* Shows lines that end with TERMINAL_LINE, on a screen of its own without a cursor. */
#define TERMINAL_LINE "\033[K\r\n"
void terminal_show(const struct text *lines);

enum terminal_event { TERMINAL_TIME, TERMINAL_RESIZED, TERMINAL_STOP };
/* Waits for a signal, at most so many seconds. Ctrl-Z is seen to here: the screen is left and, when
 * the process goes on, RESIZED is told. */
enum terminal_event terminal_wait(double seconds);

#endif
