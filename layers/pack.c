/*
 * pack: several samples of the batch become one, joined along their last axis, so that a
 * discriminator judges them together (Lin et al. 2018). Of m samples [b, …, c] gives [b / m, …, m c]:
 * the first m samples are the first of the result.
 */
#include "layers/layer.h"

struct options {
    int64_t samples;
};

static const struct parameter parameters[] = {
    {.name = "samples",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, samples),
     .low = 1,
     .high = 1 << 16,
     .doc = "that become one; it must divide the batch"},
    {0},
};

/* The second axis moved to the one before the last: [b, m, …, c] to [b, …, m, c]. */
static struct node *move_inside(struct graph *g, struct node *x) {
    int order[AXES_MOST] = {0}, inside = x->shape.rank - 2;
    for (int a = 1; a < inside; a++)
        order[a] = a + 1;
    order[inside] = inside ? 1 : 0;
    order[inside + 1] = inside + 1;
    return graph_permute(g, x, order);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = layer->inputs[0];
    int64_t m = options->samples;
    struct shape sample = value_shape(x);
    if (!x.batched)
        return layer_fail(layer, NULL, "pack wants a batch of samples, but its input is %s without",
                          value_text(layer->arena, x));
    int64_t batch = x.node->shape.extent[0];
    if (batch % m)
        return layer_fail(layer, "change 'batch', or 'samples'",
                          "%lld samples cannot be packed by %lld: it must divide them",
                          (long long)batch, (long long)m);
    if (!sample.rank) return value_make(graph_reshape(g, x.node, SHAPE(batch / m, m)), true);
    if (sample.rank > AXES_MOST - 2)
        return layer_fail(layer, NULL, "pack's input %s has too many axes",
                          value_text(layer->arena, x));
    struct shape split = value_full_shape(value_full_shape(sample, true, m), true, batch / m);
    struct node *moved = move_inside(g, graph_reshape(g, x.node, split));
    sample.extent[sample.rank - 1] *= m;
    return value_make(graph_reshape(g, moved, value_full_shape(sample, true, batch / m)), true);
}

const struct layer_row pack_layer = {
    .name = "pack",
    .doc = "several samples of the batch become one, joined along their last axis",
    .equation = "y[i] = [x[m i], x[m i + 1], …, x[m i + m - 1]], m the samples in one",
    .example = "pack: 2",
    .call = "pack(x, 2)",
    .citation = "Lin, Khetan, Fanti and Oh 2018, PacGAN: the power of two samples in generative "
                "adversarial networks, arXiv 1712.04086",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
