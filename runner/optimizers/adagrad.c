/*
 * adagrad (Duchi et al. 2011), as PyTorch defines it:
 *     g += weight_decay * p;  s = s + g^2, at first initial_accumulator_value;
 *     p -= lr / (1 + (t - 1) lr_decay) * g / (sqrt(s) + epsilon)
 */
#include "runner/optimizer.h"

struct options {
    const struct expression *lr;
    double lr_decay, weight_decay, initial_accumulator_value, epsilon;
};

static const struct parameter parameters[] = {
    OPTIMIZER_LR(struct options, "0.01"),
    {.name = "lr_decay",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, lr_decay),
     .standard = "0",
     .low = 0,
     .high = 1e6,
     .doc = "how fast lr falls with the number of updates"},
    OPTIMIZER_DECAY(struct options, "0", "times the parameter is added to its gradient"),
    {.name = "initial_accumulator_value",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, initial_accumulator_value),
     .standard = "0",
     .low = 0,
     .high = 1e6,
     .doc = "what the sum of squares begins with"},
    OPTIMIZER_EPSILON(struct options, "1e-10", "added to the root of the sum"),
    {0},
};

/* The state begins as 0 everywhere, so what the sum begins with is added when it is used. */
static struct node *update(struct optimizer *optimizer) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *gradient = optimizer_decayed(optimizer, o->weight_decay);
    struct node *sum = optimizer_state(optimizer, "sum_of_squares");
    sum = graph_add(g, sum, graph_mul(g, gradient, gradient));
    optimizer_state_set(optimizer, "sum_of_squares", sum);
    if (o->initial_accumulator_value > 0) sum = graph_shift(g, sum, o->initial_accumulator_value);
    struct node *root = graph_unary(g, OP_SQRT, sum);
    struct node *step = graph_div(g, gradient, graph_shift(g, root, o->epsilon));
    struct node *rate = optimizer_number(optimizer, "%s / (1 + (updates - 1) * %.17g)",
                                         optimizer_text(optimizer, o->lr), o->lr_decay);
    return graph_sub(g, optimizer->parameter, graph_mul(g, rate, step));
}

const struct optimizer_row adagrad_optimizer = {
    .name = "adagrad",
    .doc = "steps scaled by the sum of all squares of the gradient so far",
    .equation = "g = g + weight_decay p\n"
                "s = s + g^2, at first initial_accumulator_value\n"
                "p = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + epsilon), at the t-th update",
    .example = "adagrad: {lr: 0.01}",
    .citation = "Duchi, Hazan and Singer 2011, Adaptive subgradient methods for online learning "
                "and stochastic optimization, JMLR 12",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .update = update,
};
