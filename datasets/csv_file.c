/* Tables of numbers as text; see csv_file.h. */
#include "datasets/csv_file.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "files/file.h"

enum { NUMBER_MOST = 127 /* characters */, NAMES_SHOWN = 12 };
static const size_t bytes_most = INT32_MAX; /* so that lines can be counted */

/* One value of a line, as it stands in the file; without its quotes. */
struct field {
    const char *at;
    size_t length;
    bool quoted;
};

/* One reading. */
struct csv {
    const struct csv_options *options;
    struct arena *arena;
    struct csv_table *table;
    const char **wrong;
    struct error *error;
    locale_t locale;
    const char *next, *end;  /* what is not yet read */
    const char *line, *stop; /* the present line, without its end */
    int32_t number;          /* of it, from 1 */
    struct field *fields;    /* of it */
    int count;
    int width;             /* fields that each line has; 0: not yet known */
    const char **names;    /* (width) of the header; NULL: there is none */
    int *columns;          /* (table->columns) which fields are read */
    int label;             /* which field is the label; -1: none */
    const char **label_at; /* (rows) the labels' texts */
};

/* ---- messages ---- */

/* Sets an error at a place in the present line: file:line:column. */
static bool bad(struct csv *c, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool bad(struct csv *c, const char *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(c->arena, format, arguments);
    va_end(arguments);
    int column = 1;
    for (const char *p = c->line; p < at; column++)
        p += text_character_size(p, (size_t)(at - p));
    return error_set(c->error, STATUS_DATA, "%s:%d:%d: %s", c->options->path, (int)c->number,
                     column, message);
}

static const char *quote(const struct csv *c, const struct field *field) {
    return text_excerpt(c->arena, arena_text_range(c->arena, field->at, field->length));
}

/* "column 'y'", "column 2" */
static const char *column_name(const struct csv *c, int field) {
    if (!c->names) return arena_format(c->arena, "column %d", field + 1);
    return arena_format(c->arena, "column '%s'", text_excerpt(c->arena, c->names[field]));
}

/* ---- lines and fields ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Goes to the next line that says something; false at the end of the file. */
static bool next_line(struct csv *c) {
    while (c->next < c->end) {
        c->number++;
        c->line = c->next;
        const char *newline = memchr(c->line, '\n', (size_t)(c->end - c->line));
        c->stop = newline ? newline : c->end;
        c->next = newline ? newline + 1 : c->end;
        if (c->stop > c->line && c->stop[-1] == '\r') c->stop--;
        const char *first = c->line;
        while (first < c->stop && is_blank(*first))
            first++;
        if (first < c->stop && *first != '#') return true;
    }
    return false;
}

static bool at_separator(const struct csv *c, const char *at) {
    return at == c->stop || *at == c->options->separator ||
           (c->options->separator == ' ' && is_blank(*at));
}

/* A value in quotes, from its opening one on; `at` goes behind the closing one. */
static bool read_quoted(struct csv *c, const char **at, struct field *field) {
    const char *open = *at;
    for (*at = open + 1; *at < c->stop; ++*at) {
        if (**at != '"') continue;
        if (*at + 1 < c->stop && (*at)[1] == '"') {
            ++*at;
            continue;
        }
        *field = (struct field){open + 1, (size_t)(*at - open - 1), true};
        ++*at;
        return at_separator(c, *at) || bad(c, *at, "something follows the closing quote");
    }
    return bad(c, open, "this quote is never closed");
}

static void read_plain(struct csv *c, const char **at, struct field *field) {
    const char *begin = *at;
    while (!at_separator(c, *at))
        ++*at;
    const char *last = *at;
    while (begin < last && is_blank(*begin))
        begin++;
    while (last > begin && is_blank(last[-1]))
        last--;
    *field = (struct field){begin, (size_t)(last - begin), false};
}

static void skip_blanks(const struct csv *c, const char **at) {
    while (c->options->separator == ' ' && *at < c->stop && is_blank(**at))
        ++*at;
}

/* Splits the line at its separators. */
static bool split_line(struct csv *c) {
    const char *at = c->line;
    c->count = 0;
    for (;;) {
        skip_blanks(c, &at);
        if (c->options->separator == ' ' && at == c->stop) break;
        c->fields = ARENA_GROW(c->arena, c->fields, c->count);
        struct field *field = &c->fields[c->count++];
        if (at < c->stop && *at == '"') {
            if (!read_quoted(c, &at, field)) return false;
        } else {
            read_plain(c, &at, field);
        }
        if (at == c->stop) break;
        at++;
    }
    if (!c->width) c->width = c->count;
    if (c->count == c->width) return true;
    return bad(c, c->count < c->width ? c->stop : c->fields[c->width].at,
               "the line has %d values, but the first has %d", c->count, c->width);
}

/* The text of a field, in the arena. */
static const char *field_text(struct csv *c, const struct field *field) {
    char *text = arena_text_range(c->arena, field->at, field->length), *to = text;
    for (const char *from = text; *from; from++) {
        *to++ = *from;
        if (field->quoted && *from == '"') from++; /* the second of two */
    }
    *to = '\0';
    return text;
}

static bool field_number(const struct csv *c, const struct field *field, double *number) {
    char text[NUMBER_MOST + 1], *end;
    if (!field->length || field->length > NUMBER_MOST) return false;
    memcpy(text, field->at, field->length);
    text[field->length] = '\0';
    if (text[strspn(text, "0123456789+-.eE")]) return false;
    *number = strtod_l(text, &end, c->locale);
    return !*end && isfinite(*number);
}

/* ---- columns ---- */

/* The field that a name or a number from 1 means; -1 and an error. */
static int find_column(struct csv *c, const char *option, const char *name) {
    for (int i = 0; c->names && i < c->width; i++)
        if (!strcmp(c->names[i], name)) return i;
    char *end;
    long number = strtol(name, &end, 10);
    if (*name && !*end && number >= 1 && number <= c->width) return (int)number - 1;
    struct text list = {0};
    for (int i = 0; c->names && i < c->width && i < NAMES_SHOWN; i++)
        text_format(&list, "%s%s", i ? ", " : "", text_excerpt(c->arena, c->names[i]));
    *c->wrong = option;
    error_set(c->error, STATUS_CONFIG, "%s: %s has no column '%s'", option, c->options->path,
              text_excerpt(c->arena, name));
    if (c->names)
        error_hint(c->error, "it has %s%s", text_get(&list), c->width > NAMES_SHOWN ? ", …" : "");
    else
        error_hint(c->error, "it has columns 1 to %d", c->width);
    text_release(&list);
    return -1;
}

static bool choose_columns(struct csv *c) {
    const struct texts *wanted = &c->options->columns;
    c->label = -1;
    if (c->options->label) {
        c->label = find_column(c, "label", c->options->label);
        if (c->label < 0) return false;
    }
    c->columns = ARENA_ARRAY(c->arena, int, wanted->count + c->width);
    for (int i = 0; i < wanted->count; i++) {
        int column = find_column(c, "columns", wanted->list[i]);
        if (column < 0) return false;
        c->columns[c->table->columns++] = column;
    }
    for (int i = 0; !wanted->count && i < c->width; i++)
        if (i != c->label) c->columns[c->table->columns++] = i;
    if (c->table->columns) return true;
    return error_set(c->error, STATUS_DATA, "%s has no column but that of the labels",
                     c->options->path);
}

/* The names of the first line; it is a mistake if they are numbers. */
static bool read_header(struct csv *c) {
    double number;
    int numbers = 0;
    c->names = ARENA_ARRAY(c->arena, const char *, c->count);
    for (int i = 0; i < c->count; i++) {
        c->names[i] = field_text(c, &c->fields[i]);
        numbers += field_number(c, &c->fields[i], &number);
    }
    if (numbers < c->count) return true;
    *c->wrong = "header";
    error_set(c->error, STATUS_CONFIG, "%s: the first line holds numbers, not names",
              c->options->path);
    return error_hint(c->error, "'header: false' says that there are no names");
}

/* ---- rows ---- */

/* Says of a first line that holds no numbers which option may be missing. */
static bool not_a_number(struct csv *c, const struct field *field, const char *column) {
    bad(c, field->at, "'%s' in %s is not a finite number", quote(c, field), column);
    if (c->table->rows) return false;
    if (c->options->separator != ';' && memchr(field->at, ';', field->length))
        return error_hint(c->error, "a table with ';' wants 'separator: semicolon'");
    return error_hint(c->error, "'columns' names those that hold numbers, 'label' that of labels");
}

static bool read_row(struct csv *c, double *values) {
    for (int i = 0; i < c->table->columns; i++) {
        const struct field *field = &c->fields[c->columns[i]];
        if (field_number(c, field, &values[i])) continue;
        const char *column = column_name(c, c->columns[i]);
        if (!field->length) return bad(c, field->at, "there is no number in %s", column);
        return not_a_number(c, field, column);
    }
    if (c->label < 0) return true;
    const struct field *field = &c->fields[c->label];
    if (!field->length)
        return bad(c, field->at, "there is no label in %s", column_name(c, c->label));
    c->label_at[c->table->rows] = field_text(c, field);
    return true;
}

/* The lines that are left, no less than there are. */
static int64_t lines_left(const struct csv *c) {
    int64_t count = 1;
    for (const char *at = c->next; (at = memchr(at, '\n', (size_t)(c->end - at))); at++)
        count++;
    return count;
}

static bool read_rows(struct csv *c, bool first) {
    struct csv_table *table = c->table;
    int64_t room = lines_left(c) + first;
    double *values = ARENA_ARRAY(c->arena, double, room * table->columns);
    int32_t *lines = ARENA_ARRAY(c->arena, int32_t, room);
    c->label_at = ARENA_ARRAY(c->arena, const char *, room);
    for (; first || next_line(c); first = false) {
        if ((!first && !split_line(c)) || !read_row(c, values + table->rows * table->columns))
            return false;
        lines[table->rows++] = c->number;
    }
    table->values = values;
    table->lines = lines;
    return table->rows > 0 ||
           error_set(c->error, STATUS_DATA, "%s holds no numbers", c->options->path);
}

/* ---- labels ---- */

static bool is_whole(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits && digits < 10 && !text[digits];
}

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different texts, sorted; `count` gets how many. */
static const char **unique(struct csv *c, size_t *count) {
    size_t rows = (size_t)c->table->rows;
    const char **names = arena_copy(c->arena, c->label_at, rows * sizeof *names);
    qsort(names, rows, sizeof *names, compare);
    *count = 0;
    for (size_t i = 0; i < rows; i++)
        if (!*count || strcmp(names[*count - 1], names[i]) != 0) names[(*count)++] = names[i];
    return names;
}

static void number_labels(struct csv *c) {
    int64_t *labels = ARENA_ARRAY(c->arena, int64_t, c->table->rows);
    bool whole = true;
    for (int64_t i = 0; i < c->table->rows; i++)
        whole = whole && is_whole(c->label_at[i]);
    size_t count = 0;
    const char **names = whole ? NULL : unique(c, &count);
    for (int64_t i = 0; i < c->table->rows; i++) {
        const char **found =
            names ? bsearch(&c->label_at[i], names, count, sizeof *names, compare) : NULL;
        labels[i] = names ? found - names : strtoll(c->label_at[i], NULL, 10);
    }
    c->table->labels = labels;
    c->table->class_names = names;
}

/* ---- the file ---- */

static bool open_text(struct csv *c) {
    size_t size;
    const char *text = file_read(c->arena, c->options->path, bytes_most, &size, c->error);
    if (!text) return false;
    c->table->file_bytes = (int64_t)size;
    if (strlen(text) != size)
        return error_set(c->error, STATUS_DATA, "%s is not a text: it holds a zero byte",
                         c->options->path);
    c->next = text + (strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3); /* the mark of UTF-8 */
    c->end = text + size;
    return true;
}

static bool read_all(struct csv *c) {
    if (!open_text(c)) return false;
    if (!next_line(c)) return error_set(c->error, STATUS_DATA, "%s is empty", c->options->path);
    if (!split_line(c) || (c->options->header && !read_header(c)) || !choose_columns(c) ||
        !read_rows(c, !c->options->header))
        return false;
    if (c->label >= 0) number_labels(c);
    return true;
}

bool csv_read(const struct csv_options *options, struct arena *arena, struct csv_table *table,
              const char **wrong, struct error *error) {
    *table = (struct csv_table){0};
    struct csv csv = {
        .options = options, .arena = arena, .table = table, .wrong = wrong, .error = error};
    csv.locale = newlocale(LC_ALL_MASK, "C", NULL);
    BUG_IF(!csv.locale);
    bool good = read_all(&csv);
    freelocale(csv.locale);
    return good;
}
