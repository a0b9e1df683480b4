/* The rule of each operation's shape. */
#ifndef ENGINE_GRAPH_SHAPE_H
#define ENGINE_GRAPH_SHAPE_H

#include "engine/graph.h"

/* Checks the sources of a node in the making, and sets its type and shape where they follow from
 * the rest; what does not fit is a bug. */
void graph_infer(enum op op, int sources, struct node *const *source, const struct attributes *at,
                 enum dtype *type, struct shape *shape);

#endif
