/*
 * Kernels in the making: each root joins a unit of its size with which it shares what is read,
 * unless that would make a cycle of kernels, or begins one of its own.
 */
#include <string.h>

#include "base/bug.h"
#include "engine/fuse.h"

/* ---- units ---- */

enum { LOOK_BACK = 48 }; /* units that a root tries to join, the newest first; below 64 */

static uint64_t recent_bit(const struct fuser *f, int unit) {
    int newer = f->units_count - 1 - unit;
    return newer < 64 ? 1ull << newer : 0;
}

/* Those of the newest units that must run before `unit`. */
static uint64_t recent_before(const struct fuser *f, const struct unit *unit) {
    int newer = f->units_count - unit->recent_at;
    return newer < 64 ? unit->recent << newer : 0;
}

static void add_recent(const struct fuser *f, struct unit *unit, uint64_t more) {
    unit->recent = recent_before(f, unit) | more;
    unit->recent_at = f->units_count;
}

static struct unit *add_unit(struct fuser *f, enum kernel_kind kind, const struct node *node) {
    f->units = ARENA_GROW(f->attempt, f->units, f->units_count);
    struct unit *unit = &f->units[f->units_count];
    *unit = (struct unit){.kind = kind, .node = node, .id = f->units_count++};
    return unit;
}

void fuse_add_producer(struct fuser *f, const struct node *n, int unit) {
    struct producers *p = &f->producers[n->id];
    for (int i = 0; i < p->count; i++)
        if (p->units[i] == unit) return;
    p->units = ARENA_GROW(f->attempt, p->units, p->count);
    p->units[p->count++] = unit;
}

/* The unit runs after those that make x. */
static void depend(struct fuser *f, struct unit *unit, const struct node *x) {
    int64_t offset;
    const struct node *base = fuse_base_of(f, x, &offset);
    BUG_IF(!base);
    const struct producers *p = &f->producers[base->id];
    for (int i = 0; i < p->count; i++) {
        const struct unit *maker = &f->units[p->units[i]];
        if (maker == unit) continue;
        unit->after = ARENA_GROW(f->attempt, unit->after, unit->after_count);
        unit->after[unit->after_count++] = maker->id;
        add_recent(f, unit, recent_bit(f, maker->id) | recent_before(f, maker));
    }
}

/* Who must run after `unit` must run after all that it has come to wait for. */
static void spread_recent(struct fuser *f, const struct unit *unit) {
    uint64_t self = recent_bit(f, unit->id), before = recent_before(f, unit);
    while (f->first_open + LOOK_BACK < f->units_count &&
           !recent_before(f, &f->units[f->first_open]))
        f->first_open++;
    for (int i = f->first_open; i < f->units_count; i++)
        if (recent_before(f, &f->units[i]) & self) add_recent(f, &f->units[i], before);
}

void fuse_add_product(struct fuser *f, const struct node *n) {
    enum kernel_kind kind = n->op == OP_MATMUL        ? KERNEL_MATMUL
                            : n->op == OP_SCATTER_ADD ? KERNEL_SCATTER_ADD
                                                      : KERNEL_CONV;
    struct unit *unit = add_unit(f, kind, n);
    for (int s = 0; s < n->sources; s++)
        depend(f, unit, n->source[s]);
    fuse_add_producer(f, n, unit->id);
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
};

/* Whether this walk meets the node for the first time, straight (flag 1) or moved (2). */
static bool is_new(struct fuser *f, const struct node *n, uint32_t flag) {
    uint32_t *seen = &f->seen[n->id];
    if (*seen >> 2 != f->walks) *seen = f->walks << 2;
    bool new = !(*seen & flag);
    *seen |= flag;
    return new;
}

static void collect(struct fuser *f, struct readings *r, const struct node *n, bool straight,
                    bool top) {
    if (!is_new(f, n, straight ? 1 : 2)) return;
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

static struct readings root_readings(struct fuser *f, const struct root *root,
                                     struct arena *arena) {
    struct readings r = {.arena = arena};
    f->walks++;
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
    if (unit->kind != KERNEL_FUSED || unit->broken || unit->count != root->count ||
        unit->roots_count >= UNIT_ROOTS_MOST)
        return false;
    if (root->reduction && unit->reduced &&
        (unit->outer != root->outer || unit->reduced != root->reduced ||
         unit->inner != root->inner))
        return false;
    bool shares = unit->count <= 256;
    for (int i = 0; i < r->count; i++) {
        int64_t offset;
        const struct node *n = r->list[i].node, *base = fuse_base_of(f, n, &offset);
        const struct producers *p = &f->producers[base->id];
        for (int k = 0; k < p->count; k++) {
            if (p->units[k] == unit->id) {
                if (!r->list[i].straight || !unit_makes(unit, n)) return false;
                shares = true;
            } else if (recent_before(f, &f->units[p->units[k]]) & recent_bit(f, unit->id))
                return false;
        }
        for (int k = 0; k < unit->reads_count && !shares; k++)
            shares = unit->reads[k] == n && shape_count(n->shape) * 4 > unit->count;
    }
    return shares;
}

static void enter_root(struct fuser *f, struct unit *unit, const struct root *root,
                       const struct readings *r) {
    unit->roots = ARENA_GROW(f->attempt, unit->roots, unit->roots_count);
    unit->roots[unit->roots_count++] = *root;
    unit->count = root->count;
    if (root->reduction)
        unit->outer = root->outer, unit->reduced = root->reduced, unit->inner = root->inner;
    for (int i = 0; i < r->count; i++) {
        depend(f, unit, r->list[i].node);
        unit->reads = ARENA_GROW(f->attempt, unit->reads, unit->reads_count);
        unit->reads[unit->reads_count++] = r->list[i].node;
    }
    spread_recent(f, unit);
    if (!root->copy)
        fuse_add_producer(f, root->reduction ? root->reduction : root->value, unit->id);
    if (root->part_of) fuse_add_producer(f, root->part_of, unit->id);
}

/* The unit with the root in it, if that is a kernel. */
static bool try_join(struct fuser *f, struct unit *unit, const struct root *root,
                     const struct readings *r, struct arena *scratch) {
    if (!may_join(f, unit, root, r)) return false;
    struct unit trial = *unit;
    trial.roots = ARENA_ARRAY(scratch, struct root, unit->roots_count + 1);
    memcpy(trial.roots, unit->roots, (size_t)unit->roots_count * sizeof *unit->roots);
    trial.roots[trial.roots_count++] = *root;
    if (root->reduction)
        trial.outer = root->outer, trial.reduced = root->reduced, trial.inner = root->inner;
    if (!fuse_compile(f, &trial, scratch, NULL)) return false;
    enter_root(f, unit, root, r);
    return true;
}

/* A unit of its own. If it is no kernel, what is in the way will be material when all begins again;
 * until then this goes on, to find what else is in the way. */
static void begin_unit(struct fuser *f, const struct root *root, const struct readings *r,
                       struct arena *scratch) {
    struct unit *unit = add_unit(f, KERNEL_FUSED, root->reduction ? root->reduction : root->value);
    const struct node *obstacle = NULL;
    enter_root(f, unit, root, r);
    if (fuse_compile(f, unit, scratch, &obstacle)) return;
    BUG_IF(!obstacle);
    unit->broken = true;
    f->broken++;
    f->obstacles += !f->forced[obstacle->id];
    f->forced[obstacle->id] = true;
}

void fuse_add_root(struct fuser *f, const struct root *root) {
    struct arena *scratch = arena_new();
    struct readings r = root_readings(f, root, scratch);
    int oldest = f->units_count > LOOK_BACK ? f->units_count - LOOK_BACK : 0;
    bool joined = false;
    for (int u = f->units_count - 1; u >= oldest && !joined && !f->no_fuse; u--)
        joined = try_join(f, &f->units[u], root, &r, scratch);
    if (!joined) begin_unit(f, root, &r, scratch);
    arena_free(scratch);
}
