/*
 * conditional_batch_norm: batch norm whose scale and shift follow from a second input y, a class or a vector
 * (Dumoulin et al. 2017, de Vries et al. 2017).
 *
 * A class has a row of each of two tables, which begin as 1 and 0. A vector h has scale = 1 + h W and shift = h V
 * (Brock et al. 2019).
 */
#include "layers/compose.h"
#include "layers/compose_norm.h"

struct options {
    int64_t classes;
    struct distribution init;
    struct batch_norm_options norm;
};

static const struct parameter parameters[] = {
    COMPOSE_CLASSES_ROW(struct options),
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "fan_in",
     .choices = INITIALISERS,
     .doc = "of what a vector is multiplied by; the tables of classes begin as 1 and 0"},
    COMPOSE_BATCH_NORM_ROWS(struct options, norm),
    {0},
};

/* [channels] a sample as what meets x; NULL, reported, where it is of another batch. */
static struct node *spread(struct layer *layer, struct value x, struct value channels) {
    struct shape row = value_shape(x);
    if (channels.batched && channels.node->shape.extent[0] != x.node->shape.extent[0]) {
        struct misfit misfit = value_misfit(layer->arena, 2, (struct value[]){x, channels});
        layer_fail(layer, misfit.hint, "cannot normalise %s by the other", misfit.text);
        return NULL;
    }
    for (int a = 0; a < row.rank - 1; a++)
        row.extent[a] = 1;
    channels = value_reshape(layer->graph, channels, row);
    return value_spread(layer->graph, channels, value_shape(x), true, x.node->shape.extent[0]).node;
}

/* What y stands for by the weight `leaf`, as what meets x. */
static struct node *condition(struct layer *layer, struct value x, const char *leaf, double first) {
    const struct options *options = layer->options;
    struct value y = layer->inputs[1];
    const struct distribution constant = {"constant", 1, {first}};
    bool class = compose_is_class(y);
    int64_t channels = x.node->shape.extent[x.node->shape.rank - 1];
    struct value row = compose_condition(layer, leaf, y, options->classes, channels,
                                         class ? &constant : &options->init);
    if (!row.node) return NULL;
    if (!class) row.node = graph_shift(layer->graph, row.node, first);
    return spread(layer, x, row);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value x = value_real(g, layer->inputs[0]);
    struct batch_normed normed =
        compose_batch_norm(layer, "conditional_batch_norm", x, options->norm);
    if (!normed.centred) return VALUE_POISON;
    struct node *scale = condition(layer, x, "scale/weight", 1);
    struct node *shift = scale ? condition(layer, x, "shift/weight", 0) : NULL;
    if (!shift) return VALUE_POISON;
    struct node *deviation = graph_broadcast(g, normed.deviation, x.node->shape);
    struct node *y = graph_mul(g, graph_div(g, normed.centred, deviation), scale);
    return value_make(graph_add(g, y, shift), true);
}

const struct layer_row conditional_batch_norm_layer = {
    .name = "conditional_batch_norm",
    .doc = "batch norm whose scale and shift follow from a second input: a class, or a vector",
    .equation = "y = (x - mean) / sqrt(variance + epsilon) * scale + shift;\n"
                "scale and shift are the rows of the class in two tables [classes, channels],\n"
                "or 1 + h W and h V of a vector h",
    .example = "{conditional_batch_norm: {}, from: [image, y]}",
    .citation =
        "Dumoulin, Shlens and Kudlur 2017, A learned representation for artistic style, arXiv "
        "1610.07629; de Vries et al. 2017, Modulating early visual processing by language, "
        "arXiv 1707.00683; vectors: Brock, Donahue and Simonyan 2019, Large scale GAN training "
        "for high fidelity natural image synthesis, arXiv 1809.11096",
    .aliases = "CategoricalConditionalBatchNorm ConditionalBatchNorm2d ccbn cbn",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_least = 2,
    .inputs_most = 2,
    .learns = true,
    .chains = true,
    .build = build,
};
