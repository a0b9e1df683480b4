/* A gnuplot that was started, without a shell, on a script of plots/. */
#ifndef RUNNER_GNUPLOT_H
#define RUNNER_GNUPLOT_H

#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

struct gnuplot {
    pid_t child;
    int status; /* of waitpid, when it has ended */
    bool ended;
    int pipe; /* what it says on standard error; -1: closed */
    struct text words;
};

/* What plots/live.gp ends with where gnuplot opens no windows. */
enum { GNUPLOT_NO_WINDOWS = 3 };

/* Starts `program` in `folder`, with `arguments` (NULL-terminated, "gnuplot" first). It reads nothing
 * from standard input, and standard output goes nowhere. STATUS_NO_DEVICE: there is no such program.
 */
bool gnuplot_start(struct gnuplot *gnuplot, const char *program, const char *folder,
                   const char *const *arguments, struct error *error);

/* Whether it has ended, without waiting; takes in what it has said by now. */
bool gnuplot_has_ended(struct gnuplot *gnuplot);

/* Waits for its end and gives its memory back. False, with its last words in the message, where its
 * status is not 0. */
bool gnuplot_finish(struct gnuplot *gnuplot, struct arena *arena, struct error *error);

/* Ends it, and gives its memory back. */
void gnuplot_stop(struct gnuplot *gnuplot);

#endif
