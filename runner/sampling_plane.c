/* Running a game's plane; see sampling_plane.h. */
#include "runner/sampling_plane.h"

#include <math.h>

/* Places along each side of the field. */
enum { SIDE = 64 };

/* A program and its inputs. */
struct looking {
    const struct game_program *source;
    struct program *program; /* NULL: there is none */
    const void **inputs;
    float *scalars;
};

struct plane {
    struct play *play;
    const struct game_sampler *sampler;
    const struct game_plane *game;
    struct looking field, arrows;
    int32_t clock[3];
    float axis[2][SIDE];  /* places along the first and the second coordinate */
    float *places, *said; /* (SIDE * SIDE, and what fills the last run, 2); (…) */
    float *real;          /* (sampler->count, 2) */
};

static bool compile(struct plane *plane, const struct game_program *source, struct looking *looking,
                    const struct compile_options *options, struct arena *arena,
                    struct error *error) {
    const struct backend *backend = plane->play->backend;
    looking->source = source;
    if (!source->graph) return true;
    looking->inputs = ARENA_ARRAY(arena, const void *, source->graph->inputs_count);
    looking->scalars = ARENA_ARRAY(arena, float, source->scalars_count);
    looking->program = backend->compile(plane->play->device, arena, source->graph, options, error);
    return looking->program != NULL;
}

/* The square that plots/plane.gp shows, in SIDE steps each way, their middles. */
static void make_axes(struct plane *plane, const struct store_array *real) {
    const float *points = real->data;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int64_t i = 0; i < 2 * real->extent[0]; i++) {
        low[i % 2] = fmin(low[i % 2], (double)points[i]);
        high[i % 2] = fmax(high[i % 2], (double)points[i]);
    }
    double half = 0.62 * fmax(high[0] - low[0], high[1] - low[1]);
    if (!(half > 0)) half = 1;
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i < SIDE; i++)
            plane->axis[axis][i] =
                (float)((low[axis] + high[axis]) / 2 + half * ((2 * i + 1) / (double)SIDE - 1));
}

static int64_t rounds_of(int64_t all, int64_t count) {
    return (all + count - 1) / count;
}

/* Row by row, from the lowest up; the last run is filled with the first place. */
static void make_places(struct plane *plane, struct arena *arena) {
    int64_t count = plane->sampler->count, all = rounds_of(SIDE * SIDE, count) * count;
    plane->places = ARENA_ARRAY(arena, float, 2 * all);
    plane->said = ARENA_ARRAY(arena, float, all);
    for (int64_t i = 0; i < all; i++) {
        int64_t place = i < SIDE * SIDE ? i : 0;
        plane->places[2 * i] = plane->axis[0][place % SIDE];
        plane->places[2 * i + 1] = plane->axis[1][place / SIDE];
    }
}

static void make_real(struct plane *plane, const struct store_array *real, struct arena *arena) {
    const float *points = real->data;
    int64_t count = 2 * plane->sampler->count, there = 2 * real->extent[0];
    plane->real = ARENA_ARRAY(arena, float, count);
    for (int64_t i = 0; i < count; i++)
        plane->real[i] = points[i % there];
}

struct plane *plane_open(struct play *play, const struct game_sampler *sampler,
                         const struct store_array *real, const struct compile_options *options,
                         struct arena *arena, struct error *error) {
    struct plane *plane = ARENA_NEW(arena, struct plane);
    *plane = (struct plane){.play = play, .sampler = sampler};
    plane->game = game_plane((struct game *)play->game, sampler, arena);
    if (!plane->game->judge && !plane->game->arrows.graph) return NULL;
    make_axes(plane, real);
    make_places(plane, arena);
    make_real(plane, real, arena);
    bool good = compile(plane, &plane->game->field, &plane->field, options, arena, error) &&
                compile(plane, &plane->game->arrows, &plane->arrows, options, arena, error);
    return good ? plane : NULL;
}

/* ---- running ---------------------------------------------------------------------------------- */

static void set(struct looking *looking, int input, const void *memory) {
    if (input >= 0) looking->inputs[input] = memory;
}

/* Numbers that change with time are as they are now; draws are of this step. */
static void set_time(struct plane *plane, struct looking *looking, int64_t round) {
    const struct play *play = plane->play;
    const struct game_clock clock = {.step = play->step,
                                     .epoch = play_epoch(play),
                                     .images = play_images(play),
                                     .updates = play->step,
                                     .state = play->state};
    const struct game_program *source = looking->source;
    for (int i = 0; i < source->scalars_count; i++)
        looking->scalars[i] = (float)game_scalar(play->game, &source->scalars[i], &clock);
    plane->clock[0] = (int32_t)(uint32_t)((uint64_t)play->step & 0xffffffffu);
    plane->clock[1] = (int32_t)(uint32_t)((uint64_t)play->step >> 32);
    plane->clock[2] = (int32_t)round;
    set(looking, source->clock_input, plane->clock);
    set(looking, source->scalars_input, looking->scalars);
}

static bool look(struct plane *plane, struct looking *looking, int64_t round, float *dst) {
    const struct backend *backend = plane->play->backend;
    set_time(plane, looking, round);
    if (backend->run(looking->program, looking->inputs) == RUN_NOT_FINITE) return false;
    backend->output(looking->program, 0, TYPE_FLOAT32, dst);
    return true;
}

static bool run_field(struct plane *plane) {
    int64_t count = plane->sampler->count;
    if (!plane->field.program) return false;
    for (int64_t round = 0; round < rounds_of(SIDE * SIDE, count); round++) {
        set(&plane->field, plane->game->places_input, plane->places + 2 * round * count);
        if (!look(plane, &plane->field, round, plane->said + round * count)) return false;
    }
    return true;
}

static bool run_arrows(struct plane *plane, const struct plane_given *given, float *arrows) {
    const struct game_sampler *sampler = plane->sampler;
    const struct game_plane *game = plane->game;
    if (!plane->arrows.program) return false;
    for (int64_t round = 0; round < given->rounds; round++) {
        int64_t first = round * sampler->count;
        set(&plane->arrows, game->points_input, given->points + 2 * first);
        set(&plane->arrows, game->real_input, plane->real);
        if (given->labels) set(&plane->arrows, game->labels_input, given->labels + first);
        for (int i = 0; i < sampler->latents_count; i++)
            set(&plane->arrows, game->latents_input[i],
                (const float *)given->latents[i] + first * shape_count(sampler->latents[i].shape));
        if (!look(plane, &plane->arrows, round, arrows + 2 * first)) return false;
    }
    return true;
}

void plane_run(struct plane *plane, const struct plane_given *given, struct sample *sample) {
    if (run_field(plane)) {
        sample->field = (struct store_array){NULL, STORE_FLOAT32, 2, {SIDE, SIDE}, plane->said};
        sample->field_x = (struct store_array){NULL, STORE_FLOAT32, 1, {SIDE}, plane->axis[0]};
        sample->field_y = (struct store_array){NULL, STORE_FLOAT32, 1, {SIDE}, plane->axis[1]};
        sample->field_network = plane->game->judge;
    }
    if (run_arrows(plane, given, given->arrows))
        sample->arrows =
            (struct store_array){NULL, STORE_FLOAT32, 2, {given->count, 2}, given->arrows};
}
