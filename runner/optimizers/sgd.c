/*
 * sgd: gradient descent with momentum, as PyTorch defines it:
 *     g += weight_decay * p;  v = momentum * v + (1 - dampening) * g, at first v = g;
 *     p -= lr * (nesterov ? g + momentum * v : v)
 */
#include "runner/optimizer.h"

struct options {
    const struct expression *lr;
    double momentum, dampening, weight_decay;
    bool nesterov;
};

static const struct parameter parameters[] = {
    OPTIMIZER_LR(struct options, "1e-3"),
    OPTIMIZER_SHARE(struct options, momentum, "0", "share of the last step that is taken again"),
    OPTIMIZER_SHARE(struct options, dampening, "0",
                    "share of the gradient that momentum leaves out"),
    {.name = "nesterov",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, nesterov),
     .standard = "false",
     .doc = "looks ahead by one step of momentum"},
    OPTIMIZER_DECAY(struct options, "0", "times the parameter is added to its gradient"),
    {0},
};

static struct node *update(struct optimizer *optimizer) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter, *step = optimizer_decayed(optimizer, o->weight_decay);
    if (o->nesterov && (o->momentum == 0 || o->dampening > 0)) {
        optimizer_fail(optimizer, "nesterov wants a momentum above 0, and no dampening");
        return p;
    }
    if (o->momentum > 0) {
        struct node *fresh = step;
        struct node *velocity = graph_scale(g, optimizer_state(optimizer, "velocity"), o->momentum);
        if (o->dampening > 0) {
            struct node *share =
                optimizer_number(optimizer, "1 - %.17g * (updates > 1)", o->dampening);
            fresh = graph_mul(g, step, share);
        }
        velocity = graph_add(g, velocity, fresh);
        optimizer_state_set(optimizer, "velocity", velocity);
        step = o->nesterov ? graph_add(g, step, graph_scale(g, velocity, o->momentum)) : velocity;
    }
    struct node *lr = optimizer_number(optimizer, "%s", optimizer_text(optimizer, o->lr));
    return graph_sub(g, p, graph_mul(g, lr, step));
}

const struct optimizer_row sgd_optimizer = {
    .name = "sgd",
    .doc = "gradient descent, with momentum if wanted",
    .equation = "g = g + weight_decay p\n"
                "v = momentum v + (1 - dampening) g, at first g\n"
                "p = p - lr v, or with nesterov p - lr (g + momentum v)",
    .example = "sgd: {lr: 0.01, momentum: 0.9}",
    .citation = "Sutskever, Martens, Dahl and Hinton 2013, On the importance of initialization and "
                "momentum in deep learning",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .update = update,
};
