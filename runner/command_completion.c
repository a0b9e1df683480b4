/* duel completion: a script that completes the command line, made of the commands' rows. */
#include <string.h>

#include "runner/command.h"

static enum status run(const struct arguments *arguments, struct error *error) {
    if (strcmp(arguments->operands[0], "bash") != 0) {
        error_set(error, STATUS_USAGE, "there is no completion for '%s'", arguments->operands[0]);
        error_hint(error, "there is one for bash");
        return STATUS_USAGE;
    }
    commands_completion(stdout);
    return STATUS_OK;
}

static const struct option_row options[] = {OPTION_HELP, OPTION_END};

static const struct example examples[] = {
    {"eval \"$(duel completion bash)\"", "completes duel's command line in this shell"},
    {NULL, NULL},
};

const struct command command_completion = {
    .name = "completion",
    .doc = "prints a script that completes the command line",
    .operands = "bash",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
