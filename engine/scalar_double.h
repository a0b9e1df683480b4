/* Each element-wise operation in double: what the reference computes and what constants are folded
 * with. */
#ifndef ENGINE_SCALAR_DOUBLE_H
#define ENGINE_SCALAR_DOUBLE_H

#include "engine/ops.h"

/* op(a, b, c), of the operands that it has; op is element-wise and neither IOTA, RANDOM nor CAST.
 */
double scalar_double(enum op op, double a, double b, double c);

#endif
