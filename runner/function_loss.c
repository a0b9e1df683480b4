/* Functions for objectives: likelihoods and divergences, as PyTorch defines them. */
#include "layers/compose.h"
#include "runner/function.h"

/* ---- cross entropy -----------------------------------------------------------------------------
 */

/* Labels as a column beside the logits: [b, …, 1]. */
static struct node *column(struct graph *g, struct node *labels) {
    struct shape shape = labels->shape;
    shape.extent[shape.rank++] = 1;
    return graph_reshape(g, labels, shape);
}

/* The last axis, which has an extent of 1 now, goes. */
static struct value drop_last(struct graph *g, struct node *x, bool batched) {
    struct shape shape = x->shape;
    shape.extent[--shape.rank] = 0;
    return value_make(graph_reshape(g, x, shape), batched);
}

/* -log of the share of each label; not a number where a label is no class, so that the guard
 * tells. What is beside the label may be -infinity. */
static struct value by_index(struct graph *g, struct value logits, struct value labels) {
    struct node *x = logits.node;
    int last = x->shape.rank - 1;
    struct node *shares = compose_log_softmax(g, x, last);
    struct node *label = graph_expand(g, graph_cast(g, labels.node, TYPE_INT32), x->shape);
    struct node *class = graph_iota(g, TYPE_INT32, x->shape, last);
    struct node *hit = graph_binary(g, OP_EQUAL, class, label);
    struct node *taken = graph_select(g, hit, shares, graph_like(g, shares, 0));
    struct node *sum = graph_sum(g, taken, 1u << last);
    struct node *count = graph_sum(g, hit, 1u << last);
    return drop_last(g, graph_neg(g, graph_div(g, sum, count)), logits.batched);
}

static struct value by_share(struct graph *g, struct value logits, struct value shares) {
    int last = logits.node->shape.rank - 1;
    struct node *log = compose_log_softmax(g, logits.node, last);
    struct node *sum = graph_sum(g, graph_mul(g, shares.node, log), 1u << last);
    return drop_last(g, graph_neg(g, sum), logits.batched);
}

static struct value build_cross_entropy(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct arena *arena = call->frame->build->builder->arena;
    struct value v[2] = {call_value(call, 0), call_value(call, 1)};
    if (!v[0].node || !v[1].node) return VALUE_POISON;
    struct shape logits = value_shape(v[0]), labels = value_shape(v[1]), rest = logits;
    if (!logits.rank)
        return call_fail(call, 0, "its last axis is the classes: 'linear: 10' for ten",
                         "cross_entropy wants logits with an axis, but these are one number");
    rest.extent[--rest.rank] = 0;
    bool index = shape_equal(labels, rest);
    if (!index && !shape_equal(labels, logits))
        return call_fail(
            call, 1, NULL,
            "for logits of %s cross_entropy wants labels, of %s, or shares, of %s, but is given %s",
            shape_text(arena, logits), shape_text(arena, rest), shape_text(arena, logits),
            shape_text(arena, labels));
    int64_t classes = logits.extent[logits.rank - 1];
    if (index && v[1].classes > classes) {
        const struct origin *made = value_maker(v[0])->origin;
        frame_fail(call->frame, made ? made : &call->argument[0]->origin,
                   "the last axis of the logits is the classes",
                   "the labels are 0 to %lld, but there are %lld logits",
                   (long long)v[1].classes - 1, (long long)classes);
        return VALUE_POISON;
    }
    if (index) v[1].node = column(g, v[1].node);
    if (!call_meet(call, 2, v)) return VALUE_POISON;
    return index ? by_index(g, v[0], v[1]) : by_share(g, v[0], v[1]);
}
const struct function_row cross_entropy_function = {
    .name = "cross_entropy",
    .doc =
        "cross entropy of a sample's classes: labels are indices, or shares of the logits' shape",
    .equation = "-log(softmax(logits)[label]), or -sum(shares * log(softmax(logits)))",
    .arguments = "logits labels",
    .build = build_cross_entropy,
    .example = "mean(cross_entropy(logits, y))",
    .aliases = "CrossEntropyLoss softmax_cross_entropy",
};

/* ---- element by element ------------------------------------------------------------------------
 */

static struct value build_bce_with_logits(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value v[2];
    if (!call_values(call, 2, v)) return VALUE_POISON;
    struct node *x = v[0].node, *rest = graph_sub(g, graph_like(g, x, 1), v[1].node);
    struct node *y = graph_add(g, graph_mul(g, rest, x), compose_softplus(g, graph_neg(g, x)));
    return value_make(y, v[0].batched);
}
const struct function_row bce_with_logits_function = {
    .name = "bce_with_logits",
    .doc = "binary cross entropy of each number, whose sigmoid is the probability of 1",
    .equation = "-t log(p) - (1 - t) log(1 - p), p = sigmoid(logits)",
    .arguments = "logits t",
    .build = build_bce_with_logits,
    .example = "mean(bce_with_logits(discriminator(x), 0.9))",
    .aliases = "BCEWithLogitsLoss BCELoss binary_cross_entropy",
};

static struct value build_gaussian_log_prob(struct call *call) {
    const double log_root_two_pi = 0.91893853320467274178;
    struct graph *g = call->frame->build->graph;
    struct value v[3];
    if (!call_values(call, 3, v)) return VALUE_POISON;
    struct node *x = v[0].node, *mean = v[1].node, *log_deviation = v[2].node;
    struct node *inverse = graph_unary(g, OP_EXP, graph_neg(g, log_deviation));
    struct node *far = graph_mul(g, graph_sub(g, x, mean), inverse);
    struct node *square = graph_scale(g, graph_mul(g, far, far), 0.5);
    struct node *rest = graph_shift(g, log_deviation, log_root_two_pi);
    return value_make(graph_neg(g, graph_add(g, square, rest)), v[0].batched);
}
const struct function_row gaussian_log_prob_function = {
    .name = "gaussian_log_prob",
    .doc = "logarithm of a normal density at each number of x",
    .equation = "-(x - mean)^2 / (2 d^2) - log(d) - log(2 pi) / 2, d = exp(log_deviation)",
    .arguments = "x mean log_deviation",
    .build = build_gaussian_log_prob,
    .example = "mean(sum(gaussian_log_prob(x, fake, -1), axis=sample))",
    .aliases = "normal_log_prob log_prob",
};

static struct value build_kl_normal(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct value v[2];
    if (!call_values(call, 2, v)) return VALUE_POISON;
    struct node *mean = v[0].node, *log_variance = v[1].node;
    struct node *wide = graph_sub(g, graph_unary(g, OP_EXPM1, log_variance), log_variance);
    struct node *sum = graph_add(g, graph_mul(g, mean, mean), wide);
    return value_make(graph_scale(g, sum, 0.5), v[0].batched);
}
const struct function_row kl_normal_function = {
    .name = "kl_normal",
    .doc = "divergence of a normal distribution from normal(0, 1), of each number",
    .equation = "(mean^2 + exp(log_variance) - 1 - log_variance) / 2",
    .arguments = "mean log_variance",
    .build = build_kl_normal,
    .example = "mean(sum(kl_normal(a, b), axis=sample))",
    .aliases = "kl_divergence",
};
