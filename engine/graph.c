/* Building the graph: shape rules, hash-consing and the small functions that make nodes; see
 * graph.h. */
#include "engine/graph.h"

#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "base/text.h"

const struct op_row op_rows[OP_COUNT] = {
#define X(NAME, name, sources, class, tolerance, doc)                                              \
    {name, sources, OP_CLASS_##class, tolerance, doc},
    OP_LIST(X)
#undef X
};

size_t dtype_size(enum dtype type) {
    static const size_t sizes[] = {4, 2, 4, 1, 8};
    return sizes[type];
}

const char *dtype_name(enum dtype type) {
    static const char *const names[] = {"float32", "bfloat16", "int32", "uint8", "float64"};
    return names[type];
}

struct shape shape_make(int rank, const int64_t *extent) {
    BUG_IF(rank < 0 || rank > AXES_MOST);
    struct shape shape = {.rank = rank};
    for (int a = 0; a < rank; a++)
        shape.extent[a] = extent[a];
    return shape;
}

int64_t shape_count(struct shape shape) {
    int64_t count = 1;
    for (int a = 0; a < shape.rank; a++)
        count *= shape.extent[a];
    return count;
}

bool shape_equal(struct shape a, struct shape b) {
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++)
        if (a.extent[i] != b.extent[i]) return false;
    return true;
}

const char *shape_text(struct arena *arena, struct shape shape) {
    struct text text = {0};
    text_add(&text, "[");
    for (int a = 0; a < shape.rank; a++)
        text_format(&text, "%s%lld", a ? ", " : "", (long long)shape.extent[a]);
    text_add(&text, "]");
    char *copy = arena_text(arena, text_get(&text));
    text_release(&text);
    return copy;
}

struct graph *graph_new(struct arena *arena) {
    struct graph *graph = ARENA_NEW(arena, struct graph);
    graph->arena = arena;
    graph->buckets_count = 1024;
    graph->buckets = ARENA_ARRAY(arena, struct node *, graph->buckets_count);
    return graph;
}

/* ---- the rule of each operation's shape ---- */

static struct shape reduced_shape(struct shape shape, uint32_t axes) {
    for (int a = 0; a < shape.rank; a++)
        if (axes >> a & 1) shape.extent[a] = 1;
    return shape;
}

static struct shape matmul_shape(const struct node *a, const struct node *b, int transpose) {
    int r = a->shape.rank;
    BUG_IF(r < 2 || r != b->shape.rank);
    bool ta = transpose & 1, tb = transpose & 2;
    int64_t m = a->shape.extent[ta ? r - 1 : r - 2], ka = a->shape.extent[ta ? r - 2 : r - 1];
    int64_t kb = b->shape.extent[tb ? r - 1 : r - 2], n = b->shape.extent[tb ? r - 2 : r - 1];
    BUG_IF(ka != kb);
    struct shape shape = a->shape;
    for (int i = 0; i < r - 2; i++)
        BUG_IF(a->shape.extent[i] != b->shape.extent[i]);
    shape.extent[r - 2] = m;
    shape.extent[r - 1] = n;
    return shape;
}

static struct shape concat_shape(int sources, struct node *const *source, int axis) {
    BUG_IF(sources < 1);
    struct shape shape = source[0]->shape;
    BUG_IF(axis < 0 || axis >= shape.rank);
    for (int i = 1; i < sources; i++) {
        struct shape s = source[i]->shape;
        BUG_IF(s.rank != shape.rank || source[i]->type != source[0]->type);
        for (int a = 0; a < s.rank; a++)
            BUG_IF(a != axis && s.extent[a] != shape.extent[a]);
        shape.extent[axis] += s.extent[axis];
    }
    return shape;
}

static struct shape gather_shape(const struct node *table, const struct node *index) {
    BUG_IF(index->type != TYPE_INT32 || table->shape.rank < 1);
    BUG_IF(index->shape.rank + table->shape.rank - 1 > AXES_MOST);
    struct shape shape = index->shape;
    for (int a = 1; a < table->shape.rank; a++)
        shape.extent[shape.rank++] = table->shape.extent[a];
    return shape;
}

static void check_slice(const struct node *x, struct shape shape, const struct attributes *at) {
    BUG_IF(shape.rank != x->shape.rank);
    for (int a = 0; a < shape.rank; a++) {
        int64_t last = at->low[a] + (shape.extent[a] - 1) * at->step[a];
        BUG_IF(shape.extent[a] < 1 || at->low[a] < 0 || at->step[a] < 1 ||
               last >= x->shape.extent[a]);
    }
}

static struct shape pad_shape(const struct node *x, const struct attributes *at) {
    struct shape shape = x->shape;
    for (int a = 0; a < shape.rank; a++) {
        BUG_IF(at->low[a] < 0 || at->high[a] < 0 || at->step[a] < 1);
        shape.extent[a] = at->low[a] + (shape.extent[a] - 1) * at->step[a] + 1 + at->high[a];
    }
    return shape;
}

static void check_expand(const struct node *x, struct shape shape) {
    BUG_IF(shape.rank != x->shape.rank);
    for (int a = 0; a < shape.rank; a++)
        BUG_IF(x->shape.extent[a] != shape.extent[a] && x->shape.extent[a] != 1);
}

static void check_scatter(struct node *const *source, struct shape shape) {
    struct shape rows = source[1]->shape, index = source[0]->shape;
    BUG_IF(source[0]->type != TYPE_INT32 || rows.rank < index.rank);
    for (int a = 0; a < index.rank; a++)
        BUG_IF(rows.extent[a] != index.extent[a]);
    BUG_IF(shape.rank != rows.rank - index.rank + 1);
    for (int a = 1; a < shape.rank; a++)
        BUG_IF(shape.extent[a] != rows.extent[index.rank + a - 1]);
}

static struct shape permuted_shape(const struct node *x, const int32_t *order) {
    struct shape shape = x->shape;
    uint32_t seen = 0;
    for (int a = 0; a < shape.rank; a++) {
        BUG_IF(order[a] < 0 || order[a] >= shape.rank || seen >> order[a] & 1);
        seen |= 1u << order[a];
        shape.extent[a] = x->shape.extent[order[a]];
    }
    return shape;
}

static bool is_float(enum dtype type) {
    return type == TYPE_FLOAT32 || type == TYPE_BFLOAT16 || type == TYPE_FLOAT64;
}

/* Checks sources and sets type and shape, where they follow from the rest. */
static void infer(enum op op, int sources, struct node *const *s, const struct attributes *at,
                  enum dtype *type, struct shape *shape) {
    BUG_IF(op_rows[op].sources >= 0 && sources != op_rows[op].sources);
    BUG_IF(op_rows[op].class == OP_CLASS_MOVE && *type != s[0]->type);
    switch (op) {
    case OP_CONSTANT:
    case OP_INPUT:
    case OP_VARIABLE:
        break;
    case OP_IOTA:
        BUG_IF(at->axis < 0 || at->axis >= shape->rank);
        break;
    case OP_RANDOM:
        BUG_IF(s[0]->type != TYPE_INT32 || shape_count(s[0]->shape) != 3);
        break;
    case OP_RESHAPE:
        BUG_IF(shape_count(*shape) != shape_count(s[0]->shape));
        break;
    case OP_BROADCAST:
        check_expand(s[0], *shape);
        break;
    case OP_SLICE:
        check_slice(s[0], *shape, at);
        break;
    case OP_SCATTER_ADD:
        BUG_IF(!is_float(s[1]->type));
        check_scatter(s, *shape);
        *type = s[1]->type;
        break;
    case OP_PERMUTE:
        *shape = permuted_shape(s[0], at->order);
        break;
    case OP_PAD:
        *shape = pad_shape(s[0], at);
        break;
    case OP_CONCAT:
        *shape = concat_shape(sources, s, at->axis);
        break;
    case OP_SUM:
    case OP_REDUCE_MAX:
        BUG_IF(!is_float(s[0]->type));
        *type = s[0]->type;
        *shape = reduced_shape(s[0]->shape, at->axes);
        break;
    case OP_MOMENTS:
        *type = s[0]->type;
        *shape = reduced_shape(s[0]->shape, at->axes);
        BUG_IF(shape->rank == AXES_MOST);
        memmove(shape->extent + 1, shape->extent, (size_t)shape->rank * sizeof *shape->extent);
        shape->extent[0] = 2;
        shape->rank++;
        break;
    case OP_MATMUL:
        BUG_IF(s[0]->type != s[1]->type || !is_float(s[0]->type));
        *type = s[0]->type;
        *shape = matmul_shape(s[0], s[1], at->transpose);
        break;
    case OP_GATHER:
        *type = s[0]->type;
        *shape = gather_shape(s[0], s[1]);
        break;
    case OP_CAST:
        *shape = s[0]->shape;
        break;
    case OP_SELECT:
        BUG_IF(!is_float(s[0]->type) || s[1]->type != s[2]->type);
        BUG_IF(!shape_equal(s[0]->shape, s[1]->shape) || !shape_equal(s[1]->shape, s[2]->shape));
        *type = s[1]->type;
        *shape = s[0]->shape;
        break;
    case OP_LESS:
    case OP_EQUAL:
        BUG_IF(s[0]->type != s[1]->type || !shape_equal(s[0]->shape, s[1]->shape));
        *type = TYPE_FLOAT32;
        *shape = s[0]->shape;
        break;
    default:
        for (int i = 1; i < sources; i++)
            BUG_IF(s[i]->type != s[0]->type || !shape_equal(s[i]->shape, s[0]->shape));
        *type = s[0]->type;
        *shape = s[0]->shape;
    }
}

/* ---- hash-consing ------------------------------------------------------------------------------
 */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *b = bytes;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, b + i, 8);
        if (word) hash = hash_mix(hash + i, word);
    }
    return hash;
}

static uint64_t hash_node(enum op op, enum dtype type, struct shape shape, int sources,
                          struct node *const *source, const struct attributes *at) {
    uint64_t hash = hash_mix((uint64_t)op, (uint64_t)type);
    hash = hash_mix(hash, (uint64_t)shape.rank);
    for (int a = 0; a < shape.rank; a++)
        hash = hash_mix(hash, (uint64_t)shape.extent[a]);
    for (int i = 0; i < sources; i++)
        hash = hash_mix(hash, (uint64_t)source[i]->id);
    return hash_bytes(hash, at, sizeof *at);
}

static bool same_node(const struct node *n, enum op op, enum dtype type, struct shape shape,
                      int sources, struct node *const *source, const struct attributes *at) {
    if (n->op != op || n->type != type || n->sources != sources || !shape_equal(n->shape, shape))
        return false;
    for (int i = 0; i < sources; i++)
        if (n->source[i] != source[i]) return false;
    return !memcmp(&n->at, at, sizeof *at);
}

static void rehash(struct graph *graph) {
    graph->buckets_count *= 4;
    graph->buckets = ARENA_ARRAY(graph->arena, struct node *, graph->buckets_count);
    uint64_t mask = (uint64_t)graph->buckets_count - 1;
    for (int i = 0; i < graph->count; i++) {
        struct node *n = graph->nodes[i];
        uint64_t slot = hash_node(n->op, n->type, n->shape, n->sources, n->source, &n->at) & mask;
        graph->chain[i] = graph->buckets[slot];
        graph->buckets[slot] = n;
    }
}

struct node *graph_node(struct graph *graph, enum op op, enum dtype type, struct shape shape,
                        int sources, struct node *const *source, const struct attributes *given) {
    struct attributes at;
    memset(&at, 0, sizeof at);
    if (given) memcpy(&at, given, sizeof at);
    infer(op, sources, source, &at, &type, &shape);
    uint64_t hash = hash_node(op, type, shape, sources, source, &at);
    struct node **slot = &graph->buckets[hash & ((uint64_t)graph->buckets_count - 1)];
    if (op != OP_RANDOM && op != OP_MARK)
        for (struct node *n = *slot; n; n = graph->chain[n->id])
            if (same_node(n, op, type, shape, sources, source, &at)) return n;
    struct node *node = ARENA_NEW(graph->arena, struct node);
    *node = (struct node){op,   type, shape,         graph->count, sources,
                          NULL, at,   graph->origin, graph->label};
    node->source = arena_copy(graph->arena, source, (size_t)sources * sizeof *source);
    graph->nodes = ARENA_GROW(graph->arena, graph->nodes, graph->count);
    graph->chain = ARENA_GROW(graph->arena, graph->chain, graph->count);
    graph->chain[graph->count] = *slot;
    *slot = node;
    graph->nodes[graph->count++] = node;
    if (graph->count > 2 * graph->buckets_count) rehash(graph);
    return node;
}

/* ---- leaves ------------------------------------------------------------------------------------
 */

struct node *graph_constant(struct graph *graph, enum dtype type, struct shape shape,
                            double value) {
    return graph_node(graph, OP_CONSTANT, type, shape, 0, NULL,
                      &(struct attributes){.value = value});
}

struct node *graph_table(struct graph *graph, enum dtype type, struct shape shape,
                         const double *table) {
    size_t size = (size_t)shape_count(shape) * sizeof *table;
    return graph_node(graph, OP_CONSTANT, type, shape, 0, NULL,
                      &(struct attributes){.table = arena_copy(graph->arena, table, size)});
}

struct node *graph_input(struct graph *graph, const char *name, enum dtype type, struct shape shape,
                         bool resident) {
    graph->inputs = ARENA_GROW(graph->arena, graph->inputs, graph->inputs_count);
    graph->inputs[graph->inputs_count] =
        (struct input){arena_text(graph->arena, name), type, shape, resident};
    return graph_node(graph, OP_INPUT, type, shape, 0, NULL,
                      &(struct attributes){.input = graph->inputs_count++});
}

struct node *graph_variable(struct graph *graph, const struct variable *variable) {
    return graph_node(graph, OP_VARIABLE, variable->type, variable->shape, 0, NULL,
                      &(struct attributes){.variable = variable});
}

struct node *graph_iota(struct graph *graph, enum dtype type, struct shape shape, int axis) {
    return graph_node(graph, OP_IOTA, type, shape, 0, NULL, &(struct attributes){.axis = axis});
}

struct node *graph_random(struct graph *graph, enum random_kind kind, struct shape shape,
                          uint64_t place, struct node *clock) {
    return graph_node(graph, OP_RANDOM, TYPE_FLOAT32, shape, 1, &clock,
                      &(struct attributes){.kind = (int32_t)kind, .place = place});
}

struct node *graph_like(struct graph *graph, const struct node *x, double value) {
    return graph_constant(graph, x->type, x->shape, value);
}

/* ---- element by element ------------------------------------------------------------------------
 */

struct node *graph_unary(struct graph *graph, enum op op, struct node *x) {
    return graph_node(graph, op, x->type, x->shape, 1, &x, NULL);
}

struct node *graph_binary(struct graph *graph, enum op op, struct node *a, struct node *b) {
    return graph_node(graph, op, a->type, a->shape, 2, (struct node *[]){a, b}, NULL);
}

struct node *graph_select(struct graph *graph, struct node *condition, struct node *a,
                          struct node *b) {
    return graph_node(graph, OP_SELECT, a->type, a->shape, 3, (struct node *[]){condition, a, b},
                      NULL);
}

struct node *graph_cast(struct graph *graph, struct node *x, enum dtype type) {
    return x->type == type ? x : graph_node(graph, OP_CAST, type, x->shape, 1, &x, NULL);
}

struct node *graph_scale(struct graph *graph, struct node *x, double factor) {
    return graph_mul(graph, x, graph_like(graph, x, factor));
}

struct node *graph_shift(struct graph *graph, struct node *x, double term) {
    return graph_add(graph, x, graph_like(graph, x, term));
}

/* ---- movement ----------------------------------------------------------------------------------
 */

struct node *graph_reshape(struct graph *graph, struct node *x, struct shape shape) {
    if (shape_equal(x->shape, shape)) return x;
    return graph_node(graph, OP_RESHAPE, x->type, shape, 1, &x, NULL);
}

struct node *graph_permute(struct graph *graph, struct node *x, const int *order) {
    struct attributes at = {0};
    for (int a = 0; a < x->shape.rank; a++)
        at.order[a] = order[a];
    return graph_node(graph, OP_PERMUTE, x->type, x->shape, 1, &x, &at);
}

struct node *graph_transpose(struct graph *graph, struct node *x) {
    int order[AXES_MOST], r = x->shape.rank;
    BUG_IF(r < 2);
    for (int a = 0; a < r; a++)
        order[a] = a;
    order[r - 2] = r - 1;
    order[r - 1] = r - 2;
    return graph_permute(graph, x, order);
}

struct node *graph_expand(struct graph *graph, struct node *x, struct shape shape) {
    if (shape_equal(x->shape, shape)) return x;
    return graph_node(graph, OP_BROADCAST, x->type, shape, 1, &x, NULL);
}

struct node *graph_broadcast(struct graph *graph, struct node *x, struct shape shape) {
    int missing = shape.rank - x->shape.rank;
    BUG_IF(missing < 0);
    struct shape full = {.rank = shape.rank};
    for (int a = 0; a < shape.rank; a++)
        full.extent[a] = a < missing ? 1 : x->shape.extent[a - missing];
    return graph_expand(graph, graph_reshape(graph, x, full), shape);
}

struct node *graph_slice(struct graph *graph, struct node *x, const int64_t *start,
                         const int64_t *step, struct shape shape) {
    struct attributes at = {0};
    bool whole = true;
    for (int a = 0; a < x->shape.rank; a++) {
        at.low[a] = start ? start[a] : 0;
        at.step[a] = step && shape.extent[a] > 1 ? step[a] : 1;
        whole = whole && at.low[a] == 0 && at.step[a] == 1 && shape.extent[a] == x->shape.extent[a];
    }
    return whole ? x : graph_node(graph, OP_SLICE, x->type, shape, 1, &x, &at);
}

struct node *graph_slice_axis(struct graph *graph, struct node *x, int axis, int64_t start,
                              int64_t count) {
    int64_t low[AXES_MOST] = {0};
    struct shape shape = x->shape;
    low[axis] = start;
    shape.extent[axis] = count;
    return graph_slice(graph, x, low, NULL, shape);
}

struct node *graph_pad(struct graph *graph, struct node *x, const int64_t *low, const int64_t *high,
                       const int64_t *step, double value) {
    struct attributes at = {.value = value};
    for (int a = 0; a < x->shape.rank; a++) {
        at.low[a] = low ? low[a] : 0;
        at.high[a] = high ? high[a] : 0;
        at.step[a] = step ? step[a] : 1;
    }
    return graph_node(graph, OP_PAD, x->type, x->shape, 1, &x, &at);
}

struct node *graph_flip(struct graph *graph, struct node *x, uint32_t axes) {
    return graph_node(graph, OP_FLIP, x->type, x->shape, 1, &x, &(struct attributes){.axes = axes});
}

struct node *graph_concat(struct graph *graph, int count, struct node *const *parts, int axis) {
    if (count == 1) return parts[0];
    return graph_node(graph, OP_CONCAT, parts[0]->type, parts[0]->shape, count, parts,
                      &(struct attributes){.axis = axis});
}

/* ---- reductions --------------------------------------------------------------------------------
 */

static struct node *reduce(struct graph *graph, enum op op, struct node *x, uint32_t axes) {
    axes &= axes_all(x->shape.rank);
    for (int a = 0; a < x->shape.rank; a++)
        if (x->shape.extent[a] == 1) axes &= ~(1u << a);
    return axes
               ? graph_node(graph, op, x->type, x->shape, 1, &x, &(struct attributes){.axes = axes})
               : x;
}

struct node *graph_sum(struct graph *graph, struct node *x, uint32_t axes) {
    return reduce(graph, OP_SUM, x, axes);
}

struct node *graph_max(struct graph *graph, struct node *x, uint32_t axes) {
    return reduce(graph, OP_REDUCE_MAX, x, axes);
}

struct node *graph_sum_all(struct graph *graph, struct node *x) {
    return graph_reshape(graph, graph_sum(graph, x, axes_all(x->shape.rank)), SHAPE_SCALAR);
}

struct node *graph_sum_to(struct graph *graph, struct node *x, struct shape shape) {
    int missing = x->shape.rank - shape.rank;
    BUG_IF(missing < 0);
    uint32_t axes = 0;
    for (int a = 0; a < x->shape.rank; a++)
        if (a < missing || (shape.extent[a - missing] == 1 && x->shape.extent[a] != 1))
            axes |= 1u << a;
    return graph_reshape(graph, graph_sum(graph, x, axes), shape);
}

/* ---- products and indexing ---------------------------------------------------------------------
 */

struct node *graph_matmul_transposed(struct graph *graph, struct node *a, bool ta, struct node *b,
                                     bool tb) {
    return graph_node(graph, OP_MATMUL, a->type, a->shape, 2, (struct node *[]){a, b},
                      &(struct attributes){.transpose = (ta ? 1 : 0) | (tb ? 2 : 0)});
}

struct node *graph_matmul(struct graph *graph, struct node *a, struct node *b) {
    return graph_matmul_transposed(graph, a, false, b, false);
}

struct node *graph_gather(struct graph *graph, struct node *table, struct node *index) {
    return graph_node(graph, OP_GATHER, table->type, table->shape, 2,
                      (struct node *[]){table, index}, NULL);
}

struct node *graph_scatter_add(struct graph *graph, int64_t n, struct node *index,
                               struct node *rows) {
    struct shape shape = {.rank = rows->shape.rank - index->shape.rank + 1, .extent = {n}};
    BUG_IF(shape.rank < 1);
    for (int a = 1; a < shape.rank; a++)
        shape.extent[a] = rows->shape.extent[index->shape.rank + a - 1];
    return graph_node(graph, OP_SCATTER_ADD, rows->type, shape, 2, (struct node *[]){index, rows},
                      NULL);
}

/* ---- about the graph ---------------------------------------------------------------------------
 */

struct node *graph_stop(struct graph *graph, struct node *x) {
    return graph_unary(graph, OP_STOP_GRADIENT, x);
}

struct node *graph_mark(struct graph *graph, struct node *x) {
    return graph_node(graph, OP_MARK, x->type, x->shape, 1, &x,
                      &(struct attributes){.place = ++graph->marks});
}

void graph_assign(struct graph *graph, const struct variable *variable, struct node *value) {
    BUG_IF(variable->type != value->type || !shape_equal(variable->shape, value->shape));
    for (int i = 0; i < graph->assignments_count; i++)
        BUG_IF(graph->assignments[i].variable == variable);
    graph->assignments = ARENA_GROW(graph->arena, graph->assignments, graph->assignments_count);
    graph->assignments[graph->assignments_count++] = (struct assignment){variable, value};
}

void graph_output(struct graph *graph, const char *name, struct node *value,
                  const struct origin *origin) {
    graph->outputs = ARENA_GROW(graph->arena, graph->outputs, graph->outputs_count);
    graph->outputs[graph->outputs_count++] =
        (struct output){arena_text(graph->arena, name), value, origin};
}

void graph_verify(const struct graph *graph, const char *after) {
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        enum dtype type = n->type;
        struct shape shape = n->shape;
        if (n->id != i) BUG("after %s: node %d is numbered %d", after, i, n->id);
        for (int s = 0; s < n->sources; s++)
            if (n->source[s]->id >= i || graph->nodes[n->source[s]->id] != n->source[s])
                BUG("after %s: node %d has a source that does not come before it", after, i);
        infer(n->op, n->sources, n->source, &n->at, &type, &shape);
        if (type != n->type || !shape_equal(shape, n->shape))
            BUG("after %s: node %d (%s) has the wrong type or shape", after, i,
                op_rows[n->op].name);
    }
}

void graph_print(const struct graph *graph, FILE *file) {
    struct arena *arena = arena_new();
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        fprintf(file, "%%%d = %s %s%s", i, op_rows[n->op].name, dtype_name(n->type),
                shape_text(arena, n->shape));
        for (int s = 0; s < n->sources; s++)
            fprintf(file, " %%%d", n->source[s]->id);
        if (n->op == OP_CONSTANT && !n->at.table) fprintf(file, " %g", n->at.value);
        if (n->op == OP_VARIABLE) fprintf(file, " %s", n->at.variable->name);
        if (n->op == OP_INPUT) fprintf(file, " %s", graph->inputs[n->at.input].name);
        if (n->op == OP_SUM || n->op == OP_REDUCE_MAX || n->op == OP_MOMENTS)
            fprintf(file, " axes=%x", n->at.axes);
        if (n->at.transpose) fprintf(file, " transposed=%d", n->at.transpose);
        if (n->label) fprintf(file, "   # %s", n->label);
        fputc('\n', file);
    }
    for (int i = 0; i < graph->outputs_count; i++)
        fprintf(file, "output %s = %%%d\n", graph->outputs[i].name, graph->outputs[i].value->id);
    for (int i = 0; i < graph->assignments_count; i++)
        fprintf(file, "assign %s = %%%d\n", graph->assignments[i].variable->name,
                graph->assignments[i].value->id);
    arena_free(arena);
}

int64_t node_flops(const struct node *node) {
    switch (op_rows[node->op].class) {
    case OP_CLASS_PRODUCT: {
        const struct shape *a = &node->source[0]->shape;
        return 2 * shape_count(node->shape) *
               a->extent[node->at.transpose & 1 ? a->rank - 2 : a->rank - 1];
    }
    case OP_CLASS_REDUCE:
        return shape_count(node->source[0]->shape);
    case OP_CLASS_MAP:
        return node->op == OP_CAST || node->op == OP_IOTA ? 0 : shape_count(node->shape);
    default:
        return node->op == OP_SCATTER_ADD ? shape_count(node->source[1]->shape) : 0;
    }
}
