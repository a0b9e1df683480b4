/* Steps of a game on a device; see play.h. */
#include "runner/play.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/experiment.h"

static void close_device(void *object) {
    struct play *play = object;
    play->backend->device_close(play->device);
}

static void set_input(struct play_program *program, int input, const void *memory) {
    if (input >= 0) program->inputs[input] = memory;
}

/* `source` must stay where it is. */
static bool compile(struct play *play, const struct game_program *source,
                    struct play_program *program, const struct compile_options *options,
                    struct arena *arena, struct error *error) {
    program->source = source;
    if (!source->graph) return true;
    program->inputs = ARENA_ARRAY(arena, const void *, source->graph->inputs_count);
    program->scalars = ARENA_ARRAY(arena, float, source->scalars_count);
    set_input(program, source->clock_input, program->clock);
    set_input(program, source->scalars_input, program->scalars);
    program->program = play->backend->compile(play->device, arena, source->graph, options, error);
    return program->program != NULL;
}

struct play *play_open(const struct game *game, const struct play_options *options,
                       struct arena *arena, struct error *error) {
    struct play *play = ARENA_NEW(arena, struct play);
    *play = (struct play){.game = game, .backend = options->backend, .seed = options->seed};
    play->device = play->backend->device_open(&options->device, error);
    if (!play->device) return NULL;
    arena_on_free(arena, close_device, play);
    for (int i = 0; i < game->variables_count; i++)
        play->backend->variable_create(play->device, &game->variables[i]->variable);
    play->phases = ARENA_ARRAY(arena, struct play_program, game->phases_count);
    play->runs = ARENA_ARRAY(arena, int64_t, game->phases_count);
    for (int i = 0; i < game->phases_count; i++)
        if (!compile(play, &game->phases[i].program, &play->phases[i], &options->compile, arena,
                     error))
            return NULL;
    play->state = ARENA_ARRAY(arena, double, game->scalar_state_count);
    return compile(play, &game->end, &play->end, &options->compile, arena, error) ? play : NULL;
}

static struct play_draw new_draw(const struct play_stream *s, struct arena *arena) {
    struct play_draw draw = {.index = ARENA_ARRAY(arena, int32_t, s->stream.batch)};
    if (view_moves(s->view)) draw.moves = ARENA_ARRAY(arena, int32_t, s->stream.batch * VIEW_MOVES);
    return draw;
}

/* The next draw of a stream. */
static void draw_next(struct play_stream *s, struct play_draw *draw) {
    stream_next(&s->stream, draw->index);
    if (draw->moves)
        view_draw(s->view, &s->stored, s->stream.seed, s->stream.epoch, s->stream.position,
                  s->stream.batch, draw->moves);
}

/* The order of a stream with a name is its own. */
static bool begin_stream(struct play *play, int index, const struct dataset *data,
                         struct arena *arena, struct error *error) {
    const struct experiment_data *source = &play->game->experiment->data[index];
    struct play_stream *s = &play->streams[index];
    struct error own = {0};
    bool named = *source->name;
    uint64_t seed = named ? hash_text(play->seed, source->name) : play->seed;
    if (!stream_init(&s->stream, &source->stream, data->count, seed, arena, named ? &own : error))
        return !named ? false
                      : error_set(error, own.status, "data stream '%s': %s", source->name,
                                  own.message);
    s->drawn = index == 0;
    s->view = &source->view;
    s->stored = data->shape;
    s->step = new_draw(s, arena);
    s->extra = new_draw(s, arena);
    for (int i = 0; i < play->game->phases_count; i++) {
        struct play_program *phase = &play->phases[i];
        const struct program_stream *inputs = &phase->source->streams[index];
        set_input(phase, inputs->values_input, data->values);
        set_input(phase, inputs->labels_input, data->labels);
        if (inputs->index_input < 0) continue;
        s->drawn = true;
        BUG_IF(phase->source->batch > s->stream.batch);
    }
    return true;
}

bool play_set_data(struct play *play, const struct dataset *data, struct arena *arena,
                   struct error *error) {
    play->streams_count = play->game->experiment->data_count;
    play->streams = ARENA_ARRAY(arena, struct play_stream, play->streams_count);
    for (int i = 0; i < play->streams_count; i++)
        if (!begin_stream(play, i, &data[i], arena, error)) return false;
    return true;
}

static void read_state(struct play *play) {
    for (int i = 0; i < play->game->scalar_state_count; i++)
        play->backend->variable_read(play->device, play->game->scalar_state[i], TYPE_FLOAT64,
                                     &play->state[i]);
}

/* Doubles of one variable at a time: of all together they are twice what the game itself has. */
static void begin_variable(struct play *play, const struct game_variable *variable) {
    struct arena *scratch = arena_new();
    int64_t count = shape_count(variable->variable.shape);
    double *values = ARENA_ARRAY(scratch, double, count);
    game_initial(play->game, variable, play->seed, values);
    if (variable->variable.type == TYPE_INT32) {
        int32_t *integers = ARENA_ARRAY(scratch, int32_t, count);
        for (int64_t k = 0; k < count; k++)
            integers[k] = (int32_t)values[k];
        play->backend->variable_write(play->device, &variable->variable, TYPE_INT32, integers);
    } else {
        play->backend->variable_write(play->device, &variable->variable, TYPE_FLOAT64, values);
    }
    arena_free(scratch);
}

void play_begin(struct play *play) {
    for (int i = 0; i < play->game->variables_count; i++)
        begin_variable(play, play->game->variables[i]);
    read_state(play);
}

int64_t play_batches(const struct play *play) {
    if (!play->streams_count) return 0;
    const struct stream *first = &play->streams[0].stream;
    return first->epoch * first->draws + first->position;
}

double play_epoch(const struct play *play) {
    if (!play->streams_count) return play->past_epoch;
    return (double)play_batches(play) / (double)play->streams[0].stream.draws;
}

int64_t play_images(const struct play *play) {
    if (!play->streams_count) return play->past_images;
    return play_batches(play) * play->streams[0].stream.batch;
}

/* The clock as at the start of the step, before its draws. */
struct step {
    struct play *play;
    struct game_clock clock;
    struct not_finite *where;
    struct error *error;
};

/* Where several phases update one network, the optimizer's count is that of all. */
static void count_run(struct step *step, const struct play_program *program) {
    struct play *play = step->play;
    step->clock.updates = program->updates + 1;
    for (int i = 0; i < play->game->phases_count; i++)
        play->runs[i] = play->phases[i].updates + (program == &play->phases[i]);
}

static enum play_result run_program(struct step *step, struct play_program *program,
                                    int64_t repetition) {
    struct play *play = step->play;
    const struct game_program *source = program->source;
    play->running = source->name;
    count_run(step, program);
    for (int i = 0; i < source->scalars_count; i++)
        program->scalars[i] = (float)game_scalar(play->game, &source->scalars[i], &step->clock);
    program->clock[0] = (int32_t)(uint32_t)((uint64_t)play->step & 0xffffffffu);
    program->clock[1] = (int32_t)(uint32_t)((uint64_t)play->step >> 32);
    program->clock[2] = (int32_t)repetition;
    if (play->backend->run(program->program, program->inputs) == RUN_NOT_FINITE) {
        *step->where = (struct not_finite){.what = "a number"};
        play->backend->locate(program->program, program->inputs, step->where);
        return PLAY_NOT_FINITE;
    }
    program->updates++;
    program->ran = true;
    return PLAY_DONE;
}

/* The value of `repeat`, `every` or `when`, which must be a whole number of at least `least`. */
static bool phase_number(struct step *step, const struct game_phase *phase, const char *what,
                         const struct host_scalar *scalar, int64_t least, int64_t *number) {
    *number = 1;
    if (!scalar->expression) return true;
    double value = game_scalar(step->play->game, scalar, &step->clock);
    if (value >= (double)least && value <= 1e9 && value == floor(value)) {
        *number = (int64_t)value;
        return true;
    }
    return error_set(step->error, STATUS_CONFIG,
                     "'%s' of phase '%s' is %g at step %" PRId64
                     "; it must be a whole number of at least %" PRId64,
                     what, phase->program.name, value, step->clock.step, least);
}

/* Gives a phase the draws of this repetition: those of the step, or further ones. */
static void give_draws(struct play *play, struct play_program *program, int64_t repetition) {
    for (int i = 0; i < play->streams_count; i++) {
        struct play_stream *s = &play->streams[i];
        const struct program_stream *inputs = &program->source->streams[i];
        struct play_draw *draw = repetition > 0 ? &s->extra : &s->step;
        if (inputs->index_input < 0) continue;
        if (repetition > 0) draw_next(s, draw);
        set_input(program, inputs->index_input, draw->index);
        set_input(program, inputs->moves_input, draw->moves);
    }
}

static enum play_result run_phase(struct step *step, int index) {
    struct play *play = step->play;
    const struct game_phase *phase = &play->game->phases[index];
    struct play_program *program = &play->phases[index];
    int64_t every, repeat;
    program->ran = false;
    step->clock.updates = program->updates + 1;
    if (phase->when.expression && game_scalar(play->game, &phase->when, &step->clock) == 0)
        return PLAY_DONE;
    if (!phase_number(step, phase, "every", &phase->every, 1, &every)) return PLAY_FAILED;
    if (play->step % every) return PLAY_DONE;
    if (!phase_number(step, phase, "repeat", &phase->repeat, 0, &repeat)) return PLAY_FAILED;
    for (int64_t r = 0; r < repeat; r++) {
        give_draws(play, program, r);
        enum play_result result = run_program(step, program, r);
        if (result != PLAY_DONE) return result;
    }
    return PLAY_DONE;
}

enum play_result play_step(struct play *play, struct not_finite *where, struct error *error) {
    struct step step = {
        .play = play,
        .clock = {.step = play->step,
                  .epoch = play_epoch(play),
                  .images = play_images(play),
                  .runs = play->runs,
                  .state = play->state},
        .where = where,
        .error = error,
    };
    for (int i = 0; i < play->streams_count; i++)
        if (play->streams[i].drawn) draw_next(&play->streams[i], &play->streams[i].step);
    for (int i = 0; i < play->game->phases_count; i++) {
        enum play_result result = run_phase(&step, i);
        if (result != PLAY_DONE) return result;
    }
    if (play->end.program) {
        enum play_result result = run_program(&step, &play->end, 0);
        if (result != PLAY_DONE) return result;
    }
    read_state(play);
    play->step++;
    return PLAY_DONE;
}

bool play_metric(const struct play *play, int index, double *value) {
    const struct game_metric *metric = &play->game->metrics[index];
    const struct play_program *program =
        metric->phase < 0 ? &play->end : &play->phases[metric->phase];
    if (!program->program || !program->ran) return false;
    play->backend->output(program->program, metric->output, TYPE_FLOAT64, value);
    return true;
}

bool play_observed(const struct play *play) {
    for (int i = 0; i < play->game->phases_count; i++)
        if (play->game->phases[i].observes && play->phases[i].ran) return true;
    return false;
}
