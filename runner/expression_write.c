/* Expressions back to text, with as few parentheses as the grammar needs. */
#include <string.h>

#include "base/text.h"
#include "runner/expression.h"

/* How tightly a node binds: a part that binds less than its place asks is put into parentheses. */
enum level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARISON,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_POWER,
    LEVEL_POSTFIX,
    LEVEL_NEVER
};

static enum level level_of(const struct expression *e) {
    if (e->kind == EXPRESSION_NUMBER && e->number < 0) return LEVEL_UNARY;
    if (e->kind == EXPRESSION_UNARY) return e->operator== 'n' ? LEVEL_NOT : LEVEL_UNARY;
    if (e->kind != EXPRESSION_BINARY) return LEVEL_POSTFIX;
    switch (e->operator) {
    case '|':
        return LEVEL_OR;
    case '&':
        return LEVEL_AND;
    case '+':
    case '-':
        return LEVEL_SUM;
    case '*':
    case '/':
    case '%':
        return LEVEL_PRODUCT;
    case '^':
        return LEVEL_POWER;
    default:
        return LEVEL_COMPARISON;
    }
}

static const char *operator_text(char operator) {
    static const char *const texts[] = {
        "+ + ", "- - ",  "* * ",  "/ / ",  "% % ",  "^ ^ ",   "< < ",
        "> > ", "l <= ", "g >= ", "= == ", "! != ", "& and ", "| or "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i][0] == operator) return texts[i] + 1;
    return " ? ";
}

static void write(const struct expression *e, enum level least, struct text *out);

static void write_list(const struct expression *e, int from, struct text *out) {
    for (int i = from; i < e->count; i++) {
        if (i > from) text_add(out, ", ");
        if (e->keyword && e->keyword[i]) text_format(out, "%s=", e->keyword[i]);
        write(e->part[i], LEVEL_OR, out);
    }
}

/* Whether it is names joined by '/'. */
static bool is_path(const struct expression *e) {
    if (e->kind == EXPRESSION_NAME) return true;
    return e->kind == EXPRESSION_BINARY && e->operator== '/' && is_path(e->part[0]) &&
           e->part[1]->kind == EXPRESSION_NAME;
}

static void write_path(const struct expression *e, struct text *out) {
    if (e->kind == EXPRESSION_BINARY) {
        write_path(e->part[0], out);
        text_add(out, "/");
        e = e->part[1];
    }
    text_add(out, e->name);
}

static void write_call(const struct expression *e, struct text *out) {
    bool paths = e->part[0]->kind == EXPRESSION_NAME && !strcmp(e->part[0]->name, "weights");
    write(e->part[0], LEVEL_POSTFIX, out);
    text_add(out, "(");
    for (int i = 1; paths && i < e->count; i++)
        paths = !e->keyword[i] && is_path(e->part[i]);
    for (int i = 1; paths && i < e->count; i++) {
        if (i > 1) text_add(out, ", ");
        write_path(e->part[i], out);
    }
    if (!paths) write_list(e, 1, out);
    text_add(out, ")");
}

static void write_binary(const struct expression *e, struct text *out) {
    enum level level = level_of(e);
    enum level left = level == LEVEL_COMPARISON || level == LEVEL_POWER ? level + 1 : level;
    enum level right = level == LEVEL_POWER ? LEVEL_UNARY : level + 1;
    write(e->part[0], left, out);
    text_add(out, operator_text(e->operator));
    write(e->part[1], right, out);
}

static void write_slice(const struct expression *e, struct text *out) {
    for (int i = 0; i < 3; i++) {
        if (i == 1 || (i == 2 && e->part[2])) text_add(out, ":");
        if (e->part[i]) write(e->part[i], LEVEL_OR, out);
    }
}

static void write_bare(const struct expression *e, struct text *out) {
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        if (e->name)
            text_add(out, e->name);
        else
            text_add_number(out, e->number);
        break;
    case EXPRESSION_NAME:
        text_add(out, e->name);
        break;
    case EXPRESSION_UNARY:
        text_add(out, e->operator== 'n' ? "not " : "-");
        write(e->part[0], e->operator== 'n' ? LEVEL_NOT : LEVEL_UNARY, out);
        break;
    case EXPRESSION_BINARY:
        write_binary(e, out);
        break;
    case EXPRESSION_CALL:
        write_call(e, out);
        break;
    case EXPRESSION_OUTPUT: /* "2.x" would be a number before a name */
        write(e->part[0], e->part[0]->kind == EXPRESSION_NUMBER ? LEVEL_NEVER : LEVEL_POSTFIX, out);
        text_format(out, ".%s", e->name);
        break;
    case EXPRESSION_INDEX:
        write(e->part[0], LEVEL_POSTFIX, out);
        text_add(out, "[");
        write_list(e, 1, out);
        text_add(out, "]");
        break;
    case EXPRESSION_SLICE:
        write_slice(e, out);
        break;
    case EXPRESSION_LIST:
        text_add(out, "[");
        write_list(e, 0, out);
        text_add(out, "]");
        break;
    }
}

static void write(const struct expression *e, enum level least, struct text *out) {
    bool parentheses = level_of(e) < least;
    if (parentheses) text_add(out, "(");
    write_bare(e, out);
    if (parentheses) text_add(out, ")");
}

void expression_write(const struct expression *expression, struct text *out) {
    write(expression, LEVEL_OR, out);
}

const char *expression_text(struct arena *arena, const struct expression *expression) {
    struct text text = {0};
    expression_write(expression, &text);
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}
