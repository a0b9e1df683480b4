/* Starts gnuplot on the scripts of plots/; see plot.h. */
#include "runner/plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/plot_job.h"

/* One run's pictures. Paths in arguments are relative to its folder. */
struct job {
    struct plot_job job;
    const struct plot_request *request;
    const char *title; /* one line of UTF-8 */
};

/* A picture of one frame, or of all: the script's name is the picture's. */
struct picture {
    const char *still, *animation;
};
static const struct picture images = {"samples", "animation"};
static const struct picture points = {"points", "points-animation"};

/* ---- frames ---- */

/* The path as seen from the run's folder. */
static const char *frame_path(const struct plot_request *request, const struct plot_frame *frame) {
    size_t length = strlen(request->run);
    if (!strncmp(frame->path, request->run, length) && frame->path[length] == '/')
        return frame->path + length + 1 + strspn(frame->path + length + 1, "/");
    return frame->path;
}

static const char *full_path(const struct job *job, const struct plot_frame *frame) {
    const char *path = frame_path(job->request, frame);
    return path[0] == '/' ? path : plot_job_path(&job->job, path);
}

/* Multiplies by an extent; false where that overflows or the extent is not positive. */
static bool add_extent(uint64_t *product, int64_t extent) {
    return extent > 0 && !__builtin_mul_overflow(*product, (uint64_t)extent, product);
}

/* Whether `count` pairs of numbers lie in the file from `offset` on. */
static bool holds(uint64_t size, uint64_t offset, int64_t count, uint64_t bytes) {
    uint64_t end;
    return add_extent(&bytes, count) && !__builtin_add_overflow(offset, bytes, &end) && end <= size;
}

/* The same of all that belongs to points. */
static bool holds_points(const struct plot_frame *frame, uint64_t size) {
    const uint64_t pair = 2 * sizeof(float);
    const struct plot_field *field = &frame->field;
    if (frame->real_count && !holds(size, frame->real_offset, frame->real_count, pair))
        return false;
    if (frame->arrows_offset && !holds(size, frame->arrows_offset, frame->count, pair))
        return false;
    return !frame->field_offset ||
           (field->side > 1 && field->side < 1 << 15 &&
            holds(size, frame->field_offset, field->side * field->side, sizeof(float)));
}

/* The file holds what the frame says, so that gnuplot reads no byte of something else. */
static bool check_frame(const struct job *job, const struct plot_frame *frame,
                        struct error *error) {
    const struct plot_frame *first = &job->request->frames[0];
    const char *path = full_path(job, frame);
    const bool flat = frame->channels == 0;
    uint64_t bytes = flat ? 2 * sizeof(float) : 1, end = 0;
    bool good = flat || frame->channels == 1 || frame->channels == 3;
    good = good && add_extent(&bytes, frame->count);
    if (good && !flat)
        good = add_extent(&bytes, frame->height) && add_extent(&bytes, frame->width) &&
               add_extent(&bytes, frame->channels);
    if (!good || frame->real_count < 0)
        return error_set(error, STATUS_DATA,
                         "%s: cannot draw samples of shape [%" PRId64 ", %" PRId64 ", %" PRId64
                         ", %" PRId64 "]: images must be grey or RGB, and not empty",
                         path, frame->count, frame->height, frame->width, frame->channels);
    if (frame->count != first->count || frame->height != first->height ||
        frame->width != first->width || frame->channels != first->channels)
        return error_set(error, STATUS_DATA, "%s: samples have another shape than those of %s",
                         path, full_path(job, first));
    struct stat state;
    if (stat(path, &state)) return error_system(error, STATUS_NO_INPUT, "%s", path);
    const uint64_t size = (uint64_t)state.st_size;
    good = S_ISREG(state.st_mode) && !__builtin_add_overflow(frame->offset, bytes, &end) &&
           end <= size;
    good = good && (!flat || holds_points(frame, size));
    return good || error_set(error, STATUS_DATA, "%s: the file ends before its samples do", path);
}

const struct plot_frame *plot_chosen_frame(const struct plot_frame *frames, int count, int i,
                                           int shown) {
    if (shown == 1) return &frames[count - 1];
    return &frames[(int64_t)i * (count - 1) / (shown - 1)];
}

static bool same_field(const struct plot_field *a, const struct plot_field *b) {
    return a->side == b->side && a->left == b->left && a->bottom == b->bottom &&
           a->spacing == b->spacing;
}

/* An offset that may be missing, as the scripts want it; a field is left out where it has other
 * places than that of the last frame. */
static int64_t arrows_of(const struct plot_frame *frame) {
    return frame->arrows_offset ? (int64_t)frame->arrows_offset : -1;
}
static int64_t field_of(const struct job *job, const struct plot_frame *frame) {
    const struct plot_frame *last = &job->request->frames[job->request->frame_count - 1];
    bool shown = frame->field_offset && same_field(&frame->field, &last->field);
    return shown ? (int64_t)frame->field_offset : -1;
}

/* "64 -1.2 -1.2 0.04 discriminator" */
static const char *field_text(struct arena *arena, const struct plot_field *field) {
    struct text text = {0};
    const double numbers[] = {(double)field->side, field->left, field->bottom, field->spacing};
    for (int i = 0; i < 4; i++) {
        text_add_number(&text, numbers[i]);
        text_add(&text, " ");
    }
    text_add(&text, plot_one_line(arena, field->network));
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

/* What points.gp takes last: offsets of arrows and field, and the field. */
static const char *plane_text(const struct job *job, const struct plot_frame *frame) {
    struct arena *arena = job->request->arena;
    if (!frame->field_offset) return arena_format(arena, "%" PRId64, arrows_of(frame));
    return arena_format(arena, "%" PRId64 " %" PRIu64 " %s", arrows_of(frame), frame->field_offset,
                        field_text(arena, &frame->field));
}

/* Writes the list that the animations read: path, offset, step, offsets of real points, arrows and
 * field. */
static bool write_list(const struct job *job, const char *list, struct error *error) {
    const struct plot_request *request = job->request;
    const int shown =
        request->frame_count < PLOT_FRAMES_MOST ? request->frame_count : PLOT_FRAMES_MOST;
    FILE *file = fopen(list, "w");
    if (!file) return error_system(error, STATUS_IO, "%s", list);
    bool good = true;
    for (int i = 0; i < shown && good; i++) {
        const struct plot_frame *frame =
            plot_chosen_frame(request->frames, request->frame_count, i, shown);
        const char *path = frame_path(request, frame);
        if (strpbrk(path, "\t\n\r\"")) {
            error_set(error, STATUS_DATA,
                      "%s: gnuplot cannot read a path with a tab, a line break or a double quote",
                      path);
            fclose(file);
            return false;
        }
        good = check_frame(job, frame, error);
        fprintf(file, "%s%s\t%" PRIu64 "\t%" PRId64 "\t%" PRIu64 "\t%" PRId64 "\t%" PRId64 "\n",
                path[0] == '/' ? "" : "./", path, frame->offset, frame->step, frame->real_offset,
                arrows_of(frame), field_of(job, frame));
    }
    const bool bad = ferror(file);
    if (fclose(file) || bad) good = error_system(error, STATUS_IO, "%s", list);
    return good;
}

static bool draw_animation(struct job *job, const char *name, struct error *error) {
    const struct plot_frame *frame = &job->request->frames[0],
                            *last = &job->request->frames[job->request->frame_count - 1];
    char *list = plot_job_temporary(&job->job, "plots/frames.tsv");
    bool good = write_list(job, plot_job_path(&job->job, list), error);
    if (good) {
        plot_job_begin(&job->job, name);
        plot_job_argument(&job->job, list);
        plot_job_output(&job->job, arena_format(job->request->arena, "plots/%s", name), PLOT_GIF);
        plot_job_number(&job->job, frame->count);
        if (frame->channels) {
            plot_job_number(&job->job, frame->height);
            plot_job_number(&job->job, frame->width);
            plot_job_number(&job->job, frame->channels);
        } else {
            plot_job_number(&job->job, frame->real_count);
        }
        plot_job_argument(&job->job, job->title);
        if (last->field_offset)
            plot_job_argument(&job->job, field_text(job->request->arena, &last->field));
        good = plot_job_run(&job->job, error);
    }
    unlink(plot_job_path(&job->job, list));
    return good;
}

static bool draw_still(struct job *job, const char *name, enum plot_format format,
                       struct error *error) {
    const struct plot_frame *frame = &job->request->frames[job->request->frame_count - 1];
    if (!check_frame(job, frame, error)) return false;
    plot_job_begin(&job->job, name);
    plot_job_argument(&job->job, frame_path(job->request, frame));
    plot_job_output(&job->job, arena_format(job->request->arena, "plots/%s", name), format);
    plot_job_number(&job->job, (int64_t)frame->offset);
    plot_job_number(&job->job, frame->count);
    if (frame->channels) {
        plot_job_number(&job->job, frame->height);
        plot_job_number(&job->job, frame->width);
        plot_job_number(&job->job, frame->channels);
        job->job.pixels = true;
    } else {
        plot_job_number(&job->job, (int64_t)frame->real_offset);
        plot_job_number(&job->job, frame->real_count);
    }
    plot_job_argument(&job->job, arena_format(job->request->arena, "%" PRId64, frame->step));
    plot_job_argument(&job->job, job->title);
    if (!frame->channels) plot_job_argument(&job->job, plane_text(job, frame));
    return plot_job_run(&job->job, error);
}

static bool draw_frames(struct job *job, struct error *error) {
    const struct plot_request *request = job->request;
    const struct picture *picture = request->frames[0].channels ? &images : &points;
    for (enum plot_format format = 0; format < PLOT_FORMATS; format++) {
        if (!(request->formats & 1u << format)) continue;
        if (format == PLOT_GIF ? !draw_animation(job, picture->animation, error)
                               : !draw_still(job, picture->still, format, error))
            return false;
    }
    return true;
}

static bool draw_losses(struct job *job, struct error *error) {
    static const char metrics[] = "plots/metrics.tsv";
    if (access(plot_job_path(&job->job, metrics), F_OK)) return true;
    plot_job_begin(&job->job, "losses");
    plot_job_argument(&job->job, metrics);
    plot_job_argument(&job->job, job->title);
    for (enum plot_format format = 0; format < PLOT_FORMATS; format++)
        if (format != PLOT_GIF && job->request->formats & 1u << format)
            plot_job_output(&job->job, "plots/losses", format);
    return job->job.output_count == 0 || plot_job_run(&job->job, error);
}

bool plot_run(const struct plot_request *request, struct error *error) {
    BUG_IF(!request->arena || !request->files);
    struct job job = {.request = request,
                      .title = plot_one_line(request->arena, request->title ? request->title : "")};
    if (!plot_job_open(&job.job, request->arena, request->scripts, request->run, request->program,
                       request->files, error))
        return false;
    const char *folder = plot_job_path(&job.job, "plots");
    if (mkdir(folder, 0777) && errno != EEXIST) return error_system(error, STATUS_IO, "%s", folder);
    return draw_losses(&job, error) && (request->frame_count == 0 || draw_frames(&job, error));
}
