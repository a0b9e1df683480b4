/*
 * Ways from one latent to another: straight, or along the sphere, where the direction turns evenly
 * and the length changes evenly (White 2016, arXiv 1609.04468, for the sphere).
 */
#ifndef RUNNER_EXPLORE_PATH_H
#define RUNNER_EXPLORE_PATH_H

#include <stdbool.h>
#include <stdint.h>

/* `out` is the place at `t` from 0 to 1; both ends are `a` and `b` to the bit. */
void path_between(const float *a, const float *b, int64_t count, double t, bool spherical,
                  float *out);

#endif
