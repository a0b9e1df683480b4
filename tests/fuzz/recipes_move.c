/* Recipes: movement. */
#include <math.h>

#include "tests/fuzz/maker.h"

/* Axes merged, split, and ones put in and taken out. */
struct node *reshaped(struct maker *m, struct node *x) {
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

struct node *permuted(struct maker *m, struct node *x) {
    int order[AXES_MOST];
    for (int a = 0; a < x->shape.rank; a++) {
        int other = (int)below(m, a + 1);
        order[a] = order[other];
        order[other] = a;
    }
    return x->shape.rank > 1 ? graph_permute(m->g, x, order) : x;
}

struct node *sliced(struct maker *m, struct node *x) {
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

void recipe_move(struct maker *m) {
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
void recipe_moves(struct maker *m) {
    struct term t = draw_source(m);
    if (chance(m, 30)) t.node = merged(m, permuted(m, t.node));
    for (int64_t steps = 2 + below(m, 5); steps > 0; steps--)
        t = moved(m, t);
    keep(m, t.node, t.low, t.high);
}

/* Parts that may be used elsewhere too, one perhaps twice. */
void recipe_concat(struct maker *m) {
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

void recipe_broadcast(struct maker *m) {
    struct term t = pick(m), other = pick(m);
    struct shape row = other.node->shape;
    if (!row.rank) return;
    uint32_t axes = draw_axes(m, row);
    for (int a = 0; a < row.rank; a++)
        if (axes >> a & 1) row.extent[a] = 1;
    t = fit(m, t, row);
    keep(m, graph_expand(m->g, t.node, other.node->shape), t.low, t.high);
}
