/* Functions that draw: each call that is written is a draw of its own. */
#include <math.h>
#include <string.h>

#include "runner/function.h"

/* The full shape of a draw: the given sample, with a batch unless per=batch. */
static bool draw_shape(struct call *call, int per, struct shape *shape, bool *batched) {
    const char *word = call_word(call, per);
    *batched = true;
    if (call->argument[per]) {
        if (!word || (strcmp(word, "batch") != 0 && strcmp(word, "sample") != 0)) {
            call_fail(call, per, NULL, "per= is 'sample' or 'batch'");
            return false;
        }
        *batched = !strcmp(word, "sample");
    }
    if (!call_shape(call, shape)) return false;
    *shape = value_full_shape(*shape, *batched, call->frame->build->batch);
    return true;
}

static struct value draw(struct call *call, enum random_kind kind, struct shape shape, bool batched,
                         double scale, double shift) {
    struct graph *g = call->frame->build->graph;
    struct node *x =
        graph_random(g, kind, shape, frame_draw(call->frame), build_clock(call->frame->build));
    if (scale != 1) x = graph_scale(g, x, scale);
    if (shift != 0) x = graph_shift(g, x, shift);
    return value_make(x, batched);
}

static struct value build_uniform(struct call *call) {
    double low, high;
    struct shape shape;
    bool batched;
    if (!call_number(call, 0, 0, &low) || !call_number(call, 1, 1, &high) ||
        !draw_shape(call, 2, &shape, &batched))
        return VALUE_POISON;
    return draw(call, RANDOM_UNIFORM, shape, batched, high - low, low);
}
const struct function_row uniform_function = {
    .name = "uniform",
    .doc = "uniform draws in [low, high), one a sample or a shape of them",
    .equation = "u ~ U(low, high)",
    .arguments = "low=0 high=1 per=sample *shape",
    .build = build_uniform,
    .example = "uniform()",
    .aliases = "rand",
};

static struct value build_normal(struct call *call) {
    double mean, deviation;
    struct shape shape;
    bool batched;
    if (!call_number(call, 0, 0, &mean) || !call_number(call, 1, 1, &deviation) ||
        !draw_shape(call, 2, &shape, &batched))
        return VALUE_POISON;
    return draw(call, RANDOM_NORMAL, shape, batched, deviation, mean);
}
const struct function_row normal_function = {
    .name = "normal",
    .doc = "normal draws, one a sample or a shape of them",
    .equation = "n ~ N(mean, deviation^2)",
    .arguments = "mean=0 deviation=1 per=sample *shape",
    .build = build_normal,
    .example = "normal(64, 64, 3)",
    .aliases = "randn",
};

static struct value build_randint(struct call *call) {
    struct graph *g = call->frame->build->graph;
    double low, high;
    struct shape shape;
    bool batched;
    if (!call_number(call, 0, 0, &low) || !call_number(call, 1, 0, &high) ||
        !draw_shape(call, 2, &shape, &batched))
        return VALUE_POISON;
    if (low != floor(low) || high != floor(high) || high <= low || high - low > 0x1p24)
        return call_fail(call, 1, NULL, "randint wants whole numbers low < high, not %g and %g",
                         low, high);
    struct value x = draw(call, RANDOM_UNIFORM, shape, batched, high - low, low);
    x.node = graph_unary(g, OP_FLOOR, x.node);
    return value_classes(x, low < 0 ? 0 : (int64_t)high);
}
const struct function_row randint_function = {
    .name = "randint",
    .doc = "whole numbers from low to high - 1",
    .equation = "floor(u), where u ~ U(low, high)",
    .arguments = "low high per=sample *shape",
    .build = build_randint,
    .example = "randint(0, 1000)",
};

static struct value like(struct call *call, enum random_kind kind) {
    struct value x = call_value(call, 0);
    if (!x.node) return VALUE_POISON;
    return draw(call, kind, x.node->shape, x.batched, 1, 0);
}

static struct value build_uniform_like(struct call *call) {
    return like(call, RANDOM_UNIFORM);
}
const struct function_row uniform_like_function = {
    .name = "uniform_like",
    .doc = "uniform draws in [0, 1) of x's shape",
    .equation = "u ~ U(0, 1)",
    .arguments = "x",
    .build = build_uniform_like,
    .example = "uniform_like(x)",
    .aliases = "rand_like",
};

static struct value build_normal_like(struct call *call) {
    return like(call, RANDOM_NORMAL);
}
const struct function_row normal_like_function = {
    .name = "normal_like",
    .doc = "normal draws of x's shape",
    .equation = "n ~ N(0, 1)",
    .arguments = "x",
    .build = build_normal_like,
    .example = "x + 0.1 * normal_like(x)",
    .aliases = "randn_like",
};
