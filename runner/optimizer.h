/*
 * Optimizers: rows, and what an update may ask for.
 *
 * An update is a pure function from graph to graph: parameter, gradient and state go in, their next
 * values come out. Numbers that change with time are the host's, computed in double.
 */
#ifndef RUNNER_OPTIMIZER_H
#define RUNNER_OPTIMIZER_H

#include <math.h>
#include <stddef.h>

#include "base/parameter.h"
#include "engine/graph.h"

/* One tensor's update in the making. */
struct optimizer {
    struct graph *graph;
    struct arena *arena;
    const void *options;
    struct node *parameter, *gradient; /* of one shape */
    void *context;
};

struct optimizer_row {
    const char *name, *doc; /* one line */
    const char *equation;   /* of p and its gradient g, in plain text; lines are kept */
    const char *example;    /* what stands under `optimizer:` */
    const char *citation;
    const char *aliases; /* what other programs call it, for hints; NULL: nothing else */
    const struct parameter *parameters; /* ended by one without a name; the first is the main one */
    size_t options_size;
    struct node *(*update)(struct optimizer *optimizer); /* the parameter's next value */
};

/* All rows, in the order of runner/optimizer_list.h, ended by NULL. */
extern const struct optimizer_row *const optimizer_rows[];
const struct optimizer_row *optimizer_find(const char *name);

/* State of the parameter's shape, zero at first; and its next value. */
struct node *optimizer_state(struct optimizer *optimizer, const char *leaf);
void optimizer_state_set(struct optimizer *optimizer, const char *leaf, struct node *value);

/* A number over step, epoch, images and `updates` (how often this phase has run, counting this
 * run), from the text of an expression, broadcast to the parameter's shape. */
struct node *optimizer_number(struct optimizer *optimizer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The gradient with `decay` times the parameter added: L2 regularisation. */
struct node *optimizer_decayed(struct optimizer *optimizer, double decay);

/* Whether there are two betas, from 0 to below 1; reports where not. */
bool optimizer_betas(struct optimizer *optimizer, const struct numbers *betas);

/* Reports a mistake in the optimizer's options. */
void optimizer_fail(struct optimizer *optimizer, const char *message);

/* Rows of parameters that many optimizers have, as fields of their `options`. */
#define OPTIMIZER_LR(options, default_)                                                            \
    {                                                                                              \
        .name = "lr", .type = PARAMETER_SCALAR, .offset = offsetof(options, lr),                   \
        .standard = default_, .low = 0, .high = (double)INFINITY, .aliases = "learning_rate rate", \
        .doc = "learning rate"                                                                     \
    }
#define OPTIMIZER_BETAS(options, default_, doc_)                                                   \
    {                                                                                              \
        .name = "betas", .type = PARAMETER_NUMBERS, .offset = offsetof(options, betas),            \
        .aliases = "beta1 beta2", .standard = default_, .low = 0, .high = 1, .doc = doc_           \
    }
#define OPTIMIZER_EPSILON(options, default_, doc_)                                                 \
    {                                                                                              \
        .name = "epsilon", .type = PARAMETER_NUMBER, .offset = offsetof(options, epsilon),         \
        .aliases = "eps", .standard = default_, .low = 0, .high = 1, .doc = doc_                   \
    }
#define OPTIMIZER_DECAY(options, default_, doc_)                                                   \
    {                                                                                              \
        .name = "weight_decay", .type = PARAMETER_NUMBER,                                          \
        .offset = offsetof(options, weight_decay), .standard = default_, .low = 0, .high = 1e6,    \
        .doc = doc_                                                                                \
    }
#define OPTIMIZER_SHARE(options, field, default_, doc_)                                            \
    {                                                                                              \
        .name = #field, .type = PARAMETER_NUMBER, .offset = offsetof(options, field),              \
        .standard = default_, .low = 0, .high = 1, .doc = doc_                                     \
    }

/* The text of an expression that a row read, in parentheses. */
const char *optimizer_text(struct optimizer *optimizer, const struct expression *expression);

#endif
