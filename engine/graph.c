/* The graph: hash-consing, what is assigned and read, and the verifier; see graph.h. */
#include "engine/graph.h"

#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "engine/graph_shape.h"
#include "engine/winograd.h"

const struct op_row op_rows[OP_COUNT] = {
#define X(NAME, name, sources, class, tolerance, doc)                                              \
    {name, sources, OP_CLASS_##class, tolerance, doc},
    OP_LIST(X)
#undef X
};

struct graph *graph_new(struct arena *arena) {
    struct graph *graph = ARENA_NEW(arena, struct graph);
    graph->arena = arena;
    graph->buckets_count = 1024;
    graph->buckets = ARENA_ARRAY(arena, struct node *, graph->buckets_count);
    return graph;
}

/* ---- hash-consing ---- */

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
    graph_infer(op, sources, source, &at, &type, &shape);
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

/* ---- about the graph ---- */

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
        graph_infer(n->op, n->sources, n->source, &n->at, &type, &shape);
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

struct convolved node_convolved(const struct node *n) {
    bool dx = n->op == OP_CONV_DX, dw = n->op == OP_CONV_DW;
    return (struct convolved){.x = dx ? n->shape : n->source[0]->shape,
                              .kernel = dw ? n->shape : n->source[1]->shape,
                              .y = dx || dw ? n->source[dw]->shape : n->shape};
}

int64_t node_flops(const struct node *node) {
    switch (op_rows[node->op].class) {
    case OP_CLASS_PRODUCT: {
        const struct shape *a = &node->source[0]->shape;
        if (node->op != OP_MATMUL) {
            struct convolved c = node_convolved(node);
            struct shape y = c.y, kernel = c.kernel;
            int64_t rows = node->at.conv.winograd, tiles = shape_count(y) / y.extent[3];
            if (rows)
                tiles =
                    y.extent[0] * winograd_tiles(y.extent[1], y.extent[2],
                                                 kernel.extent[0] + 1 -
                                                     winograd_taps(rows, node->at.conv.stride[0]));
            return 2 * tiles * shape_count(kernel);
        }
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
