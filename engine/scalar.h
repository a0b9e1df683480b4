/*
 * Each float32 scalar function, defined once, for every instruction set and for the GPU.
 *
 * No branches, no tables, no library calls but the exactly rounded square root, so that compilers
 * turn loops over them into vector code and the bits are the same everywhere; compile with
 * -ffp-contract=off. Denormal operands and results count as zero. exp, log and tanh are computed in
 * float; the others in double and rounded once. Sources: argument reduction after Cody and Waite
 * (1980); Taylor series but for erf, whose coefficients are a Chebyshev fit of erf(x)/x in x^2 on
 * [0, 16] (relative error 4e-13); exp, log and tanh use the minimax coefficients of Moshier's
 * Cephes library (expf, logf, tanhf; "Methods and Programs for Mathematical Functions", 1989).
 */
#ifndef ENGINE_SCALAR_H
#define ENGINE_SCALAR_H

#include <stdint.h>
#include <string.h>

#define SCALAR static inline __attribute__((always_inline))

SCALAR uint32_t scalar_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}
SCALAR float scalar_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}
SCALAR uint64_t scalar_bits_double(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}
SCALAR double scalar_from_bits_double(uint64_t bits) {
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

#define SCALAR_INFINITY scalar_from_bits(0x7f800000u)
#define SCALAR_NAN      scalar_from_bits(0x7fc00000u)

SCALAR float scalar_absolute(float x) {
    return scalar_from_bits(scalar_bits(x) & 0x7fffffffu);
}
SCALAR double scalar_absolute_double(double x) {
    return scalar_from_bits_double(scalar_bits_double(x) & 0x7fffffffffffffffull);
}
/* |x| with the sign of s. */
SCALAR float scalar_with_sign(float x, float s) {
    return scalar_from_bits((scalar_bits(x) & 0x7fffffffu) | (scalar_bits(s) & 0x80000000u));
}

/* ---- float ---- */

/* e^r for |r| <= ln 2 / 2. */
SCALAR float scalar_exp_near(float r) {
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (p * (r * r) + r) + 1.0f;
}

/* e^x. x = n ln 2 + r, |r| <= ln 2 / 2; e^r by a polynomial; 2^n in two factors, so that neither
 * overflows early. */
SCALAR float scalar_exp(float x) {
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    float y = x < -104.0f ? -104.0f : x;
    y = y > 89.0f ? 89.0f : y;
    y = y == y ? y : 0.0f;
    float n = (y * 1.44269504088896341f + magic) - magic;
    float r = (y - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = scalar_exp_near(r);
    int32_t whole = (int32_t)n, half = whole >> 1, rest = whole - half;
    float result = p * scalar_from_bits((uint32_t)(half + 127) << 23) *
                   scalar_from_bits((uint32_t)(rest + 127) << 23);
    return x == x ? result : x;
}

/* ln x. x = 2^e m, m in [sqrt(1/2), sqrt(2)). */
SCALAR float scalar_log(float x) {
    uint32_t bits = scalar_bits(x);
    int32_t e = (int32_t)(bits >> 23) - 126;
    float m = scalar_from_bits((bits & 0x007fffffu) | 0x3f000000u); /* [1/2, 1) */
    int32_t low = m < 0.707106781186547524f;
    e -= low;
    m = (low ? m + m : m) - 1.0f;
    float z = m * m, p = 7.0376836292e-2f;
    p = p * m + -1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m + -1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m + -1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m + -2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = p * m * z;
    float n = (float)e;
    p = p + n * -2.12194440e-4f;
    p = p - 0.5f * z;
    float result = (m + p) + n * 0.693359375f;
    result = x < 1.17549435e-38f ? -SCALAR_INFINITY : result;
    result = x <= -1.17549435e-38f ? SCALAR_NAN : result;
    result = x > 3.40282347e+38f ? x : result;
    return x == x ? result : x;
}

SCALAR float scalar_tanh(float x) {
    float a = scalar_absolute(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z + -5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z + -3.33332819422e-1f;
    float near = (p * z) * x + x;
    /* 1 - 2 / (e^2a + 1), which is 1 from a = 10 on, so that e^2a needs no care about overflow */
    float y = a < 10.0f ? a + a : 20.0f;
    float n = (y * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
    float r = (y - n * 0.693359375f) - n * -2.12194440e-4f;
    float e = scalar_exp_near(r) * scalar_from_bits((uint32_t)((int32_t)n + 127) << 23);
    float result = a < 0.625f ? near : scalar_with_sign(1.0f - 2.0f / (e + 1.0f), x);
    return x == x ? result : x;
}

/* sin and cos of v turns, v in [0, 1): the angle to the nearest quarter is exact, so that float is
 * enough. */
SCALAR void scalar_turn(float v, float *sine, float *cosine) {
    float quarters = v * 4.0f, n = (quarters + 12582912.0f) - 12582912.0f;
    float r = (quarters - n) * 1.57079632679489662f, z = r * r;
    float s = -1.9515295891e-4f;
    s = s * z + 8.3321608736e-3f;
    s = s * z + -1.6666654611e-1f;
    s = s * z * r + r;
    float c = 2.443315711809948e-5f;
    c = c * z + -1.388731625493765e-3f;
    c = c * z + 4.166664568298827e-2f;
    c = c * z * z - 0.5f * z + 1.0f;
    int32_t q = (int32_t)n;
    float first = q & 1 ? c : s, second = q & 1 ? s : c;
    *sine = q & 2 ? -first : first;
    *cosine = (q + 1) & 2 ? -second : second;
}

SCALAR float scalar_floor(float x) {
    float limited = scalar_absolute(x) < 8388608.0f ? x : 0.0f;
    float whole = (float)(int32_t)limited;
    whole = whole > limited ? whole - 1.0f : whole;
    return scalar_absolute(x) < 8388608.0f ? scalar_with_sign(whole, x) : x;
}

SCALAR float scalar_max(float a, float b) {
    float larger = a > b ? a : b;
    return a == a ? larger : a; /* if b is NaN, a > b is false and b is taken */
}
SCALAR float scalar_min(float a, float b) {
    float smaller = a < b ? a : b;
    return a == a ? smaller : a;
}

/* To an integer towards zero; out of range and NaN as a compiler's conversion on x86 saturates in
 * the reference. */
SCALAR int32_t scalar_to_int(float x) {
    float y = x > -2147483648.0f ? x : -2147483648.0f;
    int32_t inside = (int32_t)(y < 2147483520.0f ? y : 0.0f);
    return y < 2147483520.0f ? inside : y >= 2147483648.0f ? INT32_MAX : 2147483520;
}

/* ---- double within ---- */

#define SCALAR_MAGIC 6755399441055744.0 /* 1.5 * 2^52 */

/* e^x for |x| <= 700. */
SCALAR double scalar_exp_double(double x) {
    double shifted = x * 1.44269504088896340736 + SCALAR_MAGIC, n = shifted - SCALAR_MAGIC;
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    double p = 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return p * scalar_from_bits_double((scalar_bits_double(shifted) + 1023) << 52);
}

/* ln x for normal x > 0, by the series of artanh. */
SCALAR double scalar_log_double(double x) {
    uint64_t bits = scalar_bits_double(x) - 0x3fe6a09e667f3bcdull; /* of sqrt(1/2) */
    uint64_t exponent = (bits >> 52) + 1023; /* of x / m, biased; wraps as it should */
    double e = scalar_from_bits_double(((exponent + 1023) & 0xfff) | 0x4330000000000000ull) -
               4503599627370496.0;
    e = e >= 2048.0 ? e - 4096.0 : e;
    e = e - 2046.0 + (e < 0 ? 4096.0 : 0.0);
    double m = scalar_from_bits_double((bits & 0x000fffffffffffffull) + 0x3fe6a09e667f3bcdull);
    double s = (m - 1.0) / (m + 1.0), z = s * s;
    double p = 1.0 / 19;
    p = p * z + 1.0 / 17;
    p = p * z + 1.0 / 15;
    p = p * z + 1.0 / 13;
    p = p * z + 1.0 / 11;
    p = p * z + 1.0 / 9;
    p = p * z + 1.0 / 7;
    p = p * z + 1.0 / 5;
    p = p * z + 1.0 / 3;
    p = p * z + 1.0;
    return e * 0.693147180559945309417 + 2.0 * s * p;
}

SCALAR float scalar_expm1(float x) {
    double y = x > -80.0f ? x : -80.0;
    y = y < 89.0 ? y : 89.0;
    y = x == x ? y : 0.0;
    double series = 1.0 / 720;
    series = series * y + 1.0 / 120;
    series = series * y + 1.0 / 24;
    series = series * y + 1.0 / 6;
    series = series * y + 0.5;
    series = series * y * y + y;
    double result = scalar_absolute_double(y) < 0.01 ? series : scalar_exp_double(y) - 1.0;
    return x == x ? (float)result : x;
}

SCALAR float scalar_log1p(float x) {
    double y = x, inside = y > -1.0 && y < 3.5e38 ? y : 0.0;
    double series = 1.0 / 7;
    series = series * y - 1.0 / 6;
    series = series * y + 1.0 / 5;
    series = series * y - 1.0 / 4;
    series = series * y + 1.0 / 3;
    series = series * y - 1.0 / 2;
    series = series * y * y + y;
    float result =
        (float)(scalar_absolute_double(y) < 0.003 ? series : scalar_log_double(1.0 + inside));
    result = x == -1.0f ? -SCALAR_INFINITY : result;
    result = x < -1.0f ? SCALAR_NAN : result;
    result = x > 3.40282347e+38f ? x : result;
    return x == x ? result : x;
}

/* sin of x + quarters * pi / 2, for |x| < 2^30; beyond, the period's rounding shows. */
SCALAR float scalar_wave(float x, uint64_t quarters) {
    double y = scalar_absolute(x) <= 3.40282347e+38f ? x : 0.0;
    y = scalar_absolute_double(y) < 1e15 ? y : 0.0;
    double shifted = y * 0.63661977236758134308 + SCALAR_MAGIC, n = shifted - SCALAR_MAGIC;
    double r = (y - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11;
    uint64_t q = scalar_bits_double(shifted) + quarters;
    double z = r * r;
    double s = 1.0 / 6227020800;
    s = s * z - 1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    s = s * z * r + r;
    double c = -1.0 / 87178291200;
    c = c * z + 1.0 / 479001600;
    c = c * z - 1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    c = c * z - 0.5;
    c = c * z + 1.0;
    double result = q & 1 ? c : s;
    result = q & 2 ? -result : result;
    return scalar_absolute(x) <= 3.40282347e+38f ? (float)result : SCALAR_NAN;
}
SCALAR float scalar_sin(float x) {
    return scalar_wave(x, 0);
}
SCALAR float scalar_cos(float x) {
    return scalar_wave(x, 1);
}

SCALAR float scalar_erf(float x) {
    double a = scalar_absolute(x);
    a = a < 4.0 ? a : 4.0;
    double s = a * a * 0.125 - 1.0;
    double p = 1.5259003535512734e-06;
    p = p * s - 4.589287678259136e-06;
    p = p * s + 4.863139576086197e-06;
    p = p * s - 1.262031832704096e-05;
    p = p * s + 5.100612711595496e-05;
    p = p * s - 0.00012652791416890152;
    p = p * s + 0.0002724307432130861;
    p = p * s - 0.000604820667437832;
    p = p * s + 0.001294615863035479;
    p = p * s - 0.002583061885194216;
    p = p * s + 0.004852695036092634;
    p = p * s - 0.008604343841844761;
    p = p * s + 0.014349838774504624;
    p = p * s - 0.022474034360580077;
    p = p * s + 0.03306059020926793;
    p = p * s - 0.04576503993609958;
    p = p * s + 0.0598869094105532;
    p = p * s - 0.07472787165973868;
    p = p * s + 0.09020899387375664;
    p = p * s - 0.10771044229974051;
    p = p * s + 0.13167511689972428;
    p = p * s - 0.17657623330398511;
    p = p * s + 0.35353099564338725;
    float result = scalar_absolute(x) < 4.0f ? (float)(a * p) : 1.0f;
    return x == x ? scalar_with_sign(result, x) : x;
}

/* a^b as C's pow: through double, so that the product with the logarithm keeps enough digits. */
SCALAR float scalar_pow(float a, float b) {
    float size = scalar_absolute(a);
    double log = scalar_log_double(size >= 1.17549435e-38f && size <= 3.40282347e+38f ? size : 1.0);
    double product = log * b;
    product = product < 200.0 ? product : 200.0;
    product = product > -200.0 ? product : -200.0;
    product = product == product ? product : 0.0;
    float result = (float)scalar_exp_double(product);
    float magnitude = scalar_absolute(b);
    int32_t whole = (int32_t)(magnitude < 16777216.0f ? magnitude : 0.0f);
    int32_t integral = magnitude >= 16777216.0f || (float)whole == magnitude;
    int32_t odd = magnitude < 16777216.0f && integral && (whole & 1);
    float zero = b < 0.0f ? SCALAR_INFINITY : 0.0f;
    float large = b < 0.0f ? 0.0f : SCALAR_INFINITY;
    result = size < 1.17549435e-38f ? zero : result;
    result = size > 3.40282347e+38f ? large : result;
    float grown = size < 1.0f ? large == 0.0f ? SCALAR_INFINITY : 0.0f : large;
    result = magnitude > 3.40282347e+38f ? grown : result;
    int32_t negative = (int32_t)(scalar_bits(a) >> 31);
    result = negative && odd ? -result : result;
    result = negative && !integral && size >= 1.17549435e-38f && size <= 3.40282347e+38f
                 ? SCALAR_NAN
                 : result;
    result = a == a && b == b ? result : SCALAR_NAN;
    result = size == 1.0f && magnitude > 3.40282347e+38f ? 1.0f : result;
    return b == 0.0f || a == 1.0f ? 1.0f : result;
}

#endif
