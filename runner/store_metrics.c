/*
 * metrics.jsonl: appended a line at a time, each in one write, so that what was said to be written
 * outlives the process; synced before a checkpoint and at the end. See store_metrics.h; what is
 * derived from it is made in store_derive.c.
 */
#include "runner/store_metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"

/* The derived files are rewritten when the record is longer than at the last time by a quarter, and
 * by this much. */
enum { DERIVE_BYTES = 4096 };

struct metrics {
    const struct file_calls *calls;
    const char *folder, *path;
    int file;
    bool torn;       /* a line was written in part and could not be cut off */
    int64_t length;  /* of the record: whole lines */
    int64_t derived; /* its length when the derived files were last made */
    struct text line;
};

static void metrics_close(void *object) {
    struct metrics *m = object;
    if (m->file >= 0) m->calls->close(m->file);
    text_release(&m->line);
}

/* The offset after the last newline of the first `size` bytes of a file, or -1. */
static int64_t whole_lines(int file, int64_t size) {
    char bytes[4096];
    while (size > 0) {
        size_t part = size < (int64_t)sizeof bytes ? (size_t)size : sizeof bytes;
        ssize_t got = pread(file, bytes, part, size - (int64_t)part);
        if (got < 0 && errno == EINTR) continue;
        if (got != (ssize_t)part) return -1;
        const char *newline = memrchr(bytes, '\n', part);
        if (newline) return size - (int64_t)part + (newline - bytes) + 1;
        size -= (int64_t)part;
    }
    return 0;
}

static bool cut(struct metrics *m, int64_t keep, int64_t *missing, struct error *e) {
    struct stat status;
    if (fstat(m->file, &status) != 0)
        return error_system(e, STATUS_IO, "cannot read '%s'", m->path);
    int64_t size = status.st_size;
    if (keep < 0) keep = size;
    if (missing) *missing = keep > size ? keep - size : 0;
    m->length = whole_lines(m->file, keep < size ? keep : size);
    if (m->length < 0) return error_system(e, STATUS_IO, "cannot read '%s'", m->path);
    if (m->length < size && m->calls->truncate(m->file, m->length) != 0)
        return error_system(e, STATUS_IO, "cannot shorten '%s'", m->path);
    return true;
}

struct metrics *metrics_open(struct arena *arena, const struct file_calls *calls,
                             const char *folder, int64_t keep, int64_t *missing, struct error *e) {
    struct metrics *m = ARENA_NEW(arena, struct metrics);
    m->calls = calls ? calls : &file_calls_system;
    m->folder = arena_text(arena, folder);
    m->path = arena_format(arena, "%s/metrics.jsonl", folder);
    m->file = m->calls->open(m->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    arena_on_free(arena, metrics_close, m);
    if (m->file < 0) {
        error_system(e, STATUS_IO, "cannot write '%s'", m->path);
        return NULL;
    }
    bool ok = cut(m, keep, missing, e) && file_sync_folder_of(m->calls, m->path, e);
    return ok ? m : NULL;
}

/* ,"name":value */
static void add_member(struct text *line, const char *name, double value) {
    json_t *text = json_string(name);
    char *quoted = text ? json_dumps(text, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (!quoted) BUG("the metric '%s' has a name that is not UTF-8", name);
    text_format(line, ",%s:", quoted);
    if (isfinite(value))
        text_add_number(line, value);
    else
        text_add(line, "null");
    free(quoted);
    json_decref(text);
}

/* Writes the line; where that fails, cuts off the part of it that was written. */
static bool write_line(struct metrics *m, struct error *e) {
    if (m->torn && m->calls->truncate(m->file, m->length) != 0)
        return error_system(e, STATUS_IO, "cannot shorten '%s'", m->path);
    m->torn = false;
    if (file_write_all(m->calls, m->file, m->path, m->line.bytes, m->line.length, e)) {
        m->length += (int64_t)m->line.length;
        return true;
    }
    m->torn = m->calls->truncate(m->file, m->length) != 0;
    if (m->torn) error_hint(e, "its last line may be torn; 'duel resume' cuts it off");
    return false;
}

bool metrics_append(struct metrics *m, int64_t step, int count, const struct metric *list,
                    struct error *e) {
    text_clear(&m->line);
    text_format(&m->line, "{\"step\":%lld", (long long)step);
    for (int i = 0; i < count; i++) {
        if (!list[i].name[0] || !strcmp(list[i].name, "step") || strchr(list[i].name, '/'))
            BUG("a metric cannot be called '%s'", list[i].name);
        add_member(&m->line, list[i].name, list[i].value);
    }
    text_add(&m->line, "}\n");
    if (!write_line(m, e)) return false;
    int64_t growth = m->length - m->derived;
    if (growth < DERIVE_BYTES || growth < m->derived / 4) return true;
    m->derived = m->length;
    return metrics_derive(m->calls, m->folder, e);
}

bool metrics_sync(struct metrics *m, int64_t *length, struct error *e) {
    if (m->calls->sync(m->file) != 0)
        return error_system(e, STATUS_IO, "cannot sync '%s' to the disk", m->path);
    *length = m->length;
    return true;
}

bool metrics_finish(struct metrics *m, struct error *e) {
    int64_t length;
    m->derived = m->length;
    return metrics_sync(m, &length, e) && metrics_derive(m->calls, m->folder, e);
}
