/* A picture of the points of a data set; see plot.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "runner/plot_job.h"

static bool write_points(const struct plot_points *wanted, const char *path, struct error *error) {
    FILE *file = fopen(path, "wb");
    if (!file) return error_system(error, STATUS_IO, "%s", path);
    size_t values = 3 * (size_t)wanted->count;
    bool bad = fwrite(wanted->points, sizeof(float), values, file) != values;
    if (fclose(file) || bad) return error_system(error, STATUS_IO, "%s", path);
    return true;
}

bool plot_points(const struct plot_points *wanted, struct error *error) {
    const char *dot = strrchr(wanted->path, '.');
    const enum plot_format format = plot_format_of(wanted->path);
    BUG_IF(format >= PLOT_GIF);
    struct arena *arena = wanted->arena;
    struct plot_files files = {0};
    struct plot_job job;
    if (!plot_job_open(&job, arena, wanted->scripts, ".", wanted->program, &files, error))
        return false;
    const char *name = arena_text_range(arena, wanted->path, (size_t)(dot - wanted->path)),
               *data = plot_job_temporary(&job, arena_format(arena, "%s.points", name));
    plot_job_begin(&job, "data");
    plot_job_argument(&job, data);
    plot_job_output(&job, name, format);
    plot_job_number(&job, wanted->count);
    plot_job_number(&job, wanted->classes);
    plot_job_argument(&job, plot_one_line(arena, wanted->title ? wanted->title : ""));
    bool good = write_points(wanted, data, error) && plot_job_run(&job, error);
    unlink(data);
    return good;
}
