/* Reading `samplers:`, how to look at a model. */
#include <string.h>

#include "runner/experiment_parts.h"

/* Numbers that whoever samples may change. */
static struct constants *read_parameters(struct experiment_reading *r, const char *what,
                                         struct config *section, struct config *all) {
    struct config *used = config_new_map(r->arena);
    struct constants *constants = experiment_read_declared(r, what, section, NULL, NULL, used);
    for (int i = 0; i < constants->count; i++)
        constants->list[i].adjustable = true;
    if (used->count) config_add(r->arena, all, "parameters", used);
    return constants;
}

static bool read_sampler(struct experiment_reading *r, struct experiment_sampler *s,
                         const struct config *key, struct config *value, struct config *all) {
    struct config *map, *used = config_new_map(r->arena);
    const char *what = arena_format(r->arena, "sampler '%s'", key->text);
    if (!experiment_check_name(r, key, "a sampler", false) ||
        !experiment_map_like(r, value, what, "{output: generator(z)}", &map))
        return false;
    if (map) experiment_check_keys(r, map, what, sampler_keys);
    const struct config *output = map ? config_get(map, "output") : NULL;
    if (!output && r->diagnostics->partial) return false;
    if (!output)
        return experiment_fail(r, &key->origin, "as in 'output: generator(z)'",
                               "%s lacks its 'output'", what);
    s->constants = read_parameters(r, what, config_get(map, "parameters"), used);
    struct part part = {.constants = s->constants, .objective = ""};
    experiment_read_terms(r, config_get(map, "let"), "let", part, &s->let);
    for (int i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, "parameters") != 0)
            config_add(r->arena, used, map->keys[i]->text, map->items[i]);
    config_add(r->arena, all, key->text, used);
    return experiment_read_term(r, output, NULL, part, &s->output);
}

void experiment_read_samplers(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    struct config *map, *all = config_new_map(r->arena);
    experiment_map(r, section, "'samplers'", &map);
    for (int i = 0; map && i < map->count; i++) {
        const struct config *key = map->keys[i];
        struct experiment_sampler sampler = {.name = key->text, .origin = key->origin};
        sampler.poisoned = !read_sampler(r, &sampler, key, map->items[i], all);
        x->samplers = ARENA_GROW(r->arena, x->samplers, x->samplers_count);
        x->samplers[x->samplers_count++] = sampler;
    }
    if (map) config_add(r->arena, r->resolved, "samplers", all);
}
