/*
 * The primitive operations: a small closed set in which layers, objectives, gradients and
 * optimizers are all written.
 *
 * X(NAME, "name", sources, class, tolerance, doc); sources -1: any number. The tolerance is the
 * relative error, in units of float32's epsilon (2^-23), that a float32 kernel may have against the
 * reference in double, for inputs near 1; a negative one marks a discontinuous operation: near its
 * jump either side is right, so the fuzzer keeps its operands apart.
 */
#ifndef ENGINE_OPS_H
#define ENGINE_OPS_H

#define OP_LIST(X)                                                                                 \
    /* sources of values */                                                                        \
    X(CONSTANT, "constant", 0, LEAF, 0, "one number everywhere, or a table of numbers")            \
    X(INPUT, "input", 0, LEAF, 0, "given by the host for each run")                                \
    X(VARIABLE, "variable", 0, LEAF, 0, "kept between runs: its value at the start of the run")    \
    X(IOTA, "iota", 0, MAP, 0, "the index along an axis: 0, 1, 2, …")                              \
    X(RANDOM, "random", 1, MAP, 4,                                                                 \
      "uniform or normal draws by Philox, keyed by place, clock and element")                      \
    /* element by element: sources and result have one shape */                                    \
    X(NEG, "neg", 1, MAP, 0, "-x")                                                                 \
    X(EXP, "exp", 1, MAP, 2, "e to the x")                                                         \
    X(LOG, "log", 1, MAP, 2, "natural logarithm")                                                  \
    X(SQRT, "sqrt", 1, MAP, 1, "square root")                                                      \
    X(TANH, "tanh", 1, MAP, 4, "hyperbolic tangent")                                               \
    X(SIN, "sin", 1, MAP, 4, "sine, radians")                                                      \
    X(COS, "cos", 1, MAP, 4, "cosine, radians")                                                    \
    X(LOG1P, "log1p", 1, MAP, 4, "log(1 + x), exact near 0")                                       \
    X(EXPM1, "expm1", 1, MAP, 4, "exp(x) - 1, exact near 0")                                       \
    X(ERF, "erf", 1, MAP, 4, "error function")                                                     \
    X(FLOOR, "floor", 1, MAP, -1, "largest integer not above x")                                   \
    X(CAST, "cast", 1, MAP, 0, "to another type; to integers towards zero")                        \
    X(ADD, "add", 2, MAP, 1, "a + b")                                                              \
    X(SUB, "sub", 2, MAP, 1, "a - b")                                                              \
    X(MUL, "mul", 2, MAP, 1, "a * b")                                                              \
    X(DIV, "div", 2, MAP, 1, "a / b, IEEE's where b is 0")                                         \
    X(MAX, "max", 2, MAP, 0, "the larger; NaN if either is")                                       \
    X(MIN, "min", 2, MAP, 0, "the smaller; NaN if either is")                                      \
    X(POW, "pow", 2, MAP, 16, "a to the b")                                                        \
    X(LESS, "less", 2, MAP, -1, "1 where a < b, else 0")                                           \
    X(EQUAL, "equal", 2, MAP, -1, "1 where a == b, else 0")                                        \
    X(SELECT, "select", 3, MAP, 0, "b where a is not 0, else c")                                   \
    /* movement: elements go elsewhere unchanged */                                                \
    X(RESHAPE, "reshape", 1, MOVE, 0, "the same elements in row-major order under another shape")  \
    X(PERMUTE, "permute", 1, MOVE, 0, "axes in another order")                                     \
    X(BROADCAST, "broadcast", 1, MOVE, 0, "axes of extent 1 repeated")                             \
    X(SLICE, "slice", 1, MOVE, 0, "a range with a step along each axis")                           \
    X(PAD, "pad", 1, MOVE, 0, "a value before, after and between elements")                        \
    X(FLIP, "flip", 1, MOVE, 0, "axes reversed")                                                   \
    X(CONCAT, "concat", -1, MOVE, 0, "joined along an axis")                                       \
    /* reductions: reduced axes stay, with extent 1 */                                             \
    X(SUM, "sum", 1, REDUCE, 8, "sum over axes")                                                   \
    X(REDUCE_MAX, "reduce_max", 1, REDUCE, 0, "largest over axes")                                 \
    X(MOMENTS, "moments", 1, REDUCE, 8,                                                            \
      "made by lowering: mean and sum of squared deviations, stacked on a new first axis")         \
    /* products */                                                                                 \
    X(MATMUL, "matmul", 2, PRODUCT, 8,                                                             \
      "batched matrix product; either factor may be taken transposed")                             \
    X(CONV, "conv", 2, PRODUCT, 8,                                                                 \
      "convolution: images (n, h, w, c) with a kernel (kh, kw, c / groups, filters)")              \
    X(CONV_DX, "conv_dx", 2, PRODUCT, 8,                                                           \
      "the images' share of <y, conv(x, w)>: y and kernel to images; transposed convolution")      \
    X(CONV_DW, "conv_dw", 2, PRODUCT, 8, "the kernel's share of <y, conv(x, w)>: images and y")    \
    /* by index */                                                                                 \
    X(GATHER, "gather", 2, INDEX, 0, "rows of a table, by int32 index")                            \
    X(SCATTER_ADD, "scatter_add", 2, INDEX, 8, "rows added into a table of zeros, by int32 index") \
    /* about the graph itself */                                                                   \
    X(STOP_GRADIENT, "stop_gradient", 1, MAP, 0, "x; its gradient is not taken")                   \
    X(MARK, "mark", 1, MAP, 0, "x; a variable of its own for grad(y, t)")

/* Their place is kept: PATCHES, UNPATCHES, ALL_REDUCE. */

enum op {
#define X(NAME, name, sources, class, tolerance, doc) OP_##NAME,
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
