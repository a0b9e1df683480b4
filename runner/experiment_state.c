/*
 * Reading `state:`, the values that a game keeps from step to step.
 *
 * How one begins is a number, or an expression over parameters, functions and the states before it: a graph that is computed
 * here, once, in double.
 */
#include <string.h>

#include "base/random.h"
#include "engine/backend.h"
#include "runner/build.h"
#include "runner/experiment_parts.h"
#include "runner/read.h"

struct state_options {
    struct extents shape;
    const struct expression *init;
};
const struct parameter state_parameters[] = {
    {.name = "init",
     .type = PARAMETER_EXPRESSION,
     .offset = offsetof(struct state_options, init),
     .standard = "0",
     .doc = "how it begins: over parameters, functions and the states before it"},
    {.name = "shape",
     .type = PARAMETER_SHAPE,
     .offset = offsetof(struct state_options, shape),
     .standard = "",
     .doc = "by default that of `init`"},
    {0},
};

/* The graph of all that is no number: its outputs are the states `index`. */
struct beginning {
    struct experiment_reading *r;
    struct builder builder;
    struct build build;
    struct game_program program;
    struct game game;
    struct names names;
    int *index;
};

static void begin(struct beginning *b, struct experiment_reading *r) {
    *b = (struct beginning){.r = r, .game = {.arena = r->arena, .experiment = r->x}};
    b->builder = (struct builder){
        .experiment = r->x, .game = &b->game, .arena = r->arena, .diagnostics = r->diagnostics};
    build_begin(&b->build, &b->builder, &b->program, "state", &r->root->origin, 1);
    b->build.known = "'parameters:' and the state before it name values here";
}

/* The value in the shape that is given, if one is. */
static bool take_shape(struct beginning *b, const struct declared_state *s, struct shape given,
                       struct value *value) {
    struct arena *arena = b->r->arena;
    struct shape common;
    if (value->batched)
        return experiment_fail(b->r, &s->origin, "draws take 'per=batch'",
                               "state '%s' has no batch, but its 'init' has one", s->name);
    if (!given.rank) return true;
    if (!shape_common(value_shape(*value), given, &common) || !shape_equal(common, given))
        return experiment_fail(b->r, &s->origin, "leave 'shape' out: it is that of 'init'",
                               "state '%s' is to be %s, but its 'init' is %s", s->name,
                               shape_text(arena, given), value_text(arena, *value));
    *value = value_spread(b->build.graph, *value, given, false, 1);
    return true;
}

/* A value that is computed, for later states by its name; poisoned where it is wrong. */
static struct value evaluate_init(struct beginning *b, const struct declared_state *s,
                                  const struct expression *init, struct shape given) {
    struct frame frame = {.build = &b->build,
                          .names = &b->names,
                          .constants = b->r->x->constants,
                          .place = hash_text(b->build.place, s->name),
                          .hold = true,
                          .reporting = true};
    struct value value = evaluate_value(&frame, init);
    if (!value.node || !take_shape(b, s, given, &value)) return VALUE_POISON;
    if (b->program.scalars_input >= 0) {
        b->program.scalars_input = -1;
        experiment_fail(b->r, &init->origin, NULL,
                        "state begins before the first step: there is no time yet");
        return VALUE_POISON;
    }
    value = value_real(b->build.graph, value);
    b->index = ARENA_GROW(b->r->arena, b->index, b->build.graph->outputs_count);
    b->index[b->build.graph->outputs_count] = b->r->x->states_count;
    graph_output(b->build.graph, s->name, value.node, &init->origin);
    return value;
}

static bool read_state(struct beginning *b, const struct config *key, const struct config *value,
                       struct config *all) {
    struct experiment_reading *r = b->r;
    struct experiment *x = r->x;
    struct state_options options = {0};
    struct declared_state state = {.name = key->text, .origin = key->origin};
    struct config *used;
    struct value node;
    struct frame names = {.build = &b->build, .names = &b->names};
    if (!experiment_check_name(r, key, "state", false) ||
        !experiment_options(r, value, &key->origin, arena_format(r->arena, "state '%s'", key->text),
                            state_parameters, &options, x->constants, &used))
        return false;
    state.shape = shape_make(options.shape.rank, options.shape.extent);
    if (!shape_is_sane(state.shape))
        return experiment_fail(r, &key->origin, NULL, "state '%s' has too many numbers", key->text);
    if (expression_is_host(options.init, &x->constants->scope) &&
        expression_is_constant(options.init, &x->constants->scope)) {
        if (!expression_number(options.init, &x->constants->scope, true, &state.init,
                               r->diagnostics))
            return false;
        node = value_number(b->build.graph, state.init);
        node = value_spread(b->build.graph, node, state.shape, false, 1);
    } else {
        node = evaluate_init(b, &state, options.init, state.shape);
        if (!node.node) return false;
        state.shape = value_shape(node);
    }
    frame_bind(&names, key->text, (struct result){.value = node});
    x->states = ARENA_GROW(r->arena, x->states, x->states_count);
    x->states[x->states_count++] = state;
    config_add(r->arena, all, key->text, used);
    return true;
}

/* Computes what is to be computed. */
static void finish(struct beginning *b) {
    struct experiment_reading *r = b->r;
    const struct graph *graph = b->build.graph;
    const struct device_options on = {.threads = 1};
    const struct compile_options how = {0};
    const int32_t clock[3] = {0};
    const void *inputs[1] = {clock};
    struct error error = {0};
    if (!graph->outputs_count) return;
    build_end(&b->build);
    struct device *device = backend_reference.device_open(&on, &error);
    struct program *program =
        device ? backend_reference.compile(device, r->arena, graph, &how, &error) : NULL;
    if (!program) {
        experiment_fail(r, b->program.origin, NULL, "%s", error.message);
    } else if (backend_reference.run(program, inputs) == RUN_NOT_FINITE) {
        struct not_finite where = {.what = "a number"};
        backend_reference.locate(program, inputs, &where);
        experiment_fail(r, where.origin, NULL, "the beginning of this state is not finite");
    } else {
        for (int i = 0; i < graph->outputs_count; i++) {
            struct declared_state *state = &r->x->states[b->index[i]];
            double *values = ARENA_ARRAY(r->arena, double, shape_count(state->shape));
            backend_reference.output(program, i, TYPE_FLOAT64, values);
            state->values = values;
        }
    }
    if (device) backend_reference.device_close(device);
}

void experiment_read_states(struct experiment_reading *r, struct config *section) {
    struct config *map, *all = config_new_map(r->arena);
    struct beginning b;
    begin(&b, r);
    if (!experiment_map(r, section, "'state'", &map)) r->x->poison.values = true;
    for (int i = 0; map && i < map->count; i++)
        if (!read_state(&b, map->keys[i], map->items[i], all)) {
            struct frame names = {.build = &b.build, .names = &b.names};
            experiment_poison_value(r, map->keys[i]->text);
            frame_bind(&names, map->keys[i]->text, (struct result){0});
        }
    finish(&b);
    if (map) config_add(r->arena, r->resolved, "state", all);
}
