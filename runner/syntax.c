/* What libyaml found wrong, in words that help. Most surprises come from expressions that YAML
 * reads in its own way. */
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "runner/compose.h"

/* libyaml's words, or the start of them, and ours. The first row that fits is taken. */
static const struct {
    const char *problem, *context; /* NULL: any */
    const char *message, *hint;
} rows[] = {
    {"mapping values are not allowed", NULL, "a ':' cannot stand here",
     "indent this line like the one above, or quote the value if it holds ': '"},
    {"block sequence entries are not allowed", NULL, "a list cannot begin here",
     "put '- ' on a line of its own, or quote the value"},
    {"did not find expected ',' or ']'", NULL, "expected ',' or ']' here",
     "a value with brackets in it must be quoted"},
    {"did not find expected ',' or '}'", NULL, "expected ',' or '}' here",
     "a value with brackets in it must be quoted"},
    {"did not find expected key", NULL, "expected a key here",
     "lines of one map begin in the same column"},
    {"did not find expected node content", NULL, "expected a value here", NULL},
    {"did not find expected '-' indicator", NULL, "expected '- ' here",
     "items of one list begin in the same column"},
    {"could not find expected ':'", NULL, "expected ':' after this key",
     "write 'key: value', with a space after ':'"},
    {"found unexpected end of stream", "while scanning a quoted scalar",
     "this quote is never closed", NULL},
    {"found unexpected document indicator", "while scanning a quoted scalar",
     "this quote is never closed", NULL},
    {"found unknown escape character", NULL, "there is no such escape in a double-quoted text",
     "single quotes take everything as it is: 'a\\b'"},
    {"did not find expected alphabetic or numeric character", "while scanning an alias",
     "'*' begins an alias in YAML", "a value that begins with '*' must be quoted"},
    {"did not find expected alphabetic or numeric character", "while scanning an anchor",
     "'&' begins an anchor in YAML", "a value that begins with '&' must be quoted"},
    {"did not find expected comment or line break", "while scanning a block scalar",
     "'>' and '|' begin a block of text in YAML",
     "a value that begins with '>' or '|' must be quoted"},
    {NULL, "while scanning a block scalar",
     "this block of text is not indented as its first line is", NULL},
    {NULL, "while parsing a tag", "'!' begins a tag in YAML",
     "a value that begins with '!' must be quoted"},
    {NULL, "while scanning a tag", "'!' begins a tag in YAML",
     "a value that begins with '!' must be quoted"},
};

/* ---- the expression around a place ---- */

enum { MOST_OPEN = 16, LONGEST_HINT = 200 };

/* The start of the line of byte `at`, in the document that begins at `offset`. */
static size_t line_start(const struct source *source, size_t offset, size_t at) {
    while (at > offset && source->text[at - 1] != '\n')
        at--;
    return at;
}

static bool ends_value(char c) {
    return c == 0 || c == '\n' || c == '\r';
}

static size_t skip_spaces(const char *text, size_t i) {
    while (text[i] == ' ')
        i++;
    return i;
}

/* Where the value begins that holds byte `at` of `line`; *flow: how many YAML brackets are open
 * around it. */
static size_t value_start(const char *line, size_t at, int *flow) {
    size_t start = skip_spaces(line, 0), outer[MOST_OPEN];
    int open = 0, round = 0;
    while (line[start] == '-' && line[start + 1] == ' ' && start + 1 < at)
        start = skip_spaces(line, start + 1);
    for (size_t i = start; i < at && !ends_value(line[i]); i++) {
        char c = line[i];
        round += (c == '(') - (c == ')' && round);
        if (round) continue;
        if ((c == '{' || c == '[') && i == start && open < MOST_OPEN) {
            outer[open++] = start;
            start = skip_spaces(line, i + 1);
        } else if ((c == '}' || c == ']') && open) {
            start = outer[--open];
        } else if ((c == ',' && open) || (c == ':' && line[i + 1] == ' ')) {
            start = skip_spaces(line, i + 1);
        }
    }
    *flow = open;
    return start;
}

static size_t value_end(const char *line, size_t start, int flow) {
    size_t i = start, end;
    for (int depth = 0; !ends_value(line[i]); i++) {
        char c = line[i];
        if (c == '#' && i && line[i - 1] == ' ') break;
        if (flow && !depth && strchr(",]}", c)) break;
        depth += !!strchr("([{", c) - !!strchr(")]}", c);
    }
    for (end = i; end > start && line[end - 1] == ' ';)
        end--;
    return end;
}

char *syntax_quote_hint(struct arena *arena, const struct source *source, size_t offset,
                        size_t at) {
    if (at > source->length) at = source->length;
    const char *line = source->text + line_start(source, offset, at);
    int flow;
    size_t start = value_start(line, (size_t)(source->text + at - line), &flow),
           end = value_end(line, start, flow);
    size_t length = end - start;
    if (length < 2 || length > LONGEST_HINT) return NULL;
    bool formula = false;
    for (size_t i = start; i < end; i++) {
        if (strchr("\"'\\`{}\t", line[i])) return NULL;
        formula = formula || strchr("()[]+-*/^<>%=!&@", line[i]);
    }
    if (!formula || (line[end - 1] == ':')) return NULL;
    return arena_format(arena, "quote this expression: \"%.*s\"", (int)length, line + start);
}

/* Whether the value that holds byte `at` begins with a character that means something to YAML. */
static bool follows_indicator(const struct source *source, size_t offset, size_t at) {
    const char *line = source->text + line_start(source, offset, at);
    int flow;
    char first = line[value_start(line, (size_t)(source->text + at - line), &flow)];
    return first && strchr("*&![", first);
}

/* ---- the report ---- */

/* A tab before the first other character of the line, at or before `at`. */
static bool is_tab_indent(const struct source *source, size_t offset, size_t at) {
    size_t i = line_start(source, offset, at);
    for (; source->text[i] == ' ' || source->text[i] == '\t'; i++)
        if (source->text[i] == '\t') return true;
    return false;
}

/* The name on the line above, if that is a list's item without a value, such as "- concat", that
 * this line wants to give keys. */
static const char *bare_item_above(struct arena *arena, const struct source *source, size_t offset,
                                   size_t at) {
    size_t line = line_start(source, offset, at);
    if (line <= offset) return NULL;
    size_t end = line - 1, start = line_start(source, offset, end);
    while (end > start && strchr(" \r", source->text[end - 1]))
        end--;
    while (start < end && source->text[start] == ' ')
        start++;
    if (end - start < 3 || strncmp(source->text + start, "- ", 2) != 0) return NULL;
    const char *name = arena_text_range(arena, source->text + start + 2, end - start - 2);
    return text_is_name(name) ? name : NULL;
}

/* The line that opened the bracket inside of which ',' was expected; 0: this line, or no bracket. */
static int open_line(const yaml_parser_t *parser, int line) {
    if (!parser->context || strncmp(parser->problem, "did not find expected ',' or", 28) != 0 ||
        parser->context_mark.line >= parser->problem_mark.line)
        return 0;
    return line - (int)(parser->problem_mark.line - parser->context_mark.line);
}

static const char *describe(struct arena *arena, const yaml_parser_t *parser,
                            const struct source *source, size_t offset, size_t at,
                            const char **hint) {
    if (is_tab_indent(source, offset, at)) {
        *hint = "indent with spaces";
        return "a tab indents this line, and YAML takes only spaces";
    }
    const char *bare = bare_item_above(arena, source, offset, at);
    if (bare && !strncmp(parser->problem, "mapping values are not allowed", 30)) {
        *hint = arena_format(
            arena, "end the line above with ':', as in '- %s:', so that more keys may follow",
            bare);
        return "a ':' cannot stand here";
    }
    if (!strncmp(parser->problem, "could not find expected ':'", 27) && source->text[at] == '-') {
        *hint = "a space follows the '-' of an item";
        return "this is no item of a list";
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].problem &&
            strncmp(parser->problem, rows[i].problem, strlen(rows[i].problem)) != 0)
            continue;
        if (rows[i].context && (!parser->context || strcmp(parser->context, rows[i].context) != 0))
            continue;
        *hint = rows[i].hint;
        return rows[i].message;
    }
    if (!strcmp(parser->problem, "found character that cannot start any token")) {
        *hint = "a value that begins with this character must be quoted";
        return source->text[at] == '\t'
                   ? "a tab cannot stand here"
                   : arena_format(arena, "a value cannot begin with '%c'", source->text[at]);
    }
    return parser->problem;
}

/* Whether the mistake began at the context rather than where it was noticed. */
static bool begins_at_context(const yaml_parser_t *parser) {
    return parser->context &&
           (strstr(parser->context, "quoted scalar") || strstr(parser->context, "simple key") ||
            strstr(parser->context, "an alias") || strstr(parser->context, "an anchor") ||
            strstr(parser->context, "a tag") ||
            (strstr(parser->context, "a block scalar") && strstr(parser->problem, "comment")));
}

void syntax_report(struct loader *loader, const struct source *source, size_t offset,
                   const struct yaml_parser_s *parser, const struct origin *via) {
    struct origin *origin = ARENA_NEW(loader->arena, struct origin);
    *origin = (struct origin){.source = source, .how = via ? VIA_INCLUDE : VIA_NOTHING, .via = via};
    if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_READER_ERROR ||
        !parser->problem) {
        diagnostics_add(loader->diagnostics, origin, NULL, "%s at byte %zu",
                        parser->problem ? parser->problem : "out of memory",
                        offset + parser->problem_offset);
        return;
    }
    struct cursor cursor = cursor_new(source, offset);
    cursor_move(&cursor, begins_at_context(parser) ? parser->context_mark.index
                                                   : parser->problem_mark.index);
    origin->line = cursor.line;
    origin->column = cursor.column;
    const char *hint = NULL,
               *message = describe(loader->arena, parser, source, offset, cursor.byte, &hint);
    char *quote = NULL;
    if (hint && (strstr(hint, "quote") || follows_indicator(source, offset, cursor.byte)))
        quote = syntax_quote_hint(loader->arena, source, offset, cursor.byte);
    int opened = open_line(parser, cursor.line);
    if (opened) quote = arena_format(loader->arena, "the bracket of line %d is still open", opened);
    diagnostics_add(loader->diagnostics, origin, quote ? quote : hint, "%s", message);
}
