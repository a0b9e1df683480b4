/* Rows of parameters as a table, for `duel layers NAME` and its like. */
#include <string.h>

#include "base/text.h"
#include "runner/read_parts.h"

enum { COLUMNS = 5 };

static const char *type_name(enum parameter_type type) {
    static const char *const names[] = {
#define X(name, type, text) [PARAMETER_##name] = text,
        PARAMETER_TYPE_LIST(X)
#undef X
    };
    return names[type];
}

static const char *standard_text(const struct parameter *row) {
    if (!row->standard) return "required";
    return *row->standard ? row->standard : "optional";
}

/* "from 0 to 1 pixels", or the words to choose from. */
static const char *allowed_text(struct arena *arena, const struct parameter *row) {
    if (row->choices) {
        struct word word = {.at = row->choices};
        char *all = arena_text(arena, "");
        while (word_next(&word))
            all = arena_format(arena, "%s%s%s", all, *all ? " | " : "", word.text);
        return all;
    }
    const char *range = read_range_text(arena, row);
    if (!row->unit) return range ? range : "";
    return range ? arena_format(arena, "%s %s", range, row->unit) : row->unit;
}

static int width(const char *text) {
    int characters = 0;
    for (size_t left = strlen(text); left; characters++) {
        size_t size = text_character_size(text, left);
        text += size;
        left -= size;
    }
    return characters;
}

void parameters_print(const struct parameter *rows, FILE *file) {
    struct arena *arena = arena_new();
    int widths[COLUMNS] = {0}, count = 0;
    while (rows[count].name)
        count++;
    const char *(*cells)[COLUMNS] = arena_alloc_array(arena, (size_t)count, sizeof *cells);
    for (int i = 0; i < count; i++) {
        const char *row[COLUMNS] = {rows[i].name, type_name(rows[i].type), standard_text(&rows[i]),
                                    allowed_text(arena, &rows[i]), rows[i].doc ? rows[i].doc : ""};
        memcpy(cells[i], row, sizeof row);
        for (int j = 0; j < COLUMNS; j++)
            if (width(row[j]) > widths[j]) widths[j] = width(row[j]);
    }
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < COLUMNS - 1; j++)
            fprintf(file, "  %s%*s", cells[i][j], widths[j] - width(cells[i][j]), "");
        fprintf(file, "  %s\n", cells[i][COLUMNS - 1]);
    }
    arena_free(arena);
}
