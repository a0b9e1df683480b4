/* Finished units become kernels, in an order that runs. */
#include "base/bug.h"
#include "base/text.h"
#include "engine/fuse.h"

/* ---- units to kernels ---- */

static void touch(struct arena *arena, int **list, int *count, int buffer) {
    for (int i = 0; i < *count; i++)
        if ((*list)[i] == buffer) return;
    *list = ARENA_GROW(arena, *list, *count);
    (*list)[(*count)++] = buffer;
}

static void set_product(struct fuser *f, struct kernel *k, const struct node *n) {
    const struct node *a = n->source[0], *b = n->source[1];
    int r = n->shape.rank;
    k->a = fuse_place(f, a);
    k->b = fuse_place(f, b);
    k->dst = f->place[n->id];
    if (n->op == OP_MATMUL) {
        k->transpose_a = n->at.transpose & 1;
        k->transpose_b = n->at.transpose & 2;
        k->m = n->shape.extent[r - 2];
        k->n = n->shape.extent[r - 1];
        k->k = a->shape.extent[k->transpose_a ? r - 2 : r - 1];
        k->batch = shape_count(n->shape) / (k->m * k->n);
    } else if (n->op == OP_SCATTER_ADD) {
        k->m = n->shape.extent[0];
        k->k = shape_count(a->shape);
        k->n = shape_count(b->shape) / k->k;
        k->batch = 1;
    }
    k->name = op_rows[n->op].name;
    k->flops = node_flops(n);
    touch(f->arena, &k->reads, &k->reads_count, k->a.buffer);
    touch(f->arena, &k->reads, &k->reads_count, k->b.buffer);
    touch(f->arena, &k->writes, &k->writes_count, k->dst.buffer);
    k->bytes = 4 * (shape_count(a->shape) + shape_count(b->shape) + shape_count(n->shape));
}

static int64_t leaf_elements(const struct fused *fused, const struct leaf *leaf) {
    int64_t count = 1;
    for (int a = 0; a < fused->axes; a++)
        if (leaf->map.stride[a]) count *= fused->extent[a];
    return count;
}

static const char *fused_name(struct arena *arena, const struct fused *fused) {
    struct text text = {0};
    bool seen[FUSED_OPS] = {false};
    text_add(&text, "fused:");
    for (int i = 0; i < fused->code_count; i++) {
        uint8_t op = fused->code[i].op;
        if (op >= OP_COUNT || seen[op]) continue;
        seen[op] = true;
        text_format(&text, "%s %s", text.length > 6 ? "," : "", op_rows[op].name);
    }
    for (int i = 0; i < fused->reductions_count; i++) {
        uint8_t op = fused->reductions[i].op;
        if (seen[op]) continue;
        seen[op] = true;
        text_format(&text, "%s %s", text.length > 6 ? "," : "", op_rows[op].name);
    }
    if (text.length == 6) text_add(&text, " copy");
    char *name = arena_text(arena, text_get(&text));
    text_release(&text);
    return name;
}

static void set_fused(struct fuser *f, struct kernel *k, struct fused *fused) {
    k->fused = fused;
    k->name = fused_name(f->arena, fused);
    int64_t elements = fused->outer * fused->reduced * fused->inner;
    for (int i = 0; i < fused->code_count; i++) {
        const struct instruction *c = &fused->code[i];
        if (c->op < OP_COUNT && c->op != OP_CAST) k->flops += elements;
        if (c->op >= FUSED_MUL_ADD) k->flops += 2 * elements;
        if (c->op == OP_RANDOM) touch(f->arena, &k->reads, &k->reads_count, c->clock);
    }
    k->flops += elements * fused->reductions_count;
    for (int i = 0; i < fused->loads_count; i++) {
        const struct leaf *leaf = &fused->loads[i];
        touch(f->arena, &k->reads, &k->reads_count, leaf->buffer);
        if (leaf->map.gather) touch(f->arena, &k->reads, &k->reads_count, leaf->map.gather->buffer);
        k->bytes += (int64_t)dtype_size(leaf->type) * leaf_elements(fused, leaf);
    }
    for (int i = 0; i < fused->stores_count; i++) {
        touch(f->arena, &k->writes, &k->writes_count, fused->stores[i].buffer);
        k->bytes += 4 * elements;
    }
    for (int i = 0; i < fused->reductions_count; i++) {
        touch(f->arena, &k->writes, &k->writes_count, fused->reductions[i].dst.buffer);
        k->bytes += 4 * fused->outer * fused->inner;
    }
    if (fused->chunks > 1) {
        int64_t values = 0;
        for (int i = 0; i < fused->reductions_count; i++)
            values += fused->outer * fused->inner * (fused->reductions[i].op == OP_MOMENTS ? 2 : 1);
        struct buffer partials = {
            .kind = BUFFER_PLANNED, .type = TYPE_FLOAT32, .count = values * fused->chunks};
        fused->partials = (struct place){fuse_add_buffer(f, partials), 0};
        touch(f->arena, &k->writes, &k->writes_count, fused->partials.buffer);
    }
}

static void add_kernel(struct fuser *f, struct kernels *kernels, const struct unit *unit) {
    struct kernel *k = &kernels->list[kernels->count++];
    k->kind = unit->kind;
    k->node = unit->node;
    if (unit->kind == KERNEL_FUSED)
        set_fused(f, k, fuse_compile(f, unit, f->arena, NULL));
    else
        set_product(f, k, unit->node);
}

/* ---- order ---- */

/* Who runs after whom. */
struct order {
    int *waits;         /* by unit: entries of `after` that are not done */
    int *users, *first; /* those after unit u: users[first[u]] to users[first[u + 1] - 1] */
};

static struct order order_of(const struct fuser *f) {
    struct order order = {.waits = ARENA_ARRAY(f->attempt, int, f->units_count + 1),
                          .first = ARENA_ARRAY(f->attempt, int, f->units_count + 2)};
    for (int u = 0; u < f->units_count; u++) {
        order.waits[u] = f->units[u].after_count;
        for (int i = 0; i < f->units[u].after_count; i++)
            order.first[f->units[u].after[i] + 2]++;
    }
    for (int u = 0; u < f->units_count; u++)
        order.first[u + 2] += order.first[u + 1];
    order.users = ARENA_ARRAY(f->attempt, int, order.first[f->units_count + 1] + 1);
    for (int u = 0; u < f->units_count; u++)
        for (int i = 0; i < f->units[u].after_count; i++)
            order.users[order.first[f->units[u].after[i] + 1]++] = u;
    return order;
}

/* Adds the first of the units that wait for none, again and again. */
static void add_kernels(struct fuser *f, struct kernels *kernels) {
    struct order order = order_of(f);
    for (int next = 0; kernels->count < f->units_count;) {
        while (next < f->units_count && order.waits[next])
            next++;
        if (next == f->units_count) BUG("the kernels depend on one another in a circle");
        add_kernel(f, kernels, &f->units[next]);
        order.waits[next] = -1;
        int lowest = next;
        for (int i = order.first[next]; i < order.first[next + 1]; i++)
            if (!--order.waits[order.users[i]] && order.users[i] < lowest) lowest = order.users[i];
        next = lowest;
    }
}

struct kernels *fuse_kernels(struct fuser *f) {
    const struct graph *graph = f->graph;
    struct kernels *kernels = ARENA_NEW(f->arena, struct kernels);
    kernels->graph = f->graph;
    kernels->list = ARENA_ARRAY(f->arena, struct kernel, f->units_count + 1);
    add_kernels(f, kernels);
    kernels->buffers =
        arena_copy(f->arena, f->buffers, (size_t)f->buffers_count * sizeof *f->buffers);
    kernels->buffers_count = f->buffers_count;
    kernels->outputs =
        arena_copy(f->arena, f->outputs, (size_t)graph->outputs_count * sizeof *f->outputs);
    kernels->variables =
        arena_copy(f->arena, f->assigned, (size_t)graph->assignments_count * sizeof *f->assigned);
    kernels->places = f->place;
    return kernels;
}
