/* Reading `load:`, parts of other runs with which training begins; runner/load.c brings them. */
#include <string.h>
#include <unistd.h>

#include "runner/build.h"
#include "runner/experiment_parts.h"
#include "runner/read.h"

/* A number of steps, or `last`. */
static bool read_step(struct experiment_reading *r, const struct config *map, int64_t *step) {
    const struct config *given = config_get(map, "checkpoint");
    *step = -1;
    if (!given || (given->kind == CONFIG_TEXT && !strcmp(given->text, "last"))) return true;
    if (given->kind == CONFIG_TEXT && text_is_name(given->text) &&
        !constants_find(r->x->constants, given->text))
        return experiment_fail(r, &given->origin, NULL,
                               "'checkpoint' must be 'last' or a number of steps, but is '%s'",
                               text_excerpt(r->arena, given->text));
    return experiment_value(r, map, "'load'", checkpoint_keys, "checkpoint", step);
}

static bool read_into(struct experiment_reading *r, struct config *section,
                      struct experiment_load *load) {
    struct config *map;
    bool good = experiment_map(r, section, "'into'", &map);
    for (int i = 0; map && i < map->count; i++) {
        const struct config *to = map->items[i];
        if (to->kind != CONFIG_TEXT || !*to->text) {
            good = experiment_fail(r, &to->origin, "as in 'into: {generator: teacher}'",
                                   "'into' wants paths, but has %s", config_kind_name(to->kind));
            continue;
        }
        load->into = ARENA_GROW(r->arena, load->into, load->into_count);
        load->into[load->into_count++] =
            (struct load_into){map->keys[i]->text, to->text, to->origin};
    }
    return good;
}

/* The run beside the file that names it, or as the commands find it. */
static const char *find_run(struct arena *arena, const struct config *given, const char *run) {
    const struct source *source = given->origin.source;
    const char *folder = source ? source->folder : NULL;
    if (!folder || *run == '/') return run;
    const char *beside = arena_format(arena, "%s/%s", folder, run);
    return access(beside, F_OK) == 0 ? beside : run;
}

/* What is written, but that a run which is named by a path is found from anywhere. */
static struct config *resolved_load(struct arena *arena, const struct config *map,
                                    const struct experiment_load *load) {
    struct config *all = config_new_map(arena);
    bool path = load->run && strchr(load->run, '/');
    for (int i = 0; i < map->count; i++)
        config_add(
            arena, all, map->keys[i]->text,
            path && !strcmp(map->keys[i]->text, "run")
                ? config_new_text(arena, read_literal(arena, read_absolute(arena, load->run)))
                : map->items[i]);
    return all;
}

static bool read_load(struct experiment_reading *r, struct config *map,
                      struct experiment_load *load) {
    if (map->kind != CONFIG_MAP)
        return experiment_fail(r, &map->origin, "as in 'load: {run: fashion-mlp}'",
                               "'load' must be a map, or a list of maps, but is %s",
                               config_kind_name(map->kind));
    bool good = experiment_check_keys(r, map, "'load'", load_keys);
    const struct config *run = config_get(map, "run"), *of = config_get(map, "of");
    load->run_origin = run ? run->origin : map->origin;
    load->of_origin = of ? of->origin : load->run_origin;
    if (!run && !r->diagnostics->partial)
        good = experiment_fail(r, &map->origin, "as in 'load: {run: fashion-mlp}'",
                               "'load' lacks its 'run'");
    if (run && experiment_value(r, map, "'load'", load_keys, "run", &load->run))
        load->run = find_run(r->arena, run, load->run);
    else if (run)
        good = false;
    if (of) good = experiment_value(r, map, "'load'", load_keys, "of", &load->of) && good;
    good = read_step(r, map, &load->step) && good;
    return read_into(r, config_get(map, "into"), load) && good;
}

void experiment_read_loads(struct experiment_reading *r, struct config *section) {
    struct experiment *x = r->x;
    if (!section || section->kind == CONFIG_NULL) return;
    struct config *resolved = config_new_list(r->arena);
    int count = section->kind == CONFIG_LIST ? section->count : 1;
    for (int i = 0; i < count; i++) {
        struct config *map = section->kind == CONFIG_LIST ? section->items[i] : section;
        struct experiment_load load = {0};
        if (!read_load(r, map, &load)) continue;
        config_append(r->arena, resolved, resolved_load(r->arena, map, &load));
        x->loads = ARENA_GROW(r->arena, x->loads, x->loads_count);
        x->loads[x->loads_count++] = load;
    }
    bool one = section->kind != CONFIG_LIST && resolved->count;
    config_add(r->arena, r->resolved, "load", one ? resolved->items[0] : resolved);
}

bool experiment_loads(const struct experiment *x, const char *network) {
    for (int i = 0; i < x->loads_count; i++) {
        const struct experiment_load *load = &x->loads[i];
        bool all = !load->of.count && !load->into_count;
        for (int k = 0; k < load->of.count && !all; k++)
            all = path_holds(network, load->of.list[k]);
        for (int k = 0; k < load->into_count && !all; k++)
            all = path_holds(network, load->into[k].to);
        if (all) return true;
    }
    return false;
}
