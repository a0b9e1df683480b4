/*
 * Layers of a network as they are built: what they ask for, their inputs, one after the other.
 *
 * Lists within a layer have names of their own, which come before those around them; a block sees
 * only its inputs.
 */
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "layers/weight.h"
#include "runner/build.h"
#include "runner/experiment_parts.h"
#include "runner/read.h"

/* ---- what layers ask for -----------------------------------------------------------------------
 */

static const char *leaf_path(const struct layer *layer, const char *leaf) {
    const struct frame *frame = layer->context;
    return arena_format(layer->arena, "%s/%s/%s", frame->path, frame->layer->name, leaf);
}

static void host_fail(struct layer *layer, const char *hint, const char *message) {
    const struct frame *frame = layer->context;
    frame_fail(frame, &frame->layer->origin, hint, "%s", message);
}

/* The variable called so, made at the first call. */
static struct game_variable *get_variable(struct layer *layer, const char *leaf,
                                          enum variable_role role, struct shape shape,
                                          struct initial_value initial) {
    const struct frame *frame = layer->context;
    struct builder *builder = frame->build->builder;
    const char *name = leaf_path(layer, leaf);
    struct game_variable *v = variable_find(builder->game, name);
    if (!v) {
        v = variable_new(builder, name, role, shape, initial, &frame->layer->origin);
        if (role == ROLE_PARAMETER) builder->layer_parameters += shape_count(shape);
    } else if (!shape_equal(v->variable.shape, shape)) {
        layer_fail(layer, "all calls of a network must give its layers the same shapes",
                   "'%s' is %s here, but %s in an earlier call", name,
                   shape_text(layer->arena, shape), shape_text(layer->arena, v->variable.shape));
        return NULL;
    }
    return variable_averaged(builder, frame->average, v);
}

/* What the layer's chain makes of a weight; NULL where a link is wrong. */
static struct node *go_through(struct layer *layer, const char *leaf, double fan_in,
                               struct node *weight) {
    const struct frame *frame = layer->context;
    bool bias = !strcmp(weight_kind(leaf), "bias");
    if (!bias && strcmp(weight_kind(leaf), "weight") != 0) return weight;
    for (int i = 0; weight && i < frame->layer->links_count; i++) {
        const struct weight_link *link = &frame->layer->links[i];
        int out = weight->shape.rank - 1 - (bias ? 0 : frame->layer->row->turned);
        struct weighting w = {layer, link->options, leaf, out, fan_in};
        if (!bias || link->row->biases) weight = link->row->build(&w, weight);
    }
    return weight;
}

/* By what the chain wants the initial value divided. */
static double stored_factor(const struct network_layer *l, const char *leaf) {
    bool bias = !strcmp(weight_kind(leaf), "bias");
    double factor = 1;
    for (int i = 0; (bias || !strcmp(weight_kind(leaf), "weight")) && i < l->links_count; i++) {
        const struct weight_row *row = l->links[i].row;
        if (row->stored && (!bias || row->biases)) factor *= row->stored(l->links[i].options);
    }
    return factor;
}

static struct node *host_weight(struct layer *layer, const char *leaf, struct shape shape,
                                const struct distribution *init, double fan_in, double fan_out) {
    const char *problem = initial_problem(layer->arena, init, shape);
    if (problem) {
        layer_fail(layer, NULL, "%s", problem);
        return NULL;
    }
    const struct frame *frame = layer->context;
    struct initial_value initial =
        initial_scaled(initial_of(init, fan_in, fan_out), 1 / stored_factor(frame->layer, leaf));
    struct game_variable *v = get_variable(layer, leaf, ROLE_PARAMETER, shape, initial);
    return v ? go_through(layer, leaf, fan_in, graph_variable(layer->graph, &v->variable)) : NULL;
}

static struct node *host_norms(struct layer *layer, const char *leaf, const char *of, int axis) {
    const struct frame *frame = layer->context;
    const struct game_variable *whole =
        variable_find(frame->build->builder->game, leaf_path(layer, of));
    struct initial_value norms = {.kind = INITIAL_NORMS, .copied = whole, .axis = axis};
    struct game_variable *v =
        get_variable(layer, leaf, ROLE_PARAMETER, SHAPE(whole->variable.shape.extent[axis]), norms);
    return v ? graph_variable(layer->graph, &v->variable) : NULL;
}

static struct node *host_state(struct layer *layer, const char *leaf, struct shape shape,
                               const struct distribution *init) {
    const struct frame *frame = layer->context;
    struct game_variable *v = get_variable(layer, leaf, ROLE_STATE, shape, initial_of(init, 1, 1));
    return v ? build_state(frame->build, v) : NULL;
}

static void host_state_set(struct layer *layer, const char *leaf, struct node *value) {
    const struct frame *frame = layer->context;
    if (!frame->training || frame->hold) return;
    const struct game_variable *v =
        variable_find(frame->build->builder->game, leaf_path(layer, leaf));
    build_state_set(frame->build, v, value);
}

static struct node *host_random(struct layer *layer, enum random_kind kind, struct shape shape) {
    struct frame *frame = layer->context;
    return graph_random(layer->graph, kind, shape, frame_draw(frame), build_clock(frame->build));
}

static struct value host_call(struct layer *layer, const char *name) {
    struct frame *frame = layer->context;
    struct builder *builder = frame->build->builder;
    const struct network *network = experiment_network(builder->experiment, name);
    if (network && network->poisoned) network_note_poisoned(frame, network);
    if (network ? network->poisoned : builder->experiment->poison.callables) return VALUE_POISON;
    if (!network) {
        struct nearest nearest = {.wanted = name};
        for (int i = 0; i < builder->experiment->networks_count; i++)
            nearest_try(&nearest, builder->experiment->networks[i].name);
        const char *hint = nearest_hint(layer->arena, &nearest);
        return layer_fail(layer, hint, "there is no network '%s'", name);
    }
    builder->networks[network->index].called = true;
    if (layer->count != network->inputs_count)
        return layer_fail(layer, "'from:' lists its inputs", "network '%s' takes %d inputs, not %d",
                          name, network->inputs_count, layer->count);
    struct result result = network_call(frame, network, frame->average, layer->inputs,
                                        frame->training, frame->hold, &frame->layer->origin);
    if (result.outputs)
        return layer_fail(layer, "compute: other(h).name picks one",
                          "network '%s' has several outputs", name);
    return result.value;
}

static struct value host_evaluate(struct layer *layer, const struct expression *expression) {
    return evaluate_value(layer->context, expression);
}

static struct value host_list(struct layer *layer, int index, struct value previous);

static const struct layer_host network_host = {
    .weight = host_weight,
    .norms = host_norms,
    .list = host_list,
    .state = host_state,
    .state_set = host_state_set,
    .random = host_random,
    .call = host_call,
    .evaluate = host_evaluate,
    .fail = host_fail,
};

/* ---- layers ------------------------------------------------------------------------------------
 */

/* "units: 784, bias: true": the options on one line. */
static const char *options_text(struct arena *arena, const struct network_layer *l) {
    const struct config *resolved = l->resolved;
    struct text text = {0};
    for (int i = 0; resolved && i < resolved->count; i++) {
        if (resolved->items[i]->kind == CONFIG_LIST && l->row->lists) continue;
        text_format(&text, "%s%s: ", *text_get(&text) ? ", " : "", resolved->keys[i]->text);
        config_write_line(resolved->items[i], &text);
    }
    char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

static void describe(struct builder *builder, struct game_layer line) {
    struct game *game = builder->game;
    game->layers = ARENA_GROW(builder->arena, game->layers, game->layers_count);
    game->layers[game->layers_count++] = line;
}

void network_describe_inputs(struct builder *builder, const struct network *network,
                             const struct value *values) {
    for (int i = 0; i < network->inputs_count; i++)
        describe(builder,
                 (struct game_layer){.network = network->name,
                                     .path = arena_format(builder->arena, "%s/%s", network->name,
                                                          network->inputs[i].name),
                                     .kind = "input",
                                     .shape = value_shape(values[i]),
                                     .options = "",
                                     .origin = network->inputs[i].origin});
}

/* Input `i` that `from:` does not give: the previous result, or a block's by its name. */
static const struct result *input_in_scope(struct frame *frame, const struct network_layer *l,
                                           int i) {
    return frame_find(frame, l->block && i ? l->block->inputs[i] : "previous");
}

/* How many inputs a layer is given: those of `from`, or the previous result where it takes one. */
static int count_inputs(struct frame *frame, const struct network_layer *l) {
    const struct layer_row *row = l->row;
    if (l->block && l->from_count < l->block->inputs_count) return l->block->inputs_count;
    if (l->from_count) return l->from_count;
    if (row->lists && !row->inputs_least) return !l->block && frame_find(frame, "previous");
    return (row->inputs_most != 0 && row->inputs_least > 0) || !strcmp(row->name, "call");
}

static bool lacks_input(struct frame *frame, const struct network_layer *l, int i) {
    if (l->block)
        return frame_fail(frame, &l->origin,
                          "'from:' gives them in order; what it does not give "
                          "comes from the scope by its name",
                          "block '%s' lacks its input '%s'", l->row->name, l->block->inputs[i]);
    return frame_fail(frame, &l->origin,
                      frame->block ? "give the block inputs, as in 'inputs: [h]'"
                                   : "give the network 'inputs:', or the layer 'from:'",
                      "'%s' has no input", l->row->name);
}

/* The layer's inputs. */
static bool layer_inputs(struct frame *frame, const struct network_layer *l, struct layer *layer) {
    const struct layer_row *row = l->row;
    int count = count_inputs(frame, l);
    struct value *inputs = ARENA_ARRAY(layer->arena, struct value, count + 1);
    bool good = true;
    layer->inputs = inputs;
    layer->count = count;
    for (int i = 0; i < count; i++) {
        const struct result *found = i < l->from_count ? NULL : input_in_scope(frame, l, i);
        if (i >= l->from_count && !found) return lacks_input(frame, l, i);
        inputs[i] = found ? found->value : evaluate_value(frame, l->from[i]);
        good = good && inputs[i].node;
    }
    if (good && count < row->inputs_least)
        return frame_fail(frame, &l->origin, "name them: 'from: [a, b]'",
                          "'%s' takes at least %d inputs, not %d", row->name, row->inputs_least,
                          count);
    if (good && row->inputs_most >= 0 && count > row->inputs_most)
        return frame_fail(frame, &l->origin, NULL, "'%s' takes %d input%s, not %d", row->name,
                          row->inputs_most, row->inputs_most == 1 ? "" : "s", count);
    return good;
}

/* Options whose numbers follow from shapes, as the first call has them. */
static bool late_options(struct frame *frame, const struct network_layer *l) {
    struct builder *builder = frame->build->builder;
    struct frame_scope scope;
    struct late_options *late = l->late;
    if (!late || late->read) return !late || !late->poisoned;
    frame_scope_make(&scope, frame, false);
    late->read = true;
    late->poisoned = !read_parameters(late->value, frame_origin(frame, &l->origin),
                                      arena_format(builder->arena, "layer '%s'", l->row->name),
                                      l->row->parameters, l->options, &scope.scope,
                                      (struct config *)l->resolved, builder->diagnostics);
    return !late->poisoned;
}

/* What lies within a layer whose inputs are not known is built for the mistakes in it. */
static struct value poisoned_lists(struct layer *layer, const struct network_layer *l) {
    layer->count = l->block ? l->block->inputs_count : 1;
    layer->inputs = ARENA_ARRAY(layer->arena, struct value, layer->count);
    for (int i = 0; i < l->lists_count; i++)
        host_list(layer, i, VALUE_POISON);
    return VALUE_POISON;
}

/* "generator/body/linear_1", or with an average's name in place of the network's. */
static const char *label_of(const struct frame *frame, const struct network_layer *l) {
    const char *tail = frame->path + strlen(frame->network->name);
    return arena_format(frame->build->builder->arena, "%s%s/%s",
                        frame->average ? frame->average->name : frame->network->name, tail,
                        l->name);
}

static void describe_layer(struct frame *frame, const struct network_layer *l, struct value value) {
    struct builder *builder = frame->build->builder;
    const struct network *network = frame->network;
    if (!value.node || l->row->groups || builder->networks[network->index].described) return;
    describe(builder,
             (struct game_layer){network->name,
                                 arena_format(builder->arena, "%s/%s", frame->path, l->name),
                                 l->row->name, value_shape(value), builder->layer_parameters,
                                 options_text(builder->arena, l), &l->origin});
}

static struct value build_layer(struct frame *frame, const struct network_layer *l,
                                uint64_t place) {
    struct builder *builder = frame->build->builder;
    struct graph *g = frame->build->graph;
    frame->layer = l;
    frame->place = hash_text(place, l->name);
    frame->ordinal = 0;
    struct layer layer = {.graph = g,
                          .arena = builder->arena,
                          .options = l->options,
                          .lists = l->lists_count,
                          .training = frame->training,
                          .host = &network_host,
                          .context = frame};
    if (l->poisoned || !late_options(frame, l)) {
        for (int i = 0; i < l->from_count; i++)
            evaluate_value(frame, l->from[i]);
        return poisoned_lists(&layer, l);
    }
    builder->layer_parameters = 0;
    g->origin = frame_origin(frame, &l->origin);
    g->label = label_of(frame, l);
    if (!layer_inputs(frame, l, &layer)) return poisoned_lists(&layer, l);
    struct value value = l->row->build(&layer);
    describe_layer(frame, l, value);
    return value;
}

/* ---- lists -------------------------------------------------------------------------------------
 */

bool network_layers(struct frame *frame, const struct layer_list *list, uint64_t place,
                    struct value *last) {
    bool good = true;
    for (int i = 0; i < list->count; i++) {
        const struct network_layer *l = &list->layers[i];
        *last = build_layer(frame, l, place);
        if (l->as) frame_bind(frame, l->as, (struct result){.value = *last});
        if (l->as && last->node) *last = frame_find(frame, l->as)->value;
        frame_bind(frame, "previous", (struct result){.value = *last});
        good = good && last->node;
    }
    return good;
}

/* Hands on what a round carries. */
static void carry(struct frame *frame, struct frame *inner, const struct texts *names) {
    for (int i = 0; i < names->count; i++) {
        const struct result *found = NULL;
        for (int k = 0; k < inner->names->count; k++)
            if (!strcmp(inner->names->list[k].name, names->list[i]))
                found = &inner->names->list[k].result;
        if (found)
            frame_bind(frame, names->list[i], *found);
        else
            frame_fail(frame, &frame->layer->origin, "'as:' of one of its layers binds it",
                       "'%s' is carried on, but no layer of the round is called so",
                       names->list[i]);
    }
}

/* Binds the inputs of a block: all that is in scope in it. */
static void bind_inputs(struct frame *inner, const struct block *block, const struct layer *layer,
                        struct value *previous) {
    for (int i = 0; i < block->inputs_count; i++)
        frame_bind(inner, block->inputs[i],
                   (struct result){.value = i < layer->count ? layer->inputs[i] : VALUE_POISON});
    if (block->inputs_count) *previous = frame_find(inner, block->inputs[0])->value;
}

static struct value host_list(struct layer *layer, int index, struct value previous) {
    struct frame *frame = layer->context, inner = *frame;
    struct builder *builder = frame->build->builder;
    const struct layer_list *list = &frame->layer->lists[index];
    struct names names = {.outer = list->block ? NULL : frame->names};
    const struct origin *origin = layer->graph->origin;
    const char *label = layer->graph->label;
    int64_t parameters = builder->layer_parameters;
    inner.names = &names;
    inner.constants = list->constants;
    if (list->block) inner.block = list->block;
    inner.path = arena_format(builder->arena, "%s/%s%s%s", frame->path, frame->layer->name,
                              *list->path ? "/" : "", list->path);
    names_mark_layers(builder->arena, &names, list);
    if (list->block) bind_inputs(&inner, list->block, layer, &previous);
    if (layer->count || index) { /* else a first list that nothing comes before */
        frame_bind(&inner, "previous", (struct result){.value = previous});
        previous = frame_find(&inner, "previous")->value;
    }
    network_layers(&inner, list, hash_text(frame->place, list->path), &previous);
    carry(frame, &inner, &list->carry);
    builder->layer_parameters = parameters;
    layer->graph->origin = origin;
    layer->graph->label = label;
    return previous;
}

/* Marks the names that expressions of these layers differentiate by. */
void names_mark_layers(struct arena *arena, struct names *names, const struct layer_list *list) {
    for (int i = 0; i < list->count; i++) {
        const struct network_layer *l = &list->layers[i];
        for (int k = 0; k < l->lists_count; k++)
            if (!l->lists[k].block) names_mark_layers(arena, names, &l->lists[k]);
        if (!l->poisoned && !strcmp(l->row->name, "compute"))
            names_mark(arena, names, *(const struct expression *const *)l->options);
    }
}
