/*
 * The graph fuzzer's parts, in the order in which a graph goes through them: make.c draws a random
 * valid graph by recipes (recipes_*.c), bound.c adds to it how far each number may be off in
 * float32, check.c runs it on the reference and on a backend in several ways and compares, shrink.c
 * makes a failing one small.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>

#include "engine/backend.h"

/* A graph and all that it is fed: enough to run it. Lives in one arena. */
struct subject {
    struct arena *arena;
    struct graph *graph;
    struct variable **variables; /* by index */
    void **initial;              /* by variable index: float32 or int32 */
    int variables_count;
    void **inputs; /* by number of the graph's input */
    uint64_t seed;
};

/* The numbers of one type as the host exchanges them: float32 for every float. */
size_t host_size(enum dtype type);
bool is_real_type(enum dtype type);

/* Draws the graph of `seed`; no tensor has more than `largest` elements, nor an axis more than
 * `extent_most`. */
struct subject *subject_make(struct arena *arena, uint64_t seed, int64_t extent_most);

/*
 * Copies `graph` into `arena` and adds for every node the bound of its error in float32, made of
 * the same primitives: bounds[id] is NULL where a node is exact. images[id] is the copy of node id.
 * Outputs and assignments are not copied.
 */
struct bounded {
    struct graph *graph;
    struct node **images, **bounds;
};
struct bounded graph_bound(struct arena *arena, const struct graph *graph);

/* What the reference says of one run from a given state. */
struct oracle;
struct oracle *oracle_new(struct arena *arena, const struct subject *subject);
void oracle_run(struct oracle *oracle, void *const *state, void *const *inputs);
/* Node `id`'s value after a run, in double; and its bound, or NULL. */
const double *oracle_value(const struct oracle *oracle, int id);
const double *oracle_bound(const struct oracle *oracle, int id);
/* Some number was not finite, or near the ends of float32's range: nothing is promised then. */
bool oracle_extreme(const struct oracle *oracle);
void oracle_free(struct oracle *oracle);

struct check_options {
    const struct backend *backend;
    struct device_options device;
    struct compile_options compile;
};
struct finding {
    bool failed;
    char text[1024];
};
struct check_counts { /* how much was really compared */
    int64_t graphs, extreme, nodes, numbers, undecided, guards, ops[OP_COUNT];
};
/* Runs the subject in every way and compares; the first difference goes into `finding`. */
void subject_check(const struct subject *subject, const struct check_options *options,
                   struct finding *finding, struct check_counts *counts);

/* The smallest subject found that still fails; `fails` must not change this process. */
const struct subject *subject_shrink(struct arena *arena, const struct subject *subject,
                                     bool (*fails)(const struct subject *subject, void *context),
                                     void *context);

/* Prints the graph with its variables and, where small, what they and the inputs hold. */
void subject_print(const struct subject *subject, FILE *file);

#endif
