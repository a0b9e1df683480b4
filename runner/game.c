/* The game: variables that are declared, a graph for each phase, one for the end of a step; and
 * the default sampler. */
#include "runner/game.h"

#include <string.h>

#include "base/bug.h"
#include "runner/build.h"

static void declare_states(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    struct game *game = builder->game;
    for (int i = 0; i < x->states_count; i++) {
        const struct declared_state *s = &x->states[i];
        struct initial_value initial = {.kind = INITIAL_CONSTANT, .mean = s->init};
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

/* Whether a network, or an average of it, is named in the game or may be called by another network:
 * where there are mistakes, its call may not have been reached. */
static bool is_mentioned(const struct experiment *x, const struct network *network) {
    if (game_mentions(x, network->name)) return true;
    for (int i = 0; i < x->averages_count; i++)
        if (average_covers(&x->averages[i], network->name) && game_mentions(x, x->averages[i].name))
            return true;
    for (int i = 0; i < x->networks_count; i++)
        for (int k = 0; k < x->networks[i].layers_count; k++) {
            const struct layer_row *row = x->networks[i].layers[k].row;
            if (row && (!strcmp(row->name, "call") || !strcmp(row->name, "compute"))) return true;
        }
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
                 has_parameters(builder->game, n->name))
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
    good = good && diagnostics->count + diagnostics->dropped == before;
    check_networks(builder, good);
    good = good && diagnostics->count + diagnostics->dropped == before;
    if (good) {
        game_build_end(builder);
    } else {
        networks_check(builder);
        optimizers_check(builder);
    }
    return good && diagnostics->count + diagnostics->dropped == before ? game : NULL;
}

/* ---- the sampler -------------------------------------------------------------------------------
 */

/* Whether all inputs of a network are latents or the label, by what its calls gave it. */
static bool takes_latents(const struct builder *builder, const struct network *n) {
    bool latent = false;
    for (int i = 0; i < n->inputs_count; i++) {
        const char *name = builder->networks[n->index].latents[i];
        if (!name) return false;
        latent = latent || strcmp(name, "y") != 0;
    }
    return latent;
}

/* Whether a network's result is shaped like the data's examples. */
static bool makes_data(const struct game *game, const struct network *n) {
    const struct experiment *x = game->experiment;
    struct shape output = game->builder->networks[n->index].output;
    if (!x->data_count) return false;
    const struct extents *example = &x->data->dataset.shape;
    return shape_equal(output, shape_make(example->rank, example->extent));
}

/* The generator: called with nothing but latents and labels; of several, one that makes data. */
static const struct network *find_generator(const struct game *game) {
    const struct experiment *x = game->experiment;
    const struct network *found = NULL;
    for (int i = 0; i < x->networks_count; i++) {
        const struct network *n = &x->networks[i];
        if (!takes_latents(game->builder, n)) continue;
        if (!found || (makes_data(game, n) && !makes_data(game, found))) found = n;
    }
    return found;
}

static const struct average *find_average(const struct experiment *x, const struct network *n) {
    for (int i = 0; i < x->averages_count; i++)
        if (average_covers(&x->averages[i], n->name)) return &x->averages[i];
    return NULL;
}

static struct value sampler_input(struct game_sampler *sampler, struct builder *builder,
                                  const char *name) {
    const struct experiment *x = builder->experiment;
    struct graph *g = sampler->graph;
    if (!strcmp(name, "y") && x->data_count) {
        bool given = false;
        for (int i = 0; i < x->latents_count; i++)
            given = given || !strcmp(x->latents[i].name, name);
        if (!given) {
            if (sampler->labels_input < 0) {
                sampler->labels_input = g->inputs_count;
                sampler->classes = x->data->dataset.classes;
            } else {
                BUG("labels are given twice");
            }
            return value_make(graph_input(g, "y", TYPE_INT32, SHAPE(sampler->count), false), true);
        }
    }
    const struct latent *latent = NULL;
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name)) latent = &x->latents[i];
    BUG_IF(!latent);
    int at = sampler->latents_count++;
    sampler->latents[at].name = latent->name;
    sampler->latents[at].input = g->inputs_count;
    sampler->latents[at].shape = latent->shape;
    sampler->latents[at].uniform = latent->uniform;
    sampler->latents[at].low = latent->low;
    sampler->latents[at].high = latent->high;
    struct shape full = value_full_shape(latent->shape, true, sampler->count);
    struct node *draw = graph_input(g, name, TYPE_FLOAT32, full, false);
    if (!latent->uniform && latent->deviation != 1) draw = graph_scale(g, draw, latent->deviation);
    if (!latent->uniform && latent->mean != 0) draw = graph_shift(g, draw, latent->mean);
    return value_make(draw, true);
}

/* The generator's inputs, each latent once; NULL where there are too many. */
static struct value *sampler_inputs(struct game_sampler *sampler, struct frame *frame,
                                    const struct network *n) {
    struct builder *builder = frame->build->builder;
    struct value *inputs = ARENA_ARRAY(builder->arena, struct value, n->inputs_count);
    for (int i = 0; i < n->inputs_count; i++) {
        const char *name = builder->networks[n->index].latents[i];
        const struct result *made = frame_find(frame, name);
        if (!made && sampler->latents_count == 8) {
            diagnostics_add(builder->diagnostics, &n->origin, NULL,
                            "a sampler takes at most 8 latents");
            return NULL;
        }
        if (!made)
            frame_bind(frame, name,
                       (struct result){.value = sampler_input(sampler, builder, name)});
        inputs[i] = frame_find(frame, name)->value;
    }
    return inputs;
}

static const char *no_generator =
    "a default sampler is the network that takes only latents and labels";

struct game_sampler *game_sampler(struct game *game, int64_t count, struct arena *arena,
                                  struct diagnostics *diagnostics) {
    const struct experiment *x = game->experiment;
    const struct network *n = find_generator(game);
    struct game_program *program = ARENA_NEW(arena, struct game_program);
    struct game_sampler *sampler = ARENA_NEW(arena, struct game_sampler);
    struct build build;
    if (!n) {
        diagnostics_add(diagnostics, x->networks_count ? &x->networks[0].origin : NULL,
                        no_generator, "there is nothing to sample from");
        return NULL;
    }
    struct builder builder = *game->builder;
    builder.arena = arena;
    builder.diagnostics = diagnostics;
    int before = diagnostics->count + diagnostics->dropped;
    build_begin(&build, &builder, program, "sampler", &n->origin, count);
    build.sampling = true;
    sampler->graph = build.graph;
    sampler->count = count;
    sampler->labels_input = -1;
    struct names names = {0};
    struct frame frame = {.build = &build,
                          .names = &names,
                          .constants = x->constants,
                          .place = build.place,
                          .hold = true,
                          .reporting = true};
    struct value *inputs = sampler_inputs(sampler, &frame, n);
    if (!inputs) return NULL;
    struct result result =
        network_call(&frame, n, find_average(x, n), inputs, false, true, &n->origin);
    struct value image = result.outputs ? result.outputs->values[0] : result.value;
    if (diagnostics->count + diagnostics->dropped != before || !image.node) return NULL;
    if (!image.batched) {
        diagnostics_add(diagnostics, &n->origin, no_generator,
                        "network '%s' gives the same for every sample", n->name);
        return NULL;
    }
    sampler->shape = value_shape(image);
    graph_output(build.graph, "samples", value_real(build.graph, image).node, &n->origin);
    build_end(&build);
    return sampler;
}
