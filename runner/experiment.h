/*
 * An experiment: the configuration as read. Every value is read by its row, every name that can be
 * resolved without shapes is resolved. What needs shapes is left to game.h.
 *
 * What is wrong is reported and poisoned: whatever is made of it is poisoned, too, and nothing is
 * said of it again. So the graphs are built around it, for the sake of the mistakes in them.
 */
#ifndef RUNNER_EXPERIMENT_H
#define RUNNER_EXPERIMENT_H

#include "datasets/dataset.h"
#include "datasets/stream.h"
#include "layers/layer.h"
#include "layers/weight.h"
#include "runner/config.h"
#include "runner/expression.h"
#include "runner/store_classes.h"

/* ---- constants: `parameters:` of the file or of an objective ---- */

/* A parameter that a file declares: {default, range, doc, unit}, or just the default. */
struct experiment_parameter {
    double standard;
    bool required;        /* there is no default */
    struct numbers range; /* empty: any number */
    const char *doc, *unit;
};

/* A parameter: a number, or, where a schedule was given, an expression over step, epoch, …. */
struct constant {
    const char *name;
    double number;                               /* not-a-number: it was wrong */
    const struct expression *expression;         /* NULL: `number` */
    const struct constants *where;               /* what the expression's names mean */
    const struct experiment_parameter *declared; /* NULL: of the file itself */
    const struct origin *origin; /* where its number is given; NULL: nowhere in a file */
    bool adjustable; /* a sampler's: its number may change after graphs are made of it */
};
struct constants {
    struct scope scope;    /* finds numbers; its context is the struct itself */
    struct scope schedule; /* asked next: finds expressions, which change */
    int count;
    struct constant *list;
    const struct constants *outer; /* asked next; may be NULL */
};
struct constants *constants_new(struct arena *arena, const struct constants *outer);
void constants_add(struct arena *arena, struct constants *constants, struct constant constant);
/* Here or further out; NULL if there is none. */
const struct constant *constants_find(const struct constants *constants, const char *name);

/* ---- data and latents ---- */

struct experiment_data {
    const char *name;              /* of the stream; "" for the only one, without a name */
    const char *examples, *labels; /* what they are called: "x" and "y", "a.x" and "a.y" */
    const char *condition;         /* "condition", "a.condition"; NULL: there is none */
    const struct dataset_row *row;
    void *options;
    struct stream_options stream;   /* batch, shuffle */
    struct dataset_request request; /* for dataset_start */
    struct dataset dataset;         /* as dataset_peek gave it: no values */
    struct view view;               /* what of an example is x */
    const struct origin *origin;
};

struct latent_row; /* runner/latent.h */
struct latent_options;
struct latent {
    const char *name;
    const struct latent_row *row;
    const struct latent_options *options;
    const struct origin *origin;
};

/* ---- networks ---- */

struct network_input {
    const char *name;
    bool has_shape; /* given by `inputs: {w: [10, 512]}` */
    struct shape shape;
    const struct origin *origin;
};

/* One link of a layer's chain, weight: [spectral_norm]. */
struct weight_link {
    const struct weight_row *row;
    const void *options;
};

/* A layer's numbers that follow from shapes, as in linear: {units: channels(h)}: its options are
 * read when it is first built. */
struct late_options {
    bool read, poisoned;
    const struct config *value;
};

/* Layers that are named in the file and used like others. */
struct block {
    struct layer_row row; /* its parameters are numbers, its options an array of double */
    int inputs_count;
    const char **inputs;
    const struct config *layers;
    const char **parameters;         /* their names, in the order of the array */
    const struct origin **standards; /* where their defaults are; NULL: one is wrong */
    int parameters_count;
    const struct origin *origin;
    const struct layer_list *first; /* as its first use made them; NULL: nothing used it */
    struct config *resolved;
};

/* Layers as they are built in one place, one after the other: a network's, or one round of a
 * repeat, one branch, one use of a block. */
struct layer_list {
    int count;
    struct network_layer *layers;
    const struct constants *constants; /* what numbers in their expressions mean */
    const char *path;          /* beside the layer that holds the list: "0", "shortcut", or "" */
    const struct block *block; /* a use of it: only its inputs are in scope */
    struct texts carry;        /* names that it binds around it */
};

struct network_layer {
    bool poisoned; /* its result is not known; `row` may be NULL, `options` may be wrong */
    const struct layer_row *row;
    void *options;
    const char *name; /* leaf of its path: `as`, or kind and ordinal: "linear_2" */
    const char *as;   /* NULL: not named */
    int from_count;   /* 0: the previous result */
    const struct expression **from;
    const struct block *block; /* whose row it has; NULL: none's */
    int lists_count;
    struct layer_list *lists; /* of a row with `lists` */
    int links_count;
    struct weight_link *links;     /* what its weight goes through, in order */
    struct late_options *late;     /* NULL: its options are read */
    int item;                      /* its place in the file's list */
    const struct config *resolved; /* every value that is used */
    struct origin origin;
};

struct network_output {
    const char *name; /* as in d(x).logit; NULL: the last result, the only output */
    const struct expression *value;
};

struct network {
    const char *name;
    int index, inputs_count, outputs_count;
    struct network_input *inputs;
    struct layer_list list;
    struct network_output *outputs;
    struct origin origin;
    bool poisoned; /* what it takes and gives is not known */
    bool open;     /* a result's name is not known, so any name may be one */
};

/* ---- optimizers ---- */

/* Weights that are updated otherwise than the rest of an optimizer's. */
struct optimizer_group {
    const char *label;
    struct texts paths;  /* within the optimizer's, or whole ones */
    bool frozen;         /* not updated at all */
    const void *options; /* the optimizer's, with what is given here */
    struct origin origin;
};

/* Bounds of an optimizer's gradients; both NULL: none. */
struct optimizer_clip {
    const struct expression *norm, *value;
    struct origin origin;
};

struct optimizer_row; /* runner/optimizer.h */
struct experiment_optimizer {
    bool poisoned; /* `row` may be NULL, `options` may be wrong */
    const struct optimizer_row *row;
    const void *options;
    const struct config *resolved;
    struct origin origin;
    const char *label;  /* key under optimizers:; NULL: `optimizer:`, for all that have no other */
    struct texts paths; /* of networks or parts of them */
    int groups_count;
    struct optimizer_group *groups;
    struct optimizer_clip clip;
};

/* ---- the game ---- */

/* A named expression of a phase, and what its names mean. */
struct game_term {
    const char *name;                    /* of a let, set or report; NULL for others */
    const struct expression *expression; /* NULL: poisoned; in a single one: not given */
    const struct constants *constants;
    const char *objective; /* the objective it comes from; "" for phases written in the game */
    struct origin origin;
};
struct game_terms {
    int count;
    struct game_term *list;
};

struct game_player {
    const char *name; /* "" for a phase without players */
    struct texts update;
    struct game_terms minimize; /* summed */
    struct game_term project;   /* expression NULL: none */
    struct origin origin;
    bool poisoned; /* what it updates, or on what, is not known */
};

struct phase {
    const char *name;
    struct game_terms let, set, report;
    struct game_term repeat, every, when, batch; /* expression NULL: not given */
    int players_count;
    struct game_player *players;
    struct origin origin;
    bool poisoned; /* a part of it could not be read */
};

enum { PHASES_MOST = 64 };

struct average {
    const char *name;
    struct texts of; /* networks */
    const struct expression *decay;
    bool statistics; /* running ones are averaged, too, not copied */
    struct origin origin;
    bool poisoned; /* of what is not known */
};

/* Parts of another run with which training begins. */
struct experiment_load {
    const char *run;
    int64_t step;    /* of its checkpoint; -1: the newest */
    struct texts of; /* paths there; none: all that has its name here */
    int into_count;
    struct load_into {
        const char *from, *to; /* paths there and here */
        struct origin origin;
    } * into;
    struct origin run_origin, of_origin;
};

/* How to look at a model. */
struct experiment_sampler {
    const char *name;
    struct constants *constants; /* its own parameters */
    struct game_terms let;
    struct game_term output;
    struct origin origin;
    bool poisoned;
};

struct declared_state { /* state: {p: {init: 0}} */
    const char *name;
    struct shape shape;
    double init;          /* everywhere */
    const double *values; /* (shape) instead, or NULL */
    struct origin origin;
};

/* ---- what the trainer does ---- */

struct output_times {
    struct duration every; /* count 0: never */
    int at_count;
    const struct duration *at;
};

/* What could not be read; what is missing because of it is no mistake of its own. */
struct experiment_poison {
    bool any;        /* something was wrong: no game is made of it */
    bool values;     /* a section that names parameters, latents or state */
    bool callables;  /* the networks, or one of their names */
    bool optimizers; /* which there are, or for what */
    bool phases;     /* which there are, what they call, or what they update */
    bool batch;      /* its size */
    bool blocks;     /* which there are */
    int count;       /* values that have a name */
    const char **names;
};

struct experiment {
    struct arena *arena;
    const char *name;
    uint64_t seed;
    struct constants *constants;
    int data_count;               /* streams; 0: the game needs no data */
    struct experiment_data *data; /* the first one counts epochs and images */
    int64_t batch;                /* of a step, the same for all streams */
    int latents_count;
    struct latent *latents;
    int blocks_count;
    struct block *blocks;
    const struct config *defaults; /* of layers, in the whole file; NULL: none */
    int networks_count;
    struct network *networks;
    int optimizers_count;
    struct experiment_optimizer *optimizers;
    int phases_count;
    struct phase *phases;
    int averages_count;
    struct average *averages;
    int loads_count;
    struct experiment_load *loads;
    int samplers_count;
    struct experiment_sampler *samplers;
    int states_count;
    struct declared_state *states;
    struct duration train; /* EPOCHS, STEPS, IMAGES or MINUTES */
    struct {
        struct output_times times;
        int64_t count;
        const char *sampler; /* NULL: the default one */
    } samples;
    struct {
        struct output_times times;
        int64_t keep;
    } checkpoints;
    struct {
        struct output_times times;
    } metrics;
    enum { PRECISION_FLOAT32, PRECISION_TF32, PRECISION_BFLOAT16 } precision;
    struct scope clock;      /* step, epoch, images, updates and state: behind all constants */
    struct config *resolved; /* see experiment_resolved in game.h */
    struct experiment_poison poison;
};

/* The stream whose examples, or labels, are called so ("x", "a.y"); NULL: there is none. */
const struct experiment_data *experiment_examples(const struct experiment *experiment,
                                                  const char *name);
const struct experiment_data *experiment_labels(const struct experiment *experiment,
                                                const char *name);
/* The stream whose labels would be called so, if it had any; NULL: there is none, or it has. */
const struct experiment_data *experiment_unlabelled(const struct experiment *experiment,
                                                    const char *name);
/* The same of what stands beside the examples, where these are pairs. */
const struct experiment_data *experiment_condition(const struct experiment *experiment,
                                                   const char *name);
/* Whether any stream binds this name. */
bool experiment_binds(const struct experiment *experiment, const char *name);
/* The shape of x, which may be less than what lies in memory. */
struct extents experiment_example_shape(const struct experiment_data *data);
/* The names of its classes; none for NULL. */
struct class_names experiment_class_names(const struct experiment_data *data);
/* Which labels a stream's examples have: those that `classes:` names, or all; and the greatest of them,
 * plus 1. */
int experiment_label_count(const struct experiment_data *data);
int32_t experiment_label(const struct experiment_data *data, int number);
int64_t experiment_label_limit(const struct experiment_data *data);
/* NULL if there is none called so. */
const struct network *experiment_network(const struct experiment *experiment, const char *name);
struct block *experiment_block(const struct experiment *experiment, const char *name);
/* The row of a block or a layer; NULL: there is none. */
const struct layer_row *experiment_layer_row(const struct experiment *experiment, const char *name);
/* Whether training begins with weights of this network that `load:` brings. */
bool experiment_loads(const struct experiment *experiment, const char *network);
/* Whether a value of this name was meant to be there, but is wrong. */
bool experiment_is_poisoned(const struct experiment *experiment, const char *name);

#endif
