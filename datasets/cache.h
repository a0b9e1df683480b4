/*
 * The cache of decoded images: a file for each collection and way of decoding it, in the user's cache
 * folder, from where the examples are mapped into memory.
 *
 * A file is made under another name, which is locked, and gets its own when it is whole and on the disk:
 * of several processes that want it one makes it, and the others wait. Its name is a SHA-256 of what it was
 * made of and how, so that it never becomes wrong, only useless.
 */
#ifndef DATASETS_CACHE_H
#define DATASETS_CACHE_H

#include "datasets/dataset.h"
#include "files/file.h"

/* What a file holds beside values and labels; written at its end. */
struct cache_about {
    int64_t count;
    struct extents shape; /* [height, width, channels] */
    int classes;
    const char *const *class_names; /* (classes) */
    int64_t skipped;                /* images that were left out */
    const char *damaged;            /* some of them, and why, as damages_tell says it; "" */
    const char *what;         /* for the user: "cifar10, train, from /data/cifar10-jpeg.tar.gz" */
    char sha256[SHA256_TEXT]; /* of values, then labels */
};

/* A file that is open; it, and what was mapped, live as long as the arena. */
struct cache_entry {
    struct cache_about about;
    uint8_t *
        values; /* (count, shape…); writable memory of the process's own, or of the file being made */
    int32_t *labels; /* (count); NULL: there are none */
    int64_t bytes;   /* of the file */
};

/* $XDG_CACHE_HOME/duel, or ~/.cache/duel; NULL: neither is set. */
const char *cache_folder(struct arena *arena);

/* The file called `key` if it is there and whole; NULL otherwise: it is to be made (again). */
const struct cache_entry *cache_find(const char *folder, const char *key, struct arena *arena);

/* A file being made. */
struct cache_making;

/* Begins to make it, with room for `count` examples of `size` bytes; waits for another process that is at
 * it. When that one is done, `found` is its file and NULL is returned without an error. NULL and an error
 * (IO) where the folder cannot be written, or the disk lacks the room. */
struct cache_making *cache_begin(const struct file_calls *calls, const char *folder,
                                 const char *key, int64_t count, int64_t size, struct arena *arena,
                                 const struct cache_entry **found, struct error *error);

/* Where the values go. */
uint8_t *cache_values(struct cache_making *making);

/* Ends the file with what it holds, at most as many examples as were announced, and gives it its name. */
const struct cache_entry *cache_finish(struct cache_making *making, const struct cache_about *about,
                                       const int32_t *labels, struct error *error);

/* Gives it up. Of a process that was killed something is left, which the next cache_begin takes. */
void cache_cancel(struct cache_making *making);

/* One file of the folder, as `duel cache` lists it. */
struct cache_file {
    const char *name; /* its key, or what else it is called */
    const char *what; /* as above; NULL: it was never finished */
    int64_t bytes;    /* on the disk */
    int64_t used;     /* seconds since 1970 when it was last read */
};
/* All files, those used last first. No folder: none. */
bool cache_list(const char *folder, struct arena *arena, int64_t *count, struct cache_file **files,
                struct error *error);

/* Removes a file, unless a process is making it; `removed` tells. */
bool cache_remove(const char *folder, const char *name, bool *removed, struct error *error);

#endif
