/* --set path.to[0].key=value: the path is walked, the value composed by the code that reads files.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runner/compose.h"

struct segment {
    const char *key; /* NULL: an index */
    int index;
    struct origin origin;
};

struct set {
    struct loader *loader;
    const struct source *source; /* the argument */
    size_t at;
    int column, count;
    struct segment segments[CONFIG_DEPTH];
};

/* ---- the path ---- */

static bool set_wrong(struct set *set, int column, const char *message) {
    struct origin *origin = ARENA_NEW(set->loader->arena, struct origin);
    *origin = (struct origin){.source = set->source, .line = 1, .column = column};
    return diagnostics_add(set->loader->diagnostics, origin, "write --set path.to[0].key=value",
                           "%s", message);
}

static bool is_path_end(char c) {
    return c == 0 || c == '.' || c == '[' || c == ']' || c == '=';
}

static bool read_index(struct set *set, struct segment *segment) {
    const char *text = set->source->text + set->at;
    size_t digits = strspn(text + 1, "0123456789");
    if (!digits || digits > 6 || text[1 + digits] != ']')
        return set_wrong(set, set->column + 1, "expected an index and ']'");
    segment->index = (int)strtol(text + 1, NULL, 10);
    segment->origin.length = (int)digits + 2;
    set->at += digits + 2;
    set->column += segment->origin.length;
    return true;
}

static bool read_key(struct set *set, struct segment *segment) {
    const char *text = set->source->text + set->at;
    size_t length = 0;
    for (; !is_path_end(text[length]); segment->origin.length++)
        length += text_character_size(text + length, strlen(text + length));
    if (!length) return set_wrong(set, set->column, "expected a key");
    if (length > LONGEST_KEY) return set_wrong(set, set->column, "this key is too long");
    segment->key = arena_text_range(set->loader->arena, text, length);
    set->at += length;
    set->column += segment->origin.length;
    if (strcmp(segment->key, "include") != 0) return true;
    return set_wrong(set, set->column - segment->origin.length,
                     "'include' cannot be set: files are merged first");
}

/* Reads segments up to and including '='. */
static bool read_path(struct set *set) {
    const char *text = set->source->text;
    while (text[set->at] != '=') {
        if (set->count == CONFIG_DEPTH) return set_wrong(set, set->column, "this path is too long");
        bool index = text[set->at] == '[';
        if (!index && set->count && text[set->at] == '.') {
            set->at++;
            set->column++;
        } else if (!index && set->count) {
            return set_wrong(set, set->column,
                             text[set->at] ? "expected '.', '[' or '='"
                                           : "expected '=' and a value");
        }
        struct segment *segment = &set->segments[set->count++];
        *segment =
            (struct segment){.origin = {.source = set->source, .line = 1, .column = set->column}};
        if (index ? !read_index(set, segment) : !read_key(set, segment)) return false;
    }
    if (!set->count) return set_wrong(set, set->column, "expected a key");
    set->at++;
    return true;
}

/* ---- the tree ---- */

/* The path up to and including segment `i`, for messages. */
static char *path_text(const struct set *set, int i) {
    const struct origin *last = &set->segments[i].origin;
    const char *text = set->source->text;
    size_t bytes = 0;
    for (int column = 1; column < last->column + last->length; column++)
        bytes += text_character_size(text + bytes, set->source->length - bytes);
    return arena_text_range(set->loader->arena, text, bytes);
}

static const char *path_before(const struct set *set, int i) {
    return i ? path_text(set, i - 1) : "the configuration";
}

static struct config *new_node(const struct set *set, enum config_kind kind,
                               const struct segment *segment) {
    struct config *node = ARENA_NEW(set->loader->arena, struct config);
    node->kind = kind;
    node->text = kind == CONFIG_NULL ? "" : NULL;
    node->origin = segment->origin;
    return node;
}

static void add_entry(const struct set *set, struct config *map, const struct segment *segment,
                      struct config *value) {
    struct arena *arena = set->loader->arena;
    struct config *key = new_node(set, CONFIG_TEXT, segment);
    key->text = segment->key;
    scalar_resolve(key);
    config_add_entry(arena, map, key, value);
}

/* Makes a map of what can hold keys: nothing yet, or the bare name of a row. */
static bool become_map(struct set *set, int i, struct config *node, const char *const *choice) {
    struct segment *segment = &set->segments[i];
    if (node->kind == CONFIG_MAP) return true;
    if (choice && row_is_name(node)) {
        row_become_map(set->loader->arena, node);
    } else if (node->kind == CONFIG_NULL) {
        *node = (struct config){.kind = CONFIG_MAP, .origin = node->origin};
    } else {
        struct origin *origin = arena_copy(set->loader->arena, &segment->origin, sizeof *origin);
        return diagnostics_add(set->loader->diagnostics, origin, NULL,
                               "%s is %s here and has no keys", path_before(set, i),
                               config_kind_name(node->kind));
    }
    return true;
}

/* The key whose value segment `i` gives: then its place is the argument. Or the key of a row that
 * is changed within: then the argument is told besides. */
static void change_key(const struct set *set, int i, struct config **key,
                       const char *const *choice) {
    const struct segment *segment = &set->segments[i];
    bool within = i + 1 < set->count;
    if (within && !(choice && row_is_chosen_by(choice, segment->key))) return;
    *key = arena_copy(set->loader->arena, *key, sizeof **key);
    struct origin *argument = arena_copy(set->loader->arena, &segment->origin, sizeof *argument);
    if (!within) {
        (*key)->origin = *argument;
        return;
    }
    argument->how = (*key)->origin.how;
    argument->via = (*key)->origin.via;
    (*key)->origin.how = VIA_SET;
    (*key)->origin.via = argument;
}

/* The slot of segment `i` in `node`; a key that is not there is made. Another row's key goes. NULL,
 * reported, where it cannot be. */
static struct config **key_slot(struct set *set, int i, struct config *node,
                                const char *const *choice) {
    struct segment *segment = &set->segments[i];
    if (!become_map(set, i, node, choice)) return NULL;
    for (int j = 0; j < node->count; j++)
        if (!strcmp(node->keys[j]->text, segment->key)) {
            change_key(set, i, &node->keys[j], choice);
            return &node->items[j];
        }
    add_entry(set, node, segment, new_node(set, CONFIG_NULL, segment));
    int last = node->count - 1;
    for (int j = last - 1; choice && row_is_chosen_by(choice, segment->key) && j >= 0; j--) {
        if (!row_is_chosen_by(choice, node->keys[j]->text)) continue;
        node->keys[j] = node->keys[last]; /* in the place of the row that goes */
        node->items[j] = node->items[last];
        config_remove(node, last);
        last = j;
    }
    return &node->items[last];
}

static struct config **index_slot(struct set *set, int i, struct config *node) {
    struct segment *segment = &set->segments[i];
    if (node->kind == CONFIG_LIST && segment->index < node->count)
        return &node->items[segment->index];
    struct origin *origin =
        arena_copy(set->loader->arena, &segment->origin, sizeof segment->origin);
    if (node->kind != CONFIG_LIST)
        diagnostics_add(set->loader->diagnostics, origin, NULL, "%s is %s here, not a list",
                        path_before(set, i), config_kind_name(node->kind));
    else if (!node->count)
        diagnostics_add(set->loader->diagnostics, origin, NULL, "%s is empty", path_before(set, i));
    else
        diagnostics_add(set->loader->diagnostics, origin, NULL,
                        "there is no item %d: those of %s are 0 to %d", segment->index,
                        path_before(set, i), node->count - 1);
    return NULL;
}

bool set_apply(struct loader *loader, struct config *root, const char *argument) {
    struct set *set = ARENA_NEW(loader->arena, struct set);
    size_t length = strlen(argument);
    struct text name = {0};
    text_format(&name, "--set %s", text_excerpt(loader->arena, argument));
    struct source *source = source_new(loader->arena, text_get(&name), argument, length);
    text_release(&name);
    *set = (struct set){.loader = loader, .source = source, .column = 1};
    if (length > CONFIG_BYTES) return set_wrong(set, 1, "this argument is larger than 1 MiB");
    if (!source_check(source, NULL, loader->diagnostics) || !read_path(set)) return false;
    struct place places[CONFIG_DEPTH];
    for (int i = 0; i < set->count; i++)
        places[i] = (struct place){i ? &places[i - 1] : NULL, set->segments[i].key, i + 1};
    bool empty = source->text[set->at + strspn(source->text + set->at, " ")] == 0;
    struct config *value = empty ? new_node(set, CONFIG_NULL, &set->segments[set->count - 1])
                                 : compose(loader, source, set->at, NULL, &places[set->count - 1]);
    if (!value) return false;
    struct config **slot = &root;
    for (int i = 0; i < set->count && slot; i++) {
        const char *const *choice = row_choice(i ? &places[i - 1] : NULL);
        slot = set->segments[i].key ? key_slot(set, i, *slot, choice) : index_slot(set, i, *slot);
    }
    if (slot) *slot = value;
    return slot;
}
