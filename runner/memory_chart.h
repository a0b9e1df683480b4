/* The memory of a program over time, as text: how much is alive at each kernel, where the most is, and whose it is. */
#ifndef RUNNER_MEMORY_CHART_H
#define RUNNER_MEMORY_CHART_H

#include <stdio.h>

#include "engine/backend.h"

void memory_chart_print(const char *title, const struct memory_plan *plan, FILE *file);

#endif
