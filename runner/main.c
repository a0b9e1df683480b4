/* The program: finds the command, reads its options, runs it, and turns what went wrong into a
 * message and an exit status. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/command.h"

static bool stderr_has_colour(void) {
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && *no_color) &&
           !(terminal && !strcmp(terminal, "dumb"));
}

static enum status run_command(struct arguments *arguments, struct error *error) {
    const char *name = arguments->words[1];
    arguments->command = command_find(arguments->words + 1, arguments->words_count - 1);
    if (!arguments->command) {
        const char *nearest = command_nearest(name);
        error_set(error, STATUS_USAGE, "there is no %s '%s'", name[0] == '-' ? "option" : "command",
                  name);
        if (nearest)
            error_hint(error, "did you mean '%s'? 'duel --help' lists them all", nearest);
        else
            error_hint(error, "'duel --help' lists them all");
        return STATUS_USAGE;
    }
    bool help = false;
    if (!arguments_read(arguments, &help, error)) return error->status;
    if (help) {
        command_print_help(arguments->command, stdout);
        return STATUS_OK;
    }
    return arguments->command->run(arguments, error);
}

static enum status run(struct arguments *arguments, struct error *error) {
    if (arguments->words_count < 2) {
        commands_help(stderr);
        return STATUS_USAGE;
    }
    const char *first = arguments->words[1];
    if (!strcmp(first, "--version")) {
        puts("duel " DUEL_VERSION);
        return STATUS_OK;
    }
    if (!strcmp(first, "--help") || !strcmp(first, "-h")) {
        commands_help(stdout);
        return STATUS_OK;
    }
    return run_command(arguments, error);
}

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone, and a limit on the size of files, */
    signal(SIGXFSZ, SIG_IGN); /* are writes that fail */
    struct arena *arena = arena_new();
    struct error error = {0};
    struct arguments arguments = {.arena = arena,
                                  .words = (const char *const *)words,
                                  .words_count = count,
                                  .colour = stderr_has_colour()};
    enum status status = run(&arguments, &error);
    if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE && status == STATUS_OK)
        error_system(&error, STATUS_IO, "cannot write to standard output");
    error_print(&error, stderr, arguments.colour);
    if (error.status != STATUS_OK) status = error.status;
    arena_free(arena);
    return (int)status;
}
