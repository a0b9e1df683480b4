/*
 * projection: the inner product of features with what a class or a vector stands for, to be added to a linear logit
 * (Miyato and Koyama 2018).
 */
#include "layers/compose.h"

struct options {
    int64_t classes;
    struct distribution init;
};

static const struct parameter parameters[] = {
    COMPOSE_CLASSES_ROW(struct options),
    {.name = "init",
     .type = PARAMETER_INITIALISER,
     .offset = offsetof(struct options, init),
     .standard = "normal(1)",
     .choices = INITIALISERS,
     .doc = "of the table [classes, features], or of what a vector is multiplied by"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    struct value h = value_real(g, layer->inputs[0]);
    struct shape row = value_shape(h);
    if (row.rank != 1)
        return layer_fail(layer, "'global_pool' or 'flatten' makes a row of them",
                          "projection wants a row of features, but its first input is %s",
                          value_text(layer->arena, h));
    struct value e = compose_condition(layer, "weight", layer->inputs[1], options->classes,
                                       row.extent[0], &options->init);
    if (!e.node) return VALUE_POISON;
    struct value pair[2] = {h, e};
    if (!value_meet(g, 2, pair)) {
        struct misfit misfit = value_misfit(layer->arena, 2, pair);
        return layer_fail(layer, misfit.hint, "cannot project %s", misfit.text);
    }
    struct node *product = graph_mul(g, pair[0].node, pair[1].node);
    return value_make(graph_sum(g, product, 1u << pair[0].batched), pair[0].batched);
}

const struct layer_row projection_layer = {
    .name = "projection",
    .doc = "the inner product of features with a learned row of a class: [1], for a logit",
    .equation = "y = sum over k of h[k] W[class, k]; for a vector v: sum over k of h[k] (v W)[k]",
    .example = "{projection: {}, from: [h, y]}",
    .citation = "Miyato and Koyama 2018, cGANs with projection discriminator, arXiv 1802.05637",
    .aliases = "projection_discriminator inner_product",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .inputs_least = 2,
    .inputs_most = 2,
    .learns = true,
    .chains = true,
    .build = build,
};
