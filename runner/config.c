/* Loading a configuration, and the tree's small change; compose.c, merge.c and set.c do the work.
 * See config.h. */
#include "runner/config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "runner/compose.h"

static struct loader loader_new(const char *const *folders, struct diagnostics *diagnostics) {
    return (struct loader){
        .diagnostics = diagnostics, .arena = diagnostics->arena, .folders = folders};
}

static void note_holes(const struct loader *loader, int before) {
    struct diagnostics *diagnostics = loader->diagnostics;
    if (diagnostics->count + diagnostics->dropped - before > loader->mended)
        diagnostics->partial = true;
}

struct config *config_load(const char *path, const char *const *folders, const char *const *sets,
                           struct diagnostics *diagnostics) {
    struct loader loader = loader_new(folders, diagnostics);
    int before = diagnostics->count + diagnostics->dropped;
    struct config *root = compose_file(&loader, path, NULL, NULL);
    note_holes(&loader, before);
    for (int i = 0; root && sets && sets[i]; i++)
        set_apply(&loader, root, sets[i]);
    return root;
}

struct config *config_parse(const char *name, const char *text, size_t length,
                            const char *const *folders, struct diagnostics *diagnostics) {
    struct loader loader = loader_new(folders, diagnostics);
    struct source *source = source_new(diagnostics->arena, name, text, length);
    int before = diagnostics->count + diagnostics->dropped;
    struct config *root = compose(&loader, source, 0, NULL, NULL);
    note_holes(&loader, before);
    return root;
}

bool config_set(struct config *root, const char *argument, struct diagnostics *diagnostics) {
    struct loader loader = loader_new(NULL, diagnostics);
    return set_apply(&loader, root, argument);
}

/* ---- looking ---- */

static int find_key(const struct config *map, const char *key) {
    if (!map || map->kind != CONFIG_MAP) return -1;
    for (int i = 0; i < map->count; i++)
        if (!strcmp(map->keys[i]->text, key)) return i;
    return -1;
}

struct config *config_get(const struct config *map, const char *key) {
    int i = find_key(map, key);
    return i < 0 ? NULL : map->items[i];
}

struct config *config_key(const struct config *map, const char *key) {
    int i = find_key(map, key);
    return i < 0 ? NULL : map->keys[i];
}

const char *config_kind_name(enum config_kind kind) {
    static const char *const names[] = {"nothing", "true or false", "an integer", "a number",
                                        "a text",  "a list",        "a map"};
    return names[kind];
}

/* "did you mean 'x'?", or, where nothing is near and they are few, what there is. */
static const char *key_hint(struct arena *arena, const char *key, const struct known_key *known,
                            const char **near) {
    struct nearest nearest = {.wanted = key};
    struct text all = {0};
    int count = 0;
    for (; known[count].name; count++) {
        nearest_try_row(&nearest, known[count].name, known[count].aliases);
        text_format(&all, "%s%s", count ? ", " : "it has ", known[count].name);
    }
    const char *hint = NULL;
    if (nearest.name)
        hint = nearest_hint(arena, &nearest);
    else if (count && count <= 24)
        hint = arena_text(arena, text_get(&all));
    text_release(&all);
    *near = nearest.name;
    return hint;
}

/* The known key without a value that stands over unknown ones, of which entry `i` is one; or NULL.
 */
static const char *empty_above(const struct config *map, int i, const struct known_key *known) {
    while (--i >= 0)
        for (int j = 0; known[j].name; j++)
            if (!strcmp(known[j].name, map->keys[i]->text))
                return map->items[i]->kind == CONFIG_NULL ? known[j].name : NULL;
    return NULL;
}

bool config_check_keys(const struct config *map, const char *what, const struct known_key *known,
                       struct diagnostics *diagnostics) {
    bool good = true;
    for (int i = 0; i < map->count; i++) {
        const char *key = map->keys[i]->text;
        bool found = false;
        for (int j = 0; known[j].name && !found; j++)
            found = !strcmp(known[j].name, key);
        if (found) continue;
        const char *near, *hint = key_hint(diagnostics->arena, key, known, &near);
        const char *above = near ? NULL : empty_above(map, i, known);
        if (above)
            hint =
                arena_format(diagnostics->arena, "what belongs to '%s:' is indented more", above);
        good = diagnostics_add(diagnostics, &map->keys[i]->origin, hint, "%s has no key '%s'", what,
                               text_excerpt(diagnostics->arena, key));
        if (near && !config_get(map, near)) map->keys[i]->text = near;
    }
    return good;
}

void config_remove(struct config *collection, int i) {
    size_t after = (size_t)(collection->count - i - 1);
    memmove(collection->items + i, collection->items + i + 1, after * sizeof *collection->items);
    if (collection->keys)
        memmove(collection->keys + i, collection->keys + i + 1, after * sizeof *collection->keys);
    collection->count--;
}

/* ---- a table of keys: open addressing, never more than half full ---- */

struct key_table key_table_new(struct arena *arena, int most) {
    size_t size = 4;
    while (size < 2 * (size_t)most)
        size *= 2;
    return (struct key_table){ARENA_ARRAY(arena, const char *, size), ARENA_ARRAY(arena, int, size),
                              size - 1};
}

static size_t key_slot(const struct key_table *table, const char *key) {
    size_t slot = (size_t)hash_text(0, key) & table->mask;
    while (table->keys[slot] && strcmp(table->keys[slot], key) != 0)
        slot = (slot + 1) & table->mask;
    return slot;
}

int key_table_find(const struct key_table *table, const char *key) {
    size_t slot = key_slot(table, key);
    return table->keys[slot] ? table->indices[slot] : -1;
}

void key_table_add(struct key_table *table, const char *key, int index) {
    size_t slot = key_slot(table, key);
    table->keys[slot] = key;
    table->indices[slot] = index;
}

/* ---- building by hand ---- */

static struct config *new_node(struct arena *arena, enum config_kind kind) {
    struct config *node = ARENA_NEW(arena, struct config);
    node->kind = kind;
    return node;
}

struct config *config_new_map(struct arena *arena) {
    return new_node(arena, CONFIG_MAP);
}

struct config *config_new_list(struct arena *arena) {
    return new_node(arena, CONFIG_LIST);
}

struct config *config_new_text(struct arena *arena, const char *text) {
    struct config *node = new_node(arena, CONFIG_TEXT);
    node->text = arena_text(arena, text);
    return node;
}

struct config *config_new_number(struct arena *arena, double number) {
    struct text text = {0};
    if (isnan(number))
        text_add(&text, ".nan");
    else if (isinf(number))
        text_add(&text, number < 0 ? "-.inf" : ".inf");
    else if (fabs(number) < 1e9 && floor(number) == number)
        text_format(&text, "%.0f", number); /* 1000, not 1e3: an integer stays one */
    else
        text_add_number(&text, number);
    struct config *node = config_new_text(arena, text_get(&text));
    text_release(&text);
    scalar_resolve(node);
    return node;
}

struct config *config_new_integer(struct arena *arena, int64_t integer) {
    struct config *node = new_node(arena, CONFIG_INTEGER);
    node->text = arena_format(arena, "%" PRId64, integer);
    scalar_resolve(node);
    return node;
}

struct config *config_new_bool(struct arena *arena, bool value) {
    struct config *node = config_new_text(arena, value ? "true" : "false");
    scalar_resolve(node);
    return node;
}

void config_add(struct arena *arena, struct config *map, const char *key, struct config *value) {
    struct config *name = config_new_text(arena, key);
    scalar_resolve(name);
    config_add_entry(arena, map, name, value);
}

void config_add_entry(struct arena *arena, struct config *map, struct config *key,
                      struct config *value) {
    map->keys = ARENA_GROW(arena, map->keys, map->count);
    map->items = ARENA_GROW(arena, map->items, map->count);
    map->keys[map->count] = key;
    map->items[map->count++] = value;
}

void config_append(struct arena *arena, struct config *list, struct config *value) {
    list->items = ARENA_GROW(arena, list->items, list->count);
    list->items[list->count++] = value;
}
