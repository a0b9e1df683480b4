/* The variables of a game: parameters, state, the optimizers' and averages' own. */
#include <string.h>

#include "runner/build.h"

struct game_variable *variable_find(const struct game *game, const char *name) {
    for (int i = 0; i < game->variables_count; i++)
        if (!strcmp(game->variables[i]->variable.name, name)) return game->variables[i];
    return NULL;
}

struct game_variable *variable_new(struct builder *builder, const char *name,
                                   enum variable_role role, struct shape shape,
                                   struct initial_value initial, const struct origin *origin) {
    struct game *game = builder->game;
    struct game_variable *v = ARENA_NEW(builder->arena, struct game_variable);
    v->variable = (struct variable){.name = arena_text(builder->arena, name),
                                    .type = TYPE_FLOAT32,
                                    .shape = shape,
                                    .origin = origin,
                                    .index = game->variables_count};
    v->role = role;
    v->initial = initial;
    v->trainable = role == ROLE_PARAMETER && !optimizer_freezes(builder->experiment, name);
    game->variables = ARENA_GROW(builder->arena, game->variables, game->variables_count);
    game->variables[game->variables_count++] = v;
    return v;
}

bool path_holds(const char *path, const char *name) {
    size_t length = strlen(path);
    return !strncmp(path, name, length) && (name[length] == 0 || name[length] == '/');
}

const struct average *experiment_average(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->averages_count; i++)
        if (!strcmp(experiment->averages[i].name, name)) return &experiment->averages[i];
    return NULL;
}

bool average_covers(const struct average *average, const char *name) {
    for (int i = 0; i < average->of.count; i++)
        if (path_holds(average->of.list[i], name)) return true;
    return false;
}

/* "shadow/linear_1/weight" where the average is of one network, else "shadow/mapping/…". */
struct game_variable *variable_averaged(struct builder *builder, const struct average *average,
                                        struct game_variable *variable) {
    const char *name = variable->variable.name;
    if (!average || !average_covers(average, name)) return variable;
    const char *tail = average->of.count == 1 ? strchr(name, '/') + 1 : name;
    const char *copy = arena_format(builder->arena, "%s/%s", average->name, tail);
    struct game_variable *found = variable_find(builder->game, copy);
    if (found) return found;
    struct initial_value initial = {.kind = INITIAL_COPY, .copied = variable};
    return variable_new(builder, copy, ROLE_AVERAGE, variable->variable.shape, initial,
                        &average->origin);
}
