/* Opening a trained model; see model.h. */
#include "runner/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/store_run.h"

/* The checkpoint that is meant: --checkpoint, or the run's newest whole one. */
static bool find_checkpoint(struct model *model, const struct arguments *arguments,
                            const char *given, struct error *error) {
    struct arena *arena = arguments->arena;
    const char *file = arguments_get(arguments, "--checkpoint");
    model->path = file;
    if (file) return checkpoint_read(arena, file, &model->checkpoint, error);
    if (!given)
        return error_set(error, STATUS_USAGE, "'duel %s' wants RUN, or --checkpoint FILE",
                         arguments->command->name);
    struct error skipped = {0};
    if (!run_find_checkpoint(arena, arguments_get(arguments, "--outputs"), given, -1,
                             &model->checkpoint, &model->path, &skipped, error))
        return false;
    if (skipped.status != STATUS_OK) fprintf(stderr, "duel: warning: %s\n", skipped.message);
    return true;
}

/* Whether there is a sampler of this name. */
static bool check_sampler(const struct experiment *x, const char *name, struct error *error) {
    struct nearest nearest = {.wanted = name};
    if (!name || experiment_sampler(x, name)) return true;
    for (int i = 0; i < x->samplers_count; i++)
        nearest_try(&nearest, x->samplers[i].name);
    error_set(error, STATUS_USAGE, "there is no sampler '%s' in '%s'", name, x->name);
    if (nearest.name) return error_hint(error, "did you mean '%s'?", nearest.name);
    struct text all = {0};
    for (int i = 0; i < x->samplers_count; i++)
        text_format(&all, "%s'%s'", i ? ", " : "", x->samplers[i].name);
    if (x->samplers_count) error_hint(error, "there is %s", text_get(&all));
    text_release(&all);
    return false;
}

bool model_read(struct model *model, const struct arguments *arguments, const char *given,
                struct error *error) {
    *model = (struct model){.sampler = arguments_get(arguments, "--sampler")};
    session_start(&model->session, arguments);
    return find_checkpoint(model, arguments, given, error) &&
           session_read_checkpoint(&model->session, model->path, &model->checkpoint);
}

bool model_open(struct model *model, const struct arguments *arguments, const char *given,
                struct error *error) {
    struct session *session = &model->session;
    if (!model_read(model, arguments, given, error) || !session_build(session) ||
        !session_play_options(session, NULL, &model->options, error) ||
        !check_sampler(session->experiment, model->sampler, error))
        return false;
    model->play = play_open(session->game, &model->options, session->arena, error);
    return model->play && play_load(model->play, &model->checkpoint, true, error);
}

bool model_load_data(struct model *model, struct error *error) {
    struct session *session = &model->session;
    if (session->data) return true;
    session_start_data(session);
    if (!session_finish_data(session, error)) return false;
    for (int i = 0; i < session->experiment->data_count; i++) {
        const struct dataset *known = &session->experiment->data[i].dataset,
                             *data = &session->data[i];
        if (data->count != known->count || data->type != known->type ||
            data->classes != known->classes ||
            memcmp(&data->shape, &known->shape, sizeof data->shape) != 0)
            return error_set(error, STATUS_DATA,
                             "the data set is not the one that the run was trained on: it has "
                             "another shape, or another number of examples");
    }
    return true;
}

/* --with psi=0.5 */
static bool set_parameters(const struct arguments *arguments, struct sampling *sampling,
                           struct error *error) {
    const char *const *all = arguments_all(arguments, "--with");
    for (int i = 0; all[i]; i++) {
        const char *equals = strchr(all[i], '=');
        char *end = NULL;
        double value = equals ? strtod(equals + 1, &end) : 0;
        if (!equals || end == equals + 1 || *end || !isfinite(value))
            return error_set(error, STATUS_USAGE, "'--with' wants NAME=NUMBER, not '%s'", all[i]);
        const char *name = arena_text_range(arguments->arena, all[i], (size_t)(equals - all[i]));
        if (!sampling_set(sampling, name, value, error)) return false;
    }
    return true;
}

bool model_prepare(struct model *model, struct sampling *sampling, struct error *error) {
    struct session *session = &model->session;
    if (sampling_needs_data(sampling) &&
        (!model_load_data(model, error) ||
         !sampling_set_data(sampling, session->data, &model->options.compile, session->arena,
                            error)))
        return false;
    return set_parameters(session->arguments, sampling, error);
}
