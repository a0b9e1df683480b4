/* Running a program, and finding where a number first was not finite. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#if defined __x86_64__
#include <xmmintrin.h>
#endif

#include "engine/cpu/conv.h"
#include "engine/cpu/dnnl.h"
#include "engine/cpu/program.h"

/* ---- running ---- */

static void bind(struct program *program, const void *const *inputs) {
    const struct kernels *kernels = program->kernels;
    char *room = program->device->room.memory;
    for (int t = 0; t < program->device->threads; t++) {
        float *registers = (float *)(room + program_room(program, t));
        program->workers[t] = (struct worker){.memory = program->memory,
                                              .registers = registers,
                                              .scratch = registers + program->registers};
    }
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind == BUFFER_PLANNED) program->memory[i] = room + b->offset;
        if (b->kind == BUFFER_INPUT) program->memory[i] = (void *)(uintptr_t)inputs[b->input];
        if (b->kind == BUFFER_VARIABLE)
            program->memory[i] = program->device->variables[b->variable->index].memory;
    }
    for (int i = 0; i < kernels->graph->assignments_count; i++)
        program->memory[kernels->variables[i]] = program->device->spares[program->spare[i]].memory;
}

void *program_memory(const struct program *program, struct place place) {
    const struct buffer *b = &program->kernels->buffers[place.buffer];
    return (char *)program->memory[place.buffer] + place.offset * (int64_t)dtype_size(b->type);
}

static void scatter_add(const struct program *program, const struct kernel *k) {
    const int32_t *index = program_memory(program, k->a);
    const float *rows = program_memory(program, k->b);
    float *dst = program_memory(program, k->dst);
    memset(dst, 0, (size_t)(k->m * k->n) * sizeof *dst);
    for (int64_t i = 0; i < k->k; i++) {
        int64_t row = index[i] < 0 ? 0 : index[i] >= k->m ? k->m - 1 : index[i];
        for (int64_t j = 0; j < k->n; j++)
            dst[row * k->n + j] = dst[row * k->n + j] + rows[i * k->n + j];
    }
}

/* One of `parts` equal parts of a kernel. */
static void run_part(struct program *program, const struct kernel *k, struct worker *worker,
                     int phase, int part, int parts) {
    if (k->kind == KERNEL_MATMUL)
        dnnl_product(k, program_memory(program, k->a), program_memory(program, k->b),
                     program_memory(program, k->dst), part, parts);
    else if (k->kind == KERNEL_CONV)
        conv_run(k, program->device->interpreter, program_memory(program, k->a),
                 program_memory(program, k->b), program_memory(program, k->dst), worker->scratch,
                 part, parts);
    else if (k->kind == KERNEL_SCATTER_ADD) {
        if (part == 0) scatter_add(program, k);
    } else
        program->device->interpreter->run(k->fused, worker, part, parts, phase);
}

/* A thread makes its own parts of a kernel, then those that the others have not begun: a core may be slower than another one, or
 * busy with something else. */
static void run_parts(struct program *program, int number, int thread) {
    int threads = program->device->threads, own = program->stages[number].parts;
    atomic_int *begun = program->begun + number * threads;
    for (int i = 0; i < threads; i++) {
        int whose = (thread + i) % threads, part;
        while ((part = atomic_fetch_add_explicit(&begun[whose], 1, memory_order_relaxed)) < own)
            run_part(program, &program->kernels->list[number], &program->workers[thread], 0,
                     whose * own + part, threads * own);
    }
}

/* This thread's share of a kernel; threads meet inside where a reduction has several chunks. */
static void run_kernel(struct program *program, int number, int thread, int threads) {
    const struct kernel *k = &program->kernels->list[number];
    struct worker *worker = &program->workers[thread];
    bool combined = k->kind == KERNEL_FUSED && k->fused->form != FORM_MAP && k->fused->chunks > 1;
    if (program->stages[number].parts > 1)
        run_parts(program, number, thread);
    else
        run_part(program, k, worker, 0, thread, threads);
    if (!combined) return;
    if (threads > 1) team_barrier(program->device->team);
    run_part(program, k, worker, 1, thread, threads);
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
static void run_undisturbed(struct program *program, void (*work)(void *, int, int),
                            void *context) {
    static const int at_once[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t held, old;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof at_once / sizeof *at_once; i++)
        sigdelset(&held, at_once[i]);
    for (int i = 0; i < program->kernels->count * program->device->threads; i++)
        atomic_store_explicit(&program->begun[i], 0, memory_order_relaxed);
    pthread_sigmask(SIG_BLOCK, &held, &old);
    team_run(program->device->team, work, context);
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

/* Kernel by kernel, with a look at what each has made and the time it took. */
struct watch {
    struct program *program;
    void (*look)(struct watch *watch, int kernel, double seconds);
};

static void run_watched(void *context, int thread, int threads) {
    struct watch *watch = context;
    struct program *program = watch->program;
    unsigned old = flush_denormals();
    for (int k = 0; k < program->kernels->count; k++) {
        bool alone = program->stages[k].alone;
        team_barrier(program->device->team);
        double start = seconds_now();
        if (!alone || !thread) run_kernel(program, k, thread, alone ? 1 : threads);
        team_barrier(program->device->team);
        if (!thread) watch->look(watch, k, seconds_now() - start);
    }
    restore_denormals(old);
}

static void look_at_time(struct watch *watch, int kernel, double seconds) {
    struct kernel_profile *row = &watch->program->profile[kernel];
    row->seconds += seconds;
    if (!row->runs++ || seconds < row->fastest) row->fastest = seconds;
}

static bool all_finite(const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

static void poison(struct program *program) {
    memset(program->device->room.memory, 0xff, (size_t)program->kernels->block_bytes);
    for (int i = 0; i < program->kernels->graph->assignments_count; i++) {
        const struct storage *s = &program->device->spares[program->spare[i]];
        memset(s->memory, 0xff, s->bytes);
    }
}

static bool run_is_finite(const struct program *program) {
    const struct kernels *kernels = program->kernels;
    for (int t = 0; t < program->device->threads; t++)
        if (program->workers[t].not_finite) return false;
    for (int i = 0; i < kernels->graph->outputs_count; i++) {
        const struct node *n = kernels->graph->outputs[i].value;
        if (n->type == TYPE_FLOAT32 &&
            !all_finite(program_memory(program, kernels->outputs[i]), shape_count(n->shape)))
            return false;
    }
    return true;
}

enum run_result program_run(struct program *program, const void *const *inputs) {
    struct device *device = program->device;
    const struct graph *graph = program->kernels->graph;
    bind(program, inputs);
    if (program->options.poison) poison(program);
    struct watch watch = {program, look_at_time};
    if (program->profiling)
        run_undisturbed(program, run_watched, &watch);
    else
        run_undisturbed(program, run_all, program);
    if (!run_is_finite(program)) return RUN_NOT_FINITE;
    for (int i = 0; i < graph->outputs_count; i++) {
        const struct node *n = graph->outputs[i].value;
        memcpy(program->outputs[i], program_memory(program, program->kernels->outputs[i]),
               (size_t)shape_count(n->shape) * dtype_size(n->type));
    }
    for (int i = 0; i < graph->assignments_count; i++) {
        struct storage *variable = &device->variables[graph->assignments[i].variable->index],
                       *spare = &device->spares[program->spare[i]], old = *variable;
        *variable = *spare;
        *spare = old;
    }
    return RUN_DONE;
}

/* ---- where a number first was not finite ---- */

/* What is finite of a run, told of each node as soon as its kernel has run: later its memory is another's. */
struct search {
    struct watch watch;
    bool *finite;       /* of each node */
    int *first, *nodes; /* nodes[first[b]] to nodes[first[b + 1] - 1] lie in buffer b */
};

static void look_at_buffer(struct search *s, int buffer) {
    const struct program *program = s->watch.program;
    const struct kernels *kernels = program->kernels;
    for (int i = s->first[buffer]; i < s->first[buffer + 1]; i++) {
        const struct node *n = kernels->graph->nodes[s->nodes[i]];
        s->finite[n->id] =
            n->type != TYPE_FLOAT32 ||
            all_finite(program_memory(program, kernels->places[n->id]), shape_count(n->shape));
    }
}

static void look_at_numbers(struct watch *watch, int number, double seconds) {
    const struct kernel *k = &watch->program->kernels->list[number];
    (void)seconds;
    for (int i = 0; i < k->writes_count; i++)
        look_at_buffer((struct search *)watch, k->writes[i]);
}

static struct search *search_new(struct program *program, struct arena *arena) {
    struct search *s = ARENA_NEW(arena, struct search);
    const struct kernels *kernels = program->kernels;
    const struct place *places = kernels->places;
    int nodes = kernels->graph->count, buffers = kernels->buffers_count;
    *s = (struct search){.watch = {program, look_at_numbers},
                         .finite = ARENA_ARRAY(arena, bool, nodes),
                         .first = ARENA_ARRAY(arena, int, buffers + 1),
                         .nodes = ARENA_ARRAY(arena, int, nodes)};
    int *end = ARENA_ARRAY(arena, int, buffers);
    for (int i = 0; i < nodes; i++) {
        s->finite[i] = true;
        if (places[i].buffer >= 0) s->first[places[i].buffer + 1]++;
    }
    for (int b = 0; b < buffers; b++)
        end[b] = s->first[b + 1] += s->first[b];
    for (int i = 0; i < nodes; i++)
        if (places[i].buffer >= 0) s->nodes[--end[places[i].buffer]] = i;
    return s;
}

/* From a value that is not finite to the first that was not: as long as a source is not finite, go
 * to it. */
static const struct node *first_bad(const struct search *search, const struct node *n) {
    for (;;) {
        const struct node *earlier = NULL;
        for (int s = 0; s < n->sources && !earlier; s++)
            if (!search->finite[n->source[s]->id]) earlier = n->source[s];
        if (!earlier) return n;
        n = earlier;
    }
}

bool program_locate(struct program *program, const void *const *inputs, struct not_finite *where) {
    struct arena *arena = arena_new();
    struct compile_options options = program->options;
    options.no_fuse = true;
    struct program *slow = program_compile(program->device, arena, program->source, &options);
    const struct graph *graph = slow->kernels->graph;
    bind(slow, inputs);
    struct search *search = search_new(slow, arena);
    for (int b = 0; b < slow->kernels->buffers_count; b++)
        if (slow->kernels->buffers[b].kind != BUFFER_PLANNED &&
            slow->kernels->buffers[b].kind != BUFFER_ASSIGNED)
            look_at_buffer(search, b);
    run_undisturbed(slow, run_watched, search);
    *where = (struct not_finite){0};
    const struct node *bad = NULL;
    for (int i = 0; i < graph->assignments_count && !bad; i++)
        if (!search->finite[graph->assignments[i].value->id]) {
            bad = graph->assignments[i].value;
            where->variable = graph->assignments[i].variable->name;
        }
    for (int i = 0; i < graph->outputs_count && !bad; i++)
        if (!search->finite[graph->outputs[i].value->id]) bad = graph->outputs[i].value;
    if (bad) {
        bad = first_bad(search, bad);
        where->what = op_rows[bad->op].name;
        where->label = bad->label;
        where->origin = bad->origin;
    }
    arena_free(arena);
    return bad != NULL;
}
