/*
 * Clipping gradients, as PyTorch's clip_grad_norm_ and clip_grad_value_ do (Pascanu et al. 2013, arXiv 1211.5063):
 *     g *= min(1, norm / (|all g| + 1e-6)), or g = clamp(g, -value, value).
 *
 * The norm is that of everything that one optimizer updates for one player.
 */
#include "runner/build.h"

static struct node *spread(struct graph *g, struct node *scalar, const struct node *like) {
    return value_spread(g, value_make(scalar, false), like->shape, false, 1).node;
}

static void clip_values(struct graph *g, struct node *most, struct target *target) {
    struct node *high = spread(g, most, target->gradient);
    target->gradient = graph_binary(g, OP_MIN, target->gradient, high);
    target->gradient = graph_binary(g, OP_MAX, target->gradient, graph_neg(g, high));
}

/* Whether target `i` is clipped together with the first. */
static bool together(const struct targets *targets, const struct experiment *x, int first, int i) {
    return targets->list[first].player == targets->list[i].player &&
           optimizer_choose(x, targets->list[first].variable->variable.name) ==
               optimizer_choose(x, targets->list[i].variable->variable.name);
}

static void clip_norm(struct build *build, const struct targets *targets, int first,
                      struct node *most) {
    const struct experiment *x = build->builder->experiment;
    struct graph *g = build->graph;
    struct node *sum = NULL;
    for (int i = first; i < targets->count; i++) {
        struct node *gradient = targets->list[i].gradient;
        if (!together(targets, x, first, i)) continue;
        struct node *square = graph_sum_all(g, graph_mul(g, gradient, gradient));
        sum = sum ? graph_add(g, sum, square) : square;
    }
    struct node *norm = graph_shift(g, graph_unary(g, OP_SQRT, sum), 1e-6);
    struct node *factor = graph_binary(g, OP_MIN, graph_div(g, most, norm), graph_like(g, norm, 1));
    for (int i = first; i < targets->count; i++) {
        struct target *target = &targets->list[i];
        if (together(targets, x, first, i))
            target->gradient = graph_mul(g, target->gradient, spread(g, factor, target->gradient));
    }
}

void optimizers_clip(struct build *build, struct targets *targets) {
    const struct experiment *x = build->builder->experiment;
    struct graph *g = build->graph;
    const struct origin *before = g->origin;
    for (int i = 0; i < targets->count; i++) {
        const struct experiment_optimizer *o =
            optimizer_choose(x, targets->list[i].variable->variable.name);
        bool first = true;
        if (!o || o->poisoned || !(o->clip.norm || o->clip.value)) continue;
        for (int k = 0; k < i; k++)
            first = first && !together(targets, x, k, i);
        if (o->clip.norm && !first) continue;
        g->origin = &o->clip.origin;
        struct node *most =
            build_number(build, o->clip.norm ? o->clip.norm : o->clip.value, x->constants);
        if (most && o->clip.norm) clip_norm(build, targets, i, most);
        if (most && o->clip.value) clip_values(g, most, &targets->list[i]);
    }
    g->origin = before;
}
