/*
 * Pictures of a run: starts gnuplot, without a shell, on the scripts of plots/. What they draw and
 * how they look is said there; text reaches gnuplot only as an argument or in a file.
 */
#ifndef RUNNER_PLOT_H
#define RUNNER_PLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Formats and what they are called; also the ending of the file. A gif is made for frames, the
 * others for still pictures. */
#define PLOT_FORMAT_LIST(X)                                                                        \
    X(PNG, "png")                                                                                  \
    X(SVG, "svg")                                                                                  \
    X(PDF, "pdf")                                                                                  \
    X(GIF, "gif")
enum plot_format {
#define X(name, text) PLOT_##name,
    PLOT_FORMAT_LIST(X)
#undef X
        PLOT_FORMATS
};

/* The samples of one step. Images: contiguous uint8 [count, height, width, channels], channels 1
   or 3. Points (channels 0): contiguous float32 [count, 2], and the real ones beside them in the
   same file. Offsets are those of H5Dget_offset. */
struct plot_field {
    int64_t side; /* places along each axis */
    double left, bottom, spacing;
    const char *network; /* whose it is */
};
struct plot_frame {
    const char *path; /* absolute, or relative to the run's folder */
    int64_t step;
    uint64_t offset; /* bytes */
    int64_t count, height, width, channels;
    uint64_t real_offset;
    int64_t real_count; /* 0: there are none */
    /* Beside points: contiguous float32 [count, 2] and [side, side]; offset 0: there are none. */
    uint64_t arrows_offset, field_offset;
    struct plot_field field;
};

/* At most this many frames go into a gif, evenly chosen, the first and the last among them. */
enum { PLOT_FRAMES_MOST = 60 };

/* Frame i of `shown`, evenly chosen from all: the first and the last are among them. */
const struct plot_frame *plot_chosen_frame(const struct plot_frame *frames, int count, int i,
                                           int shown);

struct plot_files {
    int count;
    const char **list;
};

struct plot_request {
    const char *scripts;             /* the folder of losses.gp */
    const char *run;                 /* the run's folder; pictures go to its plots/ */
    const char *title;               /* shown as it is; NULL: none */
    const char *program;             /* NULL: "gnuplot", looked for in PATH */
    unsigned formats;                /* 1u << PLOT_PNG | … */
    const struct plot_frame *frames; /* in the order of steps, all of one shape; may be none */
    int frame_count;
    struct arena *arena;      /* owns what is returned */
    struct plot_files *files; /* what was made is added: paths that begin with `run` */
};

/*
 * Draws, in the formats wanted, plots/losses.* where the run has plots/metrics.tsv; plots/samples.*
 * or plots/points.* of the last frame; plots/animation.gif or plots/points-animation.gif of all.
 * Each appears whole or not at all; files made before an error stay, and are listed. Without
 * gnuplot the error is STATUS_NO_DEVICE; when it fails its words are in the message.
 */
bool plot_run(const struct plot_request *request, struct error *error);

/* Points of a data set, for a picture of them alone. */
struct plot_points {
    const char *scripts, *program, *title; /* as above */
    const char *path;                      /* of the picture: .png, .svg or .pdf; it is replaced */
    int64_t count;
    const float *points; /* (count, 3): two coordinates, and the class */
    int classes;         /* 0: there are none */
    struct arena *arena;
};

/* Draws it, whole or not at all; errors as plot_run's. */
bool plot_points(const struct plot_points *points, struct error *error);
/* "png" */
const char *plot_format_name(enum plot_format format);
/* The format that the ending of a path names; PLOT_FORMATS: none. */
enum plot_format plot_format_of(const char *path);

/* `text` on one line, as gnuplot can draw it: control characters become spaces; bytes that are not UTF-8,
 * and characters that no font has, question marks. In the arena. */
const char *plot_one_line(struct arena *arena, const char *text);

/* Asks for the fonts again when they are needed: for tests. */
void plot_forget_fonts(void);

#endif
