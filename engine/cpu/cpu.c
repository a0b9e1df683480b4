/*
 * The CPU backend: lowered, fused and planned programs, run by a team of threads.
 *
 * Each variable has two memories: its value, and the one where a run makes the next. When the run
 * has succeeded the two change places, so that nothing is assigned unless all is, without a copy.
 * Kernels follow one another without a barrier where their memory does not conflict; short ones are
 * left to thread 0.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined __x86_64__
#include <xmmintrin.h>
#endif

#include "base/bug.h"
#include "engine/backend.h"
#include "engine/cpu/dnnl.h"
#include "engine/cpu/interpreter.h"
#include "engine/cpu/team.h"
#include "engine/fused.h"

struct storage {
    void *value, *next;
    size_t bytes;
};

struct device {
    const struct backend *backend;
    struct arena *arena;
    struct team *team;
    int threads;
    const struct interpreter *interpreter;
    struct storage *variables; /* by variable->index */
    int count;
    char identity[128];
};

struct stage {
    bool barrier; /* wait for the others before it */
    bool alone;   /* thread 0 does all of it */
};

struct program {
    struct device *device;
    struct arena *arena;
    const struct graph *source;
    struct kernels *kernels;
    struct stage *stages;
    char *block;
    void **memory;          /* of each buffer, in the last run */
    struct worker *workers; /* of each thread */
    struct compile_options options;
    struct kernel_profile *profile;
    bool profiling;
};

/* ---- the device ---- */

static const struct interpreter *best_interpreter(void) {
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512cd");
    return v4 ? &interpreter_v4 : v3 ? &interpreter_v3 : &interpreter_v2;
}

static const struct interpreter *find_interpreter(const char *isa, struct error *error) {
    static const struct interpreter *const all[] = {&interpreter_v2, &interpreter_v3,
                                                    &interpreter_v4};
    const struct interpreter *best = best_interpreter();
    if (!isa) return best;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!strcmp(all[i]->isa, isa)) return all[i];
        if (all[i] == best) break;
    }
    bool known = !strcmp(isa, "v2") || !strcmp(isa, "v3") || !strcmp(isa, "v4");
    if (known)
        error_set(error, STATUS_NO_DEVICE, "this processor has no x86-64-%s: the most it has is %s",
                  isa, best->isa);
    else
        error_set(error, STATUS_USAGE, "there is no instruction set '%s': v2, v3 or v4", isa);
    return NULL;
}

static void begin_thread(void *context, int thread, int threads) {
    (void)context, (void)thread, (void)threads;
    dnnl_thread_begin();
}

static void free_team(void *team) {
    team_free(team);
}

static struct device *cpu_open(const struct device_options *options, struct error *error) {
    const struct interpreter *interpreter = find_interpreter(options ? options->isa : NULL, error);
    if (!interpreter) return NULL;
    int threads = options && options->threads > 0 ? options->threads : team_default_threads();
    struct team *team = team_new(threads, error);
    if (!team) return NULL;
    struct arena *arena = arena_new();
    struct device *device = ARENA_NEW(arena, struct device);
    *device = (struct device){.backend = &backend_cpu,
                              .arena = arena,
                              .team = team,
                              .threads = threads,
                              .interpreter = interpreter};
    arena_on_free(arena, free_team, team);
    if (options && options->isa) dnnl_limit_isa(options->isa);
    snprintf(device->identity, sizeof device->identity, "cpu x86-64-%s, %d thread%s, %s",
             interpreter->isa, threads, threads > 1 ? "s" : "", dnnl_name());
    team_run(team, begin_thread, NULL);
    return device;
}

static void cpu_close(struct device *device) {
    if (device) arena_free(device->arena);
}

static void cpu_variable_create(struct device *device, const struct variable *variable) {
    BUG_IF(variable->index != device->count);
    size_t bytes = (size_t)shape_count(variable->shape) * dtype_size(variable->type);
    device->variables = ARENA_GROW(device->arena, device->variables, device->count);
    device->variables[device->count++] = (struct storage){arena_alloc(device->arena, bytes),
                                                          arena_alloc(device->arena, bytes), bytes};
}

static void cpu_variable_write(struct device *device, const struct variable *v, enum dtype type,
                               const void *src) {
    struct storage *s = &device->variables[v->index];
    if (v->type != TYPE_FLOAT32 || type == TYPE_FLOAT32) {
        memcpy(s->value, src, s->bytes);
        return;
    }
    for (int64_t i = 0; i < shape_count(v->shape); i++)
        ((float *)s->value)[i] = (float)((const double *)src)[i];
}

/* Copies `count` elements; floats as `type`. */
static void copy_out(void *dst, enum dtype type, const void *src, enum dtype from, int64_t count) {
    if (from != TYPE_FLOAT32 || type == TYPE_FLOAT32) {
        memcpy(dst, src, (size_t)count * dtype_size(from));
        return;
    }
    for (int64_t i = 0; i < count; i++)
        ((double *)dst)[i] = ((const float *)src)[i];
}

static void cpu_variable_read(struct device *device, const struct variable *v, enum dtype type,
                              void *dst) {
    copy_out(dst, type, device->variables[v->index].value, v->type, shape_count(v->shape));
}

/* ---- stages: who runs what, and where threads must meet ---- */

static bool overlap(const struct kernels *kernels, int a, int b) {
    const struct buffer *x = &kernels->buffers[a], *y = &kernels->buffers[b];
    if (a == b) return true;
    if (x->kind != BUFFER_PLANNED || y->kind != BUFFER_PLANNED) return false;
    int64_t x_end = x->offset + x->count * (int64_t)dtype_size(x->type),
            y_end = y->offset + y->count * (int64_t)dtype_size(y->type);
    return x->offset < y_end && y->offset < x_end;
}

static bool any_overlap(const struct kernels *kernels, const int *a, int na, const int *b, int nb) {
    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb; j++)
            if (overlap(kernels, a[i], b[j])) return true;
    return false;
}

static bool conflict(const struct kernels *kernels, const struct kernel *a,
                     const struct kernel *b) {
    return any_overlap(kernels, a->writes, a->writes_count, b->reads, b->reads_count) ||
           any_overlap(kernels, a->writes, a->writes_count, b->writes, b->writes_count) ||
           any_overlap(kernels, a->reads, a->reads_count, b->writes, b->writes_count);
}

/* Whether a kernel takes about as long as meeting the other threads does. */
static bool is_short(const struct kernel *k) {
    if (k->kind == KERNEL_MATMUL) return k->flops < 60000;
    if (k->kind == KERNEL_SCATTER_ADD) return true;
    int64_t elements = k->fused->outer * k->fused->reduced * k->fused->inner, work = 0;
    for (int i = 0; i < k->fused->code_count; i++)
        work += k->fused->code[i].op == OP_RANDOM ? 100 : 1;
    return elements * work < 16000;
}

static void set_stages(struct program *program) {
    const struct kernels *kernels = program->kernels;
    program->stages = ARENA_ARRAY(program->arena, struct stage, kernels->count + 1);
    int since = 0;
    for (int k = 0; k < kernels->count; k++) {
        struct stage *stage = &program->stages[k];
        stage->alone = program->device->threads == 1 || is_short(&kernels->list[k]);
        for (int j = since; j < k && !stage->barrier; j++)
            stage->barrier = !(stage->alone && program->stages[j].alone) &&
                             conflict(kernels, &kernels->list[j], &kernels->list[k]);
        if (stage->barrier) since = k;
    }
}

/* ---- compiling ---- */

static float *float_table(struct arena *arena, const struct node *n) {
    int64_t count = shape_count(n->shape);
    float *table = ARENA_ARRAY(arena, float, count);
    for (int64_t i = 0; i < count; i++) {
        if (n->type == TYPE_INT32)
            ((int32_t *)table)[i] = (int32_t)n->at.table[i];
        else
            table[i] = (float)n->at.table[i];
    }
    return table;
}

static int most_registers(const struct kernels *kernels) {
    int most = 1;
    for (int k = 0; k < kernels->count; k++)
        if (kernels->list[k].fused && kernels->list[k].fused->registers > most)
            most = kernels->list[k].fused->registers;
    return most;
}

static struct program *compile(struct device *device, struct arena *arena,
                               const struct graph *graph, const struct compile_options *options) {
    struct program *program = ARENA_NEW(arena, struct program);
    *program = (struct program){.device = device, .arena = arena, .source = graph};
    if (options) program->options = *options;
    struct graph *lowered = graph_lower(arena, graph_simplify(arena, graph));
    graph_verify(lowered, "lower");
    struct kernels *kernels = program->kernels =
        graph_fuse(arena, lowered, program->options.no_fuse);
    kernels_plan(kernels, program->options.no_plan);
    kernels_verify(kernels);
    set_stages(program);
    program->block = arena_alloc(arena, (size_t)kernels->block_bytes);
    program->memory = ARENA_ARRAY(arena, void *, kernels->buffers_count + 1);
    program->profile = ARENA_ARRAY(arena, struct kernel_profile, kernels->count + 1);
    program->workers = ARENA_ARRAY(arena, struct worker, device->threads);
    for (int t = 0; t < device->threads; t++) {
        program->workers[t].memory = program->memory;
        program->workers[t].registers = ARENA_ARRAY(arena, float, most_registers(kernels) * TILE);
    }
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind == BUFFER_PLANNED) program->memory[i] = program->block + b->offset;
        if (b->kind == BUFFER_CONSTANT) program->memory[i] = float_table(arena, b->constant);
    }
    return program;
}

static struct program *cpu_compile(struct device *device, struct arena *arena,
                                   const struct graph *graph, const struct compile_options *options,
                                   struct error *error) {
    (void)error;
    return compile(device, arena, graph, options);
}

/* ---- running ---- */

static void bind(struct program *program, const void *const *inputs) {
    const struct kernels *kernels = program->kernels;
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind == BUFFER_INPUT) program->memory[i] = (void *)(uintptr_t)inputs[b->input];
        if (b->kind == BUFFER_VARIABLE)
            program->memory[i] = program->device->variables[b->variable->index].value;
        if (b->kind == BUFFER_ASSIGNED)
            program->memory[i] = program->device->variables[b->variable->index].next;
    }
}

static void *place_memory(const struct program *program, struct place place) {
    const struct buffer *b = &program->kernels->buffers[place.buffer];
    return (char *)program->memory[place.buffer] + place.offset * (int64_t)dtype_size(b->type);
}

static void scatter_add(const struct program *program, const struct kernel *k) {
    const int32_t *index = place_memory(program, k->a);
    const float *rows = place_memory(program, k->b);
    float *dst = place_memory(program, k->dst);
    memset(dst, 0, (size_t)(k->m * k->n) * sizeof *dst);
    for (int64_t i = 0; i < k->k; i++) {
        int64_t row = index[i] < 0 ? 0 : index[i] >= k->m ? k->m - 1 : index[i];
        for (int64_t j = 0; j < k->n; j++)
            dst[row * k->n + j] = dst[row * k->n + j] + rows[i * k->n + j];
    }
}

/* This thread's share of a kernel; threads meet inside where a reduction has several chunks. */
static void run_kernel(struct program *program, int number, int thread, int threads) {
    const struct kernel *k = &program->kernels->list[number];
    struct worker *worker = &program->workers[thread];
    if (k->kind == KERNEL_MATMUL)
        dnnl_product(k, place_memory(program, k->a), place_memory(program, k->b),
                     place_memory(program, k->dst), thread, threads);
    else if (k->kind == KERNEL_SCATTER_ADD) {
        if (thread == 0) scatter_add(program, k);
    } else {
        program->device->interpreter->run(k->fused, worker, thread, threads, 0);
        if (k->fused->form == FORM_MAP || k->fused->chunks == 1) return;
        if (threads > 1) team_barrier(program->device->team);
        program->device->interpreter->run(k->fused, worker, thread, threads, 1);
    }
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Denormals count as zero while kernels run: they are slow, and mean nothing here. */
static unsigned flush_denormals(void) {
#if defined __x86_64__
    unsigned old = _mm_getcsr();
    _mm_setcsr(old | 0x8040);
    return old;
#else
    return 0;
#endif
}

static void restore_denormals(unsigned old) {
#if defined __x86_64__
    _mm_setcsr(old);
#else
    (void)old;
#endif
}

/*
 * oneDNN's generated code moves the stack pointer into its workspace, where the frame of a signal
 * handler would overwrite the heap. So no signal is delivered to this thread while kernels run (the
 * team's other threads take none at all); a signal waits for the end of the run.
 */
static void run_undisturbed(struct team *team, void (*work)(void *, int, int), void *context) {
    static const int at_once[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t held, old;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof at_once / sizeof *at_once; i++)
        sigdelset(&held, at_once[i]);
    pthread_sigmask(SIG_BLOCK, &held, &old);
    team_run(team, work, context);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void run_all(void *context, int thread, int threads) {
    struct program *program = context;
    unsigned old = flush_denormals();
    for (int k = 0; k < program->kernels->count; k++) {
        const struct stage *stage = &program->stages[k];
        if (stage->barrier && threads > 1) team_barrier(program->device->team);
        if (stage->alone && thread) continue;
        run_kernel(program, k, thread, stage->alone ? 1 : threads);
    }
    restore_denormals(old);
}

static void run_profiled(void *context, int thread, int threads) {
    struct program *program = context;
    unsigned old = flush_denormals();
    for (int k = 0; k < program->kernels->count; k++) {
        const struct stage *stage = &program->stages[k];
        team_barrier(program->device->team);
        double start = seconds_now();
        if (!stage->alone || !thread) run_kernel(program, k, thread, stage->alone ? 1 : threads);
        team_barrier(program->device->team);
        if (thread) continue;
        struct kernel_profile *row = &program->profile[k];
        double seconds = seconds_now() - start;
        row->seconds += seconds;
        if (!row->runs++ || seconds < row->fastest) row->fastest = seconds;
    }
    restore_denormals(old);
}

static bool all_finite(const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

static void poison(struct program *program) {
    memset(program->block, 0xff, (size_t)program->kernels->block_bytes);
    for (int i = 0; i < program->kernels->graph->assignments_count; i++) {
        const struct storage *s =
            &program->device->variables[program->kernels->graph->assignments[i].variable->index];
        memset(s->next, 0xff, s->bytes);
    }
}

static bool run_is_finite(const struct program *program) {
    const struct kernels *kernels = program->kernels;
    for (int t = 0; t < program->device->threads; t++)
        if (program->workers[t].not_finite) return false;
    for (int i = 0; i < kernels->graph->outputs_count; i++) {
        const struct node *n = kernels->graph->outputs[i].value;
        if (n->type == TYPE_FLOAT32 &&
            !all_finite(place_memory(program, kernels->outputs[i]), shape_count(n->shape)))
            return false;
    }
    return true;
}

static enum run_result cpu_run(struct program *program, const void *const *inputs) {
    struct device *device = program->device;
    const struct graph *graph = program->kernels->graph;
    bind(program, inputs);
    if (program->options.poison) poison(program);
    for (int t = 0; t < device->threads; t++)
        program->workers[t].not_finite = false;
    run_undisturbed(device->team, program->profiling ? run_profiled : run_all, program);
    if (!run_is_finite(program)) return RUN_NOT_FINITE;
    for (int i = 0; i < graph->assignments_count; i++) {
        struct storage *s = &device->variables[graph->assignments[i].variable->index];
        void *old = s->value;
        s->value = s->next;
        s->next = old;
    }
    return RUN_DONE;
}

static void cpu_output(struct program *program, int index, enum dtype type, void *dst) {
    const struct node *n = program->kernels->graph->outputs[index].value;
    copy_out(dst, type, place_memory(program, program->kernels->outputs[index]), n->type,
             shape_count(n->shape));
}

/* ---- where a number first was not finite ---- */

static bool node_is_finite(const struct program *program, const struct node *n) {
    struct place place = program->kernels->places[n->id];
    if (place.buffer < 0 || n->type != TYPE_FLOAT32) return true;
    return all_finite(place_memory(program, place), shape_count(n->shape));
}

/* From a value that is not finite to the first that was not: as long as a source is not finite, go
 * to it. */
static const struct node *first_bad(const struct program *program, const struct node *n) {
    for (;;) {
        const struct node *earlier = NULL;
        for (int s = 0; s < n->sources && !earlier; s++)
            if (!node_is_finite(program, n->source[s])) earlier = n->source[s];
        if (!earlier) return n;
        n = earlier;
    }
}

static bool cpu_locate(struct program *program, const void *const *inputs,
                       struct not_finite *where) {
    struct arena *arena = arena_new();
    struct compile_options options = {.no_fuse = true, .no_plan = true};
    struct program *slow = compile(program->device, arena, program->source, &options);
    const struct graph *graph = slow->kernels->graph;
    bind(slow, inputs);
    run_undisturbed(program->device->team, run_all, slow);
    *where = (struct not_finite){0};
    const struct node *bad = NULL;
    for (int i = 0; i < graph->assignments_count && !bad; i++)
        if (!node_is_finite(slow, graph->assignments[i].value)) {
            bad = graph->assignments[i].value;
            where->variable = graph->assignments[i].variable->name;
        }
    for (int i = 0; i < graph->outputs_count && !bad; i++)
        if (!node_is_finite(slow, graph->outputs[i].value)) bad = graph->outputs[i].value;
    if (bad) {
        bad = first_bad(slow, bad);
        where->what = op_rows[bad->op].name;
        where->label = bad->label;
        where->origin = bad->origin;
    }
    arena_free(arena);
    return bad != NULL;
}

/* ---- reports ---- */

static void cpu_profile_start(struct program *program) {
    program->profiling = true;
    for (int k = 0; k < program->kernels->count; k++) {
        const struct kernel *kernel = &program->kernels->list[k];
        program->profile[k] = (struct kernel_profile){.name = kernel->name,
                                                      .label = kernel->node->label,
                                                      .flops = kernel->flops,
                                                      .bytes = kernel->bytes};
    }
}

static const struct kernel_profile *cpu_profile(struct program *program, int *count) {
    *count = program->kernels->count;
    return program->profile;
}

static struct program_costs cpu_costs(struct program *program) {
    const struct kernels *kernels = program->kernels;
    struct program_costs costs = {.nodes = kernels->graph->count,
                                  .kernels = kernels->count,
                                  .block_bytes = kernels->block_bytes};
    for (int k = 0; k < kernels->count; k++) {
        costs.products += kernels->list[k].kind == KERNEL_MATMUL;
        costs.flops += kernels->list[k].flops;
        costs.bytes += kernels->list[k].bytes;
    }
    return costs;
}

static void cpu_print(struct program *program, FILE *file) {
    kernels_print(program->kernels, file);
}

static const char *cpu_identity(struct device *device) {
    return device->identity;
}

static int cpu_threads(struct device *device) {
    return device->threads;
}

const struct backend backend_cpu = {
    .name = "cpu",
    .doc = "oneDNN for matrix products, fused programs for all else, on a team of threads",
    .real = TYPE_FLOAT32,
    .device_open = cpu_open,
    .device_close = cpu_close,
    .variable_create = cpu_variable_create,
    .variable_write = cpu_variable_write,
    .variable_read = cpu_variable_read,
    .compile = cpu_compile,
    .run = cpu_run,
    .output = cpu_output,
    .locate = cpu_locate,
    .profile_start = cpu_profile_start,
    .profile = cpu_profile,
    .costs = cpu_costs,
    .print = cpu_print,
    .identity = cpu_identity,
    .threads = cpu_threads,
};
