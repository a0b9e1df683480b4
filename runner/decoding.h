/*
 * What is shown on standard error while data sets are decoded, which happens once: a line when it begins; on a
 * terminal then a bar that is drawn again, elsewhere a line about every ten seconds. Streams are decoded side
 * by side, each in threads of its own: the bar is that of all images together.
 */
#ifndef RUNNER_DECODING_H
#define RUNNER_DECODING_H

#include <stdbool.h>

#include "base/arena.h"
#include "datasets/dataset.h"

/* A listener for dataset requests that prints, in `arena`; where it is to be quiet only what is wrong. */
const struct dataset_listener *decoding_listener(bool quiet, struct arena *arena);

#endif
