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

static bool unknown_option(const struct command *command, const char *word, struct error *error) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    struct nearest nearest = {.wanted = name};
    for (const struct option_row *row = command->options; row->name; row++)
        nearest_try(&nearest, row->name);
    for (const struct option_row *row = command->options; row->name && !nearest.name; row++)
        if (!strncmp(row->name, name, strlen(name))) nearest.name = row->name;
    error_set(error, STATUS_USAGE, "'duel %s' has no option '%s'", command->name, name);
    if (nearest.name) return error_hint(error, "did you mean '%s'?", nearest.name);
    return error_hint(error, "'duel %s --help' lists its options", command->name);
}

/* Takes the option at words[*at], and its value from the next word where it has one. */
static bool take_option(struct arguments *arguments, int *at, struct error *error) {
    const char *value, *word = arguments->words[*at];
    const struct option_row *row = find_option(arguments->command, word, &value);
    if (!row) return unknown_option(arguments->command, word, error);
    if (!row->argument && value)
        return error_set(error, STATUS_USAGE, "'%s' takes no value", row->name);
    for (const char *wanted = value ? NULL : row->argument; wanted;
         wanted = strchr(wanted + 1, ' ')) {
        if (++*at >= arguments->words_count)
            return error_set(error, STATUS_USAGE, "'%s' wants %s", row->name, row->argument);
        value = value ? arena_format(arguments->arena, "%s %s", value, arguments->words[*at])
                      : arguments->words[*at];
    }
    arguments->options = ARENA_GROW(arguments->arena, arguments->options, arguments->options_count);
    arguments->options[arguments->options_count++] = (struct given_option){row, value};
    return true;
}

static bool check_operands(const struct arguments *arguments, struct error *error) {
    const struct command *command = arguments->command;
    if (arguments->count < command->least)
        error_set(error, STATUS_USAGE, "'duel %s' wants %s", command->name, command->operands);
    else if (command->most >= 0 && arguments->count > command->most)
        error_set(error, STATUS_USAGE, "'duel %s' does not take '%s'", command->name,
                  arguments->operands[command->most]);
    else
        return true;
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
