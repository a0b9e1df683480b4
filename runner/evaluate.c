/*
 * Expressions become values: names, operators, indices and calls, evaluated in a frame.
 *
 * What the host can compute from constants becomes one constant; what it can compute from the
 * clock besides becomes one slot of the scalars' input; everything else becomes nodes.
 */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/build.h"
#include "runner/function.h"
#include "runner/latent.h"

/* ---- places ------------------------------------------------------------------------------------
 */

const struct origin *frame_origin(const struct frame *frame, const struct origin *origin) {
    if (!frame->via || origin->via) return origin;
    struct origin *told = ARENA_NEW(frame->build->builder->arena, struct origin);
    *told = *origin;
    told->how = VIA_CALL;
    told->via = frame->via;
    return told;
}

bool frame_fail(const struct frame *frame, const struct origin *origin, const char *hint,
                const char *format, ...) {
    struct builder *builder = frame->build->builder;
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(builder->arena, format, arguments);
    va_end(arguments);
    return diagnostics_add(builder->diagnostics, frame_origin(frame, origin), hint, "%s", message);
}

uint64_t frame_draw(struct frame *frame) {
    return hash_mix(frame->place, (uint64_t)frame->ordinal++);
}

/* ---- names -------------------------------------------------------------------------------------
 */

static void add_mark(struct arena *arena, struct names *names, const char *name) {
    for (int i = 0; i < names->marked_count; i++)
        if (!strcmp(names->marked[i], name)) return;
    names->marked = ARENA_GROW(arena, names->marked, names->marked_count);
    names->marked[names->marked_count++] = name;
}

void names_mark(struct arena *arena, struct names *names, const struct expression *e) {
    if (!e) return;
    for (int i = 0; i < e->count; i++)
        names_mark(arena, names, e->part[i]);
    if (e->kind != EXPRESSION_CALL || e->part[0]->kind != EXPRESSION_NAME ||
        strcmp(e->part[0]->name, "grad") != 0)
        return;
    for (int i = 1; i < e->count; i++) {
        const char *name = expression_name(arena, e->part[i]);
        if (name && (e->keyword[i] ? !strcmp(e->keyword[i], "t") : i == 2))
            add_mark(arena, names, name);
    }
}

void frame_bind(struct frame *frame, const char *name, struct result result) {
    struct names *names = frame->names;
    struct arena *arena = frame->build->builder->arena;
    for (int i = 0; i < names->marked_count; i++)
        if (!strcmp(names->marked[i], name) && result.value.node && !result.outputs)
            result.value.node = graph_mark(frame->build->graph, result.value.node);
    for (int i = 0; i < names->count; i++)
        if (!strcmp(names->list[i].name, name)) {
            names->list[i].result = result;
            return;
        }
    names->list = ARENA_GROW(arena, names->list, names->count);
    names->list[names->count++] = (struct binding){name, result};
}

const struct latent *frame_latent_find(const struct frame *frame, const char *name) {
    const struct experiment *x = frame->build->builder->experiment;
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name)) return &x->latents[i];
    return NULL;
}

struct frame frame_of_term(const struct frame *outer, const struct game_term *term,
                           const char *kind) {
    struct frame frame = *outer;
    frame.constants = term->constants;
    frame.place = hash_text(hash_text(outer->place, term->objective), kind);
    if (term->name) frame.place = hash_text(frame.place, term->name);
    frame.ordinal = 0;
    return frame;
}

void frame_bind_lets(struct frame *outer, const struct game_terms *lets) {
    for (int i = 0; i < lets->count; i++) {
        const struct game_term *term = &lets->list[i];
        struct frame frame = frame_of_term(outer, term, "let");
        struct result result = {0};
        if (term->expression) result = evaluate(&frame, term->expression);
        frame_bind(outer, term->name, result);
    }
}

/* Latents, data and state, which have names in every phase. */
static bool find_given(struct frame *frame, const char *name, struct value *value) {
    struct build *build = frame->build;
    const struct experiment *x = build->builder->experiment;
    const struct latent *latent = frame_latent_find(frame, name);
    *value = VALUE_POISON;
    if (experiment_is_poisoned(x, name)) return true;
    if (build->sampler && sampler_input(build, name, value)) return true;
    if (latent) {
        *value = latent_draw(build, latent, hash_text(hash_text(build->place, "latent"), name));
        return true;
    }
    if (build_datum(build, name, value)) return true;
    for (int i = 0; i < x->states_count; i++)
        if (!strcmp(x->states[i].name, name)) {
            const struct game_variable *v = variable_find(
                build->builder->game, arena_format(build->builder->arena, "state/%s", name));
            *value = value_make(graph_variable(build->graph, &v->variable), false);
            return true;
        }
    *value = VALUE_POISON;
    return x->poison.values;
}

const struct result *frame_find(struct frame *frame, const char *name) {
    struct value value;
    for (const struct names *names = frame->names; names; names = names->outer)
        for (int i = 0; i < names->count; i++)
            if (!strcmp(names->list[i].name, name)) return &names->list[i].result;
    if (frame->network || !find_given(frame, name, &value)) return NULL;
    frame_bind(frame, name, (struct result){.value = value});
    return &frame->names->list[frame->names->count - 1].result;
}

/* Whether a name is a value here, without making it. */
static bool is_value(const struct frame *frame, const char *name) {
    const struct experiment *x = frame->build->builder->experiment;
    for (const struct names *names = frame->names; names; names = names->outer)
        for (int i = 0; i < names->count; i++)
            if (!strcmp(names->list[i].name, name)) return true;
    if (frame->network) return false;
    for (int i = 0; i < x->states_count; i++)
        if (!strcmp(x->states[i].name, name)) return true;
    return frame_latent_find(frame, name) || experiment_is_poisoned(x, name) ||
           experiment_binds(x, name);
}

static const struct experiment_data *find_stream(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->data_count; i++)
        if (*name && !strcmp(x->data[i].name, name)) return &x->data[i];
    return NULL;
}

static void near_values(const struct frame *frame, struct nearest *nearest) {
    const struct experiment *x = frame->build->builder->experiment;
    for (const struct names *names = frame->names; names; names = names->outer)
        for (int i = 0; i < names->count; i++)
            nearest_try(nearest, names->list[i].name);
    for (const struct constants *c = frame->constants; c; c = c->outer)
        for (int i = 0; i < c->count; i++)
            nearest_try(nearest, c->list[i].name);
    if (frame->network) return;
    for (int i = 0; i < x->latents_count; i++)
        nearest_try(nearest, x->latents[i].name);
    for (int i = 0; i < x->states_count; i++)
        nearest_try(nearest, x->states[i].name);
    for (int i = 0; i < x->data_count; i++)
        nearest_try(nearest, x->data[i].name);
}

/* What the data bind: "a.x, a.y, b.x". */
static const char *bound_by_data(const struct builder *builder) {
    const struct experiment *x = builder->experiment;
    const char *list = "";
    for (int i = 0; i < x->data_count; i++) {
        const struct experiment_data *data = &x->data[i];
        list = arena_format(builder->arena, "%s%s%s", list, i ? ", " : "", data->examples);
        if (data->condition) list = arena_format(builder->arena, "%s, %s", list, data->condition);
        if (data->dataset.classes)
            list = arena_format(builder->arena, "%s, %s", list, data->labels);
    }
    return list;
}

static const char *name_hint(const struct frame *frame, const char *name) {
    struct builder *builder = frame->build->builder;
    struct nearest nearest = {.wanted = name};
    const struct experiment_data *stream = find_stream(builder->experiment, name);
    bool datum = !strcmp(name, "x") || !strcmp(name, "y") || !strcmp(name, "condition");
    if (!frame->network && builder->experiment->data_count && (stream || datum))
        return arena_format(builder->arena, "'data:' binds %s", bound_by_data(builder));
    near_values(frame, &nearest);
    if (nearest.name) return nearest_hint(builder->arena, &nearest);
    if (experiment_network(builder->experiment, name) || function_find(name))
        return arena_format(builder->arena, "it is called: %s(…)", name);
    if (frame->network)
        return frame->block
                   ? "inside a block only its inputs and the results named by 'as' are in scope"
                   : "inside a network only its inputs and the results named by 'as' are in scope";
    if (!strcmp(name, "x")) return "a 'data:' section binds it";
    if (frame->build->known) return frame->build->known;
    return "'latent:', 'data:', 'state:', 'parameters:' and the phase's 'let:' name values";
}

static struct result evaluate_name(struct frame *frame, const struct expression *e) {
    const struct result *found = frame_find(frame, e->name);
    if (found) return *found;
    bool open = frame->network && frame->network->open;
    if (!open && !frame->build->builder->experiment->poison.values)
        frame_fail(frame, &e->origin, name_hint(frame, e->name), "there is no value '%s' here",
                   e->name);
    return (struct result){0};
}

/* ---- numbers of the host -----------------------------------------------------------------------
 */

static bool host_look_up(const struct scope *scope, const char *name, double *number) {
    const struct frame_scope *q = scope->context;
    if (is_value(q->frame, name)) return false;
    const struct constant *found = constants_find(q->frame->constants, name);
    *number = found ? found->number : 1;
    if (found) return q->clock || (!found->expression && !found->adjustable);
    return q->clock && (!strcmp(name, "step") || !strcmp(name, "epoch") ||
                        !strcmp(name, "images") || !strcmp(name, "updates"));
}

static const struct origin *host_given(const struct scope *scope, const char *name) {
    const struct frame_scope *q = scope->context;
    const struct constant *found = constants_find(q->frame->constants, name);
    return found ? found->origin : NULL;
}

/* channels(h) and the like: known from the shape of what is in scope. */
static bool host_call(const struct scope *scope, const struct expression *e, double *number) {
    const struct frame_scope *q = scope->context;
    if (e->part[0]->kind != EXPRESSION_NAME || !function_is_shape(e->part[0]->name)) return false;
    struct value value = function_call(q->frame, e);
    *number = (double)NAN;
    return !value.node || value_constant(value, number);
}

void frame_scope_make(struct frame_scope *scope, struct frame *frame, bool clock) {
    *scope = (struct frame_scope){
        .frame = frame,
        .clock = clock,
        .scope = {
            .look_up = host_look_up, .given = host_given, .call = host_call, .context = scope}};
}

static bool is_host(struct frame *frame, const struct expression *e, bool clock) {
    struct frame_scope scope;
    frame_scope_make(&scope, frame, clock);
    return expression_is_host(e, &scope.scope);
}

bool evaluate_check_host(struct frame *frame, const struct expression *e) {
    struct frame_scope scope;
    frame_scope_make(&scope, frame, true);
    return expression_check_host(e, &scope.scope, frame->build->builder->diagnostics);
}

bool evaluate_constant(struct frame *frame, const struct expression *e, double *number) {
    struct frame_scope scope;
    frame_scope_make(&scope, frame, false);
    if (!is_host(frame, e, false)) {
        struct value value = evaluate_value(frame, e);
        if (!value.node) return false;
        if (value_constant(value, number) && !value_shape(value).rank) return true;
        return frame_fail(frame, &e->origin, NULL,
                          "this must be a number that is known before training");
    }
    return expression_number(e, &scope.scope, true, number, frame->build->builder->diagnostics);
}

/* ---- operators ---------------------------------------------------------------------------------
 */

static struct node *truth(struct graph *g, struct node *x) { /* 1 where x is not 0 */
    struct node *zero = graph_like(g, x, 0);
    return graph_binary(g, OP_EQUAL, graph_binary(g, OP_EQUAL, x, zero), zero);
}

static struct node *power(struct graph *g, struct node *a, struct node *b) {
    double exponent;
    if (value_constant(value_make(b, false), &exponent)) {
        if (exponent == 1) return a;
        if (exponent == 2) return graph_mul(g, a, a);
        if (exponent == 3) return graph_mul(g, graph_mul(g, a, a), a);
        if (exponent == -1) return graph_div(g, graph_like(g, a, 1), a);
        if (exponent == 0.5) return graph_unary(g, OP_SQRT, a);
    }
    return graph_binary(g, OP_POW, a, b);
}

static struct node *operate(struct graph *g, char operator, struct node * a, struct node *b) {
    struct node *quotient;
    switch (operator) {
    case '+':
        return graph_add(g, a, b);
    case '-':
        return graph_sub(g, a, b);
    case '*':
        return graph_mul(g, a, b);
    case '/':
        return graph_div(g, a, b);
    case '%': /* the remainder with the sign of b */
        quotient = graph_unary(g, OP_FLOOR, graph_div(g, a, b));
        return graph_sub(g, a, graph_mul(g, quotient, b));
    case '^':
        return power(g, a, b);
    case '<':
        return graph_binary(g, OP_LESS, a, b);
    case '>':
        return graph_binary(g, OP_LESS, b, a);
    case 'l':
        return graph_add(g, graph_binary(g, OP_LESS, a, b), graph_binary(g, OP_EQUAL, a, b));
    case 'g':
        return graph_add(g, graph_binary(g, OP_LESS, b, a), graph_binary(g, OP_EQUAL, a, b));
    case '=':
        return graph_binary(g, OP_EQUAL, a, b);
    case '!':
        return graph_sub(g, graph_like(g, a, 1), graph_binary(g, OP_EQUAL, a, b));
    case '&':
        return graph_mul(g, truth(g, a), truth(g, b));
    case '|':
        return graph_binary(g, OP_MAX, truth(g, a), truth(g, b));
    default:
        BUG("operator '%c'", operator);
    }
}

struct value evaluate_operator(struct frame *frame, const struct expression *at, char operator,
                               struct value a, struct value b) {
    struct graph *g = frame->build->graph;
    struct arena *arena = frame->build->builder->arena;
    if (!a.node || !b.node) return VALUE_POISON;
    struct value pair[2] = {value_real(g, a), value_real(g, b)};
    if (!value_meet(g, 2, pair)) {
        struct misfit misfit = value_misfit(arena, 2, pair);
        frame_fail(frame, &at->origin, misfit.hint, "%s do not fit together", misfit.text);
        return VALUE_POISON;
    }
    return value_make(operate(g, operator, pair[0].node, pair[1].node), pair[0].batched);
}

static struct value evaluate_unary(struct frame *frame, const struct expression *e) {
    struct graph *g = frame->build->graph;
    struct value x = evaluate_value(frame, e->part[0]);
    if (!x.node) return VALUE_POISON;
    x = value_real(g, x);
    struct node *zero = graph_like(g, x.node, 0);
    struct node *y =
        e->operator== '-' ? graph_neg(g, x.node) : graph_binary(g, OP_EQUAL, x.node, zero);
    return value_make(y, x.batched);
}

/* ---- outputs and indices -----------------------------------------------------------------------
 */

/* a.x, where `a` is a data stream and not bound here; NULL: e is something else. */
static const char *stream_value(const struct frame *frame, const struct expression *e) {
    const char *name = expression_name(frame->build->builder->arena, e);
    if (!name || frame->network) return NULL;
    return !is_value(frame, e->part[0]->name) && is_value(frame, name) ? name : NULL;
}

/* Reports a.q, where `a` is a data stream: it binds x and y only. */
static bool names_no_part(struct frame *frame, const struct expression *e) {
    struct builder *builder = frame->build->builder;
    const struct expression *base = e->part[0];
    if (base->kind != EXPRESSION_NAME || frame->network || is_value(frame, base->name) ||
        !find_stream(builder->experiment, base->name))
        return false;
    frame_fail(frame, &e->origin,
               arena_format(builder->arena, "'data:' binds %s", bound_by_data(builder)),
               "data stream '%s' has no '%s'", base->name, e->name);
    return true;
}

static struct value pick_output(struct frame *frame, const struct expression *e) {
    const char *name = stream_value(frame, e);
    if (name) return frame_find(frame, name)->value;
    if (names_no_part(frame, e)) return VALUE_POISON;
    struct result result = evaluate(frame, e->part[0]);
    if (!result.outputs) {
        if (result.value.node)
            frame_fail(frame, &e->origin, "only a network with several outputs has named ones",
                       "there is no output '%s' here", e->name);
        return VALUE_POISON;
    }
    struct nearest nearest = {.wanted = e->name};
    for (int i = 0; i < result.outputs->count; i++) {
        if (!strcmp(result.outputs->names[i], e->name)) return result.outputs->values[i];
        nearest_try(&nearest, result.outputs->names[i]);
    }
    frame_fail(frame, &e->origin, nearest_hint(frame->build->builder->arena, &nearest),
               "network '%s' has no output '%s'", result.outputs->network, e->name);
    return VALUE_POISON;
}

/* One end of a slice, counted from the end where negative. */
static bool slice_end(struct frame *frame, const struct expression *e, int64_t extent,
                      int64_t standard, int64_t *end) {
    double number;
    *end = standard;
    if (!e) return true;
    if (!evaluate_constant(frame, e, &number)) return false;
    if (number != floor(number))
        return frame_fail(frame, &e->origin, NULL, "an index must be a whole number");
    *end = (int64_t)(number < 0 ? number + (double)extent : number);
    if (*end < 0) *end = 0;
    if (*end > extent) *end = extent;
    return true;
}

struct range {
    int64_t start, step, count;
    bool dropped; /* an index: its axis goes */
};

static bool slice_range(struct frame *frame, const struct expression *e, int64_t extent,
                        struct range *range) {
    int64_t stop;
    double step = 1;
    if (!slice_end(frame, e->part[0], extent, 0, &range->start) ||
        !slice_end(frame, e->part[1], extent, extent, &stop) ||
        (e->count > 2 && e->part[2] && !evaluate_constant(frame, e->part[2], &step)))
        return false;
    if (step < 1 || step != floor(step))
        return frame_fail(frame, &e->origin, NULL, "a slice's step must be a whole number from 1");
    range->step = (int64_t)step;
    range->count = (stop - range->start + range->step - 1) / range->step;
    if (range->count < 1) return frame_fail(frame, &e->origin, NULL, "this slice is empty");
    return true;
}

static bool index_range(struct frame *frame, const struct expression *e, int64_t extent,
                        struct range *range) {
    double number;
    *range = (struct range){.step = 1, .count = 1};
    if (e->kind == EXPRESSION_SLICE) return slice_range(frame, e, extent, range);
    if (!evaluate_constant(frame, e, &number)) return false;
    double at = number < 0 ? number + (double)extent : number;
    if (at != floor(at) || at < 0 || at >= (double)extent)
        return frame_fail(frame, &e->origin, NULL,
                          "index %g is outside an axis of %lld: 0 to %lld are allowed", number,
                          (long long)extent, (long long)extent - 1);
    range->start = (int64_t)at;
    range->dropped = true;
    return true;
}

/* table[t]: rows by computed indices. */
static struct value gather_rows(struct frame *frame, const struct expression *e, struct value table,
                                struct value index) {
    struct graph *g = frame->build->graph;
    if (table.batched || !table.node->shape.rank ||
        index.node->shape.rank + table.node->shape.rank - 1 > AXES_MOST) {
        frame_fail(frame, &e->origin, NULL,
                   "only a value without batch, with an axis, takes computed indices");
        return VALUE_POISON;
    }
    int64_t rows = table.node->shape.extent[0];
    if (index.classes > rows) {
        frame_fail(frame, &e->origin, "the table needs a row for each class",
                   "the indices are 0 to %lld, but the table %s has only %lld row%s",
                   (long long)index.classes - 1, value_text(frame->build->builder->arena, table),
                   (long long)rows, rows == 1 ? "" : "s");
        return VALUE_POISON;
    }
    struct node *integer = graph_cast(g, index.node, TYPE_INT32);
    return value_make(graph_gather(g, table.node, integer), index.batched);
}

static struct value evaluate_index(struct frame *frame, const struct expression *e) {
    struct graph *g = frame->build->graph;
    struct value base = evaluate_value(frame, e->part[0]);
    if (!base.node) return VALUE_POISON;
    if (e->count == 2 && e->part[1]->kind != EXPRESSION_SLICE &&
        !is_host(frame, e->part[1], false)) {
        struct value index = evaluate_value(frame, e->part[1]);
        double number;
        if (!index.node) return VALUE_POISON;
        if (!value_constant(index, &number)) return gather_rows(frame, e, base, index);
    }
    struct shape from = value_shape(base), to = from, kept = {0};
    if (e->count - 1 > from.rank) {
        frame_fail(frame, &e->origin, NULL, "%d indices for a value of %s", e->count - 1,
                   value_text(frame->build->builder->arena, base));
        return VALUE_POISON;
    }
    int64_t start[AXES_MOST] = {0}, step[AXES_MOST];
    for (int a = 0; a < AXES_MOST; a++)
        step[a] = 1;
    for (int a = 0; a < from.rank; a++) {
        struct range range = {0, 1, from.extent[a], false};
        if (a + 1 < e->count && !index_range(frame, e->part[a + 1], from.extent[a], &range))
            return VALUE_POISON;
        start[a + base.batched] = range.start;
        step[a + base.batched] = range.step;
        to.extent[a] = range.count;
        if (!range.dropped) kept.extent[kept.rank++] = range.count;
    }
    struct shape full = value_full_shape(to, base.batched, base.node->shape.extent[0]);
    struct value part = value_make(graph_slice(g, base.node, start, step, full), base.batched);
    return value_reshape(g, part, kept);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static struct result evaluate_call(struct frame *frame, const struct expression *e) {
    if (network_is_call(frame, e)) return network_evaluate(frame, e);
    return (struct result){.value = function_call(frame, e)};
}

/* A list of numbers that are known: a row without batch. */
static struct value evaluate_list(struct frame *frame, const struct expression *e) {
    double *table = ARENA_ARRAY(frame->build->builder->arena, double, e->count + 1);
    bool good =
        e->count || frame_fail(frame, &e->origin, NULL, "a list of numbers has at least one");
    for (int i = 0; i < e->count; i++)
        good = evaluate_constant(frame, e->part[i], &table[i]) && good;
    if (!good) return VALUE_POISON;
    return value_make(graph_table(frame->build->graph, TYPE_FLOAT32, SHAPE(e->count), table),
                      false);
}

static struct result evaluate_nodes(struct frame *frame, const struct expression *e) {
    struct value a, b;
    switch (e->kind) {
    case EXPRESSION_NAME:
        return evaluate_name(frame, e);
    case EXPRESSION_UNARY:
        return (struct result){.value = evaluate_unary(frame, e)};
    case EXPRESSION_BINARY:
        a = evaluate_value(frame, e->part[0]);
        b = evaluate_value(frame, e->part[1]);
        return (struct result){.value = evaluate_operator(frame, e, e->operator, a, b)};
    case EXPRESSION_CALL:
        return evaluate_call(frame, e);
    case EXPRESSION_OUTPUT:
        return (struct result){.value = pick_output(frame, e)};
    case EXPRESSION_INDEX:
        return (struct result){.value = evaluate_index(frame, e)};
    default:
        return (struct result){.value = evaluate_list(frame, e)};
    }
}

struct result evaluate(struct frame *frame, const struct expression *e) {
    struct build *build = frame->build;
    const struct origin *before = build->graph->origin;
    struct result result = {0};
    double number;
    build->graph->origin = frame_origin(frame, &e->origin);
    if (is_host(frame, e, false)) {
        if (evaluate_constant(frame, e, &number)) result.value = value_number(build->graph, number);
    } else if (is_host(frame, e, true)) {
        result.value = value_make(build_slot(build, e, frame->constants), false);
    } else {
        result = evaluate_nodes(frame, e);
    }
    build->graph->origin = before;
    return result;
}

struct value evaluate_value(struct frame *frame, const struct expression *e) {
    struct result result = evaluate(frame, e);
    if (!result.outputs) return result.value;
    if (result.outputs->count)
        frame_fail(frame, &e->origin,
                   arena_format(frame->build->builder->arena, "write (…).%s, say",
                                result.outputs->names[0]),
                   "network '%s' has several outputs", result.outputs->network);
    return VALUE_POISON;
}

/* A name or a path: it may be meant as a word, not as a value. */
static bool is_path(const struct expression *e) {
    return e->kind == EXPRESSION_NAME ||
           (e->kind == EXPRESSION_BINARY && e->operator== '/' && is_path(e->part[0]) &&
            is_path(e->part[1]));
}

void evaluate_arguments(struct frame *frame, const struct expression *call) {
    for (int i = 1; i < call->count; i++)
        if (!is_path(call->part[i]) && call->part[i]->kind != EXPRESSION_LIST)
            evaluate(frame, call->part[i]);
}
