/* Errors and diagnostics, and how they are printed; see error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

#define RED(colour)   ((colour) ? "\033[1;31m" : "")
#define BOLD(colour)  ((colour) ? "\033[1m" : "")
#define PLAIN(colour) ((colour) ? "\033[0m" : "")

static bool same_place(const struct origin *a, const struct origin *b) {
    if (!a || !b) return a == b;
    return a->source == b->source && a->line == b->line && a->column == b->column;
}

bool diagnostics_add(struct diagnostics *diagnostics, const struct origin *origin, const char *hint,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *message = arena_format_list(diagnostics->arena, format, arguments);
    va_end(arguments);
    for (int i = 0; i < diagnostics->count; i++)
        if (same_place(diagnostics->list[i].origin, origin) &&
            !strcmp(diagnostics->list[i].message, message))
            return false;
    if (diagnostics->count == DIAGNOSTICS_MOST) {
        diagnostics->dropped++;
        return false;
    }
    diagnostics->list = ARENA_GROW(diagnostics->arena, diagnostics->list, diagnostics->count);
    diagnostics->list[diagnostics->count++] =
        (struct diagnostic){origin, message, hint ? arena_text(diagnostics->arena, hint) : NULL};
    return false;
}

bool diagnostics_add_error(struct diagnostics *diagnostics, const struct origin *origin,
                           const struct error *error) {
    int before = diagnostics->count;
    if (diagnostics->status == STATUS_OK) diagnostics->status = error->status;
    diagnostics_add(diagnostics, origin, error->hint[0] ? error->hint : NULL, "%s", error->message);
    diagnostics->others += diagnostics->count - before;
    return false;
}

/* The line of `source` with number `line`, from 1, and its length in bytes. */
static const char *find_line(const struct source *source, int line, size_t *length) {
    const char *at = source->text, *end = source->text + source->length;
    for (int i = 1; i < line && at < end; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    *length = (size_t)((newline ? newline : end) - at);
    if (*length && at[*length - 1] == '\r') --*length;
    return at;
}

enum { WIDEST_LINE = 120 }; /* characters of a line that are shown */

/* Prints the line and a marker under it. A long line is shown from a little before the place. */
static void print_excerpt(const struct origin *origin, FILE *file, bool colour) {
    size_t bytes;
    const char *line = find_line(origin->source, origin->line, &bytes);
    int column = origin->column > 0 ? origin->column : 1;
    int first = column > WIDEST_LINE - 20 ? column - 40 : 1; /* the first character that is shown */
    fprintf(file, "%5d | ", origin->line);
    int character = 0;
    struct text marks = {0};
    for (size_t i = 0; i < bytes;) {
        size_t size = text_character_size(line + i, bytes - i);
        if (++character >= first + WIDEST_LINE) break;
        if (character >= first) {
            unsigned char c = (unsigned char)line[i];
            if (c == '\t')
                fputs(" ", file);
            else if (c < 32 || c == 127 || (size == 1 && c >= 128))
                fputs("?", file);
            else
                fwrite(line + i, 1, size, file);
        }
        i += size;
    }
    int length = origin->length > 0 ? origin->length : 1;
    if (column - first + length > WIDEST_LINE) length = WIDEST_LINE - (column - first);
    for (int i = first; i < column; i++)
        text_add(&marks, " ");
    text_add(&marks, "^");
    for (int i = 1; i < length; i++)
        text_add(&marks, "~");
    fprintf(file, "\n      | %s%s%s\n", RED(colour), text_get(&marks), PLAIN(colour));
    text_release(&marks);
}

const char *origin_text(struct arena *arena, const struct origin *origin) {
    if (!origin || !origin->source) return "?";
    return arena_format(arena, "%s:%d", origin->source->name, origin->line);
}

static void print_place(const struct origin *origin, FILE *file) {
    fputs(origin->source->name, file);
    if (origin->line) fprintf(file, ":%d:%d", origin->line, origin->column);
}

static void print_via(const struct origin *origin, FILE *file) {
    static const char *const how[] = {"used",     "included", "aliased", "used as a block",
                                      "repeated", "joined",   "called",  "changed",
                                      "renamed"};
    int shown = 0;
    for (; origin && origin->via && shown < 4; origin = origin->via, shown++) {
        if (!origin->via->source) continue;
        fprintf(file, "      = %s at ", how[origin->how]);
        print_place(origin->via, file);
        fputc('\n', file);
    }
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *file, bool colour) {
    for (int i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *d = &diagnostics->list[i];
        bool placed = d->origin && d->origin->source;
        fputs(BOLD(colour), file);
        if (placed)
            print_place(d->origin, file);
        else
            fputs("duel", file);
        fprintf(file, ": %serror: %s%s%s%s\n", RED(colour), PLAIN(colour), BOLD(colour), d->message,
                PLAIN(colour));
        if (placed && d->origin->line) print_excerpt(d->origin, file, colour);
        if (d->hint) fprintf(file, "      = %s\n", d->hint);
        if (placed) print_via(d->origin, file);
    }
    if (diagnostics->dropped)
        fprintf(file, "duel: %d more errors are not shown\n", diagnostics->dropped);
}

static void set_list(struct error *error, enum status status, int number, const char *format,
                     va_list arguments) {
    if (error->status != STATUS_OK) return;
    error->status = status;
    error->hint[0] = 0;
    int used = vsnprintf(error->message, sizeof error->message, format, arguments);
    if (number && used >= 0 && (size_t)used < sizeof error->message)
        snprintf(error->message + used, sizeof error->message - (size_t)used, ": %s",
                 strerror(number));
}

bool error_set(struct error *error, enum status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    set_list(error, status, 0, format, arguments);
    va_end(arguments);
    return false;
}

bool error_system(struct error *error, enum status status, const char *format, ...) {
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    set_list(error, status, number, format, arguments);
    va_end(arguments);
    return false;
}

bool error_hint(struct error *error, const char *format, ...) {
    if (error->hint[0]) return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    return false;
}

void error_print(const struct error *error, FILE *file, bool colour) {
    if (error->status == STATUS_OK) return;
    fprintf(file, "%sduel: %serror: %s%s\n", BOLD(colour), RED(colour), PLAIN(colour),
            error->message);
    if (error->hint[0]) fprintf(file, "      = %s\n", error->hint);
}
