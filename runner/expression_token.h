/* What the expression parser stands on: tokens with their places. Only for expression.c and
 * expression_token.c. */
#ifndef RUNNER_EXPRESSION_TOKEN_H
#define RUNNER_EXPRESSION_TOKEN_H

#include "runner/expression.h"

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
    bool samples; /* NUMBER ":" NUMBER is a name */
};

/* The position of each byte of a scalar's text and of its end, in the source: through quotes,
   folding and several lines. NULL where that cannot be known. */
struct position *positions_find(struct arena *arena, const struct config *value);

/* The positions of a text that stands in one line of its source as it is; NULL if it has several
 * lines. */
struct position *positions_count(struct arena *arena, const char *text,
                                 const struct origin *origin);

/* The origin of bytes start to end, in the first line that they take. */
struct origin parser_origin(const struct parser *p, size_t start, size_t end);

/* Reports a mistake at bytes start to end, unless there was one already; always NULL. */
const struct expression *parser_fail(struct parser *p, size_t start, size_t end,
                                     const char *message);
const struct expression *parser_fail_hint(struct parser *p, size_t start, size_t end,
                                          const char *hint, const char *message);

/* The same at the token: "expected WHAT, found 'x'", with advice for what other languages write. */
const struct expression *parser_expected(struct parser *p, const char *what);

/* Reads the next token; the first time, the first. */
void parser_advance(struct parser *p);

/* Whether the token is this sign or word; take: and if so, goes on to the next. */
bool parser_at(const struct parser *p, char sign);
bool parser_at_word(const struct parser *p, const char *word);
bool parser_take(struct parser *p, char sign);
bool parser_take_word(struct parser *p, const char *word);

/* Takes a name that is not a reserved word; NULL and a message where there is none. */
const char *parser_take_name(struct parser *p, const char *what);

#endif
