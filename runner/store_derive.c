/*
 * What is derived from metrics.jsonl: metrics.h5, which programs read, and plots/metrics.tsv, which
 * gnuplot reads, since it cannot inflate. Both are made from the record alone, so they can be made
 * again whenever it is there.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "files/hdf5.h"
#include "runner/store_checkpoint.h"
#include "runner/store_metrics.h"

enum { COLUMNS_MOST = 4096 };

struct column {
    const char *name;
    double *value;
    size_t room;
};

/* The record as columns; they are `rows` long or shorter, and what is missing is nan. */
struct table {
    const char *path; /* of the record */
    int64_t rows;
    size_t room;
    int64_t *step;
    int columns;
    struct column *column;
    struct arena *arena; /* of names and the list of columns */
};

static void table_release(void *object) {
    struct table *t = object;
    for (int i = 0; i < t->columns; i++)
        free(t->column[i].value);
    free(t->step);
}

/* Columns are malloc'ed, since an arena would keep every smaller copy. */
static void *grow(void *array, size_t *room, size_t needed, size_t size) {
    if (needed <= *room) return array;
    *room = needed > 2 * *room ? needed : 2 * *room;
    if (*room < 1024) *room = 1024;
    return memory_resize(array, *room * size);
}

static void column_fit(struct column *c, int64_t rows) {
    size_t before = c->room;
    c->value = grow(c->value, &c->room, (size_t)rows, sizeof *c->value);
    for (size_t i = before; i < c->room; i++)
        c->value[i] = NAN;
}

/* The column of this name; a new one at the end if there is none. Metrics come in the same order
   line after line, so `at`, the place where it ought to be, is tried first. */
static struct column *find_column(struct table *t, const char *name, int at) {
    if (at < t->columns && !strcmp(t->column[at].name, name)) return &t->column[at];
    for (int i = 0; i < t->columns; i++)
        if (!strcmp(t->column[i].name, name)) return &t->column[i];
    if (t->columns == COLUMNS_MOST) return NULL;
    t->column = ARENA_GROW(t->arena, t->column, t->columns);
    t->column[t->columns] = (struct column){.name = arena_text(t->arena, name)};
    return &t->column[t->columns++];
}

static bool wrong_line(const struct table *t, const char *why, const char *what, struct error *e) {
    return error_set(e, STATUS_DATA, "%s:%lld: %s%s", t->path, (long long)t->rows + 1, why, what);
}

static bool add_member(struct table *t, int at, const char *name, const json_t *value,
                       struct error *e) {
    if (!name[0] || !strcmp(name, ".") || strpbrk(name, "/\t\n") || strlen(name) >= STORE_PATH_MOST)
        return wrong_line(t, "a metric cannot be called ", name, e);
    if (!json_is_number(value) && !json_is_null(value))
        return wrong_line(t, "no number is given for ", name, e);
    struct column *column = find_column(t, name, at);
    if (!column) return wrong_line(t, "there are too many metrics", "", e);
    column_fit(column, t->rows + 1);
    if (json_is_number(value)) column->value[t->rows] = json_number_value(value);
    return true;
}

static bool add_row(struct table *t, json_t *row, struct error *e) {
    const json_t *step = json_object_get(row, "step");
    if (!json_is_integer(step)) return wrong_line(t, "there is no whole number called step", "", e);
    t->step = grow(t->step, &t->room, (size_t)t->rows + 1, sizeof *t->step);
    t->step[t->rows] = json_integer_value(step);
    const char *name;
    json_t *value;
    int at = 0;
    json_object_foreach(row, name, value) if (strcmp(name, "step") != 0 &&
                                              !add_member(t, at++, name, value, e)) return false;
    t->rows++;
    return true;
}

static bool add_line(struct table *t, const char *line, size_t length, struct error *e) {
    json_t *row = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(row) ? add_row(t, row, e)
                                  : wrong_line(t, "this is not a JSON object", "", e);
    json_decref(row);
    return ok;
}

/* Reads all lines that end; the table is released with the arena. */
static bool read_record(struct arena *arena, const char *path, struct table *t, struct error *e) {
    FILE *file = fopen(path, "re");
    if (!file) return error_system(e, STATUS_NO_INPUT, "cannot read '%s'", path);
    *t = (struct table){.path = path, .arena = arena};
    arena_on_free(arena, table_release, t);
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    for (ssize_t length;
         ok && (length = getline(&line, &room, file)) > 0 && line[length - 1] == '\n';)
        ok = add_line(t, line, (size_t)length, e);
    if (ok && ferror(file)) ok = error_system(e, STATUS_IO, "cannot read '%s'", path);
    free(line);
    fclose(file);
    for (int i = 0; i < t->columns; i++)
        column_fit(&t->column[i], t->rows);
    return ok;
}

static bool write_hdf5(const struct file_calls *calls, const char *path, const struct table *t,
                       struct error *e) {
    struct arena *arena = arena_new();
    struct hdf5_writer *w = hdf5_writer_new(arena, e);
    hdf5_set_integer(w, "", "duel_format", STORE_FORMAT);
    hdf5_set_text(w, "", "duel_kind", "metrics");
    struct store_array step = {"step", STORE_INT64, 1, {t->rows}, t->step};
    hdf5_add(w, &step, HDF5_COMPRESSED);
    for (int i = 0; i < t->columns; i++) {
        struct store_array metric = {
            t->column[i].name, STORE_FLOAT64, 1, {t->rows}, t->column[i].value};
        hdf5_add(w, &metric, HDF5_COMPRESSED);
        hdf5_set_scale(w, metric.path, 0, "step");
    }
    bool ok = hdf5_save(w, calls, path);
    arena_free(arena);
    return ok;
}

static bool write_tsv(const struct file_calls *calls, const char *path, const struct table *t,
                      struct error *e) {
    struct text text = {0};
    text_add(&text, "step");
    for (int i = 0; i < t->columns; i++)
        text_format(&text, "\t%s", t->column[i].name);
    text_add(&text, "\n");
    for (int64_t row = 0; row < t->rows; row++) {
        text_format(&text, "%lld", (long long)t->step[row]);
        for (int i = 0; i < t->columns; i++) {
            text_add(&text, "\t");
            text_add_number(&text, t->column[i].value[row]);
        }
        text_add(&text, "\n");
    }
    bool ok = file_write(calls, path, text_get(&text), text.length, e);
    text_release(&text);
    return ok;
}

bool metrics_derive(const struct file_calls *calls, const char *folder, struct error *e) {
    struct arena *arena = arena_new();
    struct table *table = ARENA_NEW(arena, struct table);
    bool ok = read_record(arena, arena_format(arena, "%s/metrics.jsonl", folder), table, e) &&
              write_hdf5(calls, arena_format(arena, "%s/metrics.h5", folder), table, e) &&
              file_make_folders(calls, arena_format(arena, "%s/plots", folder), e) &&
              write_tsv(calls, arena_format(arena, "%s/plots/metrics.tsv", folder), table, e);
    arena_free(arena);
    return ok;
}
