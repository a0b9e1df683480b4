/*
 * What went wrong, where, and what to do about it.
 *
 * A function that can fail for a reason of the user's or the machine's returns bool and takes a
 * struct error; the first error wins. Code that reads a configuration appends to struct diagnostics
 * instead, so that all mistakes are told at once.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

/* Exit statuses: name, number (sysexits.h where it has one), what it means. `duel help exit-status`
 * prints this list. */
#define STATUS_LIST(X)                                                                             \
    X(OK, 0, "all went well")                                                                      \
    X(DIVERGED, 3, "training diverged: a number was not finite")                                   \
    X(USAGE, 64, "the command line is wrong")                                                      \
    X(DATA, 65, "a data set, checkpoint or other file is not what it should be")                   \
    X(NO_INPUT, 66, "a file or data set does not exist or cannot be read")                         \
    X(NO_DEVICE, 69, "the device or library asked for is not there")                               \
    X(INTERNAL, 70, "a bug in duel")                                                               \
    X(SYSTEM, 71, "the system refused memory or threads")                                          \
    X(IO, 74, "reading or writing failed: a full or read-only folder, say")                        \
    X(STOPPED, 75, "stopped by a signal; 'duel resume' goes on")                                   \
    X(CONFIG, 78, "the configuration is wrong")

enum status {
#define X(name, number, text) STATUS_##name = number,
    STATUS_LIST(X)
#undef X
};

/* A text that can be pointed into: a file, a --set argument, a built-in default. Lives as long as
 * what was read from it. */
struct source {
    const char *name; /* as the user would name it: "configs/mnist-mlp.yaml", "--set seed=x" */
    const char *text; /* `length` bytes and a NUL */
    size_t length;
    const char *folder; /* where relative paths in it start; NULL: the current folder */
};

/* Through what a value came to be where it is used; told after the message. */
enum via {
    VIA_NOTHING,
    VIA_INCLUDE,
    VIA_ALIAS,
    VIA_BLOCK,
    VIA_REPEAT,
    VIA_OBJECTIVE,
    VIA_CALL,
    VIA_SET,
    VIA_ROLE
};

/* A place in a source. line and column count from 1 (columns in characters, as editors do); line 0:
 * the whole source. */
struct origin {
    const struct source *source; /* NULL: nowhere in a file */
    int line, column;
    int length; /* characters to mark, within the line; 0 marks one */
    enum via how;
    const struct origin *via; /* the place that included, aliased, called, … this one; NULL: none */
};

/* "FILE:LINE", or "?" where that is not known; in the arena. */
const char *origin_text(struct arena *arena, const struct origin *origin);

struct diagnostic {
    const struct origin *origin; /* may be NULL */
    const char *message;         /* one line, without a full stop */
    const char *hint;            /* what to do: printed after "= "; may be NULL */
};

/* Mistakes in the order found. Messages live in the arena. At most DIAGNOSTICS_MOST are kept, the
 * rest are counted. */
enum { DIAGNOSTICS_MOST = 50 };
struct diagnostics {
    struct arena *arena;
    struct diagnostic *list;
    int count, dropped;
    bool partial;       /* what was read has holes where mistakes were: what is missing is none */
    enum status status; /* of the first mistake that is not the configuration's (a data set that is
                           missing or damaged, say); OK: there is none */
    int others;         /* how many are such */
};

struct error;

/* Adds an error at `origin`; always returns false, for `return diagnostics_add(…)`. A message equal
   to one already there, at the same place, is not added again. */
bool diagnostics_add(struct diagnostics *diagnostics, const struct origin *origin, const char *hint,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same of a failure that is not the configuration's, with its hint and status. */
bool diagnostics_add_error(struct diagnostics *diagnostics, const struct origin *origin,
                           const struct error *error);

/* Prints all of them as in
 *     configs/a.yaml:14:9: error: there is no layer 'leaky_rleu'
 *        14 |       - leaky_rleu: 0.2
 *           |         ^~~~~~~~~~
 *           = did you mean 'leaky_relu'? 'duel layers' lists them all
 * with colour if `colour`. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *file, bool colour);

/* One failure. Zero-initialise it; status OK means none. */
struct error {
    enum status status;
    char message[2048]; /* may hold several lines */
    char hint[512];     /* may be empty */
};

/* Sets `error` unless it holds one already; always returns false. */
bool error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, followed by ": " and the system's text for errno. */
bool error_system(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a hint to an error just set; always returns false. */
bool error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "duel: message" and the hint; nothing if there is no error. */
void error_print(const struct error *error, FILE *file, bool colour);

#endif
