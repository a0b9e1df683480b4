/*
 * A stream of batches: which examples each draw holds.
 *
 * An epoch is floor(count / batch) draws; what is left over is not drawn in that epoch. The order
 * of an epoch depends on (seed, epoch) alone, so that the cursor (epoch, position) is all that a
 * checkpoint needs. Streams with names want seeds of their own: hash_text(seed, name), say.
 */
#ifndef DATASETS_STREAM_H
#define DATASETS_STREAM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/parameter.h"

/* What a configuration says of a stream; rows ended by one without a name. */
struct stream_options {
    int64_t batch;
    bool shuffle;
};
extern const struct parameter stream_parameters[];

struct stream {
    int64_t epoch;    /* of the last draw, from 0 */
    int64_t position; /* draws made in it: 0 to `draws` */
    int64_t draws;    /* an epoch: floor(count / batch) */
    int64_t count, batch;
    bool shuffle;
    uint64_t seed;
    int64_t ordered; /* the epoch that `order` is of; -1: none yet */
    int32_t *order;  /* (count) a permutation */
};

/* A stream over `count` examples, before its first draw; `order` lives in `arena`. Fails with
   CONFIG where a batch holds more than there are. */
bool stream_init(struct stream *stream, const struct stream_options *options, int64_t count,
                 uint64_t seed, struct arena *arena, struct error *error);

/* Makes the next draw, in the next epoch if this one is over, and gives its indices: `index`
 * (batch). */
void stream_next(struct stream *stream, int32_t *index);

/* The first `count` <= batch indices of the last draw once more: for a phase with a smaller batch.
 */
void stream_current(struct stream *stream, int64_t count, int32_t *index);

/* Goes to where `position` draws of `epoch` have been made; the last draw is then that of number
   position - 1. Fails with DATA (the cursor comes from a checkpoint) where an epoch has not so
   many. */
bool stream_seek(struct stream *stream, int64_t epoch, int64_t position, struct error *error);

#endif
