/* metrics.jsonl as columns, line by line; see store_record.h. */
#include "runner/store_record.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "files/hdf5.h"

enum { COLUMNS_MOST = 4096, TAIL_LEAST = 1 << 14 };

static void record_release(void *object) {
    struct record *r = object;
    for (int i = 0; i < r->columns; i++)
        free(r->column[i].value);
    free(r->step);
    free(r->last);
}

struct record *record_new(struct arena *arena, const char *folder) {
    struct record *r = ARENA_NEW(arena, struct record);
    *r = (struct record){.path = arena_format(arena, "%s/metrics.jsonl", folder), .arena = arena};
    arena_on_free(arena, record_release, r);
    return r;
}

/* Columns are malloc'ed, since an arena would keep every smaller copy. */
static void *grow(void *array, size_t *room, size_t needed, size_t size) {
    if (needed <= *room) return array;
    *room = needed > 2 * *room ? needed : 2 * *room;
    if (*room < 1024) *room = 1024;
    return memory_resize(array, *room * size);
}

static void column_fit(struct record_column *c, int64_t rows) {
    size_t before = c->room;
    c->value = grow(c->value, &c->room, (size_t)rows, sizeof *c->value);
    for (size_t i = before; i < c->room; i++)
        c->value[i] = NAN;
}

/* The column of this name; a new one at the end if there is none. Metrics come in the same order
   line after line, so `at`, the place where it ought to be, is tried first. */
static struct record_column *find_column(struct record *r, const char *name, int at) {
    if (at < r->columns && !strcmp(r->column[at].name, name)) return &r->column[at];
    for (int i = 0; i < r->columns; i++)
        if (!strcmp(r->column[i].name, name)) return &r->column[i];
    if (r->columns == COLUMNS_MOST) return NULL;
    r->column = ARENA_GROW(r->arena, r->column, r->columns);
    r->column[r->columns] = (struct record_column){.name = arena_text(r->arena, name)};
    return &r->column[r->columns++];
}

static bool wrong_line(const struct record *r, const char *why, const char *what, struct error *e) {
    return error_set(e, STATUS_DATA, "%s:%lld: %s%s", r->path, (long long)r->rows + 1, why, what);
}

static bool add_member(struct record *r, int at, const char *name, const json_t *value,
                       struct error *e) {
    if (!name[0] || !strcmp(name, ".") || strpbrk(name, "/\t\n") || strlen(name) >= STORE_PATH_MOST)
        return wrong_line(r, "a metric cannot be called ", name, e);
    if (!json_is_number(value) && !json_is_null(value))
        return wrong_line(r, "no number is given for ", name, e);
    struct record_column *column = find_column(r, name, at);
    if (!column) return wrong_line(r, "there are too many metrics", "", e);
    column_fit(column, r->rows + 1);
    if (json_is_number(value)) column->value[r->rows] = json_number_value(value);
    return true;
}

static bool add_row(struct record *r, json_t *row, struct error *e) {
    const json_t *step = json_object_get(row, "step");
    if (!json_is_integer(step)) return wrong_line(r, "there is no whole number called step", "", e);
    r->step = grow(r->step, &r->step_room, (size_t)r->rows + 1, sizeof *r->step);
    r->step[r->rows] = json_integer_value(step);
    const char *name;
    json_t *value;
    int at = 0;
    json_object_foreach(row, name, value) if (strcmp(name, "step") != 0 &&
                                              !add_member(r, at++, name, value, e)) return false;
    r->rows++;
    return true;
}

static bool add_line(struct record *r, const char *line, size_t length, struct error *e) {
    json_t *row = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(row) ? add_row(r, row, e)
                                  : wrong_line(r, "this is not a JSON object", "", e);
    json_decref(row);
    return ok;
}

/* Goes to where reading ended, if the line that stands before is still the one that was read;
 * else to the start, with nothing read. */
static bool find_place(struct record *r, FILE *file) {
    char *found = memory_resize(NULL, r->last_length + 1);
    bool same = fseeko(file, r->read - (int64_t)r->last_length, SEEK_SET) == 0 &&
                fread(found, 1, r->last_length, file) == r->last_length &&
                (r->last_length == 0 || !memcmp(found, r->last, r->last_length));
    free(found);
    if (same) return true;
    for (int i = 0; i < r->columns; i++)
        free(r->column[i].value);
    r->rows = r->read = 0;
    r->columns = 0;
    r->last_length = 0;
    return fseeko(file, 0, SEEK_SET) == 0;
}

/* Keeps the line for find_place. */
static void note_line(struct record *r, const char *line, size_t length) {
    r->last = memory_resize(r->last, length);
    memcpy(r->last, line, length);
    r->last_length = length;
}

static bool read_lines(struct record *r, FILE *file, struct error *e) {
    char *line[2] = {NULL, NULL}; /* the one read now, and the last whole one */
    size_t room[2] = {0, 0}, whole = 0;
    int now = 0;
    bool ok = true;
    for (ssize_t length; ok && (length = getline(&line[now], &room[now], file)) > 0 &&
                         line[now][length - 1] == '\n';) {
        ok = add_line(r, line[now], (size_t)length, e);
        if (!ok) break;
        r->read += length;
        whole = (size_t)length;
        now = !now;
    }
    if (whole) note_line(r, line[!now], whole);
    free(line[0]);
    free(line[1]);
    return ok;
}

bool record_read(struct record *r, struct error *e) {
    FILE *file = fopen(r->path, "re");
    if (!file) return error_system(e, STATUS_NO_INPUT, "cannot read '%s'", r->path);
    bool ok = find_place(r, file) && read_lines(r, file, e);
    if (e->status == STATUS_OK && (!ok || ferror(file)))
        ok = error_system(e, STATUS_IO, "cannot read '%s'", r->path);
    fclose(file);
    for (int i = 0; i < r->columns; i++)
        column_fit(&r->column[i], r->rows);
    return ok;
}

/* The last `size` bytes of a file of `whole`, or NULL. */
static char *read_tail(struct arena *arena, int file, int64_t whole, int64_t size) {
    char *bytes = arena_alloc(arena, (size_t)size);
    for (int64_t used = 0; used < size;) {
        ssize_t got = pread(file, bytes + used, (size_t)(size - used), whole - size + used);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return NULL;
        used += got;
    }
    return bytes;
}

/* Looks for the last whole line in ever longer tails. */
static bool read_last_of(struct record *r, struct arena *scratch, int file, int64_t whole,
                         struct error *e) {
    for (int64_t size = TAIL_LEAST;; size *= 4) {
        if (size > whole) size = whole;
        const char *tail = read_tail(scratch, file, whole, size);
        if (!tail) return size == 0 || error_system(e, STATUS_IO, "cannot read '%s'", r->path);
        const char *end = memrchr(tail, '\n', (size_t)size);
        const char *start = end ? memrchr(tail, '\n', (size_t)(end - tail)) : NULL;
        if (start) return add_line(r, start + 1, (size_t)(end - start), e);
        if (size == whole) return !end || add_line(r, tail, (size_t)(end - tail) + 1, e);
    }
}

bool record_read_last(struct record *r, struct error *e) {
    int file = open(r->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return error_system(e, STATUS_NO_INPUT, "cannot read '%s'", r->path);
    struct arena *scratch = arena_new();
    struct stat status;
    bool ok = fstat(file, &status) == 0 ? read_last_of(r, scratch, file, status.st_size, e)
                                        : error_system(e, STATUS_IO, "cannot read '%s'", r->path);
    close(file);
    arena_free(scratch);
    return ok;
}

const struct record_column *record_find(const struct record *r, const char *name) {
    for (int i = 0; i < r->columns; i++)
        if (!strcmp(r->column[i].name, name)) return &r->column[i];
    return NULL;
}

double record_newest(const struct record *r, const struct record_column *column) {
    for (int64_t row = r->rows; row-- > 0;)
        if (!isnan(column->value[row])) return column->value[row];
    return NAN;
}
