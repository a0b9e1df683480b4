/*
 * A configuration as a tree of values, each with the place it came from.
 *
 * Composed from libyaml's events under YAML 1.2's core schema: no yes/no, no octal surprises.
 * Anchors and aliases are expanded (an alias that contains itself is an error); duplicate keys,
 * keys that are not scalars, unknown tags, several documents and invalid UTF-8 are errors. Limits:
 * CONFIG_BYTES a file, CONFIG_DEPTH, CONFIG_NODES after aliases. `include: FILE` or `include:
 * [FILE, …]`, in any map, merges those files under it (see config_load).
 */
#ifndef RUNNER_CONFIG_H
#define RUNNER_CONFIG_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { CONFIG_BYTES = 1 << 20, CONFIG_DEPTH = 64, CONFIG_NODES = 100000 };

enum config_kind {
    CONFIG_NULL,
    CONFIG_BOOL,
    CONFIG_INTEGER,
    CONFIG_FLOAT,
    CONFIG_TEXT,
    CONFIG_LIST,
    CONFIG_MAP
};

struct config {
    enum config_kind kind;
    struct origin
        origin;       /* of the value; marks the scalar, or the first character of a list or map */
    const char *text; /* scalars: as written, after YAML's quoting is undone */
    const char *raw; /* scalars, and collections in brackets: where the source's text has it, quotes
                        and all; */
    size_t raw_length;     /*     NULL and 0 where it has no such place */
    bool quoted;           /* scalars: was quoted or a block scalar, so always TEXT */
    bool flow;             /* lists and maps: written with brackets */
    double number;         /* INTEGER and FLOAT; BOOL: 0 or 1 */
    int64_t integer;       /* INTEGER; one that does not fit is a FLOAT */
    int count;             /* LIST: items; MAP: entries */
    struct config **items; /* LIST and MAP: the values, in order */
    struct config **keys;  /* MAP: the keys, TEXT by their `text`, whatever their kind */
};

/*
 * Reads `path` and everything it includes, then applies the `sets`
 * ("networks.generator.layers[0].linear=64", the value parsed as YAML) in order. Maps merge key by
 * key, lists are replaced; the includer wins over the included, a later include over an earlier
 * one. Where a map chooses one row (a layer item, an optimizer, an objective: runner/merge.c has
 * the list), another key replaces it. An included path is relative to the including file, then to
 * each of `folders` (NULL-terminated: the user's and the installed configs/). Mistakes are appended
 * to `diagnostics`; the tree is returned all the same where it can be, with what is wrong left out;
 * NULL where there is nothing to go on with. Everything lives in the diagnostics' arena.
 */
struct config *config_load(const char *path, const char *const *folders, const char *const *sets,
                           struct diagnostics *diagnostics);

/* The same for a text in memory (a default, a checkpoint's configuration, an objective); `name` is
 * for messages. */
struct config *config_parse(const char *name, const char *text, size_t length,
                            const char *const *folders, struct diagnostics *diagnostics);

/* Applies one --set argument to the tree. */
bool config_set(struct config *root, const char *argument, struct diagnostics *diagnostics);

/* The value of `key` in a map, or NULL. */
struct config *config_get(const struct config *map, const char *key);
/* The key node of `key` in a map, or NULL: for pointing at the key. */
struct config *config_key(const struct config *map, const char *key);

struct known_key {
    const char *name, *aliases; /* what other programs call it; NULL: nothing else */
};

/* Reports every key of `map` that is not in `known` (ended by one without a name), with the nearest
 * known one, and takes it for that from then on, where it is not there besides: so that no mistake
 * follows from this one. */
bool config_check_keys(const struct config *map, const char *what, const struct known_key *known,
                       struct diagnostics *diagnostics);

/* "a number", "a map", … for messages. */
const char *config_kind_name(enum config_kind kind);

/* Writes the tree as YAML that config_parse reads back to the same tree; short lists of scalars in
 * flow style. */
void config_write(const struct config *root, struct text *out);

/* Writes one value on one line, in flow style. */
void config_write_line(const struct config *value, struct text *out);

/* Building a tree by hand (for resolved.yaml). The nodes have the origin `from`, or none. */
struct config *config_new_map(struct arena *arena);
struct config *config_new_list(struct arena *arena);
struct config *config_new_text(struct arena *arena, const char *text);
struct config *config_new_number(struct arena *arena, double number);
struct config *config_new_integer(struct arena *arena, int64_t integer);
struct config *config_new_bool(struct arena *arena, bool value);
void config_add(struct arena *arena, struct config *map, const char *key, struct config *value);
/* The same with a key that is there already. */
void config_add_entry(struct arena *arena, struct config *map, struct config *key,
                      struct config *value);
void config_append(struct arena *arena, struct config *list, struct config *value);

#endif
