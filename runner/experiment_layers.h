/*
 * What the files that read lists of layers share: experiment_layers.c (items and their options),
 * experiment_foreign.c (what other programs call them), experiment_lists.c (lists within a layer: rounds, branches, uses of blocks) and
 * experiment_resolved.c (a list as it was used).
 */
#ifndef RUNNER_EXPERIMENT_LAYERS_H
#define RUNNER_EXPERIMENT_LAYERS_H

#include "runner/experiment_parts.h"

/* Where a list stands. */
struct list_reading {
    struct experiment_reading *r;
    struct network *n; /* the network it is part of */
    const struct constants *constants;
    const struct config *defaults;    /* of the network; may be NULL */
    const struct block *block;        /* whose list it is; NULL: none's */
    const struct list_reading *outer; /* NULL: the network's own */
    int *total;                       /* layers of the network so far */
};

/* Reads a list of layers; false where it grows without end. */
bool layers_read(struct list_reading *c, const struct config *items, struct layer_list *list);
/* The lists that a layer's options hold, and a block's, which were `given` so; false where they are
 * wrong. */
bool layers_read_inner(const struct list_reading *c, struct network_layer *layer,
                       const struct config *given);
/* One use of a block. */
bool layers_read_use(const struct list_reading *c, struct network_layer *layer, struct block *block,
                     const struct config *given);
/* The key of an item that names its layer, and the value there; NULL where there is none. */
const struct config *layers_key(struct experiment_reading *r, const struct config *item,
                                const struct config **value);

/* "layer 'conv'", "block 'up'" */
const char *layers_title(struct experiment_reading *r, const struct layer_row *row);

/* Tries the names of all layers and blocks. */
void layers_try_names(const struct experiment *x, struct nearest *nearest);

/* experiment_foreign.c */

/* "did you mean 'linear: 64'? …" for what reads `linear(64)`, or NULL. */
const char *layers_call_hint(struct experiment_reading *r, const char *text);
/* Reports what is given to a layer that it does not have, keys and numbers of channels; then `good`
 * is false. Returns it without what other programs' layers have and duel's need not. */
const struct config *layers_check_keys(struct experiment_reading *r, const struct layer_row *row,
                                       const struct config *given, bool *good);
/* How a layer is written whose weight goes through what is called `name`; NULL: that is no such thing. */
const char *layers_weight_hint(struct arena *arena, const char *layer, const char *name);

enum { LAYERS_MOST = 10000 }; /* of a network */

#endif
