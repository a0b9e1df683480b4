/*
 * What may stand in a file, as rows: the sections of an experiment and of an objective, and the keys in them, down to where the
 * rows of layers, optimizers, sources and objectives begin. The readers take keys by these rows, and plain values as well; the
 * schema for editors and `duel sections` are made of them.
 */
#ifndef RUNNER_EXPERIMENT_KEYS_H
#define RUNNER_EXPERIMENT_KEYS_H

#include "base/parameter.h"

/* What is under a key. */
enum key_form {
    KEY_VALUE,     /* one value, as `is` says */
    KEY_OPTIONS,   /* a map of `options`, or the first of them alone */
    KEY_MAP,       /* a map of `keys` */
    KEY_ONE,       /* a map of one of `keys` */
    KEY_NAMES,     /* a map of names that the file gives; each holds what keys[0] says */
    KEY_LIST,      /* a list; each item is what keys[0] says */
    KEY_SOME,      /* the same, where one alone may stand for a list of one */
    KEY_EITHER,    /* what any one of `keys` says */
    KEY_LAYER,     /* a layer or block: NAME, or {NAME: its options}, with `keys` beside it */
    KEY_OPTIMIZER, /* likewise */
    KEY_OBJECTIVE, /* likewise; or a path; or what the file would hold, `keys` */
    KEY_DEFAULTS,  /* a map of layers and blocks; each holds a map of its options */
    KEY_GROUP,     /* `options`, and beside them those of the optimizer that it is in */
    KEY_SOURCE,    /* {source: NAME, its options and `keys`} */
};

struct key_row {
    struct parameter is; /* name, doc, default, as in parameter.h; type and range of a KEY_VALUE */
    enum key_form form;
    const struct key_row *keys; /* ended by one without a name */
    const struct parameter *options;
    const char *later; /* why it is not there yet; NULL: it is */
};

extern const struct key_row experiment_keys[], objective_keys[], phase_keys[], player_keys[],
    game_keys[], sampler_keys[], block_keys[], network_keys[], layer_keys[], optimizer_keys[],
    optimizers_keys[], train_keys[], output_keys[];
extern const struct key_row seed_keys[], load_keys[], checkpoint_keys[];

/* The row called `name`, or NULL. */
const struct key_row *key_find(const struct key_row *keys, const char *name);

/* Rows of options that are read as a whole, each in the file that reads them. */
extern const struct parameter state_parameters[], average_parameters[], group_parameters[],
    clip_parameters[], declared_parameters[], samples_parameters[], checkpoints_parameters[],
    metrics_parameters[];

#endif
