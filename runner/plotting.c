/* Frames for plots; see plotting.h. */
#include "runner/plotting.h"

#include <string.h>
#include <unistd.h>

#include "runner/folders.h"
#include "runner/store_checkpoint.h"
#include "runner/store_metrics.h"
#include "runner/store_run.h"
#include "runner/store_sample.h"

/* One file of samples; `count` is 0 where they are neither images nor points. */
static bool read_frame(struct arena *arena, const char *folder, int64_t step,
                       struct plot_frame *frame, struct error *error) {
    struct store_array array, real;
    int64_t offset, real_offset;
    const char *samples = arena_format(arena, "%s/samples", folder);
    const char *path = sample_path(arena, samples, step);
    if (!sample_offset(path, &offset, &array, error) ||
        !sample_real_offset(path, &real_offset, &real, error))
        return false;
    *frame = (struct plot_frame){0};
    if (offset < 0) return true;
    *frame = (struct plot_frame){.path = sample_path(arena, "samples", step),
                                 .step = step,
                                 .offset = (uint64_t)offset,
                                 .count = array.extent[0]};
    if (array.rank == 4) {
        frame->height = array.extent[1];
        frame->width = array.extent[2];
        frame->channels = array.extent[3];
    } else if (real_offset >= 0) {
        frame->real_offset = (uint64_t)real_offset;
        frame->real_count = real.extent[0];
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

bool plotting_run(struct arena *arena, const char *folder, unsigned formats, bool list,
                  struct error *error) {
    struct plot_files files = {0};
    struct plot_request request = {
        .scripts = folder_own(arena, "plots"),
        .run = folder,
        .title = title_of(arena, folder),
        .formats = formats,
        .arena = arena,
        .files = &files,
    };
    if (!request.scripts)
        return error_set(error, STATUS_NO_INPUT,
                         "the folder of plot scripts is not where it "
                         "should be: beside the program, in share/duel");
    if (!access(arena_format(arena, "%s/metrics.jsonl", folder), R_OK) &&
        !metrics_derive(NULL, folder, error))
        return false;
    bool good = read_frames(arena, folder, &request, error) && plot_run(&request, error);
    for (int i = 0; i < files.count && list; i++)
        printf("%s\n", files.list[i]);
    return good;
}
