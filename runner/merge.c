/* Included files, merged key by key under the map that includes them; and which maps choose one row
 * of several. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/compose.h"

enum { MOST_FILES = 256 };

/* ---- maps that choose one row ---- */

/*
 * A layer item, an optimizer and an objective are maps with one key that names a row, {linear: 32},
 * and keys beside it that name none, {as: x}. Where such maps are merged or set, another row's name
 * replaces the one that is there. So it is with `train`, which says in one unit how long.
 */
static const char *const beside_layer[] = {"as", "from", "when", NULL};
static const char *const beside_optimizer[] = {"of", "groups", "clip", NULL};
static const char *const beside_objective[] = {NULL}, *const beside_length[] = {"accumulate", NULL};

static bool key_is(const struct place *place, const char *key) {
    return place && place->key && !strcmp(place->key, key);
}

const char *const *row_choice(const struct place *place) {
    if (!place) return NULL;
    const struct place *outer = place->outer;
    if (!place->key && key_is(outer, "layers")) return beside_layer;
    if (!outer && key_is(place, "optimizer")) return beside_optimizer;
    if (!outer && key_is(place, "train")) return beside_length;
    if (outer && !outer->outer && key_is(outer, "optimizers")) return beside_optimizer;
    const struct place *objective =
        place->key ? place : outer; /* one, or an item of a list of them */
    if (key_is(objective, "objective") && key_is(objective->outer, "game")) return beside_objective;
    return NULL;
}

bool row_is_chosen_by(const char *const *choice, const char *key) {
    for (int i = 0; choice[i]; i++)
        if (!strcmp(choice[i], key)) return false;
    return true;
}

static const char *chosen_row(const struct config *map, const char *const *choice) {
    for (int i = 0; choice && i < map->count; i++)
        if (row_is_chosen_by(choice, map->keys[i]->text)) return map->keys[i]->text;
    return NULL;
}

bool row_is_name(const struct config *node) {
    return node->kind == CONFIG_TEXT && *node->text && strlen(node->text) <= LONGEST_KEY &&
           strcmp(node->text, "include") != 0;
}

/* ---- merging ---- */

void row_become_map(struct arena *arena, struct config *name) {
    struct config *key = arena_copy(arena, name, sizeof *name),
                  *value = ARENA_NEW(arena, struct config);
    key->quoted = false;
    value->text = "";
    value->origin = name->origin;
    *name = (struct config){.kind = CONFIG_MAP, .origin = name->origin};
    config_add_entry(arena, name, key, value);
}

static struct key_table table_of(struct arena *arena, const struct config *map) {
    struct key_table table = key_table_new(arena, map->count);
    for (int i = 0; i < map->count; i++)
        key_table_add(&table, map->keys[i]->text, i);
    return table;
}

static struct config *merge(struct arena *arena, struct config *base, struct config *over,
                            const struct place *place);

/* `over` on top of `base`, both maps: keys keep the order of `base`, new ones follow. */
static struct config *merge_maps(struct arena *arena, struct config *base, struct config *over,
                                 const struct place *place) {
    const char *const *choice = row_choice(place);
    const char *row = chosen_row(over, choice);
    struct config *result = arena_copy(arena, over, sizeof *over);
    result->count = 0;
    result->keys = result->items = NULL;
    struct key_table in_over = table_of(arena, over), done = key_table_new(arena, base->count);
    for (int i = 0; i < base->count; i++) {
        bool replaced = row && row_is_chosen_by(choice, base->keys[i]->text);
        const char *key = replaced ? row : base->keys[i]->text;
        if (key_table_find(&done, key) >= 0) continue; /* a second row that is replaced */
        key_table_add(&done, key, i);
        struct place inside = {.outer = place, .key = key, .depth = place_depth(place) + 1};
        int j = key_table_find(&in_over, key);
        struct config *value = j < 0 ? base->items[i] : over->items[j];
        if (j >= 0 && !strcmp(key, base->keys[i]->text))
            value = merge(arena, base->items[i], value, &inside);
        config_add_entry(arena, result, j < 0 ? base->keys[i] : over->keys[j], value);
    }
    for (int i = 0; i < over->count; i++)
        if (key_table_find(&done, over->keys[i]->text) < 0)
            config_add_entry(arena, result, over->keys[i], over->items[i]);
    return result;
}

static struct config *merge(struct arena *arena, struct config *base, struct config *over,
                            const struct place *place) {
    const char *const *choice = row_choice(place);
    if (over->kind != CONFIG_MAP) return over;
    if (choice && !chosen_row(over, choice) && row_is_name(base)) row_become_map(arena, base);
    return base->kind == CONFIG_MAP ? merge_maps(arena, base, over, place) : over;
}

/* ---- including ---- */

/* "a.yaml includes b.yaml includes a.yaml" */
static bool report_cycle(struct loader *loader, const struct open_file *file,
                         const struct origin *at) {
    struct text chain = {0}, step = {0};
    text_add(&chain, file->name);
    for (const struct open_file *open = loader->open; open; open = open->outer) {
        text_format(&step, "%s includes %s", open->name, text_get(&chain));
        text_clear(&chain);
        text_add(&chain, text_get(&step));
        text_clear(&step);
        if (open->device == file->device && open->inode == file->inode) break;
    }
    diagnostics_add(loader->diagnostics, at, NULL, "a file includes itself: %s", text_get(&chain));
    text_release(&chain);
    text_release(&step);
    return false;
}

static bool is_open(const struct loader *loader, const struct open_file *file) {
    for (const struct open_file *open = loader->open; open; open = open->outer)
        if (open->device == file->device && open->inode == file->inode) return true;
    return false;
}

struct config *compose_file(struct loader *loader, const char *path, const struct origin *via,
                            const struct place *place) {
    if (loader->files++ == MOST_FILES) {
        diagnostics_add(loader->diagnostics, via, NULL, "more than %d files are included",
                        MOST_FILES);
        return NULL;
    }
    struct open_file file = {.outer = loader->open, .name = path};
    struct source *source = source_read(loader, path, via, &file);
    if (!source) return NULL;
    if (is_open(loader, &file)) {
        report_cycle(loader, &file, via);
        return NULL;
    }
    loader->open = &file;
    struct config *tree = compose(loader, source, 0, via, place);
    loader->open = file.outer;
    if (!tree || tree->kind == CONFIG_MAP) return tree;
    diagnostics_add(loader->diagnostics, &tree->origin, NULL,
                    "expected a map of keys in this file, found %s", config_kind_name(tree->kind));
    return NULL;
}

static char *join_path(struct arena *arena, const char *folder, const char *path) {
    if (!folder || *path == '/') return arena_text(arena, path);
    size_t length = strlen(folder);
    return arena_format(arena, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/",
                        path);
}

/* The file that `name` means: beside the one that includes it, or in one of the folders. NULL, with
 * a report, if there is none. */
static char *find_included(struct loader *loader, const struct config *name) {
    char *path = join_path(loader->arena, name->origin.source->folder, name->text);
    if (!access(path, F_OK)) return path;
    struct text tried = {0};
    text_format(&tried, "looked for %s", path);
    for (int i = 0; *name->text != '/' && loader->folders && loader->folders[i]; i++) {
        path = join_path(loader->arena, loader->folders[i], name->text);
        if (!access(path, F_OK)) {
            text_release(&tried);
            return path;
        }
        text_format(&tried, ", %s", path);
    }
    diagnostics_add(loader->diagnostics, &name->origin, text_get(&tried), "there is no file '%s'",
                    text_excerpt(loader->arena, name->text));
    text_release(&tried);
    return NULL;
}

static struct config *include_one(struct loader *loader, struct config *base,
                                  const struct config *name, const struct place *place) {
    if (name->kind != CONFIG_TEXT || !*name->text) {
        diagnostics_add(loader->diagnostics, &name->origin, NULL,
                        "expected the name of a file to include, found %s",
                        config_kind_name(name->kind));
        return base;
    }
    char *path = find_included(loader, name);
    struct config *file = path ? compose_file(loader, path, &name->origin, place) : NULL;
    if (!file) return base;
    return base ? merge(loader->arena, base, file, place) : file;
}

struct config *include_files(struct loader *loader, struct config *map, const struct place *place) {
    struct config *base = NULL, *names = NULL;
    for (int i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i]->text, "include") != 0) continue;
        names = map->items[i];
        config_remove(map, i);
        break;
    }
    if (!names) return map;
    if (names->kind == CONFIG_LIST)
        for (int i = 0; i < names->count; i++)
            base = include_one(loader, base, names->items[i], place);
    else
        base = include_one(loader, base, names, place);
    return base ? merge(loader->arena, base, map, place) : map;
}
