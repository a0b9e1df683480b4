/* One graph in the making: inputs, host scalars, state; see build.h. */
#include "runner/build.h"

#include <string.h>

#include "base/bug.h"
#include "base/random.h"

void build_begin(struct build *build, struct builder *builder, struct game_program *program,
                 const char *name, const struct origin *origin, int64_t batch) {
    const struct experiment *x = builder->experiment;
    uint64_t seed = hash_mix(hash_text(0, "draws"), x->seed);
    *program = (struct game_program){
        .name = name,
        .origin = origin,
        .graph = graph_new(builder->arena),
        .clock_input = -1,
        .scalars_input = -1,
        .streams = ARENA_ARRAY(builder->arena, struct program_stream, x->data_count)};
    for (int i = 0; i < x->data_count; i++)
        program->streams[i] = (struct program_stream){-1, -1, -1, -1};
    *build = (struct build){.builder = builder,
                            .graph = program->graph,
                            .program = program,
                            .place = hash_text(seed, name),
                            .index = ARENA_ARRAY(builder->arena, struct node *, x->data_count),
                            .moves = ARENA_ARRAY(builder->arena, struct node *, x->data_count),
                            .examples = ARENA_ARRAY(builder->arena, struct node *, x->data_count),
                            .labels = ARENA_ARRAY(builder->arena, struct node *, x->data_count),
                            .batch = batch};
}

/*
 * How many scalars there are is known only now: until here their input claims to be as long as may
 * be. What was sliced from it stays as it is.
 */
void build_end(struct build *build) {
    struct game_program *program = build->program;
    for (int i = 0; i < build->states_count; i++)
        if (build->states[i].changed)
            graph_assign(build->graph, &build->states[i].variable->variable, build->states[i].now);
    if (program->scalars_input < 0) return;
    build->scalars->shape = SHAPE(build->slots_count);
    build->graph->inputs[program->scalars_input].shape = build->scalars->shape;
    program->scalars = build->slots;
    program->scalars_count = build->slots_count;
}

struct node *build_clock(struct build *build) {
    struct graph *graph = build->graph;
    if (build->clock) return build->clock;
    build->program->clock_input = graph->inputs_count;
    return build->clock = graph_input(graph, "clock", TYPE_INT32, SHAPE(3), false);
}

/* ---- numbers that the host computes ------------------------------------------------------------
 */

static bool same_slot(const struct host_scalar *slot, const struct expression *expression,
                      const struct constants *constants, uint64_t phases) {
    if (slot->constants != &constants->scope || slot->phases != phases) return false;
    struct text a = {0}, b = {0};
    expression_write(slot->expression, &a);
    expression_write(expression, &b);
    bool same = !strcmp(text_get(&a), text_get(&b));
    text_release(&a);
    text_release(&b);
    return same;
}

struct node *build_slot(struct build *build, const struct expression *expression,
                        const struct constants *constants) {
    struct graph *graph = build->graph;
    int i = 0;
    if (!build->scalars) {
        build->program->scalars_input = graph->inputs_count;
        build->scalars = graph_input(graph, "scalars", TYPE_FLOAT32, SHAPE(SCALARS_MOST), false);
    }
    while (i < build->slots_count &&
           !same_slot(&build->slots[i], expression, constants, build->counted))
        i++;
    if (i == SCALARS_MOST) {
        diagnostics_add(build->builder->diagnostics, &expression->origin, NULL,
                        "more than %d numbers change with time in one phase", (int)SCALARS_MOST);
        i--;
    } else if (i == build->slots_count) {
        build->slots = ARENA_GROW(build->builder->arena, build->slots, i);
        build->slots[build->slots_count++] = (struct host_scalar){.expression = expression,
                                                                  .constants = &constants->scope,
                                                                  .origin = &expression->origin,
                                                                  .phases = build->counted};
    }
    return graph_reshape(graph, graph_slice_axis(graph, build->scalars, 0, i, 1), SHAPE_SCALAR);
}

bool build_check_scalar(struct builder *builder, const struct expression *expression,
                        const struct constants *constants, bool *constant, double *number) {
    struct diagnostics *diagnostics = builder->diagnostics;
    if (!expression_check_host(expression, &constants->scope, diagnostics)) return false;
    *constant = expression_is_constant(expression, &constants->scope);
    return expression_number(expression, &constants->scope, *constant, number, diagnostics);
}

struct node *build_number(struct build *build, const struct expression *expression,
                          const struct constants *constants) {
    bool constant;
    double number;
    if (!build_check_scalar(build->builder, expression, constants, &constant, &number)) return NULL;
    return constant ? value_number(build->graph, number).node
                    : build_slot(build, expression, constants);
}

struct node *build_scalar(struct build *build, const char *text, const struct constants *constants,
                          const struct origin *origin) {
    const struct expression *e = expression_parse_text(text, origin, build->builder->diagnostics);
    return e ? build_number(build, e, constants) : NULL;
}

struct clock_scope {
    const struct game *game;
    const struct game_clock *clock;
    const struct constants *constants;
};

static double scalar_value(const struct game *game, const struct expression *expression,
                           const struct constants *constants, const struct game_clock *clock);

static bool value_look_up(const struct scope *scope, const char *name, double *number) {
    const struct clock_scope *c = scope->context;
    const struct constant *found = constants_find(c->constants, name);
    if (found) {
        *number = found->expression
                      ? scalar_value(c->game, found->expression, found->where, c->clock)
                      : found->number;
        return true;
    }
    if (!strcmp(name, "step")) return *number = (double)c->clock->step, true;
    if (!strcmp(name, "epoch")) return *number = c->clock->epoch, true;
    if (!strcmp(name, "images")) return *number = (double)c->clock->images, true;
    if (!strcmp(name, "updates")) return *number = (double)c->clock->updates, true;
    for (int i = 0; i < c->game->scalar_state_count; i++)
        if (!strcmp(name, c->game->scalar_state_names[i]))
            return *number = c->clock->state[i], true;
    return false;
}

static double scalar_value(const struct game *game, const struct expression *expression,
                           const struct constants *constants, const struct game_clock *clock) {
    struct clock_scope context = {game, clock, constants};
    struct scope scope = {.look_up = value_look_up, .context = &context};
    struct diagnostics none = {.arena = game->arena};
    double number = 0;
    if (!expression_number(expression, &scope, false, &number, &none))
        BUG("a scalar that was checked cannot be computed");
    return number;
}

double game_scalar(const struct game *game, const struct host_scalar *scalar,
                   const struct game_clock *clock) {
    struct game_clock now = *clock;
    if (scalar->phases && clock->runs) {
        now.updates = 0;
        for (int i = 0; i < game->phases_count; i++)
            if (scalar->phases >> i & 1) now.updates += clock->runs[i];
    }
    return scalar_value(game, scalar->expression, scalar->constants->context, &now);
}

/* ---- state -------------------------------------------------------------------------------------
 */

static struct threaded *find_state(struct build *build, const struct game_variable *variable) {
    for (int i = 0; i < build->states_count; i++)
        if (build->states[i].variable == variable) return &build->states[i];
    build->states = ARENA_GROW(build->builder->arena, build->states, build->states_count);
    struct threaded *state = &build->states[build->states_count++];
    *state = (struct threaded){variable, graph_variable(build->graph, &variable->variable), false};
    return state;
}

struct node *build_state(struct build *build, const struct game_variable *variable) {
    return find_state(build, variable)->now;
}

void build_state_set(struct build *build, const struct game_variable *variable,
                     struct node *value) {
    struct threaded *state = find_state(build, variable);
    state->now = value;
    state->changed = true;
}
