/*
 * The command line as rows: a command names its operands, options and examples; parsing, --help,
 * completion and the man page come from the row.
 *
 * A command is one `const struct command` in a file of its own, command_NAME.c, and one line of
 * command_list.h. A name of two words, "datasets describe", makes it a part of another command.
 */
#ifndef RUNNER_COMMAND_H
#define RUNNER_COMMAND_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct option_row {
    const char *name;     /* "--set" */
    const char *argument; /* what follows it, "KEY=VALUE"; NULL: nothing does. "A B": two words, of
                             which its value holds both, with a space between */
    const char *doc;      /* one line */
};

/* What was given on the command line, checked against the command's rows. */
struct arguments {
    struct arena *arena;
    const struct command *command;
    int count;
    const char **operands; /* NULL-terminated */
    int options_count;
    struct given_option {
        const struct option_row *row;
        const char *value; /* NULL where the row takes no argument */
    } * options;
    bool quiet;  /* --quiet */
    bool colour; /* standard error is a terminal that shows colours, and NO_COLOR is not set */
    int words_count;
    const char *const *words; /* the whole command line, for run.json */
};

struct example {
    const char *line, *doc;
};

struct command {
    const char *name, *doc;           /* doc: one line, without a full stop */
    const char *operands;             /* "CONFIG…" for the usage line; "" for none */
    int least, most;                  /* how many operands; most -1: any number */
    const char *about;                /* a paragraph more for --help; may be NULL */
    const struct option_row *options; /* ended by one without a name */
    const struct example *examples;   /* likewise */
    /* Results to standard output, everything else to standard error. What is reported through
     * `error` is printed by main and its status returned; a command that has printed its
     * diagnostics itself just returns the status. */
    enum status (*run)(const struct arguments *arguments, struct error *error);
};

/* All commands in the order of command_list.h, ended by NULL. */
extern const struct command *const commands[];
/* The one whose name the words begin with, the longest; NULL: there is none. */
const struct command *command_find(const char *const *words, int count);
/* The words of its name. */
int command_words(const struct command *command);
/* The name of the nearest command to a mistyped one, or NULL. */
const char *command_nearest(const char *name);

/* Options that several commands have. */
#define OPTION_SET                                                                                 \
    { "--set", "KEY=VALUE", "change a value: networks.generator.layers[0].linear=64" }
#define OPTION_BACKEND                                                                             \
    { "--backend", "cpu|reference", "what computes; 'cpu' by default" }
#define OPTION_THREADS                                                                             \
    { "--threads", "N", "threads; 0: as many as the machine allows" }
#define OPTION_ISA                                                                                 \
    { "--isa", "v2|v3|v4", "instruction set; the best by default" }
#define OPTION_NO_FUSE                                                                             \
    { "--no-fuse", NULL, "run each operation as a kernel of its own (same bits)" }
#define OPTION_NO_PLAN                                                                             \
    { "--no-plan", NULL, "give each value memory of its own (same bits)" }
#define OPTION_DEVICE OPTION_BACKEND, OPTION_THREADS, OPTION_ISA, OPTION_NO_FUSE, OPTION_NO_PLAN
#define OPTION_OUTPUTS                                                                             \
    { "--outputs", "FOLDER", "the folder of all runs; 'outputs' by default" }
#define OPTION_QUIET                                                                               \
    { "--quiet", NULL, "no progress, only what went wrong" }
#define OPTION_JSON                                                                                \
    { "--json", NULL, "print JSON" }
#define OPTION_FORCE                                                                               \
    { "--force", NULL, "replace what is there" }
#define OPTION_HELP                                                                                \
    { "--help", NULL, "show this help" }
#define OPTION_END                                                                                 \
    { NULL, NULL, NULL }

/* Reads the words behind the command's name by its rows. STATUS_USAGE with the nearest option, or what is missing.
 * `help` is set, and the rest left unchecked, if --help is among them. */
bool arguments_read(struct arguments *arguments, bool *help, struct error *error);

/* Whether an option was given; its last value, or NULL; all its values, NULL-terminated. */
bool arguments_has(const struct arguments *arguments, const char *option);
const char *arguments_get(const struct arguments *arguments, const char *option);
const char *const *arguments_all(const struct arguments *arguments, const char *option);
/* An integer in [low, high], or `otherwise` where the option was not given; STATUS_USAGE. */
bool arguments_integer(const struct arguments *arguments, const char *option, int64_t low,
                       int64_t high, int64_t otherwise, int64_t *value, struct error *error);

/* `duel COMMAND --help`; `duel --help`; the man page (roff). */
void command_print_help(const struct command *command, FILE *file);
void commands_help(FILE *file);
void commands_manual(FILE *file);
/* The script that completes the command line in a shell: "bash", "zsh" or "fish"; false: no such. */
bool commands_completion(const char *shell, FILE *file);
/* What there is to tell beside commands: "files", "environment", "exit-status"; false: no such. */
bool topic_print(const char *name, FILE *file);

#endif
