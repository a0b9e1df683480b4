/*
 * Lowering: a simplified graph in the form that kernels want. Gradients have been taken, so nothing
 * made here needs a rule for them.
 *
 *   - products that share a factor are joined (join.c)
 *   - a product takes operands that are transposed, instead of their transposes
 *   - a product with an extent of 1 is element-wise work and a sum
 *   - a convolution is made of fewer products, tile by tile, where that pays (winograd.c)
 *   - each reduction is over one run of neighbouring axes; others are made of several
 *   - a mean and the squared deviations from it are one reduction, MOMENTS, which reads its source
 *     once; where a number is infinite, the mean is NaN, which the guard reports all the same
 *   - a comparison of x with 0 is decided on max(x, 0), or on x where x > 0 and a positive multiple
 *     of x elsewhere: whoever comes later needs only the activation's result, and x dies early
 */
#include <math.h>

#include "base/bug.h"
#include "engine/fused.h"
#include "engine/join.h"
#include "engine/winograd.h"

/* The source of a permutation that swaps the last two axes, or NULL. */
static struct node *transposed_source(const struct node *n) {
    int r = n->shape.rank;
    if (n->op != OP_PERMUTE || r < 2) return NULL;
    for (int a = 0; a < r - 2; a++)
        if (n->at.order[a] != a) return NULL;
    return n->at.order[r - 2] == r - 1 ? n->source[0] : NULL;
}

/* a (…, m, k) and b (…, k, n), neither transposed, as a sum over k of products. */
static struct node *thin_product(struct graph *g, struct node *a, struct node *b,
                                 struct shape result) {
    int r = result.rank;
    int64_t k = a->shape.extent[r - 1];
    struct shape wide = result, left = result, right = result;
    BUG_IF(r + 1 > AXES_MOST);
    wide.rank = left.rank = right.rank = r + 1; /* (…, m, k, n) */
    wide.extent[r] = result.extent[r - 1];
    wide.extent[r - 1] = k;
    left.extent[r - 1] = k;
    left.extent[r] = 1;
    right.extent[r - 2] = 1;
    right.extent[r - 1] = k;
    right.extent[r] = result.extent[r - 1];
    struct node *product = graph_mul(g, graph_expand(g, graph_reshape(g, a, left), wide),
                                     graph_expand(g, graph_reshape(g, b, right), wide));
    return graph_reshape(g, graph_sum(g, product, 1u << (r - 1)), result);
}

/* sum over `axis` of matrix (p, q) times a vector along that axis, which has as many elements as
 * it: read as it lies in memory. */
static struct node *matrix_vector(struct graph *g, struct node *matrix, int axis,
                                  struct node *vector, struct shape result) {
    struct shape along = matrix->shape;
    along.extent[1 - axis] = 1;
    struct node *product =
        graph_mul(g, matrix, graph_expand(g, graph_reshape(g, vector, along), matrix->shape));
    return graph_reshape(g, graph_sum(g, product, 1u << axis), result);
}

static struct node *lower_matmul(struct graph *g, const struct node *n, struct node *a,
                                 struct node *b) {
    int r = n->shape.rank;
    struct node *at = transposed_source(a), *bt = transposed_source(b);
    bool ta = (n->at.transpose & 1) != (at != NULL),
         tb = (n->at.transpose >> 1 & 1) != (bt != NULL);
    a = at ? at : a;
    b = bt ? bt : b;
    int64_t rows = n->shape.extent[r - 2], columns = n->shape.extent[r - 1],
            k = a->shape.extent[ta ? r - 2 : r - 1];
    if (r == 2 && columns == 1 && k > 1) return matrix_vector(g, a, ta ? 0 : 1, b, n->shape);
    if (r == 2 && rows == 1 && k > 1) return matrix_vector(g, b, tb ? 1 : 0, a, n->shape);
    if ((rows == 1 || columns == 1 || k == 1) && r < AXES_MOST)
        return thin_product(g, ta ? graph_transpose(g, a) : a, tb ? graph_transpose(g, b) : b,
                            n->shape);
    return graph_matmul_transposed(g, a, ta, b, tb);
}

/* One reduction for each run of reduced axes, the last run first. Axes of extent 1 belong to any
 * run. */
static struct node *lower_reduction(struct graph *g, const struct node *n, struct node *x) {
    struct node *result = x;
    for (int a = x->shape.rank - 1; a >= 0;) {
        uint32_t run = 0;
        for (; a >= 0 && (x->shape.extent[a] == 1 || !(n->at.axes >> a & 1)); a--) {
        }
        for (; a >= 0 && (x->shape.extent[a] == 1 || (n->at.axes >> a & 1)); a--)
            if (x->shape.extent[a] > 1) run |= 1u << a;
        if (run) result = n->op == OP_SUM ? graph_sum(g, result, run) : graph_max(g, result, run);
    }
    return result;
}

/* ---- moments ---- */

static bool uniform_value(const struct node *n, double *value) {
    *value = n->at.value;
    return n->op == OP_CONSTANT && !n->at.table;
}

static const struct node *behind_reshapes(const struct node *n) {
    while (n->op == OP_RESHAPE)
        n = n->source[0];
    return n;
}

static bool one_run(const struct shape *shape, uint32_t axes) {
    int runs = 0;
    bool inside = false;
    for (int a = 0; a < shape->rank; a++) {
        if (shape->extent[a] == 1) continue;
        bool reduced = axes >> a & 1;
        runs += reduced && !inside;
        inside = reduced;
    }
    return runs == 1;
}

/* If n is sum(square(x - mean(x))) over axes that moments can take: x's mean, as it was divided;
 * else NULL. */
static const struct node *mean_under_deviations(const struct node *n) {
    if (n->op != OP_SUM || n->shape.rank == AXES_MOST || n->type != TYPE_FLOAT32) return NULL;
    const struct node *square = n->source[0];
    if (square->op != OP_MUL || square->source[0] != square->source[1]) return NULL;
    const struct node *difference = square->source[0];
    if (difference->op != OP_SUB) return NULL;
    const struct node *x = difference->source[0], *spread = difference->source[1];
    if (spread->op != OP_BROADCAST || !one_run(&x->shape, n->at.axes)) return NULL;
    const struct node *mean = behind_reshapes(spread->source[0]);
    if (mean->sources != 2 || (mean->op != OP_MUL && mean->op != OP_DIV)) return NULL;
    double factor, count = (double)(shape_count(x->shape) / shape_count(n->shape));
    int other = mean->op == OP_MUL && uniform_value(mean->source[0], &factor) ? 1 : 0;
    if (!uniform_value(mean->source[1 - other], &factor)) return NULL;
    if (mean->op == OP_DIV) factor = 1 / factor;
    const struct node *sum = behind_reshapes(mean->source[other]);
    bool same = sum->op == OP_SUM && sum->source[0] == x && sum->at.axes == n->at.axes &&
                shape_equal(spread->source[0]->shape, sum->shape) &&
                fabs(factor * count - 1) < 1e-6;
    return same ? mean : NULL;
}

/* For each node of `old` that is a mean or a sum of deviations of moments: the sum of deviations,
 * else NULL. */
static const struct node **find_moments(const struct graph *old, struct arena *scratch) {
    const struct node **found = ARENA_ARRAY(scratch, const struct node *, old->count + 1);
    for (int i = 0; i < old->count; i++) {
        const struct node *mean = mean_under_deviations(old->nodes[i]);
        if (!mean || found[mean->id]) continue;
        found[i] = found[mean->id] = old->nodes[i];
    }
    return found;
}

/* One half of the moments of x: 0 the mean, 1 the squared deviations. */
static struct node *half_of_moments(struct graph *g, const struct node *deviations, struct node *x,
                                    int half, struct shape shape) {
    struct node *both = graph_node(g, OP_MOMENTS, x->type, x->shape, 1, &x,
                                   &(struct attributes){.axes = deviations->at.axes});
    return graph_reshape(g, graph_slice_axis(g, both, 0, half, 1), shape);
}

/* ---- comparisons ---- */

/* If n is an activation that is above 0 exactly where x is, x; else NULL. */
static const struct node *sign_kept(const struct node *n) {
    double zero, slope;
    if (n->op != OP_SELECT || n->type != TYPE_FLOAT32) return NULL;
    const struct node *test = n->source[0], *x = n->source[1], *below = n->source[2];
    if (test->op != OP_LESS || test->source[1] != x || !uniform_value(test->source[0], &zero) ||
        zero != 0)
        return NULL;
    if (uniform_value(below, &slope)) return slope == 0 ? x : NULL;
    if (below->op != OP_MUL) return NULL;
    int other = below->source[0] == x ? 1 : 0;
    if (below->source[1 - other] != x || !uniform_value(below->source[other], &slope)) return NULL;
    return slope > 0 ? x : NULL;
}

/* For each node of `old`, the first activation that keeps its sign, or NULL. */
static const struct node **find_activations(const struct graph *old, struct arena *scratch) {
    const struct node **found = ARENA_ARRAY(scratch, const struct node *, old->count + 1);
    for (int i = 0; i < old->count; i++) {
        const struct node *x = sign_kept(old->nodes[i]);
        if (x && !found[x->id] && op_rows[x->op].class != OP_CLASS_LEAF)
            found[x->id] = old->nodes[i];
    }
    return found;
}

/* select(0 < x, a, b), where an activation of x has been made before. */
static struct node *select_by_activation(struct graph *g, struct node *activation,
                                         struct node *const *s) {
    struct node *test = graph_binary(g, OP_LESS, graph_like(g, activation, 0), activation);
    return graph_select(g, test, s[1], s[2]);
}

/* ---- the pass ---- */

struct lowering {
    struct graph *graph;
    struct node **image; /* of the old nodes */
    const struct node **moments, **activations;
    int64_t winograd; /* as winograd_choose's tile */
};

static struct node *lower_select(struct lowering *l, const struct node *n, struct node *const *s) {
    const struct node *test = n->source[0];
    double zero;
    if (test->op == OP_LESS && uniform_value(test->source[0], &zero) && zero == 0) {
        const struct node *activation = l->activations[test->source[1]->id];
        if (activation && activation->id < n->id && l->image[activation->id] != s[1])
            return select_by_activation(l->graph, l->image[activation->id], s);
    }
    return graph_node(l->graph, n->op, n->type, n->shape, n->sources, s, &n->at);
}

static struct node *lower_node(struct lowering *l, const struct node *n, struct node *const *s) {
    struct graph *g = l->graph;
    const struct node *deviations = l->moments[n->id];
    if (deviations) {
        struct node *x = l->image[deviations->source[0]->source[0]->source[0]->id];
        return half_of_moments(g, deviations, x, deviations == n, n->shape);
    }
    const struct filtering *filtering;
    switch (n->op) {
    case OP_MATMUL:
        return lower_matmul(g, n, s[0], s[1]);
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW:
        filtering = winograd_choose(n, l->winograd);
        if (filtering) return graph_winograd(g, n, filtering, s[0], s[1]);
        return graph_node(g, n->op, n->type, n->shape, n->sources, s, &n->at);
    case OP_SELECT:
        return lower_select(l, n, s);
    case OP_SUM:
    case OP_REDUCE_MAX:
        return lower_reduction(g, n, s[0]);
    default:
        return graph_node(g, n->op, n->type, n->shape, n->sources, s, &n->at);
    }
}

struct graph *graph_lower(struct arena *arena, const struct graph *simplified, int64_t winograd) {
    const struct graph *old = graph_join(arena, simplified);
    struct graph *new = graph_new(arena);
    struct arena *scratch = arena_new();
    struct lowering lowering = {new, ARENA_ARRAY(scratch, struct node *, old->count + 1),
                                find_moments(old, scratch), find_activations(old, scratch),
                                winograd};
    struct node **image = lowering.image;
    new->inputs = arena_copy(arena, old->inputs, (size_t)old->inputs_count * sizeof *old->inputs);
    new->inputs_count = old->inputs_count;
    for (int i = 0; i < old->count; i++) {
        const struct node *n = old->nodes[i];
        struct node **s = ARENA_ARRAY(scratch, struct node *, n->sources + 1);
        for (int k = 0; k < n->sources; k++)
            s[k] = image[n->source[k]->id];
        new->origin = n->origin;
        new->label = n->label;
        image[i] = lower_node(&lowering, n, s);
        BUG_IF(!shape_equal(image[i]->shape, n->shape));
    }
    for (int i = 0; i < old->outputs_count; i++)
        graph_output(new, old->outputs[i].name, image[old->outputs[i].value->id],
                     old->outputs[i].origin);
    for (int i = 0; i < old->assignments_count; i++)
        graph_assign(new, old->assignments[i].variable, image[old->assignments[i].value->id]);
    arena_free(scratch);
    return graph_simplify(arena, new);
}
