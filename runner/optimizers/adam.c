/*
 * adam (Kingma and Ba 2015), in PyTorch's order:
 *     g += weight_decay * p;  m = m + (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2;
 *     p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * t counts the updates; the two factors that depend on it are numbers of the host.
 */
#include "runner/optimizers/adam.h"

/* ---- what its relatives take, too --------------------------------------------------------------
 */

struct node *adam_step(struct optimizer *optimizer, struct node *gradient) {
    const struct adam_options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    if (!optimizer_betas(optimizer, &o->betas)) return NULL;
    double beta1 = o->betas.list[0], beta2 = o->betas.list[1];
    struct node *first = optimizer_state(optimizer, "first_moment");
    struct node *second = optimizer_state(optimizer, "second_moment");
    first = graph_add(g, first, graph_scale(g, graph_sub(g, gradient, first), 1 - beta1));
    second = graph_add(g, graph_scale(g, second, beta2),
                       graph_scale(g, graph_mul(g, gradient, gradient), 1 - beta2));
    optimizer_state_set(optimizer, "first_moment", first);
    optimizer_state_set(optimizer, "second_moment", second);
    if (o->amsgrad) {
        struct node *largest = optimizer_state(optimizer, "largest_second_moment");
        second = graph_binary(g, OP_MAX, largest, second);
        optimizer_state_set(optimizer, "largest_second_moment", second);
    }
    struct node *correction = optimizer_number(optimizer, "1 / sqrt(1 - %.17g ^ updates)", beta2);
    struct node *root = graph_mul(g, graph_unary(g, OP_SQRT, second), correction);
    return graph_div(g, first, graph_shift(g, root, o->epsilon));
}

struct node *adam_rate(struct optimizer *optimizer) {
    const struct adam_options *o = optimizer->options;
    return optimizer_number(optimizer, "%s / (1 - %.17g ^ updates)",
                            optimizer_text(optimizer, o->lr), o->betas.list[0]);
}

/* ---- adam itself -------------------------------------------------------------------------------
 */

static const struct parameter parameters[] = {
    ADAM_PARAMETERS,
    OPTIMIZER_DECAY(struct adam_options, "0", "times the parameter is added to its gradient"),
    ADAM_AMSGRAD,
    {0},
};

static struct node *update(struct optimizer *optimizer) {
    const struct adam_options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter;
    struct node *step = adam_step(optimizer, optimizer_decayed(optimizer, o->weight_decay));
    return step ? graph_sub(g, p, graph_mul(g, adam_rate(optimizer), step)) : p;
}

const struct optimizer_row adam_optimizer = {
    .name = "adam",
    .doc = "steps scaled by running averages of the gradient and of its square",
    .equation =
        "g = g + weight_decay p\n"
        "m = beta1 m + (1 - beta1) g\n"
        "v = beta2 v + (1 - beta2) g^2\n"
        "p = p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), at the t-th update",
    .example = "adam: {lr: 2e-4, betas: [0.5, 0.999]}",
    .citation = "Kingma and Ba 2015, Adam: a method for stochastic optimization, arXiv 1412.6980",
    .parameters = parameters,
    .options_size = sizeof(struct adam_options),
    .update = update,
};
