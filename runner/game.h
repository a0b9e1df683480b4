/*
 * From a configuration to graphs: networks, latents, the game's phases, optimizers, averages and
 * the sampler.
 *
 * Building has two steps. experiment_read turns the tree into a struct experiment: every value read
 * by its row, every name resolved. game_build makes the graphs: one a phase, with gradients taken
 * and the optimizers' updates in it; one for the end of a step (averages); and, by game_sampler,
 * one that samples. Both report all mistakes and need no data set, only its shapes (dataset_peek).
 * No device is needed either: whoever trains compiles the graphs, creates the variables and feeds
 * the inputs.
 */
#ifndef RUNNER_GAME_H
#define RUNNER_GAME_H

#include "engine/graph.h"
#include "runner/config.h"
#include "runner/expression.h"

struct builder;
struct experiment; /* runner/experiment.h: the configuration as read */
struct experiment_data;

/* What a variable is for: where a checkpoint keeps it. */
enum variable_role { ROLE_PARAMETER, ROLE_STATE, ROLE_OPTIMIZER, ROLE_AVERAGE };

/* How a variable begins: drawn on the host in double, keyed by (seed, its name), copied from
 * another variable's beginning, or the norms of what lies under each index of an axis of it, or
 * given. */
struct initial_value {
    enum {
        INITIAL_CONSTANT,
        INITIAL_NORMAL,
        INITIAL_TRUNCATED, /* normal, within two deviations */
        INITIAL_UNIFORM,
        INITIAL_ORTHOGONAL,
        INITIAL_IDENTITY,
        INITIAL_COPY,
        INITIAL_NORMS,
        INITIAL_VALUES
    } kind;
    double mean,
        deviation;    /* NORMAL, TRUNCATED; CONSTANT: mean; ORTHOGONAL, IDENTITY: mean, a gain */
    double low, high; /* UNIFORM */
    const struct game_variable *copied;
    int axis;             /* NORMS */
    const double *values; /* VALUES: (shape) */
};

struct game_variable {
    struct variable variable; /* name: "generator/linear_1/weight"; optimizer:
                                 "generator/linear_1/weight/adam/first_moment" */
    enum variable_role role;
    struct initial_value initial;
    bool trainable; /* a parameter that is not frozen */
};

/* A number that the host computes before each run of a program, over step, epoch, images, updates
 * and scalar state. */
struct host_scalar {
    const struct expression *expression;
    const struct scope *constants; /* of parameters: asked before the clock's names */
    const struct origin *origin;
    uint64_t phases; /* bit i: runs of phase i count as `updates`; 0: clock->updates is meant */
};

/* The host's counters: what `step`, `epoch`, `images` and `updates` mean in a host_scalar. */
struct game_clock {
    int64_t step;        /* finished steps, from 0 */
    double epoch;        /* finished epochs: drawn batches / batches an epoch */
    int64_t images;      /* drawn examples of the first stream */
    int64_t updates;     /* of the phase: how often it has run, counting this run: 1 at its first */
    const int64_t *runs; /* by phase: how often each has run, counting this run; NULL: not known.
                            Where several phases update one network, its optimizer counts all */
    const double *state; /* scalar state variables, in the order of game->scalar_state, as at the
                            end of the step before */
};

/* What a graph takes of one data stream. */
struct program_stream {
    int values_input; /* the resident examples [n, …], uint8 or float32 */
    int labels_input; /* the resident labels, int32 [n] */
    int index_input;  /* int32 [batch]: which of them */
    int moves_input;  /* int32 [batch, VIEW_MOVES]: how they are cropped and mirrored */
};

/* A graph and what the host must give it. Input numbers are -1 where the graph does not need one.
 */
struct game_program {
    const char *name;
    const struct origin *origin;
    struct graph *graph;
    int clock_input; /* int32 [3]: step's low and high word, repetition; of a sampler: see there */
    int scalars_input; /* float32 [scalars_count] */
    int scalars_count;
    const struct host_scalar *scalars;
    struct program_stream *streams; /* (experiment->data_count) */
    int64_t batch;                  /* examples a run; 0 where it draws none */
};

struct game_phase {
    struct game_program program;
    struct host_scalar repeat, every, when; /* expression NULL: 1, 1 and true */
    bool observes; /* it only reports, at times: its numbers are recorded whenever it runs */
};

/* One metric: output `output` of phase `phase`, or of the end of the step where phase is -1. */
struct game_metric {
    const char *name; /* "discriminator.loss", "wasserstein" */
    int phase, output;
    const struct origin *origin;
};

/* One line of `duel describe`. */
struct game_layer {
    const char *network, *path; /* "generator", "generator/linear_1"; a network's inputs have a path
                                   of its name and the input */
    const char *kind;           /* "linear", "input" */
    struct shape shape;         /* of the result, without the batch */
    int64_t parameters;
    const char *options; /* every value that is used: "units: 784, bias: true, init: …" */
    const struct origin *origin;
};

struct game {
    struct arena *arena;
    const struct experiment *experiment;
    struct game_variable **variables; /* in order of variable.index */
    int variables_count;
    struct game_phase *phases;
    int phases_count;
    struct game_program end; /* averages; graph NULL if there are none */
    const struct variable **scalar_state;
    const char **scalar_state_names;
    int scalar_state_count;
    struct game_metric *metrics;
    int metrics_count;
    struct game_layer *layers;
    int layers_count;
    struct builder *builder; /* runner/build.h: what game_sampler goes on from */
};

/* Reads the tree; NULL if it is none of an experiment. What is wrong is reported and poisoned:
 * game_build goes on around it. */
struct experiment *experiment_read(struct config *root, const char *const *folders,
                                   struct arena *arena, struct diagnostics *diagnostics);

/* The same where shape, type and classes of data streams are known, from a checkpoint say, so that
 * their files need not be there: `known` gives a stream's by its name, or NULL. */
struct dataset;
struct known_data {
    const struct dataset *(*find)(const struct known_data *known, const char *stream);
    const void *context;
};
struct dataset_listener;
/* The same, where `listener` is told what looking at the data does if that takes long; both may be NULL. */
struct experiment *experiment_read_known(struct config *root, const char *const *folders,
                                         const struct known_data *known,
                                         const struct dataset_listener *listener,
                                         struct arena *arena, struct diagnostics *diagnostics);

/* Builds all graphs in `arena`; NULL with diagnostics if anything does not fit, or if anything in
 * the experiment was wrong. */
struct game *game_build(const struct experiment *experiment, struct arena *arena,
                        struct diagnostics *diagnostics);

/* A latent that a sampler takes. */
struct sampler_latent {
    const char *name; /* "z" */
    int input;
    struct shape shape; /* without the batch */
    enum dtype type;
};

/* Labels that a sampler takes: int32 [count * packed]. */
struct sampler_labels {
    const struct experiment_data *data; /* whose they are */
    int input;                          /* of `program` */
    int64_t period;                     /* each class is shown so often before the next */
};

/* Programs that sample, in eval mode, nothing assigned. The clock of both is the seed's low and high word, and the
 * number of the run, so that all draws are the seed's. */
struct game_sampler {
    const char *name;
    struct game_program program; /* output 0: the samples */
    struct game_program draws;   /* output i: latent i */
    int64_t count;               /* samples a run */
    int64_t packed;              /* draws that become one sample: more than 1 where it packs */
    int latents_count, labels_count;
    struct sampler_latent *latents; /* inputs of `program`, each of count * packed */
    struct sampler_labels *labels;
    struct shape shape; /* of a sample: [h, w, c] or [2], say */
    struct constants
        *constants; /* its parameters, whose numbers may be changed between runs; NULL: none */
};

/* The sampler of this name; NULL: the one called 'default', else the first; NULL if there is none. */
struct experiment_sampler;
const struct experiment_sampler *experiment_sampler(const struct experiment *experiment,
                                                    const char *name);

/* Builds a declared sampler for `count` samples a run; NULL: the network that takes only latents and labels, or its
 * average. */
struct game_sampler *game_sampler(struct game *game, const struct experiment_sampler *declared,
                                  int64_t count, struct arena *arena,
                                  struct diagnostics *diagnostics);

/* How a game of points in the plane looks there: see game_plane.c. Both programs run on as many
 * places or points as the sampler makes in a run; a graph is NULL where there is nothing to be seen,
 * or it would need more than is given. */
struct game_plane {
    const char *judge;          /* the network whose field it is; NULL: there is no field */
    struct game_program field;  /* output 0: float32 [count] */
    int places_input;           /* float32 [count, 2] */
    struct game_program arrows; /* output 0: float32 [count, 2] */
    int points_input;           /* float32 [count, 2]: samples, */
    int *latents_input; /* (sampler->latents_count) what they were made of; -1: not needed */
    int labels_input;   /* int32 [count]; or -1 */
    int real_input;     /* float32 [count, 2]: points of the data; or -1 */
};
struct game_plane *game_plane(struct game *game, const struct game_sampler *sampler,
                              struct arena *arena);

/* Evaluates a host_scalar; not-a-number and infinity are passed on (the guard reports them). */
double game_scalar(const struct game *game, const struct host_scalar *scalar,
                   const struct game_clock *clock);

/* Fills `values` (shape_count doubles) with the beginning of a variable. */
void game_initial(const struct game *game, const struct game_variable *variable, uint64_t seed,
                  double *values);

/* Every value that will be used, defaults included, as a tree to write to resolved.yaml. */
struct config *experiment_resolved(const struct experiment *experiment);

#endif
