/* The tokens of an expression, where they stand in the source, and messages about them. */
#include "runner/expression_token.h"

#include <string.h>

#include "base/text.h"

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
struct position *positions_find(struct arena *arena, const struct config *value) {
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
struct position *positions_count(struct arena *arena, const char *text,
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
struct origin parser_origin(const struct parser *p, size_t start, size_t end) {
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

const struct expression *parser_fail_hint(struct parser *p, size_t start, size_t end,
                                          const char *hint, const char *message) {
    if (p->failed) return NULL;
    p->failed = true;
    struct origin origin = parser_origin(p, start, end);
    diagnostics_add(p->diagnostics, arena_copy(p->arena, &origin, sizeof origin), hint, "%s",
                    message);
    return NULL;
}

const struct expression *parser_fail(struct parser *p, size_t start, size_t end,
                                     const char *message) {
    return parser_fail_hint(p, start, end, NULL, message);
}

static const char *token_text(const struct parser *p) {
    if (p->token.kind == TOKEN_END) return "the end";
    char *text = arena_text_range(p->arena, p->text + p->token.start, p->token.length);
    return arena_format(p->arena, "'%s'", text_excerpt(p->arena, text));
}

/* "expected WHAT, found TOKEN", with advice for what other languages write. */
const struct expression *parser_expected(struct parser *p, const char *what) {
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
    if (p->text[t->start] == ',' && strcmp(what, "a value") != 0)
        hint = "a list stands in brackets, [28, 28, 1]; a decimal point is '.'";
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        if (t->length == strlen(advice[i][0]) &&
            !memcmp(p->text + t->start, advice[i][0], t->length))
            hint = advice[i][1];
    return parser_fail_hint(p, t->start, t->start + t->length, hint,
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

void parser_advance(struct parser *p) {
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

bool parser_at(const struct parser *p, char sign) {
    return p->token.kind == TOKEN_SIGN && p->token.sign == sign;
}

bool parser_at_word(const struct parser *p, const char *word) {
    return p->token.kind == TOKEN_NAME && strlen(word) == p->token.length &&
           !memcmp(p->text + p->token.start, word, p->token.length);
}

bool parser_take(struct parser *p, char sign) {
    if (!parser_at(p, sign)) return false;
    parser_advance(p);
    return true;
}

bool parser_take_word(struct parser *p, const char *word) {
    if (!parser_at_word(p, word)) return false;
    parser_advance(p);
    return true;
}

/* A name that is not a reserved word, taken; NULL and a message where there is none. */
const char *parser_take_name(struct parser *p, const char *what) {
    char *name = arena_text_range(p->arena, p->text + p->token.start, p->token.length);
    bool reserved = parser_at_word(p, "and") || parser_at_word(p, "or") ||
                    parser_at_word(p, "not") || parser_at_word(p, "true") ||
                    parser_at_word(p, "false");
    if (p->token.kind != TOKEN_NAME || reserved) {
        parser_expected(p, what);
        return NULL;
    }
    parser_advance(p);
    return name;
}
