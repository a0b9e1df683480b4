/* See store_classes.h. */
#include "runner/store_classes.h"

#include <string.h>

#include "base/text.h"

const char *class_names_text(struct arena *arena, struct class_names names, const char *before) {
    struct text text = {0};
    for (int i = 0; names.list && i < names.count; i++)
        text_format(&text, "%s%s\n", before, text_excerpt(arena, names.list[i]));
    const char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

struct class_names class_names_read(struct arena *arena, const char *text, const char *before,
                                    int count) {
    const char **list = ARENA_ARRAY(arena, const char *, count);
    size_t skip = strlen(before);
    int found = 0;
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (length >= skip && !strncmp(text, before, skip)) {
            if (found < count) list[found] = arena_text_range(arena, text + skip, length - skip);
            found++;
        }
        text += length + (text[length] == '\n');
    }
    return found == count && count ? (struct class_names){count, list} : (struct class_names){0};
}

struct class_names class_names_all(struct arena *arena, const char *text) {
    int count = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    return class_names_read(arena, text, "", count);
}

const char *class_names_of(struct arena *arena, struct class_names names, int32_t class) {
    return names.list && class >= 0 && class < names.count ? names.list[class]
                                                           : arena_format(arena, "%d", class);
}
