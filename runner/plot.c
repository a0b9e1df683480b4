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
#include "runner/gnuplot.h"

static const char *const format_names[PLOT_FORMATS] = {
#define X(name, text) text,
    PLOT_FORMAT_LIST(X)
#undef X
};

enum { ARGUMENTS_MOST = 16, OUTPUTS_MOST = PLOT_FORMATS };

/* One start of gnuplot, in the run's folder. Paths in `arguments` and `temporary` are relative to
 * that folder. */
struct job {
    const struct plot_request *request;
    const char *program, *scripts; /* found before the folder changes */
    const char *title;             /* one line of UTF-8 */
    const char *arguments[ARGUMENTS_MOST + 1];
    int argument_count;
    const char *temporary[OUTPUTS_MOST], *name[OUTPUTS_MOST];
    int output_count;
};

/* A picture of one frame, or of all: the script's name is the picture's. */
struct picture {
    const char *still, *animation;
};
static const struct picture images = {"samples", "animation"};
static const struct picture points = {"points", "points-animation"};

static char *in_run(const struct job *job, const char *path) {
    return arena_format(job->request->arena, "%s/%s", job->request->run, path);
}

static void add_argument(struct job *job, const char *argument) {
    BUG_IF(job->argument_count == ARGUMENTS_MOST);
    job->arguments[job->argument_count++] = argument;
}

static void add_number(struct job *job, uint64_t number) {
    add_argument(job, arena_format(job->request->arena, "%" PRIu64, number));
}

/* Begins a call of plots/<script>.gp. -d leaves out the user's own gnuplot settings. */
static void begin(struct job *job, const char *script) {
    job->argument_count = job->output_count = 0;
    add_argument(job, "gnuplot");
    add_argument(job, "-d");
    add_argument(job, "-c");
    add_argument(job, arena_format(job->request->arena, "%s/%s.gp", job->scripts, script));
}

/* The picture `folder`NAME.ending; the folder is below the run's. */
static void add_output_in(struct job *job, const char *folder, const char *name,
                          enum plot_format format) {
    BUG_IF(job->output_count == OUTPUTS_MOST);
    struct arena *arena = job->request->arena;
    const char *ending = format_names[format];
    int i = job->output_count++;
    job->name[i] = arena_format(arena, "%s%s.%s", folder, name, ending);
    job->temporary[i] = arena_format(arena, "%s.%s-%ld.%s", folder, name, (long)getpid(), ending);
    add_argument(job, job->temporary[i]);
}

static void add_output(struct job *job, const char *name, enum plot_format format) {
    add_output_in(job, "plots/", name, format);
}

const char *plot_one_line(struct arena *arena, const char *text) {
    size_t length = strlen(text);
    char *line = arena_text(arena, text);
    for (size_t bad; (bad = text_invalid_utf8(line, length)) < length;)
        line[bad] = '?';
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) *at = ' ';
    return line;
}

/* Runs the job to its end. */
static bool run_gnuplot(struct job *job, struct error *error) {
    const struct plot_request *request = job->request;
    struct gnuplot gnuplot;
    job->arguments[job->argument_count] = NULL;
    return gnuplot_start(&gnuplot, job->program, request->run, job->arguments, error) &&
           gnuplot_finish(&gnuplot, request->arena, error);
}

/* gnuplot's svg lets viewers smooth enlarged images; the attribute is inherited by all of them. */
static bool sharpen_svg(const char *path, struct error *error) {
    static const char tag[] = "<svg", attribute[] = " image-rendering=\"pixelated\"";
    FILE *file = fopen(path, "r+");
    if (!file) return error_system(error, STATUS_IO, "%s", path);
    struct text text = {0};
    char buffer[1 << 16];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;)
        text_add_range(&text, buffer, got);
    const char *bytes = text_get(&text), *found = strstr(bytes, tag);
    bool good = !ferror(file);
    if (good && found) {
        size_t head = (size_t)(found - bytes) + strlen(tag);
        good = !fseek(file, (long)head, SEEK_SET) && fputs(attribute, file) >= 0 &&
               fwrite(bytes + head, 1, text.length - head, file) == text.length - head;
    }
    if (fclose(file)) good = false;
    text_release(&text);
    return good || error_system(error, STATUS_IO, "%s", path);
}

/* Gives output i its name and lists it. */
static bool keep_output(const struct job *job, int i, struct error *error) {
    const struct plot_request *request = job->request;
    const char *from = in_run(job, job->temporary[i]), *to = in_run(job, job->name[i]);
    struct stat state;
    if (stat(from, &state) || state.st_size == 0)
        return error_set(error, STATUS_IO, "gnuplot did not write %s: is the disk full?", to);
    if (!strcmp(job->name[i], "plots/samples.svg") && !sharpen_svg(from, error)) return false;
    if (rename(from, to)) return error_system(error, STATUS_IO, "%s", to);
    struct plot_files *files = request->files;
    files->list = ARENA_GROW(request->arena, files->list, files->count);
    files->list[files->count++] = to;
    return true;
}

static bool run_job(struct job *job, struct error *error) {
    bool good = run_gnuplot(job, error);
    for (int i = 0; i < job->output_count; i++) {
        if (good) good = keep_output(job, i, error);
        if (!good) unlink(in_run(job, job->temporary[i]));
    }
    return good;
}

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
    return path[0] == '/' ? path : in_run(job, path);
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

/* Frame i of `shown`, evenly chosen from all: the first and the last are among them. */
static const struct plot_frame *chosen_frame(const struct plot_request *request, int i, int shown) {
    if (shown == 1) return &request->frames[request->frame_count - 1];
    return &request->frames[(int64_t)i * (request->frame_count - 1) / (shown - 1)];
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
        const struct plot_frame *frame = chosen_frame(request, i, shown);
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
    char *list = arena_format(job->request->arena, "plots/.frames-%ld.tsv", (long)getpid());
    bool good = write_list(job, in_run(job, list), error);
    if (good) {
        begin(job, name);
        add_argument(job, list);
        add_output(job, name, PLOT_GIF);
        add_number(job, (uint64_t)frame->count);
        if (frame->channels) {
            add_number(job, (uint64_t)frame->height);
            add_number(job, (uint64_t)frame->width);
            add_number(job, (uint64_t)frame->channels);
        } else {
            add_number(job, (uint64_t)frame->real_count);
        }
        add_argument(job, job->title);
        if (last->field_offset) add_argument(job, field_text(job->request->arena, &last->field));
        good = run_job(job, error);
    }
    unlink(in_run(job, list));
    return good;
}

static bool draw_still(struct job *job, const char *name, enum plot_format format,
                       struct error *error) {
    const struct plot_frame *frame = &job->request->frames[job->request->frame_count - 1];
    if (!check_frame(job, frame, error)) return false;
    begin(job, name);
    add_argument(job, frame_path(job->request, frame));
    add_output(job, name, format);
    add_number(job, frame->offset);
    add_number(job, (uint64_t)frame->count);
    if (frame->channels) {
        add_number(job, (uint64_t)frame->height);
        add_number(job, (uint64_t)frame->width);
        add_number(job, (uint64_t)frame->channels);
    } else {
        add_number(job, frame->real_offset);
        add_number(job, (uint64_t)frame->real_count);
    }
    add_argument(job, arena_format(job->request->arena, "%" PRId64, frame->step));
    add_argument(job, job->title);
    if (!frame->channels) add_argument(job, plane_text(job, frame));
    return run_job(job, error);
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
    if (access(in_run(job, metrics), F_OK)) return true;
    begin(job, "losses");
    add_argument(job, metrics);
    add_argument(job, job->title);
    for (enum plot_format format = 0; format < PLOT_FORMATS; format++)
        if (format != PLOT_GIF && job->request->formats & 1u << format)
            add_output(job, "losses", format);
    return job->output_count == 0 || run_job(job, error);
}

static bool start(struct job *job, const struct plot_request *request, struct error *error) {
    BUG_IF(!request->arena || !request->files);
    *job =
        (struct job){.request = request,
                     .program = request->program ? request->program : "gnuplot",
                     .title = plot_one_line(request->arena, request->title ? request->title : "")};
    char *scripts = realpath(request->scripts, NULL);
    if (!scripts) return error_system(error, STATUS_NO_INPUT, "%s", request->scripts);
    job->scripts = arena_text(request->arena, scripts);
    free(scripts);
    return true;
}

bool plot_run(const struct plot_request *request, struct error *error) {
    struct job job;
    if (!start(&job, request, error)) return false;
    const char *folder = in_run(&job, "plots");
    if (mkdir(folder, 0777) && errno != EEXIST) return error_system(error, STATUS_IO, "%s", folder);
    return draw_losses(&job, error) && (request->frame_count == 0 || draw_frames(&job, error));
}

/* ---- points of a data set ---- */

enum plot_format plot_format_of(const char *path) {
    const char *dot = strrchr(path, '.');
    for (enum plot_format format = 0; format < PLOT_FORMATS; format++)
        if (dot && dot != path && dot[-1] != '/' && !strcmp(dot + 1, format_names[format]))
            return format;
    return PLOT_FORMATS;
}

static bool write_points(const struct plot_points *wanted, const char *path, struct error *error) {
    FILE *file = fopen(path, "wb");
    if (!file) return error_system(error, STATUS_IO, "%s", path);
    size_t values = 3 * (size_t)wanted->count;
    bool bad = fwrite(wanted->points, sizeof(float), values, file) != values;
    if (fclose(file) || bad) return error_system(error, STATUS_IO, "%s", path);
    return true;
}

bool plot_points(const struct plot_points *wanted, struct error *error) {
    struct arena *arena = wanted->arena;
    const char *slash = strrchr(wanted->path, '/'), *file = slash ? slash + 1 : wanted->path;
    enum plot_format format = plot_format_of(wanted->path);
    BUG_IF(format >= PLOT_GIF);
    struct plot_files files = {0};
    struct plot_request request = {
        .scripts = wanted->scripts,
        .run = slash ? arena_text_range(arena, wanted->path, (size_t)(file - wanted->path)) : ".",
        .title = wanted->title,
        .program = wanted->program,
        .arena = arena,
        .files = &files};
    struct job job;
    if (!start(&job, &request, error)) return false;
    const char *name =
                   arena_text_range(arena, file, strlen(file) - strlen(format_names[format]) - 1),
               *data = arena_format(arena, ".%s-%ld.points", name, (long)getpid());
    begin(&job, "data");
    add_argument(&job, data);
    add_output_in(&job, "", name, format);
    add_number(&job, (uint64_t)wanted->count);
    add_number(&job, (uint64_t)wanted->classes);
    add_argument(&job, job.title);
    bool good = write_points(wanted, in_run(&job, data), error) && run_job(&job, error);
    unlink(in_run(&job, data));
    return good;
}
