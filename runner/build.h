/*
 * Building graphs: what evaluate.c, network.c, function_*.c, variable.c, optimizer.c and game*.c
 * share among themselves.
 *
 *     builder   everything that all graphs of a game have in common: variables, shapes of inputs
 *     build     one graph in the making: its inputs, calls made so far, state as it changes
 *     frame     where an expression stands: the names in scope, the place of its draws, the mode
 */
#ifndef RUNNER_BUILD_H
#define RUNNER_BUILD_H

#include "runner/experiment.h"
#include "runner/game.h"

/* ---- results ---- */

/* What an expression gives: a value, or a network's several outputs, of which one is asked for by
 * name. */
struct outputs {
    const char *network;
    int count;
    const char **names;
    struct value *values;
};
struct result {
    struct value value;
    const struct outputs *outputs; /* NULL: just the value */
};

struct binding {
    const char *name;
    struct result result;
};

/* ---- over all graphs --------------------------------------------------------------------------
 */

/* The shape of a network's input, as the first call gave it. */
struct input_shape {
    bool known, batched, integer;
    struct shape shape;
    const struct origin *origin; /* of the call */
    const struct node *made;     /* what was given */
};

struct network_record {
    bool called, described, updated;
    bool poisoned; /* a call or a layer of it was: it may have weights that are not known */
    struct input_shape *inputs;
    struct shape output;  /* as the first call made it; rank -1: not known */
    const char **latents; /* for each input: the latent or label that a call gave it, or NULL */
};

struct builder {
    const struct experiment *experiment;
    struct game *game;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct network_record *networks;
    int64_t layer_parameters; /* made by the layer that is being built */
    bool unknown_callee;      /* something was called by a name that nothing has */
};

/* The variable called `name`; NULL if there is none. */
struct game_variable *variable_find(const struct game *game, const char *name);
/* A new one. */
struct game_variable *variable_new(struct builder *builder, const char *name,
                                   enum variable_role role, struct shape shape,
                                   struct initial_value initial, const struct origin *origin);
/* Whether `name` is `path` or lies under it: "generator/body" holds "generator/body/weight". */
bool path_holds(const char *path, const char *name);
/* How a weight of this initialiser begins; see layer_weight. */
struct initial_value initial_of(const struct distribution *init, double fan_in, double fan_out);
/* The same times a factor. */
struct initial_value initial_scaled(struct initial_value initial, double factor);
/* What is wrong with it for a weight of this shape; NULL: nothing. */
const char *initial_problem(struct arena *arena, const struct distribution *init,
                            struct shape shape);
/* The average's copy of a variable; the variable itself where the average has none of it. */
struct game_variable *variable_averaged(struct builder *builder, const struct average *average,
                                        struct game_variable *variable);

/* ---- one graph --------------------------------------------------------------------------------
 */

struct made_call {
    const struct network *network;
    const struct average *average;
    bool training, hold;
    const struct value *arguments;
    struct result result;
};

/* State in the course of a graph: read as at the start, assigned once at the end. */
struct threaded {
    const struct game_variable *variable;
    struct node *now;
    bool changed;
};

/* An update that the phase has made: for what is reported of it. */
struct made_update {
    const struct variable *variable;
    struct node *gradient, *next;
};

enum { SCALARS_MOST = 4096 };

struct build {
    struct builder *builder;
    struct graph *graph;
    struct game_program *program; /* its inputs are filled in as they are needed */
    uint64_t place;               /* of the phase, with the seed */
    int64_t batch;                /* of every value that has a batch axis */
    struct node *clock, *scalars;
    /* (experiment->data_count) of each stream, once it is used: its draw, the moves of its images, the whole
     * examples of the batch, and all labels of the data set */
    struct node **index, **moves, **examples, **labels;
    struct host_scalar *slots;
    int slots_count;
    uint64_t counted; /* phases whose runs the next slots count as `updates` */
    struct made_call *calls;
    int calls_count;
    struct threaded *states;
    int states_count;
    struct made_update *updates;
    int updates_count;
    bool updates_poisoned;         /* some could not be made */
    int averages_count;            /* made by ema() */
    const char *known;             /* which names there are, for messages; NULL: those of a phase */
    struct sampler_build *sampler; /* runner/game_sampler.c; NULL: a phase */
    const struct network
        *given; /* whose calls give `given_value`, whatever they are given; or NULL */
    struct value given_value;
};

/* Begins and ends a graph; the end gives the scalars' input its true length. */
void build_begin(struct build *build, struct builder *builder, struct game_program *program,
                 const char *name, const struct origin *origin, int64_t batch);
void build_end(struct build *build);

struct node *build_clock(struct build *build);
/* Examples, conditions and labels of the batch, by what data bind them to; false: nothing is called so. */
bool build_datum(struct build *build, const char *name, struct value *value);
/* All labels of a stream's data, int32 [n]. */
struct node *build_labels(struct build *build, const struct experiment_data *data);
/* A number that the host computes before each run: one slot of the scalars' input for equal ones.
 */
struct node *build_slot(struct build *build, const struct expression *expression,
                        const struct constants *constants);
/* The same, or a constant where it is one; NULL, reported, where it cannot be computed. */
struct node *build_number(struct build *build, const struct expression *expression,
                          const struct constants *constants);
/* The same from text. */
struct node *build_scalar(struct build *build, const char *text, const struct constants *constants,
                          const struct origin *origin);
/* Whether the host can compute it, over constants, the clock and scalar state; reports where not.
 * `constant`: it is the same at all steps, and is `number`. */
bool build_check_scalar(struct builder *builder, const struct expression *expression,
                        const struct constants *constants, bool *constant, double *number);

/* State now, as a node, and its next value. */
struct node *build_state(struct build *build, const struct game_variable *variable);
void build_state_set(struct build *build, const struct game_variable *variable, struct node *value);

/* ---- expressions ------------------------------------------------------------------------------
 */

/* Names bound so far, and those that grad() asks for, which get a mark as they are bound. */
struct names {
    struct binding *list;
    int count;
    const char **marked;
    int marked_count;
    const struct names *outer; /* asked next; NULL: the phase's or network's own */
};

struct frame {
    struct build *build;
    struct names *names;
    const struct constants *constants;
    const struct network *network; /* NULL: of a phase, where data, latents and state have names */
    const struct average *average; /* whose copies of weights are used */
    const struct frame *caller;
    const struct network_layer *layer;
    const struct block *block; /* whose layers are built; NULL: the network's own */
    const char *path; /* in a network: what its layers' paths begin with, "generator/body" */
    const struct origin *via; /* the call that led here */
    uint64_t place;           /* of the expression's draws */
    int ordinal;              /* of the next one */
    bool training, hold, reporting;
};

/* Adds the names that grad() differentiates by. */
void names_mark(struct arena *arena, struct names *names, const struct expression *expression);
void frame_bind(struct frame *frame, const char *name, struct result result);
/* What a name is bound to, made now where it is a latent, datum or state; NULL: nothing. */
const struct result *frame_find(struct frame *frame, const char *name);
/* The frame of one term of a phase or sampler, called `kind`: its constants, and a place for its draws that depends on
 * nothing else. */
struct frame frame_of_term(const struct frame *frame, const struct game_term *term,
                           const char *kind);
void frame_bind_lets(struct frame *frame, const struct game_terms *lets);
/* A draw of its own: the next ordinal of the frame's place. */
uint64_t frame_draw(struct frame *frame);
const struct latent *frame_latent_find(const struct frame *frame, const char *name);

/* A scope for numbers that are known when the graph is built: constants, shapes of what the frame
 * knows, and with `clock` what the host computes in time. Refers to itself: it must stay where it
 * is. */
struct frame_scope {
    struct scope scope;
    struct frame *frame;
    bool clock;
};
void frame_scope_make(struct frame_scope *scope, struct frame *frame, bool clock);

struct result evaluate(struct frame *frame, const struct expression *expression);
/* The same where one value is wanted. */
struct value evaluate_value(struct frame *frame, const struct expression *expression);
/* The arguments of a call that is wrong, for the sake of the mistakes in them. */
void evaluate_arguments(struct frame *frame, const struct expression *call);
/* A number known when the graph is built. */
bool evaluate_constant(struct frame *frame, const struct expression *expression, double *number);
/* Whether the host can compute it, with a report of what it cannot. */
bool evaluate_check_host(struct frame *frame, const struct expression *expression);
/* Two values in an element-wise operation: an operator of expressions. */
struct value evaluate_operator(struct frame *frame, const struct expression *at, char operator,
                               struct value a, struct value b);

/* An origin that tells of the call that led to it. */
const struct origin *frame_origin(const struct frame *frame, const struct origin *origin);
bool frame_fail(const struct frame *frame, const struct origin *origin, const char *hint,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- networks ---------------------------------------------------------------------------------
 */

/* The record of the network that a path begins with; NULL: there is none. */
struct network_record *network_record_find(const struct builder *builder, const char *path);
/* Whether the call is one of a network or an average; then its result. */
bool network_is_call(const struct frame *frame, const struct expression *call);
struct result network_evaluate(struct frame *frame, const struct expression *call);
/* A network called with all its inputs. */
struct result network_call(struct frame *frame, const struct network *network,
                           const struct average *average, const struct value *arguments,
                           bool training, bool hold, const struct origin *where);
/* Looks for mistakes inside networks that no call has got through: their inputs are not known. */
void networks_check(struct builder *builder);
/* A call of it, or a layer, was wrong: it may have weights that are not known. */
void network_note_poisoned(struct frame *frame, const struct network *network);

/* What made a value: stop() and marks do not. */
const struct node *value_maker(struct value value);
/* Says that a call gives an input another shape than those before it; returns false. */
bool network_misfit(struct frame *frame, const struct network *network, int input,
                    const struct input_shape *known, struct value value,
                    const struct origin *where);
/* Builds layers in a frame where `previous` is bound, if there is one; *last is the result. False
 * where one was poisoned. */
bool network_layers(struct frame *frame, const struct layer_list *list, uint64_t place,
                    struct value *last);
void network_describe_inputs(struct builder *builder, const struct network *network,
                             const struct value *values);
/* Adds the names that expressions of these layers differentiate by. */
void names_mark_layers(struct arena *arena, struct names *names, const struct layer_list *list);
const struct average *experiment_average(const struct experiment *experiment, const char *name);
bool average_covers(const struct average *average, const char *name);
/* What is called by shadow.mapping(z), shadow(z), mapping(z): the network, and the average if it is
 * one's. */
const struct network *experiment_callee(const struct experiment *experiment,
                                        const struct expression *callee,
                                        const struct average **average);

/* ---- updates ----------------------------------------------------------------------------------
 */

/* The next value of a parameter by its optimizer; NULL, reported, where it has none. */
struct node *optimizer_update(struct build *build, struct game_variable *parameter,
                              struct node *gradient, const struct origin *origin);

/* What a phase updates, with the gradient of whose loss. */
struct target {
    struct game_variable *variable;
    struct node *gradient;
    const struct game_player *player;
};
struct targets {
    struct target *list;
    int count;
};
/* Bounds the gradients as their optimizers say. */
void optimizers_clip(struct build *build, struct targets *targets);

/* The optimizer with the longest path that holds the weight, else the one for all, or NULL; its group, likewise. */
const struct experiment_optimizer *optimizer_choose(const struct experiment *experiment,
                                                    const char *name);
const struct optimizer_group *optimizer_group(const struct experiment_optimizer *optimizer,
                                              const char *name);
bool optimizer_freezes(const struct experiment *experiment, const char *name);
/* Reports paths of optimizers and of their groups that hold no weights. */
void optimizers_check_paths(struct builder *builder);

/* Whether each optimizer's options go together: for games with mistakes, whose updates may not have
 * been built. */
void optimizers_check(struct builder *builder);

/* ---- samplers ---------------------------------------------------------------------------------
 */

/* A latent or labels in a sampler: an input of its program. False if there is none of this name. */
bool sampler_input(struct build *build, const char *name, struct value *value);
/* Looks for mistakes in all samplers, and makes the variables that only they need. */
void samplers_check(struct builder *builder);

/* The network that takes only latents and labels; of several, one that makes what the data are.
 * NULL: there is none. */
const struct network *game_generator(const struct game *game);
/* A player's loss in a new frame of the phase; NULL, reported, where it is wrong. */
struct node *game_phase_loss(struct frame *frame, const struct phase *phase,
                             const struct game_player *player);
bool game_build_phase(struct builder *builder, const struct phase *phase, int number);
void game_build_end(struct builder *builder);

#endif
