/* Matrix products by oneDNN (2.x and 3.x), called on each thread of the team for its share; see
 * dnnl.h. */
#include "engine/cpu/dnnl.h"

#include <dnnl.h>
#include <omp.h>
#include <string.h>

#include "base/bug.h"
#include "base/whole.h"

void dnnl_limit_isa(const char *isa) {
    dnnl_cpu_isa_t limit = !strcmp(isa, "v2")   ? dnnl_cpu_isa_sse41
                           : !strcmp(isa, "v3") ? dnnl_cpu_isa_avx2
                                                : dnnl_cpu_isa_avx512_core;
    dnnl_set_max_cpu_isa(limit);
}

const char *dnnl_name(void) {
    static char name[64];
    const dnnl_version_t *v = dnnl_version();
    snprintf(name, sizeof name, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    return name;
}

void dnnl_thread_begin(void) {
    omp_set_num_threads(1);
}

void dnnl_matrix(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                 const float *a, int64_t lda, const float *b, int64_t ldb, bool add, float *c,
                 int64_t ldc) {
    dnnl_status_t status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k,
                                      1.0f, a, lda, b, ldb, add ? 1.0f : 0.0f, c, ldc);
    if (status != dnnl_success) BUG("oneDNN refused a product: status %d", (int)status);
}

/* Rows first .. first + rows of one product. */
static void product_rows(const struct kernel *k, const float *a, const float *b, float *dst,
                         int64_t first, int64_t rows) {
    int64_t lda = k->transpose_a ? k->m : k->k, ldb = k->transpose_b ? k->k : k->n;
    const float *from = a + (k->transpose_a ? first : first * lda);
    dnnl_matrix(k->transpose_a, k->transpose_b, rows, k->n, k->k, from, lda, b, ldb, false,
                dst + first * k->n, k->n);
}

void dnnl_product(const struct kernel *k, const float *a, const float *b, float *dst, int part,
                  int parts) {
    enum { ROWS = 8 }; /* parts are multiples of this many rows, but for the last */
    int64_t blocks = divide_up(k->m, ROWS), all = k->batch * blocks;
    for (int64_t at = all * part / parts, end = all * (part + 1) / parts; at < end;) {
        int64_t batch = at / blocks, block = at % blocks,
                count = blocks - block < end - at ? blocks - block : end - at;
        int64_t first = block * ROWS,
                rows = count * ROWS < k->m - first ? count * ROWS : k->m - first;
        product_rows(k, a + batch * k->m * k->k, b + batch * k->k * k->n, dst + batch * k->m * k->n,
                     first, rows);
        at += count;
    }
}
