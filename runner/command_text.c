/* --help, of a command and of the program, from the commands' rows. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "runner/command.h"

static void print_options(const struct option_row *options, FILE *file) {
    int widest = 0;
    for (const struct option_row *row = options; row->name; row++) {
        int wide = text_width(row->name) + (row->argument ? 1 + text_width(row->argument) : 0);
        if (wide > widest) widest = wide;
    }
    fputs("\noptions:\n", file);
    for (const struct option_row *row = options; row->name; row++) {
        int wide = text_width(row->name) + (row->argument ? 1 + text_width(row->argument) : 0);
        fprintf(file, "  %s%s%s%*s  %s\n", row->name, row->argument ? " " : "",
                row->argument ? row->argument : "", widest - wide, "", row->doc);
    }
}

void command_print_help(const struct command *command, FILE *file) {
    fprintf(file, "usage: duel %s%s%s [OPTION…]\n\n%c%s.\n", command->name,
            *command->operands ? " " : "", command->operands, toupper(command->doc[0]),
            command->doc + 1);
    if (command->about) fprintf(file, "\n%s\n", command->about);
    print_options(command->options, file);
    fputs("\nexamples:\n", file);
    for (const struct example *e = command->examples; e->line; e++)
        fprintf(file, "  %s\n      %s\n", e->line, e->doc);
}

void commands_help(FILE *file) {
    int widest = 0;
    for (int i = 0; commands[i]; i++)
        if (text_width(commands[i]->name) > widest) widest = text_width(commands[i]->name);
    fputs("usage: duel COMMAND …\n\nTrains generative adversarial networks that are described in "
          "YAML.\n\ncommands:\n",
          file);
    for (int i = 0; commands[i]; i++)
        fprintf(file, "  %-*s  %s\n", widest, commands[i]->name, commands[i]->doc);
    fputs("\n'duel COMMAND --help' tells more, with examples. 'duel --version' says which this is."
          "\n\nexamples:\n",
          file);
    for (int i = 0; i < 4 && commands[i]; i++)
        fprintf(file, "  %s\n      %s\n", commands[i]->examples[0].line,
                commands[i]->examples[0].doc);
}
