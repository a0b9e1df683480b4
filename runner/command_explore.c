/* duel explore: looking into a trained model. */
#include <string.h>

#include "base/text.h"
#include "runner/explore.h"
#include "runner/export.h"
#include "runner/plot_job.h"

static const struct explore_row *const rows[] = {&explore_traverse,   &explore_interpolate,
                                                 &explore_arithmetic, &explore_nearest,
                                                 &explore_map,        NULL};

/* Options that belong to some kinds only. */
static const char own_options[] =
    "--latent --along --from --to --steps --rows --sample --class --between "
    "--spherical --count --neighbours ";

/* Whether a list of words holds this one. */
static bool has_word(const char *words, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' ')) return true;
    return false;
}

static const struct explore_row *find_row(const char *name, struct error *error) {
    struct nearest nearest = {.wanted = name};
    for (int i = 0; rows[i]; i++) {
        nearest_try(&nearest, rows[i]->name);
        if (!strcmp(rows[i]->name, name)) return rows[i];
    }
    error_set(error, STATUS_USAGE, "there is no exploration '%s'", name);
    if (nearest.name)
        error_hint(error, "did you mean '%s'?", nearest.name);
    else
        error_hint(error, "there are traverse, interpolate, arithmetic, nearest and map");
    return NULL;
}

/* Whether operands and options are those of the kind. */
static bool check(const struct arguments *arguments, const struct explore_row *row,
                  struct error *error) {
    if (row->operand && arguments->count < 3)
        return error_set(error, STATUS_USAGE, "'duel explore RUN %s' wants %s", row->name,
                         row->operand);
    if (!row->operand && arguments->count > 2)
        return error_set(error, STATUS_USAGE, "'duel explore RUN %s' does not take '%s'", row->name,
                         arguments->operands[2]);
    for (int i = 0; i < arguments->options_count; i++) {
        const char *option = arguments->options[i].row->name;
        if (!has_word(own_options, option) || has_word(row->options, option)) continue;
        error_set(error, STATUS_USAGE, "'duel explore RUN %s' has no option '%s'", row->name,
                  option);
        return error_hint(error, "it has %s", row->options);
    }
    return true;
}

/* The sampler, to draw what samples begin from. */
static bool open_sampler(struct exploration *ex, const struct explore_row *row,
                         struct error *error) {
    struct session *session = &ex->model->session;
    struct game *game = session->game;
    ex->sampler = game_sampler(game, experiment_sampler(game->experiment, ex->model->sampler),
                               SAMPLES_AT_ONCE, ex->arena, &session->diagnostics);
    if (!ex->sampler) return false;
    if (ex->sampler->packed > 1) {
        error_set(error, STATUS_USAGE, "sampler '%s' makes one sample of %lld draws",
                  ex->sampler->name, (long long)ex->sampler->packed);
        return error_hint(error, "what is explored begins from one; '--sampler' chooses another");
    }
    if (ex->sampler->latents_count || ex->sampler->labels_count || !strcmp(row->name, "nearest"))
        return true;
    error_set(error, STATUS_USAGE, "sampler '%s' takes no latents: there is nothing to %s",
              ex->sampler->name, row->name);
    return error_hint(error, "'--sampler' chooses another of the run's");
}

/* Whether nothing would be overwritten, told before the samples are made. */
static bool are_free(const struct arguments *arguments, const char *name, unsigned formats,
                     struct error *error) {
    const struct export_way way = {.force = arguments_has(arguments, "--force")};
    bool good = export_is_free(&way, arena_format(arguments->arena, "%s.h5", name), error);
    for (enum plot_format format = 0; format < PLOT_FORMATS && good; format++)
        if (formats & 1u << format)
            good = export_is_free(
                &way, arena_format(arguments->arena, "%s.%s", name, plot_format_name(format)),
                error);
    return good;
}

static bool explore(struct exploration *ex, const struct explore_row *row, const char *name,
                    unsigned formats, struct error *error) {
    return open_sampler(ex, row, error) && row->make(ex, error) &&
           are_free(ex->arguments, name, formats, error) && explore_run(ex, error) &&
           (!row->finish || row->finish(ex, error)) && explore_write(ex, row, name, formats, error);
}

/* A name is meant for both files: the ending of one of them is taken off, and that of a picture is the format where none was
 * given. */
static const char *without_ending(struct arena *arena, const char *name, const char **format) {
    static const char file[] = ".h5";
    const size_t length = strlen(name), end = sizeof file - 1;
    const enum plot_format picture = plot_format_of(name);
    if (picture < PLOT_FORMATS) {
        if (!*format) *format = plot_format_name(picture);
        return arena_text_range(arena, name, length - strlen(plot_format_name(picture)) - 1);
    }
    const bool ends = length > end && !strcmp(name + length - end, file);
    return ends && name[length - end - 1] != '/' ? arena_text_range(arena, name, length - end)
                                                 : name;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct model model;
    int64_t seed;
    unsigned formats;
    const char *name = arguments_get(arguments, "--out"),
               *wanted = arguments_get(arguments, "--format");
    if (name) name = without_ending(arguments->arena, name, &wanted);
    const struct explore_row *row = find_row(arguments->operands[1], error);
    if (!row || !check(arguments, row, error) ||
        !arguments_integer(arguments, "--seed", 0, INT64_MAX, -1, &seed, error) ||
        !plot_read_formats(wanted ? wanted : "png", &formats, error))
        return error->status;
    if (formats & 1u << PLOT_GIF) {
        error_set(error, STATUS_USAGE,
                  "an exploration is no animation: it is drawn as png, svg or pdf");
        return error->status;
    }
    if (!name) name = row->name;
    if (!model_open(&model, arguments, arguments->operands[0], error))
        return session_report(&model.session, error);
    struct exploration ex = {
        .arguments = arguments,
        .arena = arguments->arena,
        .model = &model,
        .seed = seed < 0 ? model.session.experiment->seed : (uint64_t)seed,
    };
    if (!explore(&ex, row, name, formats, error)) return session_report(&model.session, error);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--latent", "NAME[I]", "what moves: a number, z[17], or a class, y; a map has two"},
    {"--along", "EXPRESSION",
     "a direction of a map, from its sample on: a sum of samples, \"3 - 7\""},
    {"--from", "X", "where it begins; by default where the latent's numbers lie as a rule"},
    {"--to", "X", "where it ends"},
    {"--steps", "N", "samples in a row; 9 by default, of a map 17"},
    {"--rows", "N", "how many samples are moved, 8 by default; of interpolate, pairs, 1"},
    {"--sample", "SAMPLE", "the first of them, 3 or SEED:3; 0 by default"},
    {"--between", "SAMPLE SAMPLE", "the ends of a row, 3 9 or SEED:3 SEED:9; may be repeated"},
    {"--spherical", NULL, "interpolate directions and lengths, not numbers"},
    {"--class", "[NAME=]CLASS",
     "give all samples this class, by its number or name; repeated, or 'all': rows for each"},
    {"--count", "N", "of nearest: how many samples; 16 by default"},
    {"--neighbours", "N", "of nearest: images beside each; 5 by default"},
    {"--seed", "N", "of numbered samples; the run's own by default"},
    {"--out", "NAME",
     "writes NAME.h5 and NAME.png, also for NAME.png; what is done, in the current folder, by "
     "default"},
    {"--format", "LIST", "of png, svg and pdf; by default that of '--out', or png"},
    OPTION_SAMPLER,
    OPTION_WITH,
    OPTION_CHECKPOINT,
    OPTION_FORCE,
    OPTION_OUTPUTS,
    OPTION_DEVICE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel explore mnist-vae traverse --latent z[17] --from -1 --to 1 --steps 9 --rows 8",
     "one number moved, all else fixed, for 8 samples"},
    {"duel explore mnist-vae interpolate --between 3 9 --rows 4 --spherical",
     "from sample 3 to 9, from 4 to 10 and so on"},
    {"duel explore mnist-vae arithmetic \"mean(3, 5, 9) - 7 + 12\"",
     "sums of the latents of numbered samples"},
    {"duel explore mnist-vae arithmetic --out sum -- \"-3 + 5\"",
     "a sum that begins with a minus sign"},
    {"duel explore mnist-vae nearest --count 16",
     "samples beside the training images that are nearest to them"},
    {"duel explore mnist-vae map --latent z[3] --latent z[17]", "the plane of two numbers"},
    {NULL, NULL},
};

const struct command command_explore = {
    .name = "explore",
    .doc = "looks into a trained model: what its latents do",
    .operands = "RUN traverse|interpolate|arithmetic|nearest|map [EXPRESSION]",
    .least = 2,
    .most = 3,
    .about =
        "traverse     moves one number of a latent, or a class, along each row; all else stays\n"
        "interpolate  goes from one sample to another along each row\n"
        "arithmetic   adds and subtracts the latents of samples: \"3 - 7 + 12\", \"mean(3, 5) / "
        "2\";\n"
        "             one that begins with a minus sign stands last, after --\n"
        "nearest      puts beside each sample the training images that are nearest to it\n"
        "map          shows the plane of a latent of two numbers, or of two that --latent chooses\n"
        "\n"
        "Samples have the numbers, from 0 on, that they have in what 'duel sample' makes with the\n"
        "same seed. Each exploration leaves an HDF5 file and a picture.",
    .options = options,
    .examples = examples,
    .run = run,
};
