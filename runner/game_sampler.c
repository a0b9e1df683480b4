/*
 * Samplers as graphs: one that makes samples in eval mode, and one that draws the latents it takes.
 */
#include <string.h>

#include "base/random.h"
#include "runner/build.h"
#include "runner/latent.h"

enum { PERIOD_MOST = 1 << 24 };

/* ---- the default one --------------------------------------------------------------------------
 */

/* Whether all inputs of a network are latents or the label, by what its calls gave it. */
static bool takes_latents(const struct builder *builder, const struct network *n) {
    bool latent = false;
    for (int i = 0; i < n->inputs_count; i++) {
        const char *name = builder->networks[n->index].latents[i];
        if (!name) return false;
        latent = latent || !experiment_labels(builder->experiment, name);
    }
    return latent;
}

/* Whether a network's result is shaped like the examples of a data stream. */
static bool makes_data(const struct game *game, const struct network *n) {
    const struct experiment *x = game->experiment;
    struct shape output = game->builder->networks[n->index].output;
    for (int i = 0; i < x->data_count; i++) {
        struct extents example = experiment_example_shape(&x->data[i]);
        if (shape_equal(output, shape_make(example.rank, example.extent))) return true;
    }
    return false;
}

const struct network *game_generator(const struct game *game) {
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

/* ---- what a sampler takes ---------------------------------------------------------------------
 */

struct sampler_build {
    struct game_sampler *sampler;
    struct build draws;
    int64_t
        period; /* the classes of all latents and labels so far, multiplied: the next goes on so slowly */
};

static void slow_down(struct sampler_build *inputs, int64_t classes) {
    if (inputs->period < PERIOD_MOST / classes) inputs->period *= classes;
}

/* Drawn, or its classes in turn: of several such latents all combinations are shown. */
static struct value draw_latent(struct sampler_build *inputs, const struct latent *latent) {
    uint64_t place = hash_text(hash_text(hash_text(0, "samples"), "latent"), latent->name);
    if (!latent_has_classes(latent)) return latent_draw(&inputs->draws, latent, place);
    struct value value = latent_in_turn(&inputs->draws, latent, inputs->period);
    slow_down(inputs, latent_classes(inputs->draws.builder->experiment, latent));
    return value;
}

/* A latent: drawn by a program of its own, so that whoever samples sees it and may give another. */
static struct value latent_input(struct build *build, const struct latent *latent) {
    struct game_sampler *sampler = build->sampler->sampler;
    struct arena *arena = build->builder->arena;
    struct value drawn = draw_latent(build->sampler, latent);
    graph_output(build->sampler->draws.graph, latent->name, drawn.node, latent->origin);
    sampler->latents = ARENA_GROW(arena, sampler->latents, sampler->latents_count);
    sampler->latents[sampler->latents_count++] = (struct sampler_latent){
        latent->name, build->graph->inputs_count, value_shape(drawn), drawn.node->type};
    drawn.node =
        graph_input(build->graph, latent->name, drawn.node->type, drawn.node->shape, false);
    return drawn;
}

/* Labels are given by whoever samples: the classes in turn, or those of the examples that are shown. */
static struct value labels_input(struct build *build, const struct experiment_data *data) {
    struct game_sampler *sampler = build->sampler->sampler;
    sampler->labels = ARENA_GROW(build->builder->arena, sampler->labels, sampler->labels_count);
    sampler->labels[sampler->labels_count++] =
        (struct sampler_labels){data, build->graph->inputs_count, build->sampler->period};
    slow_down(build->sampler, experiment_label_count(data));
    struct node *labels =
        graph_input(build->graph, data->labels, TYPE_INT32, SHAPE(build->batch), false);
    return value_classes(value_make(labels, true), experiment_label_limit(data));
}

bool sampler_input(struct build *build, const char *name, struct value *value) {
    const struct experiment *x = build->builder->experiment;
    const struct experiment_data *labelled = experiment_labels(x, name);
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name))
            return *value = latent_input(build, &x->latents[i]), true;
    if (labelled) *value = labels_input(build, labelled);
    return labelled;
}

/* ---- the graph --------------------------------------------------------------------------------
 */

/* What a declared sampler gives. */
static struct value evaluate_sampler(struct frame *frame,
                                     const struct experiment_sampler *declared) {
    struct arena *arena = frame->build->builder->arena;
    for (int i = 0; i < declared->let.count; i++)
        names_mark(arena, frame->names, declared->let.list[i].expression);
    names_mark(arena, frame->names, declared->output.expression);
    frame_bind_lets(frame, &declared->let);
    struct frame output = frame_of_term(frame, &declared->output, "output");
    return evaluate_value(&output, declared->output.expression);
}

/* What the default one gives: the generator's result, or that of its average. */
static struct value call_generator(struct frame *frame, const struct network *n) {
    struct builder *builder = frame->build->builder;
    struct value *inputs = ARENA_ARRAY(builder->arena, struct value, n->inputs_count);
    for (int i = 0; i < n->inputs_count; i++)
        inputs[i] = frame_find(frame, builder->networks[n->index].latents[i])->value;
    const struct average *average = find_average(builder->experiment, n);
    struct result result = network_call(frame, n, average, inputs, false, true, &n->origin);
    return result.outputs ? result.outputs->values[0] : result.value;
}

/* Builds a declared sampler, or else the default one of a generator, for so many draws; false where it is wrong. */
static bool build_sampler(struct builder *builder, const struct experiment_sampler *declared,
                          const struct network *generator, int64_t draws,
                          struct game_sampler *sampler) {
    const char *name = declared ? declared->name : "default";
    const struct origin *origin = declared ? &declared->origin : &generator->origin;
    struct sampler_build inputs = {.sampler = sampler, .period = 1};
    struct build build;
    struct names names = {0};
    *sampler = (struct game_sampler){.name = name};
    if (declared) sampler->constants = declared->constants;
    build_begin(&inputs.draws, builder, &sampler->draws, "draws", origin, draws);
    build_begin(&build, builder, &sampler->program,
                arena_format(builder->arena, "samplers/%s", name), origin, draws);
    build.sampler = &inputs;
    build.known =
        "'latent:', 'data:', 'state:', 'parameters:' and the sampler's 'let:' name values";
    struct frame frame = {.build = &build,
                          .names = &names,
                          .constants = builder->experiment->constants,
                          .place = build.place,
                          .hold = true,
                          .reporting = true};
    struct value output =
        declared ? evaluate_sampler(&frame, declared) : call_generator(&frame, generator);
    if (!output.node) return false;
    if (!output.batched)
        return diagnostics_add(builder->diagnostics, declared ? &declared->output.origin : origin,
                               "it is called with a latent, or with labels, or draws",
                               "sampler '%s' gives the same for every sample", name);
    sampler->shape = value_shape(output);
    sampler->count = output.node->shape.extent[0];
    sampler->packed = draws / sampler->count;
    graph_output(build.graph, "samples", value_real(build.graph, output).node, origin);
    build_end(&build);
    build_end(&inputs.draws);
    return true;
}

void samplers_check(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    struct game_sampler sampler;
    for (int i = 0; i < x->samplers_count; i++)
        if (!x->samplers[i].poisoned)
            build_sampler(builder, &x->samplers[i], NULL, x->batch, &sampler);
}

const struct experiment_sampler *experiment_sampler(const struct experiment *experiment,
                                                    const char *name) {
    for (int i = 0; i < experiment->samplers_count; i++)
        if (!strcmp(experiment->samplers[i].name, name ? name : "default"))
            return &experiment->samplers[i];
    return name || !experiment->samplers_count ? NULL : &experiment->samplers[0];
}

struct game_sampler *game_sampler(struct game *game, const struct experiment_sampler *declared,
                                  int64_t count, struct arena *arena,
                                  struct diagnostics *diagnostics) {
    const struct experiment *x = game->experiment;
    const struct network *generator = declared ? NULL : game_generator(game);
    if (!declared && !generator) {
        diagnostics_add(diagnostics, x->networks_count ? &x->networks[0].origin : NULL,
                        "'samplers:' says what to sample; the default is the network that takes "
                        "only latents and labels; 'samples: {count: 0}' of 'outputs:' makes none",
                        "there is nothing to sample from");
        return NULL;
    }
    struct game_sampler *sampler = ARENA_NEW(arena, struct game_sampler);
    struct builder builder = *game->builder;
    int before = diagnostics->count + diagnostics->dropped;
    builder.arena = arena;
    builder.diagnostics = diagnostics;
    bool good = build_sampler(&builder, declared, generator, x->batch, sampler) &&
                build_sampler(&builder, declared, generator, count * sampler->packed, sampler);
    return good && diagnostics->count + diagnostics->dropped == before ? sampler : NULL;
}
