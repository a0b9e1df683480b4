/* Names of classes as text that files keep: a line for each class, in order. */
#ifndef RUNNER_STORE_CLASSES_H
#define RUNNER_STORE_CLASSES_H

#include <stdint.h>

#include "base/arena.h"

struct class_names {
    int count;
    const char *const *list; /* (count); NULL: they have none */
};

/* Their lines, each after `before`; "" where they have none. */
const char *class_names_text(struct arena *arena, struct class_names names, const char *before);
/* The lines after `before` of a text that may hold others; none where these are not `count`. */
struct class_names class_names_read(struct arena *arena, const char *text, const char *before,
                                    int count);
/* All lines of such a text without others. */
struct class_names class_names_all(struct arena *arena, const char *text);

/* "cat", or "3" for a class without a name. */
const char *class_names_of(struct arena *arena, struct class_names names, int32_t class);

#endif
