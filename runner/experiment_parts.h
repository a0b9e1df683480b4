/* What the files that read an experiment share: experiment.c and experiment_*.c. */
#ifndef RUNNER_EXPERIMENT_PARTS_H
#define RUNNER_EXPERIMENT_PARTS_H

#include "runner/experiment.h"
#include "runner/experiment_keys.h"

struct experiment_reading {
    struct experiment *x;
    struct config *root;
    const char *const *folders;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct config *resolved;        /* grows as sections are read */
    const struct known_data *known; /* what is known of the data; NULL: look at the files */
    const struct dataset_listener *listener; /* for data requests; may be NULL */
};

/* Where terms come from: what their names mean, and which objective has them ("": none). */
struct part {
    const struct constants *constants;
    const char *objective;           /* "" for what is written in the game */
    const struct roles *roles;       /* of the objective; NULL: there are none */
    const struct roles *phase_names; /* of the objective: other names for its phases, as roles */
    const char *phase;               /* that it is in */
};

/* Reports at `at`; returns false. */
bool experiment_fail(struct experiment_reading *r, const struct origin *at, const char *hint,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Reports a part of the language that this version does not read. */
bool experiment_not_yet(struct experiment_reading *r, const struct config *key, const char *why);
/* Reports keys of `map` that are none of `keys`, and those that are not there yet. */
bool experiment_check_keys(struct experiment_reading *r, const struct config *map, const char *what,
                           const struct key_row *keys);
/* A plain value of `map` by the row of `keys` that is called `name`, if it is given. */
bool experiment_value(struct experiment_reading *r, const struct config *map, const char *what,
                      const struct key_row *keys, const char *name, void *destination);
/* step, mode, and, …: what no value may be called. */
bool experiment_is_reserved(const char *name);
/* Whether a key is a name, and not a reserved word, nor, if it is to be called, a function. */
bool experiment_check_name(struct experiment_reading *r, const struct config *key, const char *what,
                           bool callable);
/* Whether it is a map (or nothing: then *map is NULL). */
bool experiment_map(struct experiment_reading *r, struct config *value, const char *what,
                    struct config **map);
/* The same with an example for who wrote something else; NULL: none. */
bool experiment_map_like(struct experiment_reading *r, struct config *value, const char *what,
                         const char *example, struct config **map);
/* A constant number. */
bool experiment_number(struct experiment_reading *r, const struct config *value,
                       const struct constants *constants, double *number);
/* Where a number is given: at the value, or where the parameter is that it names. */
const struct origin *experiment_given_at(const struct config *value,
                                         const struct constants *constants);
/* A name or a list of paths. */
bool experiment_texts(struct experiment_reading *r, const struct config *value, const char *what,
                      struct texts *texts);
/* The rows of options, with a map of what was used. */
bool experiment_options(struct experiment_reading *r, const struct config *value,
                        const struct origin *origin, const char *what, const struct parameter *rows,
                        void *options, const struct constants *constants, struct config **resolved);
/* A parameter that a file declares. False where it is wrong; *resolved is NULL where even its name is. */
bool experiment_parameter(struct experiment_reading *r, const struct config *key,
                          const struct config *value, struct experiment_parameter *parameter,
                          struct config **resolved);
/* A section of them as constants with what is `given` to them (NULL: nothing), numbers or schedules; `what` names whose
 * they are, `use` is where they are used and those without a default must be given (NULL: nobody gives any). `used` gets
 * a section that says the same. */
struct constants *experiment_read_declared(struct experiment_reading *r, const char *what,
                                           struct config *section, const struct config *given,
                                           const struct origin *use, struct config *used);
/* A value of this name is there, but wrong. */
void experiment_poison_value(struct experiment_reading *r, const char *name);
/* Whether there is a network called so; `message` where there is none, with the nearest name or
 * else `hint`. */
bool experiment_check_network(struct experiment_reading *r, const struct origin *at,
                              const char *name, const char *hint, const char *message);

void experiment_read_states(struct experiment_reading *r, struct config *section);
void experiment_read_averages(struct experiment_reading *r, struct config *section);
void experiment_read_data(struct experiment_reading *r, struct config *section);
void experiment_read_loads(struct experiment_reading *r, struct config *section);
void experiment_read_samplers(struct experiment_reading *r, struct config *section);
/* Names no layer has, with the nearest. */
void experiment_no_layer(struct experiment_reading *r, const struct config *key);
/* The layers of a network, with its own `defaults:` (NULL: none); and as a list that says the same.
 */
void experiment_read_layers(struct experiment_reading *r, struct network *network,
                            const struct config *items, const struct config *defaults);
struct config *experiment_resolved_layers(struct experiment_reading *r, const struct config *items,
                                          const struct layer_list *list,
                                          const struct config *defaults);
/* A section of defaults; NULL: there is none. */
const struct config *experiment_read_defaults(struct experiment_reading *r, struct config *section);
void experiment_read_blocks(struct experiment_reading *r, struct config *section);
/* When all networks are read: looks for mistakes in blocks that nothing used, and resolves all. */
void experiment_finish_blocks(struct experiment_reading *r);
void experiment_read_latents(struct experiment_reading *r, struct config *section);
void experiment_read_networks(struct experiment_reading *r, struct config *section);
void experiment_read_game(struct experiment_reading *r, struct config *section);
void experiment_read_outputs(struct experiment_reading *r, struct config *section);
void experiment_read_optimizers(struct experiment_reading *r);

/* A term of a phase or sampler; false where it is no expression. */
bool experiment_read_term(struct experiment_reading *r, const struct config *value,
                          const char *name, struct part part, struct game_term *term);
/* A map of names to expressions: let, set, report. */
void experiment_read_terms(struct experiment_reading *r, struct config *value, const char *what,
                           struct part part, struct game_terms *terms);
/* Adds the phases of one objective, or those written in the game, to those there are. */
void experiment_add_phases(struct experiment_reading *r, const struct config *phases,
                           struct part part);
/* Joins one objective or a list of them, with what the game's own `roles` rename; `used` gets each
 * as it was read. */
void experiment_read_objectives(struct experiment_reading *r, struct config *objectives,
                                struct config *roles, struct config *used);

#endif
