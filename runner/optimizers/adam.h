/* What adam and its relatives share: their parameters, and the step that the two averages give. */
#ifndef RUNNER_OPTIMIZERS_ADAM_H
#define RUNNER_OPTIMIZERS_ADAM_H

#include "runner/optimizer.h"

struct adam_options {
    const struct expression *lr;
    struct numbers betas;
    double epsilon, weight_decay;
    bool amsgrad; /* false where a row does not offer it */
};

/* Their rows, of a struct options that is a struct adam_options. */
#define ADAM_PARAMETERS                                                                            \
    OPTIMIZER_LR(struct adam_options, "1e-3"),                                                     \
        OPTIMIZER_BETAS(struct adam_options, "[0.9, 0.999]",                                       \
                        "how much is kept of the averages of the gradient and of its square; "     \
                        "GANs often take [0.5, 0.999]"),                                           \
        OPTIMIZER_EPSILON(struct adam_options, "1e-8", "added to the root of the second average")
#define ADAM_AMSGRAD                                                                               \
    {                                                                                              \
        .name = "amsgrad", .type = PARAMETER_BOOL,                                                 \
        .offset = offsetof(struct adam_options, amsgrad), .standard = "false",                     \
        .doc = "whether the second average counts as the largest it has been (Reddi et al. 2018)"  \
    }

/*
 * Moves the averages, m = m + (1 - beta1) (g - m) and v = beta2 v + (1 - beta2) g^2, and returns
 * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon); NULL, reported, where the betas are wrong. With
 * amsgrad v is the largest so far.
 */
struct node *adam_step(struct optimizer *optimizer, struct node *gradient);

/* By what the step is multiplied: lr / (1 - beta1^t). */
struct node *adam_rate(struct optimizer *optimizer);

#endif
