/* The operations of the interpreter: each is a plain loop, which the compiler turns into vector
 * code. */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "engine/cpu/interpreter_tile.h"

#define UNARY(NAME, EXPRESSION)                                                                    \
    static void NAME(int n, float *restrict d, const float *restrict a) {                          \
        for (int i = 0; i < n; i++) {                                                              \
            float x = a[i];                                                                        \
            d[i] = EXPRESSION;                                                                     \
        }                                                                                          \
    }
/* An operand may be one number for all elements (`x_one`, `y_one`); at most one of the two is. */
#define BINARY(NAME, TYPE, RESULT, EXPRESSION)                                                     \
    static void NAME(int n, RESULT *restrict d, const TYPE *restrict a, bool x_one,                \
                     const TYPE *restrict b, bool y_one) {                                         \
        if (x_one) {                                                                               \
            TYPE x = *a;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE y = b[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (y_one) {                                                                        \
            TYPE y = *b;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE x = a[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                TYPE x = a[i], y = b[i];                                                           \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        }                                                                                          \
    }
/* a is never one number; b and c may be. */
#define TERNARY(NAME, FIRST, TYPE, EXPRESSION)                                                     \
    static void NAME(int n, TYPE *restrict d, const FIRST *restrict a, const TYPE *restrict b,     \
                     bool y_one, const TYPE *restrict c, bool z_one) {                             \
        if (y_one && z_one) {                                                                      \
            TYPE y = *b, z = *c;                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (y_one) {                                                                        \
            TYPE y = *b;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE z = c[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else if (z_one) {                                                                        \
            TYPE z = *c;                                                                           \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE y = b[i];                                                                     \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            for (int i = 0; i < n; i++) {                                                          \
                FIRST x = a[i];                                                                    \
                TYPE y = b[i], z = c[i];                                                           \
                d[i] = EXPRESSION;                                                                 \
            }                                                                                      \
        }                                                                                          \
    }

UNARY(do_neg, -x)
UNARY(do_exp, scalar_exp(x))
UNARY(do_log, scalar_log(x))
UNARY(do_sqrt, sqrtf(x))
UNARY(do_tanh, scalar_tanh(x))
UNARY(do_sin, scalar_sin(x))
UNARY(do_cos, scalar_cos(x))
UNARY(do_log1p, scalar_log1p(x))
UNARY(do_expm1, scalar_expm1(x))
UNARY(do_erf, scalar_erf(x))
UNARY(do_floor, scalar_floor(x))
BINARY(do_add, float, float, x + y)
BINARY(do_sub, float, float, x - y)
BINARY(do_mul, float, float, x *y)
BINARY(do_div, float, float, x / y)
BINARY(do_max, float, float, scalar_max(x, y))
BINARY(do_min, float, float, scalar_min(x, y))
BINARY(do_pow, float, float, scalar_pow(x, y))
BINARY(do_less, float, float, x < y ? 1.0f : 0.0f)
BINARY(do_equal, float, float, x == y ? 1.0f : 0.0f)
static void do_neg_int(int n, uint32_t *restrict d, const uint32_t *restrict a) {
    for (int i = 0; i < n; i++)
        d[i] = 0u - a[i];
}

BINARY(do_add_int, int32_t, int32_t, (int32_t)((uint32_t)x + (uint32_t)y))
BINARY(do_sub_int, int32_t, int32_t, (int32_t)((uint32_t)x - (uint32_t)y))
BINARY(do_mul_int, int32_t, int32_t, (int32_t)((uint32_t)x *(uint32_t)y))
BINARY(do_max_int, int32_t, int32_t, x > y ? x : y)
BINARY(do_min_int, int32_t, int32_t, x < y ? x : y)
BINARY(do_less_int, int32_t, float, x < y ? 1.0f : 0.0f)
BINARY(do_equal_int, int32_t, float, x == y ? 1.0f : 0.0f)

TERNARY(do_select, float, uint32_t, x != 0.0f ? y : z)
TERNARY(do_mul_add, float, float, x *y + z)
TERNARY(do_mul_sub, float, float, x *y - z)
TERNARY(do_sub_mul, float, float, z - x * y)

static void do_cast(int n, void *dst, const void *src, enum dtype from, enum dtype to) {
    if (from == TYPE_INT32 && to == TYPE_FLOAT32) {
        const int32_t *restrict s = src;
        float *restrict d = dst;
        for (int i = 0; i < n; i++)
            d[i] = (float)s[i];
    } else if (to == TYPE_INT32 && from != TYPE_INT32) { /* uint8 was widened to float */
        const float *restrict s = src;
        int32_t *restrict d = dst;
        for (int i = 0; i < n; i++)
            d[i] = scalar_to_int(s[i]);
    } else
        memmove(dst, src, (size_t)n * 4);
}

static void do_float(const struct instruction *k, int n, float *d, struct operand a,
                     struct operand b, struct operand c) {
    switch (k->op) {
#define CASE_UNARY(NAME, FUNCTION)                                                                 \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at);                                                                      \
        break;
#define CASE_BINARY(NAME, FUNCTION)                                                                \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at, a.one, b.at, b.one);                                                  \
        break;
#define CASE_TERNARY(NAME, FUNCTION)                                                               \
    case NAME:                                                                                     \
        FUNCTION(n, d, a.at, b.at, b.one, c.at, c.one);                                            \
        break;
        CASE_UNARY(OP_NEG, do_neg)
        CASE_UNARY(OP_EXP, do_exp)
        CASE_UNARY(OP_LOG, do_log)
        CASE_UNARY(OP_SQRT, do_sqrt)
        CASE_UNARY(OP_TANH, do_tanh)
        CASE_UNARY(OP_SIN, do_sin)
        CASE_UNARY(OP_COS, do_cos)
        CASE_UNARY(OP_LOG1P, do_log1p)
        CASE_UNARY(OP_EXPM1, do_expm1)
        CASE_UNARY(OP_ERF, do_erf)
        CASE_UNARY(OP_FLOOR, do_floor)
        CASE_BINARY(OP_ADD, do_add)
        CASE_BINARY(OP_SUB, do_sub)
        CASE_BINARY(OP_MUL, do_mul)
        CASE_BINARY(OP_DIV, do_div)
        CASE_BINARY(OP_MAX, do_max)
        CASE_BINARY(OP_MIN, do_min)
        CASE_BINARY(OP_POW, do_pow)
        CASE_BINARY(OP_LESS, do_less)
        CASE_BINARY(OP_EQUAL, do_equal)
        CASE_TERNARY(FUSED_MUL_ADD, do_mul_add)
        CASE_TERNARY(FUSED_MUL_SUB, do_mul_sub)
        CASE_TERNARY(FUSED_SUB_MUL, do_sub_mul)
    case OP_SELECT:
        do_select(n, (uint32_t *)d, a.at, b.at, b.one, c.at, c.one);
        break;
    default:
        BUG("the interpreter has no operation %d", k->op);
    }
}

static void do_int(const struct instruction *k, int n, void *d, struct operand a, struct operand b,
                   struct operand c) {
    switch (k->op) {
        CASE_UNARY(OP_NEG, do_neg_int)
        CASE_BINARY(OP_ADD, do_add_int)
        CASE_BINARY(OP_SUB, do_sub_int)
        CASE_BINARY(OP_MUL, do_mul_int)
        CASE_BINARY(OP_MAX, do_max_int)
        CASE_BINARY(OP_MIN, do_min_int)
        CASE_BINARY(OP_LESS, do_less_int)
        CASE_BINARY(OP_EQUAL, do_equal_int)
        CASE_TERNARY(OP_SELECT, do_select)
    default:
        BUG("the interpreter has no integer operation %d", k->op);
    }
}

void tile_operation(const struct instruction *k, int n, float *d, const struct operand *operands) {
    struct operand a = operands[0], b = operands[1], c = operands[2];
    if (k->op == OP_CAST)
        do_cast(n, d, a.at, k->type, k->result);
    else if (k->type == TYPE_INT32)
        do_int(k, n, d, a, b, c);
    else
        do_float(k, n, d, a, b, c);
}
