/*
 * A team of threads that run one function together and meet at barriers. Waiting threads spin for a
 * while, since the next work is usually microseconds away, then sleep; on a busy machine, where that
 * does not pay, sooner.
 */
#ifndef ENGINE_CPU_TEAM_H
#define ENGINE_CPU_TEAM_H

#include "base/error.h"

struct team;

/* A team of `threads`, of which the caller is number 0. Fails (STATUS_SYSTEM) if threads cannot be
 * had. */
struct team *team_new(int threads, struct error *error);
void team_free(struct team *team);

/* Calls work(context, thread, threads) on every thread and returns when all have. */
void team_run(struct team *team, void (*work)(void *context, int thread, int threads),
              void *context);

/* Inside work: waits until every thread of the team is here. */
void team_barrier(struct team *team);

#endif
