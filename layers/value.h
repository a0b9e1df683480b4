/*
 * Values of the language: a node of the graph, and whether its first axis is the batch.
 *
 * A shape that a user sees or writes is that of one sample, without the batch axis. Values that
 * meet in an operation are broadcast over their sample axes as NumPy does, the batch axis apart: a
 * batch of [b] numbers and a batch of [b, 1] rows give [b, 1], never [b, b].
 */
#ifndef LAYERS_VALUE_H
#define LAYERS_VALUE_H

#include "engine/graph.h"

struct value {
    struct node *node; /* (batch, sample…) or (sample…); NULL: poisoned, its mistake is reported */
    bool batched;
    int64_t classes; /* whole numbers from 0 to classes - 1, as labels are; 0: not known to be */
};

#define VALUE_POISON ((struct value){0})

static inline struct value value_make(struct node *node, bool batched) {
    return (struct value){.node = node, .batched = batched};
}

/* The same, where the numbers are known to be whole and from 0 to classes - 1. */
static inline struct value value_classes(struct value value, int64_t classes) {
    value.classes = classes;
    return value;
}

/* The shape of one sample. */
struct shape value_shape(struct value value);

/* A shape with `batch` in front, where `batched`. */
struct shape value_full_shape(struct shape sample, bool batched, int64_t batch);

/* Whether it has at most 2^32 elements, so that counts of batches of it do not overflow. */
bool shape_is_sane(struct shape shape);

/* A float32 scalar without batch. */
struct value value_number(struct graph *graph, double number);

/* Whether it is one constant everywhere, and which. */
bool value_constant(struct value value, double *number);

/* As float32: integers are cast. */
struct value value_real(struct graph *graph, struct value value);

/* The same elements, each sample in another shape of as many elements. */
struct value value_reshape(struct graph *graph, struct value value, struct shape sample);

/* The axes of each sample in another order: axis `order[a]` becomes axis a. */
struct value value_permute(struct graph *graph, struct value value, const int *order);

/* The sample shape that a and b broadcast to; false where they do not fit. */
bool shape_common(struct shape a, struct shape b, struct shape *common);

/* Broadcasts a value that fits to a sample shape, with a batch axis of `batch` where `batched`. */
struct value value_spread(struct graph *graph, struct value value, struct shape sample,
                          bool batched, int64_t batch);

/* Broadcasts `count` values to one shape, in place; false where they do not fit. */
bool value_meet(struct graph *graph, int count, struct value *values);

/* Why values do not meet, "[4] and [3]" or "a batch of 100 and one of 50", and what may help; owned
 * by the arena. */
struct misfit {
    const char *text, *hint;
};
struct misfit value_misfit(struct arena *arena, int count, const struct value *values);

/* What makes a row of a value that is one number a sample: a class, or a number. */
const char *value_row_hint(struct value value);

/* OP_ADD, OP_MUL of values that were made to meet, one after the other. */
struct value value_fold(struct graph *graph, enum op op, int count, const struct value *values);

/* `count` values joined along an axis of their samples, counted from the end where it is negative; poisoned where shapes
 * differ elsewhere or there is no such axis. */
struct value value_concat(struct graph *graph, int count, const struct value *values, int axis);

/* "[784]": the sample's shape; owned by the arena. */
const char *value_text(struct arena *arena, struct value value);

#endif
