/* Text: a growing string, UTF-8 steps, and the nearest name for "did you mean". */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

/* A growing string. Zero-initialise it; text_release gives its memory back. */
struct text {
    char *bytes;
    size_t length, room;
};

void text_add(struct text *text, const char *more);
void text_add_range(struct text *text, const char *bytes, size_t length);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The string so far, NUL-terminated, never NULL; valid until the next change. */
const char *text_get(const struct text *text);
void text_clear(struct text *text);
void text_release(struct text *text);

/* Bytes of the UTF-8 character at `at`, where `left` bytes remain; 1 if it is not valid UTF-8. */
size_t text_character_size(const char *at, size_t left);

/* Characters of a text. */
int text_width(const char *text);

/* Prints `text`, whose first line begins in `column`, with line breaks between words so that no
 * line is longer than TEXT_LINE characters; further lines are indented to `column`. Words are not
 * cut. */
enum { TEXT_LINE = 100 };
void text_print_wrapped(const char *text, int column, FILE *file);

/* The offset of the first byte that is not valid UTF-8 (no overlong forms, no surrogates), or
 * `length` if all is valid. */
size_t text_invalid_utf8(const char *bytes, size_t length);

/* `text` as a message may quote it: control characters become '?', and what is longer than 60
 * characters ends in "...". */
char *text_excerpt(struct arena *arena, const char *text);

/* Whether it is a list in round brackets: "(0.5, 0.9)". */
bool text_is_tuple(const char *text);
/* "write [0.5, 0.9]", for "0.5, 0.9" and "(0.5, 0.9)". */
char *text_list_hint(struct arena *arena, const char *text);

/* A number of bytes: "1.23 MB". */
char *text_bytes(struct arena *arena, int64_t bytes);

/* Takes the digits that stand first, a whole number up to `most`; false where there are none, or it is larger. */
bool text_take_digits(const char **text, int64_t most, int64_t *number);

/* Whether `name` matches [a-z_][a-z0-9_]*. */
bool text_is_name(const char *name);

/* Keeps the best of a series of candidates for a mistyped name:
 *     struct nearest n = {.wanted = "leaky_rleu"};
 *     for (…) nearest_try(&n, candidate);
 *     if (n.name) … "did you mean" …
 * Distance: edits with transpositions (optimal string alignment), where case, '_' and '-' do not
 * count; a candidate further than a third of its length is not near. */
struct nearest {
    const char *wanted, *name;
    int distance;
};
void nearest_try(struct nearest *nearest, const char *candidate);
/* The same with what else `name` is called in other programs: words, or NULL. They must be wanted
 * letter for letter. */
void nearest_try_row(struct nearest *nearest, const char *name, const char *aliases);
/* "did you mean 'leaky_relu'?", or NULL where nothing is near. */
char *nearest_hint(struct arena *arena, const struct nearest *nearest);
/* "did you mean 'leaky_relu'? 'duel layers' lists them all", for a command. */
char *nearest_list_hint(struct arena *arena, const struct nearest *nearest, const char *command);

/* A short decimal text that reads back as the same double, with an exponent where that saves two
   characters: "0.1", "2e-4", "1000", "1e5", "nan", "inf". */
void text_add_number(struct text *text, double number);

/* A word as a shell (POSIX) reads it: in quotes where it would take it for something else. */
void text_add_word(struct text *text, const char *word);

#endif
