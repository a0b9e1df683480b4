/* Arguments, outputs; see plot_job.h. */
#include "runner/plot_job.h"

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

bool plot_read_formats(const char *text, unsigned *formats, struct error *error) {
    *formats = 0;
    while (*text) {
        char name[32];
        size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        int found = -1;
        for (int i = 0; i < PLOT_FORMATS; i++)
            if (!strcmp(format_names[i], name)) found = i;
        if (found < 0) {
            error_set(error, STATUS_USAGE, "there is no format '%s'", name);
            return error_hint(error, "formats are png, svg, pdf and gif");
        }
        *formats |= 1u << found;
        text += length + (text[length] == ',');
    }
    return *formats || error_set(error, STATUS_USAGE, "'--format' wants a list: png,svg,pdf,gif");
}

const char *plot_format_name(enum plot_format format) {
    return format_names[format];
}

enum plot_format plot_format_of(const char *path) {
    const char *dot = strrchr(path, '.');
    for (enum plot_format format = 0; format < PLOT_FORMATS; format++)
        if (dot && dot != path && dot[-1] != '/' && !strcmp(dot + 1, format_names[format]))
            return format;
    return PLOT_FORMATS;
}

bool plot_job_open(struct plot_job *job, struct arena *arena, const char *scripts,
                   const char *folder, const char *program, struct plot_files *files,
                   struct error *error) {
    *job = (struct plot_job){
        .arena = arena, .folder = folder, .program = program ? program : "gnuplot", .files = files};
    char *found = realpath(scripts, NULL);
    if (!found) return error_system(error, STATUS_NO_INPUT, "%s", scripts);
    job->scripts = arena_text(arena, found);
    free(found);
    return true;
}

char *plot_job_path(const struct plot_job *job, const char *path) {
    bool here = path[0] == '/' || !strcmp(job->folder, ".");
    return here ? arena_text(job->arena, path)
                : arena_format(job->arena, "%s/%s", job->folder, path);
}

char *plot_job_temporary(const struct plot_job *job, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
               *dot = strrchr(name, '.');
    BUG_IF(!dot);
    return arena_format(job->arena, "%.*s.%.*s-%ld%s", (int)(name - path), path, (int)(dot - name),
                        name, (long)getpid(), dot);
}

void plot_job_argument(struct plot_job *job, const char *argument) {
    BUG_IF(job->argument_count == PLOT_ARGUMENTS_MOST);
    job->arguments[job->argument_count++] = argument;
}

void plot_job_number(struct plot_job *job, int64_t number) {
    plot_job_argument(job, arena_format(job->arena, "%" PRId64, number));
}

/* -d leaves out the user's own gnuplot settings. */
void plot_job_begin(struct plot_job *job, const char *script) {
    job->argument_count = job->output_count = 0;
    job->pixels = false;
    plot_job_argument(job, "gnuplot");
    plot_job_argument(job, "-d");
    plot_job_argument(job, "-c");
    plot_job_argument(job, arena_format(job->arena, "%s/%s.gp", job->scripts, script));
}

void plot_job_output(struct plot_job *job, const char *name, enum plot_format format) {
    BUG_IF(job->output_count == PLOT_OUTPUTS_MOST);
    int i = job->output_count++;
    job->name[i] = arena_format(job->arena, "%s.%s", name, format_names[format]);
    job->temporary[i] = plot_job_temporary(job, job->name[i]);
    plot_job_argument(job, job->temporary[i]);
}

static bool run_gnuplot(struct plot_job *job, struct error *error) {
    struct gnuplot gnuplot;
    job->arguments[job->argument_count] = NULL;
    return gnuplot_start(&gnuplot, job->program, job->folder, job->arguments, error) &&
           gnuplot_finish(&gnuplot, job->arena, error);
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

static bool ends_svg(const char *path) {
    size_t length = strlen(path);
    return length > 4 && !strcmp(path + length - 4, ".svg");
}

/* Gives output i its name and lists it. */
static bool keep_output(const struct plot_job *job, int i, struct error *error) {
    const char *from = plot_job_path(job, job->temporary[i]),
               *to = plot_job_path(job, job->name[i]);
    struct stat state;
    if (stat(from, &state) || state.st_size == 0)
        return error_set(error, STATUS_IO, "gnuplot did not write %s: is the disk full?", to);
    if (job->pixels && ends_svg(to) && !sharpen_svg(from, error)) return false;
    if (rename(from, to)) return error_system(error, STATUS_IO, "%s", to);
    struct plot_files *files = job->files;
    files->list = ARENA_GROW(job->arena, files->list, files->count);
    files->list[files->count++] = to;
    return true;
}

bool plot_job_run(struct plot_job *job, struct error *error) {
    bool good = run_gnuplot(job, error);
    for (int i = 0; i < job->output_count; i++) {
        if (good) good = keep_output(job, i, error);
        if (!good) unlink(plot_job_path(job, job->temporary[i]));
    }
    return good;
}
