/* The text of a first experiment, with comments, for `duel new`: a generator and a discriminator that fit a data set and a game. */
#ifndef RUNNER_STARTER_H
#define RUNNER_STARTER_H

#include "base/text.h"
#include "datasets/dataset.h"
#include "runner/objectives.h"

struct starter {
    const char *file, *name;      /* path of the file; the experiment's name */
    const char *schema;           /* path of the schema for editors; NULL: none is named */
    const char *source;           /* the data set */
    const struct config *options; /* its options, and what else is given of 'data:' */
    int objectives_count;
    const struct objective_file **objectives;
    const struct dataset *data; /* what is known of it */
};

/* A map of what --with gives, "KEY=VALUE", ended by NULL: values are YAML or else texts; paths begin where duel is started, and
 * are written as `file` has to name them. NULL: STATUS_USAGE. */
const struct config *starter_options(struct arena *arena, const struct dataset_row *row,
                                     const char *const *with, const char *file,
                                     struct error *error);

/* The line `data: …`, with what the data set needs to be known; `batch` where none is given. */
void starter_data(const struct starter *starter, int64_t batch, struct text *text);

/* The networks: convolutions for images whose sizes halve well, with the blocks that they are made of. */
void starter_networks(const struct starter *starter, struct arena *arena, struct text *text);

/* The whole file. */
void starter_write(const struct starter *starter, struct arena *arena, struct text *text);

/* Whether an objective has a phase called `name`; and whether a word stands in one of its expressions. */
bool starter_has_phase(const struct objective_file *objective, const char *name);
bool starter_names(const struct starter *starter, const char *word);

#endif
