/* The files of an exploration: HDF5, as samples are kept, and its picture. */
#include <string.h>

#include "base/text.h"
#include "runner/explore.h"
#include "runner/export.h"
#include "runner/folders.h"
#include "runner/plot_table.h"

/* ---- HDF5 ---- */

/* What was asked, as it could be asked again. */
static const char *asked(const struct exploration *ex) {
    struct text text = {0};
    for (int i = 1; i < ex->arguments->words_count; i++) {
        if (i > 1) text_add(&text, " ");
        text_add_word(&text, ex->arguments->words[i]);
    }
    const char *copy = arena_text(ex->arena, text_get(&text));
    text_release(&text);
    return copy;
}

/* One label a line. */
static const char *lines(struct arena *arena, const char *const *labels, int count) {
    struct text text = {0};
    for (int i = 0; i < count; i++)
        text_format(&text, "%s%s", i ? "\n" : "", labels[i]);
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

/* All latents but the one that samples have: other_latents/NAME. */
static int add_latents(const struct exploration *ex, struct store_array *others) {
    const struct game_sampler *sampler = ex->sampler;
    const int first = beginnings_find(sampler, false);
    int count = 0;
    for (int i = 0; i < sampler->latents_count; i++) {
        const struct shape shape = sampler->latents[i].shape;
        struct store_array array = {
            .path = arena_format(ex->arena, "other_latents/%s", sampler->latents[i].name),
            .type = sampler->latents[i].type == TYPE_INT32 ? STORE_INT32 : STORE_FLOAT32,
            .rank = 1 + shape.rank,
            .extent = {ex->cells->count},
            .data = ex->cells->latents[i]};
        for (int k = 0; k < shape.rank; k++)
            array.extent[1 + k] = shape.extent[k];
        if (i != first) others[count++] = array;
    }
    return count;
}

/* Which sample each cell goes out from: its seed and number. */
static struct store_array names_of(const struct exploration *ex) {
    int64_t *names = ARENA_ARRAY(ex->arena, int64_t, 2 * ex->cells->count);
    for (int64_t i = 0; i < ex->cells->count; i++) {
        names[2 * i] = (int64_t)ex->cells->names[i].seed;
        names[2 * i + 1] = ex->cells->names[i].number;
    }
    return (struct store_array){.path = "from",
                                .type = STORE_INT64,
                                .rank = 2,
                                .extent = {ex->cells->count, 2},
                                .data = names};
}

static bool write_file(const struct exploration *ex, const struct explore_row *row,
                       const char *path, struct error *error) {
    struct sample sample = ex->made;
    struct store_array *others =
        ARENA_ARRAY(ex->arena, struct store_array, ex->sampler->latents_count + 16);
    int count = add_latents(ex, others);
    others[count++] = names_of(ex);
    others[count++] = (struct store_array){.path = "table",
                                           .type = STORE_INT32,
                                           .rank = 1,
                                           .extent = {2},
                                           .data = (const int32_t[]){ex->rows, ex->columns}};
    for (size_t i = 0; i < sizeof ex->numbers / sizeof *ex->numbers && ex->numbers[i].data; i++)
        others[count++] = ex->numbers[i];
    if (ex->beside.data) others[count++] = ex->beside;
    const struct sample_note notes[] = {
        {"exploration", row->name},
        {"asked", asked(ex)},
        {"checkpoint", ex->model->path},
        {"row_labels", lines(ex->arena, ex->row_labels, ex->rows)},
        {"column_labels", lines(ex->arena, ex->column_labels, ex->columns)},
    };
    sample.others = others;
    sample.others_count = count;
    sample.notes = notes;
    sample.notes_count = (int)(sizeof notes / sizeof *notes);
    return sample_write(NULL, path, &sample, error);
}

/* ---- pictures ---- */

static const char *title_of(const struct exploration *ex) {
    return arena_format(ex->arena, "%s, %s", ex->model->session.experiment->name, ex->title);
}

/* Where an array begins in the file. */
static bool find_offset(const struct exploration *ex, const char *path, const char *name,
                        int64_t *offset, struct error *error) {
    struct store_array array;
    struct hdf5_reader *file = hdf5_open_in_place(ex->arena, path, error);
    return file && hdf5_describe(file, name, &array, offset, error);
}

/* Rows that have images beside the samples stand in blocks side by side, about as wide as high. */
static int count_blocks(const struct exploration *ex, int columns) {
    const int64_t *extent = ex->made.images.extent;
    int blocks = 1;
    while (ex->beside.data && blocks < ex->rows &&
           blocks * columns * extent[2] < ex->rows / blocks * extent[1])
        blocks++;
    return blocks;
}

/* One row: the samples, and what is beside them, from `column` of the table's row on. */
static void fill_row(const struct exploration *ex, struct plot_table *table, int r, int row,
                     int column) {
    const int beside = ex->beside.data ? (int)ex->beside.extent[1] : 0;
    struct plot_cell *cells = table->cells + (int64_t)row * table->columns + column;
    for (int c = 0; c < ex->columns; c++) {
        const int64_t number = (int64_t)r * ex->columns + c;
        cells[c] = (struct plot_cell){1, number, ex->captions ? ex->captions[number] : NULL};
    }
    for (int k = 0; k < beside; k++) {
        const int64_t number = (int64_t)r * beside + k;
        cells[ex->columns + k] = (struct plot_cell){2, number, ex->beside_captions[number]};
    }
}

/* The images, row by row, with their labels; all is in the arena. */
static struct plot_table make_table(const struct exploration *ex) {
    const int beside = ex->beside.data ? (int)ex->beside.extent[1] : 0,
              columns = ex->columns + beside, most = count_blocks(ex, columns),
              rows = (ex->rows + most - 1) / most, blocks = (ex->rows + rows - 1) / rows;
    struct plot_table table = plot_table_new(ex->arena, rows, columns * blocks);
    const char **heads = ex->heads ? ex->heads : ex->column_labels;
    bool *gaps = ARENA_ARRAY(ex->arena, bool, table.columns), labelled = false;
    table.column_labels = ARENA_ARRAY(ex->arena, const char *, table.columns);
    for (int i = 0; i < table.columns; i++) {
        const int c = i % columns;
        table.column_labels[i] = c < ex->columns ? heads[c] : ex->beside_labels[c - ex->columns];
        gaps[i] = (c && ((ex->gaps && ex->gaps[c]) || c == ex->columns)) || (i && !c);
    }
    for (int r = 0; r < ex->rows; r++) {
        fill_row(ex, &table, r, r % rows, r / rows * columns);
        labelled = labelled || *ex->row_labels[r];
    }
    if (labelled && !beside) table.row_labels = ex->row_labels;
    if (labelled && !beside) table.corner = ex->corner;
    table.gaps = gaps;
    table.axis = ex->lines;
    return table;
}

static bool draw_images(const struct exploration *ex, struct plot_job *job, const char *file,
                        const char *name, unsigned formats, struct error *error) {
    struct plot_images images[2] = {{file, 0, ex->made.step}, {file, 0, ex->made.step}};
    struct plot_table table = make_table(ex);
    if (!find_offset(ex, file, "images", &images[0].offset, error) ||
        (ex->beside.data && !find_offset(ex, file, ex->beside.path, &images[1].offset, error)))
        return false;
    table.height = ex->made.images.extent[1];
    table.width = ex->made.images.extent[2];
    table.channels = ex->made.images.extent[3];
    table.images = images;
    table.images_count = ex->beside.data ? 2 : 1;
    table.title = title_of(ex);
    return plot_table_draw(job, &table, name, formats, error);
}

static bool draw_points(const struct exploration *ex, struct plot_job *job, const char *file,
                        const char *name, unsigned formats, struct error *error) {
    int64_t offset;
    bool good = find_offset(ex, file, "points", &offset, error);
    for (enum plot_format format = 0; format < PLOT_FORMATS && good; format++) {
        if (!(formats & 1u << format)) continue;
        plot_job_begin(job, "paths");
        plot_job_argument(job, file);
        plot_job_output(job, name, format);
        plot_job_number(job, offset);
        plot_job_number(job, ex->rows);
        plot_job_number(job, ex->columns);
        plot_job_number(job, ex->mesh);
        plot_job_number(job, ex->made.step);
        plot_job_argument(job, title_of(ex));
        good = plot_job_run(job, error);
    }
    return good;
}

/* Why there is no picture; NULL: there is one. */
static const char *no_picture(const struct exploration *ex) {
    const int64_t channels = ex->made.images.extent[3];
    if (ex->made.images.data)
        return channels == 1 || channels == 3 ? NULL : "its images are neither grey nor RGB";
    if (!ex->made.points.data || ex->made.points.extent[1] != 2)
        return "its samples are neither images nor points of the plane";
    return ex->lines ? NULL : "the points of a sum make no line";
}

bool explore_write(struct exploration *ex, const struct explore_row *row, const char *name,
                   unsigned formats, struct error *error) {
    const char *file = arena_format(ex->arena, "%s.h5", name), *why = no_picture(ex),
               *scripts = folder_own(ex->arena, "plots");
    struct plot_files files = {0};
    struct plot_job job;
    if (!export_begin(&(struct export_way){.force = true}, file, error) || /* for its folder */
        !write_file(ex, row, file, error))
        return false;
    printf("%s\n", file);
    if (why && !ex->arguments->quiet) fprintf(stderr, "duel: there is no picture: %s\n", why);
    if (why) return true;
    if (!scripts)
        return error_set(error, STATUS_NO_INPUT,
                         "the folder of plot scripts is not where it should be: beside the "
                         "program, in share/duel");
    bool good = plot_job_open(&job, ex->arena, scripts, ".", NULL, &files, error) &&
                (ex->made.images.data ? draw_images(ex, &job, file, name, formats, error)
                                      : draw_points(ex, &job, file, name, formats, error));
    for (int i = 0; i < files.count; i++)
        printf("%s\n", files.list[i]);
    return good;
}
