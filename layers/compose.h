/* Compositions of primitives that several layers and functions share; x is of any shape. */
#ifndef LAYERS_COMPOSE_H
#define LAYERS_COMPOSE_H

#include "layers/layer.h"

/*
 * log(1 + exp(x)), computed as x above 40 and log1p(exp(x)) elsewhere.
 *
 * Above 40 the two differ by less than 5e-18. The first gradient comes out as e / (1 + e), the
 * sigmoid, the second as its derivative; max(x, 0) + log1p(exp(-|x|)) would give 0 for the second
 * one at 0, and 0/0 lurks in forms that let exp overflow.
 */
struct node *compose_softplus(struct graph *graph, struct node *x);

/*
 * 1 / (1 + exp(-x)), computed as e / (1 + e) with e = exp(min(x, 40)).
 *
 * Exact to the last bits where it is small, and 1 from 40 on in both float32 and float64 (1 -
 * 4e-18); e stays finite, so that no gradient of any order meets infinity / infinity.
 */
struct node *compose_sigmoid(struct graph *graph, struct node *x);

/* x W + b over the last axis of float32 x: the layer's `weight` [in, units] and `bias` [units];
 * `bias_init` NULL: none. Poisoned where x has no axis. */
struct value compose_linear(struct layer *layer, struct value x, int64_t units,
                            const struct distribution *init, const struct distribution *bias_init);

/* Its parameters, but for how many units: fields `bool bias` and `init`, `bias_init` of the options. */
#define COMPOSE_LINEAR_ROWS(options, init_doc, bias_doc)                                           \
    {.name = "bias",                                                                               \
     .type = PARAMETER_BOOL,                                                                       \
     .offset = offsetof(options, bias),                                                            \
     .standard = "true",                                                                           \
     .aliases = "use_bias",                                                                        \
     .doc = "whether a learned number is added to each"},                                          \
        {.name = "init",                                                                           \
         .type = PARAMETER_INITIALISER,                                                            \
         .offset = offsetof(options, init),                                                        \
         .standard = "fan_in",                                                                     \
         .choices = INITIALISERS,                                                                  \
         .aliases = "kernel_initializer weight_init",                                              \
         .doc = init_doc},                                                                         \
    {                                                                                              \
        .name = "bias_init", .type = PARAMETER_INITIALISER,                                        \
        .offset = offsetof(options, bias_init), .standard = "fan_in", .choices = INITIALISERS,     \
        .aliases = "bias_initializer", .doc = bias_doc                                             \
    }

/*
 * What stands for a class or a vector y, [size] a sample, by the layer's weight `leaf`: the row y of a table [classes, size],
 * or y W with W [numbers of y, size]. `init` is the table's or W's. Poisoned, reported, where y is neither, or a class that
 * the parameter `classes` (0: as many as y is known to have) leaves out.
 */
struct value compose_condition(struct layer *layer, const char *leaf, struct value y,
                               int64_t classes, int64_t size, const struct distribution *init);

/* Whether y is one number a sample, as a class is, rather than a vector. */
static inline bool compose_is_class(struct value y) {
    return value_shape(y).rank == 0;
}

/* Its parameter, a field `int64_t classes` of the options. */
#define COMPOSE_CLASSES_ROW(options)                                                               \
    {                                                                                              \
        .name = "classes", .type = PARAMETER_INTEGER, .offset = offsetof(options, classes),        \
        .standard = "", .low = 1, .high = 1 << 24,                                                 \
        .doc = "how many there are; if it is not given, as many as the labels are known to have"   \
    }

/* Row `index` of the layer's weight `leaf`, a table [count, size]. */
struct value compose_rows(struct layer *layer, const char *leaf, struct value index, int64_t count,
                          int64_t size, const struct distribution *init);

/* scale * x above 0, else factor * (exp(x) - 1), whose exp is not taken of what is above. */
struct node *compose_elu(struct graph *graph, struct node *x, double scale, double factor);

/* x times its sign, so that the gradient at 0 is 0. */
struct node *compose_abs(struct graph *graph, struct node *x);

/* log(sum(exp(x))) over axes, which stay with extent 1; the largest is taken out first. */
struct node *compose_logsumexp(struct graph *graph, struct node *x, uint32_t axes);

/* exp(x) / sum(exp(x)) along an axis, and its logarithm. */
struct node *compose_softmax(struct graph *graph, struct node *x, int axis);
struct node *compose_log_softmax(struct graph *graph, struct node *x, int axis);

#endif
