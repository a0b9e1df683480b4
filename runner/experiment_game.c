/*
 * Reading the game: objectives from their files, and phases, those of one name joined.
 *
 * Joined phases become one: their minimands add; lets, sets and reports of one name must be the
 * same; whatever else both give must be equal.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "runner/experiment_parts.h"
#include "runner/read.h"

/* ---- terms -------------------------------------------------------------------------------------
 */

/* Which objective a phase comes from. */
struct part {
    const struct constants *constants;
    const char *objective;
};

static bool read_term(struct experiment_reading *r, const struct config *value, const char *name,
                      struct part part, struct game_term *term) {
    const struct expression *e = expression_parse(value, r->diagnostics);
    if (!e) return r->good = false;
    *term = (struct game_term){name, e, part.constants, part.objective, value->origin};
    return true;
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
    return same_meaning(a->expression, a->constants, b->expression, b->constants);
}

/* Adds a term; one of its name must be the same. */
static void add_term(struct experiment_reading *r, struct game_terms *terms, struct game_term term,
                     const char *what) {
    for (int i = 0; term.name && i < terms->count; i++) {
        if (strcmp(terms->list[i].name, term.name) != 0) continue;
        if (!same_term(&terms->list[i], &term))
            experiment_fail(r, &term.origin, "joined phases must agree; rename one of them",
                            "%s '%s' is something else in an objective joined with this one", what,
                            term.name);
        return;
    }
    terms->list = ARENA_GROW(r->arena, terms->list, terms->count);
    terms->list[terms->count++] = term;
}

/* A map of names to expressions: let, set, report. */
static void read_terms(struct experiment_reading *r, struct config *value, const char *what,
                       struct part part, struct game_terms *terms) {
    struct config *map;
    if (!experiment_map(r, value, what, &map) || !map) return;
    for (int i = 0; i < map->count; i++) {
        struct game_term term;
        bool named = !strcmp(what, "set") || experiment_check_name(r, map->keys[i], what, false);
        if (named && constants_find(part.constants, map->keys[i]->text))
            experiment_fail(r, &map->keys[i]->origin, NULL, "'%s' is a parameter already",
                            map->keys[i]->text);
        if (!read_term(r, map->items[i], map->keys[i]->text, part, &term) || !named) continue;
        if (!strcmp(what, "let") && map->items[i]->kind >= CONFIG_LIST) continue;
        add_term(r, terms, term, what);
    }
}

/* A term that there can be one of: repeat, every, when, batch, project. */
static void read_single(struct experiment_reading *r, const struct config *value, const char *what,
                        struct part part, struct game_term *single) {
    struct game_term term;
    if (!value || value->kind == CONFIG_NULL || !read_term(r, value, NULL, part, &term)) return;
    if (!single->expression)
        *single = term;
    else if (!same_term(single, &term))
        experiment_fail(r, &term.origin, "joined phases must agree but for what they minimize",
                        "'%s' is something else in an objective joined with this one", what);
}

/* ---- phases ------------------------------------------------------------------------------------
 */

static void check_update(struct experiment_reading *r, const struct origin *at,
                         struct texts update) {
    const struct experiment *x = r->x;
    for (int i = 0; i < update.count; i++) {
        const char *path = update.list[i];
        const char *head = arena_text_range(r->arena, path, strcspn(path, "/"));
        if (experiment_network(x, head)) continue;
        struct nearest nearest = {.wanted = head};
        for (int k = 0; k < x->networks_count; k++)
            nearest_try(&nearest, x->networks[k].name);
        const char *hint = experiment_hint(r, &nearest);
        experiment_fail(
            r, at, hint ? hint : "a phase updates the network of its name, or those of 'update:'",
            "there is no network '%s' to update", head);
    }
}

static bool same_texts(struct texts a, struct texts b) {
    bool same = a.count == b.count;
    for (int i = 0; same && i < a.count; i++)
        same = !strcmp(a.list[i], b.list[i]);
    return same;
}

/* What is updated on what: of a phase, or of one of its players. */
static void read_player(struct experiment_reading *r, struct phase *phase, const char *name,
                        const struct config *key, const struct config *map, struct part part) {
    struct game_player new = {.name = name, .origin = key->origin}, *player = NULL;
    const struct config *update = config_get(map, "update"),
                        *minimize = config_get(map, "minimize");
    if (update) {
        new.update = experiment_texts(r, update, "'update'");
    } else {
        const char **one = ARENA_NEW(r->arena, const char *);
        *one = *name ? name : phase->name;
        new.update = (struct texts){1, one};
    }
    if (minimize) check_update(r, update ? &update->origin : &key->origin, new.update);
    for (int i = 0; i < phase->players_count; i++)
        if (!strcmp(phase->players[i].name, name)) player = &phase->players[i];
    if (player && minimize && !same_texts(player->update, new.update)) {
        experiment_fail(r, &key->origin, NULL, "joined phases '%s' update different networks",
                        phase->name);
    } else if (!player) {
        phase->players = ARENA_GROW(r->arena, phase->players, phase->players_count);
        player = &phase->players[phase->players_count++];
        *player = new;
    }
    struct game_term term;
    if (minimize && read_term(r, minimize, NULL, part, &term))
        add_term(r, &player->minimize, term, "minimize");
    read_single(r, config_get(map, "project"), "project", part, &player->project);
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

static void read_phase(struct experiment_reading *r, const struct config *key, struct config *value,
                       struct part part) {
    struct config *map, *players;
    const char *what = arena_format(r->arena, "phase '%s'", key->text);
    if (!experiment_check_name(r, key, "a phase", false)) return;
    if (!experiment_map(r, value, what, &map) || !map) {
        if (!map) experiment_fail(r, &key->origin, NULL, "%s is empty", what);
        return;
    }
    if (config_get(map, "accumulate"))
        experiment_not_yet(r, config_key(map, "accumulate"), "gradients of one batch are used");
    experiment_check_keys(r, map, what,
                          "update minimize let set report project players repeat every when "
                          "batch accumulate");
    struct phase *phase = find_phase(r, key);
    read_terms(r, config_get(map, "let"), "let", part, &phase->let);
    read_terms(r, config_get(map, "set"), "set", part, &phase->set);
    read_terms(r, config_get(map, "report"), "report", part, &phase->report);
    read_single(r, config_get(map, "repeat"), "repeat", part, &phase->repeat);
    read_single(r, config_get(map, "every"), "every", part, &phase->every);
    read_single(r, config_get(map, "when"), "when", part, &phase->when);
    read_single(r, config_get(map, "batch"), "batch", part, &phase->batch);
    if (!config_get(map, "players")) {
        bool plays = config_get(map, "minimize") || config_get(map, "project");
        if (plays) read_player(r, phase, "", key, map, part);
        return;
    }
    if (config_get(map, "minimize"))
        experiment_fail(r, &config_key(map, "minimize")->origin, NULL,
                        "%s has players, so they minimize", what);
    if (!experiment_map(r, config_get(map, "players"), "'players'", &players) || !players) return;
    for (int i = 0; i < players->count; i++) {
        const struct config *player = players->items[i];
        if (!experiment_check_name(r, players->keys[i], "a player", false)) continue;
        if (player->kind != CONFIG_MAP || !config_get(player, "minimize")) {
            experiment_fail(r, &players->keys[i]->origin, NULL, "player '%s' lacks its 'minimize'",
                            players->keys[i]->text);
            continue;
        }
        experiment_check_keys(r, player, "a player", "update minimize project");
        read_player(r, phase, players->keys[i]->text, players->keys[i], player, part);
    }
}

void experiment_add_phases(struct experiment_reading *r, const struct config *phases,
                           const struct constants *constants, const char *objective) {
    struct part part = {constants, objective};
    for (int i = 0; i < phases->count; i++)
        read_phase(r, phases->keys[i], phases->items[i], part);
}

/* ---- objectives --------------------------------------------------------------------------------
 */

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
    for (int i = 0; r->folders && r->folders[i]; i++) {
        DIR *folder = opendir(arena_format(r->arena, "%s/objectives", r->folders[i]));
        for (struct dirent *e; folder && (e = readdir(folder));)
            if (strstr(e->d_name, ".yaml"))
                nearest_try(&nearest, arena_text_range(r->arena, e->d_name,
                                                       strlen(e->d_name) - strlen(".yaml")));
        if (folder) closedir(folder);
    }
    return nearest.name ? arena_format(r->arena, "did you mean '%s'? 'duel objectives' lists them",
                                       nearest.name)
                        : "'duel objectives' lists them; a path to a file will do, too";
}

struct parameter_options {
    double standard;
    struct numbers range;
    const char *doc, *unit;
};
static const struct parameter parameter_rows[] = {
    {.name = "default",
     .type = PARAMETER_NUMBER,
     .offset = offsetof(struct parameter_options, standard),
     .doc = "the value where none is given"},
    {.name = "range",
     .type = PARAMETER_NUMBERS,
     .offset = offsetof(struct parameter_options, range),
     .standard = "[]",
     .doc = "the least and the greatest value allowed"},
    {.name = "doc",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct parameter_options, doc),
     .standard = "",
     .doc = "what it is"},
    {.name = "unit",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct parameter_options, unit),
     .standard = "",
     .doc = "what it is measured in"},
    {0},
};

/* The value of an objective's parameter: a number in its range, or a schedule. */
static void read_given(struct experiment_reading *r, const struct config *given,
                       const struct parameter_options *p, struct constant *constant) {
    const struct constants *outer = r->x->constants;
    const struct expression *e = expression_parse(given, r->diagnostics);
    if (!e || !expression_check_host(e, &outer->scope, r->diagnostics)) {
        r->good = false;
        return;
    }
    constant->where = outer;
    if (!expression_is_constant(e, &outer->scope)) {
        constant->expression = e;
        return;
    }
    struct parameter row = {.name = constant->name, .type = PARAMETER_NUMBER};
    if (p->range.count == 2) {
        row.low = p->range.list[0];
        row.high = p->range.list[1];
    }
    if (!read_value(given, &row, "the objective", &constant->number, &outer->scope, NULL,
                    r->diagnostics))
        r->good = false;
}

/* Its parameters as constants, and as a section that says the same. */
static struct constants *read_parameters_of(struct experiment_reading *r, const char *name,
                                            struct config *objective, const struct config *given,
                                            struct config *used) {
    struct constants *constants = constants_new(r->arena, r->x->constants);
    struct config *map;
    experiment_map(r, config_get(objective, "parameters"), "'parameters'", &map);
    const char **names = ARENA_ARRAY(r->arena, const char *, (map ? map->count : 0) + 1);
    for (int i = 0; map && i < map->count; i++) {
        struct config *row;
        struct constant constant = {.name = map->keys[i]->text};
        names[i] = constant.name;
        if (!experiment_check_name(r, map->keys[i], "a parameter", false)) continue;
        const struct parameter_options *p =
            experiment_options(r, map->items[i], &map->keys[i]->origin,
                               arena_format(r->arena, "parameter '%s'", constant.name),
                               parameter_rows, sizeof *p, r->x->constants, &row);
        const struct config *value = given ? config_get(given, constant.name) : NULL;
        constant.number = p->standard;
        if (value) read_given(r, value, p, &constant);
        constants_add(r->arena, constants, constant);
        struct config *copy = config_new_map(r->arena);
        for (int k = 0; k < row->count; k++)
            if (strcmp(row->keys[k]->text, "default") != 0)
                config_add(r->arena, copy, row->keys[k]->text, row->items[k]);
        config_add(r->arena, copy, "default", config_new_number(r->arena, constant.number));
        config_add(r->arena, used, constant.name, copy);
    }
    if (given && !config_check_keys(given, arena_format(r->arena, "objective '%s'", name), names,
                                    r->diagnostics))
        r->good = false;
    return constants;
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

/* An objective as a map: {name, doc, parameters, phases, given}, from its file or written inline.
 */
static void add_objective(struct experiment_reading *r, const char *name, struct config *objective,
                          const struct config *given, struct config *all) {
    struct config *phases, *parameters = config_new_map(r->arena), *used = config_new_map(r->arena);
    if (config_get(objective, "roles"))
        experiment_not_yet(r, config_key(objective, "roles"), "objectives name networks directly");
    experiment_check_keys(r, objective, arena_format(r->arena, "objective '%s'", name),
                          "name doc parameters phases given roles");
    if (!given) given = config_get(objective, "given");
    if (given && given->kind == CONFIG_NULL) given = NULL;
    if (given && given->kind != CONFIG_MAP) {
        experiment_fail(r, &given->origin, "as in 'objective: {r1: {weight: 5}}'",
                        "the parameters of objective '%s' must be a map", name);
        return;
    }
    struct constants *constants = read_parameters_of(r, name, objective, given, parameters);
    if (!experiment_map(r, config_get(objective, "phases"), "'phases'", &phases) || !phases) {
        experiment_fail(r, &objective->origin, NULL, "objective '%s' has no 'phases'", name);
        return;
    }
    experiment_add_phases(r, phases, constants, name);
    config_add(r->arena, used, "name", config_new_text(r->arena, name));
    config_add(r->arena, used, "parameters", parameters);
    if (given) config_add(r->arena, used, "given", schedules_of(r, constants, given));
    config_add(r->arena, used, "phases", phases);
    config_append(r->arena, all, used);
}

static void load_objective(struct experiment_reading *r, const struct config *name,
                           const struct config *given, struct config *all) {
    const char *path = find_objective(r, name);
    if (!path) {
        experiment_fail(r, &name->origin, nearest_objective(r, name->text),
                        "there is no objective '%s'", text_excerpt(r->arena, name->text));
        return;
    }
    struct config *file = config_load(path, r->folders, NULL, r->diagnostics);
    if (!file || file->kind != CONFIG_MAP) {
        if (file) experiment_fail(r, &name->origin, NULL, "'%s' is no objective", path);
        r->good = false;
        return;
    }
    const char *slash = strrchr(name->text, '/'), *tail = slash ? slash + 1 : name->text;
    add_objective(r, arena_text_range(r->arena, tail, strcspn(tail, ".")), file, given, all);
}

/* hinge, {r1: {weight: 5}}, or the content of a file with its name. */
static void read_objective(struct experiment_reading *r, struct config *item, struct config *all) {
    if (item->kind == CONFIG_TEXT) {
        load_objective(r, item, NULL, all);
    } else if (item->kind == CONFIG_MAP && config_get(item, "phases")) {
        const struct config *name = config_get(item, "name");
        add_objective(r, name && name->text ? name->text : "", item, NULL, all);
    } else if (item->kind == CONFIG_MAP && item->count) {
        for (int i = 0; i < item->count; i++)
            load_objective(r, item->keys[i], item->items[i], all);
    } else {
        experiment_fail(r, &item->origin, "as in 'objective: [hinge, {r1: {weight: 5}}]'",
                        "an objective is named by text or a map");
    }
}

void experiment_read_game(struct experiment_reading *r, struct config *section) {
    struct config *map, *phases, *used = config_new_map(r->arena), *all = config_new_list(r->arena);
    if (!experiment_map(r, section, "'game'", &map)) return;
    if (!map || !map->count) {
        experiment_fail(r, section ? &section->origin : &r->root->origin,
                        "add 'game: {objective: non-saturating}', say", "there is no 'game:'");
        return;
    }
    if (config_get(map, "roles"))
        experiment_not_yet(r, config_key(map, "roles"),
                           "call the networks as the objective's file does");
    experiment_check_keys(r, map, "'game'", "objective phases roles");
    struct config *objective = config_get(map, "objective");
    if (objective && objective->kind == CONFIG_LIST)
        for (int i = 0; i < objective->count; i++)
            read_objective(r, objective->items[i], all);
    else if (objective)
        read_objective(r, objective, all);
    if (all->count) config_add(r->arena, used, "objective", all);
    if (experiment_map(r, config_get(map, "phases"), "'phases'", &phases) && phases) {
        experiment_add_phases(r, phases, r->x->constants, "");
        config_add(r->arena, used, "phases", phases);
    }
    config_add(r->arena, r->resolved, "game", used);
    for (int i = 0; i < r->x->phases_count && r->good; i++) {
        const struct phase *phase = &r->x->phases[i];
        bool learns = false;
        for (int k = 0; k < phase->players_count; k++)
            learns = learns || phase->players[k].minimize.count;
        if (!learns && !phase->set.count && !phase->report.count)
            experiment_fail(r, &phase->origin, "add 'minimize: …', or 'set:'",
                            "phase '%s' does nothing", phase->name);
    }
    if (r->x->phases_count > PHASES_MOST)
        experiment_fail(r, &section->origin, NULL, "a game has at most %d phases",
                        (int)PHASES_MOST);
    if (!r->x->phases_count && r->good)
        experiment_fail(r, &section->origin, NULL, "the game has no phases");
}
