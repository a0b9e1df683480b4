/*
 * The code of one fused kernel, made from its roots down to what lies in memory. Movements on the
 * way are kept as a chain; where memory is reached the chain becomes a view of it over the flat
 * loop.
 */
#include <string.h>

#include "base/bug.h"
#include "engine/fuse.h"

/* Movements between a node and the flat loop, the one nearest the node first. Equal chains are one.
 */
struct cell {
    const struct node *move;
    const struct cell *next;
    struct cell *longer, *sibling; /* the chains that begin with one movement more */
};

struct memo {
    const struct node *node;
    const struct cell *chain;
    int value;
};

enum { VALUES_MOST = 400, PENDING_MOST = 64 };

struct compiler {
    const struct fuser *f;
    const struct unit *unit;
    struct arena *arena;   /* of what stays */
    struct arena *scratch; /* of the compiler */
    struct fused *fused;
    struct memo memo[VALUES_MOST];
    int memo_count;
    int values;
    struct pending *pending;
    int pending_count;
    struct cell *flat;
    const struct node *obstacle;
    bool failed;
};

static int fail(struct compiler *c, const struct node *obstacle) {
    if (!c->failed) c->obstacle = obstacle;
    c->failed = true;
    return 0;
}

static struct cell *chain_add(struct compiler *c, const struct node *move, struct cell *next) {
    if (move->op == OP_RESHAPE && next->move->op == OP_RESHAPE) return next;
    for (struct cell *cell = next->longer; cell; cell = cell->sibling)
        if (cell->move == move) return cell;
    struct cell *cell = ARENA_NEW(c->scratch, struct cell);
    *cell = (struct cell){.move = move, .next = next, .sibling = next->longer};
    return next->longer = cell;
}

static bool chain_pads(const struct cell *chain) {
    for (; chain; chain = chain->next)
        if (chain->move->op == OP_PAD) return true;
    return false;
}

/* Takes `view` through the chain; on failure what the movement that cannot be said moves is to be
 * made material. */
static bool through_chain(struct compiler *c, struct view *view, const struct cell *chain) {
    const struct node *before = NULL;
    for (; chain; chain = chain->next) {
        if (!view_move(view, chain->move)) {
            fail(c, chain->move->source ? chain->move->source[0] : before);
            return false;
        }
        before = chain->move;
    }
    return true;
}

/* `made`: what is computed from its position, if this is its view: without a movement of its own to
 * blame, it is made material itself. */
static void add_pending(struct compiler *c, const struct view *view, struct map *map,
                        const struct cell *chain, const struct node *made) {
    if (c->pending_count == PENDING_MOST) {
        fail(c, NULL);
        return;
    }
    const struct node *moved = chain && chain->next ? chain->move : made;
    c->pending = ARENA_GROW(c->scratch, c->pending, c->pending_count);
    c->pending[c->pending_count++] = (struct pending){*view, map, moved};
}

static struct instruction *emit(struct compiler *c, uint8_t op, enum dtype type,
                                enum dtype result) {
    struct fused *fused = c->fused;
    fused->code = ARENA_GROW(c->scratch, fused->code, fused->code_count);
    struct instruction *i = &fused->code[fused->code_count++];
    *i = (struct instruction){.op = op,
                              .type = type,
                              .result = result,
                              .dst = -1,
                              .a = -1,
                              .b = -1,
                              .c = -1,
                              .leaf = -1,
                              .store = -1};
    return i;
}

static int new_value(struct compiler *c, struct instruction *i) {
    if (c->values == VALUES_MOST) return fail(c, NULL);
    return i->dst = (int16_t)c->values++;
}

static int load(struct compiler *c, const struct node *n, const struct cell *chain) {
    struct fused *fused = c->fused;
    struct place place = fuse_place(c->f, n);
    struct view view = view_of(n->shape);
    view.base = place.offset;
    if (!through_chain(c, &view, chain)) return 0;
    int leaf = fused->loads_count;
    if (leaf == PENDING_MOST) return fail(c, NULL);
    fused->loads[fused->loads_count++] = (struct leaf){.buffer = place.buffer, .type = n->type};
    add_pending(c, &view, &fused->loads[leaf].map, chain, NULL);
    struct instruction *i =
        emit(c, FUSED_LOAD, n->type, n->type == TYPE_UINT8 ? TYPE_FLOAT32 : n->type);
    i->leaf = (int16_t)leaf;
    return new_value(c, i);
}

/* Rows of a table by index: a view of the table's rest and one of the index, each over the whole
 * result. */
static int load_gather(struct compiler *c, const struct node *n, const struct cell *chain) {
    struct fused *fused = c->fused;
    const struct node *table = n->source[0], *index = n->source[1];
    struct place table_place = fuse_place(c->f, table), index_place = fuse_place(c->f, index);
    int64_t rest[AXES_MOST] = {0}, which[AXES_MOST] = {0}, next = 1;
    for (int a = n->shape.rank - 1; a >= index->shape.rank; a--) {
        rest[a] = next;
        next *= n->shape.extent[a];
    }
    int64_t row = next;
    next = 1;
    for (int a = index->shape.rank - 1; a >= 0; a--) {
        which[a] = next;
        next *= n->shape.extent[a];
    }
    struct view rest_view = view_strided(n->shape, rest, table_place.offset);
    struct view index_view = view_strided(n->shape, which, index_place.offset);
    if (!through_chain(c, &rest_view, chain) || !through_chain(c, &index_view, chain)) return 0;
    struct gather *gather = ARENA_NEW(c->arena, struct gather);
    *gather = (struct gather){
        .buffer = index_place.buffer, .rows = table->shape.extent[0], .row_stride = row};
    int leaf = fused->loads_count;
    if (leaf == PENDING_MOST) return fail(c, NULL);
    fused->loads[fused->loads_count++] =
        (struct leaf){.buffer = table_place.buffer, .type = n->type, .map = {.gather = gather}};
    add_pending(c, &rest_view, &fused->loads[leaf].map, chain, n);
    add_pending(c, &index_view, &gather->map, chain, n);
    struct instruction *i =
        emit(c, FUSED_LOAD, n->type, n->type == TYPE_UINT8 ? TYPE_FLOAT32 : n->type);
    i->leaf = (int16_t)leaf;
    return new_value(c, i);
}

/* IOTA and RANDOM are computed from the position of the element. */
static int index_value(struct compiler *c, const struct node *n, const struct cell *chain) {
    struct view view = view_of(n->shape);
    if (n->op == OP_IOTA) {
        int64_t stride[AXES_MOST] = {0};
        stride[n->at.axis] = 1;
        view = view_strided(n->shape, stride, 0);
    }
    if (!through_chain(c, &view, chain)) return 0;
    struct map *map = ARENA_NEW(c->arena, struct map);
    add_pending(c, &view, map, chain, n);
    struct instruction *i = emit(c, n->op == OP_IOTA ? FUSED_INDEX : OP_RANDOM, n->type, n->type);
    i->map = map;
    if (n->op == OP_RANDOM) {
        struct place clock = fuse_place(c->f, n->source[0]);
        i->node = n;
        i->clock = clock.buffer;
        i->clock_offset = clock.offset;
    }
    return new_value(c, i);
}

static bool computed_here(const struct compiler *c, const struct node *n,
                          const struct cell *chain) {
    if (chain != c->flat) return false;
    for (int i = 0; i < c->unit->roots_count; i++)
        if (c->unit->roots[i].value == n && !c->unit->roots[i].copy && !c->unit->roots[i].reduction)
            return true;
    return false;
}

static int compile(struct compiler *c, const struct node *n, struct cell *chain);

/* Near a limit: the operation at hand is made material, on the way down and, where a long chain has
 * a leaf at each link, on the way back. */
static bool crowded(const struct compiler *c) {
    return c->pending_count > PENDING_MOST - 8 || c->values > VALUES_MOST - 16 ||
           c->memo_count > VALUES_MOST - 32;
}

static int compile_operation(struct compiler *c, const struct node *n, struct cell *chain) {
    int value[3] = {-1, -1, -1};
    BUG_IF(op_rows[n->op].class != OP_CLASS_MAP || n->sources > 3);
    if (crowded(c) && !c->f->material[n->id]) return fail(c, n);
    for (int s = 0; s < n->sources && !c->failed; s++)
        value[s] = compile(c, n->source[s], chain);
    if (c->failed) return 0;
    if (crowded(c) && !c->f->material[n->id]) return fail(c, n);
    struct instruction *i =
        emit(c, (uint8_t)n->op, n->source[n->op == OP_SELECT ? 1 : 0]->type, n->type);
    i->a = (int16_t)value[0];
    i->b = (int16_t)value[1];
    i->c = (int16_t)value[2];
    return new_value(c, i);
}

static int compile_constant(struct compiler *c, const struct node *n) {
    struct instruction *i = emit(c, FUSED_CONSTANT, n->type, n->type);
    i->value = n->at.value;
    return new_value(c, i);
}

static bool is_made_here(const struct compiler *c, const struct node *n, const struct cell *chain) {
    return !c->f->material[n->id] || computed_here(c, n, chain);
}

static int compile_new(struct compiler *c, const struct node *n, struct cell *chain) {
    if (!is_made_here(c, n, chain)) return load(c, n, chain);
    if (chain_pads(chain)) return fail(c, n);
    if (n->op == OP_CONSTANT) return compile_constant(c, n);
    if (n->op == OP_GATHER) return load_gather(c, n, chain);
    if (n->op == OP_IOTA || n->op == OP_RANDOM) return index_value(c, n, chain);
    return compile_operation(c, n, chain);
}

/* The value of n, moved by the chain, as a number of a value. */
static int compile(struct compiler *c, const struct node *n, struct cell *chain) {
    if (c->failed) return 0;
    while (op_rows[n->op].class == OP_CLASS_MOVE && n->op != OP_CONCAT &&
           is_made_here(c, n, chain)) {
        chain = chain_add(c, n, chain);
        n = n->source[0];
    }
    bool uniform = n->op == OP_CONSTANT && !n->at.table && !c->f->material[n->id];
    const struct cell *key = uniform && !chain_pads(chain) ? NULL : chain;
    for (int i = 0; i < c->memo_count; i++)
        if (c->memo[i].node == n && c->memo[i].chain == key) return c->memo[i].value;
    int value = compile_new(c, n, chain);
    if (c->failed) return 0;
    if (c->memo_count == VALUES_MOST) return fail(c, NULL);
    c->memo[c->memo_count++] = (struct memo){n, key, value};
    return value;
}

/* ---- roots ---- */

static void compile_root(struct compiler *c, const struct root *root) {
    struct fused *fused = c->fused;
    const struct node *n = root->reduction ? root->reduction->source[0] : root->value;
    bool here = !root->copy || computed_here(c, n, c->flat);
    int value = here ? compile(c, n, c->flat) : load(c, n, c->flat);
    if (c->failed) return;
    if (root->reduction) {
        fused->reductions[fused->reductions_count++] = (struct reduction){
            (uint8_t)root->reduction->op, (int16_t)value, root->place, root->check_finite};
        return;
    }
    int leaf = fused->stores_count++;
    fused->stores[leaf] = (struct leaf){.buffer = root->place.buffer,
                                        .type = root->value->type,
                                        .check_finite = root->check_finite};
    int64_t stride[AXES_MOST];
    shape_strides(root->part_of ? root->part_of->shape : root->value->shape, stride);
    struct view view = view_strided(root->value->shape, stride, root->place.offset);
    if (!through_chain(c, &view, c->flat)) return;
    add_pending(c, &view, &fused->stores[leaf].map, NULL, NULL);
    struct instruction *i = emit(c, FUSED_STORE, root->value->type, root->value->type);
    i->a = (int16_t)value;
    i->leaf = (int16_t)leaf;
}

/* ---- the kernel ---- */

/* The pending view that is moved most, to be made simpler. */
static const struct node *hardest(const struct compiler *c) {
    const struct node *found = NULL;
    int most = 1;
    for (int p = 0; p < c->pending_count; p++)
        if (c->pending[p].moved && !c->f->material[c->pending[p].moved->id] &&
            c->pending[p].view.axis[0].factors >= most) {
            most = c->pending[p].view.axis[0].factors;
            found = c->pending[p].moved;
        }
    return found;
}

/* The loop of the unit's roots, still flat. */
static void set_loop(struct compiler *c) {
    const struct unit *unit = c->unit;
    struct fused *fused = c->fused;
    bool reduces = false;
    for (int i = 0; i < unit->roots_count; i++)
        reduces = reduces || unit->roots[i].reduction;
    fused->outer = reduces ? unit->outer : unit->count;
    fused->reduced = reduces ? unit->reduced : 1;
    fused->inner = reduces ? unit->inner : 1;
    fused->form = !reduces ? FORM_MAP : unit->inner > 1 ? FORM_COLUMN : FORM_ROW;
    struct node *flat = ARENA_NEW(c->scratch, struct node);
    *flat = (struct node){.op = OP_RESHAPE, .shape = SHAPE(unit->count)};
    c->flat = ARENA_NEW(c->scratch, struct cell);
    c->flat->move = flat;
}

/* Lists as long as they have become, where they stay. */
static void keep_lists(const struct compiler *c) {
    struct fused *fused = c->fused;
#define KEEP(list, count) list = arena_copy(c->arena, list, (size_t)(count) * sizeof *list)
    KEEP(fused->code, fused->code_count);
    KEEP(fused->loads, fused->loads_count);
    KEEP(fused->stores, fused->stores_count);
    KEEP(fused->reductions, fused->reductions_count);
#undef KEEP
}

struct fused *fuse_compile(const struct fuser *f, const struct unit *unit, struct arena *arena,
                           const struct node **obstacle) {
    struct arena *scratch = arena_new();
    struct fused *fused = ARENA_NEW(arena, struct fused);
    struct compiler *c = ARENA_NEW(scratch, struct compiler);
    *c =
        (struct compiler){.f = f, .unit = unit, .arena = arena, .scratch = scratch, .fused = fused};
    fused->loads = ARENA_ARRAY(scratch, struct leaf, PENDING_MOST);
    fused->stores = ARENA_ARRAY(scratch, struct leaf, unit->roots_count);
    fused->reductions = ARENA_ARRAY(scratch, struct reduction, unit->roots_count);
    set_loop(c);
    for (int i = 0; i < unit->roots_count && !c->failed; i++)
        compile_root(c, &unit->roots[i]);
    if (!c->failed && !fuse_set_axes(fused, c->pending, c->pending_count)) fail(c, hardest(c));
    if (!c->failed) fuse_set_registers(fused, c->values);
    if (!c->failed) keep_lists(c);
    if (c->failed && obstacle) *obstacle = c->obstacle;
    bool failed = c->failed;
    arena_free(scratch);
    return failed ? NULL : fused;
}
