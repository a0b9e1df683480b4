/*
 * Which values lie in memory, and where: what keeping a value costs is weighed against computing it
 * again in each kernel that needs it.
 */
#include <string.h>

#include "base/bug.h"
#include "engine/fuse.h"

/* ---- costs, in nanoseconds an element on one core, roughly ---- */

static double own_cost(const struct node *n) {
    if (op_rows[n->op].class != OP_CLASS_MAP) return n->op == OP_GATHER ? 0.5 : 0;
    switch (n->op) {
    case OP_EXP:
    case OP_LOG:
    case OP_TANH:
        return 0.5;
    case OP_SIN:
    case OP_COS:
    case OP_LOG1P:
    case OP_EXPM1:
    case OP_ERF:
    case OP_POW:
        return 2;
    case OP_RANDOM:
        return 5;
    case OP_DIV:
    case OP_SQRT:
        return 0.2;
    case OP_CONSTANT:
        return 0;
    default:
        return 0.04;
    }
}

enum { LAUNCH = 400 /* ns that a kernel of its own costs */ };
static const double RECOMPUTE_MOST = 0.25; /* ns an element that may be computed twice */

/* ---- which nodes are material ---- */

bool fuse_is_leaf(const struct node *n) {
    return n->op == OP_INPUT || n->op == OP_VARIABLE || (n->op == OP_CONSTANT && n->at.table);
}

static bool always_material(const struct node *n) {
    return fuse_is_leaf(n) || op_rows[n->op].class == OP_CLASS_PRODUCT ||
           op_rows[n->op].class == OP_CLASS_REDUCE || n->op == OP_SCATTER_ADD || n->op == OP_CONCAT;
}

/* Elements to skip if x is a slice that lies in one piece in its source; -1 if it does not. */
static int64_t piece_offset(const struct node *x) {
    const struct shape *from = &x->source[0]->shape;
    int64_t stride = shape_count(*from);
    int a = 0;
    for (; a < from->rank; a++) {
        stride /= from->extent[a];
        if (from->extent[a] > 1) break;
    }
    if (a == from->rank) return 0;
    if (x->at.step[a] != 1) return -1;
    for (int b = a + 1; b < from->rank; b++)
        if (x->shape.extent[b] != from->extent[b]) return -1;
    return x->at.low[a] * stride;
}

/* Only reshapes and slices in one piece are looked through. */
const struct node *fuse_base_of(const struct fuser *f, const struct node *x, int64_t *offset) {
    *offset = 0;
    while (!f->material[x->id]) {
        int64_t skip = x->op == OP_RESHAPE ? 0 : x->op == OP_SLICE ? piece_offset(x) : -1;
        if (skip < 0) return NULL;
        *offset += skip;
        x = x->source[0];
    }
    return x;
}

/* Makes material what x lies in, so that fuse_base_of finds it. */
static void want_address(struct fuser *f, const struct node *x) {
    while (!f->wanted[x->id] && !always_material(x)) {
        int64_t skip = x->op == OP_RESHAPE ? 0 : x->op == OP_SLICE ? piece_offset(x) : -1;
        if (skip < 0) break;
        x = x->source[0];
    }
    f->wanted[x->id] = true;
}

struct place fuse_place(const struct fuser *f, const struct node *x) {
    int64_t offset;
    const struct node *base = fuse_base_of(f, x, &offset);
    if (!base) BUG("node %d (%s) lies nowhere", x->id, op_rows[x->op].name);
    struct place place = f->place[base->id];
    place.offset += offset;
    return place;
}

/* What a broadcast repeats, behind movements. */
static const struct node *behind_movements(const struct node *x) {
    while (op_rows[x->op].class == OP_CLASS_MOVE && x->op != OP_CONCAT)
        x = x->source[0];
    return x;
}

enum { CHAIN_MOST = 256 }; /* nodes that are computed inline, one within the other */

/* Cuts chains that no kernel could hold. */
static void cut_chains(struct fuser *f, struct arena *scratch) {
    int *depth = ARENA_ARRAY(scratch, int, f->graph->count + 1);
    for (int i = 0; i < f->graph->count; i++) {
        const struct node *n = f->graph->nodes[i];
        for (int s = 0; s < n->sources; s++)
            if (depth[n->source[s]->id] >= depth[i]) depth[i] = depth[n->source[s]->id] + 1;
        if (depth[i] == CHAIN_MOST) f->forced[i] = true;
        if (always_material(n) || f->forced[i]) depth[i] = 0;
    }
}

static double *inlined_costs(const struct fuser *f, struct arena *scratch) {
    double *cost = ARENA_ARRAY(scratch, double, f->graph->count + 1);
    for (int i = 0; i < f->graph->count; i++) {
        const struct node *n = f->graph->nodes[i];
        if (always_material(n) || f->forced[i]) continue;
        cost[i] = own_cost(n);
        for (int s = 0; s < n->sources; s++)
            cost[i] += cost[n->source[s]->id];
    }
    return cost;
}

/* The sources of a node that must lie in memory. */
static void want_sources(struct fuser *f, const struct node *n) {
    if (op_rows[n->op].class == OP_CLASS_PRODUCT || op_rows[n->op].class == OP_CLASS_INDEX)
        for (int s = 0; s < n->sources; s++)
            want_address(f, n->source[s]);
    if (n->op == OP_RANDOM) want_address(f, n->source[0]);
}

void fuse_choose_material(struct fuser *f) {
    const struct graph *graph = f->graph;
    struct arena *scratch = arena_new();
    cut_chains(f, scratch);
    double *cost = inlined_costs(f, scratch);
    int *first = ARENA_ARRAY(scratch, int, graph->count + 1); /* a root that needs the node, + 1 */
    bool *several = ARENA_ARRAY(scratch, bool, graph->count + 1);
    memcpy(f->wanted, f->forced, (size_t)graph->count * sizeof *f->wanted);
    for (int i = 0; i < graph->outputs_count; i++)
        f->wanted[graph->outputs[i].value->id] = true;
    for (int i = 0; i < graph->assignments_count; i++)
        f->wanted[graph->assignments[i].value->id] = true;
    for (int i = graph->count - 1; i >= 0; i--) {
        const struct node *n = graph->nodes[i];
        bool used = first[i] || f->wanted[i];
        bool uniform = n->op == OP_CONSTANT;
        f->material[i] = f->wanted[i] || always_material(n) || (f->no_fuse && !uniform) ||
                         (several[i] && cost[i] > RECOMPUTE_MOST);
        if (!used && !fuse_is_leaf(n)) f->material[i] = false;
        if (!used) continue;
        want_sources(f, n);
        if (n->op == OP_BROADCAST) {
            const struct node *small = behind_movements(n);
            if (small->op != OP_CONSTANT &&
                cost[small->id] * (double)shape_count(n->shape) > LAUNCH)
                f->wanted[small->id] = true;
        }
        for (int s = 0; s < n->sources; s++) {
            int id = n->source[s]->id, root = f->material[i] ? i + 1 : first[i];
            several[id] =
                several[id] || (first[id] && first[id] != root) || (!f->material[i] && several[i]);
            first[id] = root;
        }
    }
    arena_free(scratch);
}

/* ---- where they lie ---- */

int fuse_add_buffer(struct fuser *f, struct buffer buffer) {
    f->buffers = ARENA_GROW(f->attempt, f->buffers, f->buffers_count);
    f->buffers[f->buffers_count] = buffer;
    return f->buffers_count++;
}

int fuse_add_planned(struct fuser *f, const struct node *n) {
    return fuse_add_buffer(
        f,
        (struct buffer){.kind = BUFFER_PLANNED, .type = n->type, .count = shape_count(n->shape)});
}

static void place_leaf(struct fuser *f, const struct node *n) {
    struct buffer buffer = {.type = n->type, .count = shape_count(n->shape)};
    if (n->op == OP_INPUT)
        buffer.kind = BUFFER_INPUT, buffer.input = (int)n->at.input;
    else if (n->op == OP_VARIABLE)
        buffer.kind = BUFFER_VARIABLE, buffer.variable = n->at.variable;
    else
        buffer.kind = BUFFER_CONSTANT, buffer.constant = n;
    f->place[n->id] = (struct place){fuse_add_buffer(f, buffer), 0};
}

/* Assigned values are made where the variable's next value lies, if a kernel that can check them
 * makes them. */
static void place_assigned(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->assigned = ARENA_ARRAY(f->attempt, int, graph->assignments_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        const struct assignment *a = &graph->assignments[i];
        f->assigned[i] =
            fuse_add_buffer(f, (struct buffer){.kind = BUFFER_ASSIGNED,
                                               .type = a->variable->type,
                                               .count = shape_count(a->variable->shape),
                                               .variable = a->variable});
        const struct node *n = a->value;
        enum op_class class = op_rows[n->op].class;
        bool checked = !fuse_is_leaf(n) && n->op != OP_CONCAT &&
                       (class == OP_CLASS_MAP || class == OP_CLASS_MOVE ||
                        class == OP_CLASS_REDUCE || n->op == OP_GATHER || n->op == OP_CONSTANT);
        if (checked && f->place[n->id].buffer < 0)
            f->place[n->id] = (struct place){f->assigned[i], 0};
    }
}

bool fuse_is_outermost(const struct node *concat) {
    for (int a = 0; a < concat->at.axis; a++)
        if (concat->shape.extent[a] != 1) return false;
    return true;
}

/* Parts of a concat along its outermost axis are made in their place in it. */
static void place_parts(struct fuser *f, const struct node *concat) {
    int64_t offset = f->place[concat->id].offset;
    if (!fuse_is_outermost(concat)) return;
    for (int i = 0; i < concat->sources; i++) {
        const struct node *part = concat->source[i];
        bool placed = f->place[part->id].buffer >= 0 || fuse_is_leaf(part);
        if (!placed) {
            f->material[part->id] = true;
            f->place[part->id] = (struct place){f->place[concat->id].buffer, offset};
        }
        offset += shape_count(part->shape);
    }
}

void fuse_choose_places(struct fuser *f) {
    const struct graph *graph = f->graph;
    for (int i = 0; i < graph->count; i++)
        f->place[i] = (struct place){-1, 0};
    for (int i = 0; i < graph->count; i++)
        if (fuse_is_leaf(graph->nodes[i])) place_leaf(f, graph->nodes[i]);
    place_assigned(f);
    for (int i = graph->count - 1; i >= 0; i--) { /* an outer concat before the concats within it */
        const struct node *n = graph->nodes[i];
        if (!f->material[i]) continue;
        if (f->place[i].buffer < 0) f->place[i] = (struct place){fuse_add_planned(f, n), 0};
        if (n->op == OP_CONCAT) place_parts(f, n);
    }
}
