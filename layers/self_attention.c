/*
 * self_attention: each pixel looks at all others, and a learned share of what it finds is added to it
 * (Zhang et al. 2019).
 *
 * As in the authors' code, keys and values are first made smaller by a max pool, values have half of the channels, and
 * there are no biases. All 1x1 convolutions are products over the channels.
 */
#include "layers/compose.h"
#include "layers/window.h"

struct options {
    int64_t divisor, value_divisor, pool;
    struct distribution init;
};

static const struct parameter parameters[] = {
    {.name = "divisor",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, divisor),
     .standard = "8",
     .low = 1,
     .high = 1 << 16,
     .doc = "queries and keys have channels / divisor numbers"},
    {.name = "value_divisor",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, value_divisor),
     .standard = "2",
     .low = 1,
     .high = 1 << 16,
     .doc = "values have channels / value_divisor numbers"},
    {.name = "pool",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct options, pool),
     .standard = "2",
     .low = 1,
     .high = 256,
     .unit = "pixels",
     .doc = "side of the squares of keys and values of which the largest is kept; 1 keeps all"},
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "fan_in",
     .choices = INITIALISERS,
     .doc = "of the weights of queries, keys, values and what comes out"},
    {0},
};

/* x (batch, height, width, channels) by a weight `leaf` [channels, size]; NULL where something is wrong. */
static struct node *product(struct layer *layer, const char *leaf, struct node *x, int64_t size) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct shape shape = x->shape;
    int64_t in = shape.extent[3];
    struct node *w =
        layer_weight(layer, leaf, SHAPE(in, size), &options->init, (double)in, (double)size);
    if (!w) return NULL;
    shape.extent[3] = size;
    struct node *rows = graph_reshape(g, x, SHAPE(shape_count(x->shape) / in, in));
    return graph_reshape(g, graph_matmul(g, rows, w), shape);
}

/* (batch, places, numbers) */
static struct node *places(struct graph *g, struct node *x) {
    const int64_t *extent = x->shape.extent;
    return graph_reshape(g, x, SHAPE(extent[0], extent[1] * extent[2], extent[3]));
}

static struct node *pooled(struct graph *g, struct node *x, int64_t pool) {
    const int64_t pair[2] = {pool, pool};
    return places(g, window_max(g, x, pair, pair));
}

/* What the pixels of x (batch, height, width, channels) find; NULL where something is wrong. */
static struct node *attend(struct layer *layer, struct node *x) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t channels = x->shape.extent[3];
    struct node *query = product(layer, "query/weight", x, channels / options->divisor);
    struct node *key = product(layer, "key/weight", x, channels / options->divisor);
    struct node *value = product(layer, "value/weight", x, channels / options->value_divisor);
    if (!query || !key || !value) return NULL;
    query = places(g, query);
    key = pooled(g, key, options->pool);
    value = pooled(g, value, options->pool);
    struct node *likeness = graph_matmul(g, query, graph_transpose(g, key));
    struct node *found = graph_matmul(g, compose_softmax(g, likeness, 2), value);
    struct shape shape = x->shape;
    shape.extent[3] = channels / options->value_divisor;
    return product(layer, "out/weight", graph_reshape(g, found, shape), channels);
}

/* Whether a parameter divides the channels of the images x. */
static bool divides(struct layer *layer, const struct node *x, const char *name, int64_t divisor) {
    if (x->shape.extent[3] % divisor == 0) return true;
    layer_fail(layer, NULL, "'%s' must divide the channels of %s, but is %lld", name,
               value_text(layer->arena, layer->inputs[0]), (long long)divisor);
    return false;
}

static bool pool_fits(struct layer *layer, const struct node *x, int64_t pool) {
    if (pool <= x->shape.extent[1] && pool <= x->shape.extent[2]) return true;
    layer_fail(layer, "'pool: 1' keeps all keys and values",
               "'pool' must be at most the height and width of %s, but is %lld",
               value_text(layer->arena, layer->inputs[0]), (long long)pool);
    return false;
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    const struct distribution zero = {"constant", 1, {0}};
    struct graph *g = layer->graph;
    struct node *x = image_input(layer);
    if (!x || !divides(layer, x, "divisor", options->divisor) ||
        !divides(layer, x, "value_divisor", options->value_divisor) ||
        !pool_fits(layer, x, options->pool))
        return VALUE_POISON;
    struct node *found = attend(layer, x);
    struct node *gamma = layer_weight(layer, "gamma", SHAPE_SCALAR, &zero, 1, 1);
    if (!found || !gamma) return VALUE_POISON;
    found = graph_mul(g, graph_broadcast(g, gamma, x->shape), found);
    return image_value(layer, graph_add(g, x, found));
}

const struct layer_row self_attention_layer = {
    .name = "self_attention",
    .doc = "adds to each pixel a learned share of what it finds in all others",
    .equation = "y = x + gamma softmax(q k') v W_out, where q = x W_query, k = pool(x W_key),\n"
                "v = pool(x W_value), over all pixels, and gamma is a number that begins as 0",
    .example =
        "{self_attention: {divisor: 1, value_divisor: 1, weight: [spectral_norm]}, from: image}",
    .citation = "Zhang, Goodfellow, Metaxas and Odena 2019, Self-attention generative adversarial "
                "networks, arXiv 1805.08318",
    .aliases = "SelfAttention attention sagan non_local",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .learns = true,
    .chains = true,
    .build = build,
};
