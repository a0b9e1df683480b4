/*
 * Functions that tell of a phase's own update, in its `report:`, where all gradients have been taken
 * and all updates have been made.
 */
#include <string.h>

#include "base/bug.h"
#include "runner/function.h"

/* The L2 norm of several tensors as one row of numbers. */
static struct value norm_of(struct graph *g, int count, struct node *const *tensors) {
    struct node *sum = NULL;
    for (int i = 0; i < count; i++) {
        struct node *square = graph_sum_all(g, graph_mul(g, tensors[i], tensors[i]));
        sum = sum ? graph_add(g, sum, square) : square;
    }
    return value_make(call_root(g, sum), false);
}

static struct node *gradient_of(struct graph *g, const struct made_update *update) {
    (void)g;
    return update->gradient;
}

static struct node *change_of(struct graph *g, const struct made_update *update) {
    return graph_sub(g, update->next, graph_variable(g, update->variable));
}

/* The norm of what `of` makes of each update under the path. */
static struct value
norm_of_updates(struct call *call, struct node *(*of)(struct graph *, const struct made_update *)) {
    struct build *build = call->frame->build;
    const char *path = call_path(call, 0);
    if (!path) return VALUE_POISON;
    struct node **tensors =
        ARENA_ARRAY(build->builder->arena, struct node *, build->updates_count + 1);
    int count = 0;
    for (int i = 0; i < build->updates_count; i++)
        if (path_holds(path, build->updates[i].variable->name))
            tensors[count++] = of(build->graph, &build->updates[i]);
    if (!count && build->updates_poisoned) return VALUE_POISON;
    if (!count)
        return call_no_path(call, path, "report it in the phase that updates it",
                            "this phase does not update");
    return norm_of(build->graph, count, tensors);
}

static struct value build_gradient_norm(struct call *call) {
    return norm_of_updates(call, gradient_of);
}
const struct function_row gradient_norm_function = {
    .name = "gradient_norm",
    .doc = "in a report: L2 norm of the gradient by which this phase updates what is under a path",
    .equation = "sqrt(g1^2 + g2^2 + …), over all weights under the path",
    .arguments = "path",
    .build = build_gradient_norm,
    .example = "gradient_norm(discriminator)",
    .of_update = true,
};

static struct value build_update_norm(struct call *call) {
    return norm_of_updates(call, change_of);
}
const struct function_row update_norm_function = {
    .name = "update_norm",
    .doc = "in a report: L2 norm of the change that this phase makes to what is under a path",
    .equation = "sqrt(d1^2 + d2^2 + …), d a weight after the update less what it was before",
    .arguments = "path",
    .build = build_update_norm,
    .example = "update_norm(discriminator) / weight_norm(discriminator)",
    .of_update = true,
};

static struct value build_weight_norm(struct call *call) {
    struct build *build = call->frame->build;
    const struct game *game = build->builder->game;
    const char *path = call_path(call, 0);
    if (!path) return VALUE_POISON;
    struct node **tensors =
        ARENA_ARRAY(build->builder->arena, struct node *, game->variables_count + 1);
    int count = 0;
    for (int i = 0; i < game->variables_count; i++)
        if (game->variables[i]->role == ROLE_PARAMETER &&
            path_holds(path, game->variables[i]->variable.name))
            tensors[count++] = graph_variable(build->graph, &game->variables[i]->variable);
    if (!count)
        return call_no_path(call, path, "a network's weights are there once it has been called",
                            "there are no weights under");
    return norm_of(build->graph, count, tensors);
}
const struct function_row weight_norm_function = {
    .name = "weight_norm",
    .doc = "L2 norm of all weights under a path, as the phase began",
    .equation = "sqrt(w1^2 + w2^2 + …), the norm of weights(path)",
    .arguments = "path",
    .build = build_weight_norm,
    .example = "weight_norm(generator)",
};
