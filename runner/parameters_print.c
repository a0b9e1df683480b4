/* Rows of parameters as a table, for `duel layers NAME` and its like. */
#include <string.h>

#include "base/text.h"
#include "runner/read_parts.h"

enum { COLUMNS = 4, GAP = 2 };

const char *parameter_type_name(enum parameter_type type) {
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

/* "from 0 to 1 pixels" */
static const char *allowed_text(struct arena *arena, const struct parameter *row) {
    const char *range = read_range_text(arena, row);
    if (!row->unit) return range ? range : "";
    return range ? arena_format(arena, "%s %s", range, row->unit) : row->unit;
}

/* Columns but the last are as wide as they must be; the last wraps, and choices stand below it. */
void parameters_print(const struct parameter *rows, FILE *file) {
    struct arena *arena = arena_new();
    int widths[COLUMNS] = {0}, count = 0, left = 0;
    while (rows[count].name)
        count++;
    const char *(*cells)[COLUMNS] = arena_alloc_array(arena, (size_t)count, sizeof *cells);
    for (int i = 0; i < count; i++) {
        const char *row[COLUMNS] = {rows[i].name, parameter_type_name(rows[i].type),
                                    standard_text(&rows[i]), allowed_text(arena, &rows[i])};
        memcpy(cells[i], row, sizeof row);
        for (int j = 0; j < COLUMNS; j++)
            if (text_width(row[j]) > widths[j]) widths[j] = text_width(row[j]);
    }
    for (int j = 0; j < COLUMNS; j++)
        left += widths[j] ? widths[j] + GAP : 0;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < COLUMNS; j++)
            if (widths[j])
                fprintf(file, "%*s%s%*s", GAP, "", cells[i][j], widths[j] - text_width(cells[i][j]),
                        "");
        fprintf(file, "%*s", GAP, "");
        text_print_wrapped(rows[i].doc ? rows[i].doc : "", left + GAP, file);
        if (!rows[i].choices) continue;
        fprintf(file, "%*s", left + GAP, "");
        text_print_wrapped(arena_format(arena, "one of %s", words_text(arena, rows[i].choices)),
                           left + GAP, file);
    }
    arena_free(arena);
}
