/*
 * What samples are called: by their number among those of a seed, from 0, as in `12`, or with the
 * seed before it, as in `7:12`.
 */
#ifndef RUNNER_SAMPLE_NAME_H
#define RUNNER_SAMPLE_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct sample_name {
    uint64_t seed;
    int64_t number;
};

bool sample_name_equal(struct sample_name a, struct sample_name b);

/* Reads a whole text; `seed` is that of a number alone, and numbers are below `limit`. */
bool sample_name_read(const char *text, uint64_t seed, int64_t limit, struct sample_name *name);

#endif
