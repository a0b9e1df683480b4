/*
 * What a backend offers: a device that keeps variables, and programs compiled from graphs that run
 * on it.
 *
 * A run reads variables as they were at its start. If every float that would be assigned and every
 * output is finite, all assignments happen, together, at its end; otherwise none does.
 */
#ifndef ENGINE_BACKEND_H
#define ENGINE_BACKEND_H

#include "base/error.h"
#include "engine/graph.h"

struct device;  /* each backend's own; begins with struct backend const * */
struct program; /* likewise */

struct device_options {
    int threads;     /* 0: as many as affinity and cgroup quota allow */
    const char *isa; /* cpu: "v2", "v3", "v4"; NULL: the best of the processor */
};

struct compile_options {
    bool no_fuse; /* each operation a kernel of its own: the same bits */
    bool no_plan; /* each value memory of its own: the same bits */
    bool poison;  /* fills the block with NaN before each run: for tests */
    int winograd; /* tile of each convolution that can be made by tiles; 0: where they pay, the best (winograd.h): for tests */
    bool no_simplify; /* the reference only: evaluates the graph as it was built, which must then
                         outlive the program: for tests */
};

enum run_result { RUN_DONE, RUN_NOT_FINITE /* nothing was assigned */ };

/* Where a number first was not finite. */
struct not_finite {
    const char *what;            /* "output discriminator.loss", or the operation: "matmul" */
    const char *label;           /* the layer, "generator/linear_2"; may be NULL */
    const char *variable;        /* the variable whose update it spoils; may be NULL */
    const struct origin *origin; /* may be NULL */
};

struct kernel_profile {
    const char *name, *label;   /* "fused 12: add, less, select", "discriminator/linear_1" */
    double seconds;             /* over all profiled runs */
    double fastest;             /* seconds of the fastest run */
    int64_t runs, flops, bytes; /* flops and bytes of one run */
};

struct program_costs {
    int nodes, kernels, products; /* of the lowered graph */
    int64_t flops, bytes; /* of one run: arithmetic, and memory read and written by kernels */
    int64_t block_bytes;  /* the planned block */
};

/* A value in the block of intermediate results. Before `first` and after `last` its bytes are another's. */
struct memory_value {
    const char *what,
        *label;      /* the operation that makes it, "matmul", and its layer; label may be NULL */
    int first, last; /* kernels: the one that makes it, the last that reads it; last == kernels:
                                 the host reads it after the run */
    int64_t offset, bytes;
};

/* Who lives where, and when. */
struct memory_plan {
    int kernels, count;
    const char *const *names, *const *labels; /* (kernels) as in struct kernel_profile */
    const struct memory_value *values;        /* (count) */
    int64_t block_bytes;
};

struct backend {
    const char *name, *doc;
    enum dtype real; /* what it computes floats in: FLOAT32 or FLOAT64 */
    struct device *(*device_open)(const struct device_options *options, struct error *error);
    void (*device_close)(struct device *device);
    /* Makes room for a variable, zeroed; its index must be the number of those made before. */
    void (*variable_create)(struct device *device, const struct variable *variable);
    /* Copies between host memory and a variable's. Float variables are exchanged as `type`, FLOAT32
     * or FLOAT64; others as they are. */
    void (*variable_write)(struct device *device, const struct variable *variable, enum dtype type,
                           const void *src);
    void (*variable_read)(struct device *device, const struct variable *variable, enum dtype type,
                          void *dst);
    /* Compiles a graph (gradients taken, not yet simplified). The program lives in `arena` and goes
     * with it. */
    struct program *(*compile)(struct device *device, struct arena *arena,
                               const struct graph *graph, const struct compile_options *options,
                               struct error *error);
    /* Runs it; inputs[i] is the memory of graph input i: float inputs as float32, whatever the
     * backend computes in. */
    enum run_result (*run)(struct program *program, const void *const *inputs);
    /* Copies output `index` of the last run, floats as `type`. */
    void (*output)(struct program *program, int index, enum dtype type, void *dst);
    /* Runs again on the same inputs, kernel by kernel, and tells where a number first was not
     * finite; nothing is assigned. */
    bool (*locate)(struct program *program, const void *const *inputs, struct not_finite *where);
    /* From now on (on: true) runs time each kernel; returns the rows so far. */
    void (*profile_start)(struct program *program);
    const struct kernel_profile *(*profile)(struct program *program, int *count);
    struct program_costs (*costs)(struct program *program);
    /* The plan of the program's memory, in `arena`. */
    struct memory_plan (*memory)(struct program *program, struct arena *arena);
    /* Prints the lowered program. */
    void (*print)(struct program *program, FILE *file);
    /* What decided its bits beside the code: "cpu v4, 2 threads, oneDNN 2.6.3". */
    const char *(*identity)(struct device *device);
    int (*threads)(struct device *device);
};

extern const struct backend backend_reference, backend_cpu;
/* By name, or NULL. */
const struct backend *backend_find(const char *name);

#endif
