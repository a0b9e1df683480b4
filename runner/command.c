/* Reading the command line by the rows of its command; see command.h. */
#include "runner/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runner/command_list.h"

#define X(name) extern const struct command command_##name;
COMMAND_LIST(X)
#undef X

const struct command *const commands[] = {
#define X(name) &command_##name,
    COMMAND_LIST(X)
#undef X
        NULL,
};

int command_words(const struct command *command) {
    return strchr(command->name, ' ') ? 2 : 1;
}

static bool begins_with_name(const char *const *words, int count, const char *name) {
    size_t first = strcspn(name, " ");
    if (strlen(words[0]) != first || memcmp(words[0], name, first) != 0) return false;
    return !name[first] || (count > 1 && !strcmp(words[1], name + first + 1));
}

const struct command *command_find(const char *const *words, int count) {
    const struct command *found = NULL;
    for (int i = 0; commands[i]; i++)
        if (begins_with_name(words, count, commands[i]->name) &&
            (!found || command_words(commands[i]) > command_words(found)))
            found = commands[i];
    return found;
}

const char *command_nearest(const char *name) {
    struct nearest nearest = {.wanted = name};
    for (int i = 0; commands[i]; i++)
        nearest_try(&nearest, commands[i]->name);
    return nearest.name;
}

/* The row that `word` ("--name" or "--name=value") names; `value` is what follows '=', or NULL. */
static const struct option_row *find_option(const struct command *command, const char *word,
                                            const char **value) {
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    *value = equals ? equals + 1 : NULL;
    for (const struct option_row *row = command->options; row->name; row++)
        if (strlen(row->name) == length && !memcmp(row->name, word, length)) return row;
    return NULL;
}

/* Such a word is no value of the option before it, whose own was forgotten; '=' gives one like it all the same. */
static bool looks_like_option(const char *word) {
    return word[0] == '-' && word[1] == '-' && (!word[2] || (word[2] >= 'a' && word[2] <= 'z'));
}

static bool unknown_option(const struct command *command, const char *word, struct error *error) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    struct nearest nearest = {.wanted = name};
    for (const struct option_row *row = command->options; row->name; row++)
        nearest_try(&nearest, row->name);
    for (const struct option_row *row = command->options; row->name && !nearest.name; row++)
        if (!strncmp(row->name, name, strlen(name))) nearest.name = row->name;
    error_set(error, STATUS_USAGE, "'duel %s' has no option '%s'", command->name, name);
    if (!looks_like_option(word) && strspn(name, "-abcdefghijklmnopqrstuvwxyz") < strlen(name))
        return error_hint(error,
                          "what begins with '-' and is no option stands last, after '--': "
                          "duel %s … -- \"%s\"",
                          command->name, word);
    if (nearest.name) return error_hint(error, "did you mean '%s'?", nearest.name);
    return error_hint(error, "'duel %s --help' lists its options", command->name);
}

/* The next word as a value, or as the next part of one. */
static bool take_value(const struct arguments *arguments, const struct option_row *row, int *at,
                       const char **value, struct error *error) {
    const char *next = ++*at < arguments->words_count ? arguments->words[*at] : NULL;
    if (next && !looks_like_option(next)) {
        *value = *value ? arena_format(arguments->arena, "%s %s", *value, next) : next;
        return true;
    }
    if (next)
        error_set(error, STATUS_USAGE, "'%s' wants %s, but '%s' follows", row->name, row->argument,
                  next);
    else
        error_set(error, STATUS_USAGE, "'%s' wants %s", row->name, row->argument);
    return error_hint(error, "%s %s: %s", row->name, row->argument, row->doc);
}

/* Takes the option at words[*at], and its value from the next word where it has one. */
static bool take_option(struct arguments *arguments, int *at, struct error *error) {
    const char *value, *word = arguments->words[*at];
    const struct option_row *row = find_option(arguments->command, word, &value);
    if (!row) return unknown_option(arguments->command, word, error);
    if (!row->argument && value)
        return error_set(error, STATUS_USAGE, "'%s' takes no value", row->name);
    for (const char *wanted = value ? NULL : row->argument; wanted;
         wanted = strchr(wanted + 1, ' '))
        if (!take_value(arguments, row, at, &value, error)) return false;
    arguments->options = ARENA_GROW(arguments->arena, arguments->options, arguments->options_count);
    arguments->options[arguments->options_count++] = (struct given_option){row, value};
    return true;
}

/* What may have been meant by operands that are too many; NULL: who knows. `first` is the last that is taken. */
static const char *meant_by_operands(const struct arguments *arguments, int first) {
    const char *all = arguments->operands[first];
    bool sum = false;
    for (int i = first + 1; i < arguments->count; i++) {
        const char *word = arguments->operands[i], *value;
        if (word[0] == '-' && find_option(arguments->command, word, &value))
            return arena_format(arguments->arena,
                                "after '--' nothing is an option: '%s' stands before it", word);
        sum = sum || (word[0] && strchr("+-*/", word[0]) && !word[1]);
        all = arena_format(arguments->arena, "%s %s", all, word);
    }
    return sum ? arena_format(arguments->arena,
                              "an expression with blanks stands in quotes: \"%s\"", all)
               : NULL;
}

static bool check_operands(const struct arguments *arguments, struct error *error) {
    const struct command *command = arguments->command;
    const char *meant = NULL;
    if (arguments->count < command->least) {
        error_set(error, STATUS_USAGE, "'duel %s' wants %s", command->name, command->operands);
    } else if (command->most >= 0 && arguments->count > command->most) {
        error_set(error, STATUS_USAGE, "'duel %s' does not take '%s'", command->name,
                  arguments->operands[command->most]);
        if (command->most) meant = meant_by_operands(arguments, command->most - 1);
    } else {
        return true;
    }
    if (meant) return error_hint(error, "%s", meant);
    return error_hint(error, "usage: duel %s%s%s [OPTION…]", command->name,
                      *command->operands ? " " : "", command->operands);
}

bool arguments_read(struct arguments *arguments, bool *help, struct error *error) {
    const char *const *words = arguments->words;
    bool options_end = false;
    int first = 1 + command_words(arguments->command);
    for (int i = first; i < arguments->words_count && strcmp(words[i], "--") != 0; i++)
        if (!strcmp(words[i], "--help") || !strcmp(words[i], "-h")) return *help = true;
    arguments->operands = ARENA_ARRAY(arguments->arena, const char *, arguments->words_count + 1);
    for (int i = first; i < arguments->words_count; i++) {
        if (!options_end && !strcmp(words[i], "--"))
            options_end = true;
        else if (options_end || words[i][0] != '-' || !words[i][1])
            arguments->operands[arguments->count++] = words[i];
        else if (!take_option(arguments, &i, error))
            return false;
    }
    arguments->quiet = arguments_has(arguments, "--quiet");
    return check_operands(arguments, error);
}

const char *arguments_get(const struct arguments *arguments, const char *option) {
    for (int i = arguments->options_count - 1; i >= 0; i--)
        if (!strcmp(arguments->options[i].row->name, option)) return arguments->options[i].value;
    return NULL;
}

bool arguments_has(const struct arguments *arguments, const char *option) {
    for (int i = 0; i < arguments->options_count; i++)
        if (!strcmp(arguments->options[i].row->name, option)) return true;
    return false;
}

const char *const *arguments_all(const struct arguments *arguments, const char *option) {
    int count = 0;
    const char **values = ARENA_ARRAY(arguments->arena, const char *, arguments->options_count + 1);
    for (int i = 0; i < arguments->options_count; i++)
        if (!strcmp(arguments->options[i].row->name, option))
            values[count++] = arguments->options[i].value;
    return values;
}

bool arguments_integer(const struct arguments *arguments, const char *option, int64_t low,
                       int64_t high, int64_t otherwise, int64_t *value, struct error *error) {
    const char *text = arguments_get(arguments, option);
    *value = otherwise;
    if (!text) return true;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (!errno && end != text && !*end && number >= low && number <= high) {
        *value = number;
        return true;
    }
    return error_set(error, STATUS_USAGE,
                     "'%s' wants an integer from %" PRId64 " to %" PRId64 ", not '%s'", option, low,
                     high, text);
}
