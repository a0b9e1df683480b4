/*
 * The memory plan: every planned buffer gets a place in one block, so that no two that are alive at
 * once overlap. Largest first, each at the lowest offset that is free during its life (Pisarchyk
 * and Lee 2020, "greedy by size").
 */
#include "base/bug.h"
#include "engine/fused.h"

enum { ALIGNMENT = 64 };

static int64_t buffer_bytes(const struct buffer *b) {
    int64_t bytes = b->count * (int64_t)dtype_size(b->type);
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void set_lives(struct kernels *kernels) {
    for (int i = 0; i < kernels->buffers_count; i++)
        kernels->buffers[i].first = kernels->count, kernels->buffers[i].last = -1;
    for (int k = 0; k < kernels->count; k++) {
        const struct kernel *kernel = &kernels->list[k];
        for (int i = 0; i < kernel->reads_count + kernel->writes_count; i++) {
            int id = i < kernel->reads_count ? kernel->reads[i]
                                             : kernel->writes[i - kernel->reads_count];
            struct buffer *b = &kernels->buffers[id];
            if (k < b->first) b->first = k;
            if (k > b->last) b->last = k;
        }
    }
    for (int i = 0; i < kernels->buffers_count; i++)
        if (kernels->buffers[i].output) kernels->buffers[i].last = kernels->count;
}

static bool alive_together(const struct buffer *a, const struct buffer *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset where `b` overlaps none of the placed buffers that live with it. `placed` is
 * ordered by offset. */
static int64_t free_offset(const struct kernels *kernels, const int *placed, int count,
                           const struct buffer *b) {
    int64_t offset = 0;
    for (int i = 0; i < count; i++) {
        const struct buffer *other = &kernels->buffers[placed[i]];
        if (!alive_together(b, other)) continue;
        if (other->offset >= offset + buffer_bytes(b)) break;
        int64_t end = other->offset + buffer_bytes(other);
        if (end > offset) offset = end;
    }
    return offset;
}

static void insert_by_offset(const struct kernels *kernels, int *placed, int *count, int id) {
    int i = (*count)++;
    for (; i > 0 && kernels->buffers[placed[i - 1]].offset > kernels->buffers[id].offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = id;
}

void kernels_plan(struct kernels *kernels, bool no_plan) {
    struct arena *scratch = arena_new();
    int *order = ARENA_ARRAY(scratch, int, kernels->buffers_count + 1),
        *placed = ARENA_ARRAY(scratch, int, kernels->buffers_count + 1);
    int count = 0, done = 0;
    set_lives(kernels);
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind != BUFFER_PLANNED || b->last < 0) continue;
        int at = count++;
        for (; at > 0 && buffer_bytes(&kernels->buffers[order[at - 1]]) < buffer_bytes(b); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    kernels->block_bytes = 0;
    for (int i = 0; i < count; i++) {
        struct buffer *b = &kernels->buffers[order[i]];
        b->offset = no_plan ? kernels->block_bytes : free_offset(kernels, placed, done, b);
        insert_by_offset(kernels, placed, &done, order[i]);
        if (b->offset + buffer_bytes(b) > kernels->block_bytes)
            kernels->block_bytes = b->offset + buffer_bytes(b);
    }
    arena_free(scratch);
}

static void check_overlaps(const struct kernels *kernels) {
    for (int i = 0; i < kernels->buffers_count; i++)
        for (int j = 0; j < i; j++) {
            const struct buffer *a = &kernels->buffers[i], *b = &kernels->buffers[j];
            if (a->kind != BUFFER_PLANNED || b->kind != BUFFER_PLANNED || a->last < 0 ||
                b->last < 0)
                continue;
            if (!alive_together(a, b)) continue;
            bool apart = a->offset + buffer_bytes(a) <= b->offset ||
                         b->offset + buffer_bytes(b) <= a->offset;
            if (!apart) BUG("buffers %d and %d overlap while both are alive", i, j);
        }
}

void kernels_verify(const struct kernels *kernels) {
    struct arena *scratch = arena_new();
    bool *written = ARENA_ARRAY(scratch, bool, kernels->buffers_count + 1);
    for (int i = 0; i < kernels->buffers_count; i++)
        written[i] = kernels->buffers[i].kind != BUFFER_PLANNED &&
                     kernels->buffers[i].kind != BUFFER_ASSIGNED;
    for (int k = 0; k < kernels->count; k++) {
        const struct kernel *kernel = &kernels->list[k];
        for (int i = 0; i < kernel->reads_count; i++)
            if (!written[kernel->reads[i]])
                BUG("kernel %d reads buffer %d before it is written", k, kernel->reads[i]);
        for (int i = 0; i < kernel->writes_count; i++) {
            enum buffer_kind kind = kernels->buffers[kernel->writes[i]].kind;
            if (kind != BUFFER_PLANNED && kind != BUFFER_ASSIGNED)
                BUG("kernel %d writes what it may only read", k);
            written[kernel->writes[i]] = true;
        }
    }
    for (int i = 0; i < kernels->graph->assignments_count; i++)
        if (!written[kernels->variables[i]])
            BUG("the next value of %s is never made",
                kernels->graph->assignments[i].variable->name);
    check_overlaps(kernels);
    arena_free(scratch);
}

static void print_map(const struct fused *fused, const struct map *map, FILE *file) {
    fprintf(file, "%lld", (long long)map->base);
    for (int a = 0; a < fused->axes; a++) {
        if (map->stride[a]) fprintf(file, " + %lld i%d", (long long)map->stride[a], a);
        if (map->count[a])
            fprintf(file, " (i%d: %lld.. by %lld, %lld of them)", a, (long long)map->low[a],
                    (long long)map->step[a], (long long)map->count[a]);
    }
    if (map->gather) {
        fprintf(file, " + %lld * b%d[", (long long)map->gather->row_stride, map->gather->buffer);
        print_map(fused, &map->gather->map, file);
        fputc(']', file);
    }
}

static const char *operation_name(uint8_t op) {
    static const char *const more[] = {"constant", "index",   "load",   "store",
                                       "mul_add",  "mul_sub", "sub_mul"};
    return op < OP_COUNT ? op_rows[op].name : more[op - OP_COUNT];
}

static void print_fused(const struct kernels *kernels, const struct fused *fused, FILE *file) {
    static const char *const forms[] = {"map", "row", "column"};
    fprintf(file, "    %s over", forms[fused->form]);
    for (int a = 0; a < fused->axes; a++) {
        const char *group = a < fused->outer_axes                         ? ""
                            : a < fused->outer_axes + fused->reduced_axes ? " reduced"
                                                                          : " inner";
        fprintf(file, "%s %lld%s", a ? "," : "", (long long)fused->extent[a], group);
    }
    fputc('\n', file);
    for (int i = 0; i < fused->code_count; i++) {
        const struct instruction *k = &fused->code[i];
        const struct leaf *leaf = k->op == FUSED_LOAD    ? &fused->loads[k->leaf]
                                  : k->op == FUSED_STORE ? &fused->stores[k->leaf]
                                  : k->store >= 0        ? &fused->stores[k->store]
                                                         : NULL;
        fputs("      ", file);
        if (k->dst >= 0) fprintf(file, "r%d = ", k->dst);
        fputs(operation_name(k->op), file);
        if (k->a >= 0) fprintf(file, " r%d", k->a);
        if (k->b >= 0) fprintf(file, " r%d", k->b);
        if (k->c >= 0) fprintf(file, " r%d", k->c);
        if (k->op == FUSED_CONSTANT) fprintf(file, " %g", k->value);
        if (leaf) {
            fprintf(file, "%s b%d[", k->op == FUSED_LOAD ? "" : " ->", leaf->buffer);
            print_map(fused, &leaf->map, file);
            fputc(']', file);
            const struct variable *v = kernels->buffers[leaf->buffer].variable;
            if (v) fprintf(file, " (%s)", v->name);
        }
        fputc('\n', file);
    }
    for (int i = 0; i < fused->reductions_count; i++) {
        const struct reduction *r = &fused->reductions[i];
        fprintf(file, "      %s of r%d -> b%d[%lld]%s\n", operation_name(r->op), r->src,
                r->dst.buffer, (long long)r->dst.offset, fused->chunks > 1 ? " in chunks" : "");
    }
}

void kernels_print(const struct kernels *kernels, FILE *file) {
    for (int k = 0; k < kernels->count; k++) {
        const struct kernel *kernel = &kernels->list[k];
        fprintf(file, "%3d %s", k, kernel->name);
        if (kernel->node->label) fprintf(file, "   # %s", kernel->node->label);
        fputc('\n', file);
        if (kernel->kind == KERNEL_FUSED)
            print_fused(kernels, kernel->fused, file);
        else
            fprintf(
                file,
                "    b%d[%lld] = b%d[%lld]%s x b%d[%lld]%s   batch %lld, m %lld, n %lld, k %lld\n",
                kernel->dst.buffer, (long long)kernel->dst.offset, kernel->a.buffer,
                (long long)kernel->a.offset, kernel->transpose_a ? "'" : "", kernel->b.buffer,
                (long long)kernel->b.offset, kernel->transpose_b ? "'" : "",
                (long long)kernel->batch, (long long)kernel->m, (long long)kernel->n,
                (long long)kernel->k);
    }
    fprintf(file, "%d kernels, block of %lld bytes\n", kernels->count,
            (long long)kernels->block_bytes);
}
