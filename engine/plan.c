/*
 * The memory plan: every planned buffer gets a place in one block, so that no two that are alive at
 * once overlap. Largest first, each at the lowest offset that is free during its life (Pisarchyk
 * and Lee 2020, "greedy by size").
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/whole.h"
#include "engine/backend.h"
#include "engine/fused.h"

enum { ALIGNMENT = 64 };

static int64_t buffer_bytes(const struct buffer *b) {
    int64_t bytes = b->count * (int64_t)dtype_size(b->type);
    return divide_up(bytes, ALIGNMENT) * ALIGNMENT;
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

static bool is_planned(const struct buffer *b) {
    return b->kind == BUFFER_PLANNED && b->last >= 0;
}

/* Kernels for which memory is taken. */
struct life {
    int first, last;
};

/* Bytes of the block that several buffers have one after the other: their lives, in order. Long chains have few of these. */
struct range {
    int64_t begin, end;
    struct life *lives;
    int count;
};

/* All that is taken, in order of begin and end. */
struct taken {
    struct arena *arena;
    struct range *ranges;
    int count;
};

/* How many of a range's lives end before a kernel. */
static int lives_before(const struct range *range, int kernel) {
    int low = 0, high = range->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (range->lives[middle].last < kernel)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The lowest offset where `b` overlaps nothing that lives with it. */
static int64_t free_offset(const struct taken *taken, const struct buffer *b) {
    int64_t offset = 0, bytes = buffer_bytes(b);
    for (int i = 0; i < taken->count && taken->ranges[i].begin < offset + bytes; i++) {
        const struct range *range = &taken->ranges[i];
        int next = lives_before(range, b->first);
        bool together = next < range->count && range->lives[next].first <= b->last;
        if (together && range->end > offset) offset = range->end;
    }
    return offset;
}

static struct range *range_at(struct taken *taken, int64_t begin, int64_t end) {
    int i = taken->count;
    const struct range *r = taken->ranges;
    while (i > 0 && (r[i - 1].begin > begin || (r[i - 1].begin == begin && r[i - 1].end > end)))
        i--;
    if (i > 0 && r[i - 1].begin == begin && r[i - 1].end == end) return &taken->ranges[i - 1];
    memmove(&taken->ranges[i + 1], &taken->ranges[i],
            (size_t)(taken->count++ - i) * sizeof *taken->ranges);
    taken->ranges[i] = (struct range){.begin = begin, .end = end};
    return &taken->ranges[i];
}

static void take(struct taken *taken, const struct buffer *b) {
    struct range *range = range_at(taken, b->offset, b->offset + buffer_bytes(b));
    range->lives = ARENA_GROW(taken->arena, range->lives, range->count);
    int at = lives_before(range, b->first);
    memmove(&range->lives[at + 1], &range->lives[at],
            (size_t)(range->count++ - at) * sizeof *range->lives);
    range->lives[at] = (struct life){b->first, b->last};
}

struct sized {
    int64_t bytes;
    int buffer;
};

/* Larger ones first; of one size, those that were made first. */
static int compare_sized(const void *a, const void *b) {
    const struct sized *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->buffer < y->buffer ? -1 : 1;
}

static int order_by_size(const struct kernels *kernels, struct sized *order) {
    int count = 0;
    for (int i = 0; i < kernels->buffers_count; i++)
        if (is_planned(&kernels->buffers[i]))
            order[count++] = (struct sized){buffer_bytes(&kernels->buffers[i]), i};
    qsort(order, (size_t)count, sizeof *order, compare_sized);
    return count;
}

void kernels_plan(struct kernels *kernels, bool no_plan) {
    struct arena *scratch = arena_new();
    struct sized *order = ARENA_ARRAY(scratch, struct sized, kernels->buffers_count + 1);
    struct taken taken = {scratch, ARENA_ARRAY(scratch, struct range, kernels->buffers_count + 1),
                          0};
    set_lives(kernels);
    int count = order_by_size(kernels, order);
    kernels->block_bytes = 0;
    for (int i = 0; i < count; i++) {
        struct buffer *b = &kernels->buffers[order[i].buffer];
        b->offset = no_plan ? kernels->block_bytes : free_offset(&taken, b);
        take(&taken, b);
        if (b->offset + buffer_bytes(b) > kernels->block_bytes)
            kernels->block_bytes = b->offset + buffer_bytes(b);
    }
    arena_free(scratch);
}

static int compare_lives(const void *a, const void *b) {
    const struct buffer *x = *(const struct buffer *const *)a,
                        *y = *(const struct buffer *const *)b;
    return (x->first > y->first) - (x->first < y->first);
}

/* The node whose value a buffer is, as far as one is told. */
static const struct node *node_of(const struct kernels *kernels, int buffer) {
    for (int i = 0; i < kernels->graph->count; i++)
        if (kernels->places[i].buffer == buffer) return kernels->graph->nodes[i];
    return NULL;
}

struct memory_plan kernels_memory(const struct kernels *kernels, struct arena *arena) {
    struct memory_plan plan = {.kernels = kernels->count, .block_bytes = kernels->block_bytes};
    const char **names = ARENA_ARRAY(arena, const char *, kernels->count + 1),
               **labels = ARENA_ARRAY(arena, const char *, kernels->count + 1);
    struct memory_value *values =
        ARENA_ARRAY(arena, struct memory_value, kernels->buffers_count + 1);
    for (int k = 0; k < kernels->count; k++) {
        names[k] = kernels->list[k].name;
        labels[k] = kernels->list[k].node->label;
    }
    for (int i = 0; i < kernels->buffers_count; i++) {
        const struct buffer *b = &kernels->buffers[i];
        if (b->kind != BUFFER_PLANNED || b->last < 0) continue;
        const struct kernel *maker = &kernels->list[b->first];
        const struct node *node = node_of(kernels, i);
        values[plan.count++] = (struct memory_value){
            .what = node ? op_rows[node->op].name : maker->name,
            .label = node ? node->label : maker->node->label,
            .first = b->first,
            .last = b->last,
            .offset = b->offset,
            .bytes = buffer_bytes(b),
        };
    }
    plan.names = names;
    plan.labels = labels;
    plan.values = values;
    return plan;
}

/* Buffers take their memory in the order in which they come alive; whose it was must be dead. */
static void check_overlaps(const struct kernels *kernels) {
    struct arena *scratch = arena_new();
    const struct buffer **alive =
                            ARENA_ARRAY(scratch, const struct buffer *, kernels->buffers_count + 1),
                        **owner = ARENA_ARRAY(scratch, const struct buffer *,
                                              kernels->block_bytes / ALIGNMENT + 1);
    int count = 0;
    for (int i = 0; i < kernels->buffers_count; i++)
        if (is_planned(&kernels->buffers[i])) alive[count++] = &kernels->buffers[i];
    qsort(alive, (size_t)count, sizeof *alive, compare_lives);
    for (int i = 0; i < count; i++) {
        const struct buffer *b = alive[i];
        for (int64_t at = b->offset; at < b->offset + buffer_bytes(b); at += ALIGNMENT) {
            const struct buffer **unit = &owner[at / ALIGNMENT];
            if (*unit && (*unit)->last >= b->first)
                BUG("buffers %d and %d overlap while both are alive",
                    (int)(*unit - kernels->buffers), (int)(b - kernels->buffers));
            *unit = b;
        }
    }
    arena_free(scratch);
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
