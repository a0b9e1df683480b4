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

#include <string.h>

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
    struct root root = {.value = n,
                        .count = shape_count(n->shape),
                        .place = f->place[n->id],
                        .store = view_of(n->shape)};
    root.check_finite = f->buffers[root.place.buffer].kind == BUFFER_ASSIGNED;
    if (op_rows[n->op].class == OP_CLASS_REDUCE) {
        root.reduction = n;
        set_pattern(&root, n);
    }
    return root;
}

static struct root copy_root(const struct fuser *f, const struct node *n, struct place place) {
    struct root root = {.value = n,
                        .copy = true,
                        .count = shape_count(n->shape),
                        .place = place,
                        .store = view_of(n->shape)};
    root.check_finite = f->buffers[place.buffer].kind == BUFFER_ASSIGNED;
    return root;
}

static bool add_concat(struct fuser *f, const struct node *concat) {
    struct place whole = f->place[concat->id];
    int64_t stride[AXES_MOST], next = 1, start = 0;
    for (int a = concat->shape.rank - 1; a >= 0; a--) {
        stride[a] = next;
        next *= concat->shape.extent[a];
    }
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
        root.store = view_strided(part->shape, stride, 0);
        root.part_of = concat;
        if (!fuse_add_root(f, &root)) return false;
    }
    return true;
}

static bool add_final_copies(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->outputs = ARENA_ARRAY(f->arena, struct place, graph->outputs_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        const struct node *n = graph->assignments[i].value;
        struct place there = {f->assigned[i], 0};
        if (f->place[n->id].buffer == there.buffer) continue;
        struct root root = copy_root(f, n, there);
        if (!fuse_add_root(f, &root)) return false;
    }
    for (int i = 0; i < graph->outputs_count; i++) {
        const struct node *n = graph->outputs[i].value;
        f->outputs[i] = f->place[n->id];
        if (fuse_is_leaf(n)) {
            f->outputs[i] = (struct place){fuse_add_planned(f, n), 0};
            struct root root = copy_root(f, n, f->outputs[i]);
            if (!fuse_add_root(f, &root)) return false;
        }
        f->buffers[f->outputs[i].buffer].output = true;
    }
    return true;
}

/* One attempt; false if another node was made material. */
static bool fuse_once(struct fuser *f) {
    const struct graph *graph = f->graph;
    fuse_choose_material(f);
    fuse_choose_places(f);
    f->units_count = 0;
    memset(f->producers, 0, (size_t)graph->count * sizeof *f->producers);
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        if (!f->material[i] || fuse_is_leaf(n)) continue;
        if (n->op == OP_MATMUL || n->op == OP_SCATTER_ADD)
            fuse_add_product(f, n);
        else if (n->op == OP_CONCAT) {
            if (!add_concat(f, n)) return false;
        } else {
            struct root root = value_root(f, n);
            if (!fuse_add_root(f, &root)) return false;
        }
    }
    return add_final_copies(f);
}

/* ---- the pass ---- */

struct kernels *graph_fuse(struct arena *arena, struct graph *graph, bool no_fuse) {
    size_t count = (size_t)graph->count + 1;
    struct fuser f = {.arena = arena, .graph = graph, .no_fuse = no_fuse};
    f.forced = ARENA_ARRAY(arena, bool, count);
    f.wanted = ARENA_ARRAY(arena, bool, count);
    f.material = ARENA_ARRAY(arena, bool, count);
    f.place = ARENA_ARRAY(arena, struct place, count);
    f.producers = ARENA_ARRAY(arena, struct producers, count);
    int edges = 0;
    for (int i = 0; i < graph->count; i++)
        edges += graph->nodes[i]->op == OP_CONCAT ? graph->nodes[i]->sources : 0;
    f.units_most = graph->count + edges + graph->assignments_count + graph->outputs_count + 1;
    f.words = (f.units_most + 63) / 64;
    f.units = ARENA_ARRAY(arena, struct unit, f.units_most);
    for (int attempt = 0; !fuse_once(&f); attempt++)
        BUG_IF(attempt > 2 * graph->count);
    return fuse_kernels(&f);
}
