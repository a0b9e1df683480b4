/* For tests of what a user is told: diagnostics as one text, and trees as YAML. Include after
 * cmocka. */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "runner/config.h"

/* What diagnostics_print would print, in the diagnostics' arena. */
static inline char *told(const struct diagnostics *diagnostics) {
    char *printed, *copy;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    diagnostics_print(diagnostics, file, false);
    fclose(file);
    copy = arena_text(diagnostics->arena, printed);
    free(printed);
    return copy;
}

/* The message, and the hint after " = ", of each mistake, with its line and column before: short
 * enough for tables. */
static inline char *told_short(const struct diagnostics *diagnostics) {
    char *all = arena_text(diagnostics->arena, "");
    for (int i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *d = &diagnostics->list[i];
        all = arena_format(diagnostics->arena, "%s%s%d:%d+%d %s%s%s", all, i ? "\n" : "",
                           d->origin ? d->origin->line : 0, d->origin ? d->origin->column : 0,
                           d->origin ? d->origin->length : 0, d->message, d->hint ? " = " : "",
                           d->hint ? d->hint : "");
    }
    return all;
}

static inline char *written(struct arena *arena, const struct config *config) {
    struct text text = {0};
    config_write(config, &text);
    char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

static inline struct config *parsed(const char *text, struct diagnostics *diagnostics) {
    return config_parse("t", text, strlen(text), NULL, diagnostics);
}

#endif
