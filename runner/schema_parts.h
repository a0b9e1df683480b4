/* What the files that make a schema share: schema.c, schema_layer.c. */
#ifndef RUNNER_SCHEMA_PARTS_H
#define RUNNER_SCHEMA_PARTS_H

#include "runner/schema.h"

enum { DEFINED_MOST = 64 };

struct schema {
    struct arena *arena;
    json_t *definitions;
    int objectives_count;
    const struct objective_file *objectives;
    int defined_count;
    const struct key_row *defined[DEFINED_MOST]; /* those that `definitions` holds already */
};

/* {$ref: …} to a definition. */
json_t *schema_reference(struct schema *s, const char *name);

/* The same, with this description. */
json_t *schema_described(json_t *schema, const char *doc);

/* Paragraphs on a row: what it is, its equation, an example, its paper; any but the first may be NULL. */
const char *schema_row_text(struct arena *arena, const char *doc, const char *equation,
                            const char *example, const char *citation);

/* A definition of a row's options, named KIND_NAME, and a reference to it; `given` as in schema_options(). */
json_t *schema_row_options(struct schema *s, const char *kind, const char *name, const char *doc,
                           const struct parameter *rows, bool given);

/* Whether none of them must be given. */
bool schema_stands_alone(const struct parameter *rows);

/* ---- maps that choose one row of a kind ---- */

/* The rows, as they are collected. */
struct choice {
    json_t *names, *docs; /* of those that may stand alone, without options */
    json_t *properties;   /* NAME: options */
    json_t *all;          /* names */
};

struct choice schema_choice_new(void);

/* A row with a schema of its options, which is taken; `alone`: it may stand without them. */
void schema_choice_add(struct choice *choice, const char *name, const char *doc, bool alone,
                       json_t *options);

/* NAME, or {NAME: options} with the keys beside it, or these alone. */
json_t *schema_choice(struct schema *s, struct choice *choice, const struct key_row *beside);

/* What a map must be besides that names just one of `all`, which is taken; said only of one whose keys are all known, since the
 * others are told anyway. */
json_t *schema_one(json_t *all, const struct key_row *beside);

/* ---- schema_layer.c ---- */

/* A layer or block, with the keys beside it; and other defaults of layers' options. */
json_t *schema_layer(struct schema *s, const struct key_row *beside);
json_t *schema_defaults(struct schema *s);

/* What an experiment must be besides: where it has no blocks of its own and includes nothing, every layer is one of duel's. */
json_t *schema_without_blocks(struct schema *s, const struct key_row *beside);

/* The same where neither it nor a network of it has `defaults` or includes anything: the network's layers are given what they
 * must be given. Layers of blocks may get it from the network that uses them. */
json_t *schema_without_defaults(struct schema *s);

/* ---- schema_whole.c ---- */

/* What a file of these keys must be besides where it includes nothing; NULL: nothing. */
json_t *schema_whole(const struct key_row *keys);

/* Adds to a map that is in a list what must be given of these. */
void schema_require(json_t *map, const struct parameter *rows);

#endif
