/* Atomic files: temporary name, write, sync, rename, sync the folder; see file.h. */
#include "files/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static int open_file(const char *path, int flags, mode_t mode) {
    return open(path, flags, mode);
}

const struct file_calls file_calls_system = {
    .open = open_file,
    .write = write,
    .sync = fsync,
    .close = close,
    .rename = rename,
    .remove = unlink,
    .make_folder = mkdir,
    .truncate = ftruncate,
    .lock = flock,
};

static const struct file_calls *calls_or_system(const struct file_calls *calls) {
    return calls ? calls : &file_calls_system;
}

/* The length of the folder's part of `path`, with its slash; 0 if there is none. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool file_write_all(const struct file_calls *calls, int file, const char *path, const void *bytes,
                    size_t size, struct error *e) {
    calls = calls_or_system(calls);
    for (const char *at = bytes, *end = at + size; at < end;) {
        ssize_t written = calls->write(file, at, (size_t)(end - at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_system(e, STATUS_IO, "cannot write '%s'", path);
        if (written == 0)
            return error_set(e, STATUS_IO, "cannot write '%s': no byte was taken", path);
        at += written;
    }
    return true;
}

/* Some file systems cannot sync a folder and say EINVAL; there is nothing else to be done on them.
 */
bool file_sync_folder_of(const struct file_calls *calls, const char *path, struct error *e) {
    calls = calls_or_system(calls);
    struct text folder = {0};
    text_add_range(&folder, path, folder_length(path));
    const char *name = folder.length ? text_get(&folder) : ".";
    int file = calls->open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    bool ok = file >= 0 && (calls->sync(file) == 0 || errno == EINVAL);
    if (!ok) error_system(e, STATUS_IO, "cannot sync the folder '%s'", name);
    if (file >= 0) calls->close(file);
    text_release(&folder);
    return ok;
}

/* Writes and syncs `temporary`, a new file; `path` is for messages. */
static bool write_temporary(const struct file_calls *calls, const char *temporary, const char *path,
                            const void *bytes, size_t size, struct error *e) {
    int file = calls->open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return error_system(e, STATUS_IO, "cannot write '%s'", path);
    bool ok = file_write_all(calls, file, path, bytes, size, e);
    if (ok && calls->sync(file) != 0)
        ok = error_system(e, STATUS_IO, "cannot sync '%s' to the disk", path);
    if (calls->close(file) != 0 && ok) ok = error_system(e, STATUS_IO, "cannot close '%s'", path);
    return ok;
}

bool file_write(const struct file_calls *calls, const char *path, const void *bytes, size_t size,
                struct error *e) {
    calls = calls_or_system(calls);
    size_t length = folder_length(path);
    struct text temporary = {0};
    text_add_range(&temporary, path, length);
    text_format(&temporary, ".%s.%ld.tmp", path + length, (long)getpid());
    const char *name = text_get(&temporary);
    calls->remove(name); /* of an earlier process with our number; most often there is none */
    bool ok = write_temporary(calls, name, path, bytes, size, e);
    if (ok && calls->rename(name, path) != 0)
        ok = error_system(e, STATUS_IO, "cannot write '%s'", path);
    if (!ok) calls->remove(name);
    text_release(&temporary);
    return ok && file_sync_folder_of(calls, path, e);
}

/* Whether `name` looks like ".NAME.DIGITS.tmp", as file_write makes them. */
static bool is_temporary(const char *name) {
    size_t length = strlen(name);
    if (name[0] != '.' || length < 8 || strcmp(name + length - 4, ".tmp") != 0) return false;
    size_t digits = 0, end = length - 4;
    while (digits < end && name[end - 1 - digits] >= '0' && name[end - 1 - digits] <= '9')
        digits++;
    return digits > 0 && end - digits > 2 && name[end - 1 - digits] == '.';
}

bool file_clean(const struct file_calls *calls, const char *folder, struct error *e) {
    calls = calls_or_system(calls);
    DIR *entries = opendir(folder);
    if (!entries && errno == ENOENT) return true;
    if (!entries) return error_system(e, STATUS_IO, "cannot read the folder '%s'", folder);
    bool ok = true;
    struct text path = {0};
    for (const struct dirent *entry; ok && (entry = readdir(entries));) {
        if (!is_temporary(entry->d_name)) continue;
        text_clear(&path);
        text_format(&path, "%s/%s", folder, entry->d_name);
        if (calls->remove(text_get(&path)) != 0 && errno != ENOENT)
            ok = error_system(e, STATUS_IO, "cannot remove '%s'", text_get(&path));
    }
    text_release(&path);
    closedir(entries);
    return ok;
}

static bool make_folder(const struct file_calls *calls, const char *path, struct error *e) {
    if (calls->make_folder(path, 0777) == 0) return true;
    int reason = errno;
    struct stat status;
    if (reason == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return true;
    errno = reason;
    return error_system(e, STATUS_IO, "cannot make the folder '%s'", path);
}

bool file_make_folders(const struct file_calls *calls, const char *path, struct error *e) {
    calls = calls_or_system(calls);
    struct text part = {0};
    struct stat status;
    bool ok = true;
    for (const char *at = path; ok && *at;) {
        const char *slash = strchr(at + 1, '/');
        size_t size = slash ? (size_t)(slash - at) : strlen(at);
        text_add_range(&part, at, size);
        at += size;
        if (stat(text_get(&part), &status) != 0)
            ok = make_folder(calls, text_get(&part), e);
        else if (!S_ISDIR(status.st_mode))
            ok = error_set(e, STATUS_IO, "cannot make the folder '%s': '%s' is not a folder", path,
                           text_get(&part));
    }
    text_release(&part);
    return ok;
}

int file_open(const char *path, int64_t *size, struct error *e) {
    struct stat status;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        *size = status.st_size;
        return file;
    }
    if (file < 0)
        error_system(e, STATUS_NO_INPUT, "cannot read '%s'", path);
    else
        error_set(e, STATUS_NO_INPUT, "cannot read '%s': it is not a regular file", path);
    if (file >= 0) close(file);
    return -1;
}

/* Reads up to `size` bytes at `offset`; how many there were, or -1 and an error. */
static int64_t read_some_at(int file, const char *path, int64_t offset, char *bytes, int64_t size,
                            struct error *e) {
    int64_t used = 0;
    while (used < size) {
        ssize_t got = pread(file, bytes + used, (size_t)(size - used), offset + used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            error_system(e, STATUS_IO, "cannot read '%s'", path);
            return -1;
        }
        if (got == 0) break;
        used += got;
    }
    return used;
}

bool file_read_at(int file, const char *path, int64_t offset, void *bytes, int64_t size,
                  struct error *e) {
    int64_t got = read_some_at(file, path, offset, bytes, size, e);
    return got == size ||
           error_set(e, STATUS_DATA, "'%s' is truncated: it ends within its data", path);
}

char *file_read(struct arena *arena, const char *path, size_t most, size_t *size, struct error *e) {
    int64_t room;
    int file = file_open(path, &room, e);
    if (file < 0) return NULL;
    char *bytes = NULL;
    if ((uint64_t)room > most)
        error_set(e, STATUS_DATA, "'%s' has %lld bytes; at most %zu are read", path,
                  (long long)room, most);
    else
        bytes = arena_alloc(arena, (size_t)room + 1);
    /* It may have become shorter. */
    int64_t got = bytes ? read_some_at(file, path, 0, bytes, room, e) : -1;
    close(file);
    if (got < 0) return NULL;
    bytes[got] = 0;
    *size = (size_t)got;
    return bytes;
}
