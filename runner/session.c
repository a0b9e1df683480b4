/* Reading, building and reporting for commands; see session.h. */
#include "runner/session.h"

#include <string.h>

#include "base/text.h"
#include "runner/decoding.h"
#include "runner/folders.h"

void session_start(struct session *session, const struct arguments *arguments) {
    *session = (struct session){.arguments = arguments,
                                .arena = arguments->arena,
                                .diagnostics = {.arena = arguments->arena}};
}

static bool read_experiment(struct session *session, const struct known_data *known) {
    if (!session->root) return false;
    session->experiment =
        experiment_read_known(session->root, folders_configs(session->arena), known,
                              decoding_listener(session->arguments->quiet, session->arena),
                              session->arena, &session->diagnostics);
    if (!session->experiment) return false;
    if (session->diagnostics.count) { /* tells what else is wrong */
        game_build(session->experiment, session->arena, &session->diagnostics);
        return false;
    }
    return true;
}

bool session_read(struct session *session, const char *given, struct error *error) {
    session->path = folders_find_config(session->arena, given, error);
    if (!session->path) return false;
    session->root = config_load(session->path, folders_configs(session->arena),
                                arguments_all(session->arguments, "--set"), &session->diagnostics);
    return read_experiment(session, NULL);
}

/* What a checkpoint counts of a stream: "data/rank", "data/a/rank". */
static const char *counter_name(struct arena *arena, const char *stream, const char *what) {
    return arena_format(arena, "data/%s%s%s", stream, *stream ? "/" : "", what);
}

struct checkpoint_data {
    struct known_data known;
    struct arena *arena;
};

static int64_t get_counter(const struct known_data *known, const char *stream, const char *what,
                           int64_t otherwise) {
    const struct checkpoint_data *data = (const struct checkpoint_data *)known;
    return checkpoint_counter(known->context, counter_name(data->arena, stream, what), otherwise);
}

/* "a.y" and a tab, before the names of a stream's classes. */
static const char *labels_prefix(struct arena *arena, const char *stream) {
    return arena_format(arena, "%s%sy\t", stream, *stream ? "." : "");
}

/* What session_describe_data kept; NULL where there was no such stream. */
static const struct dataset *find_data(const struct known_data *known, const char *stream) {
    struct arena *arena = ((const struct checkpoint_data *)known)->arena;
    struct dataset *data = ARENA_NEW(arena, struct dataset);
    int64_t rank = get_counter(known, stream, "rank", -1);
    if (rank < 0 || rank > EXTENTS_MOST) return NULL;
    data->count = get_counter(known, stream, "count", 0);
    data->classes = (int)get_counter(known, stream, "classes", 0);
    data->type = get_counter(known, stream, "type", 0) ? DATA_FLOAT32 : DATA_UINT8;
    data->shape.rank = (int)rank;
    for (int i = 0; i < data->shape.rank; i++) {
        int64_t extent = get_counter(known, stream, arena_format(arena, "extent_%d", i), 0);
        if (extent < 1 || extent > 1 << 20) return NULL;
        data->shape.extent[i] = extent;
    }
    const struct checkpoint *checkpoint = known->context;
    if (checkpoint->classes)
        data->class_names = class_names_read(arena, checkpoint->classes,
                                             labels_prefix(arena, stream), data->classes)
                                .list;
    return data;
}

bool session_read_checkpoint(struct session *session, const char *path,
                             const struct checkpoint *checkpoint) {
    session->path = arena_format(session->arena, "%s (configuration)", path);
    session->root = config_parse(session->path, checkpoint->config, strlen(checkpoint->config),
                                 folders_configs(session->arena), &session->diagnostics);
    const char *const *sets = arguments_all(session->arguments, "--set");
    for (int i = 0; session->root && sets[i]; i++)
        config_set(session->root, sets[i], &session->diagnostics);
    const struct checkpoint_data data = {{find_data, checkpoint}, session->arena};
    return read_experiment(session, &data.known);
}

bool session_build(struct session *session) {
    session->game = game_build(session->experiment, session->arena, &session->diagnostics);
    return session->game && !session->diagnostics.count;
}

void session_start_data(struct session *session) {
    const struct experiment *x = session->experiment;
    session->loading = ARENA_ARRAY(session->arena, struct dataset_loading *, x->data_count);
    for (int i = 0; i < x->data_count; i++)
        session->loading[i] = dataset_start(&x->data[i].request, session->arena);
}

bool session_finish_data(struct session *session, struct error *error) {
    const struct experiment *x = session->experiment;
    bool good = true;
    session->data = ARENA_ARRAY(session->arena, struct dataset, x->data_count);
    for (int i = 0; i < x->data_count; i++) {
        struct error own = {0};
        if (dataset_finish(session->loading[i], &session->data[i], &own) &&
            dataset_hash(&session->data[i], &own))
            continue;
        good = false;
        bool placed = *x->data[i].name || own.status == STATUS_DATA || own.status == STATUS_CONFIG;
        if (placed)
            diagnostics_add_error(&session->diagnostics, x->data[i].origin, &own);
        else
            *error = own;
    }
    return good;
}

const struct origin *session_origin(const struct session *session, const char *option,
                                    const char *value) {
    struct source *source = ARENA_NEW(session->arena, struct source);
    struct origin *origin = ARENA_NEW(session->arena, struct origin);
    const char *name =
        arena_format(session->arena, "%s%s%s", option ? option : "", option ? " " : "", value);
    *source = (struct source){name, value, strlen(value), NULL};
    *origin =
        (struct origin){.source = source, .line = 1, .column = 1, .length = text_width(value)};
    return origin;
}

bool session_usage(struct session *session) {
    session->diagnostics.status = STATUS_USAGE;
    session->diagnostics.others = session->diagnostics.count;
    return false;
}

enum status session_report(const struct session *session, const struct error *error) {
    if (session->diagnostics.count)
        diagnostics_print(&session->diagnostics, stderr, session->arguments->colour);
    if (error->status != STATUS_OK) return error->status;
    /* A mistake in the configuration itself counts more. */
    bool only = session->diagnostics.count == session->diagnostics.others;
    return only && session->diagnostics.status != STATUS_OK ? session->diagnostics.status
                                                            : STATUS_CONFIG;
}

static bool find_backend(const char *name, const struct backend **backend, struct error *error) {
    *backend = backend_find(name ? name : "cpu");
    if (!*backend && !name) *backend = backend_find("reference");
    if (*backend) return true;
    error_set(error, STATUS_USAGE, "there is no backend '%s'", name ? name : "reference");
    return error_hint(error, "there are 'cpu' and 'reference'");
}

/* The backend that a run was begun on, if there still is one of this name. */
static const struct backend *backend_before(const struct run_device *before) {
    char name[64];
    if (!before || !before->identity) return NULL;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(before->identity, " ,"), before->identity);
    return backend_find(name);
}

bool session_play_options(const struct session *session, const struct run_device *before,
                          struct play_options *options, struct error *error) {
    const struct arguments *arguments = session->arguments;
    const char *backend = arguments_get(arguments, "--backend");
    int64_t threads;
    *options = (struct play_options){.seed = session->experiment->seed};
    if (!backend) options->backend = backend_before(before);
    if ((!options->backend && !find_backend(backend, &options->backend, error)) ||
        !arguments_integer(arguments, "--threads", 0, 1024, before ? before->threads : 0, &threads,
                           error))
        return false;
    options->device.threads = (int)threads;
    options->device.isa = arguments_get(arguments, "--isa");
    options->compile.no_fuse = arguments_has(arguments, "--no-fuse");
    options->compile.no_plan = arguments_has(arguments, "--no-plan");
    return true;
}

static const char *tree_text(const struct session *session, const struct config *tree) {
    struct text text = {0};
    config_write(tree, &text);
    const char *copy = arena_text(session->arena, text_get(&text));
    text_release(&text);
    return copy;
}

const char *session_resolved(const struct session *session) {
    return tree_text(session, experiment_resolved(session->experiment));
}

const char *session_given(const struct session *session) {
    return tree_text(session, session->root);
}

void session_describe_data(const struct session *session, struct checkpoint *checkpoint,
                           struct arena *arena) {
    const struct experiment *x = session->experiment;
    const char *names = "";
    for (int i = 0; i < x->data_count; i++) {
        const struct dataset *data = &x->data[i].dataset;
        const char *name = x->data[i].name;
        checkpoint_count(arena, checkpoint, counter_name(arena, name, "count"), data->count);
        checkpoint_count(arena, checkpoint, counter_name(arena, name, "classes"), data->classes);
        checkpoint_count(arena, checkpoint, counter_name(arena, name, "type"), (int64_t)data->type);
        checkpoint_count(arena, checkpoint, counter_name(arena, name, "rank"), data->shape.rank);
        names = arena_format(arena, "%s%s", names,
                             class_names_text(arena, experiment_class_names(&x->data[i]),
                                              labels_prefix(arena, name)));
        for (int k = 0; k < data->shape.rank; k++)
            checkpoint_count(arena, checkpoint,
                             counter_name(arena, name, arena_format(arena, "extent_%d", k)),
                             data->shape.extent[k]);
    }
    checkpoint->classes = names;
}
