/*
 * Files of decoded images; see cache.h.
 *
 * A header of one page, the values, the labels, then texts, each ended by a NUL: what, damaged, the names of
 * the classes. Numbers are in this machine's order: a cache is not carried elsewhere.
 */
#include "datasets/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"

enum { PAGE = 4096, EXTENT_MOST = 1 << 20, CLASSES_MOST = 1 << 20, TEXTS_MOST = 64 << 20 };
static const char magic[8] = "duelimg1", part[] = ".part";

struct header {
    char magic[8];
    int64_t count, height, width, channels, classes, skipped, texts;
    char sha256[SHA256_TEXT];
};

struct mapping {
    void *at;
    size_t size;
    int file;
};

static void unmap(void *object) {
    struct mapping *mapping = object;
    if (mapping->at) munmap(mapping->at, mapping->size);
    if (mapping->file >= 0) close(mapping->file);
    mapping->at = NULL;
    mapping->file = -1;
}

static struct mapping *new_mapping(struct arena *arena, int file) {
    struct mapping *mapping = ARENA_NEW(arena, struct mapping);
    *mapping = (struct mapping){.file = file};
    arena_on_free(arena, unmap, mapping);
    return mapping;
}

static bool map(struct mapping *mapping, size_t size, int flags) {
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, mapping->file, 0);
    if (at == MAP_FAILED) return false;
    mapping->at = at;
    mapping->size = size;
    return true;
}

const char *cache_folder(struct arena *arena) {
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    /* XDG says that a relative path is to be ignored. */
    if (xdg && *xdg == '/') return arena_format(arena, "%s/duel", xdg);
    return home && *home ? arena_format(arena, "%s/.cache/duel", home) : NULL;
}

/* ---- reading ---- */

static bool in_range(int64_t value, int64_t low, int64_t high) {
    return value >= low && value <= high;
}

/* Where values end, and with labels; 0: no file is so long. */
static int64_t labels_at(const struct header *h) {
    bool good = in_range(h->count, 1, INT32_MAX) && in_range(h->height, 1, EXTENT_MOST) &&
                in_range(h->width, 1, EXTENT_MOST) && in_range(h->channels, 1, 4);
    int64_t values = 0;
    if (!good || __builtin_mul_overflow(h->height * h->width * h->channels, h->count, &values) ||
        values > INT64_MAX / 2)
        return 0;
    return PAGE + (values + 63) / 64 * 64;
}

static int64_t texts_at(const struct header *h) {
    return labels_at(h) + (h->classes ? h->count * (int64_t)sizeof(int32_t) : 0);
}

/* Whether a file of so many bytes may have this header. */
static bool check_header(const struct header *h, int64_t size) {
    return !memcmp(h->magic, magic, sizeof magic) && labels_at(h) &&
           in_range(h->classes, 0, CLASSES_MOST) && in_range(h->skipped, 0, INT32_MAX) &&
           in_range(h->texts, 2 + h->classes, TEXTS_MOST) && texts_at(h) + h->texts == size &&
           !h->sha256[SHA256_TEXT - 1];
}

/* The texts, one after the other; false where there are not so many. */
static bool take_texts(struct cache_entry *entry, const struct header *h, const char *at,
                       struct arena *arena) {
    const char *end = at + h->texts;
    const char **texts = ARENA_ARRAY(arena, const char *, h->classes + 2);
    for (int64_t i = 0; i < h->classes + 2; i++) {
        const char *next = memchr(at, 0, (size_t)(end - at));
        if (!next) return false;
        texts[i] = at;
        at = next + 1;
    }
    entry->about.what = texts[0];
    entry->about.damaged = texts[1];
    entry->about.class_names = texts + 2;
    return at == end;
}

static bool check_labels(const struct cache_entry *entry) {
    for (int64_t i = 0; entry->labels && i < entry->about.count; i++)
        if (entry->labels[i] < 0 || entry->labels[i] >= entry->about.classes) return false;
    return true;
}

/* What lies in memory as a file; NULL: it is not one of ours, or not whole. */
static const struct cache_entry *read_entry(const struct mapping *mapping, struct arena *arena) {
    const struct header *h = mapping->at;
    if (mapping->size < PAGE || !check_header(h, (int64_t)mapping->size)) return NULL;
    struct cache_entry *entry = ARENA_NEW(arena, struct cache_entry);
    uint8_t *bytes = mapping->at;
    *entry = (struct cache_entry){.about = {.count = h->count,
                                            .shape = {3, {h->height, h->width, h->channels}},
                                            .classes = (int)h->classes,
                                            .skipped = h->skipped},
                                  .values = bytes + PAGE,
                                  .labels =
                                      h->classes ? (int32_t *)(void *)(bytes + labels_at(h)) : NULL,
                                  .bytes = (int64_t)mapping->size};
    memcpy(entry->about.sha256, h->sha256, SHA256_TEXT);
    bool good = take_texts(entry, h, (const char *)bytes + texts_at(h), arena);
    return good && check_labels(entry) ? entry : NULL;
}

static const struct cache_entry *open_entry(const char *path, struct arena *arena) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return NULL;
    struct mapping *mapping = new_mapping(arena, file);
    if (fstat(file, &status) || !S_ISREG(status.st_mode) || status.st_size < PAGE ||
        !map(mapping, (size_t)status.st_size, MAP_PRIVATE))
        return NULL;
    return read_entry(mapping, arena);
}

const struct cache_entry *cache_find(const char *folder, const char *key, struct arena *arena) {
    const char *path = arena_format(arena, "%s/%s", folder, key);
    const struct cache_entry *entry = open_entry(path, arena);
    if (entry)
        utimensat(AT_FDCWD, path,
                  (struct timespec[]){{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}}, 0);
    return entry;
}

/* ---- making ---- */

struct cache_making {
    const struct file_calls *calls;
    struct arena *arena;
    const char *path, *part;
    struct mapping *mapping;
};

static bool hint_way_out(struct error *error) {
    return error_hint(error,
                      "XDG_CACHE_HOME names another folder for decoded images; 'cache: false' "
                      "keeps them in memory, for this run only");
}

/* Opens and locks the file being made. Who waited for another process finds its file under the name of the
 * finished one. */
static int open_part(struct cache_making *making, struct error *error) {
    int file = making->calls->open(making->part, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        error_system(error, STATUS_IO, "cannot write '%s'", making->part);
        return -1;
    }
    int result;
    while ((result = making->calls->lock(file, LOCK_EX)) && errno == EINTR)
        continue;
    if (!result) return file;
    error_system(error, STATUS_IO, "cannot lock '%s'", making->part);
    making->calls->close(file);
    return -1;
}

/* Whether the open file still has the name `path`: another process may have finished or removed it. */
static bool has_name(int file, const char *path) {
    struct stat open, named;
    return !fstat(file, &open) && !stat(path, &named) && open.st_ino == named.st_ino &&
           open.st_dev == named.st_dev;
}

/* Takes the room on the disk now: writing to mapped memory could not be told that there is none. */
static bool take_room(struct cache_making *making, int64_t bytes, struct error *error) {
    int file = making->mapping->file, result;
    if (making->calls->truncate(file, 0))
        return error_system(error, STATUS_IO, "cannot write '%s'", making->part);
    while ((result = posix_fallocate(file, 0, bytes)) == EINTR)
        continue;
    errno = result;
    if (result)
        return error_system(error, STATUS_IO, "cannot write the %.1f MB of '%s'",
                            (double)bytes / 1e6, making->part);
    return map(making->mapping, (size_t)bytes, MAP_SHARED) ||
           error_system(error, STATUS_SYSTEM, "cannot map '%s' into memory", making->part);
}

struct cache_making *cache_begin(const struct file_calls *calls, const char *folder,
                                 const char *key, int64_t count, int64_t size, struct arena *arena,
                                 const struct cache_entry **found, struct error *error) {
    struct cache_making *making = ARENA_NEW(arena, struct cache_making);
    *making = (struct cache_making){.calls = calls ? calls : &file_calls_system,
                                    .arena = arena,
                                    .path = arena_format(arena, "%s/%s", folder, key),
                                    .part = arena_format(arena, "%s/%s%s", folder, key, part)};
    *found = NULL;
    bool good = file_make_folders(making->calls, folder, error);
    while (good) {
        int file = open_part(making, error);
        if (file < 0) break;
        making->mapping = new_mapping(arena, file);
        if ((*found = open_entry(making->path, arena))) {
            if (has_name(file, making->part)) making->calls->remove(making->part);
            return NULL;
        }
        if (!has_name(file, making->part)) continue;
        if (take_room(making, PAGE + (count * size + 63) / 64 * 64, error)) return making;
        cache_cancel(making);
        break;
    }
    hint_way_out(error);
    return NULL;
}

void cache_cancel(struct cache_making *making) {
    making->calls->remove(making->part);
    unmap(making->mapping);
}

uint8_t *cache_values(struct cache_making *making) {
    return (uint8_t *)making->mapping->at + PAGE;
}

static struct header make_header(const struct cache_about *about, const struct text *texts) {
    struct header header = {.count = about->count,
                            .height = about->shape.extent[0],
                            .width = about->shape.extent[1],
                            .channels = about->shape.extent[2],
                            .classes = about->classes,
                            .skipped = about->skipped,
                            .texts = (int64_t)texts->length};
    memcpy(header.magic, magic, sizeof magic);
    memcpy(header.sha256, about->sha256, SHA256_TEXT);
    return header;
}

/* Writes what comes after the values, and the header last. */
static bool write_rest(struct cache_making *making, const struct header *header,
                       const int32_t *labels, const struct text *texts, struct error *error) {
    const struct file_calls *calls = making->calls;
    int file = making->mapping->file;
    int64_t at = labels_at(header);
    memcpy(making->mapping->at, header, sizeof *header);
    if (calls->truncate(file, at) || lseek(file, at, SEEK_SET) != at)
        return error_system(error, STATUS_IO, "cannot write '%s'", making->part);
    return (!header->classes || file_write_all(calls, file, making->part, labels,
                                               (size_t)header->count * sizeof *labels, error)) &&
           file_write_all(calls, file, making->part, texts->bytes, texts->length, error);
}

static void add_text(struct text *texts, const char *text) {
    text_add_range(texts, text, strlen(text) + 1);
}

const struct cache_entry *cache_finish(struct cache_making *making, const struct cache_about *about,
                                       const int32_t *labels, struct error *error) {
    const struct file_calls *calls = making->calls;
    struct text texts = {0};
    add_text(&texts, about->what);
    add_text(&texts, about->damaged);
    for (int i = 0; i < about->classes; i++)
        add_text(&texts, about->class_names[i]);
    struct header header = make_header(about, &texts);
    bool good = write_rest(making, &header, labels, &texts, error);
    text_release(&texts);
    if (good && calls->sync(making->mapping->file))
        good = error_system(error, STATUS_IO, "cannot sync '%s' to the disk", making->part);
    if (good && calls->rename(making->part, making->path))
        good = error_system(error, STATUS_IO, "cannot write '%s'", making->path);
    if (good) /* what is called `part` from here on is another process's */
        unmap(making->mapping);
    else
        cache_cancel(making);
    if (good) good = file_sync_folder_of(calls, making->path, error);
    if (!good) hint_way_out(error);
    const struct cache_entry *entry = good ? open_entry(making->path, making->arena) : NULL;
    if (good && !entry) error_set(error, STATUS_IO, "'%s' cannot be read back", making->path);
    return entry;
}

/* ---- looking after ---- */

/* What a file of the folder is for; NULL: it is not whole. */
static const char *describe(const char *path, struct arena *arena) {
    struct arena *scratch = arena_new();
    const struct cache_entry *entry = open_entry(path, scratch);
    const char *what = entry ? arena_text(arena, entry->about.what) : NULL;
    arena_free(scratch);
    return what;
}

static int compare_use(const void *a, const void *b) {
    const struct cache_file *x = a, *y = b;
    if (x->used != y->used) return x->used < y->used ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* A file that is named as ours are: hexadecimal digits, and what it is not yet. */
static bool is_ours(const char *name) {
    size_t digits = strspn(name, "0123456789abcdef");
    return digits == SHA256_TEXT - 1 && (!name[digits] || !strcmp(name + digits, part));
}

bool cache_list(const char *folder, struct arena *arena, int64_t *count, struct cache_file **files,
                struct error *error) {
    DIR *entries = opendir(folder);
    *count = 0;
    *files = NULL;
    if (!entries && errno == ENOENT) return true;
    if (!entries) return error_system(error, STATUS_IO, "cannot read the folder '%s'", folder);
    for (const struct dirent *entry; (entry = readdir(entries));) {
        struct stat status;
        if (!is_ours(entry->d_name)) continue;
        const char *path = arena_format(arena, "%s/%s", folder, entry->d_name);
        if (stat(path, &status)) continue;
        *files = ARENA_GROW(arena, *files, *count);
        (*files)[(*count)++] =
            (struct cache_file){arena_text(arena, entry->d_name), describe(path, arena),
                                (int64_t)status.st_blocks * 512, (int64_t)status.st_mtime};
    }
    closedir(entries);
    if (*count) qsort(*files, (size_t)*count, sizeof **files, compare_use);
    return true;
}

bool cache_remove(const char *folder, const char *name, bool *removed, struct error *error) {
    struct arena *scratch = arena_new();
    const char *path = arena_format(scratch, "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    *removed = file >= 0 && !flock(file, LOCK_EX | LOCK_NB) && !unlink(path);
    bool good = *removed || errno == EWOULDBLOCK || errno == ENOENT ||
                error_system(error, STATUS_IO, "cannot remove '%s'", path);
    if (file >= 0) close(file);
    arena_free(scratch);
    return good;
}
