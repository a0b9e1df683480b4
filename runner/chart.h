/*
 * Small plots in a terminal, with axes that say what they show: a curve over steps, points in the
 * plane, a grid of images.
 */
#ifndef RUNNER_CHART_H
#define RUNNER_CHART_H

#include "runner/canvas.h"

/* Okabe and Ito's blue and orange (Color Universal Design, 2008), lightened for dark grounds; what
 * axes and remarks are written in. */
enum { COLOUR_MADE = 0x56B4E9, COLOUR_REAL = 0xE69F00, COLOUR_FAINT = 0x888888 };

/* One metric over steps. A curve shows means, where there are more values than dots. The axis is
 * logarithmic, and says so, where all values are positive and span more than three decades. */
struct chart {
    struct arena *arena; /* scratch */
    const char *name;
    int64_t count;
    const int64_t *step; /* (count) ascending */
    const double *value; /* (count) what is not finite is left out */
    int64_t first, last; /* steps at the ends of the axis */
    int32_t colour;
};
/* At least CHART_ROWS x CHART_COLUMNS cells are wanted; in less nothing is drawn. */
enum { CHART_ROWS = 5, CHART_COLUMNS = 24 };
void chart_draw(struct canvas *canvas, const struct box *box, const struct chart *chart);

/* Points over real ones, the first two of their coordinates, in a square around the real ones. */
struct scatter {
    const float *made, *real; /* (count, coordinates) */
    int64_t made_count, real_count, coordinates;
    bool colours; /* else real points are told apart by another character */
};
void scatter_draw(struct canvas *canvas, const struct box *box, const struct scatter *scatter);

/* As many images of a batch as can be recognised in the box, the first at the top left. Returns how
 * many. */
struct gallery {
    const uint8_t
        *images; /* (count, height, width, channels): grey, with or without alpha, or RGB */
    int64_t count, height, width, channels;
};
int64_t gallery_draw(struct canvas *canvas, const struct box *box, const struct gallery *gallery);

/* 1234567 as "1,234,567"; in the arena. */
const char *grouped_text(struct arena *arena, int64_t number);

#endif
