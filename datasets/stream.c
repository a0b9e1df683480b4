/* Batches; see stream.h. Permutations by Fisher and Yates 1938, Durstenfeld 1964. */
#include "datasets/stream.h"

#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"

const struct parameter stream_parameters[] = {
    {.name = "batch",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct stream_options, batch),
     .standard = "64",
     .low = 1,
     .high = INT32_MAX,
     .unit = "examples",
     .aliases = "batch_size",
     .doc = "examples in one draw"},
    {.name = "shuffle",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct stream_options, shuffle),
     .standard = "true",
     .doc = "whether each epoch has a random order of its own, or all that of the files"},
    {0},
};

bool stream_init(struct stream *stream, const struct stream_options *options, int64_t count,
                 uint64_t seed, struct arena *arena, struct error *error) {
    BUG_IF(count < 1 || count > INT32_MAX || options->batch < 1);
    if (options->batch > count)
        return error_set(error, STATUS_CONFIG,
                         "a batch of %" PRId64 " is more than the %" PRId64
                         " examples of the data set",
                         options->batch, count);
    *stream = (struct stream){.draws = count / options->batch,
                              .count = count,
                              .batch = options->batch,
                              .shuffle = options->shuffle,
                              .seed = seed,
                              .ordered = -1,
                              .order = ARENA_ARRAY(arena, int32_t, count)};
    return true;
}

/* Makes `order` that of the present epoch. */
static void order_epoch(struct stream *stream) {
    if (stream->ordered == stream->epoch) return;
    stream->ordered = stream->epoch;
    for (int64_t i = 0; i < stream->count; i++)
        stream->order[i] = (int32_t)i;
    if (!stream->shuffle) return;
    uint64_t key = hash_mix(hash_text(0, "order"), stream->seed);
    struct random_stream random = {.key = hash_mix(key, (uint64_t)stream->epoch)};
    for (int64_t i = stream->count - 1; i > 0; i--) {
        uint32_t j = random_below(&random, (uint32_t)i + 1);
        int32_t swapped = stream->order[i];
        stream->order[i] = stream->order[j];
        stream->order[j] = swapped;
    }
}

void stream_next(struct stream *stream, int32_t *index) {
    if (stream->position == stream->draws) {
        stream->epoch++;
        stream->position = 0;
    }
    stream->position++;
    stream_current(stream, stream->batch, index);
}

void stream_current(struct stream *stream, int64_t count, int32_t *index) {
    BUG_IF(stream->position < 1 || count > stream->batch);
    order_epoch(stream);
    memcpy(index, stream->order + (stream->position - 1) * stream->batch,
           (size_t)count * sizeof *index);
}

bool stream_seek(struct stream *stream, int64_t epoch, int64_t position, struct error *error) {
    if (epoch < 0 || position < 0 || position > stream->draws)
        return error_set(error, STATUS_DATA,
                         "there is no draw %" PRId64 " of epoch %" PRId64 ": an epoch has %" PRId64
                         " draws of %" PRId64 " examples",
                         position, epoch, stream->draws, stream->batch);
    stream->epoch = epoch;
    stream->position = position;
    return true;
}
