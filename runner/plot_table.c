/* The two files that plots/table.gp reads; see plot_table.h. */
#include "runner/plot_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"

struct plot_table plot_table_new(struct arena *arena, int rows, int columns) {
    struct plot_table table = {.rows = rows, .columns = columns};
    table.cells = ARENA_ARRAY(arena, struct plot_cell, (int64_t)rows * columns);
    for (int64_t i = 0; i < (int64_t)rows * columns; i++)
        table.cells[i].images = PLOT_CELL_EMPTY;
    return table;
}

/* gnuplot's reader ends a text at a double quote. */
static const char *as_field(struct arena *arena, const char *text) {
    char *field = arena_text(arena, plot_one_line(arena, text));
    for (char *at = field; (at = strchr(at, '"'));)
        *at = '\'';
    return field;
}

static void print_cells(const struct plot_table *t, struct arena *arena, FILE *file) {
    for (int r = 0; r < t->rows; r++)
        for (int c = 0; c < t->columns; c++) {
            const struct plot_cell *cell = &t->cells[(int64_t)r * t->columns + c];
            if (cell->images == PLOT_CELL_EMPTY) continue;
            BUG_IF(cell->images > t->images_count);
            fprintf(file, "cell\t%d\t%d\t%d\t%" PRId64 "\n", r + 1, c + 1, cell->images,
                    cell->number);
            if (cell->caption)
                fprintf(file, "caption\t%d\t%d\t0\t%s\n", r + 1, c + 1,
                        as_field(arena, cell->caption));
        }
}

static bool write_table(const struct plot_table *t, struct arena *arena, const char *path,
                        struct error *error) {
    FILE *file = fopen(path, "w");
    if (!file) return error_system(error, STATUS_IO, "%s", path);
    print_cells(t, arena, file);
    for (int r = 0; t->row_labels && r < t->rows; r++)
        fprintf(file, "row\t%d\t0\t0\t%s\n", r + 1, as_field(arena, t->row_labels[r]));
    if (t->corner) fprintf(file, "column\t0\t0\t0\t%s\n", as_field(arena, t->corner));
    if (t->axis) fputs("axis\t0\t0\t0\t-\n", file);
    for (int c = 0; t->column_labels && c < t->columns; c++)
        if (t->column_labels[c])
            fprintf(file, "column\t%d\t0\t0\t%s\n", c + 1, as_field(arena, t->column_labels[c]));
    for (int c = 0; t->gaps && c < t->columns; c++)
        if (t->gaps[c]) fprintf(file, "gap\t%d\t0\t0\t-\n", c + 1);
    bool good = !ferror(file);
    return (!fclose(file) && good) || error_system(error, STATUS_IO, "%s", path);
}

static bool write_list(const struct plot_table *t, const char *path, struct error *error) {
    FILE *file = fopen(path, "w");
    if (!file) return error_system(error, STATUS_IO, "%s", path);
    bool good = true;
    for (int i = 0; i < t->images_count && good; i++) {
        const struct plot_images *images = &t->images[i];
        if (strpbrk(images->path, "\t\n\r\""))
            good = error_set(error, STATUS_DATA,
                             "%s: gnuplot takes no path with a tab, a line break or a double quote",
                             images->path);
        else
            fprintf(file, "%s\t%" PRId64 "\t%" PRId64 "\n", images->path, images->offset,
                    images->step);
    }
    if (good && ferror(file)) good = error_system(error, STATUS_IO, "%s", path);
    return (!fclose(file) && good) || error_system(error, STATUS_IO, "%s", path);
}

static bool run(struct plot_job *job, const struct plot_table *t, const char *list,
                const char *table, const char *name, enum plot_format format, struct error *error) {
    plot_job_begin(job, "table");
    job->pixels = true;
    plot_job_argument(job, list);
    plot_job_argument(job, table);
    plot_job_output(job, name, format);
    plot_job_number(job, t->height);
    plot_job_number(job, t->width);
    plot_job_number(job, t->channels);
    plot_job_argument(job, plot_one_line(job->arena, t->title ? t->title : ""));
    return plot_job_run(job, error);
}

bool plot_table_draw(struct plot_job *job, const struct plot_table *t, const char *name,
                     unsigned formats, struct error *error) {
    char *list = plot_job_temporary(job, arena_format(job->arena, "%s-list.tsv", name)),
         *table = plot_job_temporary(job, arena_format(job->arena, "%s-table.tsv", name));
    const char *list_here = plot_job_path(job, list), *table_here = plot_job_path(job, table);
    bool good = write_list(t, list_here, error) && write_table(t, job->arena, table_here, error);
    for (enum plot_format format = 0; format < PLOT_FORMATS && good; format++)
        if (formats & 1u << format) good = run(job, t, list, table, name, format, error);
    unlink(list_here);
    unlink(table_here);
    return good;
}
