/*
 * One start of gnuplot on a script of plots/: its arguments, and the files that come of it, each whole
 * or not at all.
 */
#ifndef RUNNER_PLOT_JOB_H
#define RUNNER_PLOT_JOB_H

#include <stdint.h>

#include "runner/plot.h"

enum { PLOT_ARGUMENTS_MOST = 16, PLOT_OUTPUTS_MOST = PLOT_FORMATS };

struct plot_job {
    struct arena *arena; /* owns what is made */
    const char *folder;  /* gnuplot runs in it; paths of arguments and outputs are relative to it */
    const char *program, *scripts; /* found before the folder changes */
    struct plot_files *files;      /* what was made is added */
    bool pixels;                   /* it draws images, whose pixels shall stay sharp */
    const char *arguments[PLOT_ARGUMENTS_MOST + 1];
    int argument_count;
    const char *temporary[PLOT_OUTPUTS_MOST], *name[PLOT_OUTPUTS_MOST];
    int output_count;
};

/* Prepares for scripts of the folder `scripts`; `program` NULL: "gnuplot", looked for in PATH. */
bool plot_job_open(struct plot_job *job, struct arena *arena, const char *scripts,
                   const char *folder, const char *program, struct plot_files *files,
                   struct error *error);

/* Begins a call of SCRIPTS/script.gp; then its arguments in order. An output's name ends in that of
 * the format. */
void plot_job_begin(struct plot_job *job, const char *script);
void plot_job_argument(struct plot_job *job, const char *argument);
void plot_job_number(struct plot_job *job, int64_t number);
void plot_job_output(struct plot_job *job, const char *name, enum plot_format format);

/* Runs it to its end and lists the files. Without gnuplot the error is STATUS_NO_DEVICE; when it
 * fails its words are in the message. */
bool plot_job_run(struct plot_job *job, struct error *error);

/* The path as seen from here; in the arena. */
char *plot_job_path(const struct plot_job *job, const char *path);
/* A name for a file of this process only, beside `path`: "plots/.frames-17.tsv". */
char *plot_job_temporary(const struct plot_job *job, const char *path);

/* "png,svg" as a set of bits, 1u << PLOT_PNG | …; STATUS_USAGE. */
bool plot_read_formats(const char *text, unsigned *formats, struct error *error);

#endif
