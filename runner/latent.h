/*
 * Latents: what noise there is, one row each, and how it is drawn.
 *
 * `latent: {z: normal(100)}` is a call of a row; its arguments are read as the row's parameters. A
 * latent whose row has classes is an index for each sample, or what is made of it; whoever shows
 * samples goes through the classes in turn instead of drawing them.
 */
#ifndef RUNNER_LATENT_H
#define RUNNER_LATENT_H

#include "base/parameter.h"
#include "runner/build.h"

#define LATENT_LIST(X)                                                                             \
    X(normal)                                                                                      \
    X(uniform)                                                                                     \
    X(truncated_normal)                                                                            \
    X(spherical)                                                                                   \
    X(categorical)                                                                                 \
    X(one_hot)                                                                                     \
    X(labels)

/* What the rows read; each has some of it. */
struct latent_options {
    struct extents shape; /* of one sample; of one_hot: before the classes */
    double mean, deviation, low, high, cut, radius;
    int64_t classes;
    const char *of; /* the labels that are drawn from */
};

struct latent_row {
    const char *name, *doc; /* one line */
    const char *equation, *example, *citation;
    const char *aliases; /* what other programs call it, for hints; NULL: nothing else */
    const struct parameter *parameters; /* ended by one without a name */
    /* Draws of this full shape, keyed by place: float32, or int32 where there are classes. */
    struct node *(*draw)(struct build *build, const struct latent_options *options,
                         struct shape shape, uint64_t place);
    /* How many classes it is drawn from; NULL: it is no index. */
    int64_t (*classes)(const struct experiment *experiment, const struct latent_options *options);
    bool of_data; /* it draws from the data's labels */
    bool one_hot; /* the index becomes a row of numbers */
};

/* All rows, in the order of the list, ended by NULL. */
extern const struct latent_row *const latent_rows[];
const struct latent_row *latent_find(const char *name);
/* Their names, for `choices`. */
#define LATENT_NAME(name) #name " "
#define LATENT_NAMES      LATENT_LIST(LATENT_NAME)

/* A batch of a latent, keyed by place. */
struct value latent_draw(struct build *build, const struct latent *latent, uint64_t place);

/* Whether it has classes; and a batch that goes through them in turn: sample i of round r is the
 * (r * batch + i) / period-th. */
bool latent_has_classes(const struct latent *latent);
int64_t latent_classes(const struct experiment *experiment, const struct latent *latent);
/* The data whose labels it draws; NULL: it draws none. */
const struct experiment_data *latent_labelled(const struct experiment *experiment,
                                              const struct latent *latent);
/* The class of this number among them: a label that is used, or the number. */
int32_t latent_class(const struct experiment *experiment, const struct latent *latent, int number);
struct value latent_in_turn(struct build *build, const struct latent *latent, int64_t period);

#endif
