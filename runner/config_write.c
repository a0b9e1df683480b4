/* A tree as YAML again: block style, with short lists of scalars in brackets. Texts are quoted only
 * where they must be. */
#include <string.h>

#include "base/text.h"
#include "runner/compose.h"

enum { INDENT = 2, WIDEST_FLOW = 72 };

/*
 * Whether a plain scalar with these characters is read back as it is; what kind it is read as is
 * another matter. In brackets a comma would split it, and "f(x" followed by "y)" would be taken for
 * a call that was split.
 */
static bool is_plain(const char *text, bool flow) {
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-*^()=<>$~,[]{}";
    if (!*text || strchr(" -+*=<>()$^~,[]{}", *text)) return false;
    size_t length = strlen(text);
    int open = 0;
    for (size_t i = 0; i < length; i++) {
        if (!strchr(safe, text[i]) && !(text[i] == ' ' && text[i + 1])) return false;
        if (flow && strchr(",[]{}", text[i])) return false;
        open += (text[i] == '(') - (text[i] == ')');
    }
    return (!flow || !open) && strcmp(text, "...") != 0;
}

/* Code points that YAML wants escaped: controls, and what it takes for line breaks or a byte order
 * mark. */
static bool must_escape(unsigned point) {
    return point < 32 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029 ||
           point == 0xFEFF || (point >= 0xFFFE && point <= 0xFFFF);
}

static unsigned decode(const char *at, size_t size) {
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned point = (unsigned char)at[0] & mask[size];
    for (size_t i = 1; i < size; i++)
        point = point << 6 | ((unsigned char)at[i] & 0x3F);
    return point;
}

static void write_quoted(const char *text, struct text *out) {
    size_t length = strlen(text), size;
    text_add(out, "\"");
    for (size_t i = 0; i < length; i += size) {
        size = text_character_size(text + i, length - i);
        unsigned point = decode(text + i, size);
        if (point == '"' || point == '\\')
            text_format(out, "\\%c", (char)point);
        else if (point == '\n')
            text_add(out, "\\n");
        else if (point == '\t')
            text_add(out, "\\t");
        else if (must_escape(point))
            text_format(out, point < 0x100 ? "\\x%02X" : "\\u%04X", point);
        else
            text_add_range(out, text + i, size);
    }
    text_add(out, "\"");
}

static void write_scalar(const struct config *node, bool flow, struct text *out) {
    const char *text = node->text ? node->text : "";
    struct config plain = {.text = text};
    scalar_resolve(&plain);
    if (node->kind == CONFIG_NULL) {
        text_add(out, "null");
    } else if (node->kind == CONFIG_TEXT) {
        if (plain.kind == CONFIG_TEXT && !node->quoted && is_plain(text, flow))
            text_add(out, text);
        else
            write_quoted(text, out);
    } else {
        if (plain.kind != node->kind)
            text_add(out, "!!float "); /* the only tag that changes a number */
        text_add(out, text);
    }
}

static bool write_flow(const struct config *list, struct text *out) {
    struct text line = {0};
    bool scalars = true;
    text_add(&line, "[");
    for (int i = 0; i < list->count && scalars; i++) {
        scalars = list->items[i]->kind < CONFIG_LIST && line.length < WIDEST_FLOW;
        if (i) text_add(&line, ", ");
        if (scalars) write_scalar(list->items[i], true, &line);
    }
    text_add(&line, "]");
    bool fits = scalars && line.length <= WIDEST_FLOW;
    if (fits) text_add(out, text_get(&line));
    text_release(&line);
    return fits;
}

void config_write_line(const struct config *value, struct text *out) {
    bool list = value->kind == CONFIG_LIST;
    if (value->kind < CONFIG_LIST) {
        write_scalar(value, true, out);
        return;
    }
    text_add(out, list ? "[" : "{");
    for (int i = 0; i < value->count; i++) {
        if (i) text_add(out, ", ");
        if (!list) {
            write_scalar(value->keys[i], true, out);
            text_add(out, ": ");
        }
        config_write_line(value->items[i], out);
    }
    text_add(out, list ? "]" : "}");
}

static void indent(int depth, struct text *out) {
    text_format(out, "%*s", depth * INDENT, "");
}

static void write_block(const struct config *node, int depth, bool first_placed, struct text *out);

/* What follows "key:" or "-": a space and a value on the same line, or a block on the next lines.
 */
static void write_value(const struct config *node, int depth, bool in_list, struct text *out) {
    if (node->kind < CONFIG_LIST || !node->count) {
        text_add(out, " ");
        if (node->kind < CONFIG_LIST)
            write_scalar(node, false, out);
        else
            text_add(out, node->kind == CONFIG_LIST ? "[]" : "{}");
        text_add(out, "\n");
        return;
    }
    size_t before = out->length;
    text_add(out, " ");
    if (node->kind == CONFIG_LIST && write_flow(node, out)) {
        text_add(out, "\n");
        return;
    }
    if (!in_list) {
        out->length = before;
        text_add(out, "\n");
    }
    write_block(node, depth + 1, in_list, out);
}

/* The entries of a list or map, one a line; the first stands after what is on the line if
 * `first_placed`. */
static void write_block(const struct config *node, int depth, bool first_placed, struct text *out) {
    for (int i = 0; i < node->count; i++) {
        if (i || !first_placed) indent(depth, out);
        if (node->kind == CONFIG_LIST) {
            text_add(out, "-");
        } else {
            write_scalar(node->keys[i], true, out);
            text_add(out, ":");
        }
        write_value(node->items[i], depth, node->kind == CONFIG_LIST, out);
    }
}

void config_write(const struct config *root, struct text *out) {
    if (root->kind >= CONFIG_LIST && root->count) {
        write_block(root, 0, false, out);
        return;
    }
    struct text line = {0};
    write_value(root, 0, false, &line);
    text_add(out, text_get(&line) + 1); /* without the space after a key */
    text_release(&line);
}
