/* duel layers, functions, objectives, optimizers and datasets: what the language knows, in columns,
 * and one of them in detail. */
#include <string.h>

#include "base/text.h"
#include "datasets/dataset.h"
#include "layers/layer.h"
#include "layers/weight.h"
#include "runner/command.h"
#include "runner/expression.h"
#include "runner/folders.h"
#include "runner/function.h"
#include "runner/latent.h"
#include "runner/objectives.h"
#include "runner/optimizer.h"
#include "runner/read.h"

/* What is shown of a row of any kind; what it does not have is NULL. */
struct row {
    const char *name, *doc, *equation, *citation, *aliases, *usage, *example, *call, *licence,
        *where, *get, *endings;
    const char *file; /* the whole text to show instead */
    const struct parameter *parameters;
};
struct rows {
    struct arena *arena;
    int count;
    struct row *list;
};

static void add(struct rows *rows, struct row row) {
    rows->list = ARENA_GROW(rows->arena, rows->list, rows->count);
    rows->list[rows->count++] = row;
}

/* ---- printing ---- */

static void print_names(const struct rows *rows) {
    for (int i = 0; i < rows->count; i++)
        printf("%s\n", rows->list[i].name);
}

static void print_columns(const struct rows *rows) {
    int widest = 0;
    for (int i = 0; i < rows->count; i++)
        if ((int)strlen(rows->list[i].name) > widest) widest = (int)strlen(rows->list[i].name);
    for (int i = 0; i < rows->count; i++) {
        printf("%-*s  ", widest, rows->list[i].name);
        text_print_wrapped(rows->list[i].doc, widest + 2, stdout);
    }
}

/* "from: …", further lines indented; nothing where there is no text. */
static void print_note(const char *title, const char *text) {
    if (!text) return;
    printf("\n%s: ", title);
    text_print_wrapped(text, (int)strlen(title) + 2, stdout);
}

/* Each line of it by itself, indented. */
static void print_equation(const char *text) {
    enum { INDENT = 4 };
    if (!text) return;
    printf("\n");
    for (const char *line = text; *line; line += strspn(line, "\n")) {
        int length = (int)strcspn(line, "\n");
        printf("%*s%.*s\n", INDENT, "", length, line);
        line += length;
    }
}

/* Words with commas between them; NULL where there are none. */
static const char *list_words(struct arena *arena, const char *words) {
    char *list = words ? arena_text(arena, "") : NULL;
    for (const char *word = words; word && *word; word += strspn(word, " ")) {
        int length = (int)strcspn(word, " ");
        list = arena_format(arena, "%s%s%.*s", list, *list ? ", " : "", length, word);
        word += length;
    }
    return list;
}

static void print_row(struct arena *arena, const struct row *row) {
    if (row->file) {
        fputs(row->file, stdout);
        return;
    }
    const char *name = row->usage ? row->usage : row->name;
    printf("%s:", name);
    bool beside = text_width(name) + text_width(row->doc) + 2 <= TEXT_LINE;
    printf(beside ? " " : "\n    ");
    text_print_wrapped(row->doc, beside ? text_width(name) + 2 : 4, stdout);
    print_equation(row->equation);
    if (row->parameters && row->parameters->name) {
        printf("\nparameters:\n");
        parameters_print(row->parameters, stdout);
    }
    print_note("licence", row->licence);
    print_note("looked for in", row->where);
    print_note("to get it", row->get);
    print_note("known by the ending", list_words(arena, row->endings));
    print_note("example", row->example);
    print_note("as a function", row->call);
    print_note("elsewhere called", list_words(arena, row->aliases));
    print_note("from", row->citation);
}

/* ---- the kinds ---- */

/* All that a layer takes: its own, and `weight` where it has chains. */
static const struct parameter *layer_parameters(struct arena *arena, const struct layer_row *row) {
    struct parameter *all = NULL;
    int count = 0;
    for (int part = 0; part < 1 + row->chains; part++)
        for (const struct parameter *p = part ? weight_parameters : row->parameters; p->name; p++) {
            all = ARENA_GROW(arena, all, count);
            all[count++] = *p;
        }
    all = ARENA_GROW(arena, all, count);
    all[count] = (struct parameter){0};
    return all;
}

static void list_layers(struct rows *rows) {
    for (int i = 0; layer_rows[i]; i++)
        add(rows, (struct row){.name = layer_rows[i]->name,
                               .doc = layer_rows[i]->doc,
                               .equation = layer_rows[i]->equation,
                               .example = arena_format(rows->arena, "- %s", layer_rows[i]->example),
                               .call = layer_rows[i]->call,
                               .citation = layer_rows[i]->citation,
                               .aliases = layer_rows[i]->aliases,
                               .parameters = layer_parameters(rows->arena, layer_rows[i])});
}

/* "x axis= *shape" as "name(x, axis=, *shape)". A function of tensors may also be one that the host
 * computes: then the first is shown. */
static void add_function(struct rows *rows, struct row row, const char *arguments) {
    for (int i = 0; i < rows->count; i++)
        if (!strcmp(rows->list[i].name, row.name)) return;
    row.usage = function_signature(rows->arena, row.name, arguments);
    add(rows, row);
}

/* A layer that learns nothing as a function: its inputs, then its parameters. */
static void add_layer(struct rows *rows, const struct layer_row *layer) {
    struct text arguments = {0};
    text_add(&arguments, layer->inputs_most < 0 ? "*inputs" : "x");
    for (const struct parameter *p = layer->parameters; p && p->name; p++)
        if (p->type == PARAMETER_SHAPE)
            text_format(&arguments, " *%s", p->name);
        else
            text_format(&arguments, p->standard ? " %s=%s" : " %s", p->name, p->standard);
    add_function(rows,
                 (struct row){.name = layer->name,
                              .doc = layer->doc,
                              .equation = layer->equation,
                              .example = layer->call,
                              .citation = layer->citation,
                              .aliases = layer->aliases},
                 text_get(&arguments));
    text_release(&arguments);
}

static void list_functions(struct rows *rows) {
    for (int i = 0; function_rows[i]; i++)
        add_function(rows,
                     (struct row){.name = function_rows[i]->name,
                                  .doc = function_rows[i]->doc,
                                  .equation = function_rows[i]->equation,
                                  .example = function_rows[i]->example,
                                  .citation = function_rows[i]->citation,
                                  .aliases = function_rows[i]->aliases},
                     function_rows[i]->arguments);
    for (int i = 0; layer_rows[i]; i++)
        if (!layer_rows[i]->learns) add_layer(rows, layer_rows[i]);
    for (const struct host_function *f = host_functions; f->name; f++)
        add_function(
            rows,
            (struct row){
                .name = f->name, .doc = f->doc, .equation = f->equation, .example = f->example},
            f->arguments);
}

static void list_optimizers(struct rows *rows) {
    for (int i = 0; optimizer_rows[i]; i++)
        add(rows, (struct row){.name = optimizer_rows[i]->name,
                               .doc = optimizer_rows[i]->doc,
                               .equation = optimizer_rows[i]->equation,
                               .example = arena_format(rows->arena, "optimizer: {%s}",
                                                       optimizer_rows[i]->example),
                               .citation = optimizer_rows[i]->citation,
                               .aliases = optimizer_rows[i]->aliases,
                               .parameters = optimizer_rows[i]->parameters});
}

static void list_latents(struct rows *rows) {
    for (int i = 0; latent_rows[i]; i++)
        add(rows, (struct row){.name = latent_rows[i]->name,
                               .doc = latent_rows[i]->doc,
                               .equation = latent_rows[i]->equation,
                               .example =
                                   arena_format(rows->arena, "latent: %s", latent_rows[i]->example),
                               .citation = latent_rows[i]->citation,
                               .aliases = latent_rows[i]->aliases,
                               .parameters = latent_rows[i]->parameters});
}

static void list_weights(struct rows *rows) {
    for (int i = 0; weight_rows[i]; i++)
        add(rows, (struct row){.name = weight_rows[i]->name,
                               .doc = weight_rows[i]->doc,
                               .equation = weight_rows[i]->equation,
                               .example = weight_rows[i]->example,
                               .citation = weight_rows[i]->citation,
                               .aliases = weight_rows[i]->aliases,
                               .parameters = weight_rows[i]->parameters});
}

static void list_datasets(struct rows *rows) {
    for (int i = 0; dataset_rows[i]; i++) {
        const struct dataset_row *row = dataset_rows[i];
        const char *where =
            arena_format(rows->arena,
                         "$DUEL_DATA/%s; 'path' above; ~/.local/share/duel/datasets/%s, or "
                         "$XDG_DATA_HOME/duel/datasets/%s; /usr/share/datasets/%s",
                         row->name, row->name, row->name, row->name);
        add(rows, (struct row){.name = row->name,
                               .doc = row->doc,
                               .citation = row->citation,
                               .parameters = row->parameters,
                               .licence = row->licence,
                               .aliases = row->aliases,
                               .where = row->get && row->files[0] ? where : NULL,
                               .get = row->get,
                               .endings = row->endings});
    }
}

static void list_objectives(struct rows *rows) {
    int count;
    const struct objective_file *files =
        objectives_find(rows->arena, folders_configs(rows->arena), &count);
    for (int i = 0; i < count; i++)
        add(rows, (struct row){
                      .name = files[i].name,
                      .doc = files[i].doc,
                      .aliases = files[i].aliases,
                      .file = arena_format(rows->arena, "# %s\n%s", files[i].path, files[i].text)});
}

/* ---- the commands ---- */

/* By the name of the command that lists them. */
static const struct kind {
    const char *command, *noun;
    void (*list)(struct rows *rows);
} kinds[] = {
    {"layers", "layer", list_layers},
    {"functions", "function", list_functions},
    {"objectives", "objective", list_objectives},
    {"optimizers", "optimizer", list_optimizers},
    {"latents", "latent", list_latents},
    {"weights", "transformation of weights", list_weights},
    {"datasets", "data set", list_datasets},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The row of this name, or of the nearest. */
static const struct row *find(const struct rows *rows, struct nearest *nearest) {
    for (int i = 0; i < rows->count; i++) {
        nearest_try_row(nearest, rows->list[i].name, rows->list[i].aliases);
        if (!strcmp(rows->list[i].name, nearest->wanted)) return &rows->list[i];
    }
    return NULL;
}

/* Which command tells about a row of this name, whatever its kind; NULL: none does. */
static const char *told_elsewhere(struct arena *arena, const char *name) {
    for (int i = 0; i < KINDS; i++) {
        struct rows rows = {.arena = arena};
        struct nearest nearest = {.wanted = name};
        kinds[i].list(&rows);
        find(&rows, &nearest);
        if (nearest.name && !nearest.distance)
            return arena_format(arena, "'duel %s %s' tells about it", kinds[i].command,
                                nearest.name);
    }
    return NULL;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const struct kind *kind = kinds;
    while (strcmp(kind->command, arguments->command->name) != 0)
        kind++;
    const char *name = arguments->operands[0];
    struct arena *arena = arguments->arena;
    struct rows rows = {.arena = arena};
    struct nearest nearest = {.wanted = name};
    kind->list(&rows);
    const struct row *row = name ? find(&rows, &nearest) : NULL;
    if (row) {
        print_row(arena, row);
        return STATUS_OK;
    }
    if (!name) {
        (arguments_has(arguments, "--names") ? print_names : print_columns)(&rows);
        return STATUS_OK;
    }
    bool meant = nearest.name && !nearest.distance;
    const char *elsewhere = meant ? NULL : told_elsewhere(arena, name);
    error_set(error, STATUS_USAGE, "there is no %s '%s'", kind->noun, name);
    error_hint(error, "%s",
               elsewhere ? elsewhere : nearest_list_hint(arena, &nearest, kind->command));
    return STATUS_USAGE;
}

static const struct option_row options[] = {
    {"--names", NULL, "names alone, one a line"}, OPTION_HELP, OPTION_END};

#define ROWS_COMMAND(kind, operand, text, sample, sample_doc)                                      \
    static const struct example kind##_examples[] = {                                              \
        {"duel " #kind, "lists them"},                                                             \
        {"duel " #kind " " sample, sample_doc},                                                    \
        {NULL, NULL},                                                                              \
    };                                                                                             \
    const struct command command_##kind = {                                                        \
        .name = #kind,                                                                             \
        .doc = text,                                                                               \
        .operands = "[" operand "]",                                                               \
        .least = 0,                                                                                \
        .most = 1,                                                                                 \
        .options = options,                                                                        \
        .examples = kind##_examples,                                                               \
        .run = run,                                                                                \
    };

ROWS_COMMAND(layers, "LAYER", "lists layers, or tells about one", "linear", "tells its parameters")
ROWS_COMMAND(functions, "FUNCTION", "lists functions of expressions, or tells about one", "mean",
             "tells its arguments")
ROWS_COMMAND(objectives, "OBJECTIVE", "lists objectives, or shows one", "non-saturating",
             "shows its file")
ROWS_COMMAND(optimizers, "OPTIMIZER", "lists optimizers, or tells about one", "adam",
             "tells its parameters")
ROWS_COMMAND(latents, "LATENT", "lists the noise that there is, or tells about one", "normal",
             "tells its parameters")
ROWS_COMMAND(weights, "WEIGHT", "lists what a layer's weight may go through, or tells about one",
             "spectral_norm", "tells its parameters")
ROWS_COMMAND(datasets, "DATASET|describe", "lists data sets, or tells about one", "mnist",
             "tells its parameters and where it is to be had")
