/*
 * Draws a random valid graph: a pool of values grows by recipes, each weighted by how much training
 * graphs hold of it. A value carries an interval that it lies in, so that logarithms and powers get
 * operands that they are defined for; a value that nothing is known of (a gradient) is squashed
 * first.
 */
#include <math.h>

#include "base/bug.h"
#include "base/random.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/subject.h"

struct term {
    struct node *node;
    double low, high; /* its elements lie between */
};

enum { PALETTE = 4 };
struct maker {
    struct arena *arena;
    struct graph *g;
    struct subject *subject;
    struct random_stream random;
    struct term *pool; /* float32 */
    int count;
    struct term *whole; /* int32 */
    int whole_count;
    int64_t palette[PALETTE]; /* extents, so that shapes meet */
    int64_t extent_most, largest, budget;
    struct node *clock;
};

static int64_t below(struct maker *m, int64_t n) {
    return n > 1 ? (int64_t)random_below(&m->random, (uint32_t)n) : 0;
}

static bool chance(struct maker *m, int percent) {
    return below(m, 100) < percent;
}

static double fraction(struct maker *m) {
    return (double)random_word(&m->random) * 0x1p-32;
}

/* Adds a value to its pool and hands it on. */
static struct term keep(struct maker *m, struct node *node, double low, double high) {
    struct term t = {node, low, high};
    m->budget -= shape_count(node->shape);
    if (node->type == TYPE_INT32) {
        m->whole = ARENA_GROW(m->arena, m->whole, m->whole_count);
        m->whole[m->whole_count++] = t;
    } else {
        BUG_IF(node->type != TYPE_FLOAT32);
        m->pool = ARENA_GROW(m->arena, m->pool, m->count);
        m->pool[m->count++] = t;
    }
    return t;
}

/* ---- shapes ------------------------------------------------------------------------------------
 */

static int64_t draw_extent(struct maker *m) {
    static const int64_t extents[] = {1,  2,  3,  4,  5,  7,   8,   9,   15,  16,  17,
                                      31, 32, 33, 63, 64, 100, 127, 128, 200, 257, 300};
    int64_t most = (int64_t)(sizeof extents / sizeof *extents);
    int64_t e = extents[chance(m, 60) ? below(m, 11) : below(m, most)];
    return e < m->extent_most ? e : m->extent_most;
}

static struct shape draw_shape(struct maker *m) {
    static const int ranks[] = {0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 5};
    struct shape shape = {.rank = ranks[below(m, 12)]};
    for (int a = 0; a < shape.rank; a++)
        shape.extent[a] = chance(m, 8) ? 1 : m->palette[below(m, PALETTE)];
    while (shape_count(shape) > m->largest)
        shape.extent[below(m, shape.rank)] = 1 + below(m, 3);
    return shape;
}

/* Some of its axes, at least one where there is one. */
static uint32_t draw_axes(struct maker *m, struct shape shape) {
    if (!shape.rank) return 0;
    uint32_t all = axes_all(shape.rank);
    if (chance(m, 25)) return all;
    if (chance(m, 30)) return 1u << (shape.rank - 1);
    if (chance(m, 30)) return all & ~(1u << (shape.rank - 1)) ? all & ~(1u << (shape.rank - 1)) : 1;
    return 1 + (uint32_t)below(m, all);
}

/* ---- leaves ------------------------------------------------------------------------------------
 */

/* Numbers to feed: from a grid of eighths, so that ties happen, or any; or above 0. */
static struct term fill(struct maker *m, float *data, int64_t count) {
    struct term t = {NULL, -1.5, 1.5};
    int kind = (int)below(m, 4);
    if (kind == 3) t.low = 0.125;
    for (int64_t i = 0; i < count; i++)
        data[i] = kind < 2 ? (float)(below(m, 25) - 12) / 8.0f
                           : (float)(t.low + (t.high - t.low) * fraction(m));
    return t;
}

static struct term new_input(struct maker *m, struct shape shape) {
    struct subject *s = m->subject;
    char name[32];
    snprintf(name, sizeof name, "x%d", m->g->inputs_count);
    float *data = ARENA_ARRAY(m->arena, float, shape_count(shape));
    struct term range = fill(m, data, shape_count(shape));
    s->inputs = ARENA_GROW(m->arena, s->inputs, m->g->inputs_count);
    s->inputs[m->g->inputs_count] = data;
    struct node *node = graph_input(m->g, name, TYPE_FLOAT32, shape, false);
    return keep(m, node, range.low, range.high);
}

static struct term new_variable(struct maker *m, struct shape shape) {
    struct subject *s = m->subject;
    struct variable *v = ARENA_NEW(m->arena, struct variable);
    *v = (struct variable){arena_format(m->arena, "v%d", s->variables_count), TYPE_FLOAT32, shape,
                           NULL, s->variables_count};
    float *data = ARENA_ARRAY(m->arena, float, shape_count(shape));
    struct term range = fill(m, data, shape_count(shape));
    s->variables = ARENA_GROW(m->arena, s->variables, s->variables_count);
    s->initial = ARENA_GROW(m->arena, s->initial, s->variables_count);
    s->variables[s->variables_count] = v;
    s->initial[s->variables_count++] = data;
    return keep(m, graph_variable(m->g, v), range.low, range.high);
}

static struct term new_table(struct maker *m, struct shape shape) {
    struct arena *scratch = arena_new();
    int64_t count = shape_count(shape);
    float *data = ARENA_ARRAY(scratch, float, count);
    double *table = ARENA_ARRAY(scratch, double, count);
    struct term range = fill(m, data, count);
    for (int64_t i = 0; i < count; i++)
        table[i] = (double)data[i];
    struct node *node = graph_table(m->g, TYPE_FLOAT32, shape, table);
    arena_free(scratch);
    return keep(m, node, range.low, range.high);
}

static struct term new_whole_table(struct maker *m, struct shape shape) {
    struct arena *scratch = arena_new();
    int64_t count = shape_count(shape);
    double *table = ARENA_ARRAY(scratch, double, count);
    for (int64_t i = 0; i < count; i++)
        table[i] = (double)(below(m, 17) - 8);
    struct node *node = graph_table(m->g, TYPE_INT32, shape, table);
    arena_free(scratch);
    return keep(m, node, -8, 8);
}

/* Step and repetition, perhaps among other numbers of one input. */
static void new_clock(struct maker *m) {
    int64_t before = below(m, 3), count = before + 3 + below(m, 2);
    if (chance(m, 10)) {
        m->clock = graph_constant(m->g, TYPE_INT32, SHAPE(3), (double)below(m, 9));
        return;
    }
    int32_t *data = ARENA_ARRAY(m->arena, int32_t, count);
    for (int64_t i = 0; i < count; i++)
        data[i] = (int32_t)below(m, 1000000);
    m->subject->inputs = ARENA_GROW(m->arena, m->subject->inputs, m->g->inputs_count);
    m->subject->inputs[m->g->inputs_count] = data;
    struct node *all = graph_input(m->g, "clock", TYPE_INT32, SHAPE(count), false);
    m->clock = graph_slice_axis(m->g, all, 0, before, 3);
}

static struct term new_random(struct maker *m, struct shape shape) {
    if (!m->clock) new_clock(m);
    uint64_t place = (uint64_t)random_word(&m->random) << 32 | random_word(&m->random);
    bool normal = chance(m, 50);
    struct node *node =
        graph_random(m->g, normal ? RANDOM_NORMAL : RANDOM_UNIFORM, shape, place, m->clock);
    return keep(m, node, normal ? -6 : 0, normal ? 6 : 1);
}

static struct term new_iota(struct maker *m, struct shape shape) {
    int axis = (int)below(m, shape.rank);
    enum dtype type = chance(m, 50) ? TYPE_INT32 : TYPE_FLOAT32;
    struct node *node = graph_iota(m->g, type, shape, axis);
    double high = (double)shape.extent[axis];
    keep(m, node, 0, high);
    node = graph_scale(m->g, graph_cast(m->g, node, TYPE_FLOAT32), 1.0 / 64);
    return keep(m, node, 0, high / 64);
}

static struct term new_leaf(struct maker *m, struct shape shape) {
    if (shape_count(shape) > 1 && chance(m, 15)) { /* one of its rows, repeated */
        struct shape row = shape;
        uint32_t axes = draw_axes(m, shape);
        for (int a = 0; a < shape.rank; a++)
            if (axes >> a & 1) row.extent[a] = 1;
        struct term t = new_leaf(m, row);
        return keep(m, graph_expand(m->g, t.node, shape), t.low, t.high);
    }
    switch (below(m, 12)) {
    case 0:
        return new_table(m, shape);
    case 1:
        return new_random(m, shape);
    case 2:
        if (shape.rank) return new_iota(m, shape);
        return new_input(m, shape);
    case 3: {
        double value = (double)(below(m, 33) - 16) / 10;
        return keep(m, graph_constant(m->g, TYPE_FLOAT32, shape, value), value, value);
    }
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        return new_variable(m, shape);
    default:
        return new_input(m, shape);
    }
}

/* ---- taking from the pool ----------------------------------------------------------------------
 */

/* Some value, rather a late one. */
static struct term pick(struct maker *m) {
    int64_t at = below(m, m->count);
    if (chance(m, 60)) at = m->count - 1 - below(m, m->count < 6 ? m->count : 6);
    return m->pool[at];
}

static struct term as_rank(struct maker *m, struct term t, int rank) {
    struct shape old = t.node->shape, shape = {.rank = rank};
    int missing = rank - old.rank;
    for (int a = 0; a < rank; a++)
        shape.extent[a] = a < missing ? 1 : old.extent[a - missing];
    for (int a = 0; a < -missing; a++)
        if (rank) shape.extent[0] *= old.extent[a];
    if (!rank) t.node = graph_sum(m->g, t.node, axes_all(old.rank));
    t.node = graph_reshape(m->g, t.node, shape);
    return t;
}

static struct term reduced(struct maker *m, struct term t, uint32_t axes) {
    if (chance(m, 30)) {
        t.node = graph_max(m->g, t.node, axes);
        return t;
    }
    struct node *sum = graph_sum(m->g, t.node, axes);
    double count = (double)shape_count(t.node->shape) / (double)shape_count(sum->shape);
    if (chance(m, 70)) {
        t.node = graph_scale(m->g, sum, 1 / count);
        return t;
    }
    return (struct term){sum, t.low * count, t.high * count};
}

/* One axis brought to `extent` by a slice, a pad, or a reduction and a repetition. */
static struct term fit_axis(struct maker *m, struct term t, int axis, int64_t extent) {
    struct shape shape = t.node->shape;
    int64_t have = shape.extent[axis], low[AXES_MOST] = {0}, step[AXES_MOST], high[AXES_MOST] = {0};
    for (int a = 0; a < shape.rank; a++)
        step[a] = 1;
    if (have > extent && extent > 1) {
        shape.extent[axis] = extent;
        step[axis] = 1 + below(m, (have - 1) / (extent - 1));
        low[axis] = below(m, have - (extent - 1) * step[axis]);
        t.node = graph_slice(m->g, t.node, low, step, shape);
    } else if (have > 1 && have < extent && chance(m, 60)) {
        step[axis] = 1 + below(m, (extent - 1) / (have - 1));
        int64_t rest = extent - (have - 1) * step[axis] - 1;
        low[axis] = below(m, rest + 1);
        high[axis] = rest - low[axis];
        double value = chance(m, 50) ? 0 : 0.5;
        t.node = graph_pad(m->g, t.node, low, high, step, value);
        t.low = fmin(t.low, value);
        t.high = fmax(t.high, value);
    } else if (have != extent) {
        if (have > 1) t = reduced(m, t, 1u << axis);
        shape.extent[axis] = extent;
        t.node = graph_expand(m->g, t.node, shape);
    }
    return t;
}

/* A value made to have `shape`. */
static struct term fit(struct maker *m, struct term t, struct shape shape) {
    if (shape_equal(t.node->shape, shape)) return t;
    if (shape_count(t.node->shape) == shape_count(shape)) {
        t.node = graph_reshape(m->g, t.node, shape);
        return t;
    }
    if (t.node->shape.rank != shape.rank && !shape.rank) {
        t = reduced(m, t, axes_all(t.node->shape.rank));
        t.node = graph_reshape(m->g, t.node, shape);
        return t;
    }
    t = as_rank(m, t, shape.rank);
    for (int pass = 0; pass < 2; pass++) /* first what makes it smaller */
        for (int a = 0; a < shape.rank; a++)
            if (pass || t.node->shape.extent[a] > shape.extent[a])
                t = fit_axis(m, t, a, shape.extent[a]);
    return keep(m, t.node, t.low, t.high);
}

/* An operand of `shape`: one that is there, one made to fit, or a new one. */
static struct term operand(struct maker *m, struct shape shape) {
    int start = (int)below(m, m->count);
    if (chance(m, 70))
        for (int k = 0; k < m->count; k++) {
            struct term t = m->pool[(start + k) % m->count];
            if (shape_equal(t.node->shape, shape)) return t;
        }
    if (chance(m, 70)) return fit(m, pick(m), shape);
    return new_leaf(m, shape);
}

/* The value brought between low and high, if it may lie outside. */
static struct term tame(struct maker *m, struct term t, double low, double high) {
    if (t.low >= low && t.high <= high) return t;
    double middle = (low + high) / 2, half = (high - low) / 2;
    struct node *x = graph_unary(m->g, chance(m, 60) ? OP_TANH : OP_SIN, t.node);
    x = graph_shift(m->g, graph_scale(m->g, x, half * 0.99), middle);
    return keep(m, x, low, high);
}

/* So that products of products stay within range. */
static struct term moderate(struct maker *m, struct term t) {
    return t.low < -100 || t.high > 100 ? chance(m, 85) ? tame(m, t, -2, 2) : t : t;
}

/* ---- recipes: element by element ---------------------------------------------------------------
 */

static void recipe_leaf(struct maker *m) {
    new_leaf(m, draw_shape(m));
}

static void recipe_unary(struct maker *m) {
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

static double largest_of(struct term t) {
    return fmax(fabs(t.low), fabs(t.high));
}

static void recipe_binary(struct maker *m) {
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
static void recipe_plain(struct maker *m) {
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

static void recipe_pow(struct maker *m) {
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
static void recipe_select(struct maker *m) {
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

static void recipe_sign(struct maker *m) {
    struct term x = moderate(m, pick(m));
    choose_by_sign(m, keep(m, graph_shift(m->g, x.node, 0.1), x.low + 0.1, x.high + 0.1));
}

/* relu, leaky relu in two ways, clip, softplus, dropout. */
static void recipe_activation(struct maker *m) {
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

/* ---- recipes: movement -------------------------------------------------------------------------
 */

/* Axes merged, split, and ones put in and taken out. */
static struct node *reshaped(struct maker *m, struct node *x) {
    struct shape old = x->shape, shape = {0};
    for (int a = 0; a < old.rank; a++) {
        int64_t extent = old.extent[a], part = 0;
        for (int64_t d = 2; d * d <= extent && !part; d++)
            if (extent % d == 0) part = d;
        if (extent == 1 && chance(m, 50)) continue;
        if (shape.rank && chance(m, 40))
            shape.extent[shape.rank - 1] *= extent;
        else if (part && shape.rank + old.rank - a < 5 && chance(m, 50)) {
            shape.extent[shape.rank++] = chance(m, 50) ? part : extent / part;
            shape.extent[shape.rank] = extent / shape.extent[shape.rank - 1];
            shape.rank++;
        } else
            shape.extent[shape.rank++] = extent;
        if (shape.rank < 4 && chance(m, 10)) shape.extent[shape.rank++] = 1;
    }
    return graph_reshape(m->g, x, shape);
}

static struct node *permuted(struct maker *m, struct node *x) {
    int order[AXES_MOST];
    for (int a = 0; a < x->shape.rank; a++) {
        int other = (int)below(m, a + 1);
        order[a] = order[other];
        order[other] = a;
    }
    return x->shape.rank > 1 ? graph_permute(m->g, x, order) : x;
}

static struct node *sliced(struct maker *m, struct node *x) {
    struct shape shape = x->shape;
    int64_t low[AXES_MOST] = {0}, step[AXES_MOST];
    for (int a = 0; a < shape.rank; a++) {
        step[a] = 1 + below(m, 3);
        if (chance(m, 40)) continue;
        low[a] = below(m, shape.extent[a]);
        shape.extent[a] = 1 + below(m, (shape.extent[a] - low[a] - 1) / step[a] + 1);
    }
    for (int a = 0; a < shape.rank; a++)
        if (low[a] + (shape.extent[a] - 1) * step[a] >= x->shape.extent[a]) step[a] = 1;
    return graph_slice(m->g, x, low, step, shape);
}

/* Axes of extent 1 repeated, if there are any. */
static struct node *repeated(struct maker *m, struct node *x) {
    struct shape shape = x->shape;
    for (int a = 0; a < shape.rank; a++)
        if (shape.extent[a] == 1 && shape_count(shape) * 4 <= m->largest)
            shape.extent[a] = 1 + below(m, 4);
    return graph_expand(m->g, x, shape);
}

static struct term padded(struct maker *m, struct term t, bool whole) {
    int64_t low[AXES_MOST] = {0}, high[AXES_MOST] = {0}, step[AXES_MOST];
    int64_t count = shape_count(t.node->shape);
    for (int a = 0; a < t.node->shape.rank; a++) {
        step[a] = 1;
        if (chance(m, 40) || count > m->largest / 4) continue;
        low[a] = below(m, 3);
        high[a] = below(m, 3);
        step[a] = chance(m, 40) ? 1 + below(m, 3) : 1;
        count *= 1 + step[a] + (low[a] + high[a]) / t.node->shape.extent[a];
    }
    double value = chance(m, 60) ? 0 : whole ? 3 : 0.75;
    t.node = graph_pad(m->g, t.node, low, high, step, value);
    t.low = fmin(t.low, value);
    t.high = fmax(t.high, value);
    return t;
}

static struct term moved(struct maker *m, struct term t) {
    bool whole = t.node->type == TYPE_INT32;
    switch (below(m, 7)) {
    case 0:
    case 1:
        t.node = reshaped(m, t.node);
        break;
    case 2:
        t.node = permuted(m, t.node);
        break;
    case 3:
        t.node = sliced(m, t.node);
        break;
    case 4:
        t = whole && chance(m, 70) ? t : padded(m, t, whole);
        break;
    case 5:
        t.node = repeated(m, t.node);
        break;
    default:
        if (t.node->shape.rank)
            t.node = graph_flip(m->g, t.node, 1 + (uint32_t)below(m, axes_all(t.node->shape.rank)));
    }
    return t;
}

static struct term draw_source(struct maker *m) {
    return m->whole_count && chance(m, 8) ? m->whole[below(m, m->whole_count)] : pick(m);
}

static void recipe_move(struct maker *m) {
    struct term t = moved(m, draw_source(m));
    keep(m, t.node, t.low, t.high);
}

/* Two neighbouring axes as one. */
static struct node *merged(struct maker *m, struct node *x) {
    struct shape shape = x->shape;
    if (shape.rank < 2) return x;
    int at = (int)below(m, shape.rank - 1);
    shape.extent[at] *= shape.extent[at + 1];
    for (int a = at + 1; a + 1 < shape.rank; a++)
        shape.extent[a] = shape.extent[a + 1];
    shape.extent[--shape.rank] = 0;
    return graph_reshape(m->g, x, shape);
}

/* Several movements of one value with nothing between them: index maps of index maps. */
static void recipe_moves(struct maker *m) {
    struct term t = draw_source(m);
    if (chance(m, 30)) t.node = merged(m, permuted(m, t.node));
    for (int64_t steps = 2 + below(m, 5); steps > 0; steps--)
        t = moved(m, t);
    keep(m, t.node, t.low, t.high);
}

/* Parts that may be used elsewhere too, one perhaps twice. */
static void recipe_concat(struct maker *m) {
    struct term t = pick(m);
    struct shape shape = t.node->shape;
    if (!shape.rank) return;
    int axis = (int)below(m, shape.rank), count = 2 + (int)below(m, 3);
    struct node *parts[4] = {t.node};
    double low = t.low, high = t.high;
    for (int i = 1; i < count; i++) {
        if (chance(m, 50)) shape.extent[axis] = 1 + below(m, 2 * t.node->shape.extent[axis]);
        struct term other = chance(m, 15) ? t : operand(m, shape);
        parts[i] = other.node;
        low = fmin(low, other.low);
        high = fmax(high, other.high);
    }
    if (shape_count(t.node->shape) * 5 > m->largest) return;
    struct node *joined = graph_concat(m->g, count, parts, axis);
    if (chance(m, 40)) { /* and part of it again */
        keep(m, joined, low, high);
        joined = sliced(m, joined);
    }
    keep(m, joined, low, high);
}

static void recipe_broadcast(struct maker *m) {
    struct term t = pick(m), other = pick(m);
    struct shape row = other.node->shape;
    if (!row.rank) return;
    uint32_t axes = draw_axes(m, row);
    for (int a = 0; a < row.rank; a++)
        if (axes >> a & 1) row.extent[a] = 1;
    t = fit(m, t, row);
    keep(m, graph_expand(m->g, t.node, other.node->shape), t.low, t.high);
}

/* ---- recipes: reductions -----------------------------------------------------------------------
 */

static void recipe_reduce(struct maker *m) {
    struct term t = pick(m);
    t = reduced(m, t, draw_axes(m, t.node->shape));
    if (chance(m, 30)) t.node = reshaped(m, t.node);
    keep(m, t.node, t.low, t.high);
}

static struct node *mean(struct maker *m, struct node *x, uint32_t axes) {
    struct node *sum = graph_sum(m->g, x, axes);
    double count = (double)shape_count(x->shape) / (double)shape_count(sum->shape);
    return chance(m, 80) ? graph_scale(m->g, sum, 1 / count)
                         : graph_div(m->g, sum, graph_like(m->g, sum, count));
}

/* Batch, layer, instance norm: the mean, the mean of squared deviations, and what they give. */
static void recipe_norm(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct graph *g = m->g;
    struct shape shape = x.node->shape;
    if (!shape.rank) return;
    uint32_t axes = draw_axes(m, shape);
    struct node *centre = mean(m, chance(m, 10) ? operand(m, shape).node : x.node, axes);
    if (chance(m, 10)) /* nearly a mean, but not one */
        centre = graph_scale(g, graph_sum(g, x.node, axes),
                             1.5 * (double)shape_count(centre->shape) / (double)shape_count(shape));
    if (chance(m, 20)) axes = draw_axes(m, shape);
    struct node *off = graph_sub(g, x.node, graph_expand(g, centre, shape));
    struct node *variance = mean(m, graph_mul(g, off, off), axes);
    double size = 2 * largest_of(x);
    if (chance(m, 40)) keep(m, centre, x.low, x.high);
    if (chance(m, 40)) keep(m, variance, 0, size * size);
    struct node *deviation = graph_unary(g, OP_SQRT, graph_shift(g, variance, 0.01));
    struct node *result =
        chance(m, 50)
            ? graph_div(g, off, graph_expand(g, deviation, shape))
            : graph_mul(
                  g, off,
                  graph_expand(g, graph_div(g, graph_like(g, deviation, 1), deviation), shape));
    if (chance(m, 50)) { /* scale and shift, one number a channel */
        struct shape row = {.rank = 1, .extent = {shape.extent[shape.rank - 1]}};
        struct term scale = new_variable(m, row), shift = new_variable(m, row);
        result = graph_add(g, graph_mul(g, result, graph_broadcast(g, scale.node, shape)),
                           graph_broadcast(g, shift.node, shape));
    }
    keep(m, result, -20, 20);
}

static void recipe_softmax(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct graph *g = m->g;
    struct shape shape = x.node->shape;
    if (!shape.rank) return;
    uint32_t axes = draw_axes(m, shape);
    struct node *top = graph_max(g, x.node, axes);
    if (chance(m, 60)) top = graph_stop(g, top);
    struct node *e = graph_sub(g, x.node, graph_expand(g, top, shape));
    e = graph_unary(g, OP_EXP, graph_binary(g, OP_MAX, e, graph_like(g, e, -30)));
    struct node *sum = graph_sum(g, e, axes);
    keep(m, graph_unary(g, OP_LOG, sum), 0, 12);
    keep(m, graph_div(g, e, graph_expand(g, sum, shape)), 0, 1);
}

static void recipe_length(struct maker *m) {
    struct term x = moderate(m, pick(m));
    struct node *squares =
        graph_sum(m->g, graph_mul(m->g, x.node, x.node), draw_axes(m, x.node->shape));
    keep(m, graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-3)), 0.03, INFINITY);
}

/* ---- recipes: products and indexing ------------------------------------------------------------
 */

/* A factor [.., rows, columns] or, through a permute, its transpose. */
static struct node *factor(struct maker *m, struct shape batch, int64_t rows, int64_t columns) {
    bool turned = chance(m, 40);
    struct shape shape = batch;
    shape.extent[shape.rank++] = turned ? columns : rows;
    shape.extent[shape.rank++] = turned ? rows : columns;
    struct term t = chance(m, 50) ? new_variable(m, shape) : operand(m, shape);
    t = moderate(m, t);
    return turned ? graph_transpose(m->g, t.node) : t.node;
}

static void recipe_matmul(struct maker *m) {
    struct shape batch = {0}, rows = {0};
    struct term t = moderate(m, pick(m));
    if (chance(m, 25)) batch.extent[batch.rank++] = 1 + below(m, 4);
    rows = batch;
    int64_t count = chance(m, 15) ? 1 : m->palette[below(m, PALETTE)],
            inner = chance(m, 10) ? 1 : m->palette[below(m, PALETTE)],
            columns = chance(m, 15) ? 1 : m->palette[below(m, PALETTE)];
    if (t.node->shape.rank == 2 && chance(m, 70))
        count = t.node->shape.extent[0], inner = t.node->shape.extent[1];
    if (count * inner > m->largest || inner * columns > m->largest || count * columns > m->largest)
        return;
    if (count * inner * columns > 8 * m->largest) return;
    rows.extent[rows.rank++] = count;
    rows.extent[rows.rank++] = inner;
    struct node *a = fit(m, t, rows).node, *b = factor(m, batch, inner, columns);
    double scale = chance(m, 50) ? 1 : 1 / sqrt((double)inner), size = 3 * scale * (double)inner;
    for (int64_t siblings = chance(m, 40) ? 1 + below(m, 3) : 1; siblings > 0; siblings--) {
        struct node *product = graph_matmul(m->g, a, b);
        m->budget -= count * inner * columns / 16;
        if (scale < 1) product = graph_scale(m->g, product, scale);
        if (chance(m, 50)) {
            struct term bias = new_variable(m, SHAPE(columns));
            product = graph_add(m->g, product, graph_broadcast(m->g, bias.node, product->shape));
        }
        keep(m, product, -size, size);
        if (chance(m, 50))
            a = factor(m, batch, count, inner);
        else
            b = factor(m, batch, inner, columns);
    }
}

/* Factors taken transposed, as lowering makes them: no gradient can be taken through it. */
static void late_product(struct maker *m) {
    int64_t rows = m->palette[below(m, PALETTE)], inner = m->palette[below(m, PALETTE)],
            columns = m->palette[below(m, PALETTE)];
    if (chance(m, 30)) rows = 1;
    if (chance(m, 30)) columns = 1;
    if (rows * inner > m->largest || inner * columns > m->largest || rows * columns > m->largest)
        return;
    bool ta = chance(m, 50), tb = chance(m, 50);
    struct node *a = operand(m, ta ? SHAPE(inner, rows) : SHAPE(rows, inner)).node,
                *b = operand(m, tb ? SHAPE(columns, inner) : SHAPE(inner, columns)).node;
    keep(m, graph_matmul_transposed(m->g, a, ta, b, tb), -INFINITY, INFINITY);
}

/* Indices into n rows, perhaps part of a longer input. */
static struct term new_index(struct maker *m, struct shape shape, int64_t n) {
    struct subject *s = m->subject;
    struct shape all = shape;
    int64_t before = shape.rank && chance(m, 30) ? 1 + below(m, 3) : 0;
    if (shape.rank) all.extent[0] += before;
    int32_t *data = ARENA_ARRAY(m->arena, int32_t, shape_count(all));
    for (int64_t i = 0; i < shape_count(all); i++)
        data[i] = (int32_t)below(m, n + 2) - 1; /* now and then outside: clamped */
    s->inputs = ARENA_GROW(m->arena, s->inputs, m->g->inputs_count);
    s->inputs[m->g->inputs_count] = data;
    struct node *node = graph_input(m->g, "index", TYPE_INT32, all, false);
    if (before) node = graph_slice_axis(m->g, node, 0, before, shape.extent[0]);
    return keep(m, node, -1, (double)n);
}

/* Rows of a resident table of bytes: a batch of a data set. */
static void recipe_data(struct maker *m) {
    struct subject *s = m->subject;
    struct shape shape = {.rank = 2, .extent = {5 + below(m, 20), m->palette[below(m, PALETTE)]}};
    if (chance(m, 50)) shape.extent[shape.rank++] = 1 + below(m, 4);
    uint8_t *data = ARENA_ARRAY(m->arena, uint8_t, shape_count(shape));
    for (int64_t i = 0; i < shape_count(shape); i++)
        data[i] = (uint8_t)below(m, 256);
    s->inputs = ARENA_GROW(m->arena, s->inputs, m->g->inputs_count);
    s->inputs[m->g->inputs_count] = data;
    struct node *table = graph_input(m->g, "data", TYPE_UINT8, shape, true);
    struct term index = new_index(m, SHAPE(m->palette[below(m, PALETTE)]), shape.extent[0]);
    struct node *bytes = graph_gather(m->g, table, index.node);
    if (chance(m, 20)) keep(m, graph_cast(m->g, bytes, TYPE_INT32), 0, 255); /* labels */
    if (chance(m, 50)) bytes = permuted(m, bytes);
    if (chance(m, 30)) bytes = graph_flip(m->g, bytes, draw_axes(m, bytes->shape));
    if (chance(m, 30)) bytes = sliced(m, bytes);
    struct node *rows = graph_cast(m->g, bytes, TYPE_FLOAT32);
    rows = graph_shift(m->g, graph_scale(m->g, rows, 2 / 255.0), -1);
    if (shape_count(rows->shape) <= 2 * m->largest) keep(m, rows, -1.01, 1.01);
}

static void recipe_gather(struct maker *m) {
    struct term t = pick(m);
    if (!t.node->shape.rank) return;
    int64_t rows = t.node->shape.extent[0], cut = chance(m, 30) ? below(m, rows) : 0;
    t.node = graph_slice_axis(m->g, t.node, 0, cut, rows - cut);
    int64_t width = shape_count(t.node->shape) / t.node->shape.extent[0];
    struct term index = m->whole_count && chance(m, 50)
                            ? m->whole[below(m, m->whole_count)]
                            : new_index(m, SHAPE(1 + below(m, 20)), t.node->shape.extent[0]);
    if (index.node->shape.rank + t.node->shape.rank > 5) return;
    if (width * shape_count(index.node->shape) > m->largest) return;
    keep(m, graph_gather(m->g, t.node, index.node), t.low, t.high);
}

static void recipe_scatter(struct maker *m) {
    struct term t = pick(m);
    struct shape shape = t.node->shape;
    int64_t n = 1 + below(m, 30);
    shape.rank = (int)below(m, shape.rank + 1);
    for (int a = shape.rank; a < AXES_MOST; a++)
        shape.extent[a] = 0;
    struct term index = new_index(m, shape, n);
    if (n * shape_count(t.node->shape) / shape_count(shape) > m->largest) return;
    keep(m, graph_scatter_add(m->g, n, index.node, t.node), -INFINITY, INFINITY);
}

/* Integers: indices computed with. */
static void recipe_whole(struct maker *m) {
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
static void recipe_long(struct maker *m) {
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

/* ---- recipes: gradients and updates ------------------------------------------------------------
 */

static bool depends(const struct node *y, const struct node *x, const struct graph *g,
                    struct arena *scratch) {
    bool *reached = ARENA_ARRAY(scratch, bool, g->count);
    reached[x->id] = true;
    for (int i = x->id + 1; i <= y->id; i++)
        for (int s = 0; s < g->nodes[i]->sources; s++)
            reached[i] = reached[i] || reached[g->nodes[i]->source[s]->id];
    return y->id >= x->id && reached[y->id];
}

/* Up to `most` values that y depends on, variables and marks first. */
static int draw_wrt(struct maker *m, const struct node *y, struct node **wrt, int most) {
    struct arena *scratch = arena_new();
    int count = 0;
    for (int tries = 0; tries < 30 && count < most; tries++) {
        struct node *x = m->pool[below(m, m->count)].node;
        bool leaf = x->op == OP_VARIABLE || x->op == OP_MARK || x->op == OP_INPUT;
        bool known = false;
        for (int i = 0; i < count; i++)
            known = known || wrt[i] == x;
        if (!known && (leaf || tries > 15) && x != y && depends(y, x, m->g, scratch))
            wrt[count++] = x;
    }
    arena_free(scratch);
    return count;
}

static struct node *scalar_of(struct maker *m, struct term t) {
    struct node *y = t.node;
    if (chance(m, 30)) y = graph_mul(m->g, y, y);
    y = graph_sum_all(m->g, y);
    return graph_scale(m->g, y, 1 / (double)shape_count(t.node->shape));
}

static int64_t size_since(const struct graph *g, int before) {
    int64_t size = 0;
    for (int i = before; i < g->count; i++)
        size += shape_count(g->nodes[i]->shape);
    return size;
}

/* Gradients of a scalar, and now and then a penalty on them and its gradient. */
static void recipe_gradient(struct maker *m) {
    struct node *wrt[3], *grads[3];
    struct term t = moderate(m, pick(m));
    struct node *y = scalar_of(m, t);
    int count = draw_wrt(m, y, wrt, 3), before = m->g->count;
    if (!count) return;
    keep(m, y, -INFINITY, INFINITY);
    graph_gradient(m->g, y, wrt, count, grads);
    for (int i = 0; i < count; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(m->g, before);
    if (!grads[0] || m->budget < 0 || chance(m, 60)) return;
    before = m->g->count;
    struct node *squares = graph_sum_all(m->g, graph_mul(m->g, grads[0], grads[0]));
    struct node *length = graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-2));
    struct node *off = graph_shift(m->g, length, -1);
    y = graph_mul(m->g, off, off);
    graph_gradient(m->g, y, wrt, count, grads);
    for (int i = 0; i < count; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(m->g, before);
}

/* A small discriminator and its weights, to be called several times. */
struct network {
    struct node *weight[2], *bias[2];
    int activation;
};

static struct network new_network(struct maker *m, int64_t inputs) {
    struct network n = {.activation = (int)below(m, 3)};
    int64_t inner = m->palette[below(m, PALETTE)], outputs = chance(m, 60) ? 1 : 1 + below(m, 3);
    n.weight[0] = new_variable(m, SHAPE(inputs, inner)).node;
    n.bias[0] = new_variable(m, SHAPE(inner)).node;
    n.weight[1] = new_variable(m, SHAPE(inner, outputs)).node;
    n.bias[1] = new_variable(m, SHAPE(outputs)).node;
    return n;
}

static struct node *call(struct maker *m, const struct network *n, struct node *x) {
    struct graph *g = m->g;
    for (int i = 0; i < 2; i++) {
        x = graph_matmul(g, x, n->weight[i]);
        x = graph_add(g, x, graph_broadcast(g, n->bias[i], x->shape));
        struct node *zero = graph_like(g, x, 0);
        if (i || !n->activation)
            x = graph_unary(g, OP_TANH, x);
        else if (n->activation == 1)
            x = graph_binary(g, OP_MAX, x, zero);
        else
            x = graph_select(g, graph_binary(g, OP_LESS, zero, x), x, graph_scale(g, x, 0.2));
    }
    return x;
}

/* mean((norm(grad(d(x), x)) - 1)^2) */
static struct node *penalty(struct maker *m, const struct network *n, struct node *x) {
    struct node *mark = graph_mark(m->g, x), *slope;
    graph_gradient(m->g, call(m, n, mark), &mark, 1, &slope);
    struct node *squares = graph_sum(m->g, graph_mul(m->g, slope, slope), 2);
    struct node *length = graph_unary(m->g, OP_SQRT, graph_shift(m->g, squares, 1e-2));
    struct node *off = graph_shift(m->g, length, -1);
    return mean(m, graph_mul(m->g, off, off), 3);
}

/* What a network is called on: values of their own, parts of one, new numbers, or a value with
 * other rows under another shape. */
static struct node *draw_batch(struct maker *m, int64_t kind, struct node *whole, int64_t first,
                               int64_t rows, int64_t width) {
    switch (kind) {
    case 0:
        return graph_slice_axis(m->g, whole, 0, first, rows);
    case 1:
        return new_random(m, SHAPE(rows, width)).node;
    case 2:
        return graph_reshape(m->g, operand(m, SHAPE(width, rows)).node, SHAPE(rows, width));
    default:
        return operand(m, SHAPE(rows, width)).node;
    }
}

/* Sums of two results over one axis each, as biases and reports have them. */
static void add_sums(struct maker *m, struct node *a, struct node *b) {
    uint32_t axes = 1 + (uint32_t)below(m, 3), others = chance(m, 70) ? axes : 3 - (axes & 1);
    struct node *x = graph_sum(m->g, a, axes), *y = graph_sum(m->g, b, others);
    if (shape_equal(x->shape, y->shape)) keep(m, graph_add(m->g, x, y), -INFINITY, INFINITY);
}

/* Two maps of one space, each before the other: x -> a -> b and y -> b -> a. */
static void recipe_cycle(struct maker *m) {
    int64_t width = m->palette[below(m, PALETTE)], rows = m->palette[below(m, PALETTE)];
    if (width * width > m->largest || rows * width > m->largest) return;
    struct graph *g = m->g;
    struct node *a = new_variable(m, SHAPE(width, width)).node,
                *b = new_variable(m, SHAPE(width, width)).node;
    struct node *x = operand(m, SHAPE(rows, width)).node, *y = operand(m, SHAPE(rows, width)).node;
    double size = 10 * (double)width * (double)width;
    keep(m, graph_matmul(g, graph_matmul(g, x, a), b), -size, size);
    keep(m, graph_matmul(g, graph_matmul(g, y, b), a), -size, size);
}

/* A step of a game: one network on two batches, perhaps with a penalty between them, and the
 * gradients of its weights. */
static void recipe_game(struct maker *m) {
    struct graph *g = m->g;
    int64_t width = m->palette[below(m, PALETTE)], rows = m->palette[below(m, PALETTE)];
    if (width * rows > m->largest || rows * 300 > 10 * m->largest) return;
    struct network n = new_network(m, width);
    if (shape_count(n.weight[0]->shape) > m->largest) return;
    int before = g->count;
    int64_t others = chance(m, 60) ? rows : 1 + rows / 2, kind = below(m, 5);
    struct node *whole = operand(m, SHAPE(rows + others, width)).node;
    struct node *real = draw_batch(m, kind, whole, 0, rows, width);
    if (chance(m, 50)) whole = new_leaf(m, whole->shape).node;
    if (chance(m, 40)) kind = below(m, 5);
    struct node *fake = draw_batch(m, kind, whole, rows, others, width);
    struct node *on_real = call(m, &n, real), *on_fake = call(m, &n, fake);
    add_sums(m, on_real, on_fake);
    struct node *loss = graph_sum_all(g, graph_sub(g, mean(m, on_fake, 1), mean(m, on_real, 1)));
    if (chance(m, 40))
        loss = graph_add(g, loss, graph_scale(g, graph_sum_all(g, penalty(m, &n, real)), 10));
    struct node *wrt[] = {n.weight[0], n.bias[0], n.weight[1], n.bias[1]}, *grads[4];
    graph_gradient(g, loss, wrt, 4, grads);
    keep(m, loss, -INFINITY, INFINITY);
    for (int i = 0; i < 4; i++)
        if (grads[i]) keep(m, grads[i], -INFINITY, INFINITY);
    m->budget -= size_since(g, before);
}

static bool is_assigned(const struct maker *m, const struct variable *v) {
    for (int i = 0; i < m->g->assignments_count; i++)
        if (m->g->assignments[i].variable == v) return true;
    return false;
}

static struct node *blend(struct maker *m, struct node *a, struct node *b, double keep_of_a) {
    return graph_add(m->g, graph_scale(m->g, a, keep_of_a), graph_scale(m->g, b, 1 - keep_of_a));
}

/* Adam's update of one variable by some value of its shape. */
static void recipe_adam(struct maker *m) {
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
static void recipe_store(struct maker *m) {
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
static void recipe_total(struct maker *m) {
    bool row = m->largest >= 6000 && chance(m, 50);
    struct shape shape = row ? SHAPE(16 + below(m, 4), 257 + below(m, 43))
                             : SHAPE(33 + below(m, 100), 1 + below(m, 4));
    struct node *x = new_variable(m, shape).node;
    if (chance(m, 50)) { /* whose axes are not one run */
        struct shape other = {.rank = 2, .extent = {1, shape.extent[1]}};
        struct node *factor = new_variable(m, other).node;
        x = graph_mul(m->g, x, graph_expand(m->g, factor, shape));
    }
    struct node *sum =
        chance(m, 30) ? graph_max(m->g, x, row ? 3 : 1) : graph_sum(m->g, x, row ? 3 : 1);
    new_variable(m, sum->shape);
    graph_assign(m->g, m->subject->variables[m->subject->variables_count - 1], sum);
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

static void add_results(struct maker *m) {
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

/* ---- a graph -----------------------------------------------------------------------------------
 */

static const struct {
    int weight;
    void (*make)(struct maker *m);
} recipes[] = {
    {8, recipe_leaf},    {10, recipe_unary},     {14, recipe_binary}, {3, recipe_pow},
    {6, recipe_select},  {8, recipe_activation}, {9, recipe_move},    {9, recipe_moves},
    {6, recipe_concat},  {5, recipe_broadcast},  {9, recipe_reduce},  {6, recipe_norm},
    {3, recipe_softmax}, {2, recipe_length},     {12, recipe_matmul}, {2, recipe_data},
    {3, recipe_gather},  {2, recipe_scatter},    {4, recipe_whole},   {8, recipe_gradient},
    {3, recipe_adam},    {3, recipe_store},      {3, recipe_sign},    {4, recipe_game},
    {2, recipe_cycle},   {1, recipe_long},       {5, recipe_plain},   {2, recipe_total},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

static void make_one(struct maker *m) {
    int total = 0, at = 0;
    for (int i = 0; i < RECIPES; i++)
        total += recipes[i].weight;
    int draw = (int)below(m, total);
    while (draw >= recipes[at].weight)
        draw -= recipes[at++].weight;
    recipes[at].make(m);
}

/* Most graphs are small; some hold tensors that several tiles, chunks and threads share. */
static void draw_sizes(struct maker *m) {
    int size = (int)below(m, 100);
    m->largest = size < 85 ? 600 : size < 96 ? 6000 : 60000;
    m->budget = m->largest * 12;
    if (size >= 85 && m->extent_most > 256) m->budget = m->largest * 6;
    for (int i = 0; i < PALETTE; i++)
        m->palette[i] = draw_extent(m);
    if (size >= 96) m->palette[0] = m->extent_most < 300 ? m->extent_most : 100 + below(m, 200);
}

struct subject *subject_make(struct arena *arena, uint64_t seed, int64_t extent_most) {
    struct maker m = {.arena = arena, .g = graph_new(arena), .extent_most = extent_most};
    m.subject = ARENA_NEW(arena, struct subject);
    *m.subject = (struct subject){.arena = arena, .graph = m.g, .seed = seed};
    m.random.key = hash_mix(0x5eed, seed);
    draw_sizes(&m);
    new_leaf(&m, draw_shape(&m));
    if (chance(&m, 70)) new_variable(&m, draw_shape(&m));
    for (int64_t steps = 2 + below(&m, 25); steps > 0 && m.budget > 0; steps--)
        make_one(&m);
    if (chance(&m, 15)) late_product(&m);
    add_results(&m);
    graph_verify(m.g, "making a graph");
    return subject_edit(arena, m.subject, &(struct edit){0});
}
