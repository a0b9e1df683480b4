/* The game: variables that are declared, a graph for each phase, and one for the end of a step. */
#include "runner/game.h"

#include <string.h>

#include "base/bug.h"
#include "runner/build.h"

static void declare_states(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    struct game *game = builder->game;
    for (int i = 0; i < x->states_count; i++) {
        const struct declared_state *s = &x->states[i];
        struct initial_value initial = {.kind = s->values ? INITIAL_VALUES : INITIAL_CONSTANT,
                                        .mean = s->init,
                                        .values = s->values};
        struct game_variable *v =
            variable_new(builder, arena_format(builder->arena, "state/%s", s->name), ROLE_STATE,
                         s->shape, initial, &s->origin);
        if (s->shape.rank) continue;
        game->scalar_state =
            ARENA_GROW(builder->arena, game->scalar_state, game->scalar_state_count);
        game->scalar_state_names =
            ARENA_GROW(builder->arena, game->scalar_state_names, game->scalar_state_count);
        game->scalar_state[game->scalar_state_count] = &v->variable;
        game->scalar_state_names[game->scalar_state_count++] = s->name;
    }
}

static bool has_parameters(const struct game *game, const char *network) {
    for (int i = 0; i < game->variables_count; i++)
        if (game->variables[i]->trainable && path_holds(network, game->variables[i]->variable.name))
            return true;
    return false;
}

static bool mentions(const struct expression *e, const char *name) {
    if (!e) return false;
    if (e->name && !strcmp(e->name, name)) return true;
    for (int i = 0; i < e->count; i++)
        if (mentions(e->part[i], name)) return true;
    return false;
}

static bool terms_mention(const struct game_terms *terms, const char *name) {
    for (int i = 0; i < terms->count; i++)
        if (mentions(terms->list[i].expression, name)) return true;
    return false;
}

static bool game_mentions(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->phases_count; i++) {
        const struct phase *phase = &x->phases[i];
        if (terms_mention(&phase->let, name) || terms_mention(&phase->set, name) ||
            terms_mention(&phase->report, name))
            return true;
        for (int k = 0; k < phase->players_count; k++)
            if (terms_mention(&phase->players[k].minimize, name)) return true;
    }
    return false;
}

/* Whether a layer may call another network. */
static bool calls_others(const struct layer_list *list) {
    for (int i = 0; i < list->count; i++) {
        const struct network_layer *l = &list->layers[i];
        if (l->row && (!strcmp(l->row->name, "call") || !strcmp(l->row->name, "compute")))
            return true;
        for (int k = 0; k < l->lists_count; k++)
            if (calls_others(&l->lists[k])) return true;
    }
    return false;
}

/* Whether a network, or an average of it, is named in the game or may be called by another network:
 * where there are mistakes, its call may not have been reached. */
static bool is_mentioned(const struct experiment *x, const struct network *network) {
    if (game_mentions(x, network->name)) return true;
    for (int i = 0; i < x->averages_count; i++)
        if (average_covers(&x->averages[i], network->name) && game_mentions(x, x->averages[i].name))
            return true;
    for (int i = 0; i < x->networks_count; i++)
        if (calls_others(&x->networks[i].list)) return true;
    return false;
}

/* Networks that stand idle are mistakes, unless other mistakes may be the cause. */
static void check_networks(struct builder *builder, bool good) {
    const struct experiment *x = builder->experiment;
    if (x->poison.phases || builder->unknown_callee) return;
    for (int i = 0; i < x->networks_count; i++) {
        const struct network *n = &x->networks[i];
        if (!builder->networks[i].called && (good || !is_mentioned(x, n)))
            diagnostics_add(builder->diagnostics, &n->origin, "call it in a phase, or take it out",
                            "network '%s' is never called", n->name);
        else if (builder->networks[i].called && !builder->networks[i].updated &&
                 !experiment_loads(x, n->name) && has_parameters(builder->game, n->name))
            diagnostics_add(builder->diagnostics, &n->origin,
                            "a phase of its name updates it, or one whose 'update:' names it",
                            "no phase updates network '%s'", n->name);
    }
}

static struct builder *builder_new(struct game *game, struct arena *arena,
                                   struct diagnostics *diagnostics) {
    const struct experiment *x = game->experiment;
    struct builder *builder = ARENA_NEW(arena, struct builder);
    *builder =
        (struct builder){.experiment = x,
                         .game = game,
                         .arena = arena,
                         .diagnostics = diagnostics,
                         .networks = ARENA_ARRAY(arena, struct network_record, x->networks_count)};
    for (int i = 0; i < x->networks_count; i++) {
        int inputs = x->networks[i].inputs_count;
        builder->networks[i].output.rank = -1;
        builder->networks[i].inputs = ARENA_ARRAY(arena, struct input_shape, inputs);
        builder->networks[i].latents = ARENA_ARRAY(arena, const char *, inputs);
    }
    return builder;
}

struct game *game_build(const struct experiment *experiment, struct arena *arena,
                        struct diagnostics *diagnostics) {
    struct game *game = ARENA_NEW(arena, struct game);
    *game =
        (struct game){.arena = arena,
                      .experiment = experiment,
                      .phases_count = experiment->phases_count,
                      .phases = ARENA_ARRAY(arena, struct game_phase, experiment->phases_count)};
    int before = diagnostics->count + diagnostics->dropped;
    bool good = !experiment->poison.any;
    struct builder *builder = builder_new(game, arena, diagnostics);
    game->builder = builder;
    declare_states(builder);
    for (int i = 0; i < experiment->phases_count; i++)
        game_build_phase(builder, &experiment->phases[i], i);
    samplers_check(builder);
    good = good && diagnostics->count + diagnostics->dropped == before;
    check_networks(builder, good);
    if (good) optimizers_check_paths(builder);
    good = good && diagnostics->count + diagnostics->dropped == before;
    if (good) {
        game_build_end(builder);
    } else {
        networks_check(builder);
        optimizers_check(builder);
    }
    return good && diagnostics->count + diagnostics->dropped == before ? game : NULL;
}
