/* Curves and their axes in characters; see chart.h. */
#include "runner/chart.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "runner/chart_axis.h"

const char *grouped_text(struct arena *arena, int64_t number) {
    if (number < 0) return arena_format(arena, "-%s", grouped_text(arena, -number));
    if (number < 1000) return arena_format(arena, "%" PRId64, number);
    return arena_format(arena, "%s,%03d", grouped_text(arena, number / 1000), (int)(number % 1000));
}

/* The mean of the values in each column of dots, nan where there is none; the most that went into
 * one of them. */
static int64_t gather(const struct chart *chart, double *mean, int dots) {
    int64_t *many = ARENA_ARRAY(chart->arena, int64_t, dots), most = 0;
    double across = chart->last > chart->first ? (double)(chart->last - chart->first) : 1;
    for (int64_t i = 0; i < chart->count; i++) {
        double x = (double)(chart->step[i] - chart->first) / across * (dots - 1);
        if (!isfinite(chart->value[i]) || !(x >= 0 && x <= dots - 1)) continue;
        int at = (int)(x + 0.5);
        mean[at] += chart->value[i];
        if (++many[at] > most) most = many[at];
    }
    for (int i = 0; i < dots; i++)
        mean[i] = many[i] ? mean[i] / (double)many[i] : NAN;
    return most;
}

/* A line from the dot (x0, y0) to the dot (x1, y1), x0 < x1, without holes. */
static void draw_line(struct canvas *canvas, const struct box *plot, int x0, int y0, int x1, int y1,
                      int32_t colour) {
    for (int x = x0, before = y0; x <= x1; x++) {
        int y = x0 == x1 ? y1 : y0 + (int)lround((double)(y1 - y0) * (x - x0) / (x1 - x0));
        int from = before < y ? before + 1 : y, to = before < y ? y : before - 1;
        canvas_dot(canvas, plot, x, y, colour);
        for (int at = from; at <= to && x > x0; at++)
            canvas_dot(canvas, plot, x, at, colour);
        before = y;
    }
}

static void draw_curve(struct canvas *canvas, const struct box *plot, const struct axis *axis,
                       const double *mean, int dots, int32_t colour) {
    int last_x = -1, last_y = 0;
    for (int x = 0; x < dots; x++) {
        if (isnan(mean[x])) continue;
        int y = axis_dot(axis, mean[x], DOTS_DOWN * plot->rows);
        draw_line(canvas, plot, last_x < 0 ? x : last_x, last_x < 0 ? y : last_y, x, y, colour);
        last_x = x;
        last_y = y;
    }
}

static void draw_heading(struct canvas *canvas, const struct box *box, const struct chart *chart,
                         bool logarithmic) {
    double newest = NAN;
    for (int64_t i = chart->count; i-- > 0 && isnan(newest);)
        newest = chart->value[i];
    const char *value = arena_format(chart->arena, " %.4g%s", newest, logarithmic ? " (log)" : "");
    int room = box->columns - text_width(value), wide = text_width(chart->name);
    canvas_text(canvas, box->row, box->column, room, chart->name, COLOUR_OWN);
    canvas_text(canvas, box->row, box->column + (wide < room ? wide : room), text_width(value),
                value, chart->colour);
}

/* First and last step, and between them, where there is room, what the curve is. */
static void draw_steps(struct canvas *canvas, const struct box *plot, const struct chart *chart,
                       int64_t gathered) {
    int row = plot->row + plot->rows;
    const char *first = grouped_text(chart->arena, chart->first);
    const char *last = grouped_text(chart->arena, chart->last);
    const char *what =
        gathered > 1 ? arena_format(chart->arena, "means of up to %" PRId64 " values", gathered)
                     : "step";
    int left = text_width(first), right = text_width(last), wide = text_width(what);
    canvas_text(canvas, row, plot->column, plot->columns, first, COLOUR_FAINT);
    if (left + right + 1 < plot->columns)
        canvas_text(canvas, row, plot->column + plot->columns - right, right, last, COLOUR_FAINT);
    int start = (plot->columns - wide) / 2;
    if (start > left && start + wide < plot->columns - right)
        canvas_text(canvas, row, plot->column + start, wide, what, COLOUR_FAINT);
}

void chart_draw(struct canvas *canvas, const struct box *box, const struct chart *chart) {
    struct box inner = {box->row + 1, box->column, box->rows - 2, box->columns};
    if (box->rows < CHART_ROWS || box->columns < CHART_COLUMNS) return;
    struct box plot = axis_plot(&inner);
    int dots = DOTS_ACROSS * plot.columns;
    double *mean = ARENA_ARRAY(chart->arena, double, dots);
    int64_t gathered = gather(chart, mean, dots);
    struct axis axis = axis_around(mean, dots, plot.rows);
    draw_heading(canvas, box, chart, axis.logarithmic);
    axis_draw(canvas, &inner, &axis, chart->arena);
    draw_steps(canvas, &plot, chart, gathered);
    if (gathered)
        draw_curve(canvas, &plot, &axis, mean, dots, chart->colour);
    else
        canvas_text(canvas, plot.row + plot.rows / 2, plot.column + 1, plot.columns,
                    "no values yet", COLOUR_FAINT);
}
