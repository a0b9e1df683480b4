/*
 * Completion for bash, zsh and fish, made of the commands' rows.
 *
 * A command of two words completes behind its second word; that word is among the operands of the command that is its first.
 * What may stand for an operand or after an option follows from the word for it in the usage line: [bash|zsh|fish] are the
 * words themselves, and the kinds below are names that duel prints, files or folders. Of others, such as N, nothing is offered.
 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "runner/command.h"

static const struct kind {
    const char *word;    /* in usage lines */
    const char *ask;     /* prints the names, one a line; NULL: none have names */
    bool files, folders; /* paths may be given, too */
} kinds[] = {
    {"CONFIG", "duel completion configs", true, false},
    {"RUN", "duel completion runs", true, false},
    {"LAYER", "duel layers --names", false, false},
    {"FUNCTION", "duel functions --names", false, false},
    {"OBJECTIVE", "duel objectives --names", false, false},
    {"OPTIMIZER", "duel optimizers --names", false, false},
    {"LATENT", "duel latents --names", false, false},
    {"WEIGHT", "duel weights --names", false, false},
    {"DATASET", "duel datasets --names", false, false},
    {"SOURCE", "duel datasets --names", true, false},
    {"COMMAND", "duel completion commands", false, false},
    {"EXPERIMENT", "duel completion runs", false, false},
    {"FILE", NULL, true, false},
    {"FOLDER", NULL, false, true},
};

enum { KINDS = sizeof kinds / sizeof *kinds, WORDS_MOST = 16 };

/* What may be given for a word of a usage line. */
struct candidates {
    int count;
    char words[WORDS_MOST][32];
    const struct kind *kind; /* NULL: none */
};

static const struct kind *kind_find(const char *word) {
    for (int i = 0; i < KINDS; i++)
        if (!strcmp(kinds[i].word, word)) return &kinds[i];
    return NULL;
}

/* "[COMMAND|exit-status|man]", "CONFIG…", "RUN map|nearest" */
static struct candidates candidates_of(const char *usage) {
    struct candidates all = {0};
    for (const char *at = usage; at && *at;) {
        char word[32];
        size_t skipped = strspn(at, "[|] "),
               length = strspn(at + skipped,
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789");
        snprintf(word, sizeof word, "%.*s", (int)length, at + skipped);
        const struct kind *kind = kind_find(word);
        if (kind)
            all.kind = kind;
        else if (islower((unsigned char)*word) && all.count < WORDS_MOST)
            memcpy(all.words[all.count++], word, sizeof word);
        at = strpbrk(at + skipped + length, "| ");
    }
    return all;
}

static void print_words(const struct candidates *all, FILE *file) {
    for (int i = 0; i < all->count; i++)
        fprintf(file, "%s%s", i ? " " : "", all->words[i]);
}

/* ---- bash ---- */

/* Sets `words` and `files` to what may be given. */
static void bash_candidates(const char *usage, FILE *file) {
    struct candidates all = candidates_of(usage);
    const char *ask = all.kind ? all.kind->ask : NULL;
    bool paths = all.kind && (all.kind->files || all.kind->folders), any = all.count || ask;
    if (any) {
        fputs("words=\"", file);
        print_words(&all, file);
        if (ask) fprintf(file, "%s$(%s 2> /dev/null)", all.count ? " " : "", ask);
        fputs("\"", file);
    }
    if (paths) fprintf(file, "%sfiles=%s", any ? " " : "", all.kind->files ? "-f" : "-d");
    if (!any && !paths) fputc(':', file);
}

static void bash_command(const struct command *command, FILE *file) {
    fprintf(file, "    '%s')\n        case $before in\n", command->name);
    for (const struct option_row *row = command->options; row->name; row++) {
        if (!row->argument) continue;
        fprintf(file, "        %s) ", row->name);
        bash_candidates(row->argument, file);
        fputs(" ;;\n", file);
    }
    fputs("        *)\n            if [[ $word == -* ]]; then\n                words=\"", file);
    for (const struct option_row *row = command->options; row->name; row++)
        fprintf(file, "%s%s", row == command->options ? "" : " ", row->name);
    fputs("\"\n            else\n                ", file);
    bash_candidates(command->operands, file);
    fputs("\n            fi ;;\n        esac ;;\n", file);
}

static void print_bash(FILE *file) {
    fputs("# Completion of duel's command line for bash; made by 'duel completion bash'.\n"
          "_duel() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words= "
          "files=\n"
          "    COMPREPLY=()\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words=\"",
          file);
    for (int i = 0; commands[i]; i++)
        if (command_words(commands[i]) == 1) fprintf(file, "%s ", commands[i]->name);
    fputs("--help --version\"\n    fi\n    local name=${COMP_WORDS[1]}\n", file);
    for (int i = 0; commands[i]; i++)
        if (command_words(commands[i]) > 1)
            fprintf(file,
                    "    ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[*]:1:2} == '%s' ]] && name='%s'\n",
                    commands[i]->name, commands[i]->name);
    fputs("    case $name in\n", file);
    for (int i = 0; commands[i]; i++)
        bash_command(commands[i], file);
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    if [[ $files ]]; then\n"
          "        compopt -o filenames\n"
          "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen $files -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -F _duel duel\n",
          file);
}

/* ---- zsh ---- */

/* Text within single quotes, in which `special` characters are escaped as _arguments wants it. */
static void print_quoted(const char *text, const char *special, FILE *file) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", file);
        else if (strchr(special, *text))
            fprintf(file, "\\%c", *text);
        else
            fputc(*text, file);
    }
}

/* ":CONFIG:" and what offers candidates. */
static void zsh_candidates(const char *usage, FILE *file) {
    struct candidates all = candidates_of(usage);
    fputc(':', file);
    print_quoted(usage, ":[]\\", file);
    fputc(':', file);
    if (all.kind && all.kind->ask) {
        fprintf(file, " _duel_names %s", all.kind->files ? "files" : "none");
        fprintf(file, " \"%s\"", all.kind->ask);
        for (int i = 0; i < all.count; i++)
            fprintf(file, " %s", all.words[i]);
    } else if (all.count) {
        fputc('(', file);
        print_words(&all, file);
        fputc(')', file);
    } else if (all.kind) {
        fputs(all.kind->files ? "_files" : "_files -/", file);
    } else {
        fputc(' ', file);
    }
}

static void zsh_command(const struct command *command, FILE *file) {
    fprintf(file, "    '%s')\n        _arguments", command->name);
    for (const struct option_row *row = command->options; row->name; row++) {
        fprintf(file, " \\\n            '%s%s[", row->argument ? "*" : "", row->name);
        print_quoted(row->doc, "[]\\:", file);
        fputc(']', file);
        for (const char *word = row->argument; word; word = strchr(word + 1, ' '))
            zsh_candidates(word + (*word == ' '), file);
        fputc('\'', file);
    }
    if (*command->operands) {
        fprintf(file, " \\\n            '%s", command->most == 1 ? "1" : "*");
        zsh_candidates(command->operands, file);
        fputc('\'', file);
    }
    fputs(" ;;\n", file);
}

static void print_zsh(FILE *file) {
    fputs("#compdef duel\n"
          "# Completion of duel's command line for zsh; made by 'duel completion zsh'.\n"
          "\n"
          "# _duel_names files|none COMMAND WORD…: the words, what the command prints, and files\n"
          "_duel_names() {\n"
          "    local -a names=(${@:3} ${(f)\"$(eval $2 2> /dev/null)\"})\n"
          "    _describe -t names name names\n"
          "    [[ $1 == files ]] && _files\n"
          "}\n"
          "\n"
          "_duel() {\n"
          "    local curcontext=$curcontext state line\n"
          "    local -a commands=(\n",
          file);
    for (int i = 0; commands[i]; i++) {
        if (command_words(commands[i]) > 1) continue;
        fprintf(file, "        '%s:", commands[i]->name);
        print_quoted(commands[i]->doc, ":\\", file);
        fputs("'\n", file);
    }
    fputs("    )\n"
          "    _arguments -C '(- *)--help[show help]' '(- *)--version[show the version]' \\\n"
          "        '1:command:{_describe command commands}' '*::argument:->argument'\n"
          "    [[ $state == argument ]] || return\n",
          file);
    for (int i = 0; commands[i]; i++)
        if (command_words(commands[i]) > 1)
            fprintf(file,
                    "    ((CURRENT > 2)) && [[ \"$words[1] $words[2]\" == '%s' ]] &&\n"
                    "        words[1,2]=('%s') && ((CURRENT--))\n",
                    commands[i]->name, commands[i]->name);
    fputs("    case $words[1] in\n", file);
    for (int i = 0; commands[i]; i++)
        zsh_command(commands[i], file);
    fputs("    esac\n"
          "}\n"
          "\n"
          "if [[ $funcstack[1] == _duel ]]; then _duel \"$@\"; else compdef _duel duel; fi\n",
          file);
}

/* ---- fish ---- */

static void fish_candidates(const char *usage, FILE *file) {
    struct candidates all = candidates_of(usage);
    const char *ask = all.kind ? all.kind->ask : NULL;
    if (all.count || ask) {
        fputs(" -a '", file);
        print_words(&all, file);
        if (ask) fprintf(file, "%s(%s 2> /dev/null)", all.count ? " " : "", ask);
        fputc('\'', file);
    }
    if (all.kind && all.kind->files) fputs(" -F", file);
    if (all.kind && all.kind->folders) fputs(" -a '(__fish_complete_directories)'", file);
}

static void fish_command(const struct command *command, FILE *file) {
    fputc('\n', file);
    if (command_words(command) == 1) {
        fprintf(file, "complete -c duel -n __fish_use_subcommand -a %s -d '", command->name);
        print_quoted(command->doc, "\\", file);
        fputs("'\n", file);
    }
    for (const struct option_row *row = command->options; row->name; row++) {
        fprintf(file, "complete -c duel -n '__duel_is %s' -l %s", command->name, row->name + 2);
        if (row->argument) {
            fputs(" -r", file);
            fish_candidates(row->argument, file);
        }
        fputs(" -d '", file);
        print_quoted(row->doc, "\\", file);
        fputs("'\n", file);
    }
    if (!*command->operands) return;
    fprintf(file, "complete -c duel -n '__duel_is %s'", command->name);
    fish_candidates(command->operands, file);
    fputc('\n', file);
}

static void print_fish(FILE *file) {
    fputs("# Completion of duel's command line for fish; made by 'duel completion fish'.\n"
          "\n"
          "# __duel_is WORD…: whether these are the command so far\n"
          "function __duel_is\n"
          "    set -l words (commandline -opc)\n"
          "    set -l name \"$words[2]\"\n"
          "    contains -- \"$words[2..3]\"",
          file);
    for (int i = 0; commands[i]; i++)
        if (command_words(commands[i]) > 1) fprintf(file, " '%s'", commands[i]->name);
    fputs("; and set name \"$words[2..3]\"\n"
          "    test \"$name\" = \"$argv\"\n"
          "end\n"
          "\n"
          "complete -c duel -f\n"
          "complete -c duel -n __fish_use_subcommand -l help -d 'show help'\n"
          "complete -c duel -n __fish_use_subcommand -l version -d 'show the version'\n",
          file);
    for (int i = 0; commands[i]; i++)
        fish_command(commands[i], file);
}

bool commands_completion(const char *shell, FILE *file) {
    static const struct {
        const char *shell;
        void (*print)(FILE *file);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].shell, shell) != 0) continue;
        shells[i].print(file);
        return true;
    }
    return false;
}
