/* Reading `state:`, the values that a game keeps from step to step. */
#include "runner/experiment_parts.h"
#include "runner/read.h"

struct state_options {
    struct extents shape;
    double init;
};
const struct parameter state_parameters[] = {
    {.name = "init",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct state_options, init),
     .standard = "0",
     .doc = "how it begins"},
    {.name = "shape",
     .type = PARAMETER_SHAPE,
     .offset = offsetof(struct state_options, shape),
     .standard = "[]",
     .doc = "[] is one number"},
    {0},
};

static bool read_state(struct experiment_reading *r, const struct config *key,
                       const struct config *value, struct config *all) {
    struct experiment *x = r->x;
    struct state_options options = {0};
    struct config *used;
    if (!experiment_check_name(r, key, "state", false) ||
        !experiment_options(r, value, &key->origin, arena_format(r->arena, "state '%s'", key->text),
                            state_parameters, &options, x->constants, &used))
        return false;
    struct shape shape = shape_make(options.shape.rank, options.shape.extent);
    if (!shape_is_sane(shape))
        return experiment_fail(r, &key->origin, NULL, "state '%s' has too many numbers", key->text);
    x->states = ARENA_GROW(r->arena, x->states, x->states_count);
    x->states[x->states_count++] =
        (struct declared_state){key->text, shape, options.init, key->origin};
    config_add(r->arena, all, key->text, used);
    return true;
}

void experiment_read_states(struct experiment_reading *r, struct config *section) {
    struct config *map, *all = config_new_map(r->arena);
    if (!experiment_map(r, section, "'state'", &map)) r->x->poison.values = true;
    for (int i = 0; map && i < map->count; i++)
        if (!read_state(r, map->keys[i], map->items[i], all))
            experiment_poison_value(r, map->keys[i]->text);
    if (map) config_add(r->arena, r->resolved, "state", all);
}
