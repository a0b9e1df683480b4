/* Element-wise operations in double; see scalar_double.h. */
#include "engine/scalar_double.h"

#include <math.h>

#include "base/bug.h"

double scalar_double(enum op op, double a, double b, double c) {
    switch (op) {
    case OP_NEG:
        return -a;
    case OP_EXP:
        return exp(a);
    case OP_LOG:
        return log(a);
    case OP_SQRT:
        return sqrt(a);
    case OP_TANH:
        return tanh(a);
    case OP_SIN:
        return sin(a);
    case OP_COS:
        return cos(a);
    case OP_LOG1P:
        return log1p(a);
    case OP_EXPM1:
        return expm1(a);
    case OP_ERF:
        return erf(a);
    case OP_FLOOR:
        return floor(a);
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return a / b;
    case OP_MAX:
        return isnan(a) || a > b ? a : b;
    case OP_MIN:
        return isnan(a) || a < b ? a : b;
    case OP_POW:
        return pow(a, b);
    case OP_LESS:
        return a < b;
    case OP_EQUAL:
        return a == b;
    case OP_SELECT:
        return a != 0 ? b : c;
    case OP_STOP_GRADIENT:
    case OP_MARK:
        return a;
    default:
        BUG("%s is not an element-wise operation", op_rows[op].name);
    }
}
