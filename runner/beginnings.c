/* Drawing, copying; see beginnings.h. */
#include "runner/beginnings.h"

#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/experiment.h"
#include "runner/latent.h"

bool sampler_shows(const struct game_sampler *sampler, int stream) {
    return sampler->program.streams[stream].values_input >= 0;
}

struct beginnings *beginnings_new(const struct play *play, const struct game_sampler *sampler,
                                  int64_t count, struct arena *arena) {
    struct beginnings *b = ARENA_NEW(arena, struct beginnings);
    *b = (struct beginnings){.sampler = sampler,
                             .count = count,
                             .names = ARENA_ARRAY(arena, struct sample_name, count),
                             .latents = ARENA_ARRAY(arena, void *, sampler->latents_count),
                             .streams = play->game->experiment->data_count};
    for (int i = 0; i < sampler->latents_count; i++) {
        BUG_IF(sampler->latents[i].type != TYPE_FLOAT32 && sampler->latents[i].type != TYPE_INT32);
        b->latents[i] = ARENA_ARRAY(arena, float, count *shape_count(sampler->latents[i].shape));
    }
    b->labels = ARENA_ARRAY(arena, int32_t *, sampler->labels_count);
    for (int i = 0; i < sampler->labels_count; i++)
        b->labels[i] = ARENA_ARRAY(arena, int32_t, count);
    b->index = ARENA_ARRAY(arena, int32_t *, b->streams);
    for (int i = 0; i < b->streams; i++)
        if (sampler_shows(sampler, i)) b->index[i] = ARENA_ARRAY(arena, int32_t, count);
    return b;
}

void *beginnings_latent(const struct beginnings *b, int latent, int64_t i) {
    return (char *)b->latents[latent] + 4 * i * shape_count(b->sampler->latents[latent].shape);
}

/* Runs the program of the latents' draws, once for each round. */
static bool draw_latents(struct beginnings *b, const struct play *play, uint64_t seed,
                         const struct compile_options *options, struct arena *arena,
                         struct error *error) {
    const struct game_sampler *sampler = b->sampler;
    if (!sampler->latents_count) return true;
    struct program *draws =
        play->backend->compile(play->device, arena, sampler->draws.graph, options, error);
    if (!draws) return false;
    BUG_IF(sampler->draws.graph->inputs_count > 1);
    const int64_t run = sampler->count * sampler->packed;
    for (int64_t first = 0; first < b->count; first += run) {
        const int32_t clock[3] = {(int32_t)(uint32_t)(seed & 0xffffffffu),
                                  (int32_t)(uint32_t)(seed >> 32), (int32_t)(first / run)};
        const void *inputs[1] = {clock};
        if (play->backend->run(draws, inputs) == RUN_NOT_FINITE) BUG("a latent is not finite");
        for (int i = 0; i < sampler->latents_count; i++)
            play->backend->output(draws, i, sampler->latents[i].type,
                                  beginnings_latent(b, i, first));
    }
    return true;
}

/* Which examples of a data stream are shown. */
static void draw_examples(struct beginnings *b, const struct experiment_data *data, uint64_t seed,
                          int32_t *index) {
    struct random_stream draw = {
        .key = hash_text(hash_text(hash_mix(hash_text(0, "samples"), seed), "data"), data->name)};
    for (int64_t i = 0; i < b->count; i++)
        index[i] = (int32_t)random_below(&draw, (uint32_t)data->dataset.count);
}

/* Labels go through the classes that are used in turn; those of examples that are shown come with these. */
static void draw_labels(const struct sampler_labels *labels, int64_t count, int32_t *list) {
    const int classes = experiment_label_count(labels->data);
    for (int64_t i = 0; i < count; i++)
        list[i] = experiment_label(labels->data, (int)(i / labels->period % classes));
}

bool beginnings_draw(struct beginnings *b, const struct play *play, uint64_t seed,
                     const struct compile_options *options, struct arena *arena,
                     struct error *error) {
    BUG_IF(b->count % (b->sampler->count * b->sampler->packed) != 0);
    for (int64_t i = 0; i < b->count; i++)
        b->names[i] = (struct sample_name){seed, i};
    for (int i = 0; i < b->streams; i++)
        if (b->index[i]) draw_examples(b, &play->game->experiment->data[i], seed, b->index[i]);
    for (int i = 0; i < b->sampler->labels_count; i++)
        draw_labels(&b->sampler->labels[i], b->count, b->labels[i]);
    return draw_latents(b, play, seed, options, arena, error);
}

void beginnings_take_labels(struct beginnings *b, const struct play *play,
                            const struct dataset *data) {
    for (int i = 0; i < b->streams; i++)
        for (int k = 0; k < b->sampler->labels_count; k++)
            if (b->index[i] && b->sampler->labels[k].data == &play->game->experiment->data[i])
                for (int64_t n = 0; n < b->count; n++)
                    b->labels[k][n] = data[i].labels[b->index[i][n]];
}

void beginnings_copy(struct beginnings *to, int64_t dst, const struct beginnings *from,
                     int64_t src) {
    to->names[dst] = from->names[src];
    for (int i = 0; i < to->sampler->latents_count; i++)
        memcpy(beginnings_latent(to, i, dst), beginnings_latent(from, i, src),
               4 * (size_t)shape_count(to->sampler->latents[i].shape));
    for (int i = 0; i < to->sampler->labels_count; i++)
        to->labels[i][dst] = from->labels[i][src];
    for (int i = 0; i < to->streams; i++)
        if (to->index[i]) to->index[i][dst] = from->index[i][src];
}

int beginnings_find(const struct game_sampler *sampler, bool class) {
    for (int i = 0; i < sampler->latents_count; i++) {
        const struct sampler_latent *l = &sampler->latents[i];
        if ((l->type == TYPE_INT32 && !l->shape.rank) == class) return i;
    }
    return -1;
}

struct class_names sampler_class_names(const struct experiment *x,
                                       const struct game_sampler *sampler) {
    const int latent = beginnings_find(sampler, true);
    const struct experiment_data *data = sampler->labels_count ? sampler->labels[0].data : NULL;
    for (int i = 0; i < x->latents_count && latent >= 0 && !data; i++)
        if (!strcmp(x->latents[i].name, sampler->latents[latent].name))
            data = latent_labelled(x, &x->latents[i]);
    return experiment_class_names(data);
}

int32_t *beginnings_classes(const struct beginnings *b) {
    int latent = beginnings_find(b->sampler, true);
    return b->sampler->labels_count ? b->labels[0] : latent >= 0 ? b->latents[latent] : NULL;
}
