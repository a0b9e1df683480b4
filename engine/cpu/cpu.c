/*
 * The CPU backend: lowered, fused and planned programs, run by a team of threads.
 *
 * A run makes the next value of a variable in spare memory. When the run has succeeded, that and the
 * variable's memory change places, so that nothing is assigned unless all is, without a copy.
 * Programs share the spares, and one room for all that does not outlive a run, as one runs at a time.
 * Kernels follow one another without a barrier where their memory does not conflict; short ones are
 * left to thread 0.
 */
#include <string.h>

#include "base/bug.h"
#include "base/processors.h"
#include "engine/cpu/dnnl.h"
#include "engine/cpu/program.h"

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
    int threads = options && options->threads > 0 ? options->threads : processors_count();
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
    if (!device) return;
    arena_free(device->room_arena);
    arena_free(device->arena);
}

static void cpu_variable_create(struct device *device, const struct variable *variable) {
    BUG_IF(variable->index != device->count);
    size_t bytes = (size_t)shape_count(variable->shape) * dtype_size(variable->type);
    device->variables = ARENA_GROW(device->arena, device->variables, device->count);
    device->variables[device->count++] = (struct storage){arena_alloc(device->arena, bytes), bytes};
}

static void cpu_variable_write(struct device *device, const struct variable *v, enum dtype type,
                               const void *src) {
    struct storage *s = &device->variables[v->index];
    if (v->type != TYPE_FLOAT32 || type == TYPE_FLOAT32) {
        memcpy(s->memory, src, s->bytes);
        return;
    }
    for (int64_t i = 0; i < shape_count(v->shape); i++)
        ((float *)s->memory)[i] = (float)((const double *)src)[i];
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
    copy_out(dst, type, device->variables[v->index].memory, v->type, shape_count(v->shape));
}

/* ---- programs ---- */

static struct program *cpu_compile(struct device *device, struct arena *arena,
                                   const struct graph *graph, const struct compile_options *options,
                                   struct error *error) {
    (void)error;
    return program_compile(device, arena, graph, options);
}

static void cpu_output(struct program *program, int index, enum dtype type, void *dst) {
    const struct node *n = program->kernels->graph->outputs[index].value;
    copy_out(dst, type, program->outputs[index], n->type, shape_count(n->shape));
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
        costs.products += op_rows[kernels->list[k].node->op].class == OP_CLASS_PRODUCT &&
                          kernels->list[k].kind != KERNEL_FUSED;
        costs.flops += kernels->list[k].flops;
        costs.bytes += kernels->list[k].bytes;
    }
    return costs;
}

static struct memory_plan cpu_memory(struct program *program, struct arena *arena) {
    return kernels_memory(program->kernels, arena);
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
    .run = program_run,
    .output = cpu_output,
    .locate = program_locate,
    .profile_start = cpu_profile_start,
    .profile = cpu_profile,
    .costs = cpu_costs,
    .memory = cpu_memory,
    .print = cpu_print,
    .identity = cpu_identity,
    .threads = cpu_threads,
};
