/* duel new: a first experiment with comments, for a data set and a game; it is written where it is right, and nothing is
 * overwritten. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files/file.h"
#include "runner/folders.h"
#include "runner/session.h"
#include "runner/starter.h"

static bool find_source(const char *name, struct error *error) {
    struct nearest nearest = {.wanted = name};
    struct arena *arena = arena_new();
    for (int i = 0; dataset_rows[i]; i++)
        nearest_try_row(&nearest, dataset_rows[i]->name, dataset_rows[i]->aliases);
    bool found = dataset_find(name);
    if (!found) {
        error_set(error, STATUS_USAGE, "there is no data set '%s'", name);
        error_hint(error, "%s", nearest_list_hint(arena, &nearest, "datasets"));
    }
    arena_free(arena);
    return found;
}

static const struct objective_file *find_objective(const struct objective_file *files, int count,
                                                   const char *name, struct error *error) {
    struct nearest nearest = {.wanted = name};
    struct arena *arena = arena_new();
    for (int i = 0; i < count; i++)
        if (!strcmp(files[i].name, name)) {
            arena_free(arena);
            return &files[i];
        }
    objectives_try_names(files, count, &nearest);
    error_set(error, STATUS_USAGE, "there is no objective '%s'", name);
    error_hint(error, "%s", nearest_list_hint(arena, &nearest, "objectives"));
    arena_free(arena);
    return NULL;
}

/* The games that were asked for; one that leaves the generator alone is joined with the usual one. */
static bool find_game(struct starter *starter, const struct arguments *arguments,
                      struct error *error) {
    struct arena *arena = arguments->arena;
    const char *const *names = arguments_all(arguments, "--game");
    static const char *const usual[] = {"non-saturating", NULL};
    int count;
    const struct objective_file *files = objectives_find(arena, folders_configs(arena), &count);
    bool generator = false;
    if (!names[0]) names = usual;
    for (int pass = 0; pass < 2; pass++, names = usual)
        for (int i = 0; names[i] && !(pass && generator); i++) {
            const struct objective_file *file = find_objective(files, count, names[i], error);
            if (!file) return false;
            generator = generator || starter_has_phase(file, "generator");
            starter->objectives = ARENA_GROW(arena, starter->objectives, starter->objectives_count);
            starter->objectives[starter->objectives_count++] = file;
        }
    return true;
}

/* The name of the experiment: the file's, without its folder and its end, as far as it can name a folder and is no option. */
static const char *name_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path,
               *dot = strrchr(file, '.');
    char *name =
        arena_text_range(arena, file, dot && dot > file ? (size_t)(dot - file) : strlen(file));
    char *end = name;
    for (const char *at = name; *at; at++) {
        bool plain = isalnum((unsigned char)*at) || strchr("-_.", *at);
        if (plain)
            *end++ = *at;
        else if (end > name && end[-1] != '-')
            *end++ = '-';
    }
    *end = '\0';
    name += strspn(name, "-.");
    return *name ? name : "experiment";
}

/* A file that was not there before. */
static bool create(const char *path, struct error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0) {
        close(file);
        return true;
    }
    if (errno != EEXIST) return error_system(error, STATUS_IO, "cannot write '%s'", path);
    error_set(error, STATUS_USAGE, "'%s' is there already", path);
    return error_hint(error, "nothing is overwritten: give it another name");
}

/* Writes the text there and reads it as an experiment. */
static bool try_text(struct session *session, const struct arguments *arguments, const char *path,
                     const struct text *text, struct error *error) {
    session_start(session, arguments);
    return file_write(NULL, path, text_get(text), text->length, error) &&
           session_read(session, path, error);
}

/* Images are decoded, once for all: only so it is known that all are whole and of one size. */
static bool look_at_all(struct session *session, struct error *error) {
    if (!session->experiment->data[0].row->folders) return true;
    session_start_data(session);
    return session_finish_data(session, error);
}

/* What the data are, by an experiment of nothing but them. */
static const struct dataset *know_data(struct session *session, const struct arguments *arguments,
                                       const struct starter *starter, struct error *error) {
    struct text text = {0};
    starter_data(starter, 1, &text);
    text_add(&text, "networks: {look: {inputs: [x], layers: [flatten]}}\n"
                    "game: {phases: {look: {report: {x: mean(look(x))}}}}\n"
                    "train: {steps: 1}\n");
    bool good = try_text(session, arguments, starter->file, &text, error);
    text_release(&text);
    if (!good || !look_at_all(session, error)) return NULL;
    struct dataset *seen = &session->experiment->data[0].dataset;
    seen->shape = experiment_example_shape(&session->experiment->data[0]);
    return seen;
}

/* Whether a game is that objective, or has it in its list. */
static bool plays(const struct config *objective, const char *name) {
    if (!objective) return false;
    if (objective->kind == CONFIG_TEXT) return !strcmp(objective->text, name);
    if (objective->kind == CONFIG_MAP) return config_get(objective, name);
    for (int i = 0; i < objective->count; i++)
        if (plays(objective->items[i], name)) return true;
    return false;
}

/* A configuration that comes with duel and plays this objective, or NULL. */
static const char *find_player(struct arena *arena, const char *objective) {
    const char *const *folders = folders_configs(arena);
    for (const char *const *name = folders_list_configs(arena); *name; name++) {
        struct diagnostics diagnostics = {.arena = arena};
        struct error error = {0};
        const char *path = folders_find_config(arena, *name, &error);
        const struct config *root = path ? config_load(path, folders, NULL, &diagnostics) : NULL;
        const struct config *game = root ? config_get(root, "game") : NULL;
        if (game && plays(config_get(game, "objective"), objective)) return path;
    }
    return NULL;
}

static bool fits(const struct starter *starter, struct error *error) {
    bool labels = starter_names(starter, "y") || starter_names(starter, ".classes");
    if (!labels || starter->data->classes) return true;
    error_set(error, STATUS_USAGE, "the game wants classes, but '%s', as it is given, has none",
              starter->source);
    return error_hint(error, "'duel datasets %s' tells its options, which --with gives",
                      starter->source);
}

static bool misfit(struct starter *starter, struct arena *arena, struct error *error) {
    const char *name = starter->objectives[0]->name, *player = find_player(arena, name);
    error_set(error, STATUS_USAGE,
              "'%s' is not played by a generator(z) and a discriminator(x) alone", name);
    if (player) return error_hint(error, "begin with a copy of %s, which plays it", player);
    return error_hint(error, "'duel objectives %s' shows which networks it wants", name);
}

static bool write_file(struct starter *starter, const struct arguments *arguments,
                       struct session *session, struct error *error) {
    struct text text = {0};
    starter->data = know_data(session, arguments, starter, error);
    if (!starter->data || !fits(starter, error)) return false;
    starter_write(starter, arguments->arena, &text);
    bool good = try_text(session, arguments, starter->file, &text, error) && session_build(session);
    text_release(&text);
    if (good || error->status != STATUS_OK) return good;
    session->diagnostics.count = 0; /* what is wrong is not the user's */
    return misfit(starter, arguments->arena, error);
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct arena *arena = arguments->arena;
    const char *source = arguments_get(arguments, "--data"),
               *configs = folder_own(arena, "configs");
    struct starter starter = {
        .file = arguments->operands[0],
        .name = name_of(arena, arguments->operands[0]),
        .schema = configs ? arena_format(arena, "%s/schema/experiment.json", configs) : NULL,
        .source = source ? source : "ring"};
    struct session session;
    if (!find_source(starter.source, error) || !find_game(&starter, arguments, error))
        return error->status;
    starter.options = starter_options(arena, dataset_find(starter.source),
                                      arguments_all(arguments, "--with"), starter.file, error);
    if (!starter.options || !create(starter.file, error)) return error->status;
    session_start(&session, arguments);
    if (!write_file(&starter, arguments, &session, error)) {
        unlink(starter.file);
        return session.diagnostics.count ? session_report(&session, error) : error->status;
    }
    printf("%s\n", starter.file);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--data", "DATASET", "what is learned; 'ring' by default"},
    {"--with", "KEY=VALUE", "an option of the data set, or its batch: x=digits.npy"},
    {"--game", "OBJECTIVE",
     "what is played, also several that are joined; 'non-saturating' by default"},
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel new my-gan.yaml --data mnist --game wgan-gp",
     "digits, by the Wasserstein distance with gradient penalty"},
    {"duel new plane.yaml --data grid --with side=3 --game hinge --game r1",
     "nine Gaussians, by two objectives that are joined"},
    {NULL, NULL},
};

const struct command command_new = {
    .name = "new",
    .doc = "writes a first experiment, with comments, for a data set and a game",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .about =
        "The file has a small generator and a small discriminator that fit the data, and\n"
        "comments that tell what each section is and what to look up. It passes 'duel check'.\n"
        "An objective that leaves the generator alone, such as r1, is joined with\n"
        "non-saturating. Values of --with are YAML, or else texts; paths begin where duel is\n"
        "started. Nothing is overwritten.",
    .options = options,
    .examples = examples,
    .run = run,
};
