/* What stands where when a run is watched; see watch.h. */
#include "runner/watch.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "runner/chart.h"
#include "runner/progress.h"
#include "runner/store_checkpoint.h"

/* ---- reading ----------------------------------------------------------------------------------- */

static void watch_release(void *object) {
    struct watch *watch = object;
    arena_free(watch->samples_arena);
}

struct watch *watch_open(struct arena *arena, const char *folder) {
    struct watch *watch = ARENA_NEW(arena, struct watch);
    *watch = (struct watch){
        .arena = arena, .folder = folder, .record = record_new(arena, folder), .samples_step = -1};
    arena_on_free(arena, watch_release, watch);
    return watch;
}

/* The newest samples, if they are not those that were read before. */
static bool read_samples(struct watch *watch, struct arena *scratch, struct error *error) {
    const char *folder = arena_format(scratch, "%s/samples", watch->folder);
    const int64_t *steps;
    int count;
    if (!checkpoint_list(scratch, folder, &count, &steps, error)) return false;
    if (!count || steps[count - 1] == watch->samples_step) return true;
    arena_free(watch->samples_arena);
    watch->samples_arena = arena_new();
    watch->samples_step = -1;
    if (!sample_read(watch->samples_arena, sample_path(scratch, folder, steps[count - 1]),
                     &watch->samples, error))
        return false;
    watch->samples_step = steps[count - 1];
    return true;
}

bool watch_read(struct watch *watch, struct error *error) {
    struct arena *scratch = arena_new();
    bool good = (access(watch->record->path, F_OK) != 0 || record_read(watch->record, error)) &&
                read_samples(watch, scratch, error);
    struct run_about about;
    run_look_brief(scratch, watch->folder, &about);
    watch->state = about.state;
    watch->resumable = about.resumable;
    watch->seconds = about.seconds;
    arena_free(scratch);
    return good;
}

/* ---- drawing ----------------------------------------------------------------------------------- */

enum { WIDE = 110, CHART_WIDE = 38, CHART_HIGH = 7, GAP = 2 };

struct drawing {
    const struct watch *watch;
    const struct canvas_style *style;
    struct canvas *canvas;
    struct arena *arena;
};

static bool is_loss(const char *name) {
    size_t length = strlen(name);
    return length > 5 && !strcmp(name + length - 5, ".loss");
}

/* Columns to be drawn: the losses, then the rest. */
static int chosen(const struct drawing *d, const struct record_column **list) {
    const struct record *record = d->watch->record;
    int count = 0;
    for (int losses = 1; losses >= 0; losses--)
        for (int i = 0; i < record->columns; i++)
            if (strcmp(record->column[i].name, "epoch") != 0 &&
                is_loss(record->column[i].name) == losses)
                list[count++] = &record->column[i];
    return count;
}

static void draw_chart(const struct drawing *d, const struct box *box,
                       const struct record_column *column) {
    const struct record *record = d->watch->record;
    int64_t first = record->step[0], last = record->step[record->rows - 1];
    struct chart chart = {.arena = d->arena,
                          .name = column->name,
                          .count = record->rows,
                          .step = record->step,
                          .value = column->value,
                          .first = first < last / 5 ? 0 : first,
                          .last = last,
                          .colour = is_loss(column->name) ? COLOUR_MADE : COLOUR_REAL};
    chart_draw(d->canvas, box, &chart);
}

/* Charts side by side, in as many lines as have room. Returns how many metrics there was no room
 * for. */
static int draw_charts(const struct drawing *d, const struct box *box) {
    const struct record *record = d->watch->record;
    const struct record_column **list =
        ARENA_ARRAY(d->arena, const struct record_column *, record->columns);
    int count = record->rows ? chosen(d, list) : 0;
    if (!count) {
        canvas_text(d->canvas, box->row, box->column, box->columns, "no metrics yet", COLOUR_OWN);
        return 0;
    }
    int across = (box->columns + GAP) / (CHART_WIDE + GAP);
    across = across < 1 ? 1 : across > count ? count : across;
    int lines = (count + across - 1) / across, most = box->rows / CHART_HIGH;
    if (most < 1) most = 1;
    if (lines > most) lines = most;
    int wide = (box->columns + GAP) / across - GAP, high = box->rows / lines;
    for (int i = 0; i < count && i < across * lines; i++)
        draw_chart(d,
                   &(struct box){box->row + i / across * high,
                                 box->column + i % across * (wide + GAP), high, wide},
                   list[i]);
    return count > across * lines ? count - across * lines : 0;
}

static void draw_points(const struct drawing *d, const struct box *box, const char *step) {
    const struct sample *s = &d->watch->samples;
    struct scatter scatter = {.made = s->points.data,
                              .made_count = s->points.extent[0],
                              .coordinates = s->points.extent[1],
                              .colours = d->style->colours != COLOURS_NONE};
    bool same = s->real.data && s->real.extent[1] == s->points.extent[1];
    scatter.real = same ? s->real.data : NULL;
    scatter.real_count = same ? s->real.extent[0] : 0;
    const char *heading = arena_format(d->arena, "points of step %s  ", step);
    int column = box->column + text_width(heading);
    canvas_text(d->canvas, box->row, box->column, box->columns, heading, COLOUR_OWN);
    canvas_text(d->canvas, box->row, column, box->columns, "⠿ generated", COLOUR_MADE);
    if (same)
        canvas_text(d->canvas, box->row, column + 13, box->columns,
                    scatter.colours ? "⠿ real" : "· real", COLOUR_REAL);
    scatter_draw(d->canvas, &(struct box){box->row + 1, box->column, box->rows - 1, box->columns},
                 &scatter);
}

static void draw_images(const struct drawing *d, const struct box *box, const char *step) {
    const struct store_array *images = &d->watch->samples.images;
    struct gallery gallery = {images->data, images->extent[0], images->extent[1], images->extent[2],
                              images->extent[3]};
    struct box inner = {box->row + 1, box->column, box->rows - 1, box->columns};
    int64_t shown = gallery_draw(d->canvas, &inner, &gallery);
    canvas_text(d->canvas, box->row, box->column, box->columns,
                arena_format(d->arena, "samples of step %s, %d of %d", step, (int)shown,
                             (int)gallery.count),
                COLOUR_OWN);
}

static void draw_samples(const struct drawing *d, const struct box *box) {
    const char *step = grouped_text(d->arena, d->watch->samples_step);
    if (d->watch->samples.points.data)
        draw_points(d, box, step);
    else
        draw_images(d, box, step);
}

static void draw_heading(const struct drawing *d, int hidden) {
    const struct record *record = d->watch->record;
    const struct record_column *epoch = record_find(record, "epoch");
    struct text text = {0};
    int64_t step = record->rows ? record->step[record->rows - 1] : 0;
    if (d->watch->samples_step > step) step = d->watch->samples_step;
    text_add(&text, run_state_name(d->watch->state));
    if (d->watch->resumable) text_add(&text, " ('duel resume' goes on)");
    text_format(&text, "  step %s", grouped_text(d->arena, step));
    if (epoch && record->rows) text_format(&text, "  epoch %.2f", record_newest(record, epoch));
    text_add(&text, "  ");
    text_add_seconds(&text, d->watch->seconds);
    if (hidden) text_format(&text, "  (%d more metric%s)", hidden, hidden == 1 ? "" : "s");
    text_format(&text, "  %s", d->watch->folder);
    canvas_text(d->canvas, 0, 0, d->canvas->columns, text_get(&text), COLOUR_OWN);
    text_release(&text);
}

/* Samples stand beside the curves where there is room for that, else below them. */
static void split(const struct canvas *canvas, bool samples, struct box *charts,
                  struct box *picture) {
    *charts = (struct box){1, 0, canvas->rows - 1, canvas->columns};
    *picture = *charts;
    if (!samples) return;
    if (canvas->columns >= WIDE) {
        int square = 2 * picture->rows + 6, half = canvas->columns / 2;
        picture->columns = square < half ? square : half;
        picture->column = canvas->columns - picture->columns;
        charts->columns -= picture->columns + GAP;
    } else {
        charts->rows = charts->rows * 2 / 5;
        if (charts->rows < CHART_HIGH) charts->rows = CHART_HIGH;
        picture->row += charts->rows;
        picture->rows -= charts->rows;
    }
}

void watch_draw(const struct watch *watch, const struct canvas_style *style,
                struct canvas *canvas) {
    struct drawing d = {watch, style, canvas, arena_new()};
    struct box charts, picture;
    bool shown = watch->samples_step >= 0 && !watch->samples.values.data;
    split(canvas, shown, &charts, &picture);
    int hidden = draw_charts(&d, &charts);
    if (shown) draw_samples(&d, &picture);
    draw_heading(&d, hidden);
    arena_free(d.arena);
}
