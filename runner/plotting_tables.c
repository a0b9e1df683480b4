/* Tables of a run's samples; see plotting.h. */
#include <inttypes.h>
#include <string.h>

#include "files/hdf5.h"
#include "runner/plot_table.h"
#include "runner/plotting.h"
#include "runner/store_classes.h"

enum { CLASSES_MOST = 40, OF_A_CLASS_MOST = 12, LATENTS_MOST = 8, STEPS_MOST = 12 };

/* As seen from the run's folder; step -1: it is not shown. */
static struct plot_images images_of(const struct plot_frame *frame, int64_t step) {
    return (struct plot_images){frame->path, (int64_t)frame->offset, step};
}

static struct plot_table table_of(const struct plot_request *request, int rows, int columns) {
    const struct plot_frame *last = &request->frames[request->frame_count - 1];
    struct plot_table table = plot_table_new(request->arena, rows, columns);
    table.height = last->height;
    table.width = last->width;
    table.channels = last->channels;
    table.title = request->title;
    table.row_labels = ARENA_ARRAY(request->arena, const char *, rows);
    return table;
}

/* ---- one row a class ---- */

/* The samples' classes, and what they are called; NULL: they have none. */
static bool read_classes(const struct plot_request *request, const int32_t **classes,
                         const char **names, struct error *error) {
    const struct plot_frame *last = &request->frames[request->frame_count - 1];
    const char *path = arena_format(request->arena, "%s/%s", request->run, last->path);
    struct hdf5_reader *file = hdf5_open_in_place(request->arena, path, error);
    struct store_array labels;
    *classes = NULL;
    if (!file) return false;
    if (!hdf5_has(file, "labels")) return true;
    if (!hdf5_read(file, request->arena, "labels", &labels, error)) return false;
    if (labels.type == STORE_INT32 && labels.rank == 1 && labels.extent[0] == last->count)
        *classes = labels.data;
    if (hdf5_has_attribute(file, "labels", "names"))
        *names = hdf5_get_text(file, request->arena, "labels", "names", error);
    return *names != NULL;
}

/* The classes in order; 0 where there are too many for a picture. */
static int list_classes(const int32_t *classes, int64_t count, int32_t list[CLASSES_MOST]) {
    int listed = 0;
    for (int64_t i = 0; i < count; i++) {
        int place = 0;
        while (place < listed && list[place] < classes[i])
            place++;
        if (place < listed && list[place] == classes[i]) continue;
        if (listed == CLASSES_MOST) return 0;
        memmove(list + place + 1, list + place, (size_t)(listed++ - place) * sizeof *list);
        list[place] = classes[i];
    }
    return listed;
}

/* How many columns it takes: as many as samples are of the class that most are of. */
static int fill_classes(const int32_t *classes, int64_t count, const int32_t *list, int rows,
                        struct plot_table *table) {
    int most = 0;
    for (int r = 0; r < rows; r++) {
        int taken = 0;
        for (int64_t i = 0; i < count && taken < OF_A_CLASS_MOST; i++) {
            if (classes[i] != list[r]) continue;
            if (table)
                table->cells[(int64_t)r * table->columns + taken] =
                    (struct plot_cell){PLOT_CELL_FRAME, i, NULL};
            taken++;
        }
        most = taken > most ? taken : most;
    }
    return most;
}

static bool draw_classes(struct plot_job *job, const struct plot_request *request,
                         struct error *error) {
    const struct plot_frame *last = &request->frames[request->frame_count - 1];
    const int32_t *classes;
    const char *lines = "";
    int32_t list[CLASSES_MOST];
    if (!read_classes(request, &classes, &lines, error)) return false;
    const int rows = classes ? list_classes(classes, last->count, list) : 0;
    if (rows < 2) return true;
    struct plot_table table =
        table_of(request, rows, fill_classes(classes, last->count, list, rows, NULL));
    fill_classes(classes, last->count, list, rows, &table);
    const struct class_names names = class_names_all(job->arena, lines);
    for (int r = 0; r < rows; r++)
        table.row_labels[r] = class_names_of(job->arena, names, list[r]);
    const int shown =
        request->frame_count < PLOT_FRAMES_MOST ? request->frame_count : PLOT_FRAMES_MOST;
    struct plot_images *images = ARENA_ARRAY(job->arena, struct plot_images, shown);
    for (int i = 0; i < shown; i++) {
        const struct plot_frame *frame =
            plot_chosen_frame(request->frames, request->frame_count, i, shown);
        images[i] = images_of(frame, frame->step);
    }
    table.images = images;
    table.images_count = shown;
    table.corner = "class";
    return plot_table_draw(job, &table, "plots/classes", request->formats, error);
}

/* ---- one row a latent ---- */

/* "12,000" */
static const char *with_commas(struct arena *arena, int64_t number) {
    return number < 1000 ? arena_format(arena, "%" PRId64, number)
                         : arena_format(arena, "%s,%03d", with_commas(arena, number / 1000),
                                        (int)(number % 1000));
}

static bool draw_latents(struct plot_job *job, const struct plot_request *request,
                         struct error *error) {
    const struct plot_frame *last = &request->frames[request->frame_count - 1];
    const int rows = last->count < LATENTS_MOST ? (int)last->count : LATENTS_MOST,
              columns = request->frame_count < STEPS_MOST ? request->frame_count : STEPS_MOST;
    if (columns < 2) return true;
    struct plot_table table = table_of(request, rows, columns);
    struct plot_images *images = ARENA_ARRAY(job->arena, struct plot_images, columns);
    table.column_labels = ARENA_ARRAY(job->arena, const char *, columns);
    for (int c = 0; c < columns; c++) {
        const struct plot_frame *frame =
            plot_chosen_frame(request->frames, request->frame_count, c, columns);
        images[c] = images_of(frame, -1);
        table.column_labels[c] = with_commas(job->arena, frame->step);
        for (int r = 0; r < rows; r++)
            table.cells[(int64_t)r * columns + c] = (struct plot_cell){c + 1, r, NULL};
    }
    for (int r = 0; r < rows; r++)
        table.row_labels[r] = arena_format(job->arena, "%d", r);
    table.images = images;
    table.images_count = columns;
    table.corner = "step";
    table.axis = true;
    table.title = arena_format(job->arena, "%s, samples through training", request->title);
    return plot_table_draw(job, &table, "plots/latents", request->formats & ~(1u << PLOT_GIF),
                           error);
}

bool plotting_tables(const struct plot_request *request, struct error *error) {
    struct plot_job job;
    const struct plot_frame *last =
        request->frame_count ? &request->frames[request->frame_count - 1] : NULL;
    if (!last || (last->channels != 1 && last->channels != 3)) return true;
    return plot_job_open(&job, request->arena, request->scripts, request->run, request->program,
                         request->files, error) &&
           draw_classes(&job, request, error) && draw_latents(&job, request, error);
}
