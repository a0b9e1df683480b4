/*
 * rmsprop (Tieleman and Hinton 2012), as PyTorch defines it:
 *     g += weight_decay * p;  v = alpha v + (1 - alpha) g^2;
 *     centered: a = a + (1 - alpha) (g - a), and v - a^2 in the place of v;
 *     step = g / (sqrt(v) + epsilon);  b = momentum * b + step;  p -= lr * b
 */
#include "runner/optimizer.h"

struct options {
    const struct expression *lr;
    double alpha, epsilon, weight_decay, momentum;
    bool centered;
};

static const struct parameter parameters[] = {
    OPTIMIZER_LR(struct options, "0.01"),
    OPTIMIZER_SHARE(struct options, alpha, "0.99", "share of the average that is kept"),
    OPTIMIZER_EPSILON(struct options, "1e-8", "added to the root of the average"),
    OPTIMIZER_DECAY(struct options, "0", "times the parameter is added to its gradient"),
    OPTIMIZER_SHARE(struct options, momentum, "0", "share of the last step that is taken again"),
    {.name = "centered",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, centered),
     .standard = "false",
     .doc = "divides by the deviation of the gradient, not by the root of its mean square"},
    {0},
};

/* The mean square less the square of the mean, which rounding may take below 0. */
static struct node *centre(struct optimizer *optimizer, struct node *square,
                           struct node *gradient) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *mean = optimizer_state(optimizer, "mean");
    mean = graph_add(g, mean, graph_scale(g, graph_sub(g, gradient, mean), 1 - o->alpha));
    optimizer_state_set(optimizer, "mean", mean);
    struct node *variance = graph_sub(g, square, graph_mul(g, mean, mean));
    return graph_binary(g, OP_MAX, variance, graph_like(g, variance, 0));
}

static struct node *update(struct optimizer *optimizer) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *gradient = optimizer_decayed(optimizer, o->weight_decay);
    struct node *square = optimizer_state(optimizer, "mean_square");
    square = graph_add(g, graph_scale(g, square, o->alpha),
                       graph_scale(g, graph_mul(g, gradient, gradient), 1 - o->alpha));
    optimizer_state_set(optimizer, "mean_square", square);
    struct node *spread = o->centered ? centre(optimizer, square, gradient) : square;
    struct node *root = graph_unary(g, OP_SQRT, spread);
    struct node *step = graph_div(g, gradient, graph_shift(g, root, o->epsilon));
    if (o->momentum > 0) {
        struct node *velocity = optimizer_state(optimizer, "velocity");
        step = graph_add(g, graph_scale(g, velocity, o->momentum), step);
        optimizer_state_set(optimizer, "velocity", step);
    }
    struct node *lr = optimizer_number(optimizer, "%s", optimizer_text(optimizer, o->lr));
    return graph_sub(g, optimizer->parameter, graph_mul(g, lr, step));
}

const struct optimizer_row rmsprop_optimizer = {
    .name = "rmsprop",
    .doc = "steps scaled by a running average of the gradient's square",
    .equation = "g = g + weight_decay p\n"
                "v = alpha v + (1 - alpha) g^2\n"
                "b = momentum b + g / (sqrt(v) + epsilon)\n"
                "p = p - lr b",
    .example = "rmsprop: {lr: 5e-5}",
    .citation = "Tieleman and Hinton 2012, Lecture 6.5 of Neural networks for machine learning; "
                "WGAN's optimizer (Arjovsky et al. 2017, arXiv 1701.07875)",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .update = update,
};
