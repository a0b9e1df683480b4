/* The default sampler: a graph that makes samples. */
#include <string.h>

#include "base/bug.h"
#include "runner/build.h"

/* Whether all inputs of a network are latents or the label, by what its calls gave it. */
static bool takes_latents(const struct builder *builder, const struct network *n) {
    bool latent = false;
    for (int i = 0; i < n->inputs_count; i++) {
        const char *name = builder->networks[n->index].latents[i];
        if (!name) return false;
        latent = latent || strcmp(name, "y") != 0;
    }
    return latent;
}

/* Whether a network's result is shaped like the data's examples. */
static bool makes_data(const struct game *game, const struct network *n) {
    const struct experiment *x = game->experiment;
    struct shape output = game->builder->networks[n->index].output;
    if (!x->data_count) return false;
    const struct extents *example = &x->data->dataset.shape;
    return shape_equal(output, shape_make(example->rank, example->extent));
}

/* The generator: called with nothing but latents and labels; of several, one that makes data. */
static const struct network *find_generator(const struct game *game) {
    const struct experiment *x = game->experiment;
    const struct network *found = NULL;
    for (int i = 0; i < x->networks_count; i++) {
        const struct network *n = &x->networks[i];
        if (!takes_latents(game->builder, n)) continue;
        if (!found || (makes_data(game, n) && !makes_data(game, found))) found = n;
    }
    return found;
}

static const struct average *find_average(const struct experiment *x, const struct network *n) {
    for (int i = 0; i < x->averages_count; i++)
        if (average_covers(&x->averages[i], n->name)) return &x->averages[i];
    return NULL;
}

static struct value sampler_input(struct game_sampler *sampler, struct builder *builder,
                                  const char *name) {
    const struct experiment *x = builder->experiment;
    struct graph *g = sampler->graph;
    if (!strcmp(name, "y") && x->data_count) {
        bool given = false;
        for (int i = 0; i < x->latents_count; i++)
            given = given || !strcmp(x->latents[i].name, name);
        if (!given) {
            if (sampler->labels_input < 0) {
                sampler->labels_input = g->inputs_count;
                sampler->classes = x->data->dataset.classes;
            } else {
                BUG("labels are given twice");
            }
            struct node *labels = graph_input(g, "y", TYPE_INT32, SHAPE(sampler->count), false);
            return value_classes(value_make(labels, true), sampler->classes);
        }
    }
    const struct latent *latent = NULL;
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name)) latent = &x->latents[i];
    BUG_IF(!latent);
    int at = sampler->latents_count++;
    sampler->latents[at].name = latent->name;
    sampler->latents[at].input = g->inputs_count;
    sampler->latents[at].shape = latent->shape;
    sampler->latents[at].uniform = latent->uniform;
    sampler->latents[at].low = latent->low;
    sampler->latents[at].high = latent->high;
    struct shape full = value_full_shape(latent->shape, true, sampler->count);
    struct node *draw = graph_input(g, name, TYPE_FLOAT32, full, false);
    if (!latent->uniform && latent->deviation != 1) draw = graph_scale(g, draw, latent->deviation);
    if (!latent->uniform && latent->mean != 0) draw = graph_shift(g, draw, latent->mean);
    return value_make(draw, true);
}

/* The generator's inputs, each latent once; NULL where there are too many. */
static struct value *sampler_inputs(struct game_sampler *sampler, struct frame *frame,
                                    const struct network *n) {
    struct builder *builder = frame->build->builder;
    struct value *inputs = ARENA_ARRAY(builder->arena, struct value, n->inputs_count);
    for (int i = 0; i < n->inputs_count; i++) {
        const char *name = builder->networks[n->index].latents[i];
        const struct result *made = frame_find(frame, name);
        if (!made && sampler->latents_count == 8) {
            diagnostics_add(builder->diagnostics, &n->origin, NULL,
                            "a sampler takes at most 8 latents");
            return NULL;
        }
        if (!made)
            frame_bind(frame, name,
                       (struct result){.value = sampler_input(sampler, builder, name)});
        inputs[i] = frame_find(frame, name)->value;
    }
    return inputs;
}

static const char *no_generator =
    "a default sampler is the network that takes only latents and labels";

struct game_sampler *game_sampler(struct game *game, int64_t count, struct arena *arena,
                                  struct diagnostics *diagnostics) {
    const struct experiment *x = game->experiment;
    const struct network *n = find_generator(game);
    struct game_program *program = ARENA_NEW(arena, struct game_program);
    struct game_sampler *sampler = ARENA_NEW(arena, struct game_sampler);
    struct build build;
    if (!n) {
        diagnostics_add(diagnostics, x->networks_count ? &x->networks[0].origin : NULL,
                        no_generator, "there is nothing to sample from");
        return NULL;
    }
    struct builder builder = *game->builder;
    builder.arena = arena;
    builder.diagnostics = diagnostics;
    int before = diagnostics->count + diagnostics->dropped;
    build_begin(&build, &builder, program, "sampler", &n->origin, count);
    build.sampling = true;
    sampler->graph = build.graph;
    sampler->count = count;
    sampler->labels_input = -1;
    struct names names = {0};
    struct frame frame = {.build = &build,
                          .names = &names,
                          .constants = x->constants,
                          .place = build.place,
                          .hold = true,
                          .reporting = true};
    struct value *inputs = sampler_inputs(sampler, &frame, n);
    if (!inputs) return NULL;
    struct result result =
        network_call(&frame, n, find_average(x, n), inputs, false, true, &n->origin);
    struct value image = result.outputs ? result.outputs->values[0] : result.value;
    if (diagnostics->count + diagnostics->dropped != before || !image.node) return NULL;
    if (!image.batched) {
        diagnostics_add(diagnostics, &n->origin, no_generator,
                        "network '%s' gives the same for every sample", n->name);
        return NULL;
    }
    sampler->shape = value_shape(image);
    graph_output(build.graph, "samples", value_real(build.graph, image).node, &n->origin);
    build_end(&build);
    return sampler;
}
