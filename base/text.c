/* Text; see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

static void reserve(struct text *text, size_t more) {
    if (text->length + more + 1 <= text->room) return;
    size_t room = text->room ? text->room : 64;
    while (room < text->length + more + 1)
        room *= 2;
    text->bytes = memory_resize(text->bytes, room);
    text->room = room;
}

void text_add_range(struct text *text, const char *bytes, size_t length) {
    reserve(text, length);
    if (length) memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

void text_add(struct text *text, const char *more) {
    text_add_range(text, more, strlen(more));
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    BUG_IF(length < 0);
    reserve(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
    va_end(arguments);
}

const char *text_get(const struct text *text) {
    return text->bytes ? text->bytes : "";
}

void text_clear(struct text *text) {
    text->length = 0;
    if (text->bytes) text->bytes[0] = 0;
}

void text_release(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

size_t text_character_size(const char *at, size_t left) {
    const unsigned char *c = (const unsigned char *)at;
    size_t size = c[0] < 0x80 ? 1 : c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : c[0] >= 0xC2 ? 2 : 1;
    if (size > left || c[0] > 0xF4) return 1;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xC0) != 0x80) return 1;
    return size;
}

size_t text_invalid_utf8(const char *bytes, size_t length) {
    const unsigned char *c = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        size_t size = text_character_size(bytes + i, length - i);
        bool overlong = (c[i] == 0xE0 && i + 1 < length && c[i + 1] < 0xA0) ||
                        (c[i] == 0xF0 && i + 1 < length && c[i + 1] < 0x90);
        bool surrogate = c[i] == 0xED && i + 1 < length && c[i + 1] >= 0xA0;
        bool beyond = c[i] == 0xF4 && i + 1 < length && c[i + 1] >= 0x90;
        if ((size == 1 && c[i] >= 0x80) || overlong || surrogate || beyond) return i;
        i += size;
    }
    return length;
}

enum { LONGEST_EXCERPT = 60 };

char *text_excerpt(struct arena *arena, const char *text) {
    size_t length = 0;
    for (int i = 0; text[length] && i < LONGEST_EXCERPT; i++)
        length += text_character_size(text + length, strnlen(text + length, 4));
    char *excerpt =
        text[length] ? arena_format(arena, "%.*s...", (int)length, text) : arena_text(arena, text);
    for (char *c = excerpt; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127) *c = '?';
    return excerpt;
}

int text_width(const char *text) {
    int characters = 0;
    for (size_t left = strlen(text); left; characters++) {
        size_t size = text_character_size(text, left);
        text += size;
        left -= size;
    }
    return characters;
}

void text_print_wrapped(const char *text, int column, FILE *file) {
    int at = column;
    for (const char *word = text + strspn(text, " \n"); *word;) {
        int length = (int)strcspn(word, " \n"), wide = 0;
        for (int i = 0; i < length; wide++)
            i += (int)text_character_size(word + i, (size_t)(length - i));
        if (at > column && at + 1 + wide > TEXT_LINE) {
            fprintf(file, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', file);
            at++;
        }
        fprintf(file, "%.*s", length, word);
        at += wide;
        word += length;
        word += strspn(word, " \n");
    }
    fputc('\n', file);
}

bool text_is_tuple(const char *text) {
    const char *end = *text == '(' ? strchr(text, ')') : NULL;
    return end && !end[1] && strchr(text, ',') && !strchr(text + 1, '(');
}

char *text_list_hint(struct arena *arena, const char *text) {
    const char *excerpt = text_excerpt(arena, text);
    bool tuple = text_is_tuple(excerpt);
    return arena_format(arena, "write [%.*s]", (int)strlen(excerpt) - 2 * tuple, excerpt + tuple);
}

char *text_bytes(struct arena *arena, int64_t bytes) {
    if (bytes < 1000) return arena_format(arena, "%" PRId64 " B", bytes);
    if (bytes < 1000000) return arena_format(arena, "%.3g kB", (double)bytes / 1e3);
    return arena_format(arena, bytes < 1000000000 ? "%.3g MB" : "%.4g MB", (double)bytes / 1e6);
}

bool text_take_digits(const char **text, int64_t most, int64_t *number) {
    char *end;
    if (**text < '0' || **text > '9') return false;
    errno = 0;
    *number = strtoll(*text, &end, 10);
    *text = end;
    return !errno && *number <= most;
}

bool text_is_name(const char *name) {
    if (!((*name >= 'a' && *name <= 'z') || *name == '_')) return false;
    for (; *name; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '_'))
            return false;
    return true;
}

enum { LONGEST_NAME = 64 };

static int least(int a, int b) {
    return a < b ? a : b;
}

/* The `length` bytes of a name without case, '_' and '-', cut to what a name may be long. */
static void fold(const char *name, size_t length, char *folded) {
    size_t count = 0;
    for (size_t i = 0; i < length && count < LONGEST_NAME; i++)
        if (name[i] != '_' && name[i] != '-')
            folded[count++] = (char)tolower((unsigned char)name[i]);
    folded[count] = 0;
}

/* Optimal string alignment: insertions, deletions, changes, and swaps of neighbours count one each.
 */
static int distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n >= LONGEST_NAME || m >= LONGEST_NAME) return LONGEST_NAME;
    int row[3][LONGEST_NAME + 1];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int *now = row[i % 3], *up = row[(i - 1) % 3], *upper = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int change = up[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(up[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], upper[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

void nearest_try(struct nearest *nearest, const char *candidate) {
    char wanted[LONGEST_NAME + 1], other[LONGEST_NAME + 1];
    fold(nearest->wanted, strlen(nearest->wanted), wanted);
    fold(candidate, strlen(candidate), other);
    int d = distance(wanted, other);
    int most = ((int)strlen(other) + 2) / 3;
    if (d > most || (int)strlen(wanted) <= d) return;
    if (!nearest->name || d < nearest->distance) {
        nearest->name = candidate;
        nearest->distance = d;
    }
}

void nearest_try_row(struct nearest *nearest, const char *name, const char *aliases) {
    char wanted[LONGEST_NAME + 1], alias[LONGEST_NAME + 1];
    nearest_try(nearest, name);
    fold(nearest->wanted, strlen(nearest->wanted), wanted);
    for (const char *word = aliases; word && *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        fold(word, length, alias);
        word += length;
        if (strcmp(alias, wanted) != 0 || (nearest->name && !nearest->distance)) continue;
        nearest->name = name;
        nearest->distance = 0;
    }
}

char *nearest_hint(struct arena *arena, const struct nearest *nearest) {
    return nearest->name ? arena_format(arena, "did you mean '%s'?", nearest->name) : NULL;
}

char *nearest_list_hint(struct arena *arena, const struct nearest *nearest, const char *command) {
    return nearest->name ? arena_format(arena, "did you mean '%s'? 'duel %s' lists them all",
                                        nearest->name, command)
                         : arena_format(arena, "'duel %s' lists them", command);
}

void text_add_number(struct text *text, double number) {
    if (isnan(number) || isinf(number)) {
        text_add(text, isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
        return;
    }
    char plain[40], power[40];
    int digits = 1;
    for (; digits <= 17; digits++) {
        snprintf(plain, sizeof plain, "%.*g", digits, number);
        if (strtod(plain, NULL) == number) break;
    }
    if (fabs(number) >= 1 && fabs(number) < 1e15 && floor(number) == number)
        snprintf(plain, sizeof plain, "%.0f", number); /* 100000, not 1e+05 */
    snprintf(power, sizeof power, "%.*e", digits - 1, number);
    char *exponent = strchr(power, 'e') + 1; /* "-04" becomes "-4", "+20" becomes "20" */
    int value = (int)strtol(exponent, NULL, 10);
    snprintf(exponent, (size_t)(power + sizeof power - exponent), "%d", value);
    bool shorter = strchr(plain, 'e') || strlen(power) + 1 < strlen(plain);
    text_add(text, shorter ? power : plain);
}

void text_add_word(struct text *text, const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_@%+=:,./-";
    if (*word && !word[strspn(word, plain)]) {
        text_add(text, word);
        return;
    }
    text_add(text, "'");
    for (; *word; word++)
        text_add_range(text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    text_add(text, "'");
}
