/*
 * adamw (Loshchilov and Hutter 2019): adam, whose weight decay shrinks the parameter itself instead
 * of joining the gradient. As in PyTorch, p = p - lr * weight_decay * p comes before adam's step.
 */
#include "runner/optimizers/adam.h"

static const struct parameter parameters[] = {
    ADAM_PARAMETERS,
    OPTIMIZER_DECAY(struct adam_options, "0.01",
                    "times lr is the share by which the parameter shrinks at each update"),
    ADAM_AMSGRAD,
    {0},
};

static struct node *update(struct optimizer *optimizer) {
    const struct adam_options *o = optimizer->options;
    struct graph *g = optimizer->graph;
    struct node *p = optimizer->parameter;
    struct node *step = adam_step(optimizer, optimizer->gradient);
    if (!step) return p;
    struct node *kept = optimizer_number(optimizer, "1 - %s * %.17g",
                                         optimizer_text(optimizer, o->lr), o->weight_decay);
    return graph_sub(g, graph_mul(g, p, kept), graph_mul(g, adam_rate(optimizer), step));
}

const struct optimizer_row adamw_optimizer = {
    .name = "adamw",
    .doc = "adam with a weight decay of its own, which the averages do not see",
    .equation = "p = (1 - lr weight_decay) p, then as adam without weight_decay",
    .example = "adamw: {lr: 2e-4, weight_decay: 0.05}",
    .citation = "Loshchilov and Hutter 2019, Decoupled weight decay regularization, arXiv "
                "1711.05101",
    .parameters = parameters,
    .options_size = sizeof(struct adam_options),
    .update = update,
};
