/* What variables become, and what the host reads. */
#include "tests/fuzz/maker.h"

static bool is_assigned(const struct maker *m, const struct variable *v) {
    for (int i = 0; i < m->g->assignments_count; i++)
        if (m->g->assignments[i].variable == v) return true;
    return false;
}

static struct node *blend(struct maker *m, struct node *a, struct node *b, double keep_of_a) {
    return graph_add(m->g, graph_scale(m->g, a, keep_of_a), graph_scale(m->g, b, 1 - keep_of_a));
}

/* Adam's update of one variable by some value of its shape. */
void recipe_adam(struct maker *m) {
    struct graph *g = m->g;
    struct term t = pick(m);
    struct subject *s = m->subject;
    if (!s->variables_count) return;
    const struct variable *w = s->variables[below(m, s->variables_count)];
    if (is_assigned(m, w)) return;
    struct node *slope = fit(m, moderate(m, t), w->shape).node, *old = graph_variable(g, w);
    struct term first = new_variable(m, w->shape), second = new_variable(m, w->shape);
    struct node *mean_now = blend(m, first.node, slope, 0.5),
                *square_now = blend(m, graph_mul(g, second.node, second.node),
                                    graph_mul(g, slope, slope), 0.999);
    struct node *root = graph_shift(g, graph_unary(g, OP_SQRT, square_now), 1e-3);
    struct node *move = graph_scale(g, graph_div(g, mean_now, root), 2e-2);
    graph_assign(g, w, graph_sub(g, old, move));
    graph_assign(g, s->variables[s->variables_count - 2], mean_now);
    graph_assign(g, s->variables[s->variables_count - 1], square_now);
}

/* A variable that becomes a value just as it is: a late one, a sum, or a product joined with
 * another. */
void recipe_store(struct maker *m) {
    struct term t = pick(m);
    bool joined = false;
    for (int i = m->count - 1; i >= 0 && !joined && chance(m, 95); i--) {
        joined = m->pool[i].node->op == OP_MATMUL || m->pool[i].node->op == OP_SCATTER_ADD;
        if (!joined) continue;
        t = m->pool[i];
        struct node *other = operand(m, t.node->shape).node;
        t.node = graph_concat(m->g, 2, (struct node *[]){t.node, other}, 0);
    }
    if (!joined && chance(m, 50)) t.node = graph_sum(m->g, t.node, draw_axes(m, t.node->shape));
    if (2 * shape_count(t.node->shape) > m->largest) return;
    new_variable(m, t.node->shape);
    graph_assign(m->g, m->subject->variables[m->subject->variables_count - 1], t.node);
}

/* A sum in several chunks that only a variable keeps: nobody else sees that it is not finite. */
void recipe_total(struct maker *m) {
    bool row = m->largest >= 6000 && chance(m, 50);
    struct shape shape = row ? SHAPE(16 + below(m, 4), 257 + below(m, 43))
                             : SHAPE(33 + below(m, 100), 1 + below(m, 4));
    struct node *x = new_variable(m, shape).node;
    if (chance(m, 50)) { /* whose axes are not one run */
        struct shape other = {.rank = 2, .extent = {1, shape.extent[1]}};
        struct node *factor = new_variable(m, other).node;
        x = graph_mul(m->g, x, graph_expand(m->g, factor, shape));
    }
    if (chance(m, 30)) x = graph_scale(m->g, x, 0); /* which is no 0 where x is not finite */
    struct node *sum =
        chance(m, 30) ? graph_max(m->g, x, row ? 3 : 1) : graph_sum(m->g, x, row ? 3 : 1);
    new_variable(m, sum->shape);
    graph_assign(m->g, m->subject->variables[m->subject->variables_count - 1], sum);
}

/* Products side by side that only a variable keeps: nobody else sees that one is not finite. */
void recipe_stack(struct maker *m) {
    int64_t rows = m->palette[below(m, PALETTE)], width = m->palette[below(m, PALETTE)];
    if (rows * width > m->largest || 2 * rows * rows > m->largest) return;
    struct node *parts[2];
    for (int i = 0; i < 2; i++)
        parts[i] = graph_matmul(m->g, new_variable(m, SHAPE(rows, width)).node,
                                new_variable(m, SHAPE(width, rows)).node);
    struct node *stack = graph_concat(m->g, 2, parts, 0);
    new_variable(m, stack->shape);
    graph_assign(m->g, m->subject->variables[m->subject->variables_count - 1], stack);
}

/* What a variable becomes: itself changed, another (perhaps each the other), any value. */
static void assign_something(struct maker *m, const struct variable *v) {
    struct subject *s = m->subject;
    struct node *old = graph_variable(m->g, v);
    struct term t = moderate(m, fit(m, pick(m), v->shape));
    for (int i = 0; i < s->variables_count && chance(m, 50); i++) {
        const struct variable *other = s->variables[(v->index + 1 + i) % s->variables_count];
        if (other == v || !shape_equal(other->shape, v->shape)) continue;
        struct node *value = graph_variable(m->g, other);
        graph_assign(m->g, v, chance(m, 50) ? value : graph_scale(m->g, value, 0.5));
        if (!is_assigned(m, other) && chance(m, 70)) graph_assign(m->g, other, old);
        return;
    }
    switch (below(m, 4)) {
    case 0:
        graph_assign(m->g, v, graph_sub(m->g, old, graph_scale(m->g, t.node, 0.01)));
        return;
    case 1:
        graph_assign(m->g, v, blend(m, old, t.node, 0.9));
        return;
    case 2:
        graph_assign(m->g, v, graph_unary(m->g, OP_TANH, old));
        return;
    default:
        graph_assign(m->g, v, t.node);
    }
}

void add_results(struct maker *m) {
    struct subject *s = m->subject;
    int variables = s->variables_count;
    for (int i = 0; i < variables; i++)
        if (!is_assigned(m, s->variables[i]) && chance(m, 50)) assign_something(m, s->variables[i]);
    bool *used = ARENA_ARRAY(m->arena, bool, m->g->count + 1);
    for (int i = 0; i < m->g->count; i++)
        for (int k = 0; k < m->g->nodes[i]->sources; k++)
            used[m->g->nodes[i]->source[k]->id] = true;
    for (int i = 0, last = m->count; i < last; i++) { /* every end, and some of the rest */
        struct node *n = m->pool[i].node;
        if (!chance(m, !used[n->id] ? 80 : 5)) continue;
        char name[32];
        snprintf(name, sizeof name, "y%d", m->g->outputs_count);
        graph_output(m->g, name, n, NULL);
    }
    for (int i = 0; i < m->whole_count; i++)
        if (chance(m, 10)) graph_output(m->g, "whole", m->whole[i].node, NULL);
    if (!m->g->outputs_count) graph_output(m->g, "y", m->pool[m->count - 1].node, NULL);
}
