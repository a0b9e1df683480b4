/* Folders by fts(3), archives by libarchive; see walk.h. */
#include "datasets/walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/hash.h"
#include "files/file.h"

enum { BLOCK = 256 << 10, TAR_BLOCK = 512 };

struct found {
    const char *name; /* below the folder */
    int64_t size;
    struct timespec written, changed; /* by whoever sets it; by the system */
};

struct walk {
    const char *path;
    int64_t number;
    struct archive *archive; /* NULL: a folder */
    struct archive_entry *entry;
    locale_t utf8; /* libarchive drops names that the locale has no characters for: this one has */
    struct arena *arena;
    int64_t count; /* of a folder's files, by name */
    struct found *files;
};

/* ---- folders ---- */

static int compare_found(const void *a, const void *b) {
    return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static void add_found(struct walk *walk, const FTSENT *at, size_t skipped) {
    const struct stat *status = at->fts_statp;
    walk->files = ARENA_GROW(walk->arena, walk->files, walk->count);
    walk->files[walk->count++] = (struct found){
        .name =
            arena_text(walk->arena, at->fts_path + skipped + strspn(at->fts_path + skipped, "/")),
        .size = status->st_size,
        .written = status->st_mtim,
        .changed = status->st_ctim,
    };
}

/* One step of fts, which follows links: a file, or what is wrong. Of a link that leads nowhere reading tells. */
static bool take_step(struct walk *walk, const FTSENT *at, size_t skipped, struct error *error) {
    switch (at->fts_info) {
    case FTS_F:
    case FTS_SLNONE:
        add_found(walk, at, skipped);
        return true;
    case FTS_DC:
        return error_set(error, STATUS_DATA, "%s leads back to a folder that it lies in",
                         at->fts_path);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = at->fts_errno;
        return error_system(error, STATUS_NO_INPUT, "%s cannot be read", at->fts_path);
    default:
        return true;
    }
}

static bool list_folder(struct walk *walk, struct error *error) {
    char *const roots[] = {(char *)(uintptr_t)walk->path, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (!tree) return error_system(error, STATUS_NO_INPUT, "%s cannot be read", walk->path);
    size_t skipped = strlen(walk->path);
    bool good = true;
    errno = 0;
    for (const FTSENT *at; good && (at = fts_read(tree));)
        good = take_step(walk, at, skipped, error);
    if (good && errno) good = error_system(error, STATUS_IO, "reading %s failed", walk->path);
    fts_close(tree);
    if (walk->count) qsort(walk->files, (size_t)walk->count, sizeof *walk->files, compare_found);
    return good;
}

/* Whether it is a link that leads nowhere. */
static bool leads_nowhere(const char *path, struct error *error) {
    char target[PATH_MAX] = "";
    struct arena *scratch = arena_new();
    bool nowhere =
        access(path, F_OK) && errno == ENOENT && readlink(path, target, sizeof target - 1) > 0;
    if (nowhere)
        error_set(error, STATUS_DATA, "it is a link to '%s', which is not there",
                  text_excerpt(scratch, target));
    arena_free(scratch);
    return nowhere;
}

static enum walk_result read_file(struct walk *walk, size_t most, struct text *bytes,
                                  struct error *error) {
    struct arena *scratch = arena_new();
    const char *path =
        arena_format(scratch, "%s/%s", walk->path, walk->files[walk->number - 1].name);
    size_t size;
    const char *all =
        leads_nowhere(path, error) ? NULL : file_read(scratch, path, most, &size, error);
    if (all) text_add_range(bytes, all, size);
    arena_free(scratch);
    return all ? WALK_ENTRY : WALK_DAMAGED;
}

/* ---- archives ---- */

static void close_archive(void *object) {
    archive_read_free(object);
}

static void free_locale(void *object) {
    freelocale(object);
}

/* "data.tar is damaged: …" */
static enum walk_result fail(const struct walk *walk, struct error *error) {
    const char *text = archive_error_string(walk->archive);
    if (!text) text = "no reason given";
    if (walk->number) {
        error_set(error, STATUS_DATA, "%s is damaged: %s", walk->path, text);
        error_hint(error, "it can be read up to its file number %" PRId64 "; get it anew",
                   walk->number);
    } else {
        error_set(error, STATUS_DATA, "%s is no folder, tar, tar.gz or zip: %s", walk->path, text);
        error_hint(error,
                   "name the folder of the images; other archives must be unpacked into one");
    }
    return WALK_FAILED;
}

/* Only the formats that are wanted, and no filter that libarchive would start a program for. */
static bool open_archive(struct walk *walk, struct error *error) {
    struct archive *archive = archive_read_new();
    if (!archive) BUG("libarchive gives no reader");
    arena_on_free(walk->arena, close_archive, archive);
    walk->archive = archive;
    walk->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (walk->utf8) arena_on_free(walk->arena, free_locale, walk->utf8);
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    if (archive_read_open_filename(archive, walk->path, BLOCK) == ARCHIVE_OK) return true;
    fail(walk, error);
    return false;
}

/* What an entry of an archive may not be; NULL: nothing is wrong with it. */
static const char *entry_fault(struct archive_entry *entry, const char *name) {
    if (!name || !*name) return "has a file without a name";
    if (*name == '/') return "holds an absolute name";
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += strspn(part, "/");
        if (!strncmp(part, "..", 2) && (!part[2] || part[2] == '/'))
            return "holds a name that leaves its folder";
    }
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry)) return "holds a link";
    mode_t type = archive_entry_filetype(entry);
    return type == AE_IFREG || type == AE_IFDIR ? NULL : "holds what is neither file nor folder";
}

static const char *entry_name(struct archive_entry *entry) {
    const char *name = archive_entry_pathname_utf8(entry);
    return name ? name : archive_entry_pathname(entry);
}

/* libarchive takes a tar for whole that ends between two files: the mark of its end must be there. */
static bool check_end(const struct walk *walk, struct error *error) {
    bool plain = archive_filter_code(walk->archive, 0) == ARCHIVE_FILTER_NONE;
    bool tar = (archive_format(walk->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (!plain || !tar) return true;
    char last[TAR_BLOCK] = {0};
    int64_t size;
    int file = file_open(walk->path, &size, error);
    if (file < 0) return false;
    bool good = size < TAR_BLOCK ||
                file_read_at(file, walk->path, size - TAR_BLOCK, last, TAR_BLOCK, error);
    close(file);
    if (!good) return false;
    for (int i = 0; i < TAR_BLOCK; i++)
        if (last[i])
            return error_set(error, STATUS_DATA,
                             "%s is damaged: it was cut, as the mark of its end is missing",
                             walk->path);
    return true;
}

static enum walk_result find_in_archive(struct walk *walk, struct walk_entry *entry,
                                        struct error *error) {
    for (;;) {
        int result = archive_read_next_header(walk->archive, &walk->entry);
        if (result == ARCHIVE_EOF) return check_end(walk, error) ? WALK_END : WALK_FAILED;
        if (result < ARCHIVE_WARN) return fail(walk, error);
        walk->number++;
        const char *name = entry_name(walk->entry), *fault = entry_fault(walk->entry, name);
        if (fault) {
            struct arena *scratch = arena_new();
            error_set(error, STATUS_DATA, "%s %s: '%s'", walk->path, fault,
                      text_excerpt(scratch, name ? name : ""));
            error_hint(error, "archives with such names are not read: unpack it and look");
            arena_free(scratch);
            return WALK_FAILED;
        }
        if (archive_entry_filetype(walk->entry) == AE_IFDIR) continue;
        while (!strncmp(name, "./", 2))
            name += 2 + strspn(name + 2, "/");
        *entry = (struct walk_entry){name, walk->number};
        return WALK_ENTRY;
    }
}

static enum walk_result next_in_archive(struct walk *walk, struct walk_entry *entry,
                                        struct error *error) {
    locale_t before = uselocale(walk->utf8);
    enum walk_result result = find_in_archive(walk, entry, error);
    uselocale(before);
    return result;
}

static enum walk_result read_entry(struct walk *walk, size_t most, struct text *bytes,
                                   struct error *error) {
    char block[16 << 10];
    for (;;) {
        la_ssize_t got = archive_read_data(walk->archive, block, sizeof block);
        if (got == 0) return WALK_ENTRY;
        if (got == ARCHIVE_RETRY) continue;
        if (got == ARCHIVE_FATAL) return fail(walk, error);
        if (got < 0) {
            const char *text = archive_error_string(walk->archive);
            error_set(error, STATUS_DATA, "%s", text ? text : "it cannot be read");
            return WALK_DAMAGED;
        }
        if (bytes->length + (size_t)got > most) {
            error_set(error, STATUS_DATA, "it holds more than %zu bytes", most);
            return WALK_DAMAGED;
        }
        text_add_range(bytes, block, (size_t)got);
    }
}

/* ---- both ---- */

struct walk *walk_open(const char *path, struct arena *arena, struct error *error) {
    struct stat status;
    if (stat(path, &status)) {
        error_system(error, STATUS_NO_INPUT, "%s cannot be read", path);
        return NULL;
    }
    struct walk *walk = ARENA_NEW(arena, struct walk);
    *walk = (struct walk){.path = arena_text(arena, path), .arena = arena};
    return (S_ISDIR(status.st_mode) ? list_folder : open_archive)(walk, error) ? walk : NULL;
}

enum walk_result walk_next(struct walk *walk, struct walk_entry *entry, struct error *error) {
    if (walk->archive) return next_in_archive(walk, entry, error);
    if (walk->number == walk->count) return WALK_END;
    *entry = (struct walk_entry){walk->files[walk->number].name, walk->number + 1};
    walk->number++;
    return WALK_ENTRY;
}

enum walk_result walk_read(struct walk *walk, size_t most, struct text *bytes,
                           struct error *error) {
    text_clear(bytes);
    return (walk->archive ? read_entry : read_file)(walk, most, bytes, error);
}

/* Files of two folders may well have the same names, sizes and times of writing: what tells them apart is
 * where they lie, and when the system last saw them change. */
static bool hash_folder(const struct walk *walk, char sha256[SHA256_TEXT], int64_t *bytes,
                        struct error *error) {
    char *path = realpath(walk->path, NULL);
    if (!path) return error_system(error, STATUS_NO_INPUT, "%s cannot be read", walk->path);
    struct hash *hash = hash_begin();
    hash_add(hash, path, strlen(path) + 1);
    free(path);
    *bytes = 0;
    for (int64_t i = 0; i < walk->count; i++) {
        const struct found *file = &walk->files[i];
        const int64_t numbers[] = {file->size, file->written.tv_sec, file->written.tv_nsec,
                                   file->changed.tv_sec, file->changed.tv_nsec};
        hash_add(hash, file->name, strlen(file->name) + 1);
        hash_add(hash, numbers, sizeof numbers);
        *bytes += file->size;
    }
    hash_end(hash, sha256);
    return true;
}

bool walk_digest(const char *path, char sha256[SHA256_TEXT], int64_t *bytes, struct error *error) {
    struct stat status;
    if (stat(path, &status)) return error_system(error, STATUS_NO_INPUT, "%s cannot be read", path);
    *bytes = status.st_size;
    if (!S_ISDIR(status.st_mode)) return hash_file(path, sha256, error);
    struct arena *scratch = arena_new();
    struct walk *walk = walk_open(path, scratch, error);
    bool good = walk && hash_folder(walk, sha256, bytes, error);
    arena_free(scratch);
    return good;
}
