/* Sampling; see sampling.h. */
#include "runner/sampling.h"

#include <string.h>

#include "base/whole.h"
#include "runner/beginnings.h"
#include "runner/experiment.h"
#include "runner/sampling_plane.h"

/* Real points kept beside generated ones. */
enum { REAL_MOST = 1000 };

struct sampling {
    struct play *play;
    struct game_sampler *sampler;
    struct program *program;
    const void **inputs;
    uint64_t seed;
    int64_t first_round;
    int32_t clock[3];
    float *scalars; /* (program.scalars_count) */
    int64_t count, chunk, rounds;
    int64_t draws;           /* in a round: chunk, or as many more as become one sample */
    struct beginnings *from; /* (rounds * draws) */
    float *values;           /* (rounds * chunk, shape…) what the sampler gave */
    uint8_t *bytes;          /* the same as images; NULL for others */
    struct store_array real;
    struct plane *plane;     /* NULL: nothing is to be seen in one */
    float *arrows;           /* (rounds * chunk, 2) */
    const char *class_names; /* of labels, as lines */
};

static void set_clock(struct sampling *sampling, int64_t round) {
    sampling->clock[0] = (int32_t)(uint32_t)(sampling->seed & 0xffffffffu);
    sampling->clock[1] = (int32_t)(uint32_t)(sampling->seed >> 32);
    sampling->clock[2] = (int32_t)(sampling->first_round + round);
}

static bool is_image(const struct game_sampler *sampler) {
    return sampler->shape.rank == 3 && sampler->shape.extent[2] <= 4;
}

struct sampling *sampling_open(struct play *play, const char *name, int64_t count, uint64_t seed,
                               const struct compile_options *options, struct arena *arena,
                               struct diagnostics *diagnostics, struct error *error) {
    struct sampling *sampling = ARENA_NEW(arena, struct sampling);
    int64_t chunk = least(count, SAMPLES_AT_ONCE);
    *sampling = (struct sampling){.play = play,
                                  .seed = seed,
                                  .count = count,
                                  .chunk = chunk,
                                  .rounds = divide_up(count, chunk)};
    struct game *game = (struct game *)play->game;
    const struct experiment_sampler *declared = experiment_sampler(game->experiment, name);
    struct game_sampler *sampler = game_sampler(game, declared, chunk, arena, diagnostics);
    if (!sampler) return NULL;
    sampling->sampler = sampler;
    sampling->draws = chunk * sampler->packed;
    sampling->inputs = ARENA_ARRAY(arena, const void *, sampler->program.graph->inputs_count);
    sampling->scalars = ARENA_ARRAY(arena, float, sampler->program.scalars_count);
    sampling->program =
        play->backend->compile(play->device, arena, sampler->program.graph, options, error);
    sampling->from = beginnings_new(play, sampler, sampling->rounds * sampling->draws, arena);
    if (!sampling->program || !beginnings_draw(sampling->from, play, seed, options, arena, error))
        return NULL;
    int64_t values = sampling->rounds * chunk * shape_count(sampler->shape);
    sampling->values = ARENA_ARRAY(arena, float, values);
    if (is_image(sampler)) sampling->bytes = ARENA_ARRAY(arena, uint8_t, values);
    sampling->class_names =
        class_names_text(arena, sampler_class_names(play->game->experiment, sampler), "");
    return sampling;
}

bool sampling_makes_images(const struct sampling *sampling) {
    return is_image(sampling->sampler);
}

bool sampling_set(struct sampling *sampling, const char *name, double value, struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    struct constants *constants = sampler->constants;
    struct nearest nearest = {.wanted = name};
    for (int i = 0; constants && i < constants->count; i++) {
        struct constant *constant = &constants->list[i];
        const struct numbers *range = &constant->declared->range;
        nearest_try(&nearest, constant->name);
        if (strcmp(constant->name, name) != 0) continue;
        if (range->count == 2 && !(value >= range->list[0] && value <= range->list[1]))
            return error_set(error, STATUS_USAGE,
                             "'%s' of sampler '%s' must be from %g to %g, but is %g", name,
                             sampler->name, range->list[0], range->list[1], value);
        constant->number = value;
        return true;
    }
    error_set(error, STATUS_USAGE, "sampler '%s' has no parameter '%s'", sampler->name, name);
    return nearest.name ? error_hint(error, "did you mean '%s'?", nearest.name) : false;
}

struct beginnings *sampling_beginnings(struct sampling *sampling) {
    return sampling->from;
}

bool sampling_draws(const struct sampling *sampling) {
    return sampling->sampler->program.clock_input >= 0;
}

void sampling_draw_as(struct sampling *sampling, struct sample_name name) {
    sampling->seed = name.seed;
    sampling->first_round = name.number / sampling->chunk;
}

static void set_input(struct sampling *sampling, int input, const void *memory) {
    if (input >= 0) sampling->inputs[input] = memory;
}

/* Numbers that change with time are as they are now. */
static void set_scalars(struct sampling *sampling) {
    const struct play *play = sampling->play;
    const struct game_program *program = &sampling->sampler->program;
    const struct game_clock clock = {.step = play->step,
                                     .epoch = play_epoch(play),
                                     .images = play_images(play),
                                     .updates = play->step,
                                     .state = play->state};
    for (int i = 0; i < program->scalars_count; i++)
        sampling->scalars[i] = (float)game_scalar(play->game, &program->scalars[i], &clock);
}

static bool run_round(struct sampling *sampling, int64_t round, struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    const struct backend *backend = sampling->play->backend;
    const struct beginnings *from = sampling->from;
    const int64_t first = round * sampling->draws;
    set_clock(sampling, round);
    set_input(sampling, sampler->program.clock_input, sampling->clock);
    set_input(sampling, sampler->program.scalars_input, sampling->scalars);
    for (int i = 0; i < sampler->labels_count; i++)
        set_input(sampling, sampler->labels[i].input, from->labels[i] + first);
    for (int i = 0; i < from->streams; i++)
        if (from->index[i])
            set_input(sampling, sampler->program.streams[i].index_input, from->index[i] + first);
    for (int i = 0; i < sampler->latents_count; i++)
        set_input(sampling, sampler->latents[i].input, beginnings_latent(from, i, first));
    if (backend->run(sampling->program, sampling->inputs) == RUN_NOT_FINITE) {
        struct not_finite where = {.what = "a number"};
        backend->locate(sampling->program, sampling->inputs, &where);
        return error_set(error, STATUS_DIVERGED, "a sample is not finite: %s%s%s", where.what,
                         where.label ? " in " : "", where.label ? where.label : "");
    }
    int64_t values = sampling->chunk * shape_count(sampler->shape);
    backend->output(sampling->program, 0, TYPE_FLOAT32, sampling->values + round * values);
    return true;
}

/* An array of the samples: `shape` behind their number. */
static struct store_array array_of(const struct sampling *sampling, enum store_type type,
                                   struct shape shape, const void *data) {
    struct store_array array = {
        .type = type, .rank = 1 + shape.rank, .extent = {sampling->count}, .data = data};
    for (int i = 0; i < shape.rank; i++)
        array.extent[1 + i] = shape.extent[i];
    return array;
}

/* What the samples were made from: the first latent, and the class. Where several draws become one sample, none of them
 * is its own. */
static void add_beginnings(const struct sampling *sampling, struct sample *sample) {
    const struct game_sampler *sampler = sampling->sampler;
    const struct beginnings *from = sampling->from;
    if (sampler->packed > 1) return;
    int latent = beginnings_find(sampler, false);
    if (latent >= 0)
        sample->latents = array_of(
            sampling, sampler->latents[latent].type == TYPE_INT32 ? STORE_INT32 : STORE_FLOAT32,
            sampler->latents[latent].shape, from->latents[latent]);
    const int32_t *classes = beginnings_classes(from);
    if (classes) sample->labels = array_of(sampling, STORE_INT32, SHAPE_SCALAR, classes);
    sample->class_names = sampling->class_names;
}

static void add_plane(struct sampling *sampling, struct sample *sample) {
    const struct plane_given given = {
        .points = sampling->values,
        .arrows = sampling->arrows,
        .latents = sampling->from->latents,
        .labels = sampling->sampler->labels_count ? sampling->from->labels[0] : NULL,
        .count = sampling->count,
        .rounds = sampling->rounds};
    if (sampling->plane) plane_run(sampling->plane, &given, sample);
}

bool sampling_run(struct sampling *sampling, struct sample *sample, struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    set_scalars(sampling);
    for (int64_t round = 0; round < sampling->rounds; round++)
        if (!run_round(sampling, round, error)) return false;
    *sample = (struct sample){.step = sampling->play->step};
    struct store_array values = array_of(sampling, STORE_FLOAT32, sampler->shape, sampling->values);
    if (sampling->bytes) {
        size_t count = (size_t)(sampling->count * shape_count(sampler->shape));
        sample_to_bytes(sampling->values, count, -1, 1, sampling->bytes);
        sample->images = array_of(sampling, STORE_UINT8, sampler->shape, sampling->bytes);
    } else if (sampler->shape.rank == 1) {
        sample->points = values;
        sample->real = sampling->real;
        add_plane(sampling, sample);
    } else {
        sample->values = values;
    }
    add_beginnings(sampling, sample);
    return true;
}

/* The first points of the first stream whose examples are such as the samples. */
static void find_real(struct sampling *sampling, const struct dataset *data) {
    const struct experiment *x = sampling->play->game->experiment;
    const struct shape shape = sampling->sampler->shape;
    for (int i = 0; i < x->data_count && shape.rank == 1 && !sampling->real.data; i++) {
        if (data[i].type != DATA_FLOAT32 || data[i].shape.rank != 1 ||
            data[i].shape.extent[0] != shape.extent[0])
            continue;
        int64_t count = data[i].count < REAL_MOST ? data[i].count : REAL_MOST;
        sampling->real = (struct store_array){.type = STORE_FLOAT32,
                                              .rank = 2,
                                              .extent = {count, shape.extent[0]},
                                              .data = data[i].values};
    }
}

/* Points beside the samples, and what is to be seen in their plane. */
static bool compare(struct sampling *sampling, const struct dataset *data,
                    const struct compile_options *options, struct arena *arena,
                    struct error *error) {
    find_real(sampling, data);
    if (!sampling->real.data || sampling->real.extent[1] != 2) return true;
    sampling->arrows = ARENA_ARRAY(arena, float, 2 * sampling->rounds * sampling->chunk);
    sampling->plane =
        plane_open(sampling->play, sampling->sampler, &sampling->real, options, arena, error);
    return error->status == STATUS_OK;
}

bool sampling_needs_data(const struct sampling *sampling) {
    for (int i = 0; i < sampling->play->game->experiment->data_count; i++)
        if (sampling->from->index[i]) return true;
    return false;
}

bool sampling_set_data(struct sampling *sampling, const struct dataset *data,
                       const struct compile_options *options, struct arena *arena,
                       struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    const struct experiment *x = sampling->play->game->experiment;
    for (int i = 0; i < x->data_count; i++)
        set_input(sampling, sampler->program.streams[i].values_input, data[i].values);
    beginnings_take_labels(sampling->from, sampling->play, data);
    return compare(sampling, data, options, arena, error);
}
