/*
 * Lowering: a simplified graph in the form that kernels want. Gradients have been taken, so nothing
 * made here needs a rule for them.
 *
 *   - a product takes operands that are transposed, instead of their transposes
 *   - a product with an extent of 1 is element-wise work and a sum
 *   - each reduction is over one run of neighbouring axes; others are made of several
 */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "engine/fused.h"

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

static struct node *lower_matmul(struct graph *g, const struct node *n, struct node *a,
                                 struct node *b) {
    int r = n->shape.rank;
    bool ta = n->at.transpose & 1, tb = n->at.transpose & 2;
    int64_t rows = n->shape.extent[r - 2], columns = n->shape.extent[r - 1],
            k = a->shape.extent[ta ? r - 2 : r - 1];
    if ((rows == 1 || columns == 1 || k == 1) && r < AXES_MOST)
        return thin_product(g, ta ? graph_transpose(g, a) : a, tb ? graph_transpose(g, b) : b,
                            n->shape);
    struct node *at = transposed_source(a), *bt = transposed_source(b);
    return graph_matmul_transposed(g, at ? at : a, at ? !ta : ta, bt ? bt : b, bt ? !tb : tb);
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

static struct node *lower_node(struct graph *g, const struct node *n, struct node *const *s) {
    switch (n->op) {
    case OP_MATMUL:
        return lower_matmul(g, n, s[0], s[1]);
    case OP_SUM:
    case OP_REDUCE_MAX:
        return lower_reduction(g, n, s[0]);
    default:
        return graph_node(g, n->op, n->type, n->shape, n->sources, s, &n->at);
    }
}

struct graph *graph_lower(struct arena *arena, const struct graph *old) {
    struct graph *new = graph_new(arena);
    struct arena *scratch = arena_new();
    struct node **image = ARENA_ARRAY(scratch, struct node *, old->count + 1);
    new->inputs = arena_copy(arena, old->inputs, (size_t)old->inputs_count * sizeof *old->inputs);
    new->inputs_count = old->inputs_count;
    for (int i = 0; i < old->count; i++) {
        const struct node *n = old->nodes[i];
        struct node **s = ARENA_ARRAY(scratch, struct node *, n->sources + 1);
        for (int k = 0; k < n->sources; k++)
            s[k] = image[n->source[k]->id];
        new->origin = n->origin;
        new->label = n->label;
        image[i] = lower_node(new, n, s);
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
