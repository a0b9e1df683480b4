/* The expression parser: recursive descent, one function a line of the grammar in expression.h. */
#include "runner/expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_NAME, TOKEN_SIGN, TOKEN_OTHER };

/* A sign is one byte: itself, or 'l' <=, 'g' >=, '=' ==, '!' !=, 'a' a lone '='. */
struct token {
    enum token_kind kind;
    char sign;
    size_t start, length;
};

struct position {
    int line, column;
};

struct parser {
    struct diagnostics *diagnostics;
    struct arena *arena;
    const char *text;
    size_t length;
    const struct origin *origin; /* of the whole */
    struct position *positions;  /* of each byte of the text and of its end; NULL: not known */
    struct token token;
    size_t last_end; /* of the token before */
    int depth;
    bool failed;
};

typedef const struct expression *node;

/* ---- places ---- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Bytes before the content of a scalar: its quote, or the header of a block. */
static size_t raw_header(const struct config *value) {
    if (!value->quoted || !value->raw_length) return 0;
    if (*value->raw == '\'' || *value->raw == '"') return 1;
    const char *newline = memchr(value->raw, '\n', value->raw_length);
    return newline ? (size_t)(newline - value->raw) + 1 : 0;
}

static void step(struct position *position, const char *at, size_t *i, size_t size) {
    position->line += at[*i] == '\n';
    position->column = at[*i] == '\n' ? 1 : position->column + 1;
    *i += size;
}

/* Finds each character of a scalar's text in its source. YAML changes only white space, doubles
   quotes and has escapes: so the characters that are no white space are the same, in the same
   order, or the places are not known. */
static struct position *find_positions(struct arena *arena, const struct config *value) {
    size_t length = strlen(value->text), header = raw_header(value);
    struct position *positions = ARENA_ARRAY(arena, struct position, length + 1);
    struct position here = {value->origin.line, value->origin.column};
    size_t raw = 0;
    while (raw < header)
        step(&here, value->raw, &raw, text_character_size(value->raw + raw, header - raw));
    bool single = value->raw_length && *value->raw == '\'';
    for (size_t i = 0, size; i < length; i += size) {
        size = text_character_size(value->text + i, length - i);
        if (!is_space(value->text[i])) {
            while (raw < value->raw_length && is_space(value->raw[raw]))
                step(&here, value->raw, &raw, 1);
            if (raw + size > value->raw_length ||
                memcmp(value->raw + raw, value->text + i, size) != 0)
                return NULL;
        }
        for (size_t j = 0; j < size; j++)
            positions[i + j] = here;
        if (is_space(value->text[i])) continue;
        step(&here, value->raw, &raw, size);
        if (single && value->text[i] == '\'') step(&here, value->raw, &raw, 1);
    }
    positions[length] = here;
    return positions;
}

/* The positions of a text that stands in one line of its source as it is. */
static struct position *count_positions(struct arena *arena, const char *text,
                                        const struct origin *origin) {
    size_t length = strlen(text);
    if (strchr(text, '\n') || !origin) return NULL;
    struct position *positions = ARENA_ARRAY(arena, struct position, length + 1);
    struct position here = {origin->line, origin->column};
    for (size_t i = 0; i < length; here.column++)
        for (size_t size = text_character_size(text + i, length - i); size; size--)
            positions[i++] = here;
    positions[length] = here;
    return positions;
}

/* The origin of bytes start to end, in the first line that they take. */
static struct origin origin_of(const struct parser *p, size_t start, size_t end) {
    struct origin origin = p->origin ? *p->origin : (struct origin){0};
    if (!p->positions) return origin;
    struct position first = p->positions[start];
    size_t last = end > start ? end - 1 : start;
    while (last > start && (p->positions[last].line != first.line || is_space(p->text[last])))
        last--;
    origin.line = first.line;
    origin.column = first.column;
    origin.length = p->positions[last].column - first.column + 1;
    return origin;
}

/* ---- errors ---- */

static node fail_hint(struct parser *p, size_t start, size_t end, const char *hint,
                      const char *message) {
    if (p->failed) return NULL;
    p->failed = true;
    struct origin origin = origin_of(p, start, end);
    diagnostics_add(p->diagnostics, arena_copy(p->arena, &origin, sizeof origin), hint, "%s",
                    message);
    return NULL;
}

static node fail(struct parser *p, size_t start, size_t end, const char *message) {
    return fail_hint(p, start, end, NULL, message);
}

static const char *token_text(const struct parser *p) {
    if (p->token.kind == TOKEN_END) return "the end";
    char *text = arena_text_range(p->arena, p->text + p->token.start, p->token.length);
    return arena_format(p->arena, "'%s'", text_excerpt(p->arena, text));
}

/* "expected WHAT, found TOKEN", with advice for what other languages write. */
static node fail_expected(struct parser *p, const char *what) {
    static const char *const advice[][2] = {
        {"=", "'==' compares"},
        {"*", "'^' is the power"},
        {"&", "write 'and'"},
        {"|", "write 'or'"},
        {"!", "write 'not'"},
        {"?", "select(condition, a, b) chooses"},
        {"not", "put 'not ...' into parentheses"},
        {"//", "floor(a / b) divides without a rest"},
    };
    const char *hint = NULL;
    const struct token *t = &p->token;
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        if (t->length == strlen(advice[i][0]) &&
            !memcmp(p->text + t->start, advice[i][0], t->length))
            hint = advice[i][1];
    return fail_hint(p, t->start, t->start + t->length, hint,
                     arena_format(p->arena, "expected %s, found %s", what, token_text(p)));
}

/* ---- tokens ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t number_length(const char *at) {
    size_t i = 0;
    while (is_digit(at[i]))
        i++;
    if (at[i] == '.')
        for (i++; is_digit(at[i]);)
            i++;
    if (at[i] != 'e' && at[i] != 'E') return i;
    size_t digits = i + 1 + (at[i + 1] == '-' || at[i + 1] == '+');
    if (!is_digit(at[digits])) return i;
    while (is_digit(at[digits]))
        digits++;
    return digits;
}

static void read_sign(const struct parser *p, struct token *token) {
    const char *at = p->text + token->start;
    token->length = text_character_size(at, p->length - token->start);
    token->kind = strchr("+-*/%^<>()[],.:=", *at) ? TOKEN_SIGN : TOKEN_OTHER;
    token->sign = *at == '=' ? 'a' : *at;
    if (at[1] != '=' || !strchr("<>=!", *at)) return;
    token->kind = TOKEN_SIGN;
    token->sign = *at == '<' ? 'l' : *at == '>' ? 'g' : *at;
    token->length = 2;
}

static void advance(struct parser *p) {
    p->last_end = p->token.start + p->token.length;
    size_t at = p->last_end;
    while (is_space(p->text[at]))
        at++;
    struct token token = {.start = at};
    char c = p->text[at];
    if (at == p->length) {
        token.kind = TOKEN_END;
    } else if (is_digit(c) || (c == '.' && is_digit(p->text[at + 1]))) {
        token.kind = TOKEN_NUMBER;
        token.length = number_length(p->text + at);
    } else if (is_letter(c)) {
        token.kind = TOKEN_NAME;
        while (is_letter(p->text[at + token.length]) || is_digit(p->text[at + token.length]))
            token.length++;
    } else {
        read_sign(p, &token);
    }
    p->token = token;
}

static bool at_sign(const struct parser *p, char sign) {
    return p->token.kind == TOKEN_SIGN && p->token.sign == sign;
}

static bool at_word(const struct parser *p, const char *word) {
    return p->token.kind == TOKEN_NAME && strlen(word) == p->token.length &&
           !memcmp(p->text + p->token.start, word, p->token.length);
}

static bool take_sign(struct parser *p, char sign) {
    if (!at_sign(p, sign)) return false;
    advance(p);
    return true;
}

static bool take_word(struct parser *p, const char *word) {
    if (!at_word(p, word)) return false;
    advance(p);
    return true;
}

/* A name that is not a reserved word, taken; NULL and a message where there is none. */
static const char *take_name(struct parser *p, const char *what) {
    char *name = arena_text_range(p->arena, p->text + p->token.start, p->token.length);
    bool reserved = at_word(p, "and") || at_word(p, "or") || at_word(p, "not") ||
                    at_word(p, "true") || at_word(p, "false");
    if (p->token.kind != TOKEN_NAME || reserved) {
        fail_expected(p, what);
        return NULL;
    }
    if (!text_is_name(name)) {
        fail(p, p->token.start, p->token.start + p->token.length,
             arena_format(p->arena, "'%s' is no name: names are of a-z, 0-9 and '_'",
                          text_excerpt(p->arena, name)));
        return NULL;
    }
    advance(p);
    return name;
}

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
    e->origin = origin_of(p, start, p->last_end);
    e->height = 1;
    e->count = parts ? parts->count : 0;
    if (parts) e->part = parts->list;
    for (int i = 0; i < e->count; i++)
        if (e->part[i] && e->part[i]->height >= e->height) e->height = e->part[i]->height + 1;
    if (e->height <= EXPRESSION_DEPTH) return e;
    fail(p, start, p->last_end, "this expression is nested too deeply; give parts of it names");
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
    fail(p, p->token.start, p->token.start + p->token.length,
         "this expression is nested too deeply; give parts of it names");
    return false;
}

/* ---- the grammar ---- */

static node parse_expression(struct parser *p);

static bool close_bracket(struct parser *p, char bracket, size_t opened) {
    if (take_sign(p, bracket)) return true;
    const char open = bracket == ')' ? '(' : '[';
    if (p->token.kind == TOKEN_END)
        fail(p, opened, opened + 1,
             arena_format(p->arena, "this '%c' is never closed: expected '%c', found the end", open,
                          bracket));
    else
        fail_expected(p, arena_format(p->arena, "'%c'", bracket));
    return false;
}

/* Expressions between commas up to `bracket`, which is taken. */
static bool parse_list(struct parser *p, struct parts *parts, char bracket, size_t opened) {
    if (take_sign(p, bracket)) return true;
    do {
        node part = parse_expression(p);
        if (!part) return false;
        parts_add(p, parts, part, NULL);
    } while (take_sign(p, ','));
    return close_bracket(p, bracket, opened);
}

static node parse_number(struct parser *p) {
    size_t start = p->token.start, end = start + p->token.length;
    char *digits = arena_text_range(p->arena, p->text + start, p->token.length);
    double number = strtod(digits, NULL);
    if (!isfinite(number)) return fail(p, start, end, "this number is too large");
    advance(p);
    if (p->token.kind == TOKEN_NAME && p->token.start == end && p->text[end] == '_')
        return fail(p, start, end + p->token.length, "a number has no '_' in it");
    if (p->token.kind == TOKEN_NAME && p->token.start == end)
        return fail_hint(p, start, end + p->token.length,
                         arena_format(p->arena, "a product is written %s * %.*s", digits,
                                      (int)(p->token.length < 60 ? p->token.length : 60),
                                      p->text + end),
                         "expected an operator after this number");
    struct expression *e = make(p, EXPRESSION_NUMBER, start, NULL);
    e->number = number;
    return e;
}

static node parse_name(struct parser *p) {
    size_t start = p->token.start;
    bool truth = at_word(p, "true");
    if (truth || at_word(p, "false")) {
        advance(p);
        struct expression *e = make(p, EXPRESSION_NUMBER, start, NULL);
        e->number = truth;
        e->name = truth ? "true" : "false";
        return e;
    }
    const char *name = take_name(p, "a value");
    if (!name) return NULL;
    struct expression *e = make(p, EXPRESSION_NAME, start, NULL);
    e->name = name;
    return e;
}

static node parse_atom(struct parser *p) {
    size_t start = p->token.start;
    if (p->token.kind == TOKEN_NUMBER) return parse_number(p);
    if (p->token.kind == TOKEN_NAME) return parse_name(p);
    if (take_sign(p, '(')) {
        node inside = parse_expression(p);
        return inside && close_bracket(p, ')', start) ? inside : NULL;
    }
    if (take_sign(p, '[')) {
        struct parts parts = {0};
        return parse_list(p, &parts, ']', start) ? make(p, EXPRESSION_LIST, start, &parts) : NULL;
    }
    return fail_expected(p, "a value");
}

/* NAME "=", taken; NULL where the argument has no keyword. */
static const char *parse_keyword(struct parser *p) {
    if (p->token.kind != TOKEN_NAME) return NULL;
    struct token name = p->token;
    size_t before = p->last_end;
    advance(p);
    bool keyword = at_sign(p, 'a');
    p->token = name;
    p->last_end = before;
    if (!keyword) return NULL;
    const char *text = take_name(p, "a keyword");
    if (text) advance(p);
    return text;
}

static bool parse_argument(struct parser *p, struct parts *parts) {
    size_t start = p->token.start;
    const char *keyword = parse_keyword(p);
    node value = p->failed ? NULL : parse_expression(p);
    if (!value) return false;
    if (!keyword && parts->keywords[parts->count - 1])
        return fail(p, start, p->last_end, "arguments without a keyword come first");
    for (int i = 1; keyword && i < parts->count; i++)
        if (parts->keywords[i] && !strcmp(parts->keywords[i], keyword))
            return fail(p, start, p->last_end,
                        arena_format(p->arena, "the argument '%s' is given twice",
                                     text_excerpt(p->arena, keyword)));
    parts_add(p, parts, value, keyword);
    return true;
}

static node parse_call(struct parser *p, node callee, size_t start) {
    size_t opened = p->token.start;
    if (callee->kind != EXPRESSION_NAME && callee->kind != EXPRESSION_OUTPUT)
        return fail_hint(p, opened, opened + 1, "a product is written a * (b)",
                         "only a name can be called");
    advance(p);
    struct parts parts = {0};
    parts_add(p, &parts, callee, NULL);
    if (!take_sign(p, ')')) {
        do {
            if (!parse_argument(p, &parts)) return NULL;
        } while (take_sign(p, ','));
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
    if (!at_sign(p, ':') && !(first = parse_expression(p))) return NULL;
    if (!at_sign(p, ':')) return first;
    parts_add(p, &parts, first, NULL);
    while (parts.count < 3) {
        node part = NULL;
        if (take_sign(p, ':') && !at_sign(p, ':') && !at_sign(p, ',') && !at_sign(p, ']') &&
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
    advance(p);
    do {
        node index = parse_index(p);
        if (!index) return NULL;
        parts_add(p, &parts, index, NULL);
    } while (take_sign(p, ','));
    return close_bracket(p, ']', opened) ? make(p, EXPRESSION_INDEX, start, &parts) : NULL;
}

static node parse_output(struct parser *p, node value, size_t start) {
    advance(p);
    const char *name = take_name(p, "a name after '.'");
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
        if (at_sign(p, '('))
            value = parse_call(p, value, start);
        else if (at_sign(p, '.'))
            value = parse_output(p, value, start);
        else if (at_sign(p, '['))
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
    if (!base || !take_sign(p, '^')) return base;
    node exponent = parse_unary(p);
    return exponent ? make_operator(p, start, EXPRESSION_BINARY, '^', base, exponent) : NULL;
}

static node parse_unary(struct parser *p) {
    size_t start = p->token.start;
    bool minus = at_sign(p, '-');
    if (!minus && !at_sign(p, '+')) return parse_power(p);
    if (!enter(p)) return NULL;
    advance(p);
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
        advance(p);
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
    advance(p);
    node right = parse_sum(p);
    if (right && at_comparison(p))
        return fail_hint(p, p->token.start, p->token.start + p->token.length,
                         "write a < b and b < c", "comparisons are not chained");
    return right ? make_operator(p, start, EXPRESSION_BINARY, operator, left, right) : NULL;
}

static node parse_not(struct parser *p) {
    size_t start = p->token.start;
    if (!at_word(p, "not")) return parse_comparison(p);
    if (!enter(p)) return NULL;
    advance(p);
    node value = parse_not(p);
    p->depth--;
    return value ? make_operator(p, start, EXPRESSION_UNARY, 'n', value, NULL) : NULL;
}

static node parse_and(struct parser *p) {
    size_t start = p->token.start;
    node left = parse_not(p);
    while (left && take_word(p, "and")) {
        node right = parse_not(p);
        left = right ? make_operator(p, start, EXPRESSION_BINARY, '&', left, right) : NULL;
    }
    return left;
}

static node parse_expression(struct parser *p) {
    size_t start = p->token.start;
    if (!enter(p)) return NULL;
    node left = parse_and(p);
    while (left && take_word(p, "or")) {
        node right = parse_and(p);
        left = right ? make_operator(p, start, EXPRESSION_BINARY, '|', left, right) : NULL;
    }
    p->depth--;
    return left;
}

/* ---- whole texts ---- */

static node parse_text(const char *text, const struct origin *origin, struct position *positions,
                       struct diagnostics *diagnostics) {
    struct parser p = {.diagnostics = diagnostics,
                       .arena = diagnostics->arena,
                       .text = text,
                       .length = strlen(text),
                       .origin = origin,
                       .positions = positions};
    if (p.length > EXPRESSION_BYTES) return fail(&p, 0, 0, "this expression is larger than 64 KiB");
    advance(&p);
    if (p.token.kind == TOKEN_END)
        return fail(&p, 0, p.length, "expected an expression, found an empty text");
    node e = parse_expression(&p);
    if (e && p.token.kind != TOKEN_END) e = fail_expected(&p, "an operator or the end");
    if (!e) return NULL;
    struct expression *root = arena_copy(p.arena, e, sizeof *e);
    root->text = arena_text(p.arena, text);
    return root;
}

const struct expression *expression_parse_text(const char *text, const struct origin *origin,
                                               struct diagnostics *diagnostics) {
    struct position *positions =
        strlen(text) > EXPRESSION_BYTES ? NULL : count_positions(diagnostics->arena, text, origin);
    return parse_text(text, origin, positions, diagnostics);
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
        struct position *positions = placed && value->raw ? find_positions(arena, value) : NULL;
        return parse_text(value->text, &value->origin, positions, diagnostics);
    }
    diagnostics_add(diagnostics, &value->origin,
                    value->kind == CONFIG_LIST ? quote_list(arena, value) : NULL,
                    "expected an expression, found %s", config_kind_name(value->kind));
    return NULL;
}
