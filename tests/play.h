/*
 * Plays a game on the reference backend, for tests: builds it from YAML text, makes its variables,
 * runs its phases, reads metrics and variables.
 */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "engine/backend.h"
#include "runner/experiment.h"
#include "runner/game.h"

struct play {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct experiment *experiment;
    struct game *game; /* NULL: wrong, see diagnostics */
    struct device *device;
    struct program **programs; /* one a phase, then the end's */
    struct test_stream {
        struct dataset data;
        struct stream stream;
        int32_t *index;
        int32_t *moves; /* (batch, VIEW_MOVES) zeros, for the test to change */
    } * streams;        /* one a data stream */
    double states[16];
    int64_t *updates; /* one a phase */
    int64_t step;
    double *row; /* room for one metric or variable */
    bool exact;  /* set between play_read and play_start: see play_make_exact */
};

/* Builds the text; on mistakes `game` is NULL. */
static void play_read(struct play *p, const char *text) {
    static const char *const folders[] = {"configs", NULL};
    memset(p, 0, sizeof *p);
    p->arena = arena_new();
    p->diagnostics.arena = p->arena;
    struct config *root = config_parse("test.yaml", text, strlen(text), folders, &p->diagnostics);
    if (root) p->experiment = experiment_read(root, folders, p->arena, &p->diagnostics);
    if (p->experiment) p->game = game_build(p->experiment, p->arena, &p->diagnostics);
}

/* The host's numbers come in as they are, not as float32, so that all is computed in double. */
static void play_make_exact(const struct game_program *program) {
    for (int i = 0; i < program->graph->count; i++) {
        struct node *n = program->graph->nodes[i];
        if (n->op == OP_INPUT && n->at.input == program->scalars_input) n->type = TYPE_FLOAT64;
    }
}

static struct program *play_compile(struct play *p, const struct game_program *program) {
    struct compile_options options = {.no_simplify = p->exact};
    struct error error = {0};
    if (!program->graph) return NULL;
    graph_verify(program->graph, "building");
    if (p->exact) play_make_exact(program);
    return backend_reference.compile(p->device, p->arena, program->graph, &options, &error);
}

/* Makes what was read ready to run; prints mistakes and gives false where there are some. */
static bool play_start(struct play *p) {
    struct error error = {0};
    struct device_options options = {0};
    if (!p->game) {
        diagnostics_print(&p->diagnostics, stderr, false);
        return false;
    }
    const struct game *g = p->game;
    p->device = backend_reference.device_open(&options, &error);
    int64_t longest = 1;
    for (int i = 0; i < g->variables_count; i++) {
        int64_t count = shape_count(g->variables[i]->variable.shape);
        longest = count > longest ? count : longest;
    }
    p->row = ARENA_ARRAY(p->arena, double, longest);
    for (int i = 0; i < g->variables_count; i++) {
        const struct game_variable *v = g->variables[i];
        backend_reference.variable_create(p->device, &v->variable);
        game_initial(g, v, p->experiment->seed, p->row);
        backend_reference.variable_write(p->device, &v->variable, TYPE_FLOAT64, p->row);
    }
    p->programs = ARENA_ARRAY(p->arena, struct program *, g->phases_count + 1);
    p->updates = ARENA_ARRAY(p->arena, int64_t, g->phases_count + 1);
    for (int i = 0; i < g->phases_count; i++)
        p->programs[i] = play_compile(p, &g->phases[i].program);
    p->programs[g->phases_count] = play_compile(p, &g->end);
    p->streams = ARENA_ARRAY(p->arena, struct test_stream, p->experiment->data_count);
    for (int i = 0; i < p->experiment->data_count; i++) {
        struct experiment_data *data = &p->experiment->data[i];
        struct test_stream *s = &p->streams[i];
        if (!dataset_load(&data->request, p->arena, &s->data, &error) ||
            !stream_init(&s->stream, &data->stream, s->data.count, 1, p->arena, &error))
            BUG("%s", error.message);
        s->index = ARENA_ARRAY(p->arena, int32_t, data->stream.batch);
        s->moves = ARENA_ARRAY(p->arena, int32_t, data->stream.batch * VIEW_MOVES);
        stream_next(&s->stream, s->index);
    }
    return true;
}

static inline bool play_open(struct play *p, const char *text) {
    play_read(p, text);
    return play_start(p);
}

static void play_close(struct play *p) {
    if (p->device) backend_reference.device_close(p->device);
    arena_free(p->arena);
}

static const struct game_variable *play_variable(const struct play *p, const char *name) {
    for (int i = 0; i < p->game->variables_count; i++)
        if (!strcmp(p->game->variables[i]->variable.name, name)) return p->game->variables[i];
    BUG("no variable '%s'", name);
}

static inline void play_write(struct play *p, const char *name, const double *values) {
    backend_reference.variable_write(p->device, &play_variable(p, name)->variable, TYPE_FLOAT64,
                                     values);
}

static inline void play_get(struct play *p, const char *name, double *values) {
    backend_reference.variable_read(p->device, &play_variable(p, name)->variable, TYPE_FLOAT64,
                                    values);
}

/* One run of phase `i` (phases_count: the end of the step). */
static inline bool play_run(struct play *p, int i, int repetition) {
    const struct game *g = p->game;
    const struct game_program *program = i < g->phases_count ? &g->phases[i].program : &g->end;
    const void *inputs[16] = {0};
    float scalars[64];
    double numbers[64];
    int32_t clock[3] = {(int32_t)p->step, 0, repetition};
    if (!p->programs[i]) return true;
    p->updates[i]++;
    for (int k = 0; k < g->scalar_state_count; k++)
        backend_reference.variable_read(p->device, g->scalar_state[k], TYPE_FLOAT64, &p->states[k]);
    struct game_clock now = {.step = p->step,
                             .images = p->step * p->experiment->batch,
                             .updates = p->updates[i],
                             .runs = p->updates,
                             .state = p->states};
    for (int k = 0; k < program->scalars_count; k++)
        scalars[k] = (float)(numbers[k] = game_scalar(g, &program->scalars[k], &now));
    if (program->clock_input >= 0) inputs[program->clock_input] = clock;
    if (program->scalars_input >= 0)
        inputs[program->scalars_input] = p->exact ? (const void *)numbers : scalars;
    for (int k = 0; program->streams && k < p->experiment->data_count; k++) {
        const struct program_stream *s = &program->streams[k];
        if (s->values_input >= 0) inputs[s->values_input] = p->streams[k].data.values;
        if (s->labels_input >= 0) inputs[s->labels_input] = p->streams[k].data.labels;
        if (s->index_input >= 0) inputs[s->index_input] = p->streams[k].index;
        if (s->moves_input >= 0) inputs[s->moves_input] = p->streams[k].moves;
    }
    return backend_reference.run(p->programs[i], inputs) == RUN_DONE;
}

static inline bool play_step(struct play *p) {
    bool good = true;
    for (int i = 0; i <= p->game->phases_count; i++)
        good = play_run(p, i, 0) && good;
    for (int i = 0; i < p->experiment->data_count; i++)
        stream_next(&p->streams[i].stream, p->streams[i].index);
    p->step++;
    return good;
}

/* A metric of the last run of its phase. */
static inline double play_metric(struct play *p, const char *name) {
    for (int i = 0; i < p->game->metrics_count; i++)
        if (!strcmp(p->game->metrics[i].name, name)) {
            double value;
            backend_reference.output(p->programs[p->game->metrics[i].phase],
                                     p->game->metrics[i].output, TYPE_FLOAT64, &value);
            return value;
        }
    BUG("no metric '%s'", name);
}

/* The graphs of all phases as text; the caller frees it. */
static inline char *play_graphs(const struct play *p) {
    char *bytes;
    size_t size;
    FILE *file = open_memstream(&bytes, &size);
    for (int i = 0; i < p->game->phases_count; i++)
        graph_print(p->game->phases[i].program.graph, file);
    fclose(file);
    return bytes;
}

#endif
