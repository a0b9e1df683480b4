/* links: base m */
/*
 * The float32 scalar functions against double: a sample of all 2^32 inputs, or all of them by hand:
 *     build/release/tests/test_scalar all
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "engine/scalar.h"

enum { SAMPLE_STEP = 4099 }; /* prime, so that all exponents and low bits are met */
static const float SMALLEST_NORMAL = 1.17549435e-38f;

#define WRAP(name)                                                                                 \
    static float float_##name(float x) {                                                           \
        return scalar_##name(x);                                                                   \
    }
WRAP(exp)
WRAP(log)
WRAP(tanh)
WRAP(expm1)
WRAP(log1p)
WRAP(sin)
WRAP(cos)
WRAP(erf)
WRAP(floor)

struct function {
    const char *name;
    float (*single)(float);
    double (*exact)(double);
    double most;  /* error allowed, in units in the last place */
    float widest; /* largest operand that is promised; 0: all */
};

static const struct function functions[] = {
    {"exp", float_exp, exp, 1, 0},          {"log", float_log, log, 1, 0},
    {"tanh", float_tanh, tanh, 1.5, 0},     {"expm1", float_expm1, expm1, 0.51, 0},
    {"log1p", float_log1p, log1p, 0.51, 0}, {"sin", float_sin, sin, 0.51, 1e6f},
    {"cos", float_cos, cos, 0.51, 1e6f},    {"erf", float_erf, erf, 0.51, 0},
    {"floor", float_floor, floor, 0, 0},
};

/* |y - exact| in units in the last place of a float32 near `exact`. */
static double units_off(float y, double exact) {
    return fabs((double)y - exact) / ldexp(1, ilogb(exact) - 23);
}

/* Checks one result; denormal operands and results count as zero, and are not promised. */
static void check(const char *name, double most, float x, float y, double exact) {
    float rounded = (float)exact;
    if (isnan(rounded) != isnan(y) || isinf(rounded) != isinf(y))
        fail_msg("%s(%.9g) is %.9g, not %.9g", name, (double)x, (double)y, exact);
    if (!isfinite(rounded) || fabs(exact) < 1.3e-38) return;
    if (units_off(y, exact) > most)
        fail_msg("%s(%.9g) is %.9g, not %.17g", name, (double)x, (double)y, exact);
}

static uint64_t step = SAMPLE_STEP;

static void functions_of_one_number_are_as_exact_as_promised(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
        for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step) {
            const struct function *function = &functions[f];
            float x = scalar_from_bits((uint32_t)bits);
            if (fabsf(x) < SMALLEST_NORMAL) continue;
            if (function->widest != 0 && isfinite(x) && fabsf(x) > function->widest) continue;
            check(function->name, function->most, x, function->single(x), function->exact(x));
        }
}

static void powers_are_as_exact_as_promised(void **state) {
    (void)state;
    static const float special[] = {0,  1,        -1,        0.5f, 2,        3,
                                    -3, INFINITY, -INFINITY, NAN,  16777216, 0.25f};
    enum { SPECIAL = sizeof special / sizeof *special };
    uint32_t random = 1;
    for (int i = 0; i < 300000; i++) {
        float operand[2];
        for (int k = 0; k < 2; k++) {
            random = random * 1664525u + 1013904223u;
            operand[k] = random >> 30 ? scalar_from_bits(random * 2654435761u)
                                      : special[(random >> 8) % SPECIAL];
            if (random >> 30 == 1) operand[k] = (float)(int)(random >> 8 & 63) / 2 - 16;
        }
        if (fabsf(operand[0]) < SMALLEST_NORMAL && operand[0] != 0) continue;
        if (fabsf(operand[1]) < SMALLEST_NORMAL && operand[1] != 0) continue;
        check("pow", 0.51, operand[0], scalar_pow(operand[0], operand[1]),
              pow((double)operand[0], (double)operand[1]));
    }
}

static void extremes_pass_on_what_is_not_a_number(void **state) {
    (void)state;
    assert_true(isnan(scalar_max(NAN, 1)) && isnan(scalar_max(1, NAN)));
    assert_true(isnan(scalar_min(NAN, 1)) && isnan(scalar_min(1, NAN)));
    assert_true(scalar_max(-1, 2) == 2.0f && scalar_min(-1, 2) == -1.0f);
}

static void conversions_to_integers_saturate(void **state) {
    (void)state;
    assert_int_equal(scalar_to_int(-2.9f), -2);
    assert_int_equal(scalar_to_int(2.9f), 2);
    assert_int_equal(scalar_to_int(3e9f), INT32_MAX);
    assert_int_equal(scalar_to_int(-3e9f), INT32_MIN);
    assert_int_equal(scalar_to_int(NAN), INT32_MIN);
    assert_int_equal(scalar_to_int(2147483520.0f), 2147483520);
}

int main(int count, char **arguments) {
    if (count > 1 && !strcmp(arguments[1], "all")) step = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_one_number_are_as_exact_as_promised),
        cmocka_unit_test(powers_are_as_exact_as_promised),
        cmocka_unit_test(extremes_pass_on_what_is_not_a_number),
        cmocka_unit_test(conversions_to_integers_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
