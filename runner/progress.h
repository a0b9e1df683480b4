/*
 * What training shows on standard error: on a terminal one line that is drawn again (a bar, epoch,
 * step, rate, losses, time left), elsewhere a line about every ten seconds.
 */
#ifndef RUNNER_PROGRESS_H
#define RUNNER_PROGRESS_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "runner/store_metrics.h"

struct progress {
    FILE *file;
    bool quiet, terminal, colour;
    bool drawn;                 /* the terminal's line holds something */
    double started, last, rate; /* seconds, seconds, steps a second (smoothed) */
    int64_t first_step, last_step;
    struct text line; /* (kept, so that drawing allocates nothing once it has its size) */
};

/* Where training is. */
struct progress_state {
    int64_t step;
    double epoch;    /* finished */
    double epochs;   /* in all; 0: training does not end by epochs */
    double fraction; /* done, 0 to 1 */
    int count;
    const struct metric *metrics; /* of the last step */
};

/* Begins at `step`. */
void progress_start(struct progress *progress, FILE *file, bool quiet, bool colour, int64_t step);

/* Whether it is time to draw: ten times a second on a terminal. Cheap. */
bool progress_due(struct progress *progress);
void progress_draw(struct progress *progress, const struct progress_state *state);

/* Takes the line away, so that a message can be printed. */
void progress_clear(struct progress *progress);
/* Ends with a line of how far it came; gives its memory back. */
void progress_end(struct progress *progress, const struct progress_state *state);

/* Seconds since some moment, never running backwards. */
double seconds_now(void);

/* The most memory that this process has had, in bytes. */
int64_t memory_peak(void);

/* "1:02:03", "4:05" */
void text_add_seconds(struct text *text, double seconds);

#endif
