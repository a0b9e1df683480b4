/* The pass of join.c: part of lowering. */
#ifndef ENGINE_JOIN_H
#define ENGINE_JOIN_H

#include "engine/graph.h"

/* A new graph in `arena` in which products that share their second factor are one. */
struct graph *graph_join(struct arena *arena, const struct graph *graph);

#endif
