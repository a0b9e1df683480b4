/*
 * Chains: what a weight goes through before a layer uses it, as `weight: [spectral_norm]` says.
 *
 * A transformation is one `const struct weight_row` in a file of its own, named once in
 * layers/weight_list.h. It is a function of graphs, so gradients flow through it to the weight that
 * is learned and stored.
 */
#ifndef LAYERS_WEIGHT_H
#define LAYERS_WEIGHT_H

#include "layers/layer.h"

/* A weight in a chain. */
struct weighting {
    struct layer *layer; /* for weights and state of its own; its `training` tells the mode */
    const void *options;
    const char *leaf; /* "weight", "query/weight"; "bias" where the row asks for these, too */
    int out;          /* the axis that is the layer's way out */
    double fan_in;
};

struct weight_row {
    const char *name, *doc; /* one line */
    const char *equation;   /* plain text */
    const char *example;    /* a list of a chain */
    const char *citation;
    const char *aliases; /* what other programs call it, for hints; NULL: nothing else */
    const struct parameter *parameters; /* ended by one without a name; the first is the main one */
    size_t options_size;
    bool biases; /* a layer's biases go through it, too */
    /* By what the initial value is divided as it is stored, so that it begins as written; NULL: 1 */
    double (*stored)(const void *options);
    struct node *(*build)(struct weighting *w, struct node *weight); /* of the same shape */
};

/* All rows, in the order of layers/weight_list.h, ended by NULL; and the one called `name`, or
 * NULL. */
extern const struct weight_row *const weight_rows[];
const struct weight_row *weight_find(const char *name);
/* The one that is meant by a name as other programs write it, "SpectralNorm"; NULL: none. */
const struct weight_row *weight_meant(const char *name);

/* What layers with chains take besides their own parameters: `weight`; ended by one without a name. */
extern const struct parameter weight_parameters[];

/* The last part of a leaf, "weight" of "query/weight": what a chain goes by. */
const char *weight_kind(const char *leaf);

/* What lies beside the weight: "query/gain" beside "query/weight"; owned by the arena. */
const char *weighting_leaf(const struct weighting *w, const char *leaf);

#endif
