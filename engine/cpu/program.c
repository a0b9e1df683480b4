/* From a graph to a program: lowered, fused and planned, with a stage for each kernel. */
#include "engine/cpu/program.h"

#include "engine/cpu/conv.h"

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

/* About how many operations on a number. */
static int64_t fused_work(const struct fused *fused) {
    int64_t elements = fused->outer * fused->reduced * fused->inner, work = 0;
    for (int i = 0; i < fused->code_count; i++)
        work += fused->code[i].op == OP_RANDOM ? 100 : 1;
    return elements * work;
}

/* Whether a kernel takes about as long as meeting the other threads does. */
static bool is_short(const struct kernel *k) {
    if (k->kind == KERNEL_MATMUL || k->kind == KERNEL_CONV) return k->flops < 60000;
    if (k->kind == KERNEL_SCATTER_ADD) return true;
    return fused_work(k->fused) < 16000;
}

/* How many parts of a kernel each thread begins with. A part of a product is not small, as each packs a whole
   operand anew. */
static int count_parts(const struct kernel *k, int threads) {
    enum { PARTS_MOST = 4, ROWS_LEAST = 256, WORK_LEAST = 1 << 16 };
    int64_t most = k->kind == KERNEL_MATMUL ? k->batch * k->m / ROWS_LEAST
                   : k->kind == KERNEL_CONV ? conv_parts(k)
                                            : fused_work(k->fused) / WORK_LEAST;
    return most < 2 * threads            ? 1
           : most > PARTS_MOST * threads ? PARTS_MOST
                                         : (int)(most / threads);
}

/* Since the last barrier: the kernels of thread 0, which conflict only with those of all threads, and
 * these. */
struct since {
    int *alone, *shared, alone_count, shared_count;
};

static bool any_conflict(const struct kernels *kernels, const int *list, int count, int kernel) {
    for (int i = count - 1; i >= 0; i--)
        if (conflict(kernels, &kernels->list[list[i]], &kernels->list[kernel])) return true;
    return false;
}

static void set_stages(struct program *program) {
    const struct kernels *kernels = program->kernels;
    struct arena *scratch = arena_new();
    struct since since = {.alone = ARENA_ARRAY(scratch, int, kernels->count + 1),
                          .shared = ARENA_ARRAY(scratch, int, kernels->count + 1)};
    program->stages = ARENA_ARRAY(program->arena, struct stage, kernels->count + 1);
    program->begun =
        ARENA_ARRAY(program->arena, atomic_int, kernels->count * program->device->threads + 1);
    for (int k = 0; k < kernels->count; k++) {
        struct stage *stage = &program->stages[k];
        stage->alone = program->device->threads == 1 || is_short(&kernels->list[k]);
        stage->parts = stage->alone ? 1 : count_parts(&kernels->list[k], program->device->threads);
        stage->barrier =
            any_conflict(kernels, since.shared, since.shared_count, k) ||
            (!stage->alone && any_conflict(kernels, since.alone, since.alone_count, k));
        if (stage->barrier) since.alone_count = since.shared_count = 0;
        if (stage->alone)
            since.alone[since.alone_count++] = k;
        else
            since.shared[since.shared_count++] = k;
    }
    arena_free(scratch);
}

/* ---- compiling ---- */

/* Finds, or makes, a spare memory of its own for each variable that is assigned. */
static void find_spares(struct program *program) {
    const struct graph *graph = program->kernels->graph;
    struct device *device = program->device;
    program->spare = ARENA_ARRAY(program->arena, int, graph->assignments_count + 1);
    struct arena *scratch = arena_new();
    bool *taken = ARENA_ARRAY(scratch, bool, device->spares_count + graph->assignments_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        size_t bytes = device->variables[graph->assignments[i].variable->index].bytes;
        int s = 0;
        while (s < device->spares_count && (taken[s] || device->spares[s].bytes != bytes))
            s++;
        if (s == device->spares_count) {
            device->spares = ARENA_GROW(device->arena, device->spares, device->spares_count);
            device->spares[device->spares_count++] =
                (struct storage){arena_alloc(device->arena, bytes), bytes};
        }
        taken[s] = true;
        program->spare[i] = s;
    }
    arena_free(scratch);
}

static size_t in_lines(size_t bytes) {
    enum { LINE = 64 };
    return (bytes + LINE - 1) / LINE * LINE;
}

size_t program_room(const struct program *program, int thread) {
    size_t worker = in_lines((size_t)(program->registers + program->scratch) * sizeof(float));
    return in_lines((size_t)program->kernels->block_bytes) + (size_t)thread * worker;
}

/* Programs share one room, as one runs at a time. */
static void find_room(const struct program *program) {
    struct device *device = program->device;
    size_t bytes = program_room(program, device->threads);
    if (bytes <= device->room.bytes) return;
    arena_free(device->room_arena);
    device->room_arena = arena_new();
    device->room = (struct storage){arena_alloc(device->room_arena, bytes), bytes};
}

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

static int64_t most_scratch(const struct kernels *kernels) {
    int64_t most = 0;
    for (int k = 0; k < kernels->count; k++)
        if (kernels->list[k].kind == KERNEL_CONV && conv_scratch(&kernels->list[k]) > most)
            most = conv_scratch(&kernels->list[k]);
    return most;
}

struct program *program_compile(struct device *device, struct arena *arena,
                                const struct graph *graph, const struct compile_options *options) {
    struct program *program = ARENA_NEW(arena, struct program);
    *program = (struct program){.device = device, .arena = arena, .source = graph};
    if (options) program->options = *options;
    struct graph *lowered =
        graph_lower(arena, graph_simplify(arena, graph), program->options.winograd);
    graph_verify(lowered, "lower");
    struct kernels *kernels = program->kernels =
        graph_fuse(arena, lowered, program->options.no_fuse);
    kernels_plan(kernels, program->options.no_plan);
    kernels_verify(kernels);
    set_stages(program);
    find_spares(program);
    program->memory = ARENA_ARRAY(arena, void *, kernels->buffers_count + 1);
    program->profile = ARENA_ARRAY(arena, struct kernel_profile, kernels->count + 1);
    program->workers = ARENA_ARRAY(arena, struct worker, device->threads);
    program->registers = most_registers(kernels) * TILE;
    program->scratch = most_scratch(kernels);
    program->outputs = ARENA_ARRAY(arena, void *, lowered->outputs_count + 1);
    for (int i = 0; i < lowered->outputs_count; i++) {
        const struct node *n = lowered->outputs[i].value;
        program->outputs[i] =
            arena_alloc(arena, (size_t)shape_count(n->shape) * dtype_size(n->type));
    }
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind == BUFFER_CONSTANT) program->memory[i] = float_table(arena, b->constant);
    }
    find_room(program);
    return program;
}
