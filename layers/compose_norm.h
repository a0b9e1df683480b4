/* What the layers that normalise share. */
#ifndef LAYERS_COMPOSE_NORM_H
#define LAYERS_COMPOSE_NORM_H

#include "layers/layer.h"

/* (x - mean) / sqrt(variance + epsilon), mean and variance over axes of the node together. */
struct node *compose_normalised(struct graph *graph, struct node *x, uint32_t axes, double epsilon);

/* x * scale + shift, weights of a shape that x's last axes have, at first 1 and 0; poisoned where the layer has something
 * wrong. */
struct value compose_affine(struct layer *layer, struct value x, struct shape row);

/*
 * What batch_norm does before it scales and shifts: x - mean, and sqrt(variance + epsilon) [channels].
 *
 * In training both are the batch's own, over everything but the channels, with the biased variance; running statistics, the
 * layer's state, move by running += momentum * (batch - running), with the unbiased variance, as PyTorch's do. In
 * eval mode the running ones are used. Centred is NULL, with the mistake reported, where the input of the layer called
 * `name` is no batch.
 */
struct batch_norm_options {
    double momentum, epsilon;
};
struct batch_normed {
    struct node *centred, *deviation;
};
struct batch_normed compose_batch_norm(struct layer *layer, const char *name, struct value x,
                                       struct batch_norm_options options);

/* The parameter of all of them, a field `double` of their options; and those of batch norms. */
#define COMPOSE_EPSILON_ROW(options, field, number, text)                                          \
    {                                                                                              \
        .name = "epsilon", .type = PARAMETER_NUMBER, .offset = offsetof(options, field),           \
        .standard = number, .low = 0, .high = 1, .above = true, .aliases = "eps", .doc = text      \
    }
#define COMPOSE_BATCH_NORM_ROWS(options, field)                                                    \
    {.name = "momentum",                                                                           \
     .type = PARAMETER_NUMBER,                                                                     \
     .offset = offsetof(options, field.momentum),                                                  \
     .standard = "0.1",                                                                            \
     .low = 0,                                                                                     \
     .high = 1,                                                                                    \
     .doc = "share of the batch in the running statistics at each call (PyTorch's sense)"},        \
        COMPOSE_EPSILON_ROW(options, field.epsilon, "1e-5", "added to the variance")
#define COMPOSE_AFFINE_ROW(options, default_text)                                                  \
    {                                                                                              \
        .name = "affine", .type = PARAMETER_BOOL, .offset = offsetof(options, affine),             \
        .standard = default_text, .aliases = "elementwise_affine",                                 \
        .doc = "whether a learned scale and shift follow"                                          \
    }

#endif
