/* Sampling; see sampling.h. */
#include "runner/sampling.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"

/* Real points kept beside generated ones. */
enum { REAL_MOST = 1000 };

/* Programs are compiled for at most so many samples, and run again for the rest. */
enum { CHUNK_MOST = 256 };

struct sampling {
    struct play *play;
    struct game_sampler *sampler;
    struct program *program;
    const void **inputs;
    int64_t count, chunk, rounds;
    float *latents[8]; /* (rounds * chunk, shape…) */
    int32_t *labels;   /* (rounds * chunk) */
    float *values;     /* (rounds * chunk, shape…) what the sampler gave */
    uint8_t *bytes;    /* the same as images; NULL for points */
    struct store_array real;
};

/* Normal numbers come in pairs (Box and Muller 1958). */
static void draw_latent(const struct game_sampler *sampler, int index, uint64_t seed, float *dst,
                        int64_t count) {
    struct random_stream stream = {
        .key = hash_text(hash_text(seed, "latent"), sampler->latents[index].name)};
    double low = sampler->latents[index].low, high = sampler->latents[index].high;
    for (int64_t i = 0; i < count; i++) {
        double u = ((double)random_word(&stream) + 0.5) * 0x1p-32;
        if (sampler->latents[index].uniform) {
            dst[i] = (float)(low + (high - low) * u);
            continue;
        }
        double v = ((double)random_word(&stream) + 0.5) * 0x1p-32;
        double radius = sqrt(-2 * log(u)), angle = 2 * 3.14159265358979323846 * v;
        dst[i] = (float)(radius * cos(angle));
        if (++i < count) dst[i] = (float)(radius * sin(angle));
    }
}

static void draw_inputs(struct sampling *sampling, uint64_t seed, struct arena *arena) {
    const struct game_sampler *sampler = sampling->sampler;
    int64_t all = sampling->rounds * sampling->chunk;
    for (int i = 0; i < sampler->latents_count; i++) {
        int64_t count = all * shape_count(sampler->latents[i].shape);
        sampling->latents[i] = ARENA_ARRAY(arena, float, count);
        draw_latent(sampler, i, seed, sampling->latents[i], count);
    }
    if (sampler->labels_input < 0) return;
    sampling->labels = ARENA_ARRAY(arena, int32_t, all);
    for (int64_t i = 0; i < all; i++)
        sampling->labels[i] = (int32_t)(i % sampler->classes);
}

static bool is_image(const struct game_sampler *sampler) {
    return sampler->shape.rank == 3 && sampler->shape.extent[2] <= 4;
}

struct sampling *sampling_open(struct play *play, int64_t count, uint64_t seed,
                               const struct compile_options *options, struct arena *arena,
                               struct diagnostics *diagnostics, struct error *error) {
    struct sampling *sampling = ARENA_NEW(arena, struct sampling);
    int64_t chunk = count < CHUNK_MOST ? count : CHUNK_MOST;
    *sampling = (struct sampling){
        .play = play, .count = count, .chunk = chunk, .rounds = (count + chunk - 1) / chunk};
    struct game *game = (struct game *)play->game;
    sampling->sampler = game_sampler(game, chunk, arena, diagnostics);
    if (!sampling->sampler) return NULL;
    const struct game_sampler *sampler = sampling->sampler;
    if (!is_image(sampler) && sampler->shape.rank != 1) {
        error_set(error, STATUS_CONFIG,
                  "the sampler gives neither images [height, width, channels] nor points, but %s",
                  shape_text(arena, sampler->shape));
        return NULL;
    }
    sampling->inputs = ARENA_ARRAY(arena, const void *, sampler->graph->inputs_count);
    sampling->program = play->backend->compile(play->device, arena, sampler->graph, options, error);
    if (!sampling->program) return NULL;
    draw_inputs(sampling, seed, arena);
    int64_t values = sampling->rounds * chunk * shape_count(sampler->shape);
    sampling->values = ARENA_ARRAY(arena, float, values);
    if (is_image(sampler)) sampling->bytes = ARENA_ARRAY(arena, uint8_t, values);
    return sampling;
}

static bool run_round(struct sampling *sampling, int64_t round, struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    const struct backend *backend = sampling->play->backend;
    for (int i = 0; i < sampler->latents_count; i++)
        sampling->inputs[sampler->latents[i].input] =
            sampling->latents[i] + round * sampling->chunk * shape_count(sampler->latents[i].shape);
    if (sampler->labels_input >= 0)
        sampling->inputs[sampler->labels_input] = sampling->labels + round * sampling->chunk;
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

bool sampling_run(struct sampling *sampling, struct sample *sample, struct error *error) {
    const struct game_sampler *sampler = sampling->sampler;
    for (int64_t round = 0; round < sampling->rounds; round++)
        if (!run_round(sampling, round, error)) return false;
    *sample = (struct sample){.step = sampling->play->step};
    if (sampling->bytes) {
        size_t values = (size_t)(sampling->count * shape_count(sampler->shape));
        sample_to_bytes(sampling->values, values, -1, 1, sampling->bytes);
        sample->images = array_of(sampling, STORE_UINT8, sampler->shape, sampling->bytes);
    } else {
        sample->points = array_of(sampling, STORE_FLOAT32, sampler->shape, sampling->values);
        sample->real = sampling->real;
    }
    if (sampler->latents_count > 0)
        sample->latents =
            array_of(sampling, STORE_FLOAT32, sampler->latents[0].shape, sampling->latents[0]);
    if (sampling->labels)
        sample->labels = array_of(sampling, STORE_INT32, SHAPE_SCALAR, sampling->labels);
    return true;
}

void sampling_compare(struct sampling *sampling, const struct dataset *data) {
    if (sampling->bytes || data->type != DATA_FLOAT32 || data->shape.rank != 1) return;
    int64_t count = data->count < REAL_MOST ? data->count : REAL_MOST;
    sampling->real = (struct store_array){.type = STORE_FLOAT32,
                                          .rank = 2,
                                          .extent = {count, data->shape.extent[0]},
                                          .data = data->values};
}
