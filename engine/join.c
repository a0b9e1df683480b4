/*
 * Joining: products that share their second factor become one product of their first factors,
 * stacked.
 *
 *     x w and y w      ->  [x; y] w           a network called twice runs once, on both batches
 *     x' g + y' h      ->  [x; y]' [g; h]     and so do the gradients of its weights
 *                                             (conv, conv_dx and conv_dw likewise)
 *     sum(g) + sum(h)  ->  sum([g; h])        and of its biases
 *
 * A stack is taken for free where the parts are the same operations on parts that are stacked
 * already (`together`); only for the first factors of products is one made by a concat, whose parts
 * are then written where they belong.
 */
#include "engine/join.h"

#include <string.h>

enum { PARTS_MOST = 16, GROUPS_TRIED = 16, TOGETHER_BUDGET = 200 };

struct group {
    int members[PARTS_MOST]; /* ids of old nodes */
    int count;
    int older;            /* the group before it with the same second factor, + 1 */
    struct node *product; /* the joined one, once made */
};

struct stack {
    struct node *parts[PARTS_MOST];
    int count;
    struct node *whole;
};

/* A node whose image is being made, and how many of its sources have theirs. */
struct step {
    const struct node *node;
    int sources_done;
};

struct joiner {
    const struct graph *old;
    struct graph *graph;
    struct arena *scratch;
    struct node **image; /* of old nodes */
    struct group *groups;
    int groups_count;
    int *group_of;        /* by old id: group + 1, or 0 */
    int *newest_group;    /* by old id of a second factor: group + 1, or 0 */
    int lowest_joined;    /* below this id each product is alone */
    int *seen, walks;     /* by old id: the last walk that met it */
    int *open;            /* what a walk has met and not yet looked at */
    struct step *steps;   /* from what is wanted down to what is being made */
    struct stack *stacks; /* concats made so far */
    int stacks_count;
    int budget;
};

/* ---- groups ---- */

static struct group *joined_group(const struct joiner *j, int id) {
    struct group *group = j->group_of[id] ? &j->groups[j->group_of[id] - 1] : NULL;
    return group && group->count > 1 ? group : NULL;
}

static bool is_member(const struct group *group, int id) {
    for (int m = 0; m < group->count; m++)
        if (group->members[m] == id) return true;
    return false;
}

/* Puts the sources of n on the list of what this walk has yet to look at. */
static void open_sources(struct joiner *j, const struct node *n, int *count, int lowest) {
    for (int s = 0; s < n->sources; s++) {
        int id = n->source[s]->id;
        if (id < lowest || j->seen[id] == j->walks) continue;
        j->seen[id] = j->walks;
        j->open[(*count)++] = id;
    }
}

/* Whether the sources of `from` need any member of `target`, with joined products counting as one.
 */
static bool needs(struct joiner *j, const struct group *from, const struct group *target) {
    int count = 0, lowest = target->members[0];
    if (j->lowest_joined < lowest) lowest = j->lowest_joined;
    j->walks++;
    for (int m = 0; m < from->count; m++)
        open_sources(j, j->old->nodes[from->members[m]], &count, lowest);
    while (count) {
        int id = j->open[--count];
        if (is_member(target, id)) return true;
        const struct group *group = joined_group(j, id);
        for (int m = 0; m < (group ? group->count : 1); m++)
            open_sources(j, j->old->nodes[group ? group->members[m] : id], &count, lowest);
    }
    return false;
}

/* Products that may be stacked: of two matrices, neither transposed, with several rows and columns;
 * of images and a kernel. */
static bool may_join(const struct node *n) {
    if (n->op == OP_CONV || n->op == OP_CONV_DX) return true;
    return n->op == OP_MATMUL && n->shape.rank == 2 && !n->at.transpose && n->shape.extent[0] > 1;
}

/* Whether two products with one second factor differ at most in their rows or images. */
static bool may_stack(const struct node *a, const struct node *b) {
    const struct shape *x = &a->source[0]->shape, *y = &b->source[0]->shape;
    if (a->op != b->op || memcmp(&a->at.conv, &b->at.conv, sizeof a->at.conv)) return false;
    for (int i = 1; i < a->shape.rank; i++)
        if (a->shape.extent[i] != b->shape.extent[i] || x->extent[i] != y->extent[i]) return false;
    return true;
}

/* The oldest of the last groups with the product's second factor that it can join, or NULL: a group
 * that needs the product, or that the product needs, cannot be one with it. */
static struct group *find_group(struct joiner *j, int id) {
    struct group alone = {.members = {id}, .count = 1}, *found = NULL;
    int number = j->newest_group[j->old->nodes[id]->source[1]->id];
    for (int tried = 0; number && tried < GROUPS_TRIED; tried++) {
        struct group *group = &j->groups[number - 1];
        number = group->older;
        if (group->count == PARTS_MOST ||
            !may_stack(j->old->nodes[id], j->old->nodes[group->members[0]]))
            continue;
        if (needs(j, &alone, group) || needs(j, group, &alone)) continue;
        found = group;
    }
    return found;
}

static void add_group(struct joiner *j, int id) {
    int *newest = &j->newest_group[j->old->nodes[id]->source[1]->id];
    j->groups = ARENA_GROW(j->scratch, j->groups, j->groups_count);
    j->groups[j->groups_count++] = (struct group){.members = {id}, .count = 1, .older = *newest};
    j->group_of[id] = *newest = j->groups_count;
}

static void find_groups(struct joiner *j) {
    j->lowest_joined = j->old->count;
    for (int i = 0; i < j->old->count; i++) {
        if (!may_join(j->old->nodes[i])) continue;
        struct group *group = find_group(j, i);
        if (!group) {
            add_group(j, i);
            continue;
        }
        group->members[group->count++] = i;
        j->group_of[i] = (int)(group - j->groups) + 1;
        if (group->members[0] < j->lowest_joined) j->lowest_joined = group->members[0];
    }
}

/* ---- stacks ---- */

static int64_t total_rows(struct node *const *parts, int count) {
    int64_t rows = 0;
    for (int i = 0; i < count; i++)
        rows += parts[i]->shape.extent[0];
    return rows;
}

static struct shape with_rows(struct shape shape, int64_t rows) {
    shape.extent[0] = rows;
    return shape;
}

/* Parts that are neighbouring ranges of rows of one node. */
static struct node *neighbours(struct joiner *j, struct node *const *parts, int count) {
    struct node *whole = parts[0]->op == OP_SLICE ? parts[0]->source[0] : NULL;
    int64_t next = parts[0]->at.low[0], first = next;
    for (int i = 0; i < count && whole; i++) {
        const struct node *p = parts[i];
        bool fits = p->op == OP_SLICE && p->source[0] == whole && p->at.low[0] == next &&
                    p->at.step[0] == 1;
        for (int a = 1; a < p->shape.rank && fits; a++)
            fits = p->shape.extent[a] == whole->shape.extent[a];
        if (!fits) return NULL;
        next += p->shape.extent[0];
    }
    return whole ? graph_slice_axis(j->graph, whole, 0, first, next - first) : NULL;
}

static struct node *known_stack(const struct joiner *j, struct node *const *parts, int count) {
    for (int i = 0; i < j->stacks_count; i++)
        if (j->stacks[i].count == count &&
            !memcmp(j->stacks[i].parts, parts, (size_t)count * sizeof *parts))
            return j->stacks[i].whole;
    return NULL;
}

static struct node *together(struct joiner *j, struct node *const *parts, int count);

/* Source s of every part, together. */
static struct node *sources_together(struct joiner *j, struct node *const *parts, int count,
                                     int s) {
    struct node *sources[PARTS_MOST];
    for (int i = 0; i < count; i++)
        sources[i] = parts[i]->source[s];
    return together(j, sources, count);
}

static bool alike(struct node *const *parts, int count) {
    for (int i = 1; i < count; i++)
        if (parts[i]->op != parts[0]->op || parts[i]->type != parts[0]->type ||
            parts[i]->shape.rank != parts[0]->shape.rank)
            return false;
    return true;
}

static bool same_constant(struct node *const *parts, int count) {
    if (parts[0]->op != OP_CONSTANT) return false;
    for (int i = 0; i < count; i++)
        if (parts[i]->at.table ||
            memcmp(&parts[i]->at.value, &parts[0]->at.value, sizeof parts[i]->at.value))
            return false;
    return true;
}

/* One row repeated in every part. */
static bool same_row(struct node *const *parts, int count) {
    for (int i = 0; i < count; i++)
        if (parts[i]->op != OP_BROADCAST || parts[i]->source[0] != parts[0]->source[0] ||
            parts[i]->source[0]->shape.extent[0] != 1)
            return false;
    return true;
}

static bool keeps_rows(struct node *const *parts, int count) {
    for (int i = 0; i < count; i++) {
        const struct node *source = parts[i]->source[0];
        if (parts[i]->op != OP_RESHAPE || source->shape.rank < 1 ||
            source->shape.extent[0] != parts[i]->shape.extent[0])
            return false;
    }
    return true;
}

/* The parts stacked along their first axis, without a copy; NULL if that cannot be said. */
static struct node *together(struct joiner *j, struct node *const *parts, int count) {
    struct node *found = known_stack(j, parts, count);
    if (found) return found;
    if (--j->budget < 0 || !alike(parts, count) || parts[0]->shape.rank < 1) return NULL;
    for (int i = 1; i < count; i++)
        for (int a = 1; a < parts[0]->shape.rank; a++)
            if (parts[i]->shape.extent[a] != parts[0]->shape.extent[a]) return NULL;
    found = neighbours(j, parts, count);
    if (found) return found;
    int64_t rows = total_rows(parts, count);
    if (same_constant(parts, count))
        return graph_constant(j->graph, parts[0]->type, with_rows(parts[0]->shape, rows),
                              parts[0]->at.value);
    if (same_row(parts, count))
        return graph_expand(j->graph, parts[0]->source[0], with_rows(parts[0]->shape, rows));
    if (keeps_rows(parts, count)) {
        struct node *source = sources_together(j, parts, count, 0);
        return source ? graph_reshape(j->graph, source, with_rows(parts[0]->shape, rows)) : NULL;
    }
    bool plain = op_rows[parts[0]->op].class == OP_CLASS_MAP && parts[0]->op != OP_RANDOM &&
                 parts[0]->op != OP_IOTA;
    if (!plain) return NULL;
    struct node *sources[3];
    for (int s = 0; s < parts[0]->sources; s++)
        if (!(sources[s] = sources_together(j, parts, count, s))) return NULL;
    return graph_node(j->graph, parts[0]->op, parts[0]->type, with_rows(parts[0]->shape, rows),
                      parts[0]->sources, sources, &parts[0]->at);
}

static struct node *try_together(struct joiner *j, struct node *const *parts, int count) {
    j->budget = TOGETHER_BUDGET;
    return together(j, parts, count);
}

/* The parts stacked, by a concat if need be. */
static struct node *stacked(struct joiner *j, struct node *const *parts, int count) {
    struct node *whole = try_together(j, parts, count);
    if (whole) return whole;
    whole = graph_concat(j->graph, count, parts, 0);
    j->stacks = ARENA_GROW(j->scratch, j->stacks, j->stacks_count);
    struct stack *stack = &j->stacks[j->stacks_count++];
    *stack = (struct stack){.count = count, .whole = whole};
    memcpy(stack->parts, parts, (size_t)count * sizeof *parts);
    return whole;
}

/* ---- sums of products and of sums ---- */

static struct node *transposed(const struct node *n) {
    return n->op == OP_PERMUTE && n->shape.rank == 2 && n->at.order[0] == 1 ? n->source[0] : NULL;
}

/* conv_dw(x, g) + conv_dw(y, h), where x, y and g, h are together in this order. */
static struct node *join_kernels(struct joiner *j, const struct node *a, const struct node *b) {
    if (!may_stack(a, b)) return NULL;
    struct node *x = try_together(j, (struct node *[]){a->source[0], b->source[0]}, 2);
    struct node *g = x ? try_together(j, (struct node *[]){a->source[1], b->source[1]}, 2) : NULL;
    return g ? graph_conv_dw(j->graph, x, g, &a->at.conv, a->shape) : NULL;
}

/* x' g + y' h as one product, likewise. */
static struct node *join_products(struct joiner *j, const struct node *a, const struct node *b) {
    if (a->op == OP_CONV_DW && b->op == OP_CONV_DW) return join_kernels(j, a, b);
    if (a->op != OP_MATMUL || b->op != OP_MATMUL || a->shape.rank != 2 || a->at.transpose ||
        b->at.transpose)
        return NULL;
    struct node *left[2] = {transposed(a->source[0]), transposed(b->source[0])};
    if (!left[0] || !left[1]) return NULL;
    struct node *x = try_together(j, left, 2);
    struct node *g = x ? try_together(j, (struct node *[]){a->source[1], b->source[1]}, 2) : NULL;
    return g ? graph_matmul(j->graph, graph_transpose(j->graph, x), g) : NULL;
}

/* The sum over rows (and maybe more) behind reshapes, or NULL. */
static const struct node *row_sum(const struct node *n) {
    while (n->op == OP_RESHAPE)
        n = n->source[0];
    return n->op == OP_SUM && n->at.axes & 1 && n->source[0]->shape.extent[0] > 1 ? n : NULL;
}

static struct node *join_sums(struct joiner *j, const struct node *a, const struct node *b) {
    const struct node *x = row_sum(a), *y = row_sum(b);
    if (!x || !y || x->at.axes != y->at.axes || !shape_equal(x->shape, y->shape)) return NULL;
    struct node *both = try_together(j, (struct node *[]){x->source[0], y->source[0]}, 2);
    return both ? graph_reshape(j->graph, graph_sum(j->graph, both, x->at.axes), a->shape) : NULL;
}

/* ---- the pass ---- */

/* The first row of the joined product that x is computed from, or -1: what orders the members of a
   group, so that a network's backward pass is stacked as its forward pass was. */
static int64_t first_row(const struct node *x, int *budget) {
    if (x->op == OP_SLICE && op_rows[x->source[0]->op].class == OP_CLASS_PRODUCT)
        return x->at.low[0];
    if (op_rows[x->op].class == OP_CLASS_PRODUCT || --*budget < 0) return -1;
    for (int s = 0; s < x->sources; s++) {
        int64_t row = first_row(x->source[s], budget);
        if (row >= 0) return row;
    }
    return -1;
}

static void order_members(struct group *group, struct node **left) {
    int64_t row[PARTS_MOST];
    for (int m = 0; m < group->count; m++) {
        int budget = TOGETHER_BUDGET, at = m, member = group->members[m];
        struct node *node = left[m];
        int64_t key = first_row(node, &budget);
        for (; at > 0 && row[at - 1] > key; at--) {
            row[at] = row[at - 1];
            left[at] = left[at - 1];
            group->members[at] = group->members[at - 1];
        }
        row[at] = key;
        left[at] = node;
        group->members[at] = member;
    }
}

/* The joined product of a group, and each member as its rows. */
static void make_group(struct joiner *j, struct group *group) {
    struct node *left[PARTS_MOST];
    const struct node *first = j->old->nodes[group->members[0]];
    for (int m = 0; m < group->count; m++)
        left[m] = j->image[j->old->nodes[group->members[m]]->source[0]->id];
    struct node *right = j->image[first->source[1]->id];
    order_members(group, left);
    j->graph->origin = first->origin;
    j->graph->label = first->label;
    struct node *factors[2] = {stacked(j, left, group->count), right};
    struct shape shape = with_rows(first->shape, total_rows(left, group->count));
    group->product = graph_node(j->graph, first->op, first->type, shape, 2, factors, &first->at);
    int64_t row = 0;
    for (int m = 0; m < group->count; m++) {
        int64_t rows = left[m]->shape.extent[0];
        j->image[group->members[m]] = graph_slice_axis(j->graph, group->product, 0, row, rows);
        row += rows;
    }
}

static void make_node(struct joiner *j, const struct node *n) {
    struct node **s = ARENA_ARRAY(j->scratch, struct node *, n->sources + 1), *result = NULL;
    for (int k = 0; k < n->sources; k++)
        s[k] = j->image[n->source[k]->id];
    j->graph->origin = n->origin;
    j->graph->label = n->label;
    for (int order = 0; n->op == OP_ADD && order < 2 && !result; order++) {
        result = join_products(j, s[order], s[1 - order]);
        if (!result) result = join_sums(j, s[order], s[1 - order]);
    }
    if (!result) result = graph_node(j->graph, n->op, n->type, n->shape, n->sources, s, &n->at);
    j->image[n->id] = result;
}

/* What n's image, or that of its whole group, is made from: number `at`, or NULL. */
static const struct node *source_at(const struct joiner *j, const struct node *n,
                                    const struct group *group, int at) {
    if (!group) return at < n->sources ? n->source[at] : NULL;
    if (at < group->count) return j->old->nodes[group->members[at]]->source[0];
    return at == group->count ? n->source[1] : NULL;
}

/* Makes the image of a node after those of all that it needs. */
static struct node *image_of(struct joiner *j, const struct node *wanted) {
    int depth = 0;
    j->steps[depth++] = (struct step){wanted, 0};
    while (depth) {
        struct step *step = &j->steps[depth - 1];
        const struct node *n = step->node;
        struct group *group = joined_group(j, n->id);
        const struct node *source =
            j->image[n->id] ? NULL : source_at(j, n, group, step->sources_done++);
        if (source) {
            if (!j->image[source->id]) j->steps[depth++] = (struct step){source, 0};
            continue;
        }
        if (!j->image[n->id] && group) make_group(j, group);
        if (!j->image[n->id]) make_node(j, n);
        depth--;
    }
    return j->image[wanted->id];
}

struct graph *graph_join(struct arena *arena, const struct graph *old) {
    struct arena *scratch = arena_new();
    struct joiner j = {.old = old, .graph = graph_new(arena), .scratch = scratch};
    j.image = ARENA_ARRAY(scratch, struct node *, old->count + 1);
    j.group_of = ARENA_ARRAY(scratch, int, old->count + 1);
    j.newest_group = ARENA_ARRAY(scratch, int, old->count + 1);
    j.seen = ARENA_ARRAY(scratch, int, old->count + 1);
    j.open = ARENA_ARRAY(scratch, int, old->count + 1);
    j.steps = ARENA_ARRAY(scratch, struct step, old->count + 1);
    find_groups(&j);
    j.graph->inputs =
        arena_copy(arena, old->inputs, (size_t)old->inputs_count * sizeof *old->inputs);
    j.graph->inputs_count = old->inputs_count;
    for (int i = 0; i < old->outputs_count; i++)
        graph_output(j.graph, old->outputs[i].name, image_of(&j, old->outputs[i].value),
                     old->outputs[i].origin);
    for (int i = 0; i < old->assignments_count; i++)
        graph_assign(j.graph, old->assignments[i].variable,
                     image_of(&j, old->assignments[i].value));
    arena_free(scratch);
    return graph_simplify(arena, j.graph);
}
