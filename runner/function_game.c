/* Functions about the game: gradients, draws, running averages, weights. */
#include <string.h>

#include "runner/function.h"
#include "runner/latent.h"

/* ---- grad --------------------------------------------------------------------------------------
 */

static struct value build_grad(struct call *call) {
    struct frame *frame = call->frame;
    struct graph *g = frame->build->graph;
    const char *name = expression_name(frame->build->builder->arena, call->argument[1]);
    if (!name)
        return call_fail(call, 1, "bind it first, as in 'let: {t: …}', and use t in y",
                         "grad differentiates by a name");
    struct value t = evaluate_value(frame, call->argument[1]), y = call_value(call, 0);
    if (!t.node || !y.node) return VALUE_POISON;
    if (t.node->op != OP_MARK)
        return call_fail(call, 1, NULL, "grad cannot differentiate by '%s' here", name);
    struct node *gradient;
    graph_gradient(g, y.node, &t.node, 1, &gradient);
    if (!gradient)
        return call_fail(call, -1, "a value stands for itself from where it is bound on",
                         "this does not depend on '%s'", name);
    return value_make(gradient, t.batched);
}
const struct function_row grad_function = {
    .name = "grad",
    .doc = "d sum(y) / dt, of t's shape; t is a name",
    .equation = "d sum(y) / dt",
    .arguments = "y t",
    .build = build_grad,
    .example = "grad(discriminator(x), x)",
};

static struct value build_stop(struct call *call) {
    struct value x = evaluate_value(call->frame, call->argument[0]);
    if (!x.node) return VALUE_POISON;
    return value_make(graph_stop(call->frame->build->graph, x.node), x.batched);
}
const struct function_row stop_function = {
    .name = "stop",
    .doc = "x, through which no gradient flows",
    .equation = "x, whose derivative counts as 0",
    .arguments = "x",
    .build = build_stop,
    .example = "stop(generator(z))",
    .aliases = "detach stop_gradient",
};

static struct value build_fresh(struct call *call) {
    const char *name = call_word(call, 0);
    const struct latent *latent = name ? frame_latent_find(call->frame, name) : NULL;
    if (!latent || call->frame->network)
        return call_fail(call, 0, NULL, "fresh wants the name of a latent, in a phase");
    if (latent->row->of_data && call->frame->build->sampler)
        return call_fail(call, 0, "its name alone goes through the classes in turn",
                         "a sampler does not see the data, whose labels this would draw");
    return latent_draw(call->frame->build, latent, frame_draw(call->frame));
}
const struct function_row fresh_function = {
    .name = "fresh",
    .doc = "another draw of a latent",
    .equation = "another draw from the distribution of the latent",
    .arguments = "latent",
    .build = build_fresh,
    .example = "generator(fresh(z))",
};

/* ---- ema ---------------------------------------------------------------------------------------
 */

/*
 * A state of its own, named by its place; it begins as the first value. The share of the old value
 * is a number of the host, 0 at the first update.
 */
static struct value build_ema(struct call *call) {
    struct frame *frame = call->frame;
    struct build *build = frame->build;
    struct builder *builder = build->builder;
    struct graph *g = build->graph;
    struct value t = call_value(call, 0);
    if (!t.node) return VALUE_POISON;
    if (frame->network || frame->reporting || build->sampler)
        return call_fail(call, -1, "bind it in 'let:' and report the name",
                         "ema changes state, which happens in a phase's let, minimize and set");
    if (t.batched)
        return call_fail(call, 0, "take its mean first, say",
                         "ema keeps values without batch, but this has one");
    double decay;
    if (!call_number(call, 1, 0.99, &decay)) return VALUE_POISON;
    if (decay < 0 || decay > 1)
        return call_fail(call, 1, NULL, "ema's decay must be from 0 to 1, not %g", decay);
    const char *name =
        arena_format(builder->arena, "ema/%s/%d", build->program->name, ++build->averages_count);
    struct game_variable *v = variable_find(builder->game, name);
    if (!v)
        v = variable_new(builder, name, ROLE_STATE, t.node->shape,
                         (struct initial_value){.kind = INITIAL_CONSTANT},
                         &call->expression->origin);
    struct node *share =
        build_scalar(build, arena_format(builder->arena, "%.17g * (updates > 1)", decay),
                     frame->constants, &call->expression->origin);
    if (!share) return VALUE_POISON;
    struct node *old = build_state(build, v);
    struct node *keep = graph_broadcast(g, share, t.node->shape);
    struct node *new = graph_add(g, t.node, graph_mul(g, keep, graph_sub(g, old, t.node)));
    build_state_set(build, v, new);
    return value_make(new, false);
}
const struct function_row ema_function = {
    .name = "ema",
    .doc = "running average of t: decay * old + (1 - decay) * t, at first t",
    .equation = "s = decay s + (1 - decay) t, at first s = t",
    .arguments = "t decay=0.99",
    .build = build_ema,
    .example = "ema(mean(discriminator(x)), 0.99)",
    .aliases = "moving_average",
};

/* ---- weights -----------------------------------------------------------------------------------
 */

static struct value build_weights(struct call *call) {
    struct build *build = call->frame->build;
    const struct game *game = build->builder->game;
    struct graph *g = build->graph;
    const char *path = call_path(call, 0);
    if (!path) return VALUE_POISON;
    struct node **parts = ARENA_ARRAY(build->builder->arena, struct node *, game->variables_count);
    int count = 0;
    for (int i = 0; i < game->variables_count; i++) {
        const struct game_variable *v = game->variables[i];
        if (v->role != ROLE_PARAMETER || !path_holds(path, v->variable.name)) continue;
        struct node *w = graph_variable(g, &v->variable);
        parts[count++] = graph_reshape(g, w, SHAPE(shape_count(v->variable.shape)));
    }
    if (!count)
        return call_no_path(call, path, "a network's weights are there once it has been called",
                            "there are no weights under");
    return value_make(graph_concat(g, count, parts, 0), false);
}
const struct function_row weights_function = {
    .name = "weights",
    .doc = "all weights under a path, as one row of numbers without batch",
    .equation = "[w1, w2, …], of all the weights in the order of their paths",
    .arguments = "path",
    .build = build_weights,
    .example = "mean(square(weights(discriminator)))",
    .aliases = "parameters",
};
