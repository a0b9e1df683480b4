/* Calls of functions: finding the row, giving each argument its place; see function.h. */
#include "runner/function.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/function_list.h"
#include "runner/read.h"

#define X(name) extern const struct function_row name##_function;
FUNCTION_LIST(X)
#undef X

const struct function_row *const function_rows[] = {
#define X(name) &name##_function,
    FUNCTION_LIST(X)
#undef X
        NULL,
};

const struct function_row *function_row_find(const char *name) {
    for (int i = 0; function_rows[i]; i++)
        if (!strcmp(function_rows[i]->name, name)) return function_rows[i];
    return NULL;
}

bool function_find(const char *name) {
    const struct layer_row *layer = layer_find(name);
    return function_row_find(name) || (layer && !layer->learns);
}

void function_names(struct nearest *nearest) {
    for (int i = 0; function_rows[i]; i++)
        nearest_try_row(nearest, function_rows[i]->name, function_rows[i]->aliases);
    for (int i = 0; layer_rows[i]; i++)
        if (!layer_rows[i]->learns)
            nearest_try_row(nearest, layer_rows[i]->name, layer_rows[i]->aliases);
}

struct value call_fail(const struct call *call, int i, const char *hint, const char *format, ...) {
    const struct expression *at =
        i >= 0 && i < ARGUMENTS_MOST && call->argument[i] ? call->argument[i] : call->expression;
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(call->frame->build->builder->arena, format, arguments);
    va_end(arguments);
    frame_fail(call->frame, &at->origin, hint, "%s", message);
    return VALUE_POISON;
}

/* ---- arguments ---------------------------------------------------------------------------------
 */

/* The formals of a row, one a token: "x axis= *shape". */
struct formals {
    int count;
    struct {
        char name[24];
        bool optional, rest;
    } list[ARGUMENTS_MOST];
};

static struct formals read_formals(const char *text) {
    struct formals formals = {0};
    while (*text) {
        size_t length = strcspn(text, " "), name = strcspn(text, " =");
        bool rest = *text == '*';
        BUG_IF(formals.count == ARGUMENTS_MOST || name >= sizeof formals.list[0].name);
        memcpy(formals.list[formals.count].name, text + rest, name - rest);
        formals.list[formals.count].rest = rest;
        formals.list[formals.count++].optional = rest || text[name] == '=';
        text += length + (text[length] == ' ');
    }
    return formals;
}

static int find_keyword(const struct formals *formals, const char *keyword) {
    for (int i = 0; i < formals->count; i++)
        if (!formals->list[i].rest && !strcmp(formals->list[i].name, keyword)) return i;
    return -1;
}

static bool has_rest(const struct formals *formals) {
    return formals->count && formals->list[formals->count - 1].rest;
}

const char *function_signature(struct arena *arena, const char *name, const char *arguments) {
    struct text text = {0};
    text_format(&text, "%s(", name);
    for (const char *at = arguments; *at; at++)
        text_add_range(&text, *at == ' ' ? ", " : at, *at == ' ' ? 2 : 1);
    text_add(&text, ")");
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

static bool take_keyword(struct call *call, const struct formals *formals, int part) {
    const struct expression *e = call->expression;
    struct arena *arena = call->frame->build->builder->arena;
    int i = find_keyword(formals, e->keyword[part]);
    if (i >= 0 && !call->argument[i]) {
        call->argument[i] = e->part[part];
        return true;
    }
    struct nearest nearest = {.wanted = e->keyword[part]};
    for (int k = 0; k < formals->count; k++)
        nearest_try(&nearest, formals->list[k].name);
    const char *hint =
        nearest.name ? nearest_hint(arena, &nearest)
                     : arena_format(arena, "it is %s(%s)", call->row->name, call->row->arguments);
    return frame_fail(call->frame, &e->part[part]->origin, i < 0 ? hint : NULL,
                      i < 0 ? "'%s' has no argument '%s'" : "'%s' has its argument '%s' twice",
                      call->row->name, e->keyword[part]);
}

/* Positional arguments in order, those behind `*` to the rest, then keywords. */
static bool take_arguments(struct call *call) {
    const struct expression *e = call->expression;
    struct formals formals = read_formals(call->row->arguments);
    int named = formals.count - has_rest(&formals), positional = 0;
    call->rest =
        ARENA_ARRAY(call->frame->build->builder->arena, const struct expression *, e->count);
    for (int i = 1; i < e->count; i++) {
        if (e->keyword[i]) {
            if (!take_keyword(call, &formals, i)) return false;
            continue;
        }
        while (has_rest(&formals) && positional < named && formals.list[positional].optional)
            positional++; /* before a rest, only keywords fill what may be left out */
        if (positional < named)
            call->argument[positional++] = e->part[i];
        else if (has_rest(&formals))
            call->rest[call->rest_count++] = e->part[i];
        else
            return frame_fail(
                call->frame, &e->part[i]->origin,
                arena_format(call->frame->build->builder->arena, "it is %s",
                             function_signature(call->frame->build->builder->arena, call->row->name,
                                                call->row->arguments)),
                "'%s' has too many arguments", call->row->name);
    }
    for (int i = 0; i < named; i++)
        if (!call->argument[i] && !formals.list[i].optional)
            return frame_fail(call->frame, &e->origin,
                              arena_format(call->frame->build->builder->arena, "for example %s",
                                           call->row->example),
                              "'%s' lacks its argument '%s'", call->row->name,
                              formals.list[i].name);
    return true;
}

struct value call_value(struct call *call, int i) {
    struct value value = evaluate_value(call->frame, call->argument[i]);
    return value.node ? value_real(call->frame->build->graph, value) : value;
}

bool call_meet(struct call *call, int count, struct value *values) {
    if (value_meet(call->frame->build->graph, count, values)) return true;
    struct misfit misfit = value_misfit(call->frame->build->builder->arena, count, values);
    call_fail(call, -1, misfit.hint, "the arguments of '%s' do not fit together: %s",
              call->row->name, misfit.text);
    return false;
}

bool call_values(struct call *call, int count, struct value *values) {
    bool good = true;
    for (int i = 0; i < count; i++) {
        values[i] = call_value(call, i);
        good = good && values[i].node;
    }
    return good && call_meet(call, count, values);
}

bool call_number(struct call *call, int i, double standard, double *number) {
    *number = standard;
    return !call->argument[i] || evaluate_constant(call->frame, call->argument[i], number);
}

const char *call_word(const struct call *call, int i) {
    const struct expression *e = call->argument[i];
    return e && e->kind == EXPRESSION_NAME ? e->name : NULL;
}

/* generator/body is read as a division. */
static bool read_path(const struct expression *e, struct text *path) {
    if (e->kind == EXPRESSION_NAME) {
        text_add(path, e->name);
        return true;
    }
    if (e->kind != EXPRESSION_BINARY || e->operator!= '/' || !read_path(e->part[0], path))
        return false;
    text_add(path, "/");
    return read_path(e->part[1], path);
}

const char *call_path(const struct call *call, int i) {
    struct arena *arena = call->frame->build->builder->arena;
    struct text text = {0};
    bool good = read_path(call->argument[i], &text);
    const char *path = good ? arena_text(arena, text_get(&text)) : NULL;
    text_release(&text);
    if (!good)
        call_fail(call, i, NULL, "%s wants a path: %s(generator/body)", call->row->name,
                  call->row->name);
    return path;
}

struct value call_no_path(const struct call *call, const char *path, const char *hint,
                          const char *what) {
    const struct builder *builder = call->frame->build->builder;
    const struct network_record *record = network_record_find(builder, path);
    if (record ? record->poisoned : builder->experiment->poison.callables) return VALUE_POISON;
    struct nearest nearest = {.wanted = path};
    for (int i = 0; i < builder->experiment->networks_count && !record; i++)
        nearest_try(&nearest, builder->experiment->networks[i].name);
    if (nearest.name) hint = nearest_hint(builder->arena, &nearest);
    return call_fail(call, 0, hint, "%s '%s'", what, path);
}

bool call_shape(struct call *call, struct shape *shape) {
    int count = call->rest_count;
    const struct expression **part = call->rest;
    if (count == 1 && part[0]->kind == EXPRESSION_LIST) {
        count = part[0]->count;
        part = part[0]->part;
    }
    *shape = (struct shape){0};
    if (count > AXES_MOST - 1) {
        call_fail(call, -1, NULL, "a sample has at most %d axes", AXES_MOST - 1);
        return false;
    }
    for (int i = 0; i < count; i++) {
        double extent;
        if (!evaluate_constant(call->frame, part[i], &extent)) return false;
        if (extent < 1 || extent != floor(extent) || extent > 1e9)
            return frame_fail(call->frame, &part[i]->origin, NULL,
                              "an extent must be a whole number from 1, not %g", extent);
        shape->extent[shape->rank++] = (int64_t)extent;
    }
    if (shape_is_sane(*shape)) return true;
    call_fail(call, -1, NULL, "a sample of %s has too many numbers",
              shape_text(call->frame->build->builder->arena, *shape));
    return false;
}

/* ---- axes --------------------------------------------------------------------------------------
 */

static bool add_axis(struct call *call, const struct expression *e, struct value x,
                     uint32_t *axes) {
    double number;
    int rank = value_shape(x).rank;
    if (!evaluate_constant(call->frame, e, &number)) return false;
    double axis = number < 0 ? number + rank : number;
    if (axis != floor(axis) || axis < 0 || axis >= rank)
        return frame_fail(call->frame, &e->origin, "axes are those of one sample, from 0",
                          "%s has no axis %g", value_text(call->frame->build->builder->arena, x),
                          number);
    *axes |= 1u << ((int)axis + x.batched);
    return true;
}

bool call_axes(struct call *call, int i, struct value x, uint32_t *axes) {
    const struct expression *e = call->argument[i];
    const char *word = call_word(call, i);
    *axes = axes_all(x.node->shape.rank);
    if (!e) return true;
    if (word && !strcmp(word, "batch")) {
        *axes = 1;
        if (!x.batched) call_fail(call, i, NULL, "this value has no batch axis");
        return x.batched;
    }
    if (word && !strcmp(word, "sample")) {
        if (x.batched) *axes &= ~1u;
        return true;
    }
    *axes = 0;
    if (e->kind != EXPRESSION_LIST) return add_axis(call, e, x, axes);
    for (int k = 0; k < e->count; k++)
        if (!add_axis(call, e->part[k], x, axes)) return false;
    return true;
}

bool call_axes_or_last(struct call *call, int i, struct value x, uint32_t *axes) {
    if (call->argument[i]) return call_axes(call, i, x, axes);
    int rank = value_shape(x).rank;
    if (!rank)
        call_fail(call, 0, NULL, "'%s' wants an axis, but its input is one number",
                  call->row->name);
    *axes = rank ? 1u << (rank - 1 + x.batched) : 0;
    return rank;
}

bool call_axis(struct call *call, int i, struct value x, int *axis) {
    uint32_t axes;
    if (!call_axes_or_last(call, i, x, &axes)) return false;
    *axis = 0;
    while (*axis < AXES_MOST && axes != 1u << *axis)
        ++*axis;
    if (*axis < AXES_MOST) return true;
    call_fail(call, i, NULL, "'%s' goes along one axis: a number, or 'batch'", call->row->name);
    return false;
}

/* ---- layers as functions -----------------------------------------------------------------------
 */

static struct node *no_weight(struct layer *layer, const char *leaf, struct shape shape,
                              const struct distribution *init, double fan_in, double fan_out) {
    (void)shape, (void)init, (void)fan_in, (void)fan_out;
    layer_fail(layer, "give it 'affine=false', or put it into a network, as a layer",
               "it would learn its '%s', but an expression learns nothing", leaf);
    return NULL;
}

static struct node *function_random(struct layer *layer, enum random_kind kind,
                                    struct shape shape) {
    struct frame *frame = layer->context;
    return graph_random(layer->graph, kind, shape, frame_draw(frame), build_clock(frame->build));
}

static void function_fail(struct layer *layer, const char *hint, const char *message) {
    const struct frame *frame = layer->context;
    struct origin *origin = arena_copy(layer->arena, layer->graph->origin, sizeof *origin);
    frame_fail(frame, origin, hint, "%s", message);
}

static const struct layer_host function_host = {
    .weight = no_weight, .random = function_random, .fail = function_fail};

static bool layer_inputs(struct frame *frame, const struct layer_row *row,
                         const struct expression *e, struct layer *layer, struct value *inputs) {
    bool good = true;
    int most = row->inputs_most < 0 ? e->count : row->inputs_most;
    for (int i = 1; i < e->count && !e->keyword[i] && layer->count < most; i++) {
        struct value value = evaluate_value(frame, e->part[i]);
        good = good && value.node;
        inputs[layer->count++] = value;
    }
    if (layer->count < row->inputs_least)
        return frame_fail(frame, &e->origin, NULL, "'%s' lacks its input", row->name);
    return good;
}

static struct value call_as_layer(struct frame *frame, const struct layer_row *row,
                                  const struct expression *e) {
    struct builder *builder = frame->build->builder;
    struct value *inputs = ARENA_ARRAY(builder->arena, struct value, e->count);
    void *options = arena_alloc(builder->arena, row->options_size);
    struct layer layer = {.graph = frame->build->graph,
                          .arena = builder->arena,
                          .options = options,
                          .inputs = inputs,
                          .training = frame->training,
                          .host = &function_host,
                          .context = frame};
    bool good = layer_inputs(frame, row, e, &layer, inputs);
    const char *what = arena_format(builder->arena, "function '%s'", row->name);
    struct config *map = read_call(e, layer.count + 1, what, row->parameters, builder->diagnostics);
    if (!map || !read_parameters(map, &e->origin, what, row->parameters, options,
                                 &frame->constants->scope, NULL, builder->diagnostics))
        return VALUE_POISON;
    return good ? row->build(&layer) : VALUE_POISON;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static void unknown(struct frame *frame, const struct expression *callee) {
    struct builder *builder = frame->build->builder;
    const struct experiment *x = builder->experiment;
    const char *name = callee->kind == EXPRESSION_NAME ? callee->name : NULL;
    if (x->poison.callables) return;
    if (!name) {
        builder->unknown_callee = true;
        frame_fail(frame, &callee->origin,
                   callee->kind == EXPRESSION_OUTPUT
                       ? "values have no methods; a function is called by its name alone: mean(x)"
                       : NULL,
                   "this cannot be called");
        return;
    }
    struct nearest nearest = {.wanted = name};
    function_names(&nearest);
    for (int i = 0; i < x->networks_count; i++)
        nearest_try(&nearest, x->networks[i].name);
    for (int i = 0; i < x->averages_count; i++)
        nearest_try(&nearest, x->averages[i].name);
    struct network_record *meant = nearest.name ? network_record_find(builder, nearest.name) : NULL;
    if (meant) meant->called = meant->poisoned = true;
    if (!nearest.name) builder->unknown_callee = true;
    const char *hint = "'duel functions' lists the functions; networks are named under 'networks:'";
    const struct layer_row *layer = layer_find(name);
    if (layer)
        hint = "it learns, so it is a layer: put it into a network";
    else if (nearest.name)
        hint = nearest_list_hint(builder->arena, &nearest, "functions");
    frame_fail(frame, &callee->origin, hint, "there is no function or network '%s'", name);
}

/* What is called by a wrong name, or with arguments that it does not take. */
static struct value wrong(struct frame *frame, const struct expression *e) {
    evaluate_arguments(frame, e);
    return VALUE_POISON;
}

/* All updates have been made only when a phase comes to its reports. */
static struct value build_call(struct call *call) {
    const struct frame *frame = call->frame;
    bool late = frame->reporting && !frame->build->sampler && !frame->network;
    if (late || !call->row->of_update) return call->row->build(call);
    return call_fail(call, -1, "as in 'report: {size: gradient_norm(generator)}'",
                     "%s tells of a phase's update, which is there in its 'report:' alone",
                     call->row->name);
}

struct value function_call(struct frame *frame, const struct expression *e) {
    const struct expression *callee = e->part[0];
    const char *name = callee->kind == EXPRESSION_NAME ? callee->name : "";
    struct call call = {.frame = frame, .expression = e, .row = function_row_find(name)};
    if (call.row) return take_arguments(&call) ? build_call(&call) : wrong(frame, e);
    const struct layer_row *layer = layer_find(name);
    if (layer && !layer->learns) return call_as_layer(frame, layer, e);
    if (host_function_find(name)) { /* of numbers alone: tells what is wrong */
        if (evaluate_check_host(frame, e))
            frame_fail(frame, &e->origin, NULL, "'%s' wants numbers here", name);
        return VALUE_POISON;
    }
    unknown(frame, callee);
    return wrong(frame, e);
}
