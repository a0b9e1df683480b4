/*
 * Roles: other names for what an objective names. `roles: {generator: g_ab, x: b.x}` makes its values, callables, phases and
 * players called generator and x those called g_ab and b.x of the game, so that one objective may be joined several times.
 *
 * Renaming is hygienic: all names are renamed at once, and a name of the game is never caught by a let or a parameter of the
 * objective. An input that a call does not give is one of the names, too.
 *
 * `phase_names: {generator: generators}` renames a phase apart from the network that it updates, so that phases of one objective
 * that is joined twice become one.
 */
#ifndef RUNNER_EXPERIMENT_ROLES_H
#define RUNNER_EXPERIMENT_ROLES_H

#include "runner/experiment_parts.h"

struct role {
    const char *name;  /* in the objective */
    const char *value; /* in the game: a name, or two with a dot */
    const struct origin *key, *origin;
};

struct roles {
    int count;
    struct role *list;
    const struct experiment *experiment;
    const struct origin *joined; /* the place that joined the objective */
};

/* Reads a section of roles, without a look at what the objective names. */
struct roles *roles_read(struct experiment_reading *r, struct config *section);

/* Those of `own` and, behind them, of `outer` that the objective's phases name; `own` ones that they do not name are
 * mistakes. NULL: there are none. `used` (outer->count) is set where one of `outer` is taken. */
const struct roles *roles_take(struct experiment_reading *r, const char *objective,
                               const struct config *phases, const struct constants *constants,
                               const struct roles *own, const struct roles *outer, bool *used);

/* Other names for phases of the objective, as roles; NULL: there are none. */
const struct roles *roles_read_phases(struct experiment_reading *r, struct config *section,
                                      const char *objective, const struct config *phases,
                                      const struct origin *joined);

/* "hinge {generator: g, x: b.x}": the objective's name, and what it is made of. */
const char *roles_title(struct arena *arena, const char *objective, const struct roles *roles);

/* Whether there is a role of this name; `roles` may be NULL. */
bool roles_have(const struct roles *roles, const char *name);

/* The same renamed; `roles` may be NULL. Places tell where the objective was joined, and the role. */
const struct expression *roles_expression(struct arena *arena, const struct roles *roles,
                                          const struct expression *expression);
const struct config *roles_key(struct arena *arena, const struct roles *roles,
                               const struct config *key);
struct texts roles_paths(struct arena *arena, const struct roles *roles, struct texts paths);
const struct origin *roles_origin(struct arena *arena, const struct roles *roles,
                                  const struct origin *origin);

#endif
