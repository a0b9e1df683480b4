/* duel help: of a command, of a topic, or the whole as a man page. */
#include <string.h>

#include "runner/command.h"

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *const *words = arguments->operands;
    const char *topic = words[0] && words[1]
                            ? arena_format(arguments->arena, "%s %s", words[0], words[1])
                            : words[0];
    const struct command *command = topic ? command_find(words, arguments->count) : NULL;
    if (!topic)
        commands_help(stdout);
    else if (command && !strcmp(command->name, topic))
        command_print_help(command, stdout);
    else if (!strcmp(topic, "man"))
        commands_manual(stdout);
    else if (!topic_print(topic, stdout)) {
        const char *nearest = command_nearest(topic);
        error_set(error, STATUS_USAGE, "there is no help on '%s'", topic);
        if (nearest) error_hint(error, "did you mean '%s'?", nearest);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

static const struct option_row options[] = {OPTION_HELP, OPTION_END};

static const struct example examples[] = {
    {"duel help train", "tells what 'duel train' does"},
    {"duel help datasets describe", "tells what 'duel datasets describe' does"},
    {"duel help exit-status", "tells what each exit status means"},
    {"duel help man | man -l -", "shows the man page"},
    {NULL, NULL},
};

const struct command command_help = {
    .name = "help",
    .doc = "tells about a command, files, environment, exit statuses, or all (man)",
    .operands = "[COMMAND|files|environment|exit-status|man]",
    .least = 0,
    .most = 2,
    .options = options,
    .examples = examples,
    .run = run,
};
