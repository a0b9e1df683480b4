/* The upright axis of a plot in characters: its range, round numbers along it, where a value lies. */
#ifndef RUNNER_CHART_AXIS_H
#define RUNNER_CHART_AXIS_H

#include "runner/canvas.h"

struct axis {
    double low, high; /* at the middle of the lowest and the highest dot; logarithms where so */
    double tick;      /* between two numbers of the axis; 0: only the ends have one */
    bool logarithmic;
};

/* Around the values that are finite, with ends that are round numbers, for `rows` lines. */
struct axis axis_around(const double *value, int count, int rows);
/* The dot, of `dots` from the top, on which a value lies; outside the range it is < 0 or >= dots. */
int axis_dot(const struct axis *axis, double value, int dots);

/* What is left of a box beside the axis. The axis and its numbers, drawn into the box. */
struct box axis_plot(const struct box *box);
void axis_draw(struct canvas *canvas, const struct box *box, const struct axis *axis,
               struct arena *arena);

#endif
