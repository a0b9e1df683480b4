/*
 * Fusion: cuts a lowered graph into kernels.
 *
 * Some nodes are *material*: their value lies in memory. Leaves, products, scatters, reductions and
 * concats always are; so is what a product reads, what the host reads, what is assigned, and
 * whatever would cost more to compute again in each place that needs it. Each material node is a
 * *root*; everything between material nodes is computed inside the kernels of the roots that need
 * it. Roots of one size that share what they read become one kernel, unless that would make a cycle
 * of kernels.
 *
 * All loops begin as one flat axis over the elements of the root (of the source, for a reduction);
 * the views of the leaves split it into loop axes (fuse_axes.c). Where views cannot be said or do
 * not fit together, a node is made material and all begins again.
 */
#include "engine/fuse.h"

#include "base/bug.h"

/* ---- roots ---- */

/* Lowering leaves one run of neighbouring reduced axes: outer x reduced x inner. */
static void set_pattern(struct root *root, const struct node *n) {
    const struct shape *shape = &n->source[0]->shape;
    root->outer = root->reduced = root->inner = 1;
    for (int a = 0; a < shape->rank; a++) {
        int64_t extent = shape->extent[a];
        if (extent == 1) continue;
        if (n->at.axes >> a & 1) {
            BUG_IF(root->inner != 1);
            root->reduced *= extent;
        } else if (root->reduced == 1)
            root->outer *= extent;
        else
            root->inner *= extent;
    }
    root->count = shape_count(*shape);
}

static struct root value_root(const struct fuser *f, const struct node *n) {
    struct root root = {.value = n, .count = shape_count(n->shape), .place = f->place[n->id]};
    root.check_finite = f->buffers[root.place.buffer].kind == BUFFER_ASSIGNED;
    if (op_rows[n->op].class == OP_CLASS_REDUCE) {
        root.reduction = n;
        set_pattern(&root, n);
    }
    return root;
}

static struct root copy_root(const struct fuser *f, const struct node *n, struct place place) {
    struct root root = {.value = n, .copy = true, .count = shape_count(n->shape), .place = place};
    root.check_finite = f->buffers[place.buffer].kind == BUFFER_ASSIGNED;
    return root;
}

static void add_concat(struct fuser *f, const struct node *concat) {
    struct place whole = f->place[concat->id];
    int64_t stride[AXES_MOST], start = 0;
    shape_strides(concat->shape, stride);
    for (int i = 0; i < concat->sources; i++) {
        const struct node *part = concat->source[i];
        int64_t offset = start * stride[concat->at.axis];
        struct place there = {whole.buffer, whole.offset + offset};
        start += part->shape.extent[concat->at.axis];
        struct place own = f->place[part->id];
        if (f->material[part->id] && own.buffer == there.buffer && own.offset == there.offset &&
            fuse_is_outermost(concat)) {
            for (int k = 0; k < f->producers[part->id].count; k++)
                fuse_add_producer(f, concat, f->producers[part->id].units[k]);
            continue;
        }
        struct root root = copy_root(f, part, there);
        root.copy = f->material[part->id];
        root.part_of = concat;
        fuse_add_root(f, &root);
    }
}

static void add_final_copies(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->outputs = ARENA_ARRAY(f->attempt, struct place, graph->outputs_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        const struct node *n = graph->assignments[i].value;
        struct place there = {f->assigned[i], 0};
        if (f->place[n->id].buffer == there.buffer) continue;
        struct root root = copy_root(f, n, there);
        fuse_add_root(f, &root);
    }
    for (int i = 0; i < graph->outputs_count; i++) {
        const struct node *n = graph->outputs[i].value;
        f->outputs[i] = f->place[n->id];
        if (fuse_is_leaf(n)) {
            f->outputs[i] = (struct place){fuse_add_planned(f, n), 0};
            struct root root = copy_root(f, n, f->outputs[i]);
            fuse_add_root(f, &root);
        }
        f->buffers[f->outputs[i].buffer].output = true;
    }
}

/* ---- the pass ---- */

/* One attempt; false if something was in the way. */
static bool fuse_once(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->attempt = arena_new();
    f->producers = ARENA_ARRAY(f->attempt, struct producers, graph->count + 1);
    f->units_count = f->first_open = f->buffers_count = f->broken = f->obstacles = 0;
    fuse_choose_material(f);
    fuse_choose_places(f);
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        if (!f->material[i] || fuse_is_leaf(n)) continue;
        if (op_rows[n->op].class == OP_CLASS_PRODUCT || n->op == OP_SCATTER_ADD)
            fuse_add_product(f, n);
        else if (n->op == OP_CONCAT)
            add_concat(f, n);
        else {
            struct root root = value_root(f, n);
            fuse_add_root(f, &root);
        }
    }
    add_final_copies(f);
    BUG_IF(f->broken && !f->obstacles);
    return !f->broken;
}

struct kernels *graph_fuse(struct arena *arena, struct graph *graph, bool no_fuse) {
    size_t count = (size_t)graph->count + 1;
    struct arena *scratch = arena_new();
    struct fuser f = {.arena = arena, .graph = graph, .no_fuse = no_fuse};
    f.forced = ARENA_ARRAY(scratch, bool, count);
    f.wanted = ARENA_ARRAY(scratch, bool, count);
    f.material = ARENA_ARRAY(scratch, bool, count);
    f.seen = ARENA_ARRAY(scratch, uint32_t, count);
    f.place = ARENA_ARRAY(arena, struct place, count);
    while (!fuse_once(&f))
        arena_free(f.attempt);
    struct kernels *kernels = fuse_kernels(&f);
    arena_free(f.attempt);
    arena_free(scratch);
    return kernels;
}
