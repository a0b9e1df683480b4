/* The man page, made of the commands' rows; and what is told of files, environment and exit statuses. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "runner/command.h"

struct note {
    const char *name, *doc;
};

static const struct note files[] = {
    {"outputs/NAME/TIME-SEED/", "a run: run.json, config.yaml, resolved.yaml, metrics.jsonl, "
                                "metrics.h5, samples/, checkpoints/, "
                                "plots/; docs/run-folder.md tells of each"},
    {"~/.config/duel/configs/",
     "configurations, objectives/ and other files of the user's own, found by their names"},
    {"~/.local/share/duel/datasets/", "data sets, each in a folder of its name"},
    {"/usr/share/datasets/", "data sets of the system, as Debian's packages install them"},
    {"PREFIX/share/duel/",
     "what comes with duel: configs/, with the schemas for editors in schema/, and plots/"},
    {NULL, NULL},
};

static const struct note environment[] = {
    {"DISPLAY", "the X display on which 'duel plot --live' opens its window"},
    {"DUEL_DATA", "the folder in which data sets are looked for first"},
    {"GNUTERM", "gnuplot's terminal for that window, if it can have one"},
    {"HOME",
     "where the user's configurations, data sets and decoded images are, if the variables of "
     "XDG are not set"},
    {"NO_COLOR", "if it is set and not empty, messages have no colours"},
    {"TERM", "if it is 'dumb', messages have no colours"},
    {"WAYLAND_DISPLAY", "the same for Wayland"},
    {"XDG_CACHE_HOME", "decoded images are kept in its duel/; ~/.cache by default ('duel cache')"},
    {"XDG_CONFIG_HOME",
     "configurations of the user's own are in its duel/configs/; ~/.config by default"},
    {"XDG_DATA_HOME",
     "data sets of the user's own are in its duel/datasets/; ~/.local/share by default"},
    {NULL, NULL},
};

static const struct note statuses[] = {
#define X(name, number, text) {#number, text},
    STATUS_LIST(X)
#undef X
        {NULL, NULL},
};

/* What `duel help` tells about beside commands. */
static const struct topic {
    const char *name, *title;
    const struct note *notes;
} topics[] = {{"files", "FILES", files},
              {"environment", "ENVIRONMENT", environment},
              {"exit-status", "EXIT STATUS", statuses}};

enum { TOPICS = sizeof topics / sizeof *topics };

bool topic_print(const char *name, FILE *file) {
    const struct topic *topic = NULL;
    int widest = 0;
    for (int i = 0; i < TOPICS; i++)
        if (!strcmp(topics[i].name, name)) topic = &topics[i];
    for (const struct note *note = topic ? topic->notes : NULL; note && note->name; note++)
        if (text_width(note->name) > widest) widest = text_width(note->name);
    for (const struct note *note = topic ? topic->notes : NULL; note && note->name; note++) {
        bool number = isdigit((unsigned char)*note->name);
        fprintf(file, number ? "%*s  " : "%-*s  ", number ? 3 : widest, note->name);
        text_print_wrapped(note->doc, (number ? 3 : widest) + 2, file);
    }
    return topic;
}

/* ---- roff ---- */

/* Text for roff: a backslash and a dot or quote at the beginning of a line would be commands; '-' would become a hyphen. */
static void print_roff(const char *text, FILE *file) {
    for (bool begins = true; *text; begins = *text++ == '\n') {
        if (begins && (*text == '.' || *text == '\'')) fputs("\\&", file);
        if (*text == '\\')
            fputs("\\e", file);
        else if (*text == '-')
            fputs("\\-", file);
        else
            fputc(*text, file);
    }
}

static void print_line(const char *before, const char *text, FILE *file) {
    fputs(before, file);
    print_roff(text, file);
    fputc('\n', file);
}

static void print_notes(const struct note *notes, FILE *file) {
    for (; notes->name; notes++) {
        print_line(".TP\n.B ", notes->name, file);
        print_line("", notes->doc, file);
    }
}

static void print_examples(const struct example *examples, FILE *file) {
    for (const struct example *e = examples; e->line; e++) {
        print_line(".TP\n.B ", e->line, file);
        print_line("", e->doc, file);
    }
}

static void print_command(const struct command *command, FILE *file) {
    fprintf(file, ".SS duel %s", command->name);
    print_line(*command->operands ? " " : "", command->operands, file);
    fputc(toupper(command->doc[0]), file);
    print_roff(command->doc + 1, file);
    fputs(".\n", file);
    if (command->about) print_line(".PP\n", command->about, file);
    for (const struct option_row *row = command->options; row->name; row++) {
        fputs(".TP\n.B ", file);
        print_roff(row->name, file);
        if (row->argument) {
            fputs(" \\fI", file);
            print_roff(row->argument, file);
            fputs("\\fR", file);
        }
        print_line("\n", row->doc, file);
    }
    fputs(".PP\nExamples:\n", file);
    print_examples(command->examples, file);
}

void commands_manual(FILE *file) {
    fputs(".TH DUEL 1 \"\" \"duel " DUEL_VERSION "\" \"User commands\"\n"
          ".SH NAME\nduel \\- trains generative adversarial networks that are described in YAML\n"
          ".SH SYNOPSIS\n"
          ".B duel\n.I COMMAND\n[\\fIOPTION\\fR]… [\\fIOPERAND\\fR]…\n.br\n"
          ".B duel \\-\\-help\n.br\n.B duel \\-\\-version\n"
          ".SH DESCRIPTION\n"
          "An experiment is one YAML file: the data, every network layer by layer, the game that "
          "the networks play, "
          "optimizers, and what is kept.\n"
          ".B duel train\ntrains it in a new folder, a run;\n.B duel plot\ndraws it,\n.B duel "
          "sample\nmakes samples.\n"
          ".PP\n"
          "Where a command wants CONFIG, it is a file, or the name of one that comes with duel or "
          "is the user's own. Where it "
          "wants RUN, it is a run's folder, or the name of an experiment, which means its newest "
          "run.\n"
          ".PP\n"
          "Results go to standard output, progress and messages to standard error.\n"
          ".SH COMMANDS\n",
          file);
    for (int i = 0; commands[i]; i++)
        print_command(commands[i], file);
    for (int i = 0; i < TOPICS; i++) {
        fprintf(file, ".SH %s\n", topics[i].title);
        print_notes(topics[i].notes, file);
    }
    fputs(".SH EXAMPLES\n", file);
    for (int i = 0; i < 4 && commands[i]; i++)
        print_examples((const struct example[]){commands[i]->examples[0], {NULL, NULL}}, file);
    fputs(".SH SEE ALSO\n.BR gnuplot (1),\n.BR h5ls (1)\n.PP\n"
          "The language is told in docs/language.md, and every layer, function, optimizer, "
          "objective and data set in "
          "docs/reference.md, of duel's documentation.\n",
          file);
}
