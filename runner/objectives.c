/* Finding objectives; see objectives.h. */
#include "runner/objectives.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct found {
    struct arena *arena;
    int count;
    struct objective_file *list;
};

/* Behind the line that tells an editor which schema it has. */
static const char *skip_schema(const char *text) {
    static const char line[] = "# yaml-language-server:";
    if (strncmp(text, line, sizeof line - 1) != 0) return text;
    const char *end = strchr(text, '\n');
    return end ? end + 1 : text;
}

/* A text, or a list of them, as words. */
static const char *words_of(struct arena *arena, const struct config *list) {
    const char *words = "";
    if (list && list->kind < CONFIG_LIST && list->text) return list->text;
    for (int i = 0; list && list->kind == CONFIG_LIST && i < list->count; i++)
        if (list->items[i]->text) words = arena_format(arena, "%s %s", words, list->items[i]->text);
    return words + (*words == ' ');
}

static void add_file(struct found *found, const char *folder, const char *file) {
    static const char *const none[] = {NULL};
    struct arena *arena = found->arena;
    struct diagnostics diagnostics = {.arena = arena};
    size_t length = strlen(file);
    if (length < 6 || strcmp(file + length - 5, ".yaml") != 0) return;
    struct objective_file new = {.name = arena_text_range(arena, file, length - 5),
                                 .path = arena_format(arena, "%s/%s", folder, file)};
    for (int i = 0; i < found->count; i++)
        if (!strcmp(found->list[i].name, new.name)) return;
    new.root = config_load(new.path, none, none, &diagnostics);
    const struct config *doc = new.root ? config_get(new.root, "doc") : NULL;
    const struct source *source = new.root ? new.root->origin.source : NULL;
    new.aliases = words_of(arena, new.root ? config_get(new.root, "aliases") : NULL);
    new.doc = doc && doc->text ? doc->text : "";
    new.text = source ? skip_schema(source->text) : "";
    found->list = ARENA_GROW(arena, found->list, found->count);
    found->list[found->count++] = new;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct objective_file *)a)->name,
                  ((const struct objective_file *)b)->name);
}

struct objective_file *objectives_find(struct arena *arena, const char *const *folders,
                                       int *count) {
    struct found found = {.arena = arena};
    for (int i = 0; folders[i]; i++) {
        const char *folder = arena_format(arena, "%s/objectives", folders[i]);
        DIR *entries = opendir(folder);
        for (struct dirent *entry; entries && (entry = readdir(entries));)
            add_file(&found, folder, entry->d_name);
        if (entries) closedir(entries);
    }
    if (found.count) qsort(found.list, (size_t)found.count, sizeof *found.list, compare_names);
    *count = found.count;
    return found.list;
}

void objectives_try_names(const struct objective_file *files, int count, struct nearest *nearest) {
    for (int i = 0; i < count; i++)
        nearest_try_row(nearest, files[i].name, files[i].aliases);
}
