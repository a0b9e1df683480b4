/* From the command line to a request of the data; see data_request.h. */
#include "runner/data_request.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/decoding.h"
#include "runner/read.h"

static const char *list_endings(struct arena *arena) {
    const char *list = "";
    for (int i = 0; dataset_rows[i]; i++)
        if (dataset_rows[i]->endings)
            list = arena_format(arena, "%s%s%s", list, *list ? " " : "", dataset_rows[i]->endings);
    return list;
}

/* What the operand means. */
static const struct dataset_row *find_row(struct data_request *data, const char *given,
                                          struct arena *arena, struct error *error) {
    const struct dataset_row *row = dataset_find(given);
    struct nearest nearest = {.wanted = given};
    if (row) return row;
    row = dataset_find_file(given);
    if (row) {
        data->file = given;
        return row;
    }
    if (strchr(given, '/') || !access(given, F_OK)) {
        error_set(error, STATUS_USAGE, "the ending of '%s' does not tell its format", given);
        error_hint(error, "these do: %s", list_endings(arena));
        return NULL;
    }
    for (int i = 0; dataset_rows[i]; i++)
        nearest_try_row(&nearest, dataset_rows[i]->name, dataset_rows[i]->aliases);
    error_set(error, STATUS_USAGE, "there is no data set '%s', and no such file", given);
    error_hint(error, "%s", nearest_list_hint(arena, &nearest, "datasets"));
    return NULL;
}

/* The operand as a text to point at. */
static const struct origin *operand_origin(const char *operand, struct arena *arena) {
    struct source *source = ARENA_NEW(arena, struct source);
    struct origin *origin = ARENA_NEW(arena, struct origin);
    *source = (struct source){"duel datasets describe", operand, strlen(operand), NULL};
    *origin =
        (struct origin){.source = source, .line = 1, .column = 1, .length = text_width(operand)};
    return origin;
}

/* The options as --set gives them. */
static bool read_sets(struct data_request *data, const struct arguments *arguments,
                      struct diagnostics *diagnostics, struct error *error) {
    const char *const *sets = arguments_all(arguments, "--set");
    const char *first = data->request.row->parameters->name;
    struct arena *arena = arguments->arena;
    data->given = config_new_map(arena);
    for (int i = 0; sets[i]; i++)
        config_set(data->given, sets[i], diagnostics);
    if (!data->file) return !diagnostics->count;
    if (config_get(data->given, first)) {
        error_set(error, STATUS_USAGE, "'%s' is the %s; '--set %s=…' names another", data->file,
                  first, first);
        return error_hint(error, "leave one of them out");
    }
    config_add(arena, data->given, first, config_new_text(arena, read_literal(arena, data->file)));
    return !diagnostics->count;
}

bool data_request_read(struct data_request *data, const struct arguments *arguments,
                       struct diagnostics *diagnostics, struct error *error) {
    struct arena *arena = arguments->arena;
    const char *operand = arguments->operands[0];
    int64_t seed;
    *data = (struct data_request){0};
    const struct dataset_row *row = find_row(data, operand, arena, error);
    if (!row || !arguments_integer(arguments, "--seed", 0, INT64_MAX, 0, &seed, error))
        return false;
    struct dataset_search *search = ARENA_NEW(arena, struct dataset_search);
    *search = dataset_search_here(arena);
    void *options = arena_alloc(arena, row->options_size);
    data->request = (struct dataset_request){.row = row,
                                             .options = options,
                                             .seed = (uint64_t)seed,
                                             .search = search,
                                             .listener = decoding_listener(arguments->quiet, arena),
                                             .as_stored = true};
    return read_sets(data, arguments, diagnostics, error) &&
           read_parameters(data->given, operand_origin(operand, arena),
                           arena_format(arena, "data source '%s'", row->name), row->parameters,
                           options, NULL, NULL, diagnostics);
}

bool data_request_load(const struct data_request *data, struct arena *arena,
                       struct dataset *dataset, struct diagnostics *diagnostics,
                       struct error *error) {
    struct error own = {0};
    if (dataset_load(&data->request, arena, dataset, &own)) return true;
    const char *wrong = dataset->wrong;
    const struct config *given = wrong ? config_get(data->given, wrong) : NULL;
    if (given && given->origin.source)
        return diagnostics_add_error(diagnostics, &given->origin, &own);
    error_set(error, own.status, "%s", own.message);
    if (wrong && !given)
        return error_hint(error, "%s%s'--set %s=…' gives another '%s'", own.hint,
                          *own.hint ? "; " : "", wrong, wrong);
    return *own.hint ? error_hint(error, "%s", own.hint) : false;
}

static const struct parameter *find_split(const struct dataset_row *row) {
    for (const struct parameter *p = row->parameters; p->name; p++)
        if (!strcmp(p->name, "split")) return p;
    return NULL;
}

struct data_split *data_request_splits(const struct data_request *data, struct arena *arena,
                                       int *count) {
    const struct dataset_row *row = data->request.row;
    const struct parameter *split = find_split(row);
    struct dataset_options *options = arena_copy(arena, data->request.options, row->options_size);
    struct dataset_request request = data->request;
    struct data_split *splits = NULL;
    request.options = options;
    options->split = 0;
    *count = 0;
    for (const char *name = split ? split->choices : ""; *name; options->split++) {
        size_t length = strcspn(name, " ");
        struct dataset dataset;
        struct error ignored = {0};
        if (dataset_peek(&request, arena, &dataset, &ignored) && !dataset.missing) {
            splits = ARENA_GROW(arena, splits, *count);
            splits[(*count)++] =
                (struct data_split){arena_text_range(arena, name, length), dataset.count};
        }
        name += length + strspn(name + length, " ");
    }
    return splits;
}
