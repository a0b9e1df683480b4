/* A program of the CPU backend, and the device that it runs on; see cpu.c. */
#ifndef ENGINE_CPU_PROGRAM_H
#define ENGINE_CPU_PROGRAM_H

#include <stdatomic.h>

#include "engine/backend.h"
#include "engine/cpu/interpreter.h"
#include "engine/cpu/team.h"
#include "engine/fused.h"

struct storage {
    void *memory;
    size_t bytes;
};

struct device {
    const struct backend *backend;
    struct arena *arena;
    struct team *team;
    int threads;
    const struct interpreter *interpreter;
    struct storage *variables; /* by variable->index */
    struct storage *spares;    /* in which runs make the next values of variables */
    int count, spares_count;
    struct storage room; /* of the program that runs; nothing in it outlives a run */
    struct arena *room_arena;
    char identity[128];
};

struct stage {
    bool barrier; /* wait for the others before it */
    bool alone;   /* thread 0 does all of it */
    int parts;    /* that each of the threads begins with; 1 if alone */
};

struct program {
    struct device *device;
    struct arena *arena;
    const struct graph *source;
    struct kernels *kernels;
    struct stage *stages;
    atomic_int *begun;      /* (kernels, threads): how many of a thread's own parts are begun */
    int *spare;             /* of graph->assignments: the number of one of the device's spares */
    void **memory;          /* of each buffer, in the last run */
    void **outputs;         /* as the last run left them */
    struct worker *workers; /* of each thread */
    int64_t registers, scratch; /* floats of a worker */
    struct compile_options options;
    struct kernel_profile *profile;
    bool profiling;
};

/* ---- program.c ---- */

/* The program of a graph; lives in `arena`. */
struct program *program_compile(struct device *device, struct arena *arena,
                                const struct graph *graph, const struct compile_options *options);

/* In the device's room lies the block of planned buffers, then each thread's registers and scratch: where a thread's begin. */
size_t program_room(const struct program *program, int thread);

/* ---- run.c ---- */

/* As struct backend's run and locate. */
enum run_result program_run(struct program *program, const void *const *inputs);
bool program_locate(struct program *program, const void *const *inputs, struct not_finite *where);

/* Where a value lies, in the last run. */
void *program_memory(const struct program *program, struct place place);

#endif
