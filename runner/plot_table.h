/* A table of images with labels, as plots/table.gp draws it. */
#ifndef RUNNER_PLOT_TABLE_H
#define RUNNER_PLOT_TABLE_H

#include "runner/plot_job.h"

/* Images in a file: contiguous uint8 [n, height, width, channels] from `offset` on. */
struct plot_images {
    const char *path; /* relative to the job's folder, or absolute */
    int64_t offset;
    int64_t step; /* -1: not shown */
};

enum { PLOT_CELL_EMPTY = -1, PLOT_CELL_FRAME = 0 };

struct plot_table {
    int rows, columns;
    int64_t height, width, channels; /* of an image; 1 or 3 channels */
    int images_count;
    const struct plot_images *images; /* of a gif, the frames */
    struct plot_cell {
        int images; /* from 1 on; PLOT_CELL_FRAME: what is drawn, of a still picture the last */
        int64_t number;
        const char *caption;                  /* below it; NULL: none */
    } * cells;                                /* (rows * columns) */
    const char **row_labels, **column_labels; /* NULL: none; of a column NULL: it has none */
    bool axis;          /* labels of columns are numbers in order, of which every n-th may do */
    const char *corner; /* above the labels of rows; NULL: nothing */
    const bool *gaps;   /* (columns) more room before it; NULL: nowhere */
    const char *title;
};

/* Room for a table in the arena: all cells empty. */
struct plot_table plot_table_new(struct arena *arena, int rows, int columns);

/* Draws it as NAME.png and so on; `name` relative to the job's folder. */
bool plot_table_draw(struct plot_job *job, const struct plot_table *table, const char *name,
                     unsigned formats, struct error *error);

#endif
