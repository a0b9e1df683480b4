/* CSV (RFC 4180): names in the first line, fields with a comma, a quote or a line break in quotes. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/export.h"

static void add_name(struct text *text, const char *name) {
    bool quoted = strpbrk(name, ",\"\r\n") != NULL;
    if (quoted) text_add(text, "\"");
    for (; *name; name++)
        text_add_range(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    if (quoted) text_add(text, "\"");
}

bool export_csv(const struct export_way *way, const char *path, const struct record *record,
                struct error *e) {
    struct text text = {0};
    text_add(&text, "step");
    for (int i = 0; i < record->columns; i++) {
        text_add(&text, ",");
        add_name(&text, record->column[i].name);
    }
    text_add(&text, "\n");
    for (int64_t row = 0; row < record->rows; row++) {
        text_format(&text, "%lld", (long long)record->step[row]);
        for (int i = 0; i < record->columns; i++) {
            text_add(&text, ",");
            if (!isnan(record->column[i].value[row]))
                text_add_number(&text, record->column[i].value[row]);
        }
        text_add(&text, "\n");
    }
    bool ok = export_file(way, path, text.bytes, text.length, e);
    text_release(&text);
    return ok;
}
