/* Matrix products by oneDNN; the only file that sees it is dnnl.c. */
#ifndef ENGINE_CPU_DNNL_H
#define ENGINE_CPU_DNNL_H

#include "engine/fused.h"

/* Limits oneDNN to an instruction set ("v2", "v3", "v4"). Only the first call in a process has an
 * effect. */
void dnnl_limit_isa(const char *isa);

/* "oneDNN 2.6.3" */
const char *dnnl_name(void);

/* One of `parts` parts of a product: rows of dst, or of the batch, are divided among them;
   each part is a product by oneDNN on one thread. */
void dnnl_product(const struct kernel *kernel, const float *a, const float *b, float *dst, int part,
                  int parts);

/* c (m, n) = a (m, k) x b (k, n), added to c if `add`; row-major, elements of neighbouring rows lda,
   ldb, ldc apart; a factor that is transposed lies as (k, m) or (n, k). On this thread alone. */
void dnnl_matrix(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                 const float *a, int64_t lda, const float *b, int64_t ldb, bool add, float *c,
                 int64_t ldc);

/* Tells oneDNN that this thread works alone. Called once by every thread of a team. */
void dnnl_thread_begin(void);

#endif
