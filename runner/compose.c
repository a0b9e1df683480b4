/*
 * libyaml's events to a tree of values with their places (YAML 1.2, core schema:
 * https://yaml.org/spec/1.2.2/#103-core-schema).
 *
 * Recursion is bounded by CONFIG_DEPTH and work by CONFIG_NODES, both checked as the events come,
 * so that neither brackets nor aliases can blow up. What is wrong in meaning (a duplicate key, an
 * unknown tag) is reported and left out; what is wrong in syntax ends the file.
 */
#include "runner/compose.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"

enum { MOST_ANCHORS = 1000, MOST_PIECES = 64 };

struct anchor {
    const char *name;
    struct config *node;
    bool open; /* its node is still being composed: an alias to it would contain itself */
};

struct composer {
    struct loader *loader;
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct source *source;
    size_t offset; /* of the document in the source */
    const struct origin *via;
    yaml_parser_t parser;
    struct cursor cursor;
    struct origin begin; /* of the last event: its anchor or tag, if it has one */
    size_t begin_byte;
    struct anchor *anchors;
    int anchor_count;
    size_t lost_line;  /* of the last alias that has no anchor, as libyaml counts */
    bool lost, broken; /* there was such an alias; there is no use in going on */
};

int place_depth(const struct place *place) {
    return place ? place->depth : 0;
}

/* ---- places ---- */

struct cursor cursor_new(const struct source *source, size_t offset) {
    struct cursor cursor = {.source = source, .offset = offset, .line = 1, .column = 1};
    for (; cursor.byte < offset;
         cursor.column++) /* only a --set argument has one, on its first line */
        cursor.byte += text_character_size(source->text + cursor.byte, offset - cursor.byte);
    return cursor;
}

void cursor_move(struct cursor *cursor, size_t character) {
    if (character < cursor->character) *cursor = cursor_new(cursor->source, cursor->offset);
    const struct source *source = cursor->source;
    for (; cursor->character < character && cursor->byte < source->length; cursor->character++) {
        bool newline = source->text[cursor->byte] == '\n';
        cursor->line += newline;
        cursor->column = newline ? 1 : cursor->column + 1;
        cursor->byte +=
            text_character_size(source->text + cursor->byte, source->length - cursor->byte);
    }
}

static struct origin origin_here(const struct composer *c) {
    return (struct origin){.source = c->source,
                           .line = c->cursor.line,
                           .column = c->cursor.column,
                           .how = c->via ? VIA_INCLUDE : VIA_NOTHING,
                           .via = c->via};
}

/* Bytes of `count` anchors and tags, and the space after them, that stand before a value. */
static size_t properties_size(const char *at, size_t length, int count) {
    size_t i = 0;
    for (; count && i < length && (at[i] == '&' || at[i] == '!'); count--) {
        while (i < length && !strchr(" \t\r\n", at[i]))
            i++;
        while (i < length && strchr(" \t\r\n", at[i]))
            i++;
    }
    return i;
}

/* Sets the origin of a value, and where its text is: after its anchor and tag, `properties` in
 * number. */
static void locate(struct composer *c, struct config *node, const yaml_event_t *event,
                   int properties) {
    bool scalar = event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT;
    const char *text = c->source->text;
    size_t at = event->start_mark.index, most = scalar ? event->end_mark.index - at : SIZE_MAX;
    cursor_move(&c->cursor, at);
    c->begin = origin_here(c);
    c->begin_byte = c->cursor.byte;
    const char *first = text + c->cursor.byte;
    size_t skip = properties_size(first, c->source->length - c->cursor.byte, properties),
           characters = 0;
    for (size_t i = 0; i < skip && characters < most; characters++)
        i += text_character_size(first + i, skip - i);
    cursor_move(&c->cursor, at + characters);
    node->origin = origin_here(c);
    node->raw = text + c->cursor.byte;
    if (!scalar) return;
    cursor_move(&c->cursor, event->end_mark.index);
    node->raw_length = (size_t)(text + c->cursor.byte - node->raw);
    for (size_t i = 0; i < node->raw_length && !strchr("\r\n", node->raw[i]); node->origin.length++)
        i += text_character_size(node->raw + i, node->raw_length - i);
}

/* ---- scalars ---- */

/* Reports the tag of the event that was located last. */
static bool report_tag(struct composer *c, const char *tag) {
    struct origin *origin = arena_copy(c->arena, &c->begin, sizeof c->begin);
    origin->length = 1;
    const char *hint = NULL;
    if (strpbrk(tag, "()[]+-*/^<>%="))
        hint = syntax_quote_hint(c->arena, c->source, c->offset, c->begin_byte);
    if (!hint) hint = "tags are not used here; if this is an expression, quote it";
    return diagnostics_add(c->diagnostics, origin, hint, "unknown tag '%s'",
                           text_excerpt(c->arena, tag));
}

/* Gives a scalar the kind that its tag asks for. */
static bool resolve_tagged(struct composer *c, struct config *node, const char *tag) {
    static const struct {
        const char *tag;
        enum config_kind kind;
    } kinds[] = {{YAML_NULL_TAG, CONFIG_NULL},
                 {YAML_BOOL_TAG, CONFIG_BOOL},
                 {YAML_INT_TAG, CONFIG_INTEGER},
                 {YAML_FLOAT_TAG, CONFIG_FLOAT}};
    if (!strcmp(tag, "!") || !strcmp(tag, YAML_STR_TAG)) {
        node->kind = CONFIG_TEXT;
        node->quoted = true;
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(tag, kinds[i].tag)) continue;
        scalar_resolve(node);
        if (node->kind == CONFIG_INTEGER && kinds[i].kind == CONFIG_FLOAT)
            node->kind = CONFIG_FLOAT;
        node->quoted = false;
        if (node->kind == kinds[i].kind) return true;
        return diagnostics_add(c->diagnostics, &node->origin, NULL, "'%s' is not %s",
                               text_excerpt(c->arena, node->text), config_kind_name(kinds[i].kind));
    }
    return report_tag(c, tag);
}

static struct config *compose_scalar(struct composer *c, const yaml_event_t *event,
                                     struct config *node) {
    const char *text = (const char *)event->data.scalar.value,
               *tag = (const char *)event->data.scalar.tag;
    size_t length = event->data.scalar.length;
    node->text = arena_text_range(c->arena, text, length);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (strlen(node->text) != length) {
        diagnostics_add(c->diagnostics, &node->origin, NULL, "a text may not hold a NUL character");
        return NULL;
    }
    if (tag) return resolve_tagged(c, node, tag) ? node : NULL;
    if (node->quoted)
        node->kind = CONFIG_TEXT;
    else
        scalar_resolve(node);
    return node;
}

/* ---- limits, anchors and aliases ---- */

static bool next(struct composer *c, yaml_event_t *event) {
    if (c->broken) return false;
    if (yaml_parser_parse(&c->parser, event)) return true;
    bool told = c->lost && c->lost_line == c->parser.problem_mark.line;
    if (!told) syntax_report(c->loader, c->source, c->offset, &c->parser, c->via);
    c->broken = true;
    return false;
}

/* Counts one more node `depth` collections deep; false, once with a message, where a limit is
 * passed. */
static bool count_node(struct composer *c, const struct origin *origin, int depth) {
    if (c->broken) return false;
    if (depth > CONFIG_DEPTH) {
        c->broken = true;
        return diagnostics_add(c->diagnostics, origin, NULL, "nested more than %d deep",
                               CONFIG_DEPTH);
    }
    if (c->loader->nodes++ < CONFIG_NODES) return true;
    c->broken = true;
    if (c->loader->nodes > CONFIG_NODES + 1) return false;
    return diagnostics_add(c->diagnostics, origin, NULL,
                           "more than %d values (aliases and included files counted in full)",
                           CONFIG_NODES);
}

/* Remembers an anchor; returns its index, or -1. */
static int anchor_open(struct composer *c, const char *name, struct config *node) {
    if (!name) return -1;
    if (c->anchor_count == MOST_ANCHORS) {
        c->broken = true;
        diagnostics_add(c->diagnostics, &node->origin, NULL, "more than %d anchors", MOST_ANCHORS);
        return -1;
    }
    c->anchors = ARENA_GROW(c->arena, c->anchors, c->anchor_count);
    c->anchors[c->anchor_count] = (struct anchor){arena_text(c->arena, name), node, true};
    return c->anchor_count++;
}

static struct config *copy_aliased(struct composer *c, const struct config *node,
                                   const struct origin *via, int depth) {
    if (!count_node(c, via, depth + (node->kind >= CONFIG_LIST))) return NULL;
    struct config *copy = arena_copy(c->arena, node, sizeof *node);
    copy->origin.how = VIA_ALIAS;
    copy->origin.via = via;
    if (!node->count) return copy;
    copy->items = ARENA_ARRAY(c->arena, struct config *, node->count);
    if (node->keys)
        copy->keys = arena_copy(c->arena, node->keys, (size_t)node->count * sizeof *node->keys);
    for (int i = 0; i < node->count; i++) {
        copy->items[i] = copy_aliased(c, node->items[i], via, depth + 1);
        if (!copy->items[i]) return NULL;
    }
    return copy;
}

static struct config *compose_alias(struct composer *c, const yaml_event_t *event,
                                    struct config *node, int depth) {
    const char *name = (const char *)event->data.alias.anchor;
    for (int i = c->anchor_count - 1; i >= 0; i--) {
        if (strcmp(c->anchors[i].name, name)) continue;
        if (!c->anchors[i].open)
            return c->anchors[i].node ? copy_aliased(c, c->anchors[i].node, &node->origin, depth)
                                      : NULL;
        diagnostics_add(c->diagnostics, &node->origin, NULL, "alias '*%s' contains itself",
                        text_excerpt(c->arena, name));
        return NULL;
    }
    c->lost = true;
    c->lost_line = event->start_mark.line;
    size_t at = (size_t)(node->raw - c->source->text);
    diagnostics_add(c->diagnostics, &node->origin,
                    syntax_quote_hint(c->arena, c->source, c->offset, at),
                    "there is no anchor '&%s'", text_excerpt(c->arena, name));
    return NULL;
}

/* ---- lists and maps ---- */

static struct config *compose_node(struct composer *c, yaml_event_t *event,
                                   const struct place *place);

/* Marks the whole of a collection in brackets as its raw text. */
static void close_flow(struct composer *c, struct config *node, const yaml_event_t *end) {
    if (!node->flow) {
        node->raw = NULL;
        return;
    }
    cursor_move(&c->cursor, end->end_mark.index);
    node->raw_length = (size_t)(c->source->text + c->cursor.byte - node->raw);
}

/* Parentheses that a plain text leaves open; 0 for what is no plain text. */
static int open_parentheses(const struct config *node) {
    int open = 0;
    if (node->quoted || node->kind >= CONFIG_LIST || node->origin.how == VIA_ALIAS) return 0;
    for (size_t i = 0; i < node->raw_length; i++)
        open += (node->raw[i] == '(') - (node->raw[i] == ')');
    return open;
}

/* Makes one text of `first` to `last`, which YAML has split at commas, and says so. */
static void join_pieces(struct composer *c, struct config *first, const struct config *last) {
    first->raw_length = (size_t)(last->raw + last->raw_length - first->raw);
    first->text = arena_text_range(c->arena, first->raw, first->raw_length);
    first->kind = CONFIG_TEXT;
    first->origin.length = 0;
    for (size_t i = 0; i < first->raw_length && first->raw[i] != '\n'; first->origin.length++)
        i += text_character_size(first->raw + i, first->raw_length - i);
    char *hint = text_is_tuple(first->text)
                     ? text_list_hint(c->arena, first->text)
                     : arena_format(c->arena, "quote this expression: \"%s\"", first->text);
    c->loader->mended++;
    diagnostics_add(c->diagnostics, &first->origin,
                    strchr(hint, '\n') || first->raw_length > 200 ? "quote this expression" : hint,
                    "YAML splits this at the comma, inside brackets");
}

/* Whether entry `i` may be the rest of a text that was split: a plain scalar, as a key without a
 * value. */
static bool is_piece(const struct config *node, int i) {
    const struct config *piece = node->keys ? node->keys[i] : node->items[i];
    if (piece->quoted || piece->kind >= CONFIG_LIST || piece->origin.how == VIA_ALIAS) return false;
    return !node->keys || (node->items[i]->kind == CONFIG_NULL && !node->items[i]->raw_length);
}

/* A call in a flow collection that YAML has split: {a: f(x, y)} is {a: "f(x", "y)": null}. Joins
 * the pieces again. */
static void join_split_calls(struct composer *c, struct config *node) {
    int kept = 0;
    struct config **pieces = node->keys ? node->keys : node->items;
    for (int i = 0, last; i < node->count; i = last + 1) {
        int open = open_parentheses(node->items[i]);
        last = i;
        for (int j = i + 1;
             open > 0 && j < node->count && j <= i + MOST_PIECES && is_piece(node, j); j++) {
            open += open_parentheses(pieces[j]);
            if (open <= 0) last = j;
        }
        if (last > i) join_pieces(c, node->items[i], pieces[last]);
        node->items[kept] = node->items[i];
        if (node->keys) node->keys[kept] = node->keys[i];
        kept++;
    }
    node->count = kept;
}

static void drop_duplicate_keys(struct composer *c, struct config *map) {
    struct key_table table = key_table_new(c->arena, map->count);
    int kept = 0;
    for (int i = 0; i < map->count; i++) {
        struct config *key = map->keys[i];
        int first = key_table_find(&table, key->text);
        if (first >= 0) {
            c->loader->mended++;
            diagnostics_add(c->diagnostics, &key->origin, NULL,
                            "the key '%s' is already given in line %d",
                            text_excerpt(c->arena, key->text), map->keys[first]->origin.line);
            continue;
        }
        key_table_add(&table, key->text, kept);
        map->keys[kept] = key;
        map->items[kept++] = map->items[i];
    }
    map->count = kept;
}

static void compose_items(struct composer *c, struct config *list, const struct place *place) {
    yaml_event_t event;
    struct place item = {.outer = place, .depth = place_depth(place) + 1};
    while (next(c, &event)) {
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            close_flow(c, list, &event);
            yaml_event_delete(&event);
            break;
        }
        struct config *value = compose_node(c, &event, &item);
        if (value) config_append(c->arena, list, value);
    }
    if (list->flow && !c->broken) join_split_calls(c, list);
}

static bool key_is_good(struct composer *c, const struct config *key) {
    const char *problem = NULL, *hint = NULL;
    if (key->kind >= CONFIG_LIST) {
        problem = "a key must be a plain name, not a list or a map";
        if (key->flow) hint = "if this is an expression, quote it";
    } else if (!*key->text) {
        problem = "a key may not be empty";
    } else if (strlen(key->text) > LONGEST_KEY) {
        problem = "this key is too long";
    } else if (!strcmp(key->text, "<<") && !key->quoted) {
        problem = "'<<' does not merge in YAML 1.2";
        hint = "put what is shared into a file and use 'include:'";
    }
    return !problem || diagnostics_add(c->diagnostics, &key->origin, hint, "%s", problem);
}

/* The key of an entry, NULL where it is wrong or the file is broken. */
static struct config *compose_key(struct composer *c, yaml_event_t *event,
                                  const struct place *place) {
    struct place inside = {.outer = place, .depth = place_depth(place) + 1};
    struct config *key = compose_node(c, event, &inside);
    return key && key_is_good(c, key) ? key : NULL;
}

static void compose_entries(struct composer *c, struct config *map, const struct place *place) {
    yaml_event_t event;
    while (next(c, &event)) {
        if (event.type == YAML_MAPPING_END_EVENT) {
            close_flow(c, map, &event);
            yaml_event_delete(&event);
            break;
        }
        struct config *key = compose_key(c, &event, place);
        if (!next(c, &event)) break;
        struct place inside = {
            .outer = place, .key = key ? key->text : "", .depth = place_depth(place) + 1};
        struct config *value = compose_node(c, &event, &inside);
        if (!key || !value) continue;
        config_add_entry(c->arena, map, key, value);
    }
    if (c->broken) return;
    if (map->flow) join_split_calls(c, map);
    drop_duplicate_keys(c, map);
}

static struct config *compose_collection(struct composer *c, const yaml_event_t *event,
                                         struct config *node, const struct place *place) {
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const char *tag = map ? (const char *)event->data.mapping_start.tag
                          : (const char *)event->data.sequence_start.tag;
    bool known = !tag || !strcmp(tag, map ? YAML_MAP_TAG : YAML_SEQ_TAG) || !strcmp(tag, "!");
    node->kind = map ? CONFIG_MAP : CONFIG_LIST;
    node->origin.length = 1;
    node->flow = map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                     : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    if (!known) report_tag(c, tag);
    if (map)
        compose_entries(c, node, place);
    else
        compose_items(c, node, place);
    if (c->broken || !known) return NULL;
    return map ? include_files(c->loader, node, place) : node;
}

/* The anchor of an event, or NULL; *properties: how many it has of anchor and tag. */
static const char *event_anchor(const yaml_event_t *event, int *properties) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    *properties = !!anchor + !!tag;
    return (const char *)anchor;
}

/* The value that begins with `event`, which is taken over. NULL: it is wrong, or the file is
 * broken. */
static struct config *compose_node(struct composer *c, yaml_event_t *event,
                                   const struct place *place) {
    struct config *node = ARENA_NEW(c->arena, struct config), *result = NULL;
    int properties;
    const char *anchor = event_anchor(event, &properties);
    locate(c, node, event, properties);
    bool collection =
        event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
    if (event->type == YAML_ALIAS_EVENT) {
        result = compose_alias(c, event, node, place_depth(place));
    } else if (count_node(c, &node->origin, place_depth(place) + collection)) {
        int index = anchor_open(c, anchor, node);
        result =
            collection ? compose_collection(c, event, node, place) : compose_scalar(c, event, node);
        if (index >= 0) {
            c->anchors[index].open = false;
            c->anchors[index].node = result;
        }
    }
    yaml_event_delete(event);
    return c->broken ? NULL : result;
}

/* ---- the document ---- */

static bool expect(struct composer *c, yaml_event_type_t type) {
    yaml_event_t event;
    if (!next(c, &event)) return false;
    bool found = event.type == type;
    if (!found && event.type == YAML_DOCUMENT_START_EVENT) {
        struct config second = {0};
        locate(c, &second, &event, 0);
        diagnostics_add(c->diagnostics, arena_copy(c->arena, &second.origin, sizeof second.origin),
                        NULL, "a second document begins here; a configuration is one document");
    } else if (!found) {
        struct origin *whole = ARENA_NEW(c->arena, struct origin);
        *whole = (struct origin){.source = c->source, .how = VIA_INCLUDE, .via = c->via};
        diagnostics_add(c->diagnostics, whole, NULL, "there is nothing in it");
    }
    yaml_event_delete(&event);
    return found;
}

static struct config *compose_document(struct composer *c, const struct place *place) {
    yaml_event_t event;
    if (!expect(c, YAML_STREAM_START_EVENT) || !expect(c, YAML_DOCUMENT_START_EVENT)) return NULL;
    if (!next(c, &event)) return NULL;
    struct config *root = compose_node(c, &event, place);
    if (c->broken || !expect(c, YAML_DOCUMENT_END_EVENT)) return NULL;
    expect(c, YAML_STREAM_END_EVENT);
    return c->broken ? NULL : root;
}

struct config *compose(struct loader *loader, const struct source *source, size_t offset,
                       const struct origin *via, const struct place *place) {
    if (!source_check(source, via, loader->diagnostics)) return NULL;
    struct composer c = {.loader = loader,
                         .arena = loader->arena,
                         .diagnostics = loader->diagnostics,
                         .source = source,
                         .offset = offset,
                         .via = via,
                         .cursor = cursor_new(source, offset)};
    if (!yaml_parser_initialize(&c.parser)) {
        diagnostics_add(loader->diagnostics, via, NULL, "out of memory");
        return NULL;
    }
    yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&c.parser, (const unsigned char *)source->text + offset,
                                 source->length - offset);
    struct config *root = compose_document(&c, place);
    yaml_parser_delete(&c.parser);
    return root;
}
