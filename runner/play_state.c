/* A play's variables and counters, to a checkpoint and back. */
#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "runner/experiment.h"
#include "runner/play.h"

static const char *const role_groups[] = {
    [ROLE_PARAMETER] = "parameters",
    [ROLE_STATE] = "state",
    [ROLE_OPTIMIZER] = "optimizer",
    [ROLE_AVERAGE] = "averages",
};

const char *play_variable_path(struct arena *arena, const struct game_variable *variable) {
    return arena_format(arena, "%s/%s", role_groups[variable->role], variable->variable.name);
}

/* Floats are kept as the backend computes in them, so that going on gives the same bits. */
static enum dtype kept_type(const struct play *play, const struct variable *variable) {
    if (variable->type == TYPE_INT32 || variable->type == TYPE_UINT8) return variable->type;
    return play->backend->real == TYPE_FLOAT64 ? TYPE_FLOAT64 : TYPE_FLOAT32;
}

static enum store_type store_type_of(enum dtype type) {
    switch (type) {
    case TYPE_FLOAT32:
        return STORE_FLOAT32;
    case TYPE_FLOAT64:
        return STORE_FLOAT64;
    case TYPE_INT32:
        return STORE_INT32;
    case TYPE_UINT8:
        return STORE_UINT8;
    default:
        BUG("no variable is kept as %s", dtype_name(type));
    }
}

static void save_variable(struct play *play, int index, struct store_array *array,
                          struct arena *arena) {
    const struct game_variable *source = play->game->variables[index];
    const struct variable *variable = &source->variable;
    enum dtype type = kept_type(play, variable);
    void *data = arena_alloc_array(arena, (size_t)shape_count(variable->shape), dtype_size(type));
    play->backend->variable_read(play->device, variable, type, data);
    *array = (struct store_array){.path = play_variable_path(arena, source),
                                  .type = store_type_of(type),
                                  .rank = variable->shape.rank,
                                  .data = data};
    memcpy(array->extent, variable->shape.extent,
           sizeof *array->extent * (size_t)variable->shape.rank);
}

static const char *updates_name(struct arena *arena, const struct play_program *program) {
    return arena_format(arena, "updates/%s", program->source->name);
}

/* "cursor/data/epoch", "cursor/data/a/epoch" */
static const char *cursor_name(struct arena *arena, const struct play *play, int stream,
                               const char *what) {
    const char *name = play->game->experiment->data[stream].name;
    return arena_format(arena, "cursor/data/%s%s%s", name, *name ? "/" : "", what);
}

static void save_counters(struct play *play, struct checkpoint *checkpoint, struct arena *arena) {
    int most = 4 + 2 * play->streams_count + play->game->phases_count, count = 0;
    struct checkpoint_counter *list = ARENA_ARRAY(arena, struct checkpoint_counter, most);
    list[count++] = (struct checkpoint_counter){"images", play_images(play)};
    list[count++] = (struct checkpoint_counter){"batches", play_batches(play)};
    list[count++] = (struct checkpoint_counter){"threads", play->backend->threads(play->device)};
    for (int i = 0; i < play->streams_count; i++) {
        const struct stream *stream = &play->streams[i].stream;
        list[count++] =
            (struct checkpoint_counter){cursor_name(arena, play, i, "epoch"), stream->epoch};
        list[count++] =
            (struct checkpoint_counter){cursor_name(arena, play, i, "position"), stream->position};
    }
    for (int i = 0; i < play->game->phases_count; i++)
        list[count++] = (struct checkpoint_counter){updates_name(arena, &play->phases[i]),
                                                    play->phases[i].updates};
    list[count++] = (struct checkpoint_counter){"updates_of_end", play->end.updates};
    checkpoint->counter = list;
    checkpoint->counters = count;
}

void play_save(struct play *play, struct checkpoint *checkpoint, struct arena *arena) {
    int count = play->game->variables_count;
    struct store_array *arrays = ARENA_ARRAY(arena, struct store_array, count);
    for (int i = 0; i < count; i++)
        save_variable(play, i, &arrays[i], arena);
    checkpoint->step = play->step;
    checkpoint->array = arrays;
    checkpoint->arrays = count;
    save_counters(play, checkpoint, arena);
}

/* Checkpoints of another backend hold floats of another width. */
static bool load_array(struct play *play, const struct variable *variable,
                       const struct store_array *array, struct error *error) {
    bool float_kept = array->type == STORE_FLOAT32 || array->type == STORE_FLOAT64;
    bool float_wanted = variable->type != TYPE_INT32 && variable->type != TYPE_UINT8;
    bool same = array->rank == variable->shape.rank && float_kept == float_wanted;
    for (int i = 0; same && i < array->rank; i++)
        same = array->extent[i] == variable->shape.extent[i];
    if (!same)
        return error_set(error, STATUS_DATA, "'%s' has another shape or type in the checkpoint",
                         variable->name);
    enum dtype type = variable->type;
    if (float_wanted) type = array->type == STORE_FLOAT64 ? TYPE_FLOAT64 : TYPE_FLOAT32;
    play->backend->variable_write(play->device, variable, type, array->data);
    return true;
}

static bool load_cursor(struct play *play, int stream, const struct checkpoint *checkpoint,
                        struct arena *scratch, struct error *error) {
    int64_t epoch = checkpoint_counter(checkpoint, cursor_name(scratch, play, stream, "epoch"), -1);
    int64_t position =
        checkpoint_counter(checkpoint, cursor_name(scratch, play, stream, "position"), -1);
    const char *name = play->game->experiment->data[stream].name;
    if (epoch >= 0 && position >= 0)
        return stream_seek(&play->streams[stream].stream, epoch, position, error);
    if (*name)
        error_set(error, STATUS_DATA, "the checkpoint knows no data stream '%s'", name);
    else
        error_set(error, STATUS_DATA, "the checkpoint knows no data stream without a name");
    return error_hint(error, "a run goes on with the data streams that it was begun with");
}

static bool load_counters(struct play *play, const struct checkpoint *checkpoint,
                          struct error *error) {
    struct arena *scratch = arena_new();
    bool good = true;
    for (int i = 0; i < play->game->phases_count; i++)
        play->phases[i].updates =
            checkpoint_counter(checkpoint, updates_name(scratch, &play->phases[i]), 0);
    for (int i = 0; i < play->streams_count && good; i++)
        good = load_cursor(play, i, checkpoint, scratch, error);
    arena_free(scratch);
    play->end.updates = checkpoint_counter(checkpoint, "updates_of_end", 0);
    return good;
}

/* What `epoch` and `images` are, where no data are needed. */
static void load_past(struct play *play, const struct checkpoint *checkpoint) {
    const struct experiment *x = play->game->experiment;
    if (!x->data_count) return;
    int64_t batch = x->data[0].stream.batch, draws = x->data[0].dataset.count / batch;
    play->past_images = checkpoint_counter(checkpoint, "images", 0);
    play->past_epoch =
        (double)checkpoint_counter(checkpoint, "batches", 0) / (double)(draws > 0 ? draws : 1);
}

bool play_load(struct play *play, const struct checkpoint *checkpoint, bool sampling,
               struct error *error) {
    struct arena *scratch = arena_new();
    bool good = true;
    for (int i = 0; i < play->game->variables_count && good; i++) {
        const struct game_variable *variable = play->game->variables[i];
        if (sampling && variable->role == ROLE_OPTIMIZER) continue;
        const char *path = play_variable_path(scratch, variable);
        const struct store_array *array = checkpoint_find(checkpoint, path);
        good = array ? load_array(play, &variable->variable, array, error)
                     : error_set(error, STATUS_DATA, "the checkpoint has no '%s'", path);
    }
    arena_free(scratch);
    if (!good) return false;
    for (int i = 0; i < play->game->scalar_state_count; i++)
        play->backend->variable_read(play->device, play->game->scalar_state[i], TYPE_FLOAT64,
                                     &play->state[i]);
    play->step = checkpoint->step;
    if (sampling) load_past(play, checkpoint);
    return sampling || load_counters(play, checkpoint, error);
}
