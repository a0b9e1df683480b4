/* Changing a subject: a new one with one thing less in it, and without what nothing needs. */
#ifndef TESTS_FUZZ_SUBJECT_H
#define TESTS_FUZZ_SUBJECT_H

#include "tests/fuzz/fuzz.h"

enum edit_kind {
    EDIT_NOTHING,
    EDIT_DROP_OUTPUT,     /* number `at` */
    EDIT_DROP_ASSIGNMENT, /* number `at` */
    EDIT_TO_INPUT,        /* node `at` becomes an input that holds `value` */
    EDIT_TO_CONSTANT,     /* node `at` becomes the number value[0] everywhere */
    EDIT_TO_SOURCE,       /* node `at` becomes its source number `source` */
};
struct edit {
    enum edit_kind kind;
    int at, source;
    const double *value;
};

/* The subject with the edit made, in `arena`; NULL where the edit does not fit. */
struct subject *subject_edit(struct arena *arena, const struct subject *old,
                             const struct edit *edit);

#endif
