/* The expression parser: recursive descent, one function a line of the grammar in expression.h. */
#include "runner/expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runner/expression_token.h"

typedef const struct expression *node;

/* ---- nodes ---- */

/* A list of parts that grows. */
struct parts {
    node *list;
    const char **keywords;
    int count;
};

static void parts_add(struct parser *p, struct parts *parts, node part, const char *keyword) {
    parts->list = ARENA_GROW(p->arena, parts->list, parts->count);
    parts->keywords = ARENA_GROW(p->arena, parts->keywords, parts->count);
    parts->list[parts->count] = part;
    parts->keywords[parts->count++] = keyword;
}

static struct expression *make(struct parser *p, enum expression_kind kind, size_t start,
                               const struct parts *parts) {
    struct expression *e = ARENA_NEW(p->arena, struct expression);
    e->kind = kind;
    e->origin = parser_origin(p, start, p->last_end);
    e->height = 1;
    e->count = parts ? parts->count : 0;
    if (parts) e->part = parts->list;
    for (int i = 0; i < e->count; i++)
        if (e->part[i] && e->part[i]->height >= e->height) e->height = e->part[i]->height + 1;
    if (e->height <= EXPRESSION_DEPTH) return e;
    parser_fail(p, start, p->last_end,
                "this expression is nested too deeply; give parts of it names");
    return NULL;
}

static node make_operator(struct parser *p, size_t start, enum expression_kind kind, char operator,
                          node a, node b) {
    struct parts parts = {0};
    parts_add(p, &parts, a, NULL);
    if (b) parts_add(p, &parts, b, NULL);
    struct expression *e = make(p, kind, start, &parts);
    if (e) e->operator= operator;
    return e;
}

static bool enter(struct parser *p) {
    if (p->depth++ < EXPRESSION_DEPTH) return !p->failed;
    parser_fail(p, p->token.start, p->token.start + p->token.length,
                "this expression is nested too deeply; give parts of it names");
    return false;
}

/* ---- the grammar ---- */

static node parse_expression(struct parser *p);

static bool close_bracket(struct parser *p, char bracket, size_t opened) {
    if (parser_take(p, bracket)) return true;
    const char open = bracket == ')' ? '(' : '[';
    if (p->token.kind == TOKEN_END)
        parser_fail(p, opened, opened + 1,
                    arena_format(p->arena,
                                 "this '%c' is never closed: expected '%c', found the end", open,
                                 bracket));
    else
        parser_expected(p, arena_format(p->arena, "'%c'", bracket));
    return false;
}

/* Expressions between commas up to `bracket`, which is taken. */
static bool parse_list(struct parser *p, struct parts *parts, char bracket, size_t opened) {
    if (parser_take(p, bracket)) return true;
    do {
        node part = parse_expression(p);
        if (!part) return false;
        parts_add(p, parts, part, NULL);
    } while (parser_take(p, ','));
    return close_bracket(p, bracket, opened);
}

static node parse_number(struct parser *p) {
    size_t start = p->token.start, end = start + p->token.length;
    char *digits = arena_text_range(p->arena, p->text + start, p->token.length);
    double number = strtod(digits, NULL);
    if (!isfinite(number)) return parser_fail(p, start, end, "this number is too large");
    parser_advance(p);
    if (p->token.kind == TOKEN_NAME && p->token.start == end && p->text[end] == '_')
        return parser_fail(p, start, end + p->token.length, "a number has no '_' in it");
    if (p->token.kind == TOKEN_NAME && p->token.start == end)
        return parser_fail_hint(p, start, end + p->token.length,
                                arena_format(p->arena, "a product is written %s * %.*s", digits,
                                             (int)(p->token.length < 60 ? p->token.length : 60),
                                             p->text + end),
                                "expected an operator after this number");
    struct expression *e = make(p, EXPRESSION_NUMBER, start, NULL);
    e->number = number;
    return e;
}

/* 7:12, where samples are named so; its seed is read already. */
static node parse_sample(struct parser *p, node seed, size_t start) {
    size_t colon = p->token.start;
    if (!seed || !p->samples || !parser_at(p, ':') || colon != p->last_end) return seed;
    parser_advance(p);
    if (p->token.kind != TOKEN_NUMBER || p->token.start != colon + 1)
        return parser_expected(p, "the number of a sample, as in 7:12");
    size_t end = p->token.start + p->token.length;
    if (!parse_number(p)) return NULL;
    struct expression *e = make(p, EXPRESSION_NAME, start, NULL);
    e->name = arena_text_range(p->arena, p->text + start, end - start);
    return e;
}

static node parse_name(struct parser *p) {
    size_t start = p->token.start;
    bool truth = parser_at_word(p, "true");
    if (truth || parser_at_word(p, "false")) {
        parser_advance(p);
        struct expression *e = make(p, EXPRESSION_NUMBER, start, NULL);
        e->number = truth;
        e->name = truth ? "true" : "false";
        return e;
    }
    const char *name = parser_take_name(p, "a value");
    if (!name) return NULL;
    struct expression *e = make(p, EXPRESSION_NAME, start, NULL);
    e->name = name;
    return e;
}

static node parse_atom(struct parser *p) {
    size_t start = p->token.start;
    if (p->token.kind == TOKEN_NUMBER) return parse_sample(p, parse_number(p), start);
    if (p->token.kind == TOKEN_NAME) return parse_name(p);
    if (parser_take(p, '(')) {
        node inside = parse_expression(p);
        return inside && close_bracket(p, ')', start) ? inside : NULL;
    }
    if (parser_take(p, '[')) {
        struct parts parts = {0};
        return parse_list(p, &parts, ']', start) ? make(p, EXPRESSION_LIST, start, &parts) : NULL;
    }
    return parser_expected(p, "a value");
}

/* NAME "=", taken; NULL where the argument has no keyword. */
static const char *parse_keyword(struct parser *p) {
    if (p->token.kind != TOKEN_NAME) return NULL;
    struct token name = p->token;
    size_t before = p->last_end;
    parser_advance(p);
    bool keyword = parser_at(p, 'a');
    p->token = name;
    p->last_end = before;
    if (!keyword) return NULL;
    const char *text = parser_take_name(p, "a keyword");
    if (text) parser_advance(p);
    return text;
}

static bool parse_argument(struct parser *p, struct parts *parts) {
    size_t start = p->token.start;
    const char *keyword = parse_keyword(p);
    node value = p->failed ? NULL : parse_expression(p);
    if (!value) return false;
    if (!keyword && parts->keywords[parts->count - 1])
        return parser_fail(p, start, p->last_end, "arguments without a keyword come first");
    for (int i = 1; keyword && i < parts->count; i++)
        if (parts->keywords[i] && !strcmp(parts->keywords[i], keyword))
            return parser_fail(p, start, p->last_end,
                               arena_format(p->arena, "the argument '%s' is given twice",
                                            text_excerpt(p->arena, keyword)));
    parts_add(p, parts, value, keyword);
    return true;
}

static node parse_call(struct parser *p, node callee, size_t start) {
    size_t opened = p->token.start;
    if (callee->kind != EXPRESSION_NAME && callee->kind != EXPRESSION_OUTPUT)
        return parser_fail_hint(p, opened, opened + 1, "a product is written a * (b)",
                                "only a name can be called");
    parser_advance(p);
    struct parts parts = {0};
    parts_add(p, &parts, callee, NULL);
    if (!parser_take(p, ')')) {
        do {
            if (!parse_argument(p, &parts)) return NULL;
        } while (parser_take(p, ','));
        if (!close_bracket(p, ')', opened)) return NULL;
    }
    struct expression *e = make(p, EXPRESSION_CALL, start, &parts);
    if (e) e->keyword = parts.keywords;
    return e;
}

/* expression, or expression? ":" expression? (":" expression?)? */
static node parse_index(struct parser *p) {
    size_t start = p->token.start;
    struct parts parts = {0};
    node first = NULL;
    if (!parser_at(p, ':') && !(first = parse_expression(p))) return NULL;
    if (!parser_at(p, ':')) return first;
    parts_add(p, &parts, first, NULL);
    while (parts.count < 3) {
        node part = NULL;
        if (parser_take(p, ':') && !parser_at(p, ':') && !parser_at(p, ',') && !parser_at(p, ']') &&
            !(part = parse_expression(p)))
            return NULL;
        parts_add(p, &parts, part, NULL);
    }
    return make(p, EXPRESSION_SLICE, start, &parts);
}

static node parse_indices(struct parser *p, node value, size_t start) {
    size_t opened = p->token.start;
    struct parts parts = {0};
    parts_add(p, &parts, value, NULL);
    parser_advance(p);
    do {
        node index = parse_index(p);
        if (!index) return NULL;
        parts_add(p, &parts, index, NULL);
    } while (parser_take(p, ','));
    return close_bracket(p, ']', opened) ? make(p, EXPRESSION_INDEX, start, &parts) : NULL;
}

static node parse_output(struct parser *p, node value, size_t start) {
    parser_advance(p);
    const char *name = parser_take_name(p, "a name after '.'");
    if (!name) return NULL;
    struct parts parts = {0};
    parts_add(p, &parts, value, NULL);
    struct expression *e = make(p, EXPRESSION_OUTPUT, start, &parts);
    if (e) e->name = name;
    return e;
}

static node parse_postfix(struct parser *p) {
    size_t start = p->token.start;
    node value = parse_atom(p);
    while (value) {
        if (parser_at(p, '('))
            value = parse_call(p, value, start);
        else if (parser_at(p, '.'))
            value = parse_output(p, value, start);
        else if (parser_at(p, '['))
            value = parse_indices(p, value, start);
        else
            break;
    }
    return value;
}

static node parse_unary(struct parser *p);

static node parse_power(struct parser *p) {
    size_t start = p->token.start;
    node base = parse_postfix(p);
    if (!base || !parser_take(p, '^')) return base;
    node exponent = parse_unary(p);
    return exponent ? make_operator(p, start, EXPRESSION_BINARY, '^', base, exponent) : NULL;
}

static node parse_unary(struct parser *p) {
    size_t start = p->token.start;
    bool minus = parser_at(p, '-');
    if (!minus && !parser_at(p, '+')) return parse_power(p);
    if (!enter(p)) return NULL;
    parser_advance(p);
    node value = parse_unary(p);
    p->depth--;
    return value && minus ? make_operator(p, start, EXPRESSION_UNARY, '-', value, NULL) : value;
}

/* next (sign next)*, for the signs in `signs`. */
static node parse_chain(struct parser *p, const char *signs, node (*next)(struct parser *)) {
    size_t start = p->token.start;
    node left = next(p);
    while (left && p->token.kind == TOKEN_SIGN && strchr(signs, p->token.sign)) {
        char operator= p->token.sign;
        parser_advance(p);
        node right = next(p);
        left = right ? make_operator(p, start, EXPRESSION_BINARY, operator, left, right) : NULL;
    }
    return left;
}

static node parse_product(struct parser *p) {
    return parse_chain(p, "*/%", parse_unary);
}

static node parse_sum(struct parser *p) {
    return parse_chain(p, "+-", parse_product);
}

static bool at_comparison(const struct parser *p) {
    return p->token.kind == TOKEN_SIGN && strchr("<>lg=!", p->token.sign);
}

static node parse_comparison(struct parser *p) {
    size_t start = p->token.start;
    node left = parse_sum(p);
    if (!left || !at_comparison(p)) return left;
    char operator= p->token.sign;
    parser_advance(p);
    node right = parse_sum(p);
    if (right && at_comparison(p))
        return parser_fail_hint(p, p->token.start, p->token.start + p->token.length,
                                "write a < b and b < c", "comparisons are not chained");
    return right ? make_operator(p, start, EXPRESSION_BINARY, operator, left, right) : NULL;
}

static node parse_not(struct parser *p) {
    size_t start = p->token.start;
    if (!parser_at_word(p, "not")) return parse_comparison(p);
    if (!enter(p)) return NULL;
    parser_advance(p);
    node value = parse_not(p);
    p->depth--;
    return value ? make_operator(p, start, EXPRESSION_UNARY, 'n', value, NULL) : NULL;
}

static node parse_and(struct parser *p) {
    size_t start = p->token.start;
    node left = parse_not(p);
    while (left && parser_take_word(p, "and")) {
        node right = parse_not(p);
        left = right ? make_operator(p, start, EXPRESSION_BINARY, '&', left, right) : NULL;
    }
    return left;
}

static node parse_expression(struct parser *p) {
    size_t start = p->token.start;
    if (!enter(p)) return NULL;
    node left = parse_and(p);
    while (left && parser_take_word(p, "or")) {
        node right = parse_and(p);
        left = right ? make_operator(p, start, EXPRESSION_BINARY, '|', left, right) : NULL;
    }
    p->depth--;
    return left;
}

/* ---- whole texts ---- */

static node parse_text(const char *text, const struct origin *origin, struct position *positions,
                       bool samples, struct diagnostics *diagnostics) {
    struct parser p = {.diagnostics = diagnostics,
                       .arena = diagnostics->arena,
                       .text = text,
                       .length = strlen(text),
                       .origin = origin,
                       .positions = positions,
                       .samples = samples};
    if (p.length > EXPRESSION_BYTES)
        return parser_fail(&p, 0, 0, "this expression is larger than 64 KiB");
    parser_advance(&p);
    if (p.token.kind == TOKEN_END)
        return parser_fail(&p, 0, p.length, "expected an expression, found an empty text");
    node e = parse_expression(&p);
    if (e && p.token.kind != TOKEN_END) e = parser_expected(&p, "an operator or the end");
    if (!e) return NULL;
    struct expression *root = arena_copy(p.arena, e, sizeof *e);
    root->text = arena_text(p.arena, text);
    return root;
}

static node parse_at(const char *text, const struct origin *origin, bool samples,
                     struct diagnostics *diagnostics) {
    struct position *positions =
        strlen(text) > EXPRESSION_BYTES ? NULL : positions_count(diagnostics->arena, text, origin);
    return parse_text(text, origin, positions, samples, diagnostics);
}

const struct expression *expression_parse_text(const char *text, const struct origin *origin,
                                               struct diagnostics *diagnostics) {
    return parse_at(text, origin, false, diagnostics);
}

const struct expression *expression_parse_samples(const char *text, const struct origin *origin,
                                                  struct diagnostics *diagnostics) {
    return parse_at(text, origin, true, diagnostics);
}

static node number_node(const struct config *value, struct diagnostics *diagnostics) {
    if (!isfinite(value->number)) {
        diagnostics_add(diagnostics, &value->origin, NULL, "expected a finite number, found %s",
                        value->text);
        return NULL;
    }
    struct expression *e = ARENA_NEW(diagnostics->arena, struct expression);
    *e = (struct expression){.kind = EXPRESSION_NUMBER,
                             .origin = value->origin,
                             .number = value->number,
                             .height = 1,
                             .text = value->text};
    if (value->kind == CONFIG_BOOL) e->name = value->number != 0 ? "true" : "false";
    return e;
}

/* What YAML has made a list of: [a, b] for a list in brackets, or - x for a difference without its
 * left side. */
static char *quote_list(struct arena *arena, const struct config *list) {
    if (list->flow && list->raw && list->raw_length < 200 &&
        !memchr(list->raw, '\n', list->raw_length) && !memchr(list->raw, '"', list->raw_length))
        return arena_format(arena, "quote this expression: \"%.*s\"", (int)list->raw_length,
                            list->raw);
    const struct config *item = !list->flow && list->count == 1 ? list->items[0] : NULL;
    if (!item || item->kind >= CONFIG_LIST || item->quoted) return NULL;
    return arena_format(arena, "quote this expression: \"- %s\"", text_excerpt(arena, item->text));
}

const struct expression *expression_parse(const struct config *value,
                                          struct diagnostics *diagnostics) {
    struct arena *arena = diagnostics->arena;
    if (value->kind == CONFIG_BOOL || value->kind == CONFIG_INTEGER || value->kind == CONFIG_FLOAT)
        return number_node(value, diagnostics);
    if (value->kind == CONFIG_TEXT) {
        bool placed = strlen(value->text) <= EXPRESSION_BYTES;
        struct position *positions = placed && value->raw ? positions_find(arena, value) : NULL;
        return parse_text(value->text, &value->origin, positions, false, diagnostics);
    }
    diagnostics_add(diagnostics, &value->origin,
                    value->kind == CONFIG_LIST ? quote_list(arena, value) : NULL,
                    "expected an expression, found %s", config_kind_name(value->kind));
    return NULL;
}

const char *expression_name(struct arena *arena, const struct expression *e) {
    if (e->kind == EXPRESSION_NAME) return e->name;
    if (e->kind != EXPRESSION_OUTPUT || e->part[0]->kind != EXPRESSION_NAME) return NULL;
    return arena_format(arena, "%s.%s", e->part[0]->name, e->name);
}
