/*
 * Rows that describe parameters. A layer, function, optimizer, data set or command-line option
 * lists its parameters as an array of these, ended by one without a name; reading, checking, `duel
 * layers NAME`, the manual and the schema come from it.
 */
#ifndef BASE_PARAMETER_H
#define BASE_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Type, the C type found at `offset`, and what the manual calls it. */
#define PARAMETER_TYPE_LIST(X)                                                                     \
    X(NUMBER, double, "number")                                                                    \
    X(INTEGER, int64_t, "integer")                                                                 \
    X(BOOL, bool, "true or false")                                                                 \
    X(CHOICE, int, "choice") /* index into `choices` */                                            \
    X(TEXT, const char *, "text")                                                                  \
    X(PATH, const char *, "path") /* made relative to the file that names it */                    \
    X(NUMBERS, struct numbers, "list of numbers")                                                  \
    X(LABELS, struct labels, "list of classes")    /* by number or name */                         \
    X(POINTS, struct point_list, "list of points") /* [[0, 0], [1, 2]] */                          \
    X(TEXTS, struct texts, "list of texts")        /* one text may stand for a list of one */      \
    X(SHAPE, struct extents, "shape")     /* [28, 28, 1]; a number is a shape of one axis */       \
    X(PADDING, struct padding, "padding") /* a word, a number, [top, bottom, left, right] */       \
    X(DURATION, struct duration, "duration")                                                       \
    X(DURATIONS, struct durations, "list of durations")    /* a whole number in it counts steps */ \
    X(DISTRIBUTION, struct distribution, "distribution")   /* normal(100), uniform([4, 4]) */      \
    X(INITIALISER, struct distribution, "initialiser")     /* normal(0.02), he, constant(1) */     \
    X(EXPRESSION, const struct expression *, "expression") /* parsed, not evaluated */             \
    X(SCALAR, const struct expression *,                                                           \
      "number that may change") /* over step, epoch, images, state */                              \
    /* as it is written: who reads it knows what its parts mean */                                 \
    X(LAYERS, const struct config *, "list of layers")                                             \
    X(BRANCHES, const struct config *, "list of lists of layers")                                  \
    X(LOOP, const struct config *, "map of names to lists") /* {i: range(4)}, {c: [64, 32]} */

enum parameter_type {
#define X(name, type, text) PARAMETER_##name,
    PARAMETER_TYPE_LIST(X)
#undef X
};

struct expression; /* runner/expression.h */
struct config;     /* runner/config.h */

enum { EXTENTS_MOST = 6 };
struct extents {
    int rank;
    int64_t extent[EXTENTS_MOST];
};
/* Around an image. */
struct padding {
    int word;        /* index into `choices`; -1: as given */
    int64_t side[4]; /* top, bottom, left, right */
};
struct numbers {
    int count;
    const double *list;
};
/* Classes, by their numbers or names. Those that are names have the number -1. */
struct labels {
    int count;
    const double *list;
    const char *const *names; /* (count), NULL for a number; NULL: there are no names */
};
struct point_list {
    int count, axes;
    const double *list; /* (count, axes) */
};
struct texts {
    int count;
    const char *const *list;
};

enum duration_unit { DURATION_STEPS, DURATION_EPOCHS, DURATION_MINUTES, DURATION_IMAGES };
struct duration { /* "50 steps", "1 epoch", "10 minutes", "25e6 images"; count 0 and "never": never
                   */
    double count;
    enum duration_unit unit;
};

struct durations {
    int count;
    const struct duration *list;
};

/* A call of a named distribution or initialiser. In `latent:` arguments are a shape, in `init:`
 * numbers. */
enum { DISTRIBUTION_ARGUMENTS = 6 };
struct distribution {
    const char *name; /* one of the names in `choices` of its row */
    int count;
    double argument[DISTRIBUTION_ARGUMENTS];
};

struct parameter {
    const char *name;
    enum parameter_type type;
    size_t offset;        /* in the options struct of the row that lists it */
    const char *standard; /* the default as YAML text; NULL: must be given; "": may be absent (stays
                             zero) */
    double low, high;     /* allowed range of numbers; both 0: any finite number */
    bool above;           /* the range does not include `low` */
    const char
        *choices;     /* CHOICE, PADDING, DISTRIBUTION, INITIALISER: names, separated by spaces */
    const char *unit; /* "pixels", "steps"; may be NULL */
    const char *doc;  /* one line */
    const char *aliases; /* what other programs call it, for hints; NULL: nothing else */
};

#endif
