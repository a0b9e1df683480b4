/* The functions that the host computes in double, for sizes, constants and schedules. One row each;
 * see expression.h. */
#include <math.h>
#include <string.h>

#include "runner/expression.h"

static double call_abs(const double *a, int n) {
    (void)n;
    return fabs(a[0]);
}
static double call_ceil(const double *a, int n) {
    (void)n;
    return ceil(a[0]);
}
static double call_floor(const double *a, int n) {
    (void)n;
    return floor(a[0]);
}
static double call_round(const double *a, int n) {
    (void)n;
    return nearbyint(a[0]);
}
static double call_sqrt(const double *a, int n) {
    (void)n;
    return sqrt(a[0]);
}
static double call_exp(const double *a, int n) {
    (void)n;
    return exp(a[0]);
}
static double call_log(const double *a, int n) {
    (void)n;
    return log(a[0]);
}
static double call_sin(const double *a, int n) {
    (void)n;
    return sin(a[0]);
}
static double call_cos(const double *a, int n) {
    (void)n;
    return cos(a[0]);
}
static double call_tanh(const double *a, int n) {
    (void)n;
    return tanh(a[0]);
}
static double call_pow(const double *a, int n) {
    (void)n;
    return pow(a[0], a[1]);
}

/* Unlike fmin, not a number if one of them is none. */
static double call_min(const double *a, int n) {
    double least = a[0];
    for (int i = 1; i < n; i++)
        least = a[i] < least || isnan(a[i]) ? a[i] : least;
    return least;
}

static double call_max(const double *a, int n) {
    double most = a[0];
    for (int i = 1; i < n; i++)
        most = a[i] > most || isnan(a[i]) ? a[i] : most;
    return most;
}

static double call_clamp(const double *a, int n) {
    (void)n;
    return a[0] < a[1] ? a[1] : a[0] > a[2] ? a[2] : a[0];
}

static double call_pick(const double *a, int n) {
    bool there = a[0] >= 0 && a[0] < n - 1 && floor(a[0]) == a[0];
    return there ? a[1 + (int)a[0]] : (double)NAN;
}

static double call_lerp(const double *a, int n) {
    (void)n;
    return a[0] + (a[1] - a[0]) * a[2];
}

/* How far `at` is from `start` to `end`, in [0, 1]. */
static double progress(double at, double start, double end) {
    if (at >= end) return 1;
    return at <= start ? 0 : (at - start) / (end - start);
}

static double call_linear(const double *a, int n) {
    (void)n;
    double t = progress(a[0], a[3], a[4]);
    return t >= 1 ? a[2] : a[1] + (a[2] - a[1]) * t;
}

static double call_cosine(const double *a, int n) {
    (void)n;
    double t = progress(a[0], a[3], a[4]);
    return a[2] + (a[1] - a[2]) * (1 + cos(acos(-1) * t)) / 2;
}

/* a: at, from, rate, every, start. */
static double call_exponential(const double *a, int n) {
    (void)n;
    return a[0] <= a[4] ? a[1] : a[1] * pow(a[2], (a[0] - a[4]) / a[3]);
}

static double call_warmup(const double *a, int n) {
    (void)n;
    return a[0] + 1 < a[1] ? (a[0] + 1) / a[1] : 1;
}

/* a: at, value, then pairs of a step and the value from it on. */
static double call_steps(const double *a, int n) {
    double value = a[1];
    for (int i = 2; i + 1 < n && a[0] >= a[i]; i += 2)
        value = a[i + 1];
    return n % 2 ? (double)NAN : value;
}

const struct host_function host_functions[] = {
    {"abs", "the absolute value", "x", call_abs, "abs(-2)", "x if x > 0, else -x"},
    {"ceil", "rounded up", "x", call_ceil, "ceil(images / batch)", "n with n - 1 < x <= n"},
    {"floor", "rounded down", "x", call_floor, "floor(7 / 2)", "n with n <= x < n + 1"},
    {"round", "rounded to the nearest integer, halves to the even one", "x", call_round,
     "round(2.5)", "floor(x + 1/2), but an even n for n + 1/2"},
    {"sqrt", "the square root", "x", call_sqrt, "sqrt(2)", "y with y >= 0 and y^2 = x"},
    {"exp", "e^x", "x", call_exp, "exp(-1)", "e^x"},
    {"log", "the natural logarithm", "x", call_log, "log(10)", "y with e^y = x"},
    {"sin", "the sine", "x", call_sin, "sin(0.5)", "sin(x)"},
    {"cos", "the cosine", "x", call_cos, "cos(0.5)", "cos(x)"},
    {"tanh", "the hyperbolic tangent", "x", call_tanh, "tanh(0.5)", "(e^x - e^-x) / (e^x + e^-x)"},
    {"min", "the least of its arguments", "a *rest", call_min, "min(2 * i + 3, 9)",
     "a if a < b, else b, and so on"},
    {"max", "the greatest of its arguments", "a *rest", call_max, "max(batch, 0.05 * images)",
     "a if a > b, else b, and so on"},
    {"pow", "x^y", "x y", call_pow, "pow(2, 10)", "x^y"},
    {"clamp", "x, but at least low and at most high", "x low high", call_clamp,
     "clamp(step / 1000, 0, 1)", "min(max(x, low), high)"},
    {"pick", "the i-th of the other arguments, from 0", "i *values", call_pick,
     "pick(i, 512, 256, 128)", "values[i]"},
    {"lerp", "a + (b - a) * t", "a b t", call_lerp, "lerp(0.9, 0.999, step / 1000)",
     "a + t (b - a)"},
    {"linear", "a line from step start to step end; constant before and after",
     "at from to start=0 end", call_linear, "linear(2e-4, 0, start=50000, end=100000)",
     "from + t (to - from), where t = clamp((step - start) / (end - start), 0, 1)"},
    {"cosine", "half a cosine from step start to step end; constant before and after",
     "at from to start=0 end", call_cosine, "cosine(2e-4, 0, end=50000)",
     "to + (from - to) (1 + cos(pi t)) / 2, where t = clamp((step - start) / (end - start), 0, 1)"},
    {"exponential", "times a rate every so many steps, from step start on",
     "at from rate every start=0", call_exponential, "exponential(2e-4, 0.5, 10000)",
     "from rate^((step - start) / every)"},
    {"warmup", "(step + 1) / steps, and 1 from then on", "at steps", call_warmup,
     "2e-4 * warmup(1000)", "min((step + 1) / steps, 1)"},
    {"steps", "a value, then pairs of a step and the value from it on, which may be schedules",
     "at value *rest", call_steps, "steps(1e-3, 10000, 1e-4, 20000, 1e-5)",
     "the value beside the last number that step has reached"},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct host_function *host_function_find(const char *name) {
    for (const struct host_function *f = host_functions; f->name; f++)
        if (!strcmp(f->name, name)) return f;
    return NULL;
}
