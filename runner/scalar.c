/* What a plain scalar is: YAML 1.2's core schema, https://yaml.org/spec/1.2.2/#103-core-schema. No
 * yes and no, no octal surprises. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compose.h"

static bool is_word(const char *text, const char *words) {
    size_t length = strlen(text);
    if (!length || strchr(text, ' ')) return false;
    for (const char *at = words; (at = strstr(at, text)); at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

static size_t count_digits(const char *text) {
    return strspn(text, "0123456789");
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?; *integer: without point and
 * exponent */
static bool is_decimal(const char *text, bool *integer) {
    const char *at = text + (*text == '-' || *text == '+');
    size_t before = count_digits(at), after = 0;
    at += before;
    *integer = *at == 0;
    if (*at == '.') {
        after = count_digits(at + 1);
        at += 1 + after;
    }
    if (!before && !after) return false;
    if (*at != 'e' && *at != 'E') return *at == 0;
    at += 1 + (at[1] == '-' || at[1] == '+');
    size_t exponent = count_digits(at);
    return exponent && at[exponent] == 0;
}

/* 0o17 and 0x1F, the only forms that are not decimal; 0 if it is neither, else the base. */
static int other_base(const char *text) {
    if (text[0] != '0' || (text[1] != 'o' && text[1] != 'x') || !text[2]) return 0;
    const char *digits = text[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
    if (text[2 + strspn(text + 2, digits)]) return 0;
    return text[1] == 'o' ? 8 : 16;
}

static void resolve_integer(struct config *scalar, int base) {
    const char *digits = scalar->text + (base == 10 ? 0 : 2);
    errno = 0;
    intmax_t integer = strtoimax(digits, NULL, base);
    scalar->kind = errno ? CONFIG_FLOAT : CONFIG_INTEGER;
    scalar->integer = errno ? 0 : (int64_t)integer;
    scalar->number = base == 8 ? (double)integer : strtod(scalar->text, NULL);
}

void scalar_resolve(struct config *scalar) {
    const char *text = scalar->text;
    bool integer, sign = *text == '-' || *text == '+';
    if (!*text || is_word(text, "~ null Null NULL")) {
        scalar->kind = CONFIG_NULL;
    } else if (is_word(text, "true True TRUE false False FALSE")) {
        scalar->kind = CONFIG_BOOL;
        scalar->number = *text == 't' || *text == 'T';
    } else if (other_base(text)) {
        resolve_integer(scalar, other_base(text));
    } else if (is_decimal(text, &integer)) {
        scalar->kind = CONFIG_FLOAT;
        scalar->number = strtod(text, NULL);
        if (integer) resolve_integer(scalar, 10);
    } else if (is_word(text + sign, ".inf .Inf .INF")) {
        scalar->kind = CONFIG_FLOAT;
        scalar->number = *text == '-' ? -(double)INFINITY : (double)INFINITY;
    } else if (is_word(text, ".nan .NaN .NAN")) {
        scalar->kind = CONFIG_FLOAT;
        scalar->number = (double)NAN;
    } else {
        scalar->kind = CONFIG_TEXT;
    }
}
