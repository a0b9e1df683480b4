/*
 * Kernels in the making: each root joins a unit of its size with which it shares what is read,
 * unless that would make a cycle of kernels, or begins one of its own.
 */
#include <string.h>

#include "base/bug.h"
#include "engine/fuse.h"

/* ---- units ---- */

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

void fuse_add_producer(struct fuser *f, const struct node *n, int unit) {
    struct producers *p = &f->producers[n->id];
    for (int i = 0; i < p->count; i++)
        if (p->units[i] == unit) return;
    p->units = ARENA_GROW(f->arena, p->units, p->count);
    p->units[p->count++] = unit;
}

/* Ancestors that a unit gets by reading node x. */
static void depend(struct fuser *f, uint64_t *ancestors, const struct node *x, int self) {
    int64_t offset;
    const struct node *base = fuse_base_of(f, x, &offset);
    BUG_IF(!base);
    const struct producers *p = &f->producers[base->id];
    for (int i = 0; i < p->count; i++) {
        if (p->units[i] == self) continue;
        ancestors[p->units[i] / 64] |= 1ull << (p->units[i] % 64);
        join(ancestors, f->units[p->units[i]].ancestors, f->words);
    }
}

void fuse_add_product(struct fuser *f, const struct node *n) {
    struct unit *unit = add_unit(f, n->op == OP_MATMUL ? KERNEL_MATMUL : KERNEL_SCATTER_ADD, n);
    for (int s = 0; s < n->sources; s++)
        depend(f, unit->ancestors, n->source[s], -1);
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
        const struct node *n = r->list[i].node, *base = fuse_base_of(f, n, &offset);
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
    if (!root->copy)
        fuse_add_producer(f, root->reduction ? root->reduction : root->value, unit->id);
    if (root->part_of) fuse_add_producer(f, root->part_of, unit->id);
}

enum { LOOK_BACK = 48 }; /* units that a root tries to join, the newest first */

bool fuse_add_root(struct fuser *f, const struct root *root) {
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
