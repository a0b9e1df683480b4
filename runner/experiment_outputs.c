/* Reading what the trainer is to do: train, outputs, precision. */
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/game.h"
#include "runner/read.h"

/* ---- train -------------------------------------------------------------------------------------
 */

static void read_train(struct experiment_reading *r, struct config *section) {
    struct config *map, *used = config_new_map(r->arena);
    if (!experiment_map_like(r, section, "'train'", "train: {epochs: 30}", &map)) return;
    if ((!map || !map->count) && r->diagnostics->partial) return;
    if (!map || !map->count) {
        experiment_fail(r, section ? &section->origin : &r->root->origin,
                        "add 'train: {epochs: 30}', say; steps, images or minutes will do, too",
                        "how long to train is not given");
        return;
    }
    if (experiment_check_keys(r, map, "'train'", train_keys) && map->count > 1)
        experiment_fail(r, &map->keys[1]->origin, NULL,
                        "'%s' and '%s' are both given, but one says how long to train",
                        map->keys[0]->text, map->keys[1]->text);
    for (enum duration_unit unit = 0; unit <= DURATION_IMAGES; unit++) {
        const char *name = duration_names[unit];
        double count = 0;
        if (!config_get(map, name)) continue;
        experiment_value(r, map, "'train'", train_keys, name, &count);
        r->x->train = (struct duration){count, unit};
        config_add(r->arena, used, name, config_new_number(r->arena, count));
    }
    config_add(r->arena, r->resolved, "train", used);
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

struct output_options {
    struct duration every;
    struct durations at;
    int64_t count, keep;
    const char *sampler;
};

#define EVERY_ROW(text)                                                                            \
    {                                                                                              \
        .name = "every", .type = PARAMETER_DURATION,                                               \
        .offset = offsetof(struct output_options, every), .standard = text,                        \
        .doc = "how often: '1 epoch', '50 steps', '10 minutes', 'never'"                           \
    }
#define AT_ROW                                                                                     \
    {                                                                                              \
        .name = "at", .type = PARAMETER_DURATIONS, .offset = offsetof(struct output_options, at),  \
        .standard = "[]", .doc = "times besides: [0, 300, 1 epoch]; a number is a step"            \
    }

const struct parameter samples_parameters[] = {
    EVERY_ROW("1 epoch"),
    AT_ROW,
    {.name = "count",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct output_options, count),
     .standard = "64",
     .low = 0,
     .high = 65536,
     .doc = "samples in a file; 0: there are no files of samples"},
    {.name = "sampler",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct output_options, sampler),
     .standard = "",
     .doc = "which of 'samplers:' makes them; 'default', or the first, if none is given"},
    {0},
};
const struct parameter checkpoints_parameters[] = {
    EVERY_ROW("1 epoch"),
    AT_ROW,
    {.name = "keep",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct output_options, keep),
     .standard = "3",
     .low = 1,
     .high = 1000000,
     .doc = "checkpoints that are kept, the newest ones"},
    {0},
};
const struct parameter metrics_parameters[] = {
    EVERY_ROW("20 steps"),
    AT_ROW,
    {0},
};

static void read_output(struct experiment_reading *r, const struct config *map, const char *name,
                        const struct parameter *rows, struct output_times *times,
                        struct output_options *options, struct config *all) {
    struct config *used;
    const struct config *value = map ? config_get(map, name) : NULL;
    const struct origin *origin = value ? &value->origin : &r->root->origin;
    *options = (struct output_options){0};
    experiment_options(r, value, origin, arena_format(r->arena, "'outputs.%s'", name), rows,
                       options, r->x->constants, &used);
    *times = (struct output_times){options->every, options->at.count, options->at.list};
    config_add(r->arena, all, name, used);
}

/* The sampler that makes a run's samples. */
static void read_sampler(struct experiment_reading *r, const struct config *map, const char *name) {
    struct experiment *x = r->x;
    struct nearest nearest = {.wanted = name};
    if (!name || !*name) return;
    x->samples.sampler = name;
    if (experiment_sampler(x, name)) return;
    for (int i = 0; i < x->samplers_count; i++)
        nearest_try(&nearest, x->samplers[i].name);
    experiment_fail(r, &config_get(config_get(map, "samples"), "sampler")->origin,
                    nearest.name ? nearest_hint(r->arena, &nearest) : "'samplers:' declares them",
                    "there is no sampler '%s'", text_excerpt(r->arena, name));
}

static void read_precision(struct experiment_reading *r) {
    const struct config *precision = config_get(r->root, "precision");
    int choice = 0;
    experiment_value(r, r->root, "the experiment", experiment_keys, "precision", &choice);
    if (choice && precision)
        experiment_fail(r, &precision->origin, "write 'precision: float32', or leave it out",
                        "precision '%s' is not there yet", precision->text);
    r->x->precision = choice;
    config_add(r->arena, r->resolved, "precision",
               config_new_text(r->arena, choice == 0 ? "float32" : precision->text));
}

void experiment_read_outputs(struct experiment_reading *r, struct config *root) {
    struct experiment *x = r->x;
    struct config *section = config_get(root, "outputs"), *map, *all = config_new_map(r->arena);
    struct output_options options;
    read_train(r, config_get(root, "train"));
    read_precision(r);
    if (!experiment_map(r, section, "'outputs'", &map)) return;
    if (map) experiment_check_keys(r, map, "'outputs'", output_keys);
    read_output(r, map, "samples", samples_parameters, &x->samples.times, &options, all);
    x->samples.count = options.count;
    read_sampler(r, map, options.sampler);
    read_output(r, map, "checkpoints", checkpoints_parameters, &x->checkpoints.times, &options,
                all);
    x->checkpoints.keep = options.keep;
    read_output(r, map, "metrics", metrics_parameters, &x->metrics.times, &options, all);
    config_add(r->arena, r->resolved, "outputs", all);
}
