/* Matrix products by oneDNN; the only file that sees it is dnnl.c. */
#ifndef ENGINE_CPU_DNNL_H
#define ENGINE_CPU_DNNL_H

#include "engine/fused.h"

/* Limits oneDNN to an instruction set ("v2", "v3", "v4"). Only the first call in a process has an
 * effect. */
void dnnl_limit_isa(const char *isa);

/* "oneDNN 2.6.3" */
const char *dnnl_name(void);

/* This thread's share of a product: rows of dst, or of the batch, are divided among the threads;
   each share is a product by oneDNN on one thread. */
void dnnl_product(const struct kernel *kernel, const float *a, const float *b, float *dst,
                  int thread, int threads);

/* Tells oneDNN that this thread works alone. Called once by every thread of a team. */
void dnnl_thread_begin(void);

#endif
