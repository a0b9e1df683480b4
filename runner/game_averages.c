/*
 * The end of a step: averages of weights move towards them,
 *     average = decay * average + (1 - decay) * weight,
 * and state is copied; running statistics may be averaged as weights are.
 */
#include <string.h>

#include "runner/build.h"

/* Running statistics are state whose name says so: what else is kept, as the vectors of a spectral norm, has no mean. */
static bool is_statistic(const struct game_variable *v) {
    const char *leaf = strrchr(v->variable.name, '/');
    return leaf && !strncmp(leaf, "/running_", strlen("/running_"));
}

static void average_variable(struct build *build, const struct average *average,
                             struct game_variable *v) {
    struct graph *g = build->graph;
    struct builder *builder = build->builder;
    struct game_variable *copy = variable_averaged(builder, average, v);
    struct node *new = graph_variable(g, &v->variable), *next = new;
    if (v->role == ROLE_PARAMETER || (average->statistics && is_statistic(v))) {
        struct node *old = graph_variable(g, &copy->variable);
        struct node *decay = build_number(build, average->decay, builder->experiment->constants);
        if (!decay) return;
        struct node *keep = value_spread(g, value_make(decay, false), old->shape, false, 1).node;
        next = graph_add(g, new, graph_mul(g, keep, graph_sub(g, old, new)));
    }
    graph_assign(g, &copy->variable, next);
}

void game_build_end(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    struct game *game = builder->game;
    struct build build;
    if (!x->averages_count) return;
    build_begin(&build, builder, &game->end, "end", &x->averages[0].origin, x->batch);
    for (int i = 0; i < x->averages_count; i++) {
        int count = game->variables_count;
        for (int k = 0; k < count; k++) {
            struct game_variable *v = game->variables[k];
            bool kept = v->role == ROLE_PARAMETER || v->role == ROLE_STATE;
            if (kept && average_covers(&x->averages[i], v->variable.name))
                average_variable(&build, &x->averages[i], v);
        }
    }
    build_end(&build);
}
