/* Functions along an axis: counting, running sums, other orders. */
#include <math.h>

#include "runner/function.h"

/* ---- numbers that count ------------------------------------------------------------------------
 */

enum { NUMBERS_MOST = 1 << 24 };

static struct value build_iota(struct call *call) {
    struct graph *g = call->frame->build->graph;
    double count;
    if (!call_number(call, 0, 1, &count)) return VALUE_POISON;
    if (count < 1 || count != floor(count) || count > 1e9)
        return call_fail(call, 0, NULL, "iota wants a whole number from 1, not %g", count);
    struct node *index = graph_iota(g, TYPE_INT32, SHAPE((int64_t)count), 0);
    return value_make(graph_cast(g, index, TYPE_FLOAT32), false);
}
const struct function_row iota_function = {
    .name = "iota",
    .doc = "0, 1, …, count - 1, without batch",
    .equation = "y[i] = i",
    .arguments = "count",
    .build = build_iota,
    .example = "iota(10)",
};

/* start + i * step, rounded once. */
static struct value numbers(struct call *call, double start, double step, double count) {
    struct graph *g = call->frame->build->graph;
    if (count > NUMBERS_MOST)
        return call_fail(call, -1, NULL, "'%s' gives at most %d numbers", call->row->name,
                         (int)NUMBERS_MOST);
    double *table = ARENA_ARRAY(call->frame->build->builder->arena, double, (int64_t)count);
    for (int64_t i = 0; i < (int64_t)count; i++)
        table[i] = start + (double)i * step;
    return value_make(graph_table(g, TYPE_FLOAT32, SHAPE((int64_t)count), table), false);
}

static struct value build_range(struct call *call) {
    double start, stop, step;
    if (!call_number(call, 0, 0, &start) || !call_number(call, 1, start, &stop) ||
        !call_number(call, 2, 1, &step))
        return VALUE_POISON;
    if (!call->argument[1]) start = 0;
    double count = ceil((stop - start) / step);
    if (!(count >= 1) || isinf(count))
        return call_fail(call, -1, NULL, "there are no numbers from %g to below %g by steps of %g",
                         start, stop, step);
    return numbers(call, start, step, count);
}
const struct function_row range_function = {
    .name = "range",
    .doc = "numbers from start to before stop, as Python's; range(4) is 0, 1, 2, 3",
    .equation = "start, start + step, start + 2 step, …",
    .arguments = "start stop= step=1",
    .build = build_range,
    .example = "range(999, -1, -1)",
    .aliases = "arange",
};

static struct value build_linspace(struct call *call) {
    double start, end, count;
    if (!call_number(call, 0, 0, &start) || !call_number(call, 1, 0, &end) ||
        !call_number(call, 2, 0, &count))
        return VALUE_POISON;
    if (count < 1 || count != floor(count))
        return call_fail(call, 2, NULL, "linspace wants a whole number of steps from 1, not %g",
                         count);
    return numbers(call, start, count > 1 ? (end - start) / (count - 1) : 0, count);
}
const struct function_row linspace_function = {
    .name = "linspace",
    .doc = "count numbers from start to end, both of them included, at even distances",
    .equation = "start + i (end - start) / (count - 1)",
    .arguments = "start end count",
    .build = build_linspace,
    .example = "linspace(1e-4, 0.02, 1000)",
};

/* ---- running sums ------------------------------------------------------------------------------
 */

/* x moved up by so many places along an axis; `fill` comes in from below. */
static struct node *moved_up(struct graph *g, struct node *x, int axis, int64_t by, double fill) {
    int64_t low[AXES_MOST] = {0};
    low[axis] = by;
    struct node *kept = graph_slice_axis(g, x, axis, 0, x->shape.extent[axis] - by);
    return graph_pad(g, kept, low, NULL, NULL, fill);
}

/* By doubling: after k rounds each number holds what the 2^k before it hold together (Hillis and
 * Steele 1986, Data parallel algorithms). */
static struct value running(struct call *call, enum op op, double neutral) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    int axis;
    if (!x.node || !call_axis(call, 1, x, &axis)) return VALUE_POISON;
    struct node *y = x.node;
    for (int64_t by = 1; by < y->shape.extent[axis]; by *= 2)
        y = graph_binary(g, op, y, moved_up(g, y, axis, by, neutral));
    return value_make(y, x.batched);
}

static struct value build_cumsum(struct call *call) {
    return running(call, OP_ADD, 0);
}
const struct function_row cumsum_function = {
    .name = "cumsum",
    .doc = "each number with all before it added, along the last axis, or axis=0",
    .equation = "y[i] = x[0] + x[1] + … + x[i]",
    .arguments = "x axis=-1",
    .build = build_cumsum,
    .example = "cumsum(x)",
};

static struct value build_cumprod(struct call *call) {
    return running(call, OP_MUL, 1);
}
const struct function_row cumprod_function = {
    .name = "cumprod",
    .doc = "each number times all before it, along the last axis, or axis=0",
    .equation = "y[i] = x[0] x[1] … x[i]",
    .arguments = "x axis=-1",
    .build = build_cumprod,
    .example = "cumprod(1 - linspace(1e-4, 0.02, 1000))",
};

/* ---- other orders ------------------------------------------------------------------------------
 */

static struct value build_roll(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = call_value(call, 0);
    double shift;
    int axis;
    if (!x.node || !call_number(call, 1, 1, &shift) || !call_axis(call, 2, x, &axis))
        return VALUE_POISON;
    if (shift != floor(shift) || fabs(shift) > 1e9)
        return call_fail(call, 1, NULL, "roll moves by a whole number of places, not %g", shift);
    int64_t n = x.node->shape.extent[axis], by = ((int64_t)shift % n + n) % n;
    if (by == 0) return x;
    struct node *parts[2] = {graph_slice_axis(g, x.node, axis, n - by, by),
                             graph_slice_axis(g, x.node, axis, 0, n - by)};
    x.node = graph_concat(g, 2, parts, axis);
    return x;
}
const struct function_row roll_function = {
    .name = "roll",
    .doc =
        "moved on along the last axis, axis=0 or axis=batch; what leaves at the end comes in first",
    .equation = "y[i] = x[(i - shift) mod n]",
    .arguments = "x shift=1 axis=-1",
    .build = build_roll,
    .example = "roll(x, axis=batch)",
};

/*
 * Each sample has a draw; the place of its draw among all of them is the sample that comes in its
 * place. Of equal draws the one of the earlier sample is the less.
 */
static struct node *random_order(struct call *call, int64_t batch) {
    struct graph *g = call->frame->build->graph;
    struct shape table = SHAPE(batch, batch);
    struct node *draws = graph_random(g, RANDOM_UNIFORM, SHAPE(batch), frame_draw(call->frame),
                                      build_clock(call->frame->build));
    struct node *own = graph_expand(g, graph_reshape(g, draws, SHAPE(batch, 1)), table);
    struct node *other = graph_broadcast(g, draws, table);
    struct node *earlier = graph_binary(g, OP_LESS, graph_iota(g, TYPE_INT32, table, 1),
                                        graph_iota(g, TYPE_INT32, table, 0));
    struct node *tie = graph_mul(g, graph_binary(g, OP_EQUAL, other, own), earlier);
    struct node *less = graph_add(g, graph_binary(g, OP_LESS, other, own), tie);
    struct node *place = graph_reshape(g, graph_sum(g, less, 1u << 1), SHAPE(batch));
    return graph_cast(g, place, TYPE_INT32);
}

static struct value build_shuffle(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value x = evaluate_value(call->frame, call->argument[0]);
    if (!x.node) return VALUE_POISON;
    if (!x.batched) return call_fail(call, 0, NULL, "shuffle wants a batch, but this has none");
    struct node *order = random_order(call, x.node->shape.extent[0]);
    x.node = graph_gather(g, x.node, order);
    return x;
}
const struct function_row shuffle_function = {
    .name = "shuffle",
    .doc = "the samples of the batch in a random order, each of them once",
    .equation = "y[i] = x[order[i]]",
    .arguments = "x",
    .build = build_shuffle,
    .example = "discriminator(shuffle(x))",
    .aliases = "randperm permute_batch",
};
