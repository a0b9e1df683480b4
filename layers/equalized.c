/*
 * equalized: the stored weight times gain * lr_multiplier / sqrt(fan in), at each use, so that all
 * weights learn at one speed (Karras et al. 2018, arXiv 1710.10196); biases times lr_multiplier.
 * What is stored begins as `init` says over lr_multiplier (Karras et al. 2019, arXiv 1812.04948).
 */
#include <math.h>
#include <string.h>

#include "layers/weight.h"

struct options {
    double gain, lr_multiplier;
};

static const struct parameter parameters[] = {
    {.name = "gain",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, gain),
     .standard = "1",
     .low = 0,
     .high = 1e6,
     .above = true,
     .doc = "further factor of the weight; sqrt(2) is He's for ReLU"},
    {.name = "lr_multiplier",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct options, lr_multiplier),
     .standard = "1",
     .low = 0,
     .high = 1e6,
     .above = true,
     .doc = "how fast weight and bias learn, by scaling them; what they begin as stays"},
    {0},
};

static double stored(const void *options) {
    return ((const struct options *)options)->lr_multiplier;
}

static struct node *build(struct weighting *w, struct node *weight) {
    const struct options *options = w->options;
    double factor = options->lr_multiplier;
    if (strcmp(weight_kind(w->leaf), "bias") != 0) factor *= options->gain / sqrt(w->fan_in);
    return graph_scale(w->layer->graph, weight, factor);
}

const struct weight_row equalized_weight = {
    .name = "equalized",
    .doc = "scales the weight at each use by 1 / sqrt(inputs), so that all learn at one speed",
    .equation = "W gain lr_multiplier / sqrt(fan in)",
    .example = "linear: {units: 64, init: normal(1), weight: [equalized]}",
    .citation = "Karras, Aila, Laine and Lehtinen 2018, Progressive growing of GANs, "
                "arXiv 1710.10196",
    .aliases = "equalized_lr equalized_learning_rate weight_scaling",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    .biases = true,
    .stored = stored,
    .build = build,
};
