/*
 * Calls of networks: arguments, the memory of equal calls, and the layers one after the other.
 *
 * Within one repetition of a phase equal calls (network, arguments, mode) are one call: one forward
 * pass, one dropout mask, one update of state.
 */
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/build.h"
#include "runner/function.h"

/* ---- who is called -----------------------------------------------------------------------------
 */

const struct network *experiment_callee(const struct experiment *x, const struct expression *callee,
                                        const struct average **average) {
    *average = NULL;
    if (callee->kind == EXPRESSION_OUTPUT && callee->part[0]->kind == EXPRESSION_NAME) {
        *average = experiment_average(x, callee->part[0]->name);
        return *average && average_covers(*average, callee->name)
                   ? experiment_network(x, callee->name)
                   : NULL;
    }
    if (callee->kind != EXPRESSION_NAME) return NULL;
    *average = experiment_average(x, callee->name);
    if (!*average) return experiment_network(x, callee->name);
    return (*average)->of.count == 1 ? experiment_network(x, (*average)->of.list[0]) : NULL;
}

/* The same in a frame: within an average's call, its copies are meant. */
static const struct network *find_callee(const struct frame *frame, const struct expression *callee,
                                         const struct average **average) {
    const struct network *network =
        experiment_callee(frame->build->builder->experiment, callee, average);
    if (!*average && callee->kind == EXPRESSION_NAME) *average = frame->average;
    return network;
}

bool network_is_call(const struct frame *frame, const struct expression *call) {
    const struct average *average;
    return find_callee(frame, call->part[0], &average) || (average && average->poisoned);
}

struct network_record *network_record_find(const struct builder *builder, const char *path) {
    const struct experiment *x = builder->experiment;
    for (int i = 0; i < x->networks_count; i++)
        if (path_holds(x->networks[i].name, path)) return &builder->networks[i];
    return NULL;
}

/* ---- arguments ---------------------------------------------------------------------------------
 */

static int find_input(const struct network *network, const char *name) {
    for (int i = 0; i < network->inputs_count; i++)
        if (!strcmp(network->inputs[i].name, name)) return i;
    return -1;
}

/* mode=eval, mode=training, state=hold, state=update. */
static bool take_mode(struct frame *frame, const struct expression *e, int part, bool *training,
                      bool *hold) {
    const struct expression *value = e->part[part];
    const char *word = value->kind == EXPRESSION_NAME ? value->name : "";
    if (!strcmp(e->keyword[part], "mode")) {
        if (!strcmp(word, "eval")) return *training = false, true;
        if (!strcmp(word, "training")) return *training = true, true;
        return frame_fail(frame, &value->origin, NULL, "mode= is 'training' or 'eval'");
    }
    if (!strcmp(word, "hold")) return *hold = true;
    if (!strcmp(word, "update")) return true;
    return frame_fail(frame, &value->origin, NULL, "state= is 'update' or 'hold'");
}

static bool wrong_keyword(struct frame *frame, const struct network *network,
                          const struct expression *e, int part) {
    struct nearest nearest = {.wanted = e->keyword[part]};
    for (int i = 0; i < network->inputs_count; i++)
        nearest_try(&nearest, network->inputs[i].name);
    nearest_try(&nearest, "mode");
    nearest_try(&nearest, "state");
    const char *hint = nearest_hint(frame->build->builder->arena, &nearest);
    return frame_fail(frame, &e->part[part]->origin, hint, "network '%s' has no input '%s'",
                      network->name, e->keyword[part]);
}

/* Which latent or label a network is given: what the default sampler has to feed. */
static void note_latent(struct frame *frame, const struct network *network, int input,
                        const struct expression *argument) {
    struct network_record *record = &frame->build->builder->networks[network->index];
    const struct experiment *x = frame->build->builder->experiment;
    const char *name = argument ? expression_name(frame->build->builder->arena, argument)
                                : network->inputs[input].name;
    if (argument && argument->kind == EXPRESSION_CALL && argument->count == 2 &&
        argument->part[0]->kind == EXPRESSION_NAME && !strcmp(argument->part[0]->name, "fresh") &&
        argument->part[1]->kind == EXPRESSION_NAME)
        name = argument->part[1]->name;
    if (!name || frame->network || record->latents[input]) return;
    if (frame_latent_find(frame, name) || experiment_labels(x, name)) record->latents[input] = name;
}

/* An input that neither the call nor the scope gives. Labels that the data lack are told where they are wanted, once. */
static bool lacks_input(struct frame *frame, const struct network *network, int input,
                        const struct expression *call) {
    const struct builder *builder = frame->build->builder;
    const char *name = network->inputs[input].name;
    const struct experiment_data *data = experiment_unlabelled(builder->experiment, name);
    if (!data)
        return frame_fail(frame, &call->origin,
                          "an input that a call does not give comes from the scope by its name",
                          "network '%s' lacks its input '%s'", network->name, name);
    const char *way =
        data->row->folders
            ? "folders that images lie in are classes"
            : arena_format(builder->arena, "'duel datasets %s' tells how labels are given",
                           data->row->name);
    return diagnostics_add(
        builder->diagnostics, network->inputs[input].origin,
        arena_format(builder->arena, "%s; without labels, networks do without '%s'", way, name),
        "network '%s' takes '%s', but the data have no labels", network->name, name);
}

static bool take_arguments(struct frame *frame, const struct network *network,
                           const struct expression *e, struct value *values, bool *training,
                           bool *hold) {
    struct builder *builder = frame->build->builder;
    const struct expression **given =
        ARENA_ARRAY(builder->arena, const struct expression *, network->inputs_count + 1);
    bool good = true;
    for (int i = 1; i < e->count; i++) {
        if (e->keyword[i] && (!strcmp(e->keyword[i], "mode") || !strcmp(e->keyword[i], "state"))) {
            good = take_mode(frame, e, i, training, hold) && good;
            continue;
        }
        int at = e->keyword[i] ? find_input(network, e->keyword[i]) : i - 1;
        if (at < 0) return wrong_keyword(frame, network, e, i);
        if (at >= network->inputs_count)
            return frame_fail(frame, &e->part[i]->origin, NULL,
                              "network '%s' takes %d input%s, but this call gives more",
                              network->name, network->inputs_count,
                              network->inputs_count == 1 ? "" : "s");
        if (given[at])
            return frame_fail(frame, &e->part[i]->origin, NULL, "input '%s' is given twice",
                              network->inputs[at].name);
        given[at] = e->part[i];
    }
    for (int i = 0; i < network->inputs_count; i++) {
        const char *name = network->inputs[i].name;
        const struct result *found = given[i] ? NULL : frame_find(frame, name);
        if (!given[i] && !found) return lacks_input(frame, network, i, e);
        values[i] = given[i] ? evaluate_value(frame, given[i]) : found->value;
        good = good && values[i].node;
        if (good) note_latent(frame, network, i, given[i]);
    }
    return good;
}

void network_note_poisoned(struct frame *frame, const struct network *network) {
    struct network_record *record = &frame->build->builder->networks[network->index];
    record->called = record->poisoned = true;
}

struct result network_evaluate(struct frame *frame, const struct expression *call) {
    const struct average *average;
    const struct network *network = find_callee(frame, call->part[0], &average);
    if (!network || network->poisoned || (average && average->poisoned)) {
        if (network) network_note_poisoned(frame, network);
        evaluate_arguments(frame, call);
        return (struct result){0};
    }
    struct value *values =
        ARENA_ARRAY(frame->build->builder->arena, struct value, network->inputs_count + 1);
    bool training = frame->training, hold = frame->hold;
    frame->build->builder->networks[network->index].called = true;
    if (take_arguments(frame, network, call, values, &training, &hold))
        return network_call(frame, network, average, values, training, hold, &call->origin);
    network_note_poisoned(frame, network);
    evaluate_arguments(frame, call);
    return (struct result){0};
}

/* ---- shapes of inputs --------------------------------------------------------------------------
 */

static bool check_declared(struct frame *frame, const struct network *network, int i,
                           struct value value, const struct origin *where) {
    const struct network_input *input = &network->inputs[i];
    struct arena *arena = frame->build->builder->arena;
    if (!input->has_shape || shape_equal(input->shape, value_shape(value))) return true;
    return frame_fail(frame, where, NULL, "network '%s' takes '%s' as %s, but is given %s",
                      network->name, input->name, shape_text(arena, input->shape),
                      value_text(arena, value));
}

/* The first call settles the shapes; every other must agree. */
static bool check_inputs(struct frame *frame, const struct network *network,
                         const struct value *values, const struct origin *where) {
    struct builder *builder = frame->build->builder;
    struct input_shape *known = builder->networks[network->index].inputs;
    bool good = true;
    for (int i = 0; i < network->inputs_count; i++) {
        good = check_declared(frame, network, i, values[i], where) && good;
        struct shape shape = value_shape(values[i]);
        if (!known[i].known)
            known[i] = (struct input_shape){
                true,  values[i].batched,     values[i].node->type == TYPE_INT32, shape,
                where, value_maker(values[i])};
        else if (!shape_equal(known[i].shape, shape))
            good = network_misfit(frame, network, i, &known[i], values[i], where);
    }
    return good;
}

/* ---- results ---------------------------------------------------------------------------------
 */

/* The network's outputs, of names bound in its frame. */
static struct result take_outputs(struct frame *frame, struct value last) {
    const struct network *network = frame->network;
    struct arena *arena = frame->build->builder->arena;
    if (!network->outputs_count) return (struct result){.value = last};
    struct outputs *outputs = ARENA_NEW(arena, struct outputs);
    *outputs = (struct outputs){network->name, network->outputs_count,
                                ARENA_ARRAY(arena, const char *, network->outputs_count),
                                ARENA_ARRAY(arena, struct value, network->outputs_count)};
    for (int i = 0; i < network->outputs_count; i++) {
        outputs->names[i] = network->outputs[i].name;
        outputs->values[i] = evaluate_value(frame, network->outputs[i].value);
    }
    return (struct result){.outputs = outputs};
}

/* The layers, in the network's own frame, where its inputs are bound. */
static struct result build_network(struct frame *frame, const struct value *arguments,
                                   uint64_t place) {
    const struct network *network = frame->network;
    struct network_record *record = &frame->build->builder->networks[network->index];
    struct value last = VALUE_POISON;
    if (!record->described) network_describe_inputs(frame->build->builder, network, arguments);
    for (int i = 0; i < network->inputs_count; i++)
        frame_bind(frame, network->inputs[i].name, (struct result){.value = arguments[i]});
    if (network->inputs_count) {
        last = frame_find(frame, network->inputs[0].name)->value;
        frame_bind(frame, "previous", (struct result){.value = last});
    }
    bool good = network_layers(frame, &network->list, place, &last);
    if (last.node && !network->outputs_count) record->output = value_shape(last);
    record->described = record->described || good;
    record->poisoned = record->poisoned || !good;
    return take_outputs(frame, last);
}

/* ---- calls -------------------------------------------------------------------------------------
 */

/* An equal call made before. What only reports takes training calls that updated state, too. */
static struct made_call *find_made(struct build *build, const struct made_call *wanted,
                                   bool reporting) {
    for (int i = 0; i < build->calls_count; i++) {
        struct made_call *made = &build->calls[i];
        bool same = made->network == wanted->network && made->average == wanted->average &&
                    made->training == wanted->training &&
                    (made->hold == wanted->hold || (reporting && !made->hold));
        for (int k = 0; same && k < wanted->network->inputs_count; k++)
            same = made->arguments[k].node == wanted->arguments[k].node;
        if (same) return made;
    }
    return NULL;
}

static bool calls_itself(const struct frame *frame, const struct network *network) {
    for (; frame; frame = frame->caller)
        if (frame->network == network) return true;
    return false;
}

struct result network_call(struct frame *caller, const struct network *network,
                           const struct average *average, const struct value *arguments,
                           bool training, bool hold, const struct origin *where) {
    struct build *build = caller->build;
    struct builder *builder = build->builder;
    uint64_t place = hash_text(frame_draw(caller), network->name);
    if (average && !average_covers(average, network->name)) average = NULL;
    if (build->given == network && !average) return (struct result){.value = build->given_value};
    struct made_call call = {.network = network,
                             .average = average,
                             .training = training,
                             .hold = hold || !training || average,
                             .arguments = arguments};
    struct made_call *made = find_made(build, &call, caller->reporting);
    if (made) return made->result;
    if (calls_itself(caller, network)) {
        frame_fail(caller, where, NULL, "network '%s' calls itself", network->name);
        return (struct result){0};
    }
    if (!check_inputs(caller, network, arguments, where)) {
        network_note_poisoned(caller, network);
        return (struct result){0};
    }
    struct names names = {0};
    struct frame frame = {.build = build,
                          .names = &names,
                          .constants = network->list.constants,
                          .network = network,
                          .path = network->name,
                          .average = average ? average : caller->average,
                          .caller = caller,
                          .via = frame_origin(caller, where),
                          .training = training,
                          .hold = call.hold,
                          .reporting = caller->reporting};
    names_mark_layers(builder->arena, &names, &network->list);
    const struct origin *origin = build->graph->origin;
    const char *label = build->graph->label;
    call.result = build_network(&frame, arguments, place);
    build->graph->origin = origin;
    build->graph->label = label;
    call.arguments =
        arena_copy(builder->arena, arguments, (size_t)network->inputs_count * sizeof *arguments);
    build->calls = ARENA_GROW(builder->arena, build->calls, build->calls_count);
    build->calls[build->calls_count++] = call;
    return call.result;
}

void networks_check(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    for (int i = 0; i < x->networks_count; i++) {
        const struct network *network = &x->networks[i];
        if (builder->networks[i].described) continue;
        struct game_program program;
        struct build build;
        struct names names = {0};
        struct value last = VALUE_POISON;
        build_begin(&build, builder, &program, "check", &network->origin, x->batch);
        struct frame frame = {.build = &build,
                              .names = &names,
                              .constants = network->list.constants,
                              .network = network,
                              .path = network->name,
                              .training = true};
        frame_bind(&frame, "previous", (struct result){0});
        for (int k = 0; k < network->inputs_count; k++)
            frame_bind(&frame, network->inputs[k].name, (struct result){0});
        network_layers(&frame, &network->list, 0, &last);
        for (int k = 0; k < network->outputs_count; k++)
            evaluate(&frame, network->outputs[k].value);
    }
}
