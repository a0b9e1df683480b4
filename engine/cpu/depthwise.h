/* Convolutions in which each channel has one filter of its own; see depthwise.c. */
#ifndef ENGINE_CPU_DEPTHWISE_H
#define ENGINE_CPU_DEPTHWISE_H

#include "engine/graph.h"

/* Whether conv, conv_dx or conv_dw is such a one. */
bool is_depthwise(const struct node *node);

/* As conv_parts and conv_run. */
int64_t depthwise_parts(const struct node *node);
void depthwise_run(const struct node *node, const float *a, const float *b, float *dst, int part,
                   int parts);

#endif
