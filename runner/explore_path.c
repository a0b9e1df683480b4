/* See explore_path.h. */
#include "runner/explore_path.h"

#include <math.h>
#include <string.h>

static double product(const float *a, const float *b, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The factors of a and b; false where directions are the same, opposite, or there are none: then the way is straight. */
static bool spherical_factors(const float *a, const float *b, int64_t count, double t,
                              double factors[2]) {
    const double length_a = sqrt(product(a, a, count)), length_b = sqrt(product(b, b, count));
    if (!(length_a > 0 && length_b > 0)) return false;
    const double cosine = product(a, b, count) / (length_a * length_b);
    if (fabs(cosine) > 1 - 1e-9) return false;
    const double angle = acos(cosine), length = (1 - t) * length_a + t * length_b;
    factors[0] = sin((1 - t) * angle) / sin(angle) * length / length_a;
    factors[1] = sin(t * angle) / sin(angle) * length / length_b;
    return true;
}

void path_between(const float *a, const float *b, int64_t count, double t, bool spherical,
                  float *out) {
    double factors[2] = {1 - t, t};
    if (t <= 0 || t >= 1) {
        memcpy(out, t <= 0 ? a : b, (size_t)count * sizeof *out);
        return;
    }
    if (spherical) spherical_factors(a, b, count, t, factors);
    for (int64_t i = 0; i < count; i++)
        out[i] = (float)(factors[0] * (double)a[i] + factors[1] * (double)b[i]);
}
