/*
 * Runs a sampler on a table of beginnings.
 *
 * What a sampler draws besides, as noise in its layers, is keyed by the seed, the run and the place in it. So that all such
 * draws of a cell are those of the sample it is named by, a cell is made in that sample's place of its run; samplers that draw
 * nothing make many cells in a run.
 */
#include <string.h>

#include "base/whole.h"
#include "runner/explore.h"

struct run {
    struct exploration *exploration;
    struct sampling *sampling;
    int64_t count; /* samples it makes at once */
    bool draws;
    bool *done;     /* (cells) */
    int64_t *cells; /* (count) which is made in this place; -1: none */
};

static int64_t run_size(const struct beginnings *cells, bool draws) {
    int64_t most = cells->count;
    if (draws) {
        most = 0;
        for (int64_t i = 0; i < cells->count; i++)
            if (cells->names[i].number >= most) most = cells->names[i].number + 1;
    }
    return least(most, SAMPLES_AT_ONCE);
}

/* Whether two cells may be made in one run, by what the sampler draws. */
static bool together(const struct run *run, struct sample_name a, struct sample_name b) {
    return !run->draws || (a.seed == b.seed && a.number / run->count == b.number / run->count);
}

/* Puts as many cells as can be into their places, from `first` on, the first that is not done. */
static void fill(struct run *run, int64_t first) {
    const struct beginnings *cells = run->exploration->cells;
    struct beginnings *places = sampling_beginnings(run->sampling);
    const struct sample_name name = cells->names[first];
    for (int64_t place = 0; place < run->count; place++) {
        run->cells[place] = -1;
        beginnings_copy(places, place, cells, first);
    }
    int64_t free = 0;
    for (int64_t i = first; i < cells->count && free < run->count; i++) {
        int64_t place = run->draws ? cells->names[i].number % run->count : free;
        if (run->done[i] || run->cells[place] >= 0 || !together(run, name, cells->names[i]))
            continue;
        beginnings_copy(places, place, cells, i);
        run->cells[place] = i;
        run->done[i] = true;
        if (!run->draws) free++;
    }
    sampling_draw_as(run->sampling, name);
}

/* Takes what a run made, array by array. */
static void take(const struct run *run, const struct store_array *from, struct store_array *to) {
    struct exploration *ex = run->exploration;
    if (!from->data) return;
    struct store_array one = *from;
    one.extent[0] = 1;
    const size_t bytes = (size_t)store_count(&one) * store_type_size(from->type);
    if (!to->data) {
        *to = *from;
        to->extent[0] = ex->cells->count;
        to->data = arena_alloc(ex->arena, bytes * (size_t)ex->cells->count);
    }
    for (int64_t place = 0; place < run->count; place++)
        if (run->cells[place] >= 0)
            memcpy((char *)to->data + bytes * (size_t)run->cells[place],
                   (const char *)from->data + bytes * (size_t)place, bytes);
}

/* What the samples were made from, as `duel sample` keeps it. */
static struct store_array array_of(const struct exploration *ex, enum store_type type,
                                   struct shape shape, const void *data) {
    struct store_array array = {
        .type = type, .rank = 1 + shape.rank, .extent = {ex->cells->count}, .data = data};
    for (int i = 0; i < shape.rank; i++)
        array.extent[1 + i] = shape.extent[i];
    return array;
}

bool explore_run(struct exploration *ex, struct error *error) {
    struct model *model = ex->model;
    struct session *session = &model->session;
    struct run run = {.exploration = ex, .draws = ex->sampler->program.clock_input >= 0};
    run.count = run_size(ex->cells, run.draws);
    run.done = ARENA_ARRAY(ex->arena, bool, ex->cells->count);
    run.cells = ARENA_ARRAY(ex->arena, int64_t, run.count);
    run.sampling = sampling_open(model->play, model->sampler, run.count, ex->seed,
                                 &model->options.compile, ex->arena, &session->diagnostics, error);
    if (!run.sampling || !model_prepare(model, run.sampling, error)) return false;
    for (int64_t i = 0; i < ex->cells->count; i++) {
        struct sample made;
        if (run.done[i]) continue;
        fill(&run, i);
        if (!sampling_run(run.sampling, &made, error)) return false;
        ex->made.step = made.step;
        take(&run, &made.images, &ex->made.images);
        take(&run, &made.points, &ex->made.points);
        take(&run, &made.values, &ex->made.values);
    }
    const int latent = beginnings_find(ex->sampler, false);
    const int32_t *classes = beginnings_classes(ex->cells);
    if (latent >= 0)
        ex->made.latents = array_of(
            ex, ex->sampler->latents[latent].type == TYPE_INT32 ? STORE_INT32 : STORE_FLOAT32,
            ex->sampler->latents[latent].shape, ex->cells->latents[latent]);
    if (classes) ex->made.labels = array_of(ex, STORE_INT32, SHAPE_SCALAR, classes);
    ex->made.class_names =
        class_names_text(ex->arena, sampler_class_names(session->experiment, ex->sampler), "");
    return true;
}
