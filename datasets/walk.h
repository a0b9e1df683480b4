/*
 * Walking through a collection of files: a folder and those in it, by name, or an archive (tar, plain
 * or gzipped; zip), in its own order, by libarchive.
 *
 * In a folder links are followed, to files and to folders; one to a folder around it is an error. Archives come
 * from elsewhere: one with absolute names, with '..', with links or with devices in it is refused. Nothing is
 * ever unpacked to the disk.
 */
#ifndef DATASETS_WALK_H
#define DATASETS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/dataset.h"

struct walk;

struct walk_entry {
    const char *name; /* in the collection, "train/cat/0001.jpg"; valid until the next step */
    int64_t number;   /* its place, from 1 */
};

enum walk_result {
    WALK_ENTRY,   /* here it is */
    WALK_END,     /* there are no more */
    WALK_DAMAGED, /* walk_read: this one cannot be read, others may */
    WALK_FAILED   /* nothing more can be read */
};

/* Begins at the first file; it is closed with `arena`. NULL: NO_INPUT where there is nothing, DATA
 * where it is no archive. */
struct walk *walk_open(const char *path, struct arena *arena, struct error *error);

/* The next regular file; folders are passed over. DATA where an archive is damaged or not to be
 * trusted. */
enum walk_result walk_next(struct walk *walk, struct walk_entry *entry, struct error *error);

/* The bytes of the file that walk_next gave, once, into a text; DAMAGED where it holds more than
 * `most`. */
enum walk_result walk_read(struct walk *walk, size_t most, struct text *bytes, struct error *error);

/* What tells one state of a collection from another: SHA-256 of an archive's bytes; of a folder, of where it
 * lies and of the names, sizes and times of its files. `bytes`: their size on the disk. */
bool walk_digest(const char *path, char sha256[SHA256_TEXT], int64_t *bytes, struct error *error);

#endif
