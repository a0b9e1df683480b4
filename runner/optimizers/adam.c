/*
 * adam (Kingma and Ba 2015), in PyTorch's order:
 *     g += weight_decay * p;  m = m + (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2;
 *     p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * t counts the updates; the two factors that depend on it are numbers of the host.
 */
#include "runner/optimizer.h"

#include <math.h>
#include <stddef.h>

struct options {
    const struct expression *lr;
    struct numbers betas;
    double epsilon, weight_decay;
};

static const struct parameter parameters[] = {
    {.name = "lr",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct options, lr),
     .standard = "1e-3",
     .low = 0,
     .high = (double)INFINITY,
     .doc = "learning rate"},
    {.name = "betas",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct options, betas),
     .standard = "[0.9, 0.999]",
     .low = 0,
     .high = 1,
     .doc = "how much is kept of the averages of the gradient and of its square; GANs often "
            "take [0.5, 0.999]"},
    {.name = "epsilon",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, epsilon),
     .standard = "1e-8",
     .low = 0,
     .high = 1,
     .doc = "added to the root of the second average"},
    {.name = "weight_decay",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, weight_decay),
     .standard = "0",
     .low = 0,
     .high = 1e6,
     .doc = "times the parameter is added to its gradient"},
    {0},
};

static struct node *update(struct optimizer *optimizer) {
    const struct options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter, *gradient = optimizer->gradient;
    if (o->betas.count != 2 || o->betas.list[0] >= 1 || o->betas.list[1] >= 1) {
        optimizer_fail(optimizer, "adam wants two betas, from 0 to below 1: [0.9, 0.999]");
        return p;
    }
    double beta1 = o->betas.list[0], beta2 = o->betas.list[1];
    if (o->weight_decay > 0) gradient = graph_add(g, gradient, graph_scale(g, p, o->weight_decay));
    struct node *first = optimizer_state(optimizer, "first_moment");
    struct node *second = optimizer_state(optimizer, "second_moment");
    first = graph_add(g, first, graph_scale(g, graph_sub(g, gradient, first), 1 - beta1));
    second = graph_add(g, graph_scale(g, second, beta2),
                       graph_scale(g, graph_mul(g, gradient, gradient), 1 - beta2));
    optimizer_state_set(optimizer, "first_moment", first);
    optimizer_state_set(optimizer, "second_moment", second);

    struct node *rate = optimizer_number(optimizer, "%s / (1 - %.17g ^ updates)",
                                         optimizer_text(optimizer, o->lr), beta1);
    struct node *correction = optimizer_number(optimizer, "1 / sqrt(1 - %.17g ^ updates)", beta2);
    struct node *root = graph_mul(g, graph_unary(g, OP_SQRT, second), correction);
    struct node *step = graph_div(g, first, graph_shift(g, root, o->epsilon));
    return graph_sub(g, p, graph_mul(g, rate, step));
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
    .options_size = sizeof(struct options),
    .update = update,
};
