/*
 * The primitive operations: a small closed set in which layers, objectives, gradients and
 * optimizers are all written.
 *
 * X(NAME, sources, class, tolerance, doc); sources -1: any number. The tolerance is the relative
 * error, in units of float32's epsilon (2^-23), that a float32 kernel may have against the
 * reference in double, for inputs near 1; a negative one marks a discontinuous operation: near its
 * jump either side is right, so the fuzzer keeps its operands apart.
 */
#ifndef ENGINE_OPS_H
#define ENGINE_OPS_H

#define OP_LIST(X)                                                                                 \
    /* sources of values */                                                                        \
    X(CONSTANT, 0, LEAF, 0, "one number everywhere, or a table of numbers")                        \
    X(INPUT, 0, LEAF, 0, "given by the host for each run")                                         \
    X(VARIABLE, 0, LEAF, 0, "kept between runs: its value at the start of the run")                \
    X(IOTA, 0, MAP, 0, "the index along an axis: 0, 1, 2, …")                                      \
    X(RANDOM, 1, MAP, 4, "uniform or normal draws by Philox, keyed by place, clock and element")   \
    /* element by element: sources and result have one shape */                                    \
    X(NEG, 1, MAP, 0, "-x")                                                                        \
    X(EXP, 1, MAP, 2, "e to the x")                                                                \
    X(LOG, 1, MAP, 2, "natural logarithm")                                                         \
    X(SQRT, 1, MAP, 1, "square root")                                                              \
    X(TANH, 1, MAP, 4, "hyperbolic tangent")                                                       \
    X(SIN, 1, MAP, 4, "sine, radians")                                                             \
    X(COS, 1, MAP, 4, "cosine, radians")                                                           \
    X(LOG1P, 1, MAP, 4, "log(1 + x), exact near 0")                                                \
    X(EXPM1, 1, MAP, 4, "exp(x) - 1, exact near 0")                                                \
    X(ERF, 1, MAP, 4, "error function")                                                            \
    X(FLOOR, 1, MAP, -1, "largest integer not above x")                                            \
    X(CAST, 1, MAP, 0, "to another type; to integers towards zero")                                \
    X(ADD, 2, MAP, 1, "a + b")                                                                     \
    X(SUB, 2, MAP, 1, "a - b")                                                                     \
    X(MUL, 2, MAP, 1, "a * b")                                                                     \
    X(DIV, 2, MAP, 1, "a / b, IEEE's where b is 0")                                                \
    X(MAX, 2, MAP, 0, "the larger; NaN if either is")                                              \
    X(MIN, 2, MAP, 0, "the smaller; NaN if either is")                                             \
    X(POW, 2, MAP, 16, "a to the b")                                                               \
    X(LESS, 2, MAP, -1, "1 where a < b, else 0")                                                   \
    X(EQUAL, 2, MAP, -1, "1 where a == b, else 0")                                                 \
    X(SELECT, 3, MAP, 0, "b where a is not 0, else c")                                             \
    /* movement: elements go elsewhere unchanged */                                                \
    X(RESHAPE, 1, MOVE, 0, "the same elements in row-major order under another shape")             \
    X(PERMUTE, 1, MOVE, 0, "axes in another order")                                                \
    X(BROADCAST, 1, MOVE, 0, "axes of extent 1 repeated")                                          \
    X(SLICE, 1, MOVE, 0, "a range with a step along each axis")                                    \
    X(PAD, 1, MOVE, 0, "a value before, after and between elements")                               \
    X(FLIP, 1, MOVE, 0, "axes reversed")                                                           \
    X(CONCAT, -1, MOVE, 0, "joined along an axis")                                                 \
    /* reductions: reduced axes stay, with extent 1 */                                             \
    X(SUM, 1, REDUCE, 8, "sum over axes")                                                          \
    X(REDUCE_MAX, 1, REDUCE, 0, "largest over axes")                                               \
    X(MOMENTS, 1, REDUCE, 8,                                                                       \
      "made by lowering: mean and sum of squared deviations, stacked on a new first axis")         \
    /* products */                                                                                 \
    X(MATMUL, 2, PRODUCT, 8, "batched matrix product; either factor may be taken transposed")      \
    /* by index */                                                                                 \
    X(GATHER, 2, INDEX, 0, "rows of a table, by int32 index")                                      \
    X(SCATTER_ADD, 2, INDEX, 8, "rows added into a table of zeros, by int32 index")                \
    /* about the graph itself */                                                                   \
    X(STOP_GRADIENT, 1, MAP, 0, "x; its gradient is not taken")                                    \
    X(MARK, 1, MAP, 0, "x; a variable of its own for grad(y, t)")

/* Their place is kept: CONV, CONV_DX, CONV_DW (closed under gradients), PATCHES, UNPATCHES,
 * ALL_REDUCE. */

enum op {
#define X(name, sources, class, tolerance, doc) OP_##name,
    OP_LIST(X)
#undef X
        OP_COUNT
};

enum op_class {
    OP_CLASS_LEAF,
    OP_CLASS_MAP,
    OP_CLASS_MOVE,
    OP_CLASS_REDUCE,
    OP_CLASS_PRODUCT,
    OP_CLASS_INDEX
};

struct op_row {
    const char *name; /* lower case */
    int sources;
    enum op_class class;
    double tolerance;
    const char *doc;
};
extern const struct op_row op_rows[OP_COUNT];

#endif
