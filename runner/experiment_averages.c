/* Reading `averages:`, networks whose weights follow others slowly. */
#include "runner/experiment_parts.h"
#include "runner/read.h"

struct average_options {
    struct texts of;
    const struct expression *decay;
    int statistics;
};
const struct parameter average_parameters[] = {
    {.name = "of",
     .type = PARAMETER_TEXTS,
     .offset = offsetof(struct average_options, of),
     .doc = "networks whose weights are averaged"},
    {.name = "decay",
     .type = PARAMETER_SCALAR,
     .offset = offsetof(struct average_options, decay),
     .standard = "0.999",
     .low = 0,
     .high = 1,
     .doc = "share of the average that each step keeps"},
    {.name = "statistics",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct average_options, statistics),
     .standard = "copy",
     .choices = "copy average",
     .doc = "running statistics: copied, or averaged as weights are"},
    {0},
};

static void read_average(struct experiment_reading *r, const struct config *key,
                         const struct config *value, struct config *all) {
    struct experiment *x = r->x;
    struct average_options options = {0};
    struct config *used;
    bool good = experiment_check_name(r, key, "an average", true);
    if (good && experiment_network(x, key->text))
        good = experiment_fail(r, &key->origin, NULL, "there is a network '%s' already", key->text);
    good = experiment_options(r, value, &key->origin,
                              arena_format(r->arena, "average '%s'", key->text), average_parameters,
                              &options, x->constants, &used) &&
           good;
    for (int k = 0; k < options.of.count; k++) {
        const char *of = options.of.list[k];
        const char *message = arena_format(
            r->arena, "average '%s' is of '%s', but there is no such network", key->text, of);
        good = experiment_check_network(r, &value->origin, of, NULL, message) && good;
    }
    x->averages = ARENA_GROW(r->arena, x->averages, x->averages_count);
    x->averages[x->averages_count++] = (struct average){
        key->text, options.of, options.decay, options.statistics == 1, key->origin, !good};
    config_add(r->arena, all, key->text, used);
}

void experiment_read_averages(struct experiment_reading *r, struct config *section) {
    struct config *map, *all = config_new_map(r->arena);
    if (!experiment_map(r, section, "'averages'", &map)) r->x->poison.callables = true;
    for (int i = 0; map && i < map->count; i++)
        read_average(r, map->keys[i], map->items[i], all);
    if (map) config_add(r->arena, r->resolved, "averages", all);
}
