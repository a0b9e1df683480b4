/* duel help: of a command, of exit statuses, or the whole as a man page. */
#include <string.h>

#include "runner/command.h"

static void print_statuses(void) {
#define X(name, number, text) printf("%3d  %s\n", number, text);
    STATUS_LIST(X)
#undef X
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *topic = arguments->operands[0];
    const struct command *command = topic ? command_find(topic) : NULL;
    if (!topic)
        commands_help(stdout);
    else if (command)
        command_print_help(command, stdout);
    else if (!strcmp(topic, "exit-status"))
        print_statuses();
    else if (!strcmp(topic, "man"))
        commands_manual(stdout);
    else {
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
    {"duel help exit-status", "tells what each exit status means"},
    {"duel help man | man -l -", "shows the man page"},
    {NULL, NULL},
};

const struct command command_help = {
    .name = "help",
    .doc = "tells about a command, the exit statuses (exit-status), or all (man)",
    .operands = "[TOPIC]",
    .least = 0,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
