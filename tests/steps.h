/*
 * Phases of whole games on the CPU backend and, from the same state, on the reference, and all that they leave compared.
 * Their data are made here, and nothing is read but configurations. After cmocka.h.
 *
 * The reference evaluates the graph as it was built, so that what the CPU's passes make of it is compared, too.
 */
#ifndef TESTS_STEPS_H
#define TESTS_STEPS_H

#include <math.h>
#include <string.h>

#include "engine/backend.h"
#include "runner/experiment.h"
#include "runner/game.h"
#include "runner/optimizer.h"

enum { EXAMPLES = 300 };

/* Examples of one stream, and which of them a phase gets. */
struct made_stream {
    void *values;
    int32_t *labels, *index, *moves;
};

/* A phase, or the end of a step: its number is behind theirs. */
struct played {
    int number;
    const struct game_program *source;
    struct program *fast, *slow; /* NULL: there is nothing to run */
};

struct steps {
    struct arena *arena;
    struct experiment *experiment;
    struct game *game;
    struct device *cpu, *exact;
    struct made_stream *streams; /* (data_count) */
    double **before;             /* (variables_count) as the run began */
    double *states;              /* (scalar_state_count) */
    int64_t *runs;               /* (phases_count + 1) by number */
    int64_t step;
    int32_t clock[3];
};

/* ---- the game ---- */

static const char *const steps_folders[] = {"configs", NULL};

/* Reads an experiment with what is set in it; it may then be changed before steps_build. */
static inline void steps_read(struct steps *s, const char *path, const char *const *sets) {
    memset(s, 0, sizeof *s);
    s->arena = arena_new();
    struct diagnostics diagnostics = {.arena = s->arena};
    struct config *root = config_load(path, steps_folders, sets, &diagnostics);
    if (root) s->experiment = experiment_read(root, steps_folders, s->arena, &diagnostics);
    diagnostics_print(&diagnostics, stderr, false);
    assert_int_equal(diagnostics.count, 0);
}

static inline void steps_build(struct steps *s) {
    struct diagnostics diagnostics = {.arena = s->arena};
    s->game = game_build(s->experiment, s->arena, &diagnostics);
    diagnostics_print(&diagnostics, stderr, false);
    assert_non_null(s->game);
}

static inline void steps_open(struct steps *s, int threads) {
    struct error error = {0};
    const struct game *game = s->game;
    s->cpu = backend_cpu.device_open(&(struct device_options){.threads = threads}, &error);
    s->exact = backend_reference.device_open(NULL, &error);
    assert_non_null(s->cpu);
    s->before = ARENA_ARRAY(s->arena, double *, game->variables_count);
    s->states = ARENA_ARRAY(s->arena, double, game->scalar_state_count);
    s->runs = ARENA_ARRAY(s->arena, int64_t, game->phases_count + 1);
    for (int i = 0; i < game->variables_count; i++) {
        const struct game_variable *v = game->variables[i];
        s->before[i] = ARENA_ARRAY(s->arena, double, shape_count(v->variable.shape));
        game_initial(game, v, 1, s->before[i]);
        backend_cpu.variable_create(s->cpu, &v->variable);
        backend_reference.variable_create(s->exact, &v->variable);
        backend_cpu.variable_write(s->cpu, &v->variable, TYPE_FLOAT64, s->before[i]);
    }
}

static inline void steps_close(struct steps *s) {
    backend_cpu.device_close(s->cpu);
    backend_reference.device_close(s->exact);
    arena_free(s->arena);
}

/* ---- made to be compared: between reading and building ---- */

/* Adam and its kin divide a gradient by its own size, so that one which is nearly nought, as that of a bias before batch norm,
 * may step either way. With a large epsilon the step is as smooth as the gradient. */
static inline void steps_smooth(struct experiment *x) {
    for (int i = 0; i < x->optimizers_count; i++) {
        const struct experiment_optimizer *o = &x->optimizers[i];
        for (const struct parameter *p = o->row->parameters; p->name; p++) {
            if (strcmp(p->name, "epsilon") != 0) continue;
            *(double *)((char *)(uintptr_t)o->options + p->offset) = 1;
            for (int k = 0; k < o->groups_count; k++)
                *(double *)((char *)(uintptr_t)o->groups[k].options + p->offset) = 1;
        }
    }
}

/* Examples in place of those of the data sets, of their shape: bytes, or points, and classes in turn. */
static inline void steps_make_data(struct steps *s) {
    struct experiment *x = s->experiment;
    s->streams = ARENA_ARRAY(s->arena, struct made_stream, x->data_count);
    for (int i = 0; i < x->data_count; i++) {
        struct dataset *d = &x->data[i].dataset;
        struct made_stream *m = &s->streams[i];
        d->count = EXAMPLES;
        int64_t count = d->count * dataset_example_size(d);
        uint8_t *bytes = ARENA_ARRAY(s->arena, uint8_t, d->type == DATA_UINT8 ? count : 1);
        float *numbers = ARENA_ARRAY(s->arena, float, d->type == DATA_UINT8 ? 1 : count);
        for (int64_t k = 0; k < count; k++)
            if (d->type == DATA_UINT8)
                bytes[k] = (uint8_t)(((k + 31 * i) * 7919) >> 5);
            else
                numbers[k] = (float)sin((double)(k + i) * 1.7);
        m->values = d->type == DATA_UINT8 ? (void *)bytes : numbers;
        m->labels = ARENA_ARRAY(s->arena, int32_t, EXAMPLES);
        for (int k = 0; d->classes && k < EXAMPLES; k++)
            m->labels[k] = experiment_label(&x->data[i], k % experiment_label_count(&x->data[i]));
        m->index = ARENA_ARRAY(s->arena, int32_t, x->batch);
        m->moves = ARENA_ARRAY(s->arena, int32_t, x->batch * VIEW_MOVES);
    }
}

/* ---- a run ---- */

/* What the host gives a program; `draw` tells which examples, and which numbers of its own it draws. */
static inline const void **steps_inputs(struct steps *s, const struct game_program *p, int64_t runs,
                                        int64_t draw) {
    const void **inputs = ARENA_ARRAY(s->arena, const void *, p->graph->inputs_count);
    float *scalars = ARENA_ARRAY(s->arena, float, p->scalars_count);
    struct game_clock clock = {
        .step = s->step, .updates = runs, .state = s->states, .runs = s->runs};
    for (int i = 0; i < s->game->scalar_state_count; i++)
        backend_cpu.variable_read(s->cpu, s->game->scalar_state[i], TYPE_FLOAT64, &s->states[i]);
    for (int i = 0; i < p->scalars_count; i++)
        scalars[i] = (float)game_scalar(s->game, &p->scalars[i], &clock);
    s->clock[0] = (int32_t)draw;
    if (p->clock_input >= 0) inputs[p->clock_input] = s->clock;
    if (p->scalars_input >= 0) inputs[p->scalars_input] = scalars;
    for (int i = 0; p->streams && i < s->experiment->data_count; i++) {
        const struct program_stream *stream = &p->streams[i];
        const struct experiment_data *data = &s->experiment->data[i];
        struct made_stream *m = &s->streams[i];
        for (int64_t k = 0; k < s->experiment->batch; k++)
            m->index[k] = (int32_t)((k * 31 + draw * 17 + i * 7) % EXAMPLES);
        view_draw(&data->view, &data->dataset.shape, 1, 0, draw, s->experiment->batch, m->moves);
        if (stream->values_input >= 0) inputs[stream->values_input] = m->values;
        if (stream->labels_input >= 0) inputs[stream->labels_input] = m->labels;
        if (stream->index_input >= 0) inputs[stream->index_input] = m->index;
        if (stream->moves_input >= 0) inputs[stream->moves_input] = m->moves;
    }
    return inputs;
}

/* Keeps the state of the CPU; puts back what was kept, on both. */
static inline void steps_keep(struct steps *s) {
    for (int i = 0; i < s->game->variables_count; i++)
        backend_cpu.variable_read(s->cpu, &s->game->variables[i]->variable, TYPE_FLOAT64,
                                  s->before[i]);
}

static inline void steps_put_back(struct steps *s) {
    for (int i = 0; i < s->game->variables_count; i++) {
        const struct variable *v = &s->game->variables[i]->variable;
        backend_cpu.variable_write(s->cpu, v, TYPE_FLOAT64, s->before[i]);
        backend_reference.variable_write(s->exact, v, TYPE_FLOAT64, s->before[i]);
    }
}

/* ---- what is compared ---- */

/* Root mean squares over a variable: its numbers, what the run changed in them, and how far the CPU's are from the reference's. */
struct change {
    double size, moved, far;
};

static inline struct change steps_change(struct steps *s, int i) {
    const struct variable *v = &s->game->variables[i]->variable;
    int64_t count = shape_count(v->shape);
    struct arena *scratch = arena_new();
    double *a = ARENA_ARRAY(scratch, double, count), *b = ARENA_ARRAY(scratch, double, count);
    struct change c = {0};
    backend_cpu.variable_read(s->cpu, v, TYPE_FLOAT64, a);
    backend_reference.variable_read(s->exact, v, TYPE_FLOAT64, b);
    for (int64_t k = 0; k < count; k++) {
        c.size += b[k] * b[k];
        c.moved += pow(b[k] - s->before[i][k], 2);
        c.far += pow(a[k] - b[k], 2);
    }
    arena_free(scratch);
    double n = (double)count;
    return (struct change){sqrt(c.size / n), sqrt(c.moved / n), sqrt(c.far / n)};
}

/* Of one kind are all parameters, all "adam/first_moment", all running means. */
static inline const char *steps_kind(const struct game_variable *v) {
    bool weight = v->role == ROLE_PARAMETER || v->role == ROLE_AVERAGE;
    return weight ? "" : strrchr(v->variable.name, '/');
}

/* A change may be off by what float32 loses in a sum. One that is nought but for rounding is measured by the largest of its
 * kind; and a variable is rounded itself. NULL: all are near. */
static inline const char *steps_far_variable(struct steps *s) {
    int count = s->game->variables_count;
    struct change *changes = ARENA_ARRAY(s->arena, struct change, count);
    for (int i = 0; i < count; i++)
        changes[i] = steps_change(s, i);
    for (int i = 0; i < count; i++) {
        const struct game_variable *v = s->game->variables[i];
        const struct change *c = &changes[i];
        double largest = 0;
        for (int k = 0; k < count; k++)
            if (!strcmp(steps_kind(v), steps_kind(s->game->variables[k])))
                largest = fmax(largest, changes[k].moved);
        if (!(c->far <= 5e-4 * c->moved + 1e-5 * largest + 3e-7 * c->size))
            return arena_format(s->arena, "%s is off by %g, where it changed by %g",
                                v->variable.name, c->far, c->moved);
    }
    return NULL;
}

static inline const char *steps_far_output(struct steps *s, const struct played *p) {
    const struct graph *graph = p->source->graph;
    for (int i = 0; i < graph->outputs_count; i++) {
        if (shape_count(graph->outputs[i].value->shape) != 1) continue;
        double x, y;
        backend_cpu.output(p->fast, i, TYPE_FLOAT64, &x);
        backend_reference.output(p->slow, i, TYPE_FLOAT64, &y);
        if (!(fabs(x - y) <= 2e-4 * fmax(1, fabs(y))))
            return arena_format(s->arena, "%s is %g, not %g", graph->outputs[i].name, x, y);
    }
    return NULL;
}

/* ---- steps ---- */

/*
 * A program from the state as it is. Where a number decides by its sign, as in relu, float32 may once decide otherwise than
 * double, and nothing that follows is near. With other draws it will not happen again: what is wrong is wrong with all.
 */
static inline void steps_run(struct steps *s, struct played *p) {
    const char *far = NULL;
    int64_t runs = ++s->runs[p->number];
    steps_keep(s);
    for (int64_t draw = s->step; draw < s->step + 300; draw += 100) {
        steps_put_back(s);
        const void **inputs = steps_inputs(s, p->source, runs, draw);
        assert_int_equal(backend_cpu.run(p->fast, inputs), RUN_DONE);
        assert_int_equal(backend_reference.run(p->slow, inputs), RUN_DONE);
        far = steps_far_output(s, p);
        if (!far) far = steps_far_variable(s);
        if (!far) return;
    }
    fail_msg("%s: %s", p->source->name, far);
}

static inline struct played steps_compile(struct steps *s, int number) {
    static const struct compile_options as_built = {.no_simplify = true};
    const struct game *game = s->game;
    struct error error = {0};
    bool end = number == game->phases_count;
    struct played p = {.number = number,
                       .source = end ? &game->end : &game->phases[number].program};
    if (!p.source->graph) return p;
    p.fast = backend_cpu.compile(s->cpu, s->arena, p.source->graph, NULL, &error);
    p.slow = backend_reference.compile(s->exact, s->arena, p.source->graph, &as_built, &error);
    if (!p.fast || !p.slow) fail_msg("%s", error.message);
    return p;
}

/* Compares so many steps of what steps_read has read: each phase once in each, whatever its `when`, `every` and `repeat`. */
static inline void steps_play(struct steps *s, int steps, int threads) {
    steps_smooth(s->experiment);
    steps_make_data(s);
    steps_build(s);
    steps_open(s, threads);
    int count = s->game->phases_count + 1;
    struct played *programs = ARENA_ARRAY(s->arena, struct played, count);
    for (int i = 0; i < count; i++)
        programs[i] = steps_compile(s, i);
    for (; s->step < steps; s->step++)
        for (int i = 0; i < count; i++)
            if (programs[i].fast) steps_run(s, &programs[i]);
    steps_close(s);
}

#endif
