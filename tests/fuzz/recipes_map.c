/* Recipes: element by element. */
#include <math.h>

#include "tests/fuzz/maker.h"

void recipe_leaf(struct maker *m) {
    new_leaf(m, draw_shape(m));
}

void recipe_unary(struct maker *m) {
    static const struct {
        enum op op;
        double low, high, result_low, result_high;
    } rows[] = {
        {OP_NEG, -INFINITY, INFINITY, -INFINITY, INFINITY},
        {OP_EXP, -8, 4, 0.0003, 55},
        {OP_LOG, 0.01, 1e4, -5, 10},
        {OP_SQRT, 0.001, 1e4, 0.03, 100},
        {OP_TANH, -INFINITY, INFINITY, -1, 1},
        {OP_SIN, -50, 50, -1, 1},
        {OP_COS, -50, 50, -1, 1},
        {OP_LOG1P, -0.9, 1e4, -2.5, 10},
        {OP_EXPM1, -8, 4, -1, 55},
        {OP_ERF, -INFINITY, INFINITY, -1, 1},
        {OP_FLOOR, -1e4, 1e4, -1e4, 1e4},
        {OP_MARK, -INFINITY, INFINITY, -INFINITY, INFINITY},
        {OP_MARK, -INFINITY, INFINITY, -INFINITY, INFINITY},
        {OP_STOP_GRADIENT, -INFINITY, INFINITY, -INFINITY, INFINITY},
    };
    int64_t i = below(m, (int64_t)(sizeof rows / sizeof *rows));
    struct term x = tame(m, pick(m), rows[i].low, rows[i].high);
    double low = rows[i].result_low, high = rows[i].result_high;
    if (rows[i].op == OP_NEG) low = -x.high, high = -x.low;
    if (rows[i].op == OP_MARK || rows[i].op == OP_STOP_GRADIENT) low = x.low, high = x.high;
    if (rows[i].op == OP_MARK) {
        keep(m, graph_mark(m->g, x.node), low, high);
        return;
    }
    keep(m, graph_unary(m->g, rows[i].op, x.node), low, high);
}

double largest_of(struct term t) {
    return fmax(fabs(t.low), fabs(t.high));
}

void recipe_binary(struct maker *m) {
    struct term a = moderate(m, pick(m)), b = moderate(m, operand(m, a.node->shape));
    double size;
    switch (below(m, 8)) {
    case 0:
    case 1:
        keep(m, graph_add(m->g, a.node, b.node), a.low + b.low, a.high + b.high);
        return;
    case 2:
        keep(m, graph_sub(m->g, a.node, b.node), a.low - b.high, a.high - b.low);
        return;
    case 3:
    case 4:
        size = largest_of(a) * largest_of(b);
        if (isnan(size)) size = INFINITY;
        keep(m, graph_mul(m->g, a.node, b.node), -size, size);
        return;
    case 5:
        b = tame(m, b, 0.1, 50);
        keep(m, graph_div(m->g, a.node, b.node), -10 * largest_of(a), 10 * largest_of(a));
        return;
    case 6:
        keep(m, graph_binary(m->g, OP_MAX, a.node, b.node), fmax(a.low, b.low),
             fmax(a.high, b.high));
        return;
    default:
        keep(m, graph_binary(m->g, OP_MIN, a.node, b.node), fmin(a.low, b.low),
             fmin(a.high, b.high));
    }
}

/* An operand that simplification may take away, and what looks like it. */
void recipe_plain(struct maker *m) {
    static const enum op ops[] = {OP_ADD, OP_SUB, OP_MUL};
    static const double numbers[] = {0, 1, -1, 2};
    enum op op = ops[below(m, 3)];
    struct term x = moderate(m, pick(m)), other = moderate(m, operand(m, x.node->shape));
    double value = numbers[below(m, 4)], size = largest_of(x) + 2;
    struct node *plain = graph_like(m->g, x.node, value);
    if (chance(m, 30) && op != OP_MUL) {
        plain = graph_neg(m->g, other.node);
        size += largest_of(other);
    } else if (value && chance(m, 15))
        op = OP_DIV;
    bool first = op != OP_DIV && chance(m, 40);
    keep(m, graph_binary(m->g, op, first ? plain : x.node, first ? x.node : plain), -2 * size,
         2 * size);
}

void recipe_pow(struct maker *m) {
    static const double exponents[] = {0, 0.5, 1, 2, 3, -1, -2, 1.7};
    struct term a, b;
    if (chance(m, 30)) { /* any base, whole exponent */
        a = tame(m, pick(m), -3, 3);
        double e = exponents[chance(m, 50) ? 3 : 4];
        keep(m, graph_binary(m->g, OP_POW, a.node, graph_like(m->g, a.node, e)), e == 2 ? 0 : -27,
             27);
        return;
    }
    a = tame(m, pick(m), 0.1, 10);
    b = chance(m, 60) ? (struct term){graph_like(m->g, a.node, exponents[below(m, 8)]), -2, 3}
                      : tame(m, operand(m, a.node->shape), -2, 3);
    keep(m, graph_binary(m->g, OP_POW, a.node, b.node), 0.0009, 1001);
}

static struct node *like(struct maker *m, struct term t, double value) {
    return graph_like(m->g, t.node, value);
}

/* Comparisons, and what they choose between. */
void recipe_select(struct maker *m) {
    struct term a = pick(m), b = operand(m, a.node->shape), c = operand(m, a.node->shape);
    struct node *other = chance(m, 50) ? like(m, a, (double)(below(m, 9) - 4) / 8) : c.node;
    struct node *condition =
        graph_binary(m->g, chance(m, 70) ? OP_LESS : OP_EQUAL, chance(m, 50) ? a.node : other,
                     chance(m, 50) ? a.node : other);
    keep(m, condition, 0, 1);
    keep(m, graph_select(m->g, condition, b.node, c.node), fmin(b.low, c.low),
         fmax(b.high, c.high));
}

/* Choices by one sign: an activation, its derivative, and what looks like them. */
static void choose_by_sign(struct maker *m, struct term x) {
    static const double slopes[] = {0.2, 0.2, 0.2, 0.5, -0.5};
    static const double bounds[] = {0, 0, 0, 0, 0.25, -0.125};
    struct graph *g = m->g;
    struct node *bound = like(m, x, bounds[below(m, 6)]);
    struct node *above = graph_binary(g, OP_LESS, bound, x.node), *below_it;
    struct term other = operand(m, x.node->shape);
    double size = fmax(largest_of(x), largest_of(other)) + 0.5;
    below_it = graph_mul(g, like(m, x, slopes[below(m, 5)]), chance(m, 75) ? x.node : other.node);
    if (chance(m, 30)) below_it = like(m, x, chance(m, 70) ? 0 : 0.5);
    struct node *top = chance(m, 90) ? x.node : other.node;
    keep(m, graph_select(g, above, top, below_it), -size, size);
    keep(m, graph_select(g, above, other.node, graph_scale(g, other.node, 0.2)), -size, size);
    above = graph_binary(g, OP_LESS, like(m, x, bounds[below(m, 6)]), x.node);
    if (chance(m, 40)) keep(m, graph_select(g, above, other.node, x.node), -size, size);
    if (chance(m, 60)) return;
    above = graph_binary(g, OP_LESS, like(m, x, 0), other.node);
    keep(m, graph_select(g, above, top, below_it), -size, size);
}

void recipe_sign(struct maker *m) {
    struct term x = moderate(m, pick(m));
    choose_by_sign(m, keep(m, graph_shift(m->g, x.node, 0.1), x.low + 0.1, x.high + 0.1));
}

/* relu, leaky relu in two ways, clip, softplus, dropout. */
void recipe_activation(struct maker *m) {
    struct term x = pick(m);
    struct graph *g = m->g;
    struct node *zero = like(m, x, 0), *n = x.node, *leak = graph_scale(g, n, 0.2);
    double size = largest_of(x);
    switch (below(m, 8)) {
    case 0:
        keep(m, graph_binary(g, OP_MAX, n, zero), 0, size);
        return;
    case 1:
        keep(m, graph_binary(g, OP_MAX, n, leak), -size, size);
        return;
    case 2:
    case 6:
    case 7:
        choose_by_sign(m, x);
        return;
    case 3:
        n = graph_binary(g, OP_MIN, graph_binary(g, OP_MAX, n, like(m, x, -0.3)), like(m, x, 0.4));
        keep(m, n, -0.3, 0.4);
        return;
    case 4:
        n = graph_neg(g, graph_binary(g, OP_MAX, n, graph_neg(g, n)));
        n = graph_unary(g, OP_LOG1P, graph_unary(g, OP_EXP, n));
        keep(m, graph_add(g, graph_binary(g, OP_MAX, x.node, zero), n), 0, size + 1);
        return;
    default: {
        struct term u = new_random(m, n->shape);
        struct node *stays = graph_binary(g, OP_LESS, u.node, like(m, u, 0.7));
        keep(m, graph_mul(g, n, graph_scale(g, stays, 1 / 0.7)), -1.5 * size, 1.5 * size);
    }
    }
}

/* Integers: indices computed with. */
void recipe_whole(struct maker *m) {
    static const enum op ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_MAX, OP_MIN};
    struct graph *g = m->g;
    if (chance(m, 10)) new_whole_table(m, draw_shape(m));
    if (!m->whole_count || chance(m, 30)) {
        struct term x = chance(m, 20) ? new_leaf(m, draw_shape(m)) : pick(m);
        x = tame(m, x, -40, 40);
        struct node *cast = graph_cast(g, graph_scale(g, x.node, 1.7), TYPE_INT32);
        keep(m, cast, -68, 68);
        if (chance(m, 40)) keep(m, graph_cast(g, cast, TYPE_FLOAT32), -68, 68);
        return;
    }
    struct term a = m->whole[below(m, m->whole_count)], b = a;
    for (int tries = 0; tries < 8; tries++) {
        struct term other = m->whole[below(m, m->whole_count)];
        if (shape_equal(other.node->shape, a.node->shape)) b = other;
    }
    if (b.node == a.node || chance(m, 30))
        b = (struct term){graph_like(g, a.node, (double)(below(m, 9) - 4)), -4, 4};
    double size = largest_of(a) * (1 + largest_of(b)) + largest_of(b);
    if (size < 1e6 && !chance(m, 20))
        keep(m, graph_binary(g, ops[below(m, 5)], a.node, b.node), -size, size);
    else
        keep(m, graph_neg(g, a.node), -a.high, -a.low);
    struct node *bits = graph_binary(g, chance(m, 50) ? OP_LESS : OP_EQUAL, a.node, b.node);
    keep(m, bits, 0, 1);
    if (chance(m, 50)) keep(m, graph_cast(g, a.node, TYPE_FLOAT32), a.low, a.high);
}

/* More leaves in one expression than a kernel has room for, or more operations. */
void recipe_long(struct maker *m) {
    int64_t width = 1 + below(m, 20), rows = 20 + below(m, 120);
    bool deep = chance(m, 20);
    int64_t links = deep ? 4 * rows : rows;
    struct node *table = new_variable(m, SHAPE(rows, width)).node;
    struct node *sum = operand(m, SHAPE(1, width)).node;
    bool first = chance(m, 50); /* which side of each link the leaf is on */
    for (int64_t i = 0; i < links; i++) {
        if (chance(m, deep ? 90 : 10)) {
            sum = i % 2 ? graph_flip(m->g, sum, 2) : graph_unary(m->g, OP_TANH, sum);
            continue;
        }
        struct node *row =
            graph_slice_axis(m->g, table, 0, chance(m, 80) ? i % rows : below(m, rows), 1);
        if (chance(m, 30)) row = graph_flip(m->g, row, 2);
        sum = graph_binary(m->g, chance(m, 80) ? OP_ADD : OP_MAX, first ? row : sum,
                           first ? sum : row);
    }
    keep(m, sum, -2 * (double)links - 10, 2 * (double)links + 10);
}
