/*
 * optimistic_adam (Daskalakis et al. 2018, algorithm 1): each update takes twice adam's step and
 * takes back the one before,
 *     p -= 2 lr s_t - lr s_(t-1),  s_t = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon),
 * as if it knew that the other player's next step is like the last. s_0 is 0.
 */
#include "runner/optimizers/adam.h"

static const struct parameter parameters[] = {
    ADAM_PARAMETERS,
    OPTIMIZER_DECAY(struct adam_options, "0", "times the parameter is added to its gradient"),
    {0},
};

static struct node *update(struct optimizer *optimizer) {
    const struct adam_options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter;
    struct node *step = adam_step(optimizer, optimizer_decayed(optimizer, o->weight_decay));
    if (!step) return p;
    struct node *correction =
        optimizer_number(optimizer, "1 / (1 - %.17g ^ updates)", o->betas.list[0]);
    step = graph_mul(g, step, correction);
    struct node *last = optimizer_state(optimizer, "last_step");
    optimizer_state_set(optimizer, "last_step", step);
    struct node *lr = optimizer_number(optimizer, "%s", optimizer_text(optimizer, o->lr));
    struct node *both = graph_sub(g, graph_scale(g, step, 2), last);
    return graph_sub(g, p, graph_mul(g, lr, both));
}

const struct optimizer_row optimistic_adam_optimizer = {
    .name = "optimistic_adam",
    .doc = "adam that takes each step twice and takes back the one before, for games",
    .equation = "p = p - 2 lr s[t] + lr s[t - 1], where lr s[t] is adam's step at the t-th update",
    .example = "optimistic_adam: {lr: 1e-4, betas: [0.5, 0.9]}",
    .citation = "Daskalakis, Ilyas, Syrgkanis and Zeng 2018, Training GANs with optimism, arXiv "
                "1711.00141",
    .parameters = parameters,
    .options_size = sizeof(struct adam_options),
    .update = update,
};
