/*
 * Functions of expressions: rows, and what their build functions may ask of the call.
 *
 * A layer that learns nothing is a function too: leaky_relu(h, 0.2), reshape(h, 28, 28, 1). Its
 * inputs come first, then its parameters in the order of its row.
 */
#ifndef RUNNER_FUNCTION_H
#define RUNNER_FUNCTION_H

#include "runner/build.h"

struct call;

struct function_row {
    const char *name, *doc; /* one line */
    const char *equation;   /* plain text, of its arguments; lines are kept */
    const char *arguments;  /* "x axis= *shape": those with = may be left out, * takes the rest */
    struct value (*build)(struct call *call);
    const char *example;
    const char *citation; /* NULL: none needed */
    const char *aliases;  /* what other programs call it, for hints; NULL: nothing else */
    bool of_update;       /* it tells of a phase's update: for its `report:` alone */
};

/* All rows, in the order of runner/function_list.h, ended by NULL. */
extern const struct function_row *const function_rows[];
const struct function_row *function_row_find(const char *name);
/* Whether an expression may call `name`: a row here, or a layer that learns nothing. */
bool function_find(const char *name);
/* Whether the function gives a number that follows from its argument's shape alone. */
bool function_is_shape(const char *name);
/* "uniform(low=0, high=1, per=sample, *shape)" of a row's arguments. */
const char *function_signature(struct arena *arena, const char *name, const char *arguments);
/* Offers every function's name for "did you mean". */
void function_names(struct nearest *nearest);

/* Evaluates the call of a function. */
struct value function_call(struct frame *frame, const struct expression *expression);

enum { ARGUMENTS_MOST = 8 };

/* A call of a function in the course of evaluation. */
struct call {
    struct frame *frame;
    const struct expression *expression;
    const struct function_row *row;
    const struct expression
        *argument[ARGUMENTS_MOST]; /* in the order of the row; NULL: not given */
    int rest_count;
    const struct expression **rest;
};

/* Argument `i` as float32; poisoned if it is wrong. */
struct value call_value(struct call *call, int i);
/* The first `count` arguments, broadcast to one shape. */
bool call_values(struct call *call, int count, struct value *values);
/* Broadcasts values to one shape; reports where they do not fit. */
bool call_meet(struct call *call, int count, struct value *values);
/* A number known when the graph is built; `standard` where it is not given. */
bool call_number(struct call *call, int i, double standard, double *number);
/* A word (axis=sample), or NULL where something else or nothing stands. */
const char *call_word(const struct call *call, int i);
/* A path (generator/body); NULL, reported, where something else stands. */
const char *call_path(const struct call *call, int i);
/* Reports that there is nothing under the path that argument 0 is: "`what` 'path'"; not where what
 * lies there may not be known. Always poisoned. */
struct value call_no_path(const struct call *call, const char *path, const char *hint,
                          const char *what);
/* The rest as a shape: extents, or one list of them. */
bool call_shape(struct call *call, struct shape *shape);
/* The axes that `axis=` names, in the node's own counting: all, sample, batch, a number, a list. */
bool call_axes(struct call *call, int i, struct value x, uint32_t *axes);
/* The same where the standard is the last axis; and where only one can be meant. */
bool call_axes_or_last(struct call *call, int i, struct value x, uint32_t *axes);
bool call_axis(struct call *call, int i, struct value x, int *axis);
/* The square root, with gradients of 0 at 0. */
struct node *call_root(struct graph *g, struct node *square);
/* Reports at argument `i`, or at the whole call where i < 0; always poisoned. */
struct value call_fail(const struct call *call, int i, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
