/* The interpreter of fused programs; compiled once for each instruction set. */
#ifndef ENGINE_CPU_INTERPRETER_H
#define ENGINE_CPU_INTERPRETER_H

#include "engine/cpu/depthwise.h"
#include "engine/cpu/winograd.h"
#include "engine/fused.h"

enum {
    TILE = 512
}; /* elements that an instruction works on at a time: they stay in the first-level cache */

/* What a thread needs to run kernels. */
struct worker {
    void *const *memory; /* of each buffer, in this run */
    float *registers;    /* registers_most * TILE */
    float *scratch;      /* for convolutions */
    bool not_finite;     /* set when a checked store saw a number that is not finite */
};

struct interpreter {
    const char *isa;
    /* Runs this thread's share of a fused kernel. Phase 0 is all of it, but for reductions in
       several chunks: there, phase 1, after a barrier, combines them. */
    void (*run)(const struct fused *fused, struct worker *worker, int thread, int threads,
                int phase);
    /* For convolutions. */
    const struct winograd *winograd;
    depthwise_row *depthwise_row;
};

extern const struct interpreter interpreter_v2, interpreter_v3, interpreter_v4;

#endif
