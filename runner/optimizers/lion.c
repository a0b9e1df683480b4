/*
 * lion (Chen et al. 2023): every number moves by lr, in the direction of an average of gradients,
 *     c = beta1 m + (1 - beta1) g;  p -= lr (sign(c) + weight_decay p);
 *     m = beta2 m + (1 - beta2) g
 */
#include "runner/optimizer.h"

struct options {
    const struct expression *lr;
    struct numbers betas;
    double weight_decay;
};

static const struct parameter parameters[] = {
    OPTIMIZER_LR(struct options, "1e-4"),
    OPTIMIZER_BETAS(struct options, "[0.9, 0.99]",
                    "how much of the average the direction takes, and how much of it is kept"),
    OPTIMIZER_DECAY(struct options, "0",
                    "times lr is the share by which the parameter shrinks at each update"),
    {0},
};

/* keep * average + (1 - keep) * gradient */
static struct node *blend(struct graph *g, struct node *average, struct node *gradient,
                          double keep) {
    return graph_add(g, graph_scale(g, average, keep), graph_scale(g, gradient, 1 - keep));
}

static struct node *update(struct optimizer *optimizer) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter, *gradient = optimizer->gradient;
    if (!optimizer_betas(optimizer, &o->betas)) return p;
    struct node *average = optimizer_state(optimizer, "average");
    struct node *way = blend(g, average, gradient, o->betas.list[0]), *zero = graph_like(g, way, 0);
    struct node *step =
        graph_sub(g, graph_binary(g, OP_LESS, zero, way), graph_binary(g, OP_LESS, way, zero));
    if (o->weight_decay > 0) step = graph_add(g, step, graph_scale(g, p, o->weight_decay));
    optimizer_state_set(optimizer, "average", blend(g, average, gradient, o->betas.list[1]));
    struct node *lr = optimizer_number(optimizer, "%s", optimizer_text(optimizer, o->lr));
    return graph_sub(g, p, graph_mul(g, lr, step));
}

const struct optimizer_row lion_optimizer = {
    .name = "lion",
    .doc = "moves every number by lr, in the direction of an average of gradients",
    .equation = "p = p - lr (sign(beta1 m + (1 - beta1) g) + weight_decay p)\n"
                "m = beta2 m + (1 - beta2) g",
    .example = "lion: {lr: 3e-5, betas: [0.9, 0.99]}",
    .citation = "Chen et al. 2023, Symbolic discovery of optimization algorithms, arXiv 2302.06675",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .update = update,
};
