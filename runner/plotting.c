/* Frames for plots; see plotting.h. */
#include "runner/plotting.h"

#include <string.h>
#include <unistd.h>

#include "runner/folders.h"
#include "runner/store_checkpoint.h"
#include "runner/store_metrics.h"
#include "runner/store_run.h"
#include "runner/store_sample.h"

static uint64_t offset_of(const struct sample_place *place) {
    return place->offset > 0 ? (uint64_t)place->offset : 0;
}

/* Points, and what belongs to them. */
static void take_points(struct plot_frame *frame, const struct sample_layout *layout) {
    bool real = layout->real.offset > 0 && layout->real.shape.extent[1] == 2;
    frame->count = layout->points.shape.extent[0];
    frame->offset = offset_of(&layout->points);
    frame->real_offset = real ? offset_of(&layout->real) : 0;
    frame->real_count = real ? layout->real.shape.extent[0] : 0;
    frame->arrows_offset = offset_of(&layout->arrows);
    frame->field_offset = offset_of(&layout->field);
    if (!frame->field_offset) return;
    frame->field = (struct plot_field){
        layout->field.shape.extent[0], (double)layout->field_x[0], (double)layout->field_y[0],
        (double)(layout->field_x[1] - layout->field_x[0]), layout->field_network};
}

/* One file of samples; `count` is 0 where they are neither images nor points of the plane. */
static bool read_frame(struct arena *arena, const char *folder, int64_t step,
                       struct plot_frame *frame, struct error *error) {
    struct sample_layout layout;
    const char *samples = arena_format(arena, "%s/samples", folder);
    if (!sample_layout(arena, sample_path(arena, samples, step), &layout, error)) return false;
    *frame = (struct plot_frame){.path = sample_path(arena, "samples", step), .step = step};
    if (layout.images.offset > 0) {
        const int64_t *extent = layout.images.shape.extent;
        frame->offset = offset_of(&layout.images);
        frame->count = extent[0];
        frame->height = extent[1];
        frame->width = extent[2];
        frame->channels = extent[3];
    } else if (layout.points.offset > 0 && layout.points.shape.extent[1] == 2) {
        take_points(frame, &layout);
    }
    return true;
}

static bool same_shape(const struct plot_frame *a, const struct plot_frame *b) {
    return a->count == b->count && a->height == b->height && a->width == b->width &&
           a->channels == b->channels;
}

/* Frames of one shape: that of the last. */
static bool read_frames(struct arena *arena, const char *folder, struct plot_request *request,
                        struct error *error) {
    const int64_t *steps;
    int count, read = 0, kept = 0;
    if (!checkpoint_list(arena, arena_format(arena, "%s/samples", folder), &count, &steps, error))
        return false;
    struct plot_frame *frames = ARENA_ARRAY(arena, struct plot_frame, count);
    for (int i = 0; i < count; i++) {
        if (!read_frame(arena, folder, steps[i], &frames[read], error)) return false;
        if (frames[read].count > 0) read++;
    }
    for (int i = 0; i < read; i++)
        if (same_shape(&frames[i], &frames[read - 1])) frames[kept++] = frames[i];
    request->frames = frames;
    request->frame_count = kept;
    return true;
}

/* The experiment's name; of a run without run.json, the folder's. */
static const char *title_of(struct arena *arena, const char *folder) {
    const char *name = run_text_of(arena, folder, "name");
    return name ? name : folder;
}

bool plotting_find(struct arena *arena, const char *folder, struct plot_request *request,
                   struct error *error) {
    request->scripts = folder_own(arena, "plots");
    request->run = folder;
    request->title = title_of(arena, folder);
    request->arena = arena;
    if (!request->scripts)
        return error_set(error, STATUS_NO_INPUT,
                         "the folder of plot scripts is not where it "
                         "should be: beside the program, in share/duel");
    return read_frames(arena, folder, request, error);
}

bool plotting_run(struct arena *arena, const char *folder, unsigned formats, bool list,
                  struct error *error) {
    struct plot_files files = {0};
    struct plot_request request = {.formats = formats, .files = &files};
    if (!access(arena_format(arena, "%s/metrics.jsonl", folder), R_OK) &&
        !metrics_derive(NULL, folder, error))
        return false;
    bool good = plotting_find(arena, folder, &request, error) && plot_run(&request, error) &&
                plotting_tables(&request, error);
    for (int i = 0; i < files.count && list; i++)
        printf("%s\n", files.list[i]);
    return good;
}
