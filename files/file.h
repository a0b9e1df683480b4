/*
 * Files that are either whole or not there: bytes go to a temporary name in the same folder, are
 * synced, renamed, and the folder is synced. Every system call of the store goes through one table,
 * so that tests can make the n-th fail.
 */
#ifndef FILES_FILE_H
#define FILES_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* The system calls that change or lock files. Functions below take such a table; NULL stands for
 * the system's own. */
struct file_calls {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*write)(int file, const void *bytes, size_t size);
    int (*sync)(int file);
    int (*close)(int file);
    int (*rename)(const char *from, const char *to);
    int (*remove)(const char *path);
    int (*make_folder)(const char *path, mode_t mode);
    int (*truncate)(int file, off_t size);
    int (*lock)(int file, int operation);
};
extern const struct file_calls file_calls_system;

/* Makes `path` hold these bytes, or leaves it as it was. Fails with STATUS_IO, naming the file and
 * the reason. */
bool file_write(const struct file_calls *calls, const char *path, const void *bytes, size_t size,
                struct error *e);

/* Opens a regular file for reading, without waiting for a pipe; -1 and an error (STATUS_NO_INPUT).
 * The caller closes it. `size` gets its bytes. */
int file_open(const char *path, int64_t *size, struct error *e);

/* Reads exactly `size` bytes at `offset`. STATUS_IO; STATUS_DATA where the file ends before. */
bool file_read_at(int file, const char *path, int64_t offset, void *bytes, int64_t size,
                  struct error *e);

/* Reads a whole regular file of at most `most` bytes into the arena, with a NUL after it; NULL and
   an error (STATUS_NO_INPUT where it is not there or may not be read, STATUS_DATA where it is too
   long). */
char *file_read(struct arena *arena, const char *path, size_t most, size_t *size, struct error *e);

/* Removes the temporaries that killed writers left in `folder`. Only for a folder that no other
 * process writes to. */
bool file_clean(const struct file_calls *calls, const char *folder, struct error *e);

/* Makes `path` and the folders above it where they are missing. */
bool file_make_folders(const struct file_calls *calls, const char *path, struct error *e);

/* Writes all of it to an open file; `path` is for the message. */
bool file_write_all(const struct file_calls *calls, int file, const char *path, const void *bytes,
                    size_t size, struct error *e);

/* Syncs the folder that holds `path`, so that a new name in it survives a loss of power. */
bool file_sync_folder_of(const struct file_calls *calls, const char *path, struct error *e);

#endif
