/*
 * Fetching the files of a data set over HTTPS: from the first mirror that has them, going on where an
 * earlier try broke off, and checked by SHA-256. A file has its name only when it is whole and right;
 * until then it is called NAME.part.
 */
#ifndef DATASETS_FETCH_H
#define DATASETS_FETCH_H

#include <signal.h>

#include "datasets/dataset.h"

enum fetch_news {
    FETCH_THERE,  /* it is there already, and right */
    FETCH_BYTES,  /* `done` bytes of it have come */
    FETCH_GOOD,   /* it is whole, right, and has its name */
    FETCH_FAILED, /* `message` tells what is wrong with a mirror; others may follow */
};

struct fetch {
    const char *folder; /* where the files go; it is made where it is missing */
    const char *const
        *mirrors; /* addresses of folders, ended by NULL: https, or http where the user
                                   says so */
    int count;
    const struct fetch_file *files;    /* (count) */
    const volatile sig_atomic_t *stop; /* other than 0: to stop */
    void (*tell)(void *context, const struct fetch_file *file, enum fetch_news news, int64_t done,
                 const char *message);
    void *context;
};

/*
 * Fetches all files that are not there. Errors: NO_INPUT (no mirror has a file; the message tells why,
 * for each), DATA (one sent something else), IO (the folder cannot be written, the disk is full),
 * STOPPED. What has come of a file stays for the next try, unless it is wrong.
 */
bool fetch_files(const struct fetch *fetch, struct error *error);

/* The files of a data set that can be fetched; NULL where it cannot be. */
const struct fetch_file *fetch_list(const struct dataset_row *row, int *count);

#endif
