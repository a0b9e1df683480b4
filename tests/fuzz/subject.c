/* Editing and printing a subject; see subject.h. */
#include "tests/fuzz/subject.h"

#include <math.h>

#include "base/bug.h"

struct editor {
    struct arena *arena;
    const struct subject *old;
    const struct edit *edit;
    struct subject *made;
    struct node **image; /* by old node id */
    bool *live;
};

static struct node *add_input(struct editor *e, const char *name, enum dtype type,
                              struct shape shape, bool resident, void *data) {
    struct subject *s = e->made;
    s->inputs = ARENA_GROW(e->arena, s->inputs, s->graph->inputs_count);
    s->inputs[s->graph->inputs_count] = data;
    return graph_input(s->graph, name, type, shape, resident);
}

/* Node `n` as an input that holds what it was worth. */
static struct node *as_input(struct editor *e, const struct node *n) {
    int64_t count = shape_count(n->shape);
    void *data = arena_alloc(e->arena, (size_t)count * host_size(n->type));
    for (int64_t i = 0; i < count; i++) {
        double x = e->edit->value[i];
        if (is_real_type(n->type))
            ((float *)data)[i] = (float)x;
        else if (n->type == TYPE_INT32)
            ((int32_t *)data)[i] = (int32_t)x;
        else
            ((uint8_t *)data)[i] = (uint8_t)x;
    }
    return add_input(e, arena_format(e->arena, "n%d", n->id), n->type, n->shape, false, data);
}

static struct node *edited(struct editor *e, const struct node *n) {
    const struct edit *edit = e->edit;
    if (edit->kind == EDIT_TO_INPUT) return as_input(e, n);
    if (edit->kind == EDIT_TO_CONSTANT)
        return graph_constant(e->made->graph, n->type, n->shape, edit->value[0]);
    struct node *source = e->image[n->source[edit->source]->id];
    if (shape_count(source->shape) != shape_count(n->shape)) return NULL;
    source = graph_cast(e->made->graph, source, n->type);
    return graph_reshape(e->made->graph, source, n->shape);
}

static struct node *copied(struct editor *e, const struct node *n) {
    struct attributes at = n->at;
    const struct subject *old = e->old;
    if (n->op == OP_INPUT) {
        const struct input *input = &old->graph->inputs[n->at.input];
        return add_input(e, input->name, n->type, n->shape, input->resident,
                         old->inputs[n->at.input]);
    }
    struct node **s = ARENA_ARRAY(e->arena, struct node *, n->sources + 1);
    for (int k = 0; k < n->sources; k++)
        s[k] = e->image[n->source[k]->id];
    if (n->op == OP_MARK) return graph_mark(e->made->graph, s[0]);
    return graph_node(e->made->graph, n->op, n->type, n->shape, n->sources, s, &at);
}

static bool dropped(const struct edit *edit, enum edit_kind kind, int at) {
    return edit->kind == kind && edit->at == at;
}

static void find_live(struct editor *e) {
    const struct graph *g = e->old->graph;
    bool replaced = e->edit->kind >= EDIT_TO_INPUT;
    for (int i = 0; i < g->outputs_count; i++)
        if (!dropped(e->edit, EDIT_DROP_OUTPUT, i)) e->live[g->outputs[i].value->id] = true;
    for (int i = 0; i < g->assignments_count; i++)
        if (!dropped(e->edit, EDIT_DROP_ASSIGNMENT, i)) e->live[g->assignments[i].value->id] = true;
    for (int i = g->count - 1; i >= 0; i--) {
        const struct node *n = g->nodes[i];
        bool cut = replaced && i == e->edit->at;
        for (int k = 0; e->live[i] && k < n->sources; k++)
            if (!cut || (e->edit->kind == EDIT_TO_SOURCE && k == e->edit->source))
                e->live[n->source[k]->id] = true;
    }
}

static void copy_results(struct editor *e) {
    const struct graph *g = e->old->graph;
    for (int i = 0; i < g->outputs_count; i++)
        if (!dropped(e->edit, EDIT_DROP_OUTPUT, i))
            graph_output(e->made->graph, g->outputs[i].name, e->image[g->outputs[i].value->id],
                         NULL);
    for (int i = 0; i < g->assignments_count; i++)
        if (!dropped(e->edit, EDIT_DROP_ASSIGNMENT, i))
            graph_assign(e->made->graph, g->assignments[i].variable,
                         e->image[g->assignments[i].value->id]);
}

struct subject *subject_edit(struct arena *arena, const struct subject *old,
                             const struct edit *edit) {
    struct editor e = {arena, old, edit, ARENA_NEW(arena, struct subject), NULL, NULL};
    const struct graph *g = old->graph;
    *e.made = *old;
    e.made->arena = arena;
    e.made->graph = graph_new(arena);
    e.made->inputs = NULL;
    e.image = ARENA_ARRAY(arena, struct node *, g->count + 1);
    e.live = ARENA_ARRAY(arena, bool, g->count + 1);
    find_live(&e);
    if (edit->kind >= EDIT_TO_INPUT && !e.live[edit->at]) return NULL;
    for (int i = 0; i < g->count; i++) {
        if (!e.live[i]) continue;
        bool here = edit->kind >= EDIT_TO_INPUT && i == edit->at;
        e.image[i] = here ? edited(&e, g->nodes[i]) : copied(&e, g->nodes[i]);
        if (!e.image[i]) return NULL;
    }
    copy_results(&e);
    if (!e.made->graph->outputs_count && !e.made->graph->assignments_count) return NULL;
    return e.made;
}

static void print_numbers(const char *name, enum dtype type, struct shape shape, const void *data,
                          FILE *file) {
    if (shape_count(shape) > 12) return;
    fprintf(file, "%s:", name);
    for (int64_t i = 0; i < shape_count(shape); i++)
        if (is_real_type(type))
            fprintf(file, " %.9g", (double)((const float *)data)[i]);
        else if (type == TYPE_INT32)
            fprintf(file, " %d", (int)((const int32_t *)data)[i]);
        else
            fprintf(file, " %d", ((const uint8_t *)data)[i]);
    fputc('\n', file);
}

static void print_attributes(const struct node *n, FILE *file) {
    fprintf(file, "  %%%d:", n->id);
    for (int a = 0; a < n->source[0]->shape.rank; a++)
        if (n->op == OP_PERMUTE)
            fprintf(file, " %d", n->at.order[a]);
        else
            fprintf(file, " (%lld, %lld, %lld)", (long long)n->at.low[a], (long long)n->at.high[a],
                    (long long)n->at.step[a]);
    if (n->op == OP_PAD) fprintf(file, " value %g", n->at.value);
    fputs(n->op == OP_PERMUTE ? " order\n" : " low, high, step\n", file);
}

void subject_print(const struct subject *subject, FILE *file) {
    const struct graph *g = subject->graph;
    graph_print(g, file);
    for (int i = 0; i < g->count; i++) {
        const struct node *n = g->nodes[i];
        if (n->op == OP_PERMUTE || n->op == OP_PAD || n->op == OP_SLICE) print_attributes(n, file);
        if (n->op == OP_CONCAT || n->op == OP_IOTA)
            fprintf(file, "  %%%d: axis %d\n", i, n->at.axis);
        if (n->op == OP_FLIP) fprintf(file, "  %%%d: axes %x\n", i, n->at.axes);
    }
    for (int i = 0; i < g->inputs_count; i++)
        print_numbers(g->inputs[i].name, g->inputs[i].type, g->inputs[i].shape, subject->inputs[i],
                      file);
    for (int i = 0; i < g->count; i++)
        if (g->nodes[i]->op == OP_VARIABLE) {
            const struct variable *v = g->nodes[i]->at.variable;
            print_numbers(v->name, v->type, v->shape, subject->initial[v->index], file);
        }
}
