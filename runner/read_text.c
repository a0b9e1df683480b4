/* Texts with $(expressions) in them, paths, choices, lists of texts and of classes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/read_parts.h"

bool word_next(struct word *word) {
    while (word->at && *word->at == ' ')
        word->at++;
    if (!word->at || !*word->at) return false;
    size_t length = strcspn(word->at, " ");
    size_t kept = length < sizeof word->text ? length : sizeof word->text - 1;
    memcpy(word->text, word->at, kept);
    word->text[kept] = 0;
    word->at += length;
    return true;
}

char *words_text(struct arena *arena, const char *words) {
    struct word word = {.at = words};
    struct text all = {0};
    for (int i = 0; word_next(&word); i++)
        text_format(&all, "%s%s", i ? ", " : "", word.text);
    char *result = arena_text(arena, text_get(&all));
    text_release(&all);
    return result;
}

/* Words of choices as other programs write them, for hints. */
static const char *word_aliases(const char *word) {
    static const struct {
        const char *word, *aliases;
    } others[] = {
        {"average", "avg mean"},
        {"max", "maximum"},
        {"reflect", "mirror symmetric"},
        {"valid", "none"},
        {"normal", "gaussian randn RandomNormal"},
        {"uniform", "RandomUniform"},
        {"constant", "zeros ones"},
        {"he", "kaiming"},
        {"he_normal", "kaiming_normal"},
        {"he_uniform", "kaiming_uniform"},
        {"glorot", "xavier"},
        {"glorot_normal", "xavier_normal"},
        {"glorot_uniform", "xavier_uniform"},
        {"identity", "eye dirac"},
        {"float32", "float fp32"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(others[i].word, word)) return others[i].aliases;
    return NULL;
}

int read_word(const struct reading *r, const struct origin *origin, const char *name, bool report) {
    struct arena *arena = r->diagnostics->arena;
    struct word word = {.at = r->row->choices};
    struct nearest nearest = {.wanted = name};
    for (int i = 0; word_next(&word); i++) {
        if (!strcmp(word.text, name)) return i;
        nearest_try_row(&nearest, arena_text(arena, word.text), word_aliases(word.text));
    }
    const char *hint = nearest_hint(arena, &nearest);
    if (report)
        diagnostics_add(r->diagnostics, origin, hint, "'%s' of %s must be one of %s, but is '%s'",
                        r->row->name, r->what, words_text(arena, r->row->choices),
                        text_excerpt(arena, name));
    return -1;
}

bool read_choice(struct reading *r, void *destination) {
    if (r->value->kind >= CONFIG_LIST || r->value->kind == CONFIG_NULL)
        return read_wrong(r, r->value, NULL, "a word");
    int index = read_word(r, &r->value->origin, r->value->text, true);
    if (index < 0) return false;
    *(int *)destination = index;
    r->resolved = config_new_text(r->diagnostics->arena, r->value->text);
    return true;
}

/* Where the ')' stands that closes the '(' before `at`; the end if there is none. */
static size_t closing(const char *text, size_t at) {
    for (int open = 1; text[at]; at++) {
        open += (text[at] == '(') - (text[at] == ')');
        if (!open) break;
    }
    return at;
}

/* Adds the value of the expression in $(...) to the text. */
static bool add_value(const struct reading *r, const struct config *value, size_t start, size_t end,
                      struct text *out) {
    struct origin origin = value->origin;
    bool plain = value->raw && !value->quoted && strlen(value->text) == value->raw_length;
    for (size_t i = 0; plain && i < start; origin.column++)
        i += text_character_size(value->text + i, start - i);
    if (plain) origin.length = (int)(end - start);
    char *text = arena_text_range(r->diagnostics->arena, value->text + start, end - start);
    const struct origin *kept = arena_copy(r->diagnostics->arena, &origin, sizeof origin);
    if (!value->text[end])
        return diagnostics_add(r->diagnostics, kept, NULL, "this '$(' is never closed");
    const struct expression *expression = expression_parse_text(text, kept, r->diagnostics);
    double number;
    if (!expression || !read_constant(r, expression, &number)) return false;
    text_add_number(out, number);
    return true;
}

/* The text of a scalar with every $(expression) replaced, and $$( as $(; NULL, with a report, if it is
 * wrong. */
static char *replaced(const struct reading *r, const struct config *value) {
    struct text out = {0};
    bool good = true;
    for (const char *at = value->text, *next; *at; at = next) {
        const char *found = strstr(at, "$(");
        bool meant = found && found > at && found[-1] == '$';
        next = found ? found - meant : at + strlen(at);
        text_add_range(&out, at, (size_t)(next - at));
        if (!found) continue;
        if (meant) {
            text_add(&out, "$(");
            next = found + 2;
            continue;
        }
        size_t start = (size_t)(found - value->text) + 2, end = closing(value->text, start);
        good = add_value(r, value, start, end, &out) && good;
        next = value->text + end + (value->text[end] == ')');
    }
    char *text = good ? arena_text(r->diagnostics->arena, text_get(&out)) : NULL;
    text_release(&out);
    return text;
}

const char *read_literal(struct arena *arena, const char *text) {
    struct text out = {0};
    for (const char *at = text, *found; *at; at = found) {
        found = strstr(at, "$(");
        if (found) text_add_range(&out, at, (size_t)(found - at));
        text_add(&out, found ? "$$(" : at);
        found = found ? found + 2 : at + strlen(at);
    }
    const char *literal = arena_text(arena, text_get(&out));
    text_release(&out);
    return literal;
}

const char *read_absolute(struct arena *arena, const char *path) {
    while (!strncmp(path, "./", 2))
        path += 2 + strspn(path + 2, "/");
    char *here = *path == '/' ? NULL : getcwd(NULL, 0);
    const char *whole =
        here ? arena_format(arena, "%s/%s", strcmp(here, "/") != 0 ? here : "", path) : path;
    free(here);
    return whole;
}

bool read_text(struct reading *r, void *destination) {
    if (r->value->kind >= CONFIG_LIST || r->value->kind == CONFIG_NULL)
        return read_wrong(r, r->value, NULL, "a text");
    const char *text = replaced(r, r->value);
    if (!text) return false;
    *(const char **)destination = text;
    r->resolved = config_new_text(r->diagnostics->arena, read_literal(r->diagnostics->arena, text));
    return true;
}

bool read_path(struct reading *r, void *destination) {
    struct arena *arena = r->diagnostics->arena;
    const char *path;
    if (!read_text(r, &path)) return false;
    if (!*path) return read_wrong(r, r->value, NULL, "a path");
    const struct source *source = r->value->origin.source;
    if (*path != '/' && source && source->folder)
        path = arena_format(arena, "%s/%s", source->folder, path);
    *(const char **)destination = path;
    r->resolved = config_new_text(arena, read_literal(arena, read_absolute(arena, path)));
    return true;
}

bool read_texts(struct reading *r, void *destination) {
    struct arena *arena = r->diagnostics->arena;
    struct config *one = arena_copy(arena, r->value, sizeof *one), *const *items = r->value->items;
    int count = r->value->count;
    if (r->value->kind < CONFIG_LIST) {
        items = &one;
        count = 1;
    } else if (r->value->kind == CONFIG_MAP) {
        return read_wrong(r, r->value, NULL, "a list of texts");
    }
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    struct config *list = config_new_list(arena);
    bool good = true;
    for (int i = 0; i < count; i++) {
        struct reading item = *r;
        item.value = items[i];
        bool fine = read_text(&item, &texts[i]);
        if (fine) config_append(arena, list, item.resolved);
        good = good && fine;
    }
    if (good) *(struct texts *)destination = (struct texts){count, texts};
    r->resolved = list;
    return good;
}

/* A number, also as an expression; what is none, or in quotes, is a name. */
static bool read_label(const struct reading *r, const struct config *value, double *number,
                       const char **name, struct config *resolved) {
    struct arena *arena = r->diagnostics->arena;
    struct diagnostics ignored = {.arena = arena};
    struct reading item = *r;
    item.value = value;
    item.diagnostics = &ignored;
    if (!value->quoted && value->kind < CONFIG_LIST && read_finite(&item, value, number)) {
        config_append(arena, resolved, config_new_number(arena, *number));
        return read_in_range(r, value, *number);
    }
    item.diagnostics = r->diagnostics;
    *number = -1;
    if (value->kind >= CONFIG_LIST || value->kind == CONFIG_NULL)
        return read_wrong(&item, value, NULL, "a class: its number or its name");
    if (!read_text(&item, name)) return false;
    item.resolved->quoted = value->quoted; /* so that it stays a name */
    config_append(arena, resolved, item.resolved);
    return true;
}

bool read_labels(struct reading *r, void *destination) {
    const struct config *list = r->value;
    struct arena *arena = r->diagnostics->arena;
    if (list->kind != CONFIG_LIST)
        return read_wrong(r, list,
                          list->kind < CONFIG_LIST && list->kind != CONFIG_NULL
                              ? text_list_hint(arena, list->text)
                              : NULL,
                          "a list of numbers or names");
    double *numbers = ARENA_ARRAY(arena, double, list->count);
    const char **names = ARENA_ARRAY(arena, const char *, list->count);
    bool good = true;
    r->resolved = config_new_list(arena);
    for (int i = 0; i < list->count; i++)
        good = read_label(r, list->items[i], &numbers[i], &names[i], r->resolved) && good;
    if (good) *(struct labels *)destination = (struct labels){list->count, numbers, names};
    return good;
}
