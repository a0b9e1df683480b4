/*
 * The JSON Schema (draft 7) of what a file may hold, made of the rows that its readers use: for editors, by
 * yaml-language-server. It knows keys, types, ranges and what must be given; what an expression means, and whether shapes fit,
 * only `duel check` knows.
 *
 * Whatever may be an expression may be a text, so a number has the types number and string: a range binds the one, a pattern
 * the other. `include` may stand in any map, and may bring what must be given; where a file includes another, only what is in
 * lists must be given.
 */
#ifndef RUNNER_SCHEMA_H
#define RUNNER_SCHEMA_H

#include <jansson.h>

#include "runner/experiment_keys.h"
#include "runner/objectives.h"

/* The schema of a file with these keys; `title` tells what it is. `objectives` are those that are offered by name. */
json_t *schema_new(const struct key_row *file, const char *title, struct arena *arena,
                   const struct objective_file *objectives, int objectives_count);

/* ---- what schema.c has of schema_value.c ---- */

/* A value of one row, with its description and default. */
json_t *schema_value(const struct parameter *row, struct arena *arena);

/* A map of rows, or the first of them alone where no other must be given; nothing where none must be.
 * `given`: what must be given may be given elsewhere. */
json_t *schema_options(const struct parameter *rows, const char *doc, bool given,
                       struct arena *arena);

/* A map: properties, which it takes, and nothing else, but `include`. */
json_t *schema_map(json_t *properties);

/* What the file's own names look like. */
#define SCHEMA_NAMES "^(?!include$)[a-z_][a-z0-9_]*$"

/* Names of the file's own, each with a value like `each`, which it takes. */
json_t *schema_names(json_t *each);

#endif
