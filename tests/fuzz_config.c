/* links: config base */
/*
 * Any bytes as a configuration. What is read must be written so that it reads back as the same
 * tree, and every mistake must be printable. The first line, if it begins with "--set ", is applied
 * to the tree of the rest.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config.h"
#include "runner/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is no number is compared by its text, a null by its kind. */
static bool same(const struct config *a, const struct config *b) {
    if (a->kind != b->kind || a->count != b->count) return false;
    if (a->kind != CONFIG_NULL && a->kind < CONFIG_LIST && strcmp(a->text, b->text) != 0)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (a->keys && !same(a->keys[i], b->keys[i])) return false;
        if (!same(a->items[i], b->items[i])) return false;
    }
    return true;
}

static void check_origins(const struct config *config) {
    const struct origin *o = &config->origin;
    if (o->source && (o->line < 1 || o->column < 1 || o->length < 0)) abort();
    for (int i = 0; i < config->count; i++)
        check_origins(config->items[i]);
}

static void print(const struct diagnostics *diagnostics) {
    char *printed;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    diagnostics_print(diagnostics, file, false);
    fclose(file);
    free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena}, again = {.arena = arena};
    char *text = arena_text_range(arena, (const char *)data, size), *set = NULL;
    if (!strncmp(text, "--set ", 6)) {
        size_t line = strcspn(text, "\n");
        set = arena_text_range(arena, text + 6, line - 6);
        text += line;
        size -= line;
    }
    struct config *root = config_parse("fuzz", text, size, NULL, &diagnostics);
    if (root && set) config_set(root, set, &diagnostics);
    print(&diagnostics);
    if (root) {
        struct text out = {0};
        check_origins(root);
        config_write(root, &out);
        struct config *second = config_parse("again", text_get(&out), out.length, NULL, &again);
        if (out.length < CONFIG_BYTES && (!second || again.count || !same(root, second))) {
            fprintf(stderr, "written:\n%s\n", text_get(&out));
            print(&again);
            abort();
        }
        text_release(&out);
    }
    arena_free(arena);
    return 0;
}
