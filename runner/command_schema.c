/* duel schema: a JSON Schema of what a file may hold, for editors. */
#include <stdlib.h>
#include <string.h>

#include "runner/command.h"
#include "runner/folders.h"
#include "runner/schema.h"

static const struct kind {
    const char *name, *title;
    struct key_row file; /* without keys: a section of an experiment */
} kinds[] = {
    {"experiment", "An experiment of duel", {.form = KEY_MAP, .keys = experiment_keys}},
    {"objective", "An objective of duel", {.form = KEY_MAP, .keys = objective_keys}},
    {"blocks", "Blocks that experiments of duel share", {.keys = NULL}},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static enum status print_schema(const struct arguments *arguments, const struct kind *kind) {
    int count;
    const struct objective_file *objectives =
        objectives_find(arguments->arena, folders_configs(arguments->arena), &count);
    const struct key_row *file =
        kind->file.keys ? &kind->file : key_find(experiment_keys, kind->name);
    json_t *schema = schema_new(file, kind->title, arguments->arena, objectives, count);
    char *text = json_dumps(schema, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    printf("%s\n", text);
    free(text);
    json_decref(schema);
    return STATUS_OK;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *name = arguments->count ? arguments->operands[0] : kinds[0].name;
    for (int i = 0; i < KINDS; i++)
        if (!strcmp(kinds[i].name, name)) return print_schema(arguments, &kinds[i]);
    error_set(error, STATUS_USAGE, "there is no schema of '%s'", name);
    error_hint(error, "there are those of 'experiment', 'objective' and 'blocks'");
    return STATUS_USAGE;
}

static const struct option_row options[] = {OPTION_HELP, OPTION_END};

static const struct example examples[] = {
    {"duel schema > experiment.json", "writes the schema of experiments"},
    {"duel schema objective > objective.json", "writes that of objectives"},
    {"duel schema blocks > blocks.json", "writes that of files of blocks"},
    {NULL, NULL},
};

const struct command command_schema = {
    .name = "schema",
    .doc = "prints a JSON Schema of what a file may hold, for editors",
    .operands = "[experiment|objective|blocks]",
    .least = 0,
    .most = 1,
    .about = "An editor with yaml-language-server completes, explains and marks mistakes by it,\n"
             "where the first line of a file names it:\n"
             "    # yaml-language-server: $schema=experiment.json\n"
             "Those of the configurations that come with duel are in configs/schema.",
    .options = options,
    .examples = examples,
    .run = run,
};
