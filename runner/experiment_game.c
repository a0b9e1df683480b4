/*
 * Reading the game: phases, those of one name joined.
 *
 * Joined phases become one: their minimands add; lets, sets and reports of one name must be the
 * same; whatever else both give must be equal.
 */
#include <string.h>

#include "runner/experiment_roles.h"

/* ---- terms -------------------------------------------------------------------------------------
 */

bool experiment_read_term(struct experiment_reading *r, const struct config *value,
                          const char *name, struct part part, struct game_term *term) {
    const struct expression *e =
        roles_expression(r->arena, part.roles, expression_parse(value, r->diagnostics));
    *term = (struct game_term){name, e, part.constants, part.objective,
                               *roles_origin(r->arena, part.roles, &value->origin)};
    if (!e) r->x->poison.phases = true;
    return e;
}

/* Whether two expressions mean the same: equal text, and equal numbers behind parameters' names. */
static bool same_meaning(const struct expression *a, const struct constants *in_a,
                         const struct expression *b, const struct constants *in_b) {
    if (a->kind != b->kind || a->operator!= b->operator|| a->count != b->count) return false;
    if (a->kind == EXPRESSION_NUMBER && a->number != b->number) return false;
    if ((a->name || b->name) && (!a->name || !b->name || strcmp(a->name, b->name) != 0))
        return false;
    if (a->kind == EXPRESSION_NAME) {
        const struct constant *x = constants_find(in_a, a->name),
                              *y = constants_find(in_b, b->name);
        if (!x != !y || (x && (x->number != y->number || x->expression != y->expression)))
            return false;
    }
    for (int i = 0; i < a->count; i++) {
        const char *k = a->keyword ? a->keyword[i] : NULL, *l = b->keyword ? b->keyword[i] : NULL;
        if (!k != !l || (k && strcmp(k, l) != 0)) return false;
        if (!a->part[i] != !b->part[i]) return false;
        if (a->part[i] && !same_meaning(a->part[i], in_a, b->part[i], in_b)) return false;
    }
    return true;
}

static bool same_term(const struct game_term *a, const struct game_term *b) {
    if (!a->expression || !b->expression) return true;
    return same_meaning(a->expression, a->constants, b->expression, b->constants);
}

/* Adds a term; one of its name must be the same. */
static void add_term(struct experiment_reading *r, struct game_terms *terms, struct game_term term,
                     const char *what) {
    for (int i = 0; term.name && i < terms->count; i++) {
        if (strcmp(terms->list[i].name, term.name) != 0) continue;
        if (!same_term(&terms->list[i], &term))
            experiment_fail(
                r, &term.origin,
                "joined phases must agree; 'roles' of an objective rename what it names",
                "%s '%s' is something else in an objective joined with this one", what, term.name);
        return;
    }
    terms->list = ARENA_GROW(r->arena, terms->list, terms->count);
    terms->list[terms->count++] = term;
}

/* What is reported of an objective with roles is one of several: its phase tells which. */
static const char *term_name(struct experiment_reading *r, struct part part, const char *what,
                             const char *name) {
    bool report = part.roles && !strcmp(what, "report");
    return report ? arena_format(r->arena, "%s.%s", part.phase, name) : name;
}

void experiment_read_terms(struct experiment_reading *r, struct config *value, const char *what,
                           struct part part, struct game_terms *terms) {
    struct config *map;
    if (!experiment_map(r, value, what, &map)) r->x->poison.values = r->x->poison.phases = true;
    if (!map) return;
    for (int i = 0; i < map->count; i++) {
        struct game_term term;
        const struct config *key = roles_key(r->arena, part.roles, map->keys[i]);
        bool named = !strcmp(what, "set") || experiment_check_name(r, key, what, false);
        if (named && constants_find(part.constants, key->text))
            experiment_fail(r, &key->origin, NULL, "'%s' is a parameter already", key->text);
        experiment_read_term(r, map->items[i], term_name(r, part, what, key->text), part, &term);
        if (named) add_term(r, terms, term, what);
    }
}

/* A term that there can be one of: repeat, every, when, batch, project. */
static void read_single(struct experiment_reading *r, const struct config *value, const char *what,
                        struct part part, struct game_term *single) {
    struct game_term term;
    if (!value || value->kind == CONFIG_NULL || !experiment_read_term(r, value, NULL, part, &term))
        return;
    if (!single->expression)
        *single = term;
    else if (!same_term(single, &term))
        experiment_fail(r, &term.origin, "joined phases must agree but for what they minimize",
                        "'%s' is something else in an objective joined with this one", what);
}

/* ---- phases ------------------------------------------------------------------------------------
 */

static bool check_update(struct experiment_reading *r, const struct origin *at, struct texts update,
                         struct part part) {
    bool good = update.count > 0;
    const char *hint = *part.objective
                           ? "'roles' of an objective say who plays: {roles: {generator: g}}"
                           : "a phase updates the network of its name, or those of 'update:'";
    if (!good) experiment_fail(r, at, NULL, "'update' names no network");
    for (int i = 0; i < update.count; i++) {
        const char *path = update.list[i];
        const char *head = arena_text_range(r->arena, path, strcspn(path, "/"));
        good = experiment_check_network(
                   r, at, head, hint,
                   arena_format(r->arena, "there is no network '%s' to update", head)) &&
               good;
    }
    return good;
}

/* What a phase or player says that it updates: without `update`, the network of its name. */
static bool read_update(struct experiment_reading *r, const struct config *key,
                        const struct config *update, struct part part, struct texts *paths) {
    const struct origin *at = &key->origin;
    if (update) {
        if (!experiment_texts(r, update, "'update'", paths)) return false;
        *paths = roles_paths(r->arena, part.roles, *paths);
        at = roles_origin(r->arena, part.roles, &update->origin);
    } else {
        const char **one = ARENA_NEW(r->arena, const char *);
        *one = key->text;
        *paths = (struct texts){1, one};
    }
    return check_update(r, at, *paths, part);
}

/* Those of `more` that are not there yet. */
static void add_paths(struct arena *arena, struct texts *paths, struct texts more) {
    for (int i = 0; i < more.count; i++) {
        int k = 0;
        while (k < paths->count && strcmp(paths->list[k], more.list[i]) != 0)
            k++;
        if (k < paths->count) continue;
        const char **list = ARENA_ARRAY(arena, const char *, paths->count + 1);
        if (k) memcpy(list, paths->list, (size_t)k * sizeof *list);
        list[paths->count++] = more.list[i];
        paths->list = list;
    }
}

static struct game_player *find_player(struct experiment_reading *r, struct phase *phase,
                                       const char *name, const struct config *key) {
    for (int i = 0; i < phase->players_count; i++)
        if (!strcmp(phase->players[i].name, name)) return &phase->players[i];
    phase->players = ARENA_GROW(r->arena, phase->players, phase->players_count);
    struct game_player *player = &phase->players[phase->players_count++];
    *player = (struct game_player){.name = name, .origin = key->origin};
    return player;
}

/* What is updated on what: of a phase (`name` is empty), or of one of its players. `key` is the network's name if there is no
 * `update`. */
static void read_player(struct experiment_reading *r, struct phase *phase, const char *name,
                        const struct config *key, const struct config *map, struct part part) {
    const struct config *update = config_get(map, "update"),
                        *minimize = config_get(map, "minimize");
    struct game_player *player = find_player(r, phase, name, key);
    struct texts paths = {0};
    bool good = true;
    if (update || minimize) good = read_update(r, key, update, part, &paths);
    add_paths(r->arena, &player->update, paths);
    struct game_term term;
    if (minimize) {
        good = experiment_read_term(r, minimize, NULL, part, &term) && good;
        add_term(r, &player->minimize, term, "minimize");
    }
    read_single(r, config_get(map, "project"), "project", part, &player->project);
    if (!good) player->poisoned = phase->poisoned = r->x->poison.phases = true;
}

static struct phase *find_phase(struct experiment_reading *r, const struct config *key) {
    struct experiment *x = r->x;
    for (int i = 0; i < x->phases_count; i++)
        if (!strcmp(x->phases[i].name, key->text)) return &x->phases[i];
    x->phases = ARENA_GROW(r->arena, x->phases, x->phases_count);
    struct phase *phase = &x->phases[x->phases_count++];
    *phase = (struct phase){.name = key->text, .origin = key->origin};
    return phase;
}

static bool read_players(struct experiment_reading *r, struct phase *phase,
                         const struct config *map, const char *what, struct part part) {
    struct config *players;
    bool good = true;
    if (config_get(map, "minimize"))
        good = experiment_fail(r, &config_key(map, "minimize")->origin, NULL,
                               "%s has players, so they minimize", what);
    if (!experiment_map(r, config_get(map, "players"), "'players'", &players)) return false;
    for (int i = 0; players && i < players->count; i++) {
        const struct config *key = roles_key(r->arena, part.roles, players->keys[i]);
        const struct config *player = players->items[i];
        if (!experiment_check_name(r, key, "a player", false)) {
            good = false;
            continue;
        }
        if (player->kind == CONFIG_MAP) experiment_check_keys(r, player, "a player", player_keys);
        if (!config_get(player, "minimize"))
            good = experiment_fail(r, &key->origin, NULL, "player '%s' lacks its 'minimize'",
                                   key->text);
        else
            read_player(r, phase, key->text, key, player, part);
    }
    return good;
}

static bool read_phase(struct experiment_reading *r, const struct config *written,
                       struct config *value, struct part part) {
    struct config *map;
    const struct config *network = roles_key(r->arena, part.roles, written), *key = network;
    if (roles_have(part.phase_names, written->text))
        key = roles_key(r->arena, part.phase_names, written);
    const char *what = arena_format(r->arena, "phase '%s'", key->text);
    if (!experiment_check_name(r, key, "a phase", false) || !experiment_map(r, value, what, &map))
        return false;
    if (!map) return experiment_fail(r, &key->origin, NULL, "%s is empty", what);
    experiment_check_keys(r, map, what, phase_keys);
    struct phase *phase = find_phase(r, key);
    part.phase = key->text;
    experiment_read_terms(r, config_get(map, "let"), "let", part, &phase->let);
    experiment_read_terms(r, config_get(map, "set"), "set", part, &phase->set);
    experiment_read_terms(r, config_get(map, "report"), "report", part, &phase->report);
    read_single(r, config_get(map, "repeat"), "repeat", part, &phase->repeat);
    read_single(r, config_get(map, "every"), "every", part, &phase->every);
    read_single(r, config_get(map, "when"), "when", part, &phase->when);
    read_single(r, config_get(map, "batch"), "batch", part, &phase->batch);
    if (!config_get(map, "players")) {
        bool plays =
            config_get(map, "minimize") || config_get(map, "project") || config_get(map, "update");
        if (plays) read_player(r, phase, "", network, map, part);
        return true;
    }
    bool good = read_players(r, phase, map, what, part);
    if (!good) phase->poisoned = true;
    return good;
}

void experiment_add_phases(struct experiment_reading *r, const struct config *phases,
                           struct part part) {
    for (int i = 0; i < phases->count; i++)
        if (!read_phase(r, phases->keys[i], phases->items[i], part)) r->x->poison.phases = true;
}

/* ---- the section -------------------------------------------------------------------------------
 */

/* What there is to play. */
static bool check_phases(struct experiment_reading *r, const struct origin *at) {
    struct experiment *x = r->x;
    for (int i = 0; i < x->phases_count; i++) {
        const struct phase *phase = &x->phases[i];
        bool learns = phase->poisoned;
        for (int k = 0; k < phase->players_count; k++)
            learns = learns || phase->players[k].minimize.count;
        if (!learns && phase->players_count)
            experiment_fail(r, &phase->origin, "add 'minimize: …'",
                            "phase '%s' updates nothing: it has no 'minimize'", phase->name);
        else if (!learns && !phase->set.count && !phase->report.count)
            experiment_fail(r, &phase->origin, "add 'minimize: …', or 'set:'",
                            "phase '%s' does nothing", phase->name);
    }
    if (x->phases_count > PHASES_MOST) {
        x->phases_count = PHASES_MOST;
        return experiment_fail(r, at, NULL, "a game has at most %d phases", (int)PHASES_MOST);
    }
    return x->phases_count || x->poison.phases ||
           experiment_fail(r, at, NULL, "the game has no phases");
}

static bool read_game(struct experiment_reading *r, struct config *section) {
    struct config *map, *phases, *used = config_new_map(r->arena), *all = config_new_list(r->arena);
    if (!experiment_map_like(r, section, "'game'", "game: {objective: non-saturating}", &map))
        return false;
    if ((!map || !map->count) && r->diagnostics->partial) return false;
    if (!map || !map->count)
        return experiment_fail(r, section ? &section->origin : &r->root->origin,
                               "add 'game: {objective: non-saturating}', say",
                               "there is no 'game:'");
    experiment_check_keys(r, map, "'game'", game_keys);
    struct config *objective = config_get(map, "objective");
    experiment_read_objectives(r, objective, config_get(map, "roles"), all);
    if (all->count) config_add(r->arena, used, "objective", all);
    bool good = experiment_map(r, config_get(map, "phases"), "'phases'", &phases);
    if (phases) {
        experiment_add_phases(r, phases,
                              (struct part){.constants = r->x->constants, .objective = ""});
        config_add(r->arena, used, "phases", phases);
    }
    config_add(r->arena, r->resolved, "game", used);
    return check_phases(r, &section->origin) && good;
}

void experiment_read_game(struct experiment_reading *r, struct config *section) {
    if (!read_game(r, section)) r->x->poison.phases = true;
}
