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
#include "base/text.h"

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

/* The node in whose memory x lies, if it does, and where. Only reshapes and slices in one piece are
 * looked through. */
static const struct node *base_of(const struct fuser *f, const struct node *x, int64_t *offset) {
    *offset = 0;
    while (!f->material[x->id]) {
        int64_t skip = x->op == OP_RESHAPE ? 0 : x->op == OP_SLICE ? piece_offset(x) : -1;
        if (skip < 0) return NULL;
        *offset += skip;
        x = x->source[0];
    }
    return x;
}

/* Makes material what x lies in, so that base_of finds it. */
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
    const struct node *base = base_of(f, x, &offset);
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

static double *inlined_costs(struct fuser *f, struct arena *scratch) {
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
    if (n->op == OP_MATMUL || n->op == OP_SCATTER_ADD || n->op == OP_GATHER)
        for (int s = 0; s < n->sources; s++)
            want_address(f, n->source[s]);
    if (n->op == OP_RANDOM) want_address(f, n->source[0]);
}

static void choose_material(struct fuser *f) {
    const struct graph *graph = f->graph;
    struct arena *scratch = arena_new();
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

static int add_buffer(struct fuser *f, struct buffer buffer) {
    f->buffers = ARENA_GROW(f->arena, f->buffers, f->buffers_count);
    f->buffers[f->buffers_count] = buffer;
    return f->buffers_count++;
}

static int add_planned(struct fuser *f, const struct node *n) {
    return add_buffer(
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
    f->place[n->id] = (struct place){add_buffer(f, buffer), 0};
}

/* Assigned values are made where the variable's next value lies, if a kernel that can check them
 * makes them. */
static void place_assigned(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->assigned = ARENA_ARRAY(f->arena, int, graph->assignments_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        const struct assignment *a = &graph->assignments[i];
        f->assigned[i] = add_buffer(f, (struct buffer){.kind = BUFFER_ASSIGNED,
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

static bool outermost(const struct node *concat) {
    for (int a = 0; a < concat->at.axis; a++)
        if (concat->shape.extent[a] != 1) return false;
    return true;
}

/* Parts of a concat along its outermost axis are made in their place in it. */
static void place_parts(struct fuser *f, const struct node *concat) {
    int64_t offset = f->place[concat->id].offset;
    if (!outermost(concat)) return;
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

static void choose_places(struct fuser *f) {
    const struct graph *graph = f->graph;
    f->buffers_count = 0;
    for (int i = 0; i < graph->count; i++)
        f->place[i] = (struct place){-1, 0};
    for (int i = 0; i < graph->count; i++)
        if (fuse_is_leaf(graph->nodes[i])) place_leaf(f, graph->nodes[i]);
    place_assigned(f);
    for (int i = graph->count - 1; i >= 0; i--) { /* an outer concat before the concats within it */
        const struct node *n = graph->nodes[i];
        if (!f->material[i]) continue;
        if (f->place[i].buffer < 0) f->place[i] = (struct place){add_planned(f, n), 0};
        if (n->op == OP_CONCAT) place_parts(f, n);
    }
}

/* ---- units: kernels in the making ---- */

static bool bit(const uint64_t *set, int i) {
    return set[i / 64] >> (i % 64) & 1;
}

static void join(uint64_t *set, const uint64_t *more, int words) {
    for (int w = 0; w < words; w++)
        set[w] |= more[w];
}

static struct unit *add_unit(struct fuser *f, enum kernel_kind kind, const struct node *node) {
    BUG_IF(f->units_count == f->units_most);
    struct unit *unit = &f->units[f->units_count];
    *unit = (struct unit){.kind = kind, .node = node, .id = f->units_count++};
    unit->ancestors = ARENA_ARRAY(f->arena, uint64_t, f->words);
    return unit;
}

static void add_producer(struct fuser *f, const struct node *n, int unit) {
    struct producers *p = &f->producers[n->id];
    for (int i = 0; i < p->count; i++)
        if (p->units[i] == unit) return;
    p->units = ARENA_GROW(f->arena, p->units, p->count);
    p->units[p->count++] = unit;
}

/* Ancestors that a unit gets by reading node x. */
static void depend(struct fuser *f, uint64_t *ancestors, const struct node *x, int self) {
    int64_t offset;
    const struct node *base = base_of(f, x, &offset);
    BUG_IF(!base);
    const struct producers *p = &f->producers[base->id];
    for (int i = 0; i < p->count; i++) {
        if (p->units[i] == self) continue;
        ancestors[p->units[i] / 64] |= 1ull << (p->units[i] % 64);
        join(ancestors, f->units[p->units[i]].ancestors, f->words);
    }
}

static void add_product(struct fuser *f, const struct node *n) {
    struct unit *unit = add_unit(f, n->op == OP_MATMUL ? KERNEL_MATMUL : KERNEL_SCATTER_ADD, n);
    for (int s = 0; s < n->sources; s++)
        depend(f, unit->ancestors, n->source[s], -1);
    add_producer(f, n, unit->id);
}

/* ---- what a root reads ---- */

struct reading {
    const struct node *node; /* material */
    bool straight; /* element i of it is needed for element i of the loop, and only that */
};
struct readings {
    struct reading *list;
    int count;
    struct arena *arena;
    uint8_t *seen; /* by node id: bit 0 straight, bit 1 moved */
};

static void collect(const struct fuser *f, struct readings *r, const struct node *n, bool straight,
                    bool top) {
    uint8_t flag = straight ? 1 : 2;
    if (r->seen[n->id] & flag) return;
    r->seen[n->id] |= flag;
    if (f->material[n->id] && !top) {
        r->list = ARENA_GROW(r->arena, r->list, r->count);
        r->list[r->count++] = (struct reading){n, straight};
        return;
    }
    bool moves = op_rows[n->op].class == OP_CLASS_MOVE && n->op != OP_RESHAPE;
    if (n->op == OP_GATHER || n->op == OP_RANDOM) straight = false;
    for (int s = 0; s < n->sources; s++)
        collect(f, r, n->source[s], straight && !moves, false);
}

static struct readings root_readings(const struct fuser *f, const struct root *root,
                                     struct arena *arena) {
    struct readings r = {.arena = arena, .seen = ARENA_ARRAY(arena, uint8_t, f->graph->count + 1)};
    const struct node *n = root->reduction ? root->reduction->source[0] : root->value;
    collect(f, &r, n, true, !root->reduction && !root->copy);
    return r;
}

static bool unit_makes(const struct unit *unit, const struct node *n) {
    for (int i = 0; i < unit->roots_count; i++)
        if (unit->roots[i].value == n && !unit->roots[i].copy && !unit->roots[i].reduction)
            return true;
    return false;
}

/* Whether the root may join the unit: of one size and pattern, something shared, and no cycle. */
static bool may_join(const struct fuser *f, const struct unit *unit, const struct root *root,
                     const struct readings *r) {
    if (unit->kind != KERNEL_FUSED || unit->count != root->count ||
        unit->roots_count >= UNIT_ROOTS_MOST)
        return false;
    if (root->reduction && unit->reduced &&
        (unit->outer != root->outer || unit->reduced != root->reduced ||
         unit->inner != root->inner))
        return false;
    bool shares = unit->count <= 256;
    for (int i = 0; i < r->count; i++) {
        int64_t offset;
        const struct node *n = r->list[i].node, *base = base_of(f, n, &offset);
        const struct producers *p = &f->producers[base->id];
        for (int k = 0; k < p->count; k++) {
            if (p->units[k] == unit->id) {
                if (!r->list[i].straight || !unit_makes(unit, n)) return false;
                shares = true;
            } else if (bit(f->units[p->units[k]].ancestors, unit->id))
                return false;
        }
        for (int k = 0; k < unit->reads_count && !shares; k++)
            shares = unit->reads[k] == n && shape_count(n->shape) * 4 > unit->count;
    }
    return shares;
}

static void spread_ancestors(struct fuser *f, const struct unit *unit) {
    for (int i = 0; i < f->units_count; i++)
        if (bit(f->units[i].ancestors, unit->id))
            join(f->units[i].ancestors, unit->ancestors, f->words);
}

static void enter_root(struct fuser *f, struct unit *unit, const struct root *root,
                       const struct readings *r) {
    unit->roots = ARENA_GROW(f->arena, unit->roots, unit->roots_count);
    unit->roots[unit->roots_count++] = *root;
    unit->count = root->count;
    if (root->reduction)
        unit->outer = root->outer, unit->reduced = root->reduced, unit->inner = root->inner;
    for (int i = 0; i < r->count; i++) {
        depend(f, unit->ancestors, r->list[i].node, unit->id);
        unit->reads = ARENA_GROW(f->arena, unit->reads, unit->reads_count);
        unit->reads[unit->reads_count++] = r->list[i].node;
    }
    spread_ancestors(f, unit);
    if (!root->copy) add_producer(f, root->reduction ? root->reduction : root->value, unit->id);
    if (root->part_of) add_producer(f, root->part_of, unit->id);
}

enum { LOOK_BACK = 48 }; /* units that a root tries to join, the newest first */

/* Puts a root into a unit; false if a node was made material instead and all must begin again. */
static bool add_root(struct fuser *f, const struct root *root) {
    struct arena *scratch = arena_new();
    struct readings r = root_readings(f, root, scratch);
    int last = f->units_count - LOOK_BACK;
    bool done = false;
    for (int u = f->units_count - 1; u >= 0 && u >= last && !done && !f->no_fuse; u--) {
        struct unit *unit = &f->units[u];
        if (!may_join(f, unit, root, &r)) continue;
        struct unit trial = *unit;
        trial.roots = ARENA_ARRAY(scratch, struct root, unit->roots_count + 1);
        memcpy(trial.roots, unit->roots, (size_t)unit->roots_count * sizeof *unit->roots);
        trial.roots[trial.roots_count++] = *root;
        if (root->reduction)
            trial.outer = root->outer, trial.reduced = root->reduced, trial.inner = root->inner;
        struct fused *fused = fuse_compile(f, &trial, NULL);
        if (!fused) continue;
        enter_root(f, unit, root, &r);
        unit->fused = fused;
        done = true;
    }
    if (!done) {
        struct unit *unit =
            add_unit(f, KERNEL_FUSED, root->reduction ? root->reduction : root->value);
        enter_root(f, unit, root, &r);
        const struct node *obstacle = NULL;
        unit->fused = fuse_compile(f, unit, &obstacle);
        if (!unit->fused) {
            BUG_IF(!obstacle || f->forced[obstacle->id]);
            f->forced[obstacle->id] = true;
        }
        done = unit->fused != NULL;
    }
    arena_free(scratch);
    return done;
}

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
            outermost(concat)) {
            for (int k = 0; k < f->producers[part->id].count; k++)
                add_producer(f, concat, f->producers[part->id].units[k]);
            continue;
        }
        struct root root = copy_root(f, part, there);
        root.copy = f->material[part->id];
        root.store = view_strided(part->shape, stride, 0);
        root.part_of = concat;
        if (!add_root(f, &root)) return false;
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
        if (!add_root(f, &root)) return false;
    }
    for (int i = 0; i < graph->outputs_count; i++) {
        const struct node *n = graph->outputs[i].value;
        f->outputs[i] = f->place[n->id];
        if (fuse_is_leaf(n)) {
            f->outputs[i] = (struct place){add_planned(f, n), 0};
            struct root root = copy_root(f, n, f->outputs[i]);
            if (!add_root(f, &root)) return false;
        }
        f->buffers[f->outputs[i].buffer].output = true;
    }
    return true;
}

/* One attempt; false if another node was made material. */
static bool fuse_once(struct fuser *f) {
    const struct graph *graph = f->graph;
    choose_material(f);
    choose_places(f);
    f->units_count = 0;
    memset(f->producers, 0, (size_t)graph->count * sizeof *f->producers);
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        if (!f->material[i] || fuse_is_leaf(n)) continue;
        if (n->op == OP_MATMUL || n->op == OP_SCATTER_ADD)
            add_product(f, n);
        else if (n->op == OP_CONCAT) {
            if (!add_concat(f, n)) return false;
        } else {
            struct root root = value_root(f, n);
            if (!add_root(f, &root)) return false;
        }
    }
    return add_final_copies(f);
}

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
        k->name = "matmul";
    } else {
        k->m = n->shape.extent[0];
        k->k = shape_count(a->shape);
        k->n = shape_count(b->shape) / k->k;
        k->batch = 1;
        k->name = "scatter_add";
    }
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
        fused->partials = (struct place){add_buffer(f, partials), 0};
        touch(f->arena, &k->writes, &k->writes_count, fused->partials.buffer);
    }
}

static void add_kernel(struct fuser *f, struct kernels *kernels, struct unit *unit) {
    struct kernel *k = &kernels->list[kernels->count++];
    k->kind = unit->kind;
    k->node = unit->node;
    if (unit->kind == KERNEL_FUSED)
        set_fused(f, k, unit->fused);
    else
        set_product(f, k, unit->node);
}

/* Units in an order that runs: the first of those whose ancestors are all done, again and again. */
static struct kernels *order_units(struct fuser *f) {
    struct kernels *kernels = ARENA_NEW(f->arena, struct kernels);
    kernels->graph = f->graph;
    kernels->list = ARENA_ARRAY(f->arena, struct kernel, f->units_count + 1);
    uint64_t *done = ARENA_ARRAY(f->arena, uint64_t, f->words);
    int first = 0;
    while (kernels->count < f->units_count) {
        int next = -1;
        for (int u = first; u < f->units_count && next < 0; u++) {
            bool ready = !bit(done, u);
            for (int w = 0; ready && w < f->words; w++)
                ready = !(f->units[u].ancestors[w] & ~done[w]);
            if (ready) next = u;
        }
        if (next < 0) BUG("the kernels depend on one another in a circle");
        done[next / 64] |= 1ull << (next % 64);
        add_kernel(f, kernels, &f->units[next]);
        while (first < f->units_count && bit(done, first))
            first++;
    }
    kernels->buffers = f->buffers;
    kernels->buffers_count = f->buffers_count;
    kernels->outputs = f->outputs;
    kernels->places = f->place;
    kernels->variables = f->assigned;
    return kernels;
}

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
    return order_units(&f);
}
