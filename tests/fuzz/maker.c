/* Chance, shapes, leaves, and operands from the pool; see maker.h. */
#include <math.h>

#include "base/bug.h"
#include "tests/fuzz/maker.h"

int64_t below(struct maker *m, int64_t n) {
    return n > 1 ? (int64_t)random_below(&m->random, (uint32_t)n) : 0;
}

bool chance(struct maker *m, int percent) {
    return below(m, 100) < percent;
}

double fraction(struct maker *m) {
    return (double)random_word(&m->random) * 0x1p-32;
}

/* Adds a value to its pool and hands it on. */
struct term keep(struct maker *m, struct node *node, double low, double high) {
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

/* ---- shapes ---- */

int64_t draw_extent(struct maker *m) {
    static const int64_t extents[] = {1,  2,  3,  4,  5,  7,   8,   9,   15,  16,  17,
                                      31, 32, 33, 63, 64, 100, 127, 128, 200, 257, 300};
    int64_t most = (int64_t)(sizeof extents / sizeof *extents);
    int64_t e = extents[chance(m, 60) ? below(m, 11) : below(m, most)];
    return e < m->extent_most ? e : m->extent_most;
}

struct shape draw_shape(struct maker *m) {
    static const int ranks[] = {0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 5};
    struct shape shape = {.rank = ranks[below(m, 12)]};
    for (int a = 0; a < shape.rank; a++)
        shape.extent[a] = chance(m, 8) ? 1 : m->palette[below(m, PALETTE)];
    while (shape_count(shape) > m->largest)
        shape.extent[below(m, shape.rank)] = 1 + below(m, 3);
    return shape;
}

/* Some of its axes, at least one where there is one. */
uint32_t draw_axes(struct maker *m, struct shape shape) {
    if (!shape.rank) return 0;
    uint32_t all = axes_all(shape.rank);
    if (chance(m, 25)) return all;
    if (chance(m, 30)) return 1u << (shape.rank - 1);
    if (chance(m, 30)) return all & ~(1u << (shape.rank - 1)) ? all & ~(1u << (shape.rank - 1)) : 1;
    return 1 + (uint32_t)below(m, all);
}

/* ---- leaves ---- */

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

struct term new_variable(struct maker *m, struct shape shape) {
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

struct term new_whole_table(struct maker *m, struct shape shape) {
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

struct term new_random(struct maker *m, struct shape shape) {
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

struct term new_leaf(struct maker *m, struct shape shape) {
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

/* ---- taking from the pool ---- */

/* Some value, rather a late one. */
struct term pick(struct maker *m) {
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

struct term reduced(struct maker *m, struct term t, uint32_t axes) {
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
struct term fit(struct maker *m, struct term t, struct shape shape) {
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
struct term operand(struct maker *m, struct shape shape) {
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
struct term tame(struct maker *m, struct term t, double low, double high) {
    if (t.low >= low && t.high <= high) return t;
    double middle = (low + high) / 2, half = (high - low) / 2;
    struct node *x = graph_unary(m->g, chance(m, 60) ? OP_TANH : OP_SIN, t.node);
    x = graph_shift(m->g, graph_scale(m->g, x, half * 0.99), middle);
    return keep(m, x, low, high);
}

/* So that products of products stay within range. */
struct term moderate(struct maker *m, struct term t) {
    return t.low < -100 || t.high > 100 ? chance(m, 85) ? tame(m, t, -2, 2) : t : t;
}
