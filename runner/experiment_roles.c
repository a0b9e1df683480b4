/* Other names for what an objective names; see experiment_roles.h. */
#include "runner/experiment_roles.h"

#include <stdlib.h>
#include <string.h>

#include "runner/build.h"
#include "runner/function.h"

/* ---- the section -------------------------------------------------------------------------------
 */

/* A name, or two with a dot between them. */
static bool is_value(struct arena *arena, const char *text) {
    size_t head = strcspn(text, ".");
    return text_is_name(arena_text_range(arena, text, head)) &&
           (!text[head] || text_is_name(text + head + 1));
}

static void take(struct arena *arena, struct roles *taken, const struct role *role) {
    taken->list = ARENA_GROW(arena, taken->list, taken->count);
    taken->list[taken->count++] = *role;
}

struct roles *roles_read(struct experiment_reading *r, struct config *section) {
    struct roles *roles = ARENA_NEW(r->arena, struct roles);
    struct config *map;
    *roles = (struct roles){.experiment = r->x};
    if (!experiment_map(r, section, "'roles'", &map)) r->x->poison.phases = true;
    for (int i = 0; map && i < map->count; i++) {
        const struct config *value = map->items[i];
        bool good = experiment_check_name(r, map->keys[i], "a role", false);
        if (value->kind != CONFIG_TEXT || !is_value(r->arena, value->text))
            good = experiment_fail(r, &value->origin, "as in 'roles: {generator: g_ab, x: b.x}'",
                                   "a role is played by a name, or by two with a dot");
        if (!good) {
            r->x->poison.phases = true;
            continue;
        }
        take(
            r->arena, roles,
            &(struct role){map->keys[i]->text, value->text, &map->keys[i]->origin, &value->origin});
    }
    return roles;
}

/* A name that the objective gives a phase, and a name for it in the game. */
static bool check_phase_name(struct experiment_reading *r, const struct config *key,
                             const struct config *value, const char *objective,
                             const struct config *phases) {
    struct nearest nearest = {.wanted = key->text};
    if (value->kind != CONFIG_TEXT)
        return experiment_fail(r, &value->origin, "as in 'phase_names: {generator: generators}'",
                               "a phase is called by a name");
    if (!experiment_check_name(r, value, "a phase", false)) return false;
    if (config_get(phases, key->text)) return true;
    for (int i = 0; i < phases->count; i++)
        nearest_try(&nearest, phases->keys[i]->text);
    return experiment_fail(r, &key->origin, nearest_hint(r->arena, &nearest),
                           "objective '%s' has no phase '%s'", objective, key->text);
}

const struct roles *roles_read_phases(struct experiment_reading *r, struct config *section,
                                      const char *objective, const struct config *phases,
                                      const struct origin *joined) {
    struct roles *names = ARENA_NEW(r->arena, struct roles);
    struct config *map;
    *names = (struct roles){.experiment = r->x, .joined = joined};
    if (!experiment_map(r, section, "'phase_names'", &map)) r->x->poison.phases = true;
    for (int i = 0; map && i < map->count; i++) {
        const struct config *key = map->keys[i], *value = map->items[i];
        if (!check_phase_name(r, key, value, objective, phases))
            r->x->poison.phases = true;
        else
            take(r->arena, names,
                 &(struct role){key->text, value->text, &key->origin, &value->origin});
    }
    return names->count ? names : NULL;
}

static const struct role *role_find(const struct roles *roles, const char *name) {
    for (int i = 0; roles && i < roles->count; i++)
        if (!strcmp(roles->list[i].name, name)) return &roles->list[i];
    return NULL;
}

bool roles_have(const struct roles *roles, const char *name) {
    return role_find(roles, name);
}

/* ---- renaming ----------------------------------------------------------------------------------
 */

/* A set of names. */
struct naming {
    int count;
    const char **list;
};

static bool naming_has(const struct naming *names, const char *name) {
    for (int i = 0; i < names->count; i++)
        if (!strcmp(names->list[i], name)) return true;
    return false;
}

static void naming_add(struct arena *arena, struct naming *names, const char *name) {
    if (naming_has(names, name)) return;
    names->list = ARENA_GROW(arena, names->list, names->count);
    names->list[names->count++] = name;
}

/* Roles being applied. */
struct renaming {
    struct arena *arena;
    const struct roles *roles;
    struct naming *met; /* gets every name that a role could be for; may be NULL */
};

/* The role that a name plays; NULL: it stays. */
static const struct role *meet(const struct renaming *n, const char *name) {
    if (n->met) naming_add(n->arena, n->met, name);
    return role_find(n->roles, name);
}

/* The same place, reached through another one. */
static struct origin origin_through(struct arena *arena, const struct origin *origin, enum via how,
                                    const struct origin *place) {
    struct origin *via = arena_copy(arena, place, sizeof *place), told = *origin;
    if (!via->via) {
        via->how = origin->how;
        via->via = origin->via;
    }
    told.how = how;
    told.via = via;
    return told;
}

static struct origin origin_of(const struct renaming *n, const struct origin *origin,
                               const struct role *role) {
    if (role) return origin_through(n->arena, origin, VIA_ROLE, role->origin);
    return n->roles->joined ? origin_through(n->arena, origin, VIA_OBJECTIVE, n->roles->joined)
                            : *origin;
}

static struct expression *copy_node(const struct renaming *n, const struct expression *e) {
    struct expression *copy = arena_copy(n->arena, e, sizeof *e);
    copy->origin = origin_of(n, &e->origin, NULL);
    if (!e->count) return copy;
    copy->part = arena_copy(n->arena, e->part, (size_t)e->count * sizeof *e->part);
    return copy;
}

/* A name, or what plays its role: a name, or an output of one. */
static const struct expression *rename_name(const struct renaming *n, const struct expression *e) {
    const struct role *role = meet(n, e->name);
    struct expression *copy = copy_node(n, e);
    if (!role) return copy;
    copy->origin = origin_of(n, &e->origin, role);
    const char *dot = strchr(role->value, '.');
    if (!dot) {
        copy->name = role->value;
        return copy;
    }
    copy->name = arena_text_range(n->arena, role->value, (size_t)(dot - role->value));
    struct expression *output = arena_copy(n->arena, copy, sizeof *copy);
    const struct expression **base = ARENA_NEW(n->arena, const struct expression *);
    *base = copy;
    output->kind = EXPRESSION_OUTPUT;
    output->name = dot + 1;
    output->height++;
    output->count = 1;
    output->part = base;
    return output;
}

static const struct expression *rename_part(const struct renaming *n, const struct expression *e);

/* generator/body: the network only. */
static const struct expression *rename_path(const struct renaming *n, const struct expression *e) {
    if (e->kind == EXPRESSION_NAME) return rename_name(n, e);
    struct expression *copy = copy_node(n, e);
    if (e->kind == EXPRESSION_BINARY) copy->part[0] = rename_path(n, e->part[0]);
    return copy;
}

static bool is_function(const struct expression *callee) {
    return callee->kind == EXPRESSION_NAME &&
           (function_find(callee->name) || host_function_find(callee->name));
}

/* generator, shadow.generator */
static const struct expression *rename_callee(const struct renaming *n,
                                              const struct expression *e) {
    if (e->kind != EXPRESSION_OUTPUT || e->part[0]->kind != EXPRESSION_NAME)
        return is_function(e) ? copy_node(n, e) : rename_part(n, e);
    const struct role *role = meet(n, e->name);
    struct expression *copy = copy_node(n, e);
    copy->part[0] = rename_part(n, e->part[0]);
    if (role) {
        copy->name = role->value;
        copy->origin = origin_of(n, &e->origin, role);
    }
    return copy;
}

/* axis=batch, mode=eval: words, not names. */
static bool is_word(const char *keyword) {
    static const char *const words[] = {"axis", "per", "mode", "state"};
    for (size_t i = 0; keyword && i < sizeof words / sizeof *words; i++)
        if (!strcmp(keyword, words[i])) return true;
    return false;
}

static bool is_given(const struct expression *call, int input, const char *name) {
    for (int i = 1; i < call->count; i++) {
        const char *keyword = call->keyword[i];
        if (keyword ? !strcmp(keyword, name) : i - 1 == input) return true;
    }
    return false;
}

/* An input that is not given comes from the scope by its name: what plays its role is given. */
static void give_inputs(const struct renaming *n, struct expression *call) {
    const struct average *average;
    const struct network *network =
        experiment_callee(n->roles->experiment, call->part[0], &average);
    int given = call->count;
    for (int i = 0; network && i < network->inputs_count; i++) {
        const char *name = network->inputs[i].name;
        if (is_given(call, i, name) || !meet(n, name)) continue;
        const struct expression input = {
            .kind = EXPRESSION_NAME, .height = 1, .origin = call->origin, .name = name};
        int count = call->count;
        if (count == given) {
            const char **keywords =
                ARENA_ARRAY(n->arena, const char *, count + network->inputs_count);
            const struct expression **parts =
                ARENA_ARRAY(n->arena, const struct expression *, count + network->inputs_count);
            memcpy(keywords, call->keyword, (size_t)count * sizeof *keywords);
            memcpy(parts, call->part, (size_t)count * sizeof *parts);
            call->keyword = keywords;
            call->part = parts;
        }
        call->keyword[count] = name;
        call->part[count] = rename_name(n, &input);
        call->count++;
    }
}

static const struct expression *rename_call(const struct renaming *n, const struct expression *e) {
    struct expression *copy = copy_node(n, e);
    bool path = e->part[0]->kind == EXPRESSION_NAME && !strcmp(e->part[0]->name, "weights");
    copy->part[0] = rename_callee(n, e->part[0]);
    for (int i = 1; i < e->count; i++)
        if (!is_word(e->keyword[i]))
            copy->part[i] = path ? rename_path(n, e->part[i]) : rename_part(n, e->part[i]);
    if (!is_function(e->part[0])) give_inputs(n, copy);
    if (copy->part[0]->origin.how == VIA_ROLE) {
        copy->origin.how = VIA_ROLE;
        copy->origin.via = copy->part[0]->origin.via;
    }
    return copy;
}

static const struct expression *rename_part(const struct renaming *n, const struct expression *e) {
    if (!e) return NULL;
    if (e->kind == EXPRESSION_NAME) return rename_name(n, e);
    if (e->kind == EXPRESSION_CALL) return rename_call(n, e);
    struct expression *copy = copy_node(n, e);
    for (int i = 0; i < e->count; i++)
        copy->part[i] = rename_part(n, e->part[i]);
    return copy;
}

const struct expression *roles_expression(struct arena *arena, const struct roles *roles,
                                          const struct expression *e) {
    const struct renaming n = {arena, roles, NULL};
    return roles && e ? rename_part(&n, e) : e;
}

const struct config *roles_key(struct arena *arena, const struct roles *roles,
                               const struct config *key) {
    const struct renaming n = {arena, roles, NULL};
    if (!roles) return key;
    const struct role *role = role_find(roles, key->text);
    struct config *copy = arena_copy(arena, key, sizeof *key);
    copy->origin = origin_of(&n, &key->origin, role);
    if (role) copy->text = role->value;
    return copy;
}

struct texts roles_paths(struct arena *arena, const struct roles *roles, struct texts paths) {
    const char **list = ARENA_ARRAY(arena, const char *, paths.count);
    for (int i = 0; i < paths.count; i++) {
        size_t head = strcspn(paths.list[i], "/");
        const struct role *role = role_find(roles, arena_text_range(arena, paths.list[i], head));
        list[i] =
            role ? arena_format(arena, "%s%s", role->value, paths.list[i] + head) : paths.list[i];
    }
    return (struct texts){paths.count, list};
}

const struct origin *roles_origin(struct arena *arena, const struct roles *roles,
                                  const struct origin *origin) {
    if (!roles) return origin;
    struct origin told = origin_through(arena, origin, VIA_OBJECTIVE, roles->joined);
    return arena_copy(arena, &told, sizeof told);
}

/* ---- what an objective names -------------------------------------------------------------------
 */

struct survey {
    struct renaming renaming; /* whose result is not needed */
    struct naming met, lets;
    struct diagnostics quiet; /* what cannot be read is told by who reads it */
};

static void survey_phase(struct survey *s, const struct config *key, const struct config *map);

static void survey_names(struct survey *s, const char *section, const struct config *map) {
    for (int i = 0; map->kind == CONFIG_MAP && i < map->count; i++) {
        const char *name = map->keys[i]->text;
        meet(&s->renaming, name);
        if (!strcmp(section, "let")) naming_add(s->renaming.arena, &s->lets, name);
        const struct expression *e = expression_parse(map->items[i], &s->quiet);
        rename_part(&s->renaming, e);
    }
}

static void survey_paths(struct survey *s, const struct config *value) {
    int count = value->kind == CONFIG_LIST ? value->count : 1;
    for (int i = 0; i < count; i++) {
        const struct config *item = value->kind == CONFIG_LIST ? value->items[i] : value;
        if (item->kind == CONFIG_TEXT)
            meet(&s->renaming,
                 arena_text_range(s->renaming.arena, item->text, strcspn(item->text, "/")));
    }
}

/* One key of a phase. */
static void survey_key(struct survey *s, const char *key, const struct config *value) {
    if (!strcmp(key, "let") || !strcmp(key, "set") || !strcmp(key, "report"))
        survey_names(s, key, value);
    else if (!strcmp(key, "update"))
        survey_paths(s, value);
    else if (!strcmp(key, "players"))
        for (int i = 0; value->kind == CONFIG_MAP && i < value->count; i++)
            survey_phase(s, value->keys[i], value->items[i]);
    else if (value->kind != CONFIG_NULL)
        rename_part(&s->renaming, expression_parse(value, &s->quiet));
}

/* A phase, or a player. */
static void survey_phase(struct survey *s, const struct config *key, const struct config *map) {
    meet(&s->renaming, key->text);
    for (int i = 0; map->kind == CONFIG_MAP && i < map->count; i++)
        survey_key(s, map->keys[i]->text, map->items[i]);
}

static bool is_own_parameter(const struct constants *constants, const char *name) {
    for (int i = 0; i < constants->count; i++)
        if (!strcmp(constants->list[i].name, name)) return true;
    return false;
}

/* ---- which roles there are ---------------------------------------------------------------------
 */

static bool wrong_name(struct experiment_reading *r, const char *objective, const struct role *role,
                       const struct constants *constants, const struct survey *s) {
    struct nearest nearest = {.wanted = role->name};
    const char *all = "";
    for (int i = 0; i < s->met.count; i++) {
        if (is_own_parameter(constants, s->met.list[i]) || experiment_is_reserved(s->met.list[i]))
            continue;
        nearest_try(&nearest, s->met.list[i]);
        all = arena_format(r->arena, "%s%s%s", all, *all ? ", " : "", s->met.list[i]);
    }
    return experiment_fail(r, role->key,
                           nearest.name ? nearest_hint(r->arena, &nearest)
                                        : arena_format(r->arena, "it names %s", all),
                           "objective '%s' names no '%s'", objective, role->name);
}

/* A name of the game that means something else within the objective. */
static bool check_capture(struct experiment_reading *r, const char *objective,
                          const struct roles *all, const struct role *role,
                          const struct constants *constants, const struct survey *s) {
    const char *head = arena_text_range(r->arena, role->value, strcspn(role->value, "."));
    bool parameter = is_own_parameter(constants, head);
    bool let = naming_has(&s->lets, head) && !role_find(all, head);
    if (!parameter && !let) return true;
    const char *hint =
        let ? arena_format(r->arena, "rename that, too: 'roles: {%s: other}'", head) : NULL;
    return experiment_fail(r, role->origin, hint, "'%s' has another meaning in objective '%s': %s",
                           head, objective, let ? "it has a let of this name" : "a parameter");
}

/* Roles of the objective itself, then those of the game that it does not replace. */
static struct roles *join(struct arena *arena, const struct roles *own, const struct roles *outer) {
    struct roles *all = arena_copy(arena, own, sizeof *own);
    all->list = NULL;
    all->count = 0;
    for (int i = 0; i < own->count; i++)
        take(arena, all, &own->list[i]);
    for (int i = 0; i < outer->count; i++)
        if (!role_find(own, outer->list[i].name)) take(arena, all, &outer->list[i]);
    return all;
}

const struct roles *roles_take(struct experiment_reading *r, const char *objective,
                               const struct config *phases, const struct constants *constants,
                               const struct roles *own, const struct roles *outer, bool *used) {
    struct roles *all = join(r->arena, own, outer), *taken = arena_copy(r->arena, own, sizeof *own);
    if (!all->count) return NULL;
    taken->list = NULL;
    taken->count = 0;
    struct survey s = {.renaming = {r->arena, all, &s.met}, .quiet = {.arena = r->arena}};
    for (int i = 0; i < phases->count; i++)
        survey_phase(&s, phases->keys[i], phases->items[i]);
    for (int i = 0; i < all->count; i++) {
        const struct role *role = &all->list[i];
        bool mine = i < own->count, parameter = is_own_parameter(constants, role->name);
        bool named = naming_has(&s.met, role->name) && !parameter;
        if (!named && mine && parameter)
            experiment_fail(r, role->key, "what a parameter is to be stands beside 'roles'",
                            "'%s' is a parameter of objective '%s'", role->name, objective);
        else if (!named && mine && !s.quiet.count && !r->diagnostics->partial)
            wrong_name(r, objective, role, constants, &s);
        if (!named || !check_capture(r, objective, all, role, constants, &s)) continue;
        take(r->arena, taken, role);
        for (int k = 0; k < outer->count; k++)
            used[k] = used[k] || (!mine && !strcmp(outer->list[k].name, role->name));
    }
    return taken->count ? taken : NULL;
}

static int compare_roles(const void *a, const void *b) {
    return strcmp(((const struct role *)a)->name, ((const struct role *)b)->name);
}

const char *roles_title(struct arena *arena, const char *objective, const struct roles *roles) {
    if (!roles) return objective;
    const char *title = arena_format(arena, "%s {", objective);
    struct role *sorted =
        arena_copy(arena, roles->list, (size_t)roles->count * sizeof *roles->list);
    qsort(sorted, (size_t)roles->count, sizeof *sorted, compare_roles);
    for (int i = 0; i < roles->count; i++)
        title = arena_format(arena, "%s%s%s: %s", title, i ? ", " : "", sorted[i].name,
                             sorted[i].value);
    return arena_format(arena, "%s}", title);
}
