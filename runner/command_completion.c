/* duel completion: a script that completes the command line, made of the commands' rows. */
#include <string.h>

#include "runner/command.h"
#include "runner/folders.h"
#include "runner/store_run.h"

static void print_configs(struct arena *arena) {
    for (const char *const *name = folders_list_configs(arena); *name; name++)
        printf("%s\n", *name);
}

/* The experiments that have runs: what stands behind OUTPUTS/. One that has several comes as often. */
static bool print_runs(struct arena *arena, struct error *error) {
    int count;
    const char *const *folders;
    if (!run_find_all(arena, "outputs", NULL, &count, &folders, error)) return false;
    for (int i = 0; i < count; i++) {
        const char *name = folders[i] + strlen("outputs/"), *slash = strchr(name, '/');
        if (slash) printf("%.*s\n", (int)(slash - name), name);
    }
    return true;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *what = arguments->operands[0];
    if (commands_completion(what, stdout)) return STATUS_OK;
    if (!strcmp(what, "commands")) {
        for (int i = 0; commands[i]; i++)
            printf("%s\n", commands[i]->name);
    } else if (!strcmp(what, "configs")) {
        print_configs(arguments->arena);
    } else if (!strcmp(what, "runs")) {
        print_runs(arguments->arena, error);
    } else {
        error_set(error, STATUS_USAGE, "there is no completion for '%s'", what);
        error_hint(error, "there is one for bash, zsh and fish");
    }
    return error->status;
}

static const struct option_row options[] = {OPTION_HELP, OPTION_END};

static const struct example examples[] = {
    {"eval \"$(duel completion bash)\"", "completes duel's command line in this shell, a bash"},
    {"duel completion zsh > _duel", "for zsh: a file for a folder of its $fpath"},
    {"duel completion fish > duel.fish", "for fish: a file for ~/.config/fish/completions"},
    {NULL, NULL},
};

const struct command command_completion = {
    .name = "completion",
    .doc = "prints a script that completes the command line",
    .operands = "bash|zsh|fish",
    .least = 1,
    .most = 1,
    .about = "The script offers what 'duel completion configs' and 'duel completion runs' print:\n"
             "names that may stand for CONFIG and RUN.",
    .options = options,
    .examples = examples,
    .run = run,
};
