/*
 * Expressions: the text of a formula as a tree, with the place of each part.
 *
 *     expression := or;  or := and ("or" and)*;  and := not ("and" not)*;  not := "not" not |
 * comparison comparison := sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)?          not chained:
 * a second one is an error sum := product (("+" | "-") product)*;  product := unary (("*" | "/" |
 * "%") unary)* unary := ("-" | "+") unary | power;  power := postfix ("^" unary)?        so -x^2 is
 * -(x^2), ^ is right-associative postfix := atom (call | "." NAME | "[" index ("," index)* "]")*
 *     call := "(" (argument ("," argument)*)? ")";  argument := (NAME "=")? expression
 *     index := expression | expression? ":" expression? (":" expression?)?
 *     atom := NUMBER | NAME | "true" | "false" | "[" list "]" | "(" expression ")"
 *
 * Names are [a-z_][a-z0-9_]*; paths in weights(generator/body) are read as divisions and printed
 * back as paths.
 */
#ifndef RUNNER_EXPRESSION_H
#define RUNNER_EXPRESSION_H

#include "base/error.h"
#include "runner/config.h"

enum expression_kind {
    EXPRESSION_NUMBER, /* number; name: "true" or "false" where it is written so, else NULL */
    EXPRESSION_NAME,   /* name */
    EXPRESSION_UNARY,  /* operator: '-' or 'n' (not); [0] */
    EXPRESSION_BINARY, /* operator: + - * / % ^ < > 'l' (<=) 'g' (>=) '=' '!' '&' (and) '|' (or);
                          [0], [1] */
    EXPRESSION_CALL, /* callee [0]: a NAME or OUTPUT; arguments [1…], keywords beside them, after
                        the others */
    EXPRESSION_OUTPUT, /* name: [0].name */
    EXPRESSION_INDEX,  /* [0][ [1], … ] */
    EXPRESSION_SLICE,  /* only inside INDEX: start, stop, step, each may be NULL */
    EXPRESSION_LIST,   /* [a, b, c] */
};

struct expression {
    enum expression_kind kind;
    char operator;
    int height; /* levels of the tree from here down, at most EXPRESSION_DEPTH: recursion is safe */
    struct origin origin; /* the part of the text that this node covers (first line only) */
    double number;
    const char *name; /* NAME, OUTPUT */
    int count;
    const struct expression **part;
    const char **keyword; /* CALL: for part[i], NULL or the keyword; keyword[0] is NULL */
    const char *text;     /* the root: the whole text */
};

enum { EXPRESSION_DEPTH = 200, EXPRESSION_BYTES = 64 << 10 };

/* Parses a scalar of a configuration: its text, or its number. Reports to diagnostics and returns
   NULL if it is wrong. Where the value is a list or map, or the text ends early, and it looks as if
   YAML had split an expression at a comma, bracket or leading indicator, the message says "quote
   this expression" and shows it quoted. Lives in the diagnostics' arena. */
const struct expression *expression_parse(const struct config *value,
                                          struct diagnostics *diagnostics);

/* Parses text that starts at `origin`. */
const struct expression *expression_parse_text(const char *text, const struct origin *origin,
                                               struct diagnostics *diagnostics);

/* The same for text with names of samples: NUMBER ":" NUMBER, without spaces, is a NAME, as in 7:12. */
const struct expression *expression_parse_samples(const char *text, const struct origin *origin,
                                                  struct diagnostics *diagnostics);

/* A name, or a name with a dot, as in a.x, as text; NULL: it is something else. */
const char *expression_name(struct arena *arena, const struct expression *expression);

/* Writes it back, with as few parentheses as needed. */
void expression_write(const struct expression *expression, struct text *out);
const char *expression_text(struct arena *arena, const struct expression *expression);

/* ---- numbers that the host computes ---- */

/* Gives a name's number: true and *number, or false if there is none. Not-a-number is one that was
 * wrong where it was given: what is made of it is wrong, too, without another report. */
struct scope {
    bool (*look_up)(const struct scope *scope, const char *name, double *number);
    /* Offers each name in turn to nearest_try for "did you mean"; may be NULL. */
    void (*names)(const struct scope *scope, struct nearest *nearest);
    /* Where a name that it knows gets its number; NULL: nobody knows. */
    const struct origin *(*given)(const struct scope *scope, const char *name);
    /* Gives the number of a call that is no host function's: channels(h); NULL: it has none. */
    bool (*call)(const struct scope *scope, const struct expression *call, double *number);
    const struct scope *outer; /* asked next; may be NULL */
    const void *context;
    bool changes; /* its names change while training: step, epoch, images, state */
};

/* A function of numbers: + its arguments' names for keywords, in order; optional ones have
 * defaults. */
struct host_function {
    const char *name, *doc;
    const char *arguments; /* "start stop value=0 …": names separated by spaces, some with defaults;
                              "a *rest" takes any number */
    double (*call)(const double *arguments, int count);
    const char *example;  /* "cosine(2e-4, 0, end=50000)" */
    const char *equation; /* plain text */
};
/* All of them: abs ceil floor round sqrt exp log sin cos tanh min max pow clamp pick lerp; then
   those over time, whose first argument `at` is `step` unless it is given by its name: linear(from,
   to, start=0, end), cosine(from, to, start=0, end), exponential(from, rate, every, start=0), warmup(steps), steps(value, step, value, ...).
   The list ends with one without a name. */
extern const struct host_function host_functions[];
const struct host_function *host_function_find(const char *name);

/* Whether every name in it is known to `scope` and every call is a host function: then it is a
 * number the host can compute. */
bool expression_is_host(const struct expression *expression, const struct scope *scope);

/* The same, with a report of what is not so. */
bool expression_check_host(const struct expression *expression, const struct scope *scope,
                           struct diagnostics *diagnostics);

/* Whether a host expression has one value all the time: no name in it is of a scope that changes.
 */
bool expression_is_constant(const struct expression *expression, const struct scope *scope);

/* What the names in it stand for, and where that is said: "'width' is 0, given at a.yaml:3"; NULL: there are none. */
const char *expression_given(struct arena *arena, const struct expression *expression,
                             const struct scope *scope);

/* Evaluates in double; `%` takes the sign of its right side, as Python's does. Division by zero and
   results that are not finite are errors if `strict`, but for names that stand for not-a-number:
   those were reported before. Reports what is no host expression, and returns false. */
bool expression_number(const struct expression *expression, const struct scope *scope, bool strict,
                       double *number, struct diagnostics *diagnostics);

#endif
