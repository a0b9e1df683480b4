/* links: config base */
/*
 * Any bytes as a scalar that holds an expression. What is parsed must be written so that it parses
 * back to the same text, and places must lie in the text. Numbers are computed where they can be.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool look_up(const struct scope *scope, const char *name, double *number) {
    (void)scope;
    *number = 3;
    return strlen(name) == 1 || !strcmp(name, "step");
}

static char *write(struct arena *arena, const struct expression *e) {
    struct text text = {0};
    expression_write(e, &text);
    char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

static void check_places(const struct expression *e) {
    if (e->origin.line < 1 || e->origin.column < 1 || e->origin.length < 0) abort();
    for (int i = 0; i < e->count; i++)
        if (e->part[i]) check_places(e->part[i]);
}

static void check(const struct expression *e, const struct origin *origin,
                  struct diagnostics *diagnostics) {
    const struct scope scope = {.look_up = look_up};
    struct arena *arena = diagnostics->arena;
    char *once = write(arena, e);
    check_places(e);
    const struct expression *second =
        strlen(once) <= EXPRESSION_BYTES ? expression_parse_text(once, origin, diagnostics) : e;
    if (!second || strcmp(once, write(arena, second)) != 0) {
        fprintf(stderr, "written: %s\n", once);
        abort();
    }
    double number;
    bool host = expression_is_host(e, &scope);
    int before = diagnostics->count + diagnostics->dropped;
    bool computed = expression_number(e, &scope, false, &number, diagnostics);
    if (host != computed || (host && diagnostics->count + diagnostics->dropped != before)) abort();
    if (host) expression_is_constant(e, &scope);
    expression_number(e, &scope, true, &number, diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena}, ignored = {.arena = arena};
    char *text = arena_text_range(arena, (const char *)data, size);
    static const struct source source = {.name = "fuzz", .text = ""};
    const struct origin origin = {.source = &source, .line = 1, .column = 1};
    const struct expression *e = expression_parse_text(text, &origin, &diagnostics);
    if (!e && !diagnostics.count) abort();
    if (e) check(e, &origin, &diagnostics);
    const struct config *value = config_parse("fuzz", text, strlen(text), NULL, &ignored);
    if (value) {
        e = expression_parse(value, &ignored);
        if (e) check(e, &origin, &ignored);
    }
    arena_free(arena);
    return 0;
}
