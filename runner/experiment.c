/*
 * Reading an experiment: the sections of the file, each value by its row; see experiment.h.
 *
 * A wrong value is reported and poisoned, so that all mistakes are told at once.
 */
#include "runner/experiment.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "runner/experiment_parts.h"
#include "runner/function.h"
#include "runner/game.h"
#include "runner/read.h"

/* ---- constants ---------------------------------------------------------------------------------
 */

static const struct constant *find_here(const struct constants *c, const char *name) {
    for (int i = 0; i < c->count; i++)
        if (!strcmp(c->list[i].name, name)) return &c->list[i];
    return NULL;
}

static bool number_look_up(const struct scope *scope, const char *name, double *number) {
    const struct constant *found = find_here(scope->context, name);
    if (found) *number = found->number;
    return found && !found->expression && !found->adjustable;
}

static bool schedule_look_up(const struct scope *scope, const char *name, double *number) {
    *number = 1;
    return find_here(scope->context, name);
}

static void constant_names(const struct scope *scope, struct nearest *nearest) {
    const struct constants *c = scope->context;
    for (int i = 0; i < c->count; i++)
        nearest_try(nearest, c->list[i].name);
}

static const struct origin *number_given(const struct scope *scope, const char *name) {
    return find_here(scope->context, name)->origin;
}

struct constants *constants_new(struct arena *arena, const struct constants *outer) {
    struct constants *c = ARENA_NEW(arena, struct constants);
    c->outer = outer;
    c->scope = (struct scope){.look_up = number_look_up,
                              .names = constant_names,
                              .given = number_given,
                              .outer = &c->schedule,
                              .context = c};
    c->schedule = (struct scope){.look_up = schedule_look_up,
                                 .outer = outer ? &outer->scope : NULL,
                                 .context = c,
                                 .changes = true};
    return c;
}

void constants_add(struct arena *arena, struct constants *constants, struct constant constant) {
    constants->list = ARENA_GROW(arena, constants->list, constants->count);
    constants->list[constants->count++] = constant;
}

const struct constant *constants_find(const struct constants *constants, const char *name) {
    const struct constant *found = NULL;
    for (; constants && !found; constants = constants->outer)
        found = find_here(constants, name);
    return found;
}

/* Names that change while training, each as some number. */
static bool clock_look_up(const struct scope *scope, const char *name, double *number) {
    static const char *const names[] = {"step", "epoch", "images", "updates"};
    const struct experiment *x = scope->context;
    *number = 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    for (int i = 0; i < x->states_count; i++)
        if (!strcmp(name, x->states[i].name) && !x->states[i].shape.rank) return true;
    *number = (double)NAN;
    return x->poison.values || experiment_is_poisoned(x, name);
}

static void clock_names(const struct scope *scope, struct nearest *nearest) {
    const struct experiment *x = scope->context;
    nearest_try(nearest, "step");
    nearest_try(nearest, "epoch");
    nearest_try(nearest, "images");
    for (int i = 0; i < x->states_count; i++)
        nearest_try(nearest, x->states[i].name);
}

/* ---- what all sections need --------------------------------------------------------------------
 */

bool experiment_fail(struct experiment_reading *r, const struct origin *at, const char *hint,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(r->arena, format, arguments);
    va_end(arguments);
    /* A copy: many origins lie in what is still being read, on the stack. */
    const struct origin *kept = at ? arena_copy(r->arena, at, sizeof *at) : NULL;
    return diagnostics_add(r->diagnostics, kept, hint, "%s", message);
}

bool experiment_not_yet(struct experiment_reading *r, const struct config *key, const char *why) {
    return experiment_fail(r, &key->origin, NULL, "'%s' is not there yet: %s", key->text, why);
}

bool experiment_check_keys(struct experiment_reading *r, const struct config *map, const char *what,
                           const struct key_row *keys) {
    struct config *rest = config_new_map(r->arena);
    int count = 0;
    struct known_key *known = NULL;
    bool good = true;
    for (const struct key_row *row = keys; row->is.name; row++) {
        known = ARENA_GROW(r->arena, known, count);
        if (!row->later) known[count++] = (struct known_key){row->is.name, row->is.aliases};
    }
    known = ARENA_GROW(r->arena, known, count);
    known[count] = (struct known_key){0};
    for (int i = 0; i < map->count; i++) {
        const struct key_row *row = key_find(keys, map->keys[i]->text);
        if (row && row->later)
            good = experiment_not_yet(r, map->keys[i], row->later);
        else
            config_add_entry(r->arena, rest, map->keys[i], map->items[i]);
    }
    return config_check_keys(rest, what, known, r->diagnostics) && good;
}

bool experiment_value(struct experiment_reading *r, const struct config *map, const char *what,
                      const struct key_row *keys, const char *name, void *destination) {
    const struct config *value = config_get(map, name);
    return value && read_value(value, &key_find(keys, name)->is, what, destination,
                               &r->x->constants->scope, NULL, r->diagnostics);
}

bool experiment_is_reserved(const char *name) {
    static const char *const words[] = {"previous", "mode",  "state",  "axis",    "per",
                                        "step",     "epoch", "images", "updates", "weights",
                                        "and",      "or",    "not",    "true",    "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(name, words[i])) return true;
    return false;
}

bool experiment_check_name(struct experiment_reading *r, const struct config *key, const char *what,
                           bool callable) {
    const char *name = key->text ? key->text : "";
    if (!text_is_name(name))
        return experiment_fail(r, &key->origin,
                               "names are of a-z, 0-9 and _, and begin with a letter or _",
                               "'%s' cannot be the name of %s", text_excerpt(r->arena, name), what);
    if (experiment_is_reserved(name))
        return experiment_fail(r, &key->origin, NULL,
                               "'%s' is a reserved word and cannot be the name of %s", name, what);
    if (callable && (function_find(name) || host_function_find(name)))
        return experiment_fail(r, &key->origin, "give it another name",
                               "'%s' is a function, so it cannot be the name of %s", name, what);
    return true;
}

bool experiment_map(struct experiment_reading *r, struct config *value, const char *what,
                    struct config **map) {
    return experiment_map_like(r, value, what, NULL, map);
}

bool experiment_map_like(struct experiment_reading *r, struct config *value, const char *what,
                         const char *example, struct config **map) {
    *map = NULL;
    if (!value || value->kind == CONFIG_NULL) return true;
    bool items = value->kind == CONFIG_LIST && value->count && value->items[0]->kind == CONFIG_MAP;
    const char *hint = example ? arena_format(r->arena, "as in '%s'", example) : NULL;
    if (items && !value->flow) hint = "its keys stand without '- '";
    if (value->kind != CONFIG_MAP)
        return experiment_fail(r, &value->origin, hint, "%s must be a map, but is %s", what,
                               config_kind_name(value->kind));
    *map = value;
    return true;
}

bool experiment_number(struct experiment_reading *r, const struct config *value,
                       const struct constants *constants, double *number) {
    const struct parameter row = {.name = "value", .type = PARAMETER_NUMBER};
    return read_value(value, &row, "this", number, &constants->scope, NULL, r->diagnostics);
}

const struct origin *experiment_given_at(const struct config *value,
                                         const struct constants *constants) {
    const struct constant *named =
        value->kind == CONFIG_TEXT ? constants_find(constants, value->text) : NULL;
    return named ? named->origin : &value->origin;
}

bool experiment_texts(struct experiment_reading *r, const struct config *value, const char *what,
                      struct texts *texts) {
    const struct parameter row = {.name = "of", .type = PARAMETER_TEXTS};
    *texts = (struct texts){0};
    return read_value(value, &row, what, texts, &r->x->constants->scope, NULL, r->diagnostics);
}

bool experiment_options(struct experiment_reading *r, const struct config *value,
                        const struct origin *origin, const char *what, const struct parameter *rows,
                        void *options, const struct constants *constants,
                        struct config **resolved) {
    *resolved = config_new_map(r->arena);
    return read_parameters(value, origin, what, rows, options, &constants->scope, *resolved,
                           r->diagnostics);
}

void experiment_poison_value(struct experiment_reading *r, const char *name) {
    struct experiment_poison *poison = &r->x->poison;
    poison->names = ARENA_GROW(r->arena, poison->names, poison->count);
    poison->names[poison->count++] = name;
}

bool experiment_is_poisoned(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->poison.count; i++)
        if (!strcmp(experiment->poison.names[i], name)) return true;
    return false;
}

bool experiment_check_network(struct experiment_reading *r, const struct origin *at,
                              const char *name, const char *hint, const char *message) {
    const struct experiment *x = r->x;
    if (experiment_network(x, name)) return true;
    if (x->poison.callables) return false;
    struct nearest nearest = {.wanted = name};
    for (int i = 0; i < x->networks_count; i++)
        nearest_try(&nearest, x->networks[i].name);
    return experiment_fail(r, at, nearest.name ? nearest_hint(r->arena, &nearest) : hint, "%s",
                           message);
}

const struct network *experiment_network(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->networks_count; i++)
        if (!strcmp(experiment->networks[i].name, name)) return &experiment->networks[i];
    return NULL;
}

/* ---- sections ----------------------------------------------------------------------------------
 */

static void read_constants(struct experiment_reading *r, struct config *section) {
    struct config *map, *used = config_new_map(r->arena);
    if (!experiment_map(r, section, "'parameters'", &map)) r->x->poison.values = true;
    for (int i = 0; map && i < map->count; i++) {
        struct constant constant = {.name = map->keys[i]->text,
                                    .origin = experiment_given_at(map->items[i], r->x->constants)};
        if (!experiment_check_name(r, map->keys[i], "a parameter", false)) continue;
        if (!experiment_number(r, map->items[i], r->x->constants, &constant.number))
            constant.number = (double)NAN;
        constants_add(r->arena, r->x->constants, constant);
        config_add(r->arena, used, constant.name, config_new_number(r->arena, constant.number));
    }
    if (map) config_add(r->arena, r->resolved, "parameters", used);
}

/* A number, or `random`: one of the system's, short enough for the name of a folder. */
static uint64_t read_seed(struct experiment_reading *r) {
    const struct config *seed = config_get(r->root, "seed");
    int64_t value = 0;
    uint32_t drawn;
    if (seed && seed->kind == CONFIG_TEXT && !strcmp(seed->text, "random")) {
        if (getentropy(&drawn, sizeof drawn) == 0) return drawn;
        experiment_fail(r, &seed->origin, "write a number", "the system has no random numbers");
    } else {
        experiment_value(r, r->root, "the experiment", seed_keys, "seed", &value);
    }
    return (uint64_t)value;
}

/* `name:` is also the name of the run's folder. The default: the file's. */
static void read_head(struct experiment_reading *r) {
    struct experiment *x = r->x;
    const struct config *name = config_get(r->root, "name");
    const struct source *source = r->root->origin.source;
    const char *path = source && source->name ? source->name : "experiment";
    const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    x->name = arena_text_range(r->arena, file, strcspn(file, "."));
    if (name && name->kind == CONFIG_TEXT) {
        size_t good = strspn(name->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-.");
        if (!*name->text || name->text[good] || *name->text == '.' || strlen(name->text) > 100)
            experiment_fail(r, &name->origin, "letters, digits, '-', '_' and '.' are allowed",
                            "'%s' cannot be a name: it names a folder",
                            text_excerpt(r->arena, name->text));
        else
            x->name = name->text;
    } else if (name) {
        experiment_fail(r, &name->origin, NULL, "'name' must be text, but is %s",
                        config_kind_name(name->kind));
    }
    x->seed = read_seed(r);
    config_add(r->arena, r->resolved, "name", config_new_text(r->arena, x->name));
    config_add(r->arena, r->resolved, "seed", config_new_number(r->arena, (double)x->seed));
}

/* ---- all ---------------------------------------------------------------------------------------
 */

/* A name of a value, what it is, and the section whose key it is; NULL: none's, data bind it. */
struct claim {
    const char *name, *what, *section;
};
struct claims {
    int count;
    struct claim *list;
};

static void claim(struct experiment_reading *r, struct claims *claims, const char *name,
                  const char *what, const char *section) {
    claims->list = ARENA_GROW(r->arena, claims->list, claims->count);
    claims->list[claims->count++] = (struct claim){name, what, section};
}

/* What the only stream, which has no name, binds. */
static void claim_bound(struct experiment_reading *r, struct claims *claims,
                        const struct experiment_data *data) {
    claim(r, claims, data->examples, "a batch of the data", NULL);
    if (data->condition) claim(r, claims, data->condition, "what stands beside the data", NULL);
    if (data->dataset.classes) claim(r, claims, data->labels, "the class of the data", NULL);
}

/* Reports two that have one name, at the key of the second. */
static void report_clash(struct experiment_reading *r, const struct claim *first,
                         const struct claim *second) {
    const struct config *key = config_key(config_get(r->root, second->section), second->name);
    experiment_fail(
        r, &key->origin, arena_format(r->arena, "take another name, such as '%s_2'", second->name),
        "'%s' is %s already, so it cannot be %s", second->name, first->what, second->what);
    experiment_poison_value(r, second->name);
}

/* One name may mean one value only. Runs of older versions may hide what the data bind, and go on with it. */
static void check_clashes(struct experiment_reading *r) {
    const struct experiment *x = r->x;
    struct claims claims = {0};
    for (int i = 0; i < x->data_count; i++)
        if (!*x->data[i].name && !r->known) claim_bound(r, &claims, &x->data[i]);
    for (int i = 0; i < x->constants->count; i++)
        claim(r, &claims, x->constants->list[i].name, "a parameter", "parameters");
    for (int i = 0; i < x->data_count; i++)
        if (*x->data[i].name) claim(r, &claims, x->data[i].name, "a data stream", "data");
    for (int i = 0; i < x->latents_count; i++)
        claim(r, &claims, x->latents[i].name, "a latent", "latent");
    for (int i = 0; i < x->states_count; i++)
        claim(r, &claims, x->states[i].name, "state", "state");
    for (int i = 0; i < claims.count; i++) {
        int k = 0;
        while (strcmp(claims.list[k].name, claims.list[i].name) != 0)
            k++;
        if (k < i) report_clash(r, &claims.list[k], &claims.list[i]);
    }
}

struct experiment *experiment_read(struct config *root, const char *const *folders,
                                   struct arena *arena, struct diagnostics *diagnostics) {
    return experiment_read_known(root, folders, NULL, NULL, arena, diagnostics);
}

struct experiment *experiment_read_known(struct config *root, const char *const *folders,
                                         const struct known_data *known,
                                         const struct dataset_listener *listener,
                                         struct arena *arena, struct diagnostics *diagnostics) {
    struct experiment *x = ARENA_NEW(arena, struct experiment);
    struct experiment_reading r = {
        x, root, folders, arena, diagnostics, config_new_map(arena), known, listener};
    if (!root || root->kind != CONFIG_MAP) {
        diagnostics_add(diagnostics, root ? &root->origin : NULL, NULL,
                        "an experiment is a map of sections: name, data, networks, game, …");
        return NULL;
    }
    if (config_get(root, "phases") && !config_get(root, "networks") && !config_get(root, "game")) {
        diagnostics_add(
            diagnostics, &config_key(root, "phases")->origin,
            "an experiment names it: 'game: {objective: hinge}', or the path of its file",
            "this is an objective, not an experiment");
        return NULL;
    }
    int before = diagnostics->count + diagnostics->dropped;
    if (diagnostics->partial)
        x->poison = (struct experiment_poison){.values = true,
                                               .callables = true,
                                               .optimizers = true,
                                               .phases = true,
                                               .batch = true,
                                               .blocks = true};
    x->arena = arena;
    x->clock = (struct scope){
        .look_up = clock_look_up, .names = clock_names, .context = x, .changes = true};
    x->constants = constants_new(arena, NULL);
    x->constants->schedule.outer = &x->clock;
    x->resolved = r.resolved;
    experiment_check_keys(&r, root, "an experiment", experiment_keys);
    read_head(&r);
    read_constants(&r, config_get(root, "parameters"));
    experiment_read_states(&r, config_get(root, "state"));
    experiment_read_data(&r, config_get(root, "data"));
    experiment_read_latents(&r, config_get(root, "latent"));
    experiment_read_blocks(&r, config_get(root, "blocks"));
    x->defaults = experiment_read_defaults(&r, config_get(root, "defaults"));
    if (x->defaults) config_add(arena, r.resolved, "defaults", (struct config *)x->defaults);
    experiment_read_networks(&r, config_get(root, "networks"));
    experiment_finish_blocks(&r);
    experiment_read_optimizers(&r);
    experiment_read_averages(&r, config_get(root, "averages"));
    experiment_read_game(&r, config_get(root, "game"));
    experiment_read_loads(&r, config_get(root, "load"));
    experiment_read_samplers(&r, config_get(root, "samplers"));
    experiment_read_outputs(&r, root);
    check_clashes(&r);
    x->poison.any = diagnostics->partial || diagnostics->count + diagnostics->dropped != before;
    return x;
}

struct config *experiment_resolved(const struct experiment *experiment) {
    return experiment->resolved;
}
