/* A drawing of an experiment for Graphviz: data, latents, networks layer by layer, and the phases of the game: what flows where
 * in each, and which networks it updates. */
#ifndef RUNNER_DRAWING_H
#define RUNNER_DRAWING_H

#include <stdio.h>

#include "runner/game.h"

/* Prints it in the language of `dot`. */
void drawing_print(const struct game *game, FILE *file);

#endif
