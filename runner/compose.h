/* What the files of the configuration reader share among themselves: compose.c, syntax.c, merge.c,
 * set.c and config.c. */
#ifndef RUNNER_COMPOSE_H
#define RUNNER_COMPOSE_H

#include <sys/types.h>

#include "runner/config.h"

/* Files whose reading has begun and not ended, innermost first: an include cycle shows up here. */
struct open_file {
    const struct open_file *outer;
    const char *name;
    dev_t device;
    ino_t inode;
};

enum { LONGEST_KEY = 128 }; /* bytes: YAML reads a plain key only where it is short */

/* One call of config_load, config_parse or config_set: its limits count over all files it reads. */
struct loader {
    struct diagnostics *diagnostics;
    struct arena *arena;
    const char *const *folders; /* ended by NULL; may be NULL */
    const struct open_file *open;
    int nodes, files;
    int mended; /* mistakes that leave no hole in the tree */
};

/* Where a value stands in the whole tree, from the inside out. The root is NULL. */
struct place {
    const struct place *outer;
    const char *key; /* NULL: an item of a list */
    int depth;       /* collections around it */
};

int place_depth(const struct place *place);

/* ---- compose.c: events to a tree ---- */

/* Composes source->text from byte `offset` on; `via`: the place that includes it, or NULL. NULL if
 * there is no tree. */
struct config *compose(struct loader *loader, const struct source *source, size_t offset,
                       const struct origin *via, const struct place *place);

/* A place in a source that moves forward: characters from `offset`, as libyaml counts them, to
 * bytes, line and column. */
struct cursor {
    const struct source *source;
    size_t offset, byte, character;
    int line, column;
};
struct cursor cursor_new(const struct source *source, size_t offset);
void cursor_move(struct cursor *cursor, size_t character);

/* ---- scalar.c ---- */

/* Sets the kind and numbers of a plain scalar from its text, by YAML 1.2's core schema. */
void scalar_resolve(struct config *scalar);

/* ---- syntax.c: what libyaml found wrong, in words that help ---- */

struct yaml_parser_s;
void syntax_report(struct loader *loader, const struct source *source, size_t offset,
                   const struct yaml_parser_s *parser, const struct origin *via);

/* 'quote this expression: "..."' for the expression around byte `at`, in the document that begins
   at `offset`; NULL if there is none to be seen. */
char *syntax_quote_hint(struct arena *arena, const struct source *source, size_t offset, size_t at);

/* ---- source.c: files to texts ---- */

/* A source in the arena; `text` is copied. A byte order mark is left out. */
struct source *source_new(struct arena *arena, const char *name, const char *text, size_t length);

/* Whether it is valid UTF-8 without control characters; reports what is not. */
bool source_check(const struct source *source, const struct origin *via,
                  struct diagnostics *diagnostics);

/* Reads a whole file and fills in which file it is. `at` is what names it, or NULL. */
struct source *source_read(struct loader *loader, const char *path, const struct origin *at,
                           struct open_file *file);

/* ---- merge.c: one map under another ---- */

/* Names whose map, at `place`, chooses one row: keys that are no row, ended by NULL. NULL: it
 * chooses none. */
const char *const *row_choice(const struct place *place);
bool row_is_chosen_by(const char *const *choice, const char *key);

/* Whether it can be the bare name of a row, and making {name: null} of it, in place. */
bool row_is_name(const struct config *node);
void row_become_map(struct arena *arena, struct config *name);

/* Takes `include` out of a composed map and merges the files it names under it. */
struct config *include_files(struct loader *loader, struct config *map, const struct place *place);

/* Reads one file and composes it. */
struct config *compose_file(struct loader *loader, const char *path, const struct origin *via,
                            const struct place *place);

/* ---- set.c ---- */
bool set_apply(struct loader *loader, struct config *root, const char *argument);

/* ---- config.c ---- */

/* Takes entry `i` out of a map, or item `i` out of a list. */
void config_remove(struct config *collection, int i);

/* Keys to indices, so that large maps are not quadratic. */
struct key_table {
    const char **keys;
    int *indices;
    size_t mask;
};
struct key_table key_table_new(struct arena *arena, int most);
int key_table_find(const struct key_table *table, const char *key); /* -1: not there */
void key_table_add(struct key_table *table, const char *key, int index);

#endif
