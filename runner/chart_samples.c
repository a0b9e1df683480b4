/* Samples in characters: points of the plane, and images; see chart.h. */
#include <math.h>

#include "runner/chart.h"
#include "runner/chart_axis.h"

/* ---- points ------------------------------------------------------------------------------------ */

/* The square that is shown: around the real points, or the generated ones where there are none. */
struct square {
    double middle[2], half;
};

static struct square square_of(const struct scatter *s) {
    const float *points = s->real_count ? s->real : s->made;
    int64_t count = s->real_count ? s->real_count : s->made_count;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int64_t i = 0; i < count; i++)
        for (int axis = 0; axis < 2; axis++) {
            double at = (double)points[i * s->coordinates + axis];
            if (!isfinite(at)) continue;
            low[axis] = fmin(low[axis], at);
            high[axis] = fmax(high[axis], at);
        }
    struct square square = {.half = 0.62 * fmax(high[0] - low[0], high[1] - low[1])};
    if (!(square.half > 0 && isfinite(square.half))) square.half = 1;
    for (int axis = 0; axis < 2; axis++)
        square.middle[axis] = low[axis] <= high[axis] ? (low[axis] + high[axis]) / 2 : 0;
    return square;
}

/* Where dots lie in the plane: `scale` to a dot, the same in both directions. */
struct plane {
    struct box plot;
    double left, top, scale;
    int across, down; /* dots */
};

static struct plane plane_of(const struct box *plot, const struct square *square) {
    struct plane plane = {
        .plot = *plot, .across = DOTS_ACROSS * plot->columns, .down = DOTS_DOWN * plot->rows};
    int least = plane.across < plane.down ? plane.across : plane.down;
    plane.scale = 2 * square->half / (least - 1);
    plane.left = square->middle[0] - plane.scale * (plane.across - 1) / 2;
    plane.top = square->middle[1] + plane.scale * (plane.down - 1) / 2;
    return plane;
}

/* The dot on which a point lies; false outside the plot. */
static bool find_dot(const struct plane *plane, const float *point, int *x, int *y) {
    double right = ((double)point[0] - plane->left) / plane->scale;
    double down = (plane->top - (double)point[1]) / plane->scale;
    if (!(right >= -0.5 && right < plane->across - 0.5 && down >= -0.5 && down < plane->down - 0.5))
        return false;
    *x = (int)lround(right);
    *y = (int)lround(down);
    return true;
}

static void draw_points(struct canvas *canvas, const struct plane *plane, const float *points,
                        int64_t count, int64_t coordinates, int32_t colour, bool coarse) {
    for (int64_t i = 0; i < count; i++) {
        int x, y;
        if (!find_dot(plane, points + i * coordinates, &x, &y)) continue;
        if (coarse)
            canvas_text(canvas, plane->plot.row + y / DOTS_DOWN,
                        plane->plot.column + x / DOTS_ACROSS, 1, "·", colour);
        else
            canvas_dot(canvas, &plane->plot, x, y, colour);
    }
}

/* The numbers at the ends of the axis that lies. */
static void draw_lying_axis(struct canvas *canvas, const struct plane *plane, struct arena *arena) {
    const struct box *plot = &plane->plot;
    const char *left = arena_format(arena, "%.3g", plane->left);
    const char *right =
        arena_format(arena, "%.3g", plane->left + plane->scale * (plane->across - 1));
    int row = plot->row + plot->rows, wide = text_width(right);
    canvas_text(canvas, row, plot->column, plot->columns, left, COLOUR_FAINT);
    canvas_text(canvas, row, plot->column + plot->columns - wide, wide, right, COLOUR_FAINT);
}

void scatter_draw(struct canvas *canvas, const struct box *box, const struct scatter *s) {
    struct box inner = {box->row, box->column, box->rows - 1, box->columns};
    if (box->rows < CHART_ROWS || box->columns < CHART_COLUMNS || s->coordinates < 2) return;
    struct box plot = axis_plot(&inner);
    struct square square = square_of(s);
    struct plane plane = plane_of(&plot, &square);
    struct arena *scratch = arena_new();
    struct axis axis = {.low = plane.top - plane.scale * (plane.down - 1), .high = plane.top};
    axis_draw(canvas, &inner, &axis, scratch);
    draw_lying_axis(canvas, &plane, scratch);
    draw_points(canvas, &plane, s->real, s->real_count, s->coordinates, COLOUR_REAL, !s->colours);
    draw_points(canvas, &plane, s->made, s->made_count, s->coordinates, COLOUR_MADE, false);
    arena_free(scratch);
}

/* ---- images ------------------------------------------------------------------------------------ */

/* A grid of pictures of `wide` x `high` pixels. */
struct grid {
    int wide, high, across, down;
};

enum { SIDE_ROOM = 1 };

/* Half of an image's pixels a side are enough to recognise it, and so are 32; 14 are needed. */
static int64_t least_side(int64_t side) {
    int64_t least = side / 2 < 14 ? 14 : side / 2 > 32 ? 32 : side / 2;
    return least < side ? least : side;
}

/* Pictures so large that all have room, by whole times; where they have not, as small as they can be
 * recognised. */
static struct grid grid_in(const struct box *box, const struct gallery *g) {
    int64_t across = box->columns, down = PIXELS_DOWN * box->rows;
    int64_t side = g->height > g->width ? g->height : g->width;
    struct grid best = {0};
    for (int64_t size = side * 8; size >= 1; size = size > side ? size - side : size - 1) {
        int64_t wide = g->width * size / side, high = g->height * size / side;
        if (wide < 1 || high < 1) break;
        int64_t columns = (across + SIDE_ROOM) / (wide + SIDE_ROOM);
        int64_t rows = (down + SIDE_ROOM) / (high + SIDE_ROOM);
        if (columns * rows > (int64_t)best.across * best.down)
            best = (struct grid){(int)wide, (int)high, (int)columns, (int)rows};
        if (columns * rows >= g->count || (best.across && size <= least_side(side))) break;
    }
    if ((int64_t)best.across > g->count) best.across = (int)g->count;
    return best;
}

/* The mean of the image's pixels that a picture's pixel covers, as a colour. */
static int32_t covered(const struct gallery *g, const uint8_t *image, const struct grid *grid,
                       int x, int y) {
    int64_t left = x * g->width / grid->wide, right = (x + 1) * g->width / grid->wide;
    int64_t top = y * g->height / grid->high, bottom = (y + 1) * g->height / grid->high;
    int64_t sum[3] = {0}, many = 0;
    for (int64_t row = top; row < bottom || row == top; row++)
        for (int64_t column = left; column < right || column == left; column++, many++)
            for (int c = 0; c < 3; c++)
                sum[c] +=
                    image[(row * g->width + column) * g->channels + (g->channels >= 3 ? c : 0)];
    return (int32_t)(sum[0] / many << 16 | sum[1] / many << 8 | sum[2] / many);
}

int64_t gallery_draw(struct canvas *canvas, const struct box *box, const struct gallery *g) {
    struct grid grid = grid_in(box, g);
    int64_t shown = (int64_t)grid.across * grid.down;
    if (shown > g->count) shown = g->count;
    for (int64_t i = 0; i < shown; i++) {
        const uint8_t *image = g->images + i * g->height * g->width * g->channels;
        int left = (int)(i % grid.across) * (grid.wide + SIDE_ROOM);
        int top = (int)(i / grid.across) * (grid.high + SIDE_ROOM);
        for (int y = 0; y < grid.high; y++)
            for (int x = 0; x < grid.wide; x++)
                canvas_pixel(canvas, box, left + x, top + y, covered(g, image, &grid, x, y));
    }
    return shown;
}
