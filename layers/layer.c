/* The table of layers, and the questions that a layer may ask; see layer.h. */
#include "layers/layer.h"

#include <stdarg.h>
#include <string.h>

#include "layers/list.h"

#define X(name) extern const struct layer_row name##_layer;
LAYER_LIST(X)
#undef X

const struct layer_row *const layer_rows[] = {
#define X(name) &name##_layer,
    LAYER_LIST(X)
#undef X
        NULL,
};

const struct layer_row *layer_find(const char *name) {
    for (int i = 0; layer_rows[i]; i++)
        if (!strcmp(layer_rows[i]->name, name)) return layer_rows[i];
    return NULL;
}

struct node *layer_weight(struct layer *layer, const char *leaf, struct shape shape,
                          const struct distribution *init, double fan_in, double fan_out) {
    return layer->host->weight(layer, leaf, shape, init, fan_in, fan_out);
}

struct node *layer_weight_norms(struct layer *layer, const char *leaf, const char *of, int axis) {
    return layer->host->norms(layer, leaf, of, axis);
}

struct node *layer_state(struct layer *layer, const char *leaf, struct shape shape, double first) {
    const struct distribution constant = {"constant", 1, {first}};
    return layer->host->state(layer, leaf, shape, &constant);
}

struct node *layer_state_drawn(struct layer *layer, const char *leaf, struct shape shape,
                               const struct distribution *init) {
    return layer->host->state(layer, leaf, shape, init);
}

void layer_state_set(struct layer *layer, const char *leaf, struct node *value) {
    layer->host->state_set(layer, leaf, value);
}

struct node *layer_random(struct layer *layer, enum random_kind kind, struct shape shape) {
    return layer->host->random(layer, kind, shape);
}

struct value layer_list(struct layer *layer, int index, struct value previous) {
    return layer->host->list(layer, index, previous);
}

struct value layer_call(struct layer *layer, const char *network) {
    return layer->host->call(layer, network);
}

struct value layer_evaluate(struct layer *layer, const struct expression *expression) {
    return layer->host->evaluate(layer, expression);
}

int64_t layer_classes(struct layer *layer, struct value index, const char *parameter,
                      int64_t given) {
    if (!given && !index.classes)
        layer_fail(layer, arena_format(layer->arena, "give '%s'", parameter),
                   "how many classes are there? What comes in is not known to be one");
    if (!given || index.classes <= given) return given ? given : index.classes;
    layer_fail(layer,
               arena_format(layer->arena, "leave '%s' out, or make it %lld, one for each class",
                            parameter, (long long)index.classes),
               "the indices are 0 to %lld, but '%s' is %lld", (long long)index.classes - 1,
               parameter, (long long)given);
    return 0;
}

struct value *layer_meet(struct layer *layer, const char *verb) {
    struct value *values = ARENA_ARRAY(layer->arena, struct value, layer->count);
    for (int i = 0; i < layer->count; i++)
        values[i] = value_real(layer->graph, layer->inputs[i]);
    if (value_meet(layer->graph, layer->count, values)) return values;
    struct misfit misfit = value_misfit(layer->arena, layer->count, values);
    layer_fail(layer, misfit.hint, "cannot %s %s", verb, misfit.text);
    return NULL;
}

int layer_axis(struct layer *layer, struct value x, int64_t axis) {
    int rank = value_shape(x).rank;
    int64_t from_start = axis < 0 ? axis + rank : axis;
    if (from_start >= 0 && from_start < rank) return (int)from_start + x.batched;
    layer_fail(layer, rank ? NULL : value_row_hint(x), "%s has no axis %lld",
               value_text(layer->arena, x), (long long)axis);
    return -1;
}

struct value layer_fail(struct layer *layer, const char *hint, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(layer->arena, format, arguments);
    va_end(arguments);
    layer->host->fail(layer, hint, message);
    return VALUE_POISON;
}
