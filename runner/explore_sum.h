/*
 * Arithmetic on samples: `3 - 7 + 12`, `mean(3, 5, 9)`, `0.5 * (3 + 12)` as factors of numbered samples.
 *
 * A number is a sample's, but for the factor that stands first in a product and the divisor; `7:12` is
 * sample 12 of seed 7. All of it is linear, so that what comes out is a sum of samples, each with a factor.
 */
#ifndef RUNNER_EXPLORE_SUM_H
#define RUNNER_EXPLORE_SUM_H

#include "runner/expression.h"
#include "runner/sample_name.h"

enum { SUM_MOST = 64 };

struct sum {
    int count;
    struct sum_term {
        struct sample_name name;
        double factor;
    } terms[SUM_MOST]; /* in the order in which samples are first named, each once */
};

/* Of an expression with names of samples. `seed` is that of numbers alone; numbers are below `limit`. False with a
 * diagnostic where it is no such sum. */
bool sum_read(const struct expression *expression, uint64_t seed, int64_t limit, struct sum *sum,
              struct diagnostics *diagnostics);

#endif
