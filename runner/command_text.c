/* What is printed of the commands' rows: help, completion for bash, the man page. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "runner/command.h"

/* Characters, not bytes, so that columns line up. */
static int width(const char *text) {
    int count = 0;
    for (size_t left = strlen(text); left; count++) {
        size_t size = text_character_size(text, left);
        text += size;
        left -= size;
    }
    return count;
}

static void print_options(const struct option_row *options, FILE *file) {
    int widest = 0;
    for (const struct option_row *row = options; row->name; row++) {
        int wide = width(row->name) + (row->argument ? 1 + width(row->argument) : 0);
        if (wide > widest) widest = wide;
    }
    fputs("\noptions:\n", file);
    for (const struct option_row *row = options; row->name; row++) {
        int wide = width(row->name) + (row->argument ? 1 + width(row->argument) : 0);
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
        if (width(commands[i]->name) > widest) widest = width(commands[i]->name);
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

/* "train | check) …" for the commands whose operand is of this kind: its names, and files. */
static void completion_names(const char *operand, const char *kind, FILE *file) {
    const char *before = "        ";
    for (int i = 0; commands[i]; i++) {
        if (strncmp(commands[i]->operands, operand, strlen(operand)) != 0) continue;
        fprintf(file, "%s%s", before, commands[i]->name);
        before = " | ";
    }
    fprintf(file, ") files=1 words=$(duel completion %s 2> /dev/null) ;;\n", kind);
}

void commands_completion(FILE *file) {
    fputs("# Completion of duel's command line for bash; made by 'duel completion bash'.\n"
          "_duel() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words= files=\n"
          "    COMPREPLY=()\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words=\"",
          file);
    for (int i = 0; commands[i]; i++)
        fprintf(file, "%s ", commands[i]->name);
    fputs("--help --version\"\n"
          "    elif [[ $word == -* ]]; then\n"
          "        case ${COMP_WORDS[1]} in\n",
          file);
    for (int i = 0; commands[i]; i++) {
        fprintf(file, "        %s) words=\"", commands[i]->name);
        for (const struct option_row *row = commands[i]->options; row->name; row++)
            fprintf(file, "%s%s", row == commands[i]->options ? "" : " ", row->name);
        fputs("\" ;;\n", file);
    }
    fputs("        esac\n"
          "    else\n"
          "        case ${COMP_WORDS[1]} in\n",
          file);
    completion_names("CONFIG", "configs", file);
    completion_names("RUN", "runs", file);
    fputs("        layers | functions | objectives | optimizers | datasets)\n"
          "            words=$(duel \"${COMP_WORDS[1]}\" --names 2> /dev/null) ;;\n"
          "        completion) words=bash ;;\n"
          "        help) words=\"exit-status man\" ;;\n"
          "        esac\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    if [[ $files ]]; then\n"
          "        compopt -o filenames\n"
          "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -o default -F _duel duel\n",
          file);
}

/* Text for roff: a backslash and a leading dot or quote would be commands; '-' would become a
 * hyphen. */
static void print_roff(const char *text, FILE *file) {
    if (*text == '.' || *text == '\'') fputs("\\&", file);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", file);
        else if (*text == '-')
            fputs("\\-", file);
        else
            fputc(*text, file);
    }
}

static void print_roff_line(const char *before, const char *text, FILE *file) {
    fputs(before, file);
    print_roff(text, file);
    fputc('\n', file);
}

static void manual_command(const struct command *command, FILE *file) {
    fprintf(file, ".SS duel %s %s\n", command->name, command->operands);
    fputc(toupper(command->doc[0]), file);
    print_roff(command->doc + 1, file);
    fputs(".\n", file);
    if (command->about) print_roff_line(".PP\n", command->about, file);
    for (const struct option_row *row = command->options; row->name; row++) {
        print_roff_line(".TP\n.B ", row->name, file);
        if (row->argument) print_roff_line(".I ", row->argument, file);
        print_roff_line("", row->doc, file);
    }
    fputs(".PP\nExamples:\n", file);
    for (const struct example *e = command->examples; e->line; e++) {
        print_roff_line(".TP\n.B ", e->line, file);
        print_roff_line("", e->doc, file);
    }
}

void commands_manual(FILE *file) {
    fputs(".TH DUEL 1 \"\" \"duel " DUEL_VERSION "\" \"User commands\"\n"
          ".SH NAME\nduel \\- trains generative adversarial networks that are described in YAML\n"
          ".SH SYNOPSIS\n.B duel\n.I COMMAND\n[\\fIOPTION\\fR]…\n.SH COMMANDS\n",
          file);
    for (int i = 0; commands[i]; i++)
        manual_command(commands[i], file);
    fputs(".SH EXIT STATUS\n", file);
#define X(name, number, text) fputs(".TP\n.B " #number "\n" text "\n", file);
    STATUS_LIST(X)
#undef X
    fputs(".SH ENVIRONMENT\n"
          ".TP\n.B DUEL_DATA\nthe folder in which data sets are looked for first\n"
          ".TP\n.B NO_COLOR\nif it is set and not empty, messages have no colours\n"
          ".TP\n.B XDG_DATA_HOME, XDG_CONFIG_HOME\n"
          "the user's data sets (duel/datasets) and configurations (duel/configs)\n",
          file);
}
