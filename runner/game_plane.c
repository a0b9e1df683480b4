/*
 * What a game looks like in the plane, where its samples are points of two coordinates.
 *
 * The field is what a network says of any place: the first one that takes a point alone and gives
 * one number for each. Arrows show where the loss of the network that is sampled would have each
 * point go,
 *
 *     arrow = -n dL / d point,
 *
 * L its phase's minimand, in which calls of the network stand for the n points: of a loss that is a
 * mean it is the point's own gradient. Both are in eval mode, and change no state.
 */
#include <string.h>

#include "runner/build.h"

/* A builder of its own for graphs that may turn out not to be possible: nothing is reported. */
struct attempt {
    struct builder builder;
    struct diagnostics diagnostics;
    struct build build;
    struct names names;
    struct frame frame;
};

static void begin(struct attempt *attempt, struct game *game, struct arena *arena,
                  struct game_program *program, const char *name, const struct origin *origin,
                  int64_t count) {
    *attempt = (struct attempt){.builder = *game->builder, .diagnostics = {.arena = arena}};
    attempt->builder.arena = arena;
    attempt->builder.diagnostics = &attempt->diagnostics;
    build_begin(&attempt->build, &attempt->builder, program, name, origin, count);
    attempt->frame = (struct frame){.build = &attempt->build,
                                    .names = &attempt->names,
                                    .constants = game->experiment->constants,
                                    .place = attempt->build.place,
                                    .hold = true,
                                    .reporting = true};
}

/* Ends the graph with its only output, or without one; a program that was not to be had is none. */
static bool end(struct attempt *attempt, const char *name, struct node *output) {
    struct game_program *program = attempt->build.program;
    bool good = output && !attempt->diagnostics.count && !attempt->diagnostics.dropped &&
                !program->batch; /* draws no data */
    if (good) graph_output(attempt->build.graph, name, output, program->origin);
    build_end(&attempt->build);
    if (!good) program->graph = NULL;
    return good;
}

/* ---- the field -------------------------------------------------------------------------------- */

static bool takes_a_point(const struct game *game, const struct network *n) {
    const struct network_record *record = &game->builder->networks[n->index];
    return n->inputs_count == 1 && record->inputs[0].known && record->inputs[0].batched &&
           !record->inputs[0].integer && !record->latents[0] &&
           shape_equal(record->inputs[0].shape, SHAPE(2));
}

/* A number for each place: [count]; NULL where the value is none. */
static struct node *one_each(struct graph *g, struct value value, int64_t count) {
    if (!value.node || !value.batched || shape_count(value.node->shape) != count ||
        value.node->shape.extent[0] != count)
        return NULL;
    return graph_reshape(g, value_real(g, value).node, SHAPE(count));
}

/* What the network says of `count` places: its result, or the first of several that is a number. */
static bool build_field(struct game *game, const struct network *n, int64_t count,
                        struct arena *arena, struct game_plane *plane) {
    struct attempt attempt;
    begin(&attempt, game, arena, &plane->field, "field", &n->origin, count);
    struct graph *g = attempt.build.graph;
    plane->places_input = g->inputs_count;
    struct value places =
        value_make(graph_input(g, "places", TYPE_FLOAT32, SHAPE(count, 2), false), true);
    struct result result = network_call(&attempt.frame, n, NULL, &places, false, true, &n->origin);
    struct node *said = result.outputs ? NULL : one_each(g, result.value, count);
    for (int i = 0; result.outputs && !said && i < result.outputs->count; i++)
        said = one_each(g, result.outputs->values[i], count);
    return end(&attempt, "field", said);
}

/* ---- arrows ----------------------------------------------------------------------------------- */

/* Latents and labels as the samples were made of them; x, the first of the data. */
static void bind_inputs(struct attempt *attempt, const struct game_sampler *sampler,
                        struct game_plane *plane) {
    const struct experiment *x = attempt->builder.experiment;
    struct graph *g = attempt->build.graph;
    for (int i = 0; i < sampler->latents_count; i++) {
        const struct sampler_latent *latent = &sampler->latents[i];
        if (latent->type != TYPE_FLOAT32) continue;
        plane->latents_input[i] = g->inputs_count;
        struct shape shape = value_full_shape(latent->shape, true, attempt->build.batch);
        struct node *node = graph_input(g, latent->name, latent->type, shape, false);
        frame_bind(&attempt->frame, latent->name, (struct result){.value = value_make(node, true)});
    }
    if (x->data_count != 1) return;
    plane->real_input = g->inputs_count;
    struct node *real = graph_input(g, "real", TYPE_FLOAT32, SHAPE(attempt->build.batch, 2), false);
    frame_bind(&attempt->frame, x->data->examples,
               (struct result){.value = value_make(real, true)});
    if (!sampler->labels_count) return;
    plane->labels_input = g->inputs_count;
    struct node *labels = graph_input(g, "labels", TYPE_INT32, SHAPE(attempt->build.batch), false);
    struct value value =
        value_classes(value_make(labels, true), experiment_label_limit(sampler->labels->data));
    frame_bind(&attempt->frame, x->data->labels, (struct result){.value = value});
}

static bool updates(const struct game_player *player, const struct network *n) {
    for (int i = 0; i < player->update.count && player->minimize.count; i++)
        if (path_holds(n->name, player->update.list[i])) return true;
    return false;
}

static bool build_arrows_of(struct game *game, const struct network *generator,
                            const struct phase *phase, const struct game_player *player,
                            const struct game_sampler *sampler, struct arena *arena,
                            struct game_plane *plane) {
    struct attempt attempt;
    struct node *gradient = NULL;
    begin(&attempt, game, arena, &plane->arrows, "arrows", &phase->origin, sampler->count);
    struct graph *g = attempt.build.graph;
    plane->points_input = g->inputs_count;
    struct node *points =
        graph_mark(g, graph_input(g, "points", TYPE_FLOAT32, SHAPE(sampler->count, 2), false));
    attempt.build.given = generator;
    attempt.build.given_value = value_make(points, true);
    bind_inputs(&attempt, sampler, plane);
    struct node *loss = game_phase_loss(&attempt.frame, phase, player);
    if (loss) graph_gradient(g, loss, &points, 1, &gradient);
    return end(&attempt, "arrows",
               gradient ? graph_scale(g, gradient, -(double)sampler->count) : NULL);
}

/* Of the first phase that updates the network. */
static void build_arrows(struct game *game, const struct game_sampler *sampler, struct arena *arena,
                         struct game_plane *plane) {
    const struct experiment *x = game->experiment;
    const struct network *generator = game_generator(game);
    for (int i = 0; i < x->phases_count && generator; i++)
        for (int k = 0; k < x->phases[i].players_count; k++)
            if (updates(&x->phases[i].players[k], generator)) {
                build_arrows_of(game, generator, &x->phases[i], &x->phases[i].players[k], sampler,
                                arena, plane);
                return;
            }
}

struct game_plane *game_plane(struct game *game, const struct game_sampler *sampler,
                              struct arena *arena) {
    const struct experiment *x = game->experiment;
    struct game_plane *plane = ARENA_NEW(arena, struct game_plane);
    plane->real_input = plane->labels_input = -1;
    plane->latents_input = ARENA_ARRAY(arena, int, sampler->latents_count);
    for (int i = 0; i < sampler->latents_count; i++)
        plane->latents_input[i] = -1;
    if (!shape_equal(sampler->shape, SHAPE(2))) return plane;
    for (int i = 0; i < x->networks_count && !plane->judge; i++)
        if (takes_a_point(game, &x->networks[i]) &&
            build_field(game, &x->networks[i], sampler->count, arena, plane))
            plane->judge = x->networks[i].name;
    if (sampler->packed == 1) build_arrows(game, sampler, arena, plane);
    return plane;
}
