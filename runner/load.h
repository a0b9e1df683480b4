/*
 * `load:` carried out: parts of other runs' checkpoints become the beginning of a game's variables, by their paths. What was found
 * on both sides, and what on one alone, is kept for the record.
 */
#ifndef RUNNER_LOAD_H
#define RUNNER_LOAD_H

#include <stdio.h>

#include "runner/session.h"

struct loading;

/* Reads what `load:` names (runs are looked for beside the file, then as the commands do) and gives it to the variables as
 * their beginning; averages begin as copies of it. NULL: nothing is to be loaded, or something was wrong, which the session's
 * diagnostics tell. Lives in the session's arena. */
struct loading *load_runs(struct session *session, const char *outputs);

/* The first of the runs that are called by a name, not by a path, and have not been made yet; NULL: all are there. */
const char *load_awaited(const struct session *session, const char *outputs);

/* What was loaded, layer by layer, and what was not, on either side. */
void loading_print(const struct loading *loading, FILE *file);
/* The same in full, for run.json. */
const char *loading_json(const struct loading *loading, struct arena *arena);

#endif
