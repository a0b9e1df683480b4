/*
 * What an exploration moves: one number of a latent, `z[17]`; the class of one that is an index or a
 * one_hot row, `c`; a label, `y`.
 */
#ifndef RUNNER_EXPLORE_ELEMENT_H
#define RUNNER_EXPLORE_ELEMENT_H

#include "runner/beginnings.h"

struct element {
    const char *text;
    int latent;       /* of the sampler's; -1: a label, */
    int labels;       /* of the sampler's */
    int64_t offset;   /* of the number in an entry; -1: all of it */
    int64_t count;    /* numbers of an entry */
    int classes;      /* it is one of so many classes; 0: a number */
    double low, high; /* where a number lies, as a rule */
};

/* Reads it; false with a diagnostic at `origin`, where the text begins, if there is no such thing in
 * what the sampler takes. A latent of several numbers may be named as a whole. */
bool element_read(const struct experiment *experiment, const struct game_sampler *sampler,
                  const char *text, const struct origin *origin, struct diagnostics *diagnostics,
                  struct element *element);

/* Whether both are the same one. */
bool element_same(const struct element *a, const struct element *b);

/* The class of this number, from 0 on. */
int32_t element_class(const struct experiment *experiment, const struct game_sampler *sampler,
                      const struct element *element, int number);

/* The names of these classes; none where they have none. */
struct class_names element_class_names(const struct experiment *experiment,
                                       const struct game_sampler *sampler,
                                       const struct element *element);

/* Gives it a number or a class in an entry; all else stays. */
void element_set(const struct element *element, struct beginnings *beginnings, int64_t i,
                 double value);

#endif
