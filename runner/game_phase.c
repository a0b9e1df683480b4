/*
 * A phase as a graph: lets, losses, gradients, the optimizers' updates, sets and reports.
 *
 * Variables are read as at the start of the graph, so all gradients are taken before any update.
 */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/build.h"

/* ---- frames ------------------------------------------------------------------------------------
 */

static void mark_terms(struct frame *frame, const struct game_terms *terms) {
    for (int i = 0; i < terms->count; i++)
        names_mark(frame->build->builder->arena, frame->names, terms->list[i].expression);
}

static void mark_all(struct frame *frame, const struct phase *phase) {
    mark_terms(frame, &phase->let);
    mark_terms(frame, &phase->set);
    mark_terms(frame, &phase->report);
    for (int i = 0; i < phase->players_count; i++)
        mark_terms(frame, &phase->players[i].minimize);
}

/* ---- lets, losses, sets, reports ---------------------------------------------------------------
 */

static bool is_scalar(const struct frame *frame, const struct game_term *term, struct value value,
                      const char *what) {
    if (!value.node) return false;
    if (!value.batched && !value_shape(value).rank) return true;
    return frame_fail(
        frame, &term->origin, "take its mean: mean(…)", "%s must be one number, but is %s%s", what,
        value.batched ? "a batch of " : "", value_text(frame->build->builder->arena, value));
}

/* The sum of a player's minimands; NULL where one is wrong. */
static struct node *player_loss(struct frame *phase_frame, const struct game_player *player) {
    struct graph *g = phase_frame->build->graph;
    struct node *sum = NULL;
    bool good = true;
    for (int i = 0; i < player->minimize.count; i++) {
        const struct game_term *term = &player->minimize.list[i];
        struct frame frame = frame_of_term(phase_frame, term, "minimize");
        frame.place = hash_text(frame.place, player->name);
        struct value value = VALUE_POISON;
        if (term->expression) value = evaluate_value(&frame, term->expression);
        if (!is_scalar(&frame, term, value, "a loss")) {
            good = false;
            continue;
        }
        struct node *loss = value_real(g, value).node;
        sum = sum ? graph_add(g, sum, loss) : loss;
    }
    return good && !player->poisoned ? sum : NULL;
}

struct node *game_phase_loss(struct frame *frame, const struct phase *phase,
                             const struct game_player *player) {
    mark_all(frame, phase);
    frame_bind_lets(frame, &phase->let);
    return player_loss(frame, player);
}

static void add_metric(struct builder *builder, int phase, const char *name, int output,
                       const struct origin *origin) {
    struct game *game = builder->game;
    for (int i = 0; i < game->metrics_count; i++)
        if (!strcmp(game->metrics[i].name, name)) {
            diagnostics_add(builder->diagnostics, origin, "rename one of them",
                            "two metrics are called '%s'", name);
            return;
        }
    game->metrics = ARENA_GROW(builder->arena, game->metrics, game->metrics_count);
    game->metrics[game->metrics_count++] = (struct game_metric){name, phase, output, origin};
}

static void put_out(struct build *build, int phase, const char *name, struct node *value,
                    const struct origin *origin) {
    const char *kept = arena_text(build->builder->arena, name);
    add_metric(build->builder, phase, kept, build->graph->outputs_count, origin);
    graph_output(build->graph, kept, value, origin);
}

static void assign_sets(struct frame *phase_frame, const struct phase *phase) {
    struct build *build = phase_frame->build;
    struct builder *builder = build->builder;
    const struct experiment *x = builder->experiment;
    for (int i = 0; i < phase->set.count; i++) {
        const struct game_term *term = &phase->set.list[i];
        struct frame frame = frame_of_term(phase_frame, term, "set");
        struct value value = VALUE_POISON;
        if (term->expression) value = evaluate_value(&frame, term->expression);
        const struct game_variable *v =
            variable_find(builder->game, arena_format(builder->arena, "state/%s", term->name));
        if (!v && (x->poison.values || experiment_is_poisoned(x, term->name))) continue;
        if (!v) {
            struct nearest nearest = {.wanted = term->name};
            for (int k = 0; k < x->states_count; k++)
                nearest_try(&nearest, x->states[k].name);
            frame_fail(&frame, &term->origin,
                       nearest.name ? nearest_hint(builder->arena, &nearest)
                                    : "'state: {name: {init: 0}}' declares it",
                       "there is no state '%s' to set", term->name);
            continue;
        }
        if (!value.node) continue;
        if (value.batched || !shape_equal(value_shape(value), v->variable.shape)) {
            frame_fail(&frame, &term->origin, NULL, "state '%s' is %s, but is set to %s%s",
                       term->name, shape_text(builder->arena, v->variable.shape),
                       value.batched ? "a batch of " : "", value_text(builder->arena, value));
            continue;
        }
        build_state_set(build, v, value_real(build->graph, value).node);
    }
}

static void put_reports(struct frame *phase_frame, const struct phase *phase, int number) {
    struct frame base = *phase_frame;
    base.hold = base.reporting = true;
    for (int i = 0; i < phase->report.count; i++) {
        const struct game_term *term = &phase->report.list[i];
        if (!term->expression) continue;
        struct frame frame = frame_of_term(&base, term, "report");
        struct value value = evaluate_value(&frame, term->expression);
        if (is_scalar(&frame, term, value, "what is reported"))
            put_out(frame.build, number, term->name, value_real(frame.build->graph, value).node,
                    &term->origin);
    }
}

/* ---- updates -----------------------------------------------------------------------------------
 */

static bool is_updated(const struct game_player *player, const char *name) {
    for (int i = 0; i < player->update.count; i++)
        if (path_holds(player->update.list[i], name)) return true;
    return false;
}

static void note_updated(struct builder *builder, const struct game_player *player) {
    for (int i = 0; i < player->update.count; i++)
        for (int k = 0; k < builder->experiment->networks_count; k++)
            if (path_holds(builder->experiment->networks[k].name, player->update.list[i]))
                builder->networks[k].updated = true;
}

static bool check_paths(struct build *build, const struct game_player *player) {
    const struct game *game = build->builder->game;
    for (int i = 0; i < player->update.count; i++) {
        bool found = false, frozen = false;
        for (int k = 0; k < game->variables_count; k++) {
            const struct game_variable *v = game->variables[k];
            if (v->role != ROLE_PARAMETER || !path_holds(player->update.list[i], v->variable.name))
                continue;
            found = found || v->trainable;
            frozen = frozen || !v->trainable;
        }
        const struct network_record *record =
            network_record_find(build->builder, player->update.list[i]);
        if (!found && frozen)
            return diagnostics_add(build->builder->diagnostics, &player->origin,
                                   "take it out of 'update:', or out of the optimizer's groups",
                                   "'%s' is updated here, but all its weights are frozen",
                                   player->update.list[i]);
        if (!found && !record->poisoned)
            return diagnostics_add(build->builder->diagnostics, &player->origin,
                                   "it is not called here, or has nothing to learn",
                                   "'%s' is updated here, but the loss does not depend on it",
                                   player->update.list[i]);
    }
    return true;
}

/* Whether some of the weights that it updates may not be known. */
static bool has_poisoned(const struct builder *builder, const struct game_player *player) {
    for (int i = 0; i < player->update.count; i++)
        if (network_record_find(builder, player->update.list[i])->poisoned) return true;
    return false;
}

/* The gradients of a player's loss by all that it updates. */
static bool take_gradients(struct build *build, const struct game_player *player, struct node *loss,
                           struct targets *targets) {
    struct builder *builder = build->builder;
    struct game *game = builder->game;
    struct node **wrt = ARENA_ARRAY(builder->arena, struct node *, game->variables_count);
    struct node **out = ARENA_ARRAY(builder->arena, struct node *, game->variables_count);
    struct game_variable **who =
        ARENA_ARRAY(builder->arena, struct game_variable *, game->variables_count);
    int count = 0, found = 0;
    note_updated(builder, player);
    if (!check_paths(build, player)) return false;
    if (has_poisoned(builder, player)) return build->updates_poisoned = true;
    for (int i = 0; i < game->variables_count; i++) {
        struct game_variable *v = game->variables[i];
        if (!v->trainable || !is_updated(player, v->variable.name)) continue;
        who[count] = v;
        wrt[count++] = graph_variable(build->graph, &v->variable);
    }
    graph_gradient(build->graph, loss, wrt, count, out);
    for (int i = 0; i < count; i++) {
        if (!out[i]) continue;
        found++;
        for (int k = 0; k < targets->count; k++)
            if (targets->list[k].variable == who[i])
                return diagnostics_add(builder->diagnostics, &player->origin, NULL,
                                       "two players update '%s'", who[i]->variable.name);
        targets->list = ARENA_GROW(builder->arena, targets->list, targets->count);
        targets->list[targets->count++] = (struct target){who[i], out[i], player};
    }
    if (!found)
        return diagnostics_add(builder->diagnostics, &player->minimize.list[0].origin,
                               "stop() and comparisons let no gradient through",
                               "the loss does not depend on '%s', which it is to update",
                               player->update.list[0]);
    return true;
}

/* project: an expression over `weights`, the tensor's next value. */
static struct node *project(struct frame *phase_frame, const struct target *target,
                            struct node *next) {
    const struct game_term *term = &target->player->project;
    struct frame frame = frame_of_term(phase_frame, term, "project");
    struct names names = {0};
    frame.place = hash_text(frame.place, target->variable->variable.name);
    for (int i = 0; i < phase_frame->names->count; i++)
        frame.names = &names,
        frame_bind(&frame, phase_frame->names->list[i].name, phase_frame->names->list[i].result);
    frame.names = &names;
    frame_bind(&frame, "weights", (struct result){.value = value_make(next, false)});
    struct value value = evaluate_value(&frame, term->expression);
    if (!value.node) return next;
    if (!value.batched && shape_equal(value_shape(value), next->shape))
        return value_real(frame.build->graph, value).node;
    frame_fail(&frame, &term->origin, "as in 'project: clamp(weights, -0.01, 0.01)'",
               "'project' must keep the shape of what it maps, %s, but gives %s",
               shape_text(frame.build->builder->arena, next->shape),
               value_text(frame.build->builder->arena, value));
    return next;
}

static void assign_updates(struct frame *phase_frame, struct targets *targets) {
    struct build *build = phase_frame->build;
    optimizers_clip(build, targets);
    for (int i = 0; i < targets->count; i++) {
        const struct target *target = &targets->list[i];
        struct node *next =
            optimizer_update(build, target->variable, target->gradient, &target->player->origin);
        if (!next) {
            build->updates_poisoned = true;
            continue;
        }
        if (target->player->project.expression) next = project(phase_frame, target, next);
        graph_assign(build->graph, &target->variable->variable, next);
        build->updates = ARENA_GROW(build->builder->arena, build->updates, build->updates_count);
        build->updates[build->updates_count++] =
            (struct made_update){&target->variable->variable, target->gradient, next};
    }
}

/* ---- the phase ---------------------------------------------------------------------------------
 */

static struct host_scalar read_scalar(struct builder *builder, const struct game_term *term,
                                      const char *what, double least) {
    bool constant;
    double number;
    if (!term->expression) return (struct host_scalar){0};
    if (build_check_scalar(builder, term->expression, term->constants, &constant, &number) &&
        constant && (number < least || (least > 0 && number != floor(number))))
        diagnostics_add(builder->diagnostics, &term->origin, NULL,
                        "'%s' must be a whole number from %g, not %g", what, least, number);
    return (struct host_scalar){term->expression, &term->constants->scope, &term->origin, 0};
}

enum { PHASE_BATCH_MOST = 1 << 20 };

static int64_t phase_batch(struct builder *builder, const struct phase *phase) {
    const struct experiment *x = builder->experiment;
    const struct game_term *term = &phase->batch;
    bool constant;
    double number;
    if (!term->expression ||
        !build_check_scalar(builder, term->expression, term->constants, &constant, &number))
        return x->batch;
    if (constant && number >= 1 && number <= PHASE_BATCH_MOST && number == floor(number))
        return (int64_t)number;
    diagnostics_add(builder->diagnostics, &term->origin, NULL,
                    "a phase's batch must be a whole number from 1 to %d", (int)PHASE_BATCH_MOST);
    return x->batch;
}

/* A phase that uses data takes its examples from those that a step has drawn. */
static void check_batch(struct builder *builder, const struct phase *phase,
                        const struct game_program *program) {
    const struct experiment *x = builder->experiment;
    if (program->batch > x->batch && !x->poison.batch)
        diagnostics_add(builder->diagnostics, &phase->batch.origin,
                        "the batch of 'data:' is the most for a phase that uses data",
                        "this phase wants %lld examples, but a step has %lld",
                        (long long)program->batch, (long long)x->batch);
}

/* A phase that changes nothing, at times: each of its runs is for the record. */
static bool is_observation(const struct phase *phase) {
    for (int i = 0; i < phase->players_count; i++)
        if (phase->players[i].minimize.count) return false;
    return !phase->set.count && (phase->every.expression || phase->when.expression);
}

static void put_losses(struct frame *frame, const struct phase *phase, int number,
                       struct targets *targets) {
    struct build *build = frame->build;
    struct arena *arena = build->builder->arena;
    struct node **loss = ARENA_ARRAY(arena, struct node *, phase->players_count);
    for (int i = 0; i < phase->players_count; i++)
        loss[i] = player_loss(frame, &phase->players[i]);
    assign_sets(frame, phase);
    for (int i = 0; i < phase->players_count; i++) {
        const struct game_player *player = &phase->players[i];
        if (!loss[i]) {
            note_updated(build->builder, player);
            build->updates_poisoned = true;
            continue;
        }
        if (!take_gradients(build, player, loss[i], targets)) {
            build->updates_poisoned = true;
            continue;
        }
        const char *name = *player->name
                               ? arena_format(arena, "%s.%s.loss", phase->name, player->name)
                               : arena_format(arena, "%s.loss", phase->name);
        put_out(build, number, name, loss[i], &player->minimize.list[0].origin);
    }
}

bool game_build_phase(struct builder *builder, const struct phase *phase, int number) {
    struct game_phase *result = &builder->game->phases[number];
    struct build build;
    struct names names = {0};
    struct targets targets = {0};
    int before = builder->diagnostics->count;
    build_begin(&build, builder, &result->program, phase->name, &phase->origin,
                phase_batch(builder, phase));
    result->repeat = read_scalar(builder, &phase->repeat, "repeat", 1);
    result->every = read_scalar(builder, &phase->every, "every", 1);
    result->when = read_scalar(builder, &phase->when, "when", -INFINITY);
    struct frame frame = {.build = &build,
                          .names = &names,
                          .constants = builder->experiment->constants,
                          .place = build.place,
                          .training = true};
    mark_all(&frame, phase);
    frame_bind_lets(&frame, &phase->let);
    put_losses(&frame, phase, number, &targets);
    assign_updates(&frame, &targets);
    put_reports(&frame, phase, number);
    build_end(&build);
    check_batch(builder, phase, &result->program);
    result->observes = is_observation(phase);
    return builder->diagnostics->count == before;
}
