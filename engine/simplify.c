/*
 * Simplification: the graph is built again, node by node, each through the rules below.
 *
 * Rules hold for every number, NaN and infinity included (but x + 0 is x, also where x is -0):
 * there is no 0 * x = 0 and no x - x = 0, or the guards against numbers that are not finite would
 * lie. Rules may change the last bit of a result, but never between two runs of the same program.
 */
#include <math.h>

#include "base/bug.h"
#include "engine/graph.h"
#include "engine/scalar_double.h"

/* A constant that is one number everywhere. */
static bool uniform(const struct node *n, double *value) {
    if (n->op != OP_CONSTANT || n->at.table) return false;
    *value = n->at.value;
    return true;
}

static bool is_uniform(const struct node *n, double wanted) {
    double value;
    return uniform(n, &value) && value == wanted && !(wanted == 0 && signbit(value));
}

static double round_to(enum dtype type, double x) {
    return type == TYPE_FLOAT32 ? (double)(float)x : x;
}

/* Element-wise operations on constants. */
static struct node *fold(struct graph *g, enum op op, enum dtype type, struct shape shape,
                         int sources, struct node *const *s) {
    double v[3] = {0};
    if (op_rows[op].class != OP_CLASS_MAP || sources < 1 || sources > 3 || op == OP_RANDOM)
        return NULL;
    for (int i = 0; i < sources; i++) {
        if (!uniform(s[i], &v[i])) return NULL;
        v[i] = round_to(s[i]->type, v[i]);
    }
    if (op == OP_CAST) {
        if (type == TYPE_INT32 || type == TYPE_UINT8) return NULL;
        return graph_constant(g, type, shape, round_to(type, v[0]));
    }
    if (s[0]->type != TYPE_FLOAT32 && s[0]->type != TYPE_FLOAT64) return NULL;
    return graph_constant(g, type, shape, round_to(type, scalar_double(op, v[0], v[1], v[2])));
}

static struct node *rewrite_arithmetic(struct graph *g, enum op op, struct node *const *s) {
    switch (op) {
    case OP_ADD:
        if (is_uniform(s[1], 0)) return s[0];
        if (is_uniform(s[0], 0)) return s[1];
        if (s[1]->op == OP_NEG) return graph_sub(g, s[0], s[1]->source[0]);
        if (s[0]->op == OP_NEG) return graph_sub(g, s[1], s[0]->source[0]);
        return NULL;
    case OP_SUB:
        if (is_uniform(s[1], 0)) return s[0];
        if (s[1]->op == OP_NEG) return graph_add(g, s[0], s[1]->source[0]);
        return NULL;
    case OP_MUL:
        if (is_uniform(s[1], 1)) return s[0];
        if (is_uniform(s[0], 1)) return s[1];
        if (is_uniform(s[1], -1)) return graph_neg(g, s[0]);
        if (is_uniform(s[0], -1)) return graph_neg(g, s[1]);
        return NULL;
    case OP_DIV:
        return is_uniform(s[1], 1) ? s[0] : NULL;
    case OP_POW:
        if (is_uniform(s[1], 1)) return s[0];
        if (is_uniform(s[1], 2)) return graph_mul(g, s[0], s[0]);
        if (is_uniform(s[1], -1)) return graph_div(g, graph_like(g, s[0], 1), s[0]);
        return NULL;
    case OP_NEG:
        return s[0]->op == OP_NEG ? s[0]->source[0] : NULL;
    case OP_SELECT: {
        double value;
        if (s[1] == s[2]) return s[1];
        return uniform(s[0], &value) ? value != 0 ? s[1] : s[2] : NULL;
    }
    case OP_CAST:
        return NULL;
    default:
        return NULL;
    }
}

static struct node *rewrite_permute(struct graph *g, struct node *x, const struct attributes *at) {
    bool same = true;
    int order[AXES_MOST];
    bool nested = x->op == OP_PERMUTE;
    for (int a = 0; a < x->shape.rank; a++) {
        order[a] = nested ? x->at.order[at->order[a]] : at->order[a];
        same = same && order[a] == a;
    }
    struct node *source = nested ? x->source[0] : x;
    if (same) return source;
    return nested ? graph_permute(g, source, order) : NULL;
}

static bool pads_nothing(const struct node *x, const struct attributes *at) {
    for (int a = 0; a < x->shape.rank; a++)
        if (at->low[a] || at->high[a] || (at->step[a] != 1 && x->shape.extent[a] > 1)) return false;
    return true;
}

/* A slice that takes exactly one part of a concat, or lies within one, is a slice of the part. */
static struct node *slice_of_concat(struct graph *g, struct node *x, struct shape shape,
                                    const struct attributes *at) {
    int axis = x->at.axis;
    int64_t start = 0, low = at->low[axis], last = low + (shape.extent[axis] - 1) * at->step[axis];
    for (int i = 0; i < x->sources; i++) {
        int64_t count = x->source[i]->shape.extent[axis];
        if (low >= start && last < start + count) {
            struct attributes inner = *at;
            inner.low[axis] -= start;
            return graph_slice(g, x->source[i], inner.low, inner.step, shape);
        }
        start += count;
    }
    return NULL;
}

static struct node *rewrite_movement(struct graph *g, enum op op, struct shape shape,
                                     struct node *const *s, const struct attributes *at) {
    struct node *x = s[0];
    double value;
    if (op != OP_PAD && op != OP_CONCAT && uniform(x, &value)) {
        if (op == OP_PERMUTE) {
            for (int a = 0; a < x->shape.rank; a++)
                shape.extent[a] = x->shape.extent[at->order[a]];
        }
        if (op == OP_FLIP) shape = x->shape;
        return graph_constant(g, x->type, shape, value);
    }
    switch (op) {
    case OP_RESHAPE:
        if (x->op == OP_RESHAPE) x = x->source[0];
        return x != s[0] || shape_equal(x->shape, shape) ? graph_reshape(g, x, shape) : NULL;
    case OP_BROADCAST:
        if (shape_equal(x->shape, shape)) return x;
        return x->op == OP_BROADCAST ? graph_expand(g, x->source[0], shape) : NULL;
    case OP_PERMUTE:
        return rewrite_permute(g, x, at);
    case OP_SLICE:
        return x->op == OP_CONCAT ? slice_of_concat(g, x, shape, at) : NULL;
    case OP_PAD:
        return pads_nothing(x, at) ? x : NULL;
    case OP_FLIP:
        if (!at->axes) return x;
        return x->op == OP_FLIP ? graph_flip(g, x->source[0], at->axes ^ x->at.axes) : NULL;
    default:
        return NULL;
    }
}

static struct node *rewrite_reduction(struct graph *g, enum op op, struct node *x,
                                      const struct attributes *at) {
    double value;
    uint32_t axes = 0;
    for (int a = 0; a < x->shape.rank; a++)
        if ((at->axes >> a & 1) && x->shape.extent[a] > 1) axes |= 1u << a;
    if (!axes) return x;
    if (!uniform(x, &value)) return NULL;
    struct shape shape = x->shape;
    double count = 1;
    for (int a = 0; a < shape.rank; a++)
        if (axes >> a & 1) {
            count *= (double)shape.extent[a];
            shape.extent[a] = 1;
        }
    return graph_constant(g, x->type, shape,
                          op == OP_SUM ? round_to(x->type, value * count) : value);
}

/* Whether each place of the kernel sees pixels of its own: a kernel of one tap, or as large as the image. */
static bool sees_once(struct shape x, struct shape kernel, struct shape y,
                      const struct convolution *c) {
    bool point = true, whole = true;
    for (int a = 0; a < 2; a++) {
        if (c->low[a] || c->high[a]) return false;
        point = point && kernel.extent[a] == 1 && x.extent[a + 1] == y.extent[a + 1];
        whole = whole && kernel.extent[a] == x.extent[a + 1];
    }
    return c->groups == 1 && (point || whole);
}

/* Such a convolution is a product of matrices: y = x kernel, x = y kernel', kernel = x' y. */
static struct node *rewrite_conv(struct graph *g, const struct node *n, struct node *const *s) {
    bool dx = n->op == OP_CONV_DX, dw = n->op == OP_CONV_DW;
    struct shape x = dx ? n->shape : s[0]->shape, kernel = dw ? n->shape : s[1]->shape,
                 y = n->op == OP_CONV ? n->shape : s[dw]->shape;
    if (n->at.conv.winograd || !sees_once(x, kernel, y, &n->at.conv)) return NULL;
    int64_t columns = kernel.extent[3], inner = shape_count(kernel) / columns,
            rows = shape_count(y) / columns;
    struct shape wide = SHAPE(rows, inner), narrow = SHAPE(rows, columns);
    struct node *a = graph_reshape(g, s[0], dx ? narrow : wide),
                *b = graph_reshape(g, s[1], dw ? narrow : SHAPE(inner, columns));
    if (dx) b = graph_transpose(g, b);
    if (dw) a = graph_transpose(g, a);
    return graph_reshape(g, graph_matmul(g, a, b), n->shape);
}

/* The simplified form of a node with already simplified sources. */
static struct node *rewrite(struct graph *g, const struct node *n, struct node *const *s) {
    struct node *r = NULL;
    if (n->op == OP_STOP_GRADIENT || n->op == OP_MARK) return s[0];
    r = fold(g, n->op, n->type, n->shape, n->sources, s);
    if (!r && op_rows[n->op].class == OP_CLASS_MAP) r = rewrite_arithmetic(g, n->op, s);
    if (!r && op_rows[n->op].class == OP_CLASS_MOVE)
        r = rewrite_movement(g, n->op, n->shape, s, &n->at);
    if (!r && (n->op == OP_SUM || n->op == OP_REDUCE_MAX))
        r = rewrite_reduction(g, n->op, s[0], &n->at);
    if (n->op == OP_CONV || n->op == OP_CONV_DX || n->op == OP_CONV_DW) r = rewrite_conv(g, n, s);
    return r ? r : graph_node(g, n->op, n->type, n->shape, n->sources, s, &n->at);
}

/* Which nodes an output or assignment needs. */
static bool *find_live(const struct graph *graph, struct arena *arena) {
    bool *live = ARENA_ARRAY(arena, bool, graph->count + 1);
    for (int i = 0; i < graph->outputs_count; i++)
        live[graph->outputs[i].value->id] = true;
    for (int i = 0; i < graph->assignments_count; i++)
        live[graph->assignments[i].value->id] = true;
    for (int i = graph->count - 1; i >= 0; i--)
        for (int s = 0; live[i] && s < graph->nodes[i]->sources; s++)
            live[graph->nodes[i]->source[s]->id] = true;
    return live;
}

/* One round; a second one drops nodes that became dead. */
static struct graph *simplify_once(struct arena *arena, const struct graph *old) {
    struct graph *new = graph_new(arena);
    struct arena *scratch = arena_new();
    bool *live = find_live(old, scratch);
    struct node **image = ARENA_ARRAY(scratch, struct node *, old->count + 1);
    new->inputs = arena_copy(arena, old->inputs, (size_t)old->inputs_count * sizeof *old->inputs);
    new->inputs_count = old->inputs_count;
    for (int i = 0; i < old->count; i++) {
        const struct node *n = old->nodes[i];
        if (!live[i]) continue;
        struct node **s = ARENA_ARRAY(scratch, struct node *, n->sources + 1);
        for (int k = 0; k < n->sources; k++)
            s[k] = image[n->source[k]->id];
        new->origin = n->origin;
        new->label = n->label;
        image[i] = rewrite(new, n, s);
        BUG_IF(image[i]->type != n->type || !shape_equal(image[i]->shape, n->shape));
    }
    for (int i = 0; i < old->outputs_count; i++)
        graph_output(new, old->outputs[i].name, image[old->outputs[i].value->id],
                     old->outputs[i].origin);
    for (int i = 0; i < old->assignments_count; i++)
        graph_assign(new, old->assignments[i].variable, image[old->assignments[i].value->id]);
    new->marks = old->marks;
    arena_free(scratch);
    return new;
}

struct graph *graph_simplify(struct arena *arena, const struct graph *graph) {
    struct graph *result = simplify_once(arena, graph);
    for (int round = 0; round < 8; round++) {
        int before = result->count;
        result = simplify_once(arena, result);
        if (result->count == before) break;
    }
    graph_verify(result, "simplify");
    return result;
}
