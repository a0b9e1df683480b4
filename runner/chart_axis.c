/* Axes in characters; see chart_axis.h. */
#include "runner/chart_axis.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "runner/chart.h"

enum { LABEL = 7 }; /* columns of a number */
enum {
    TICKS_ROWS = 7
}; /* with fewer rows, numbers between the ends would stand at uneven distances */

/* 1, 2 or 5 times a power of ten, at least `least`. */
static double round_up(double least) {
    double power = pow(10, floor(log10(least)));
    double digit = least / power;
    return power * (digit <= 1.0000001 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static struct axis linear(double low, double high, int rows) {
    if (!(high - low > 1e-12 * fmax(fabs(low), fabs(high)))) { /* all the same */
        double half = low != 0 ? 0.1 * fabs(low) : 1;
        low -= half;
        high += half;
    }
    int ticks = rows < TICKS_ROWS ? 4 : rows / 3 + 1; /* spaces between numbers, at most */
    struct axis axis = {.tick = round_up((high - low) / ticks)};
    axis.low = axis.tick * floor(low / axis.tick + 1e-9);
    axis.high = axis.tick * ceil(high / axis.tick - 1e-9);
    if (rows < TICKS_ROWS) axis.tick = 0;
    return axis;
}

struct axis axis_around(const double *value, int count, int rows) {
    double low = DBL_MAX, high = -DBL_MAX;
    for (int i = 0; i < count; i++) {
        if (!isfinite(value[i])) continue;
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    if (low > high) return (struct axis){.low = 0, .high = 1};
    if (!(low > 0 && high > 1000 * low)) return linear(low, high, rows);
    struct axis axis = {floor(log10(low)), ceil(log10(high)), 0, true};
    axis.tick = ceil((axis.high - axis.low) / (rows / 2 + 1));
    axis.high = axis.low + axis.tick * ceil((axis.high - axis.low) / axis.tick);
    return axis;
}

int axis_dot(const struct axis *axis, double value, int dots) {
    double at = axis->logarithmic ? log10(value) : value;
    double down = (axis->high - at) / (axis->high - axis->low) * (dots - 1);
    return down < -1 ? -1 : down > dots ? dots : (int)lround(down);
}

struct box axis_plot(const struct box *box) {
    return (struct box){box->row, box->column + LABEL + 1, box->rows, box->columns - LABEL - 1};
}

static const char *number_text(struct arena *arena, const struct axis *axis, double number) {
    if (axis->logarithmic) return arena_format(arena, "1e%d", (int)lround(number));
    if (!(axis->tick > 0)) return arena_format(arena, "%.3g", number);
    double tick = axis->tick;
    int decimals = tick >= 1 ? 0 : (int)ceil(-log10(tick) - 1e-9);
    if (fabs(number) < 1e-9 * tick) return "0";
    const char *text = arena_format(arena, "%.*f", decimals, number);
    return strlen(text) <= LABEL ? text : arena_format(arena, "%.1e", number);
}

static void draw_number(struct canvas *canvas, const struct box *box, const struct axis *axis,
                        double number, struct arena *arena) {
    double value = axis->logarithmic ? pow(10, number) : number;
    int row = box->row + axis_dot(axis, value, DOTS_DOWN * box->rows) / DOTS_DOWN;
    const char *text = number_text(arena, axis, number);
    int wide = text_width(text);
    canvas_text(canvas, row, box->column + (wide < LABEL ? LABEL - wide : 0), LABEL, text,
                COLOUR_FAINT);
    canvas_text(canvas, row, box->column + LABEL, 1, "┤", COLOUR_FAINT);
}

void axis_draw(struct canvas *canvas, const struct box *box, const struct axis *axis,
               struct arena *arena) {
    for (int i = 0; i < box->rows; i++)
        canvas_text(canvas, box->row + i, box->column + LABEL, 1, "│", COLOUR_FAINT);
    double tick = axis->tick > 0 ? axis->tick : axis->high - axis->low;
    int count = (int)lround((axis->high - axis->low) / tick);
    for (int i = 0; i <= count; i++)
        draw_number(canvas, box, axis, axis->low + i * tick, arena);
}
