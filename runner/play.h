/*
 * A game being played on a device: its programs compiled, its variables in the device's memory, and
 * the counters that a step moves. Who trains or measures calls play_step again and again; nothing
 * is allocated while it runs.
 */
#ifndef RUNNER_PLAY_H
#define RUNNER_PLAY_H

#include "datasets/dataset.h"
#include "datasets/stream.h"
#include "engine/backend.h"
#include "runner/game.h"
#include "runner/store_checkpoint.h"

struct play_program {
    const struct game_program *source;
    struct program *program; /* NULL: there is nothing to run */
    const void **inputs;     /* (graph inputs) what the next run is given */
    int32_t clock[3];        /* step's low and high word, repetition */
    float *scalars;          /* (scalars_count) */
    int64_t updates;         /* how often it has run */
    bool ran;                /* in the last step: its outputs are of that step */
};

/* A draw of a stream: which examples, and how they are seen; `moves` is NULL where all see them alike. */
struct play_draw {
    int32_t *index; /* (stream.batch) */
    int32_t *moves; /* (stream.batch, VIEW_MOVES) */
};

/* A data stream, and what it has drawn. */
struct play_stream {
    struct stream stream;
    bool drawn; /* in every step: a phase uses it, or it is the first */
    const struct view *view;
    struct extents stored;  /* an example in memory */
    struct play_draw step;  /* the step's draw, which phases share */
    struct play_draw extra; /* that of a further repetition */
};

struct play {
    const struct game *game;
    const struct backend *backend;
    struct device *device;
    struct play_program *phases; /* (game->phases_count) */
    struct play_program end;     /* the averages */
    int64_t *runs; /* (phases_count) how often each has run, counting the run that begins */
    uint64_t seed;
    struct play_stream *streams; /* (experiment->data_count) NULL: without data, to sample */
    int streams_count;
    int64_t step;      /* finished steps */
    double past_epoch; /* without data: as the checkpoint counts them */
    int64_t past_images;
    const char *running; /* the phase that runs, or ran last */
    double *state;       /* (game->scalar_state_count) as at the end of the last step */
};

/* Where numbers come from and how programs are compiled. */
struct play_options {
    const struct backend *backend;
    struct device_options device;
    struct compile_options compile;
    uint64_t seed;
};

/* Opens the device, compiles all programs and makes room for the variables, zeroed. The play and
 * the device live as long as `arena`. */
struct play *play_open(const struct game *game, const struct play_options *options,
                       struct arena *arena, struct error *error);

/* Gives the programs their examples, and begins the streams of batches. Not needed for sampling;
 * values and labels of `data` (experiment->data_count) must outlive the play. */
bool play_set_data(struct play *play, const struct dataset *data, struct arena *arena,
                   struct error *error);

/* Gives every variable its initial value. */
void play_begin(struct play *play);

/* What a step came to. */
enum play_result {
    PLAY_DONE,
    PLAY_NOT_FINITE, /* `where` says where; the step is not finished, the play is over */
    PLAY_FAILED      /* error says why */
};

/* One step: every phase whose turn it is, then the averages. */
enum play_result play_step(struct play *play, struct not_finite *where, struct error *error);

/* The value of metric `index` of the game at the last step; false if its phase did not run. */
bool play_metric(const struct play *play, int index, double *value);

/* Whether a phase that only reports, at times, ran in the last step. */
bool play_observed(const struct play *play);

/* Of the first stream, 0 without data: drawn batches; these / batches an epoch; drawn examples (the last two as the checkpoint
 * counts them, if one was loaded to sample). */
int64_t play_batches(const struct play *play);
double play_epoch(const struct play *play);
int64_t play_images(const struct play *play);

/* Fills in arrays and counters of a checkpoint from the device; they live in `arena`, the bytes in
 * the play, until the next call. */
void play_save(struct play *play, struct checkpoint *checkpoint, struct arena *arena);

/* Puts a checkpoint's arrays into the variables, and its counters into the play. Where `sampling`,
 * optimizers' state and counters are left out. STATUS_DATA where something is missing or of another
 * shape. */
bool play_load(struct play *play, const struct checkpoint *checkpoint, bool sampling,
               struct error *error);

/* The path of a variable in a checkpoint: "parameters/generator/linear_1/weight". */
const char *play_variable_path(struct arena *arena, const struct game_variable *variable);

#endif
