/* The pictures of a run: finds its samples and hands them to runner/plot.h. */
#ifndef RUNNER_PLOTTING_H
#define RUNNER_PLOTTING_H

#include "runner/command.h"
#include "runner/plot.h"

/* Draws `formats` (1u << PLOT_PNG | …) of the run in `folder` and prints the files' paths to
 * standard output if `list`. */
bool plotting_run(struct arena *arena, const char *folder, unsigned formats, bool list,
                  struct error *error);

/* The same of one picture, plots/real: the newest samples beside images of the data that the run was
 * trained on, of the same classes where there are such. Wants a checkpoint, and the data. */
enum status plotting_real(const struct arguments *arguments, const char *folder, unsigned formats,
                          struct error *error);

/* What there is to draw of a run: its title, and frames of one shape, that of the last. */
bool plotting_find(struct arena *arena, const char *folder, struct plot_request *request,
                   struct error *error);

/* Tables of a run's sample images: plots/classes, one row a class, where they have classes; and
 * plots/latents, each row one fixed latent through training. */
bool plotting_tables(const struct plot_request *request, struct error *error);

/* Keeps a window with the run's metrics until it is closed, the run ends, or a signal comes. Without
 * a display, or a gnuplot that opens windows, the error is STATUS_NO_DEVICE. */
bool plotting_live(struct arena *arena, const char *folder, struct error *error);

#endif
