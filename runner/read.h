/*
 * Reading parameters by their rows: the one place where a value of the configuration becomes a C
 * value.
 *
 * Defaults are YAML text and are read the same way. Where a row wants a number, any expression over
 * `scope` may stand. Text parameters replace $(expression), and $$( by $(. Every mistake (unknown, missing,
 * duplicate key; wrong type; out of range) is reported with its place, what is allowed, and the
 * nearest name; a wrong value leaves its default and makes the result false.
 */
#ifndef RUNNER_READ_H
#define RUNNER_READ_H

#include "base/parameter.h"
#include "runner/config.h"
#include "runner/expression.h"

/*
 * Reads `value` into `options` by `rows` (ended by one without a name): NULL or null: all defaults;
 * a map: key by key; anything else: the main parameter, which is the first row. `what` names the
 * thing in messages ("layer 'linear'"); `origin` is where it is named, for a missing parameter.
 * `resolved`, if not NULL, is a map that gets every value that will be used, numbers evaluated and paths
 * absolute: it can be read anywhere.
 */
bool read_parameters(const struct config *value, const struct origin *origin, const char *what,
                     const struct parameter *rows, void *options, const struct scope *scope,
                     struct config *resolved, struct diagnostics *diagnostics);

/* Reports the keys of `map` that are names of neither `rows` nor `more` (NULL: none), as
 * config_check_keys does. */
bool read_check_keys(const struct config *map, const char *what, const struct parameter *rows,
                     const struct parameter *more, struct diagnostics *diagnostics);

/* One value by one row. */
bool read_value(const struct config *value, const struct parameter *row, const char *what,
                void *destination, const struct scope *scope, struct config **resolved,
                struct diagnostics *diagnostics);

/*
 * The arguments of a call from `first` on as a map for read_parameters: keywords by their names, the
 * others in the order of the rows; where the first row is a shape or a list, all others are its.
 * NULL, reported with `what`, where there are too many. A name alone is a call without arguments.
 */
struct config *read_call(const struct expression *call, int first, const char *what,
                         const struct parameter *rows, struct diagnostics *diagnostics);

/* The text that is read as `text`, whatever is in it: $( becomes $$(. */
const char *read_literal(struct arena *arena, const char *text);

/* A path that means the same wherever duel is started. */
const char *read_absolute(struct arena *arena, const char *path);

/* "steps", "epochs", …: by enum duration_unit. */
extern const char *const duration_names[];

/* What the manual calls a type. */
const char *parameter_type_name(enum parameter_type type);

/* Prints the rows as `duel layers NAME` does: name, type, default, range, unit, doc; one a line, in
 * columns. */
void parameters_print(const struct parameter *rows, FILE *file);

#endif
