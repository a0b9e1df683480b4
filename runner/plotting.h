/* The pictures of a run: finds its samples and hands them to runner/plot.h. */
#ifndef RUNNER_PLOTTING_H
#define RUNNER_PLOTTING_H

#include "runner/plot.h"

/* Draws `formats` (1u << PLOT_PNG | …) of the run in `folder` and prints the files' paths to
 * standard output if `list`. */
bool plotting_run(struct arena *arena, const char *folder, unsigned formats, bool list,
                  struct error *error);

/* Keeps a window with the run's metrics until it is closed, the run ends, or a signal comes. Without
 * a display, or a gnuplot that opens windows, the error is STATUS_NO_DEVICE. */
bool plotting_live(struct arena *arena, const char *folder, struct error *error);

#endif
