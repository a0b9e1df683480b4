/* Reading objectives: their files are found, their parameters and roles given, their phases joined. */
#include <string.h>
#include <unistd.h>

#include "runner/experiment_roles.h"
#include "runner/objectives.h"

static const char *readable(const char *path) {
    return access(path, R_OK) == 0 ? path : NULL;
}

/* A path, or a name: beside the experiment in objectives/, then in each folder's objectives/. */
static const char *find_objective(struct experiment_reading *r, const struct config *name) {
    const char *text = name->text, *found = NULL;
    const struct source *source = r->root->origin.source;
    const char *file = source && source->name ? source->name : "";
    const char *slash = strrchr(file, '/');
    const char *folder = slash ? arena_text_range(r->arena, file, (size_t)(slash - file))
                               : arena_text(r->arena, ".");
    if (source && source->folder) folder = source->folder;
    bool path = strchr(text, '/') || strstr(text, ".yaml");
    const char *tail = path ? text : arena_format(r->arena, "objectives/%s.yaml", text);
    if (*tail == '/') return readable(tail);
    found = readable(arena_format(r->arena, "%s/%s", folder, tail));
    for (int i = 0; !found && r->folders && r->folders[i]; i++)
        found = readable(arena_format(r->arena, "%s/%s", r->folders[i], tail));
    return found;
}

static const char *nearest_objective(struct experiment_reading *r, const char *name) {
    struct nearest nearest = {.wanted = name};
    if (!strcmp(name, "roles") || !strcmp(name, "phase_names"))
        return "it belongs into an objective, indented more than the objective's name";
    int count = 0;
    const struct objective_file *files =
        r->folders ? objectives_find(r->arena, r->folders, &count) : NULL;
    objectives_try_names(files, count, &nearest);
    return nearest.name ? nearest_list_hint(r->arena, &nearest, "objectives")
                        : "'duel objectives' lists them; a path to a file will do, too";
}

/* Schedules given to parameters are kept apart: `given` of the objective as it is written out. */
static struct config *schedules_of(struct experiment_reading *r, const struct constants *constants,
                                   const struct config *given) {
    struct config *map = config_new_map(r->arena);
    for (int i = 0; i < constants->count; i++)
        if (constants->list[i].expression)
            config_add(r->arena, map, constants->list[i].name,
                       config_get(given, constants->list[i].name));
    return map;
}

/* The objectives of a game as they are read. */
struct joining {
    struct experiment_reading *r;
    struct roles *roles; /* of the game */
    bool *taken;         /* (roles->count) whether an objective has such a name */
    struct config *all;  /* each as it was read */
};

/* {weight: 5, roles: {x: a.x}}: values of parameters, and the sections for other names. */
static const struct config *split_given(struct experiment_reading *r, const char *name,
                                        const struct config *given, struct config **roles,
                                        struct config **phase_names) {
    struct config *values;
    *roles = *phase_names = NULL;
    if (!given || given->kind == CONFIG_NULL) return NULL;
    if (given->kind != CONFIG_MAP) {
        experiment_fail(r, &given->origin, "as in 'objective: {r1: {weight: 5}}'",
                        "the parameters of objective '%s' must be a map", name);
        return NULL;
    }
    *roles = config_get(given, "roles");
    *phase_names = config_get(given, "phase_names");
    values = config_new_map(r->arena);
    values->origin = given->origin;
    for (int i = 0; i < given->count; i++)
        if (given->items[i] != *roles && given->items[i] != *phase_names)
            config_add_entry(r->arena, values, given->keys[i], given->items[i]);
    return values->count ? values : NULL;
}

static struct config *resolved_roles(struct arena *arena, const struct roles *roles) {
    struct config *map = config_new_map(arena);
    for (int i = 0; i < roles->count; i++)
        config_add(arena, map, roles->list[i].name, config_new_text(arena, roles->list[i].value));
    return map;
}

/* An objective as a map: {name, doc, parameters, phases, given, roles, phase_names}, from its file or
 * written inline; `at` is what joined it. */
static bool add_objective(struct joining *j, const char *name, struct config *objective,
                          const struct config *given, const struct origin *at) {
    struct experiment_reading *r = j->r;
    struct config *phases, *section, *renamed, *parameters = config_new_map(r->arena),
                                               *used = config_new_map(r->arena);
    experiment_check_keys(r, objective, arena_format(r->arena, "objective '%s'", name),
                          objective_keys);
    experiment_value(r, objective, arena_format(r->arena, "objective '%s'", name), objective_keys,
                     "aliases", &(struct texts){0});
    if (!given) given = config_get(objective, "given");
    given = split_given(r, name, given, &section, &renamed);
    if (!section) section = config_get(objective, "roles");
    if (!renamed) renamed = config_get(objective, "phase_names");
    struct constants *constants =
        experiment_read_declared(r, arena_format(r->arena, "objective '%s'", name),
                                 config_get(objective, "parameters"), given, at, parameters);
    if (!experiment_map(r, config_get(objective, "phases"), "'phases'", &phases)) return false;
    if (!phases)
        return experiment_fail(r, &objective->origin, NULL, "objective '%s' has no 'phases'", name);
    struct roles *own = roles_read(r, section);
    own->joined = at;
    const struct roles *roles = roles_take(r, name, phases, constants, own, j->roles, j->taken);
    const struct roles *phase_names = roles_read_phases(r, renamed, name, phases, at);
    experiment_add_phases(r, phases,
                          (struct part){.constants = constants,
                                        .objective = roles_title(r->arena, name, roles),
                                        .roles = roles,
                                        .phase_names = phase_names});
    config_add(r->arena, used, "name", config_new_text(r->arena, name));
    config_add(r->arena, used, "parameters", parameters);
    if (given) config_add(r->arena, used, "given", schedules_of(r, constants, given));
    if (roles) config_add(r->arena, used, "roles", resolved_roles(r->arena, roles));
    if (phase_names)
        config_add(r->arena, used, "phase_names", resolved_roles(r->arena, phase_names));
    config_add(r->arena, used, "phases", phases);
    config_append(r->arena, j->all, used);
    return true;
}

static bool load_objective(struct joining *j, const struct config *name,
                           const struct config *given) {
    struct experiment_reading *r = j->r;
    const char *path = find_objective(r, name);
    if (!path)
        return experiment_fail(r, &name->origin, nearest_objective(r, name->text),
                               "there is no objective '%s'", text_excerpt(r->arena, name->text));
    struct config *file = config_load(path, r->folders, NULL, r->diagnostics);
    if (!file) return false;
    if (file->kind != CONFIG_MAP)
        return experiment_fail(r, &name->origin, NULL, "'%s' is no objective", path);
    const char *slash = strrchr(name->text, '/'), *tail = slash ? slash + 1 : name->text;
    return add_objective(j, arena_text_range(r->arena, tail, strcspn(tail, ".")), file, given,
                         &name->origin);
}

/* hinge, {r1: {weight: 5}}, or the content of a file with its name. */
static bool read_objective(struct joining *j, struct config *item) {
    bool good = true;
    if (item->kind == CONFIG_TEXT) return load_objective(j, item, NULL);
    if (item->kind == CONFIG_MAP && config_get(item, "phases")) {
        const struct config *name = config_get(item, "name");
        return add_objective(j, name && name->text ? name->text : "", item, NULL, &item->origin);
    }
    if (item->kind != CONFIG_MAP || !item->count)
        return experiment_fail(j->r, &item->origin, "as in 'objective: [hinge, {r1: {weight: 5}}]'",
                               "an objective is named by text or a map");
    for (int i = 0; i < item->count; i++)
        good = load_objective(j, item->keys[i], item->items[i]) && good;
    return good;
}

/* Roles of the game that none of its objectives has. */
static void check_taken(struct experiment_reading *r, const struct joining *j) {
    for (int i = 0; i < j->roles->count; i++)
        if (!j->taken[i])
            experiment_fail(r, j->roles->list[i].key, NULL, "no objective of this game names '%s'",
                            j->roles->list[i].name);
}

void experiment_read_objectives(struct experiment_reading *r, struct config *objectives,
                                struct config *roles, struct config *used) {
    struct joining j = {.r = r, .roles = roles_read(r, roles), .all = used};
    bool list = objectives && objectives->kind == CONFIG_LIST, good = true;
    int count = list ? objectives->count : objectives != NULL;
    j.taken = ARENA_ARRAY(r->arena, bool, j.roles->count);
    for (int i = 0; i < count; i++)
        good = read_objective(&j, list ? objectives->items[i] : objectives) && good;
    if (good) check_taken(r, &j);
    r->x->poison.phases = r->x->poison.phases || !good;
}
