/*
 * Checkpoints in HDF5: /config, /kernels and /classes (texts), /counters, /parameters, /optimizer, /state and
 * /averages. Each of their data sets has its digest in the attribute `sha256`; see
 * store_checkpoint.h and docs/run-folder.md.
 */
#include "runner/store_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/store_digest.h"

static const char *const section_table[] = {"parameters", "optimizer", "state", "averages"};
enum { SECTIONS = sizeof section_table / sizeof *section_table };

static bool in_a_section(const char *path) {
    for (int i = 0; i < SECTIONS; i++) {
        size_t length = strlen(section_table[i]);
        if (!strncmp(path, section_table[i], length) && path[length] == '/') return true;
    }
    return false;
}

/* The digest of an array: of the lines path, step, type and extents (joined by commas), then the
 * bytes. */
static void array_digest(const struct store_array *array, int64_t step, char digest[DIGEST_TEXT]) {
    struct text head = {0};
    text_format(&head, "%s\n%lld\n%s\n", array->path, (long long)step,
                store_type_name(array->type));
    for (int i = 0; i < array->rank; i++)
        text_format(&head, i ? ",%lld" : "%lld", (long long)array->extent[i]);
    text_add(&head, "\n");
    size_t size = (size_t)store_count(array) * store_type_size(array->type);
    digest_bytes(text_get(&head), array->data, size, digest);
    text_release(&head);
}

/* The digest of a text: of the lines path, step and "text", an empty line for the shape, then the
 * bytes. */
static void text_digest(const char *path, const char *text, int64_t step,
                        char digest[DIGEST_TEXT]) {
    struct text head = {0};
    text_format(&head, "%s\n%lld\ntext\n\n", path, (long long)step);
    digest_bytes(text_get(&head), text, strlen(text), digest);
    text_release(&head);
}

/* ---- Writing. ---- */

static void add_array(struct hdf5_writer *w, const struct store_array *array, int64_t step) {
    char digest[DIGEST_TEXT];
    array_digest(array, step, digest);
    hdf5_add(w, array, HDF5_CONTIGUOUS);
    hdf5_set_text(w, array->path, "sha256", digest);
}

static void add_text(struct hdf5_writer *w, const char *path, const char *text, int64_t step) {
    char digest[DIGEST_TEXT];
    text_digest(path, text ? text : "", step, digest);
    hdf5_add_text(w, path, text ? text : "");
    hdf5_set_text(w, path, "sha256", digest);
}

static void add_counter(struct hdf5_writer *w, const char *name, int64_t value, int64_t step) {
    char path[STORE_PATH_MOST];
    int length = snprintf(path, sizeof path, "counters/%s", name);
    BUG_IF(length < 0 || length >= (int)sizeof path);
    add_array(w, &(struct store_array){.path = path, .type = STORE_INT64, .data = &value}, step);
}

bool checkpoint_write(const struct file_calls *calls, const char *path, const struct checkpoint *c,
                      struct error *e) {
    struct arena *arena = arena_new();
    struct hdf5_writer *w = hdf5_writer_new(arena, e);
    hdf5_set_integer(w, "", "duel_format", STORE_FORMAT);
    hdf5_set_text(w, "", "duel_kind", "checkpoint");
    hdf5_set_integer(w, "", "step", c->step);
    add_text(w, "config", c->config, c->step);
    add_text(w, "kernels", c->kernels, c->step);
    if (c->classes && *c->classes) add_text(w, "classes", c->classes, c->step);
    add_counter(w, "metrics_bytes", c->metrics_bytes, c->step);
    for (int i = 0; i < c->counters; i++)
        add_counter(w, c->counter[i].name, c->counter[i].value, c->step);
    for (int i = 0; i < SECTIONS; i++)
        hdf5_add_group(w, section_table[i]);
    for (int i = 0; i < c->arrays; i++) {
        if (!in_a_section(c->array[i].path)) BUG("checkpoint of '%s'", c->array[i].path);
        add_array(w, &c->array[i], c->step);
    }
    bool ok = hdf5_save(w, calls, path);
    arena_free(arena);
    return ok;
}

/* ---- Reading. ---- */

struct reading {
    struct hdf5_reader *file;
    struct arena *arena; /* of what is read */
    const char *path;    /* of the file */
    struct checkpoint *checkpoint;
    struct error *e;
};

static bool check_digest(struct reading *r, const char *path, const char digest[DIGEST_TEXT]) {
    const char *written = hdf5_get_text(r->file, r->arena, path, "sha256", r->e);
    if (!written) return false;
    return !strcmp(written, digest) ||
           error_set(r->e, STATUS_DATA,
                     "'/%s' in '%s' is damaged: its SHA-256 is not the one that was written", path,
                     r->path);
}

static bool read_array(struct reading *r, const char *path, struct store_array *array) {
    char digest[DIGEST_TEXT];
    if (!hdf5_read(r->file, r->arena, path, array, r->e)) return false;
    array_digest(array, r->checkpoint->step, digest);
    return check_digest(r, path, digest);
}

static bool read_text(struct reading *r, const char *path, const char **text) {
    char digest[DIGEST_TEXT];
    *text = hdf5_read_text(r->file, r->arena, path, r->e);
    if (!*text) return false;
    text_digest(path, *text, r->checkpoint->step, digest);
    return check_digest(r, path, digest);
}

static bool read_counters(struct reading *r) {
    struct checkpoint *c = r->checkpoint;
    int count;
    const char *const *paths;
    if (!hdf5_list(r->file, r->arena, "counters", &count, &paths, r->e)) return false;
    struct checkpoint_counter *list = ARENA_ARRAY(r->arena, struct checkpoint_counter, count);
    for (int i = 0; i < count; i++) {
        struct store_array array;
        if (!read_array(r, paths[i], &array)) return false;
        if (array.type != STORE_INT64 || array.rank != 0)
            return error_set(r->e, STATUS_DATA, "'/%s' in '%s' is not one int64", paths[i],
                             r->path);
        int64_t value = *(const int64_t *)array.data;
        if (!strcmp(paths[i], "counters/metrics_bytes"))
            c->metrics_bytes = value;
        else
            list[c->counters++] =
                (struct checkpoint_counter){paths[i] + strlen("counters/"), value};
    }
    c->counter = list;
    return true;
}

static bool read_section(struct reading *r, const char *section) {
    struct checkpoint *c = r->checkpoint;
    int count;
    const char *const *paths;
    if (!hdf5_list(r->file, r->arena, section, &count, &paths, r->e)) return false;
    struct store_array *list = ARENA_ARRAY(r->arena, struct store_array, c->arrays + count);
    if (c->arrays) memcpy(list, c->array, (size_t)c->arrays * sizeof *list);
    c->array = list;
    for (int i = 0; i < count; i++)
        if (!read_array(r, paths[i], &list[c->arrays++])) return false;
    return true;
}

bool store_check_kind(struct hdf5_reader *file, const char *path, const char *kind,
                      struct error *e) {
    struct arena *arena = arena_new();
    int64_t format = 0;
    const char *is = NULL;
    if (hdf5_has_attribute(file, "", "duel_format") && hdf5_has_attribute(file, "", "duel_kind") &&
        hdf5_get_integer(file, "", "duel_format", &format, e))
        is = hdf5_get_text(file, arena, "", "duel_kind", e);
    if (!is || format < 1)
        error_set(e, STATUS_DATA, "'%s' was not written by duel", path);
    else if (format > STORE_FORMAT) {
        error_set(e, STATUS_DATA, "'%s' has format %lld; this duel reads formats up to %d", path,
                  (long long)format, STORE_FORMAT);
        error_hint(e, "it was written by a newer duel, which is needed to read it");
    } else if (strcmp(is, kind) != 0)
        error_set(e, STATUS_DATA, "'%s' is not a %s file but a %s file", path, kind, is);
    arena_free(arena);
    return e->status == STATUS_OK;
}

bool checkpoint_read(struct arena *arena, const char *path, struct checkpoint *c, struct error *e) {
    struct arena *scratch = arena_new();
    *c = (struct checkpoint){.metrics_bytes = -1};
    struct reading r = {hdf5_open(scratch, path, e), arena, path, c, e};
    bool ok = r.file && store_check_kind(r.file, path, "checkpoint", e) &&
              hdf5_get_integer(r.file, "", "step", &c->step, e) &&
              read_text(&r, "config", &c->config) && read_text(&r, "kernels", &c->kernels) &&
              (!hdf5_has(r.file, "classes") || read_text(&r, "classes", &c->classes)) &&
              read_counters(&r);
    for (int i = 0; ok && i < SECTIONS; i++)
        ok = read_section(&r, section_table[i]);
    arena_free(scratch);
    return ok;
}

const struct store_array *checkpoint_find(const struct checkpoint *c, const char *path) {
    for (int i = 0; i < c->arrays; i++)
        if (!strcmp(c->array[i].path, path)) return &c->array[i];
    return NULL;
}

void checkpoint_count(struct arena *arena, struct checkpoint *c, const char *name, int64_t value) {
    struct checkpoint_counter *list =
        ARENA_ARRAY(arena, struct checkpoint_counter, c->counters + 1);
    if (c->counters) memcpy(list, c->counter, sizeof *list * (size_t)c->counters);
    list[c->counters++] = (struct checkpoint_counter){name, value};
    c->counter = list;
}

int64_t checkpoint_counter(const struct checkpoint *c, const char *name, int64_t otherwise) {
    for (int i = 0; i < c->counters; i++)
        if (!strcmp(c->counter[i].name, name)) return c->counter[i].value;
    return otherwise;
}
