/* Which optimizer updates a weight, and how: groups, what is frozen, and paths that hold nothing. */
#include <string.h>

#include "runner/build.h"

const struct experiment_optimizer *optimizer_choose(const struct experiment *x, const char *name) {
    const struct experiment_optimizer *best = NULL;
    size_t longest = 0;
    for (int i = 0; i < x->optimizers_count; i++) {
        const struct experiment_optimizer *o = &x->optimizers[i];
        if (!o->label && !best) best = o;
        for (int k = 0; k < o->paths.count; k++)
            if (path_holds(o->paths.list[k], name) && strlen(o->paths.list[k]) > longest) {
                best = o;
                longest = strlen(o->paths.list[k]);
            }
    }
    return best;
}

/* How much of `name` is held by a path, whole or within one of the optimizer's; 0: it does not. */
static size_t held(const struct experiment_optimizer *o, const char *path, const char *name) {
    if (path_holds(path, name)) return strlen(path);
    for (int i = 0; i < o->paths.count; i++) {
        size_t length = strlen(o->paths.list[i]);
        if (path_holds(o->paths.list[i], name) && name[length] &&
            path_holds(path, name + length + 1))
            return length + 1 + strlen(path);
    }
    return 0;
}

const struct optimizer_group *optimizer_group(const struct experiment_optimizer *o,
                                              const char *name) {
    const struct optimizer_group *best = NULL;
    size_t longest = 0;
    for (int i = 0; i < o->groups_count; i++)
        for (int k = 0; k < o->groups[i].paths.count; k++) {
            size_t length = held(o, o->groups[i].paths.list[k], name);
            if (length > longest) {
                best = &o->groups[i];
                longest = length;
            }
        }
    return best;
}

bool optimizer_freezes(const struct experiment *x, const char *name) {
    const struct experiment_optimizer *o = optimizer_choose(x, name);
    const struct optimizer_group *group = o ? optimizer_group(o, name) : NULL;
    return group && group->frozen;
}

/* ---- paths that hold nothing ------------------------------------------------------------------
 */

/* Offers "body" and "body/weight" of "generator/body/weight", for an optimizer of the generator. */
static void near_paths(struct builder *builder, const struct experiment_optimizer *o,
                       const char *name, struct nearest *nearest) {
    size_t from = 0;
    for (int i = 0; i < o->paths.count; i++)
        if (path_holds(o->paths.list[i], name)) from = strlen(o->paths.list[i]) + 1;
    if (o->paths.count && !from) return;
    for (size_t to = from; to <= strlen(name); to++)
        if (to > from && (name[to] == '/' || !name[to]))
            nearest_try(nearest, arena_text_range(builder->arena, name + from, to - from));
}

static void check_path(struct builder *builder, const struct experiment_optimizer *o,
                       const char *path, const struct origin *origin, bool whole) {
    const struct game *game = builder->game;
    struct nearest nearest = {.wanted = path};
    for (int i = 0; i < game->variables_count; i++) {
        const struct game_variable *v = game->variables[i];
        if (v->role != ROLE_PARAMETER) continue;
        if (whole ? path_holds(path, v->variable.name) : held(o, path, v->variable.name) > 0)
            return;
        if (whole)
            nearest_try(&nearest, v->variable.name);
        else
            near_paths(builder, o, v->variable.name, &nearest);
    }
    diagnostics_add(builder->diagnostics, origin,
                    nearest.name ? nearest_hint(builder->arena, &nearest)
                                 : "'duel describe' shows the paths of all weights",
                    "there are no weights under '%s'", path);
}

void optimizers_check_paths(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    for (int i = 0; i < x->optimizers_count; i++) {
        const struct experiment_optimizer *o = &x->optimizers[i];
        for (int k = 0; k < o->paths.count; k++)
            check_path(builder, o, o->paths.list[k], &o->origin, true);
        for (int k = 0; k < o->groups_count; k++)
            for (int j = 0; j < o->groups[k].paths.count; j++)
                check_path(builder, o, o->groups[k].paths.list[j], &o->groups[k].origin, false);
    }
}
