/* Parts of other runs; see load.h. */
#include "runner/load.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/build.h"
#include "runner/store_run.h"

struct loaded_path {
    const char *from, *to;
};

/* What came of one entry. */
struct loaded {
    const char *path; /* the checkpoint's */
    int64_t step;
    int count, left_count, missing_count;
    struct loaded_path *list;
    const char **left;    /* there, of what was asked for, but not here */
    const char **missing; /* here, where something was to go, but not there */
};
struct loading {
    int count;
    struct loaded *list;
};

/* One entry at work. */
struct entry {
    struct session *session;
    const struct experiment_load *load;
    const struct checkpoint *checkpoint;
    struct loaded *loaded;
};

static bool fail(struct entry *entry, const struct origin *at, const char *hint,
                 const char *message) {
    return diagnostics_add(&entry->session->diagnostics, at, hint, "%s", message);
}

/* ---- names on both sides ----------------------------------------------------------------------
 */

/* "generator/linear_1/weight" of "parameters/generator/linear_1/weight"; NULL for what cannot be loaded. */
static const char *source_name(const struct store_array *array) {
    static const char *const groups[] = {"parameters/", "state/", "averages/"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!strncmp(array->path, groups[i], strlen(groups[i])))
            return array->path + strlen(groups[i]);
    return NULL;
}

static bool is_of_network(const struct store_array *array) {
    const char *name = source_name(array);
    return name && strncmp(array->path, "averages/", 9) != 0 && !path_holds("state", name) &&
           !path_holds("ema", name);
}

static int selectors_count(const struct experiment_load *load) {
    return load->of.count ? load->of.count : load->into_count;
}

static const char *selector(const struct experiment_load *load, int i) {
    return load->of.count ? load->of.list[i] : load->into[i].from;
}

/* Whether an array is asked for; those of networks, if nothing is said. */
static bool is_asked(const struct experiment_load *load, const struct store_array *array) {
    const char *name = source_name(array);
    if (!selectors_count(load)) return is_of_network(array);
    for (int i = 0; name && i < selectors_count(load); i++)
        if (path_holds(selector(load, i), name)) return true;
    return false;
}

/* What a path of the run is called here: the longest that holds it decides. */
static const char *name_here(struct arena *arena, const struct experiment_load *load,
                             const char *name) {
    const struct load_into *best = NULL;
    for (int i = 0; i < load->into_count; i++)
        if (path_holds(load->into[i].from, name) &&
            (!best || strlen(load->into[i].from) > strlen(best->from)))
            best = &load->into[i];
    return best ? arena_format(arena, "%s%s", best->to, name + strlen(best->from)) : name;
}

static struct game_variable *variable_here(const struct game *game, const char *name) {
    struct game_variable *v = variable_find(game, name);
    return v && (v->role == ROLE_PARAMETER || v->role == ROLE_STATE) ? v : NULL;
}

/* ---- one array --------------------------------------------------------------------------------
 */

static const char *extents_text(struct arena *arena, const struct store_array *array) {
    struct shape shape = {0};
    if (array->rank > AXES_MOST) return arena_format(arena, "of %d axes", array->rank);
    return shape_text(arena, (shape = shape_make(array->rank, array->extent)));
}

static bool has_shape(const struct store_array *array, struct shape shape) {
    bool same = array->rank == shape.rank;
    for (int i = 0; same && i < shape.rank; i++)
        same = array->extent[i] == shape.extent[i];
    return same && (array->type == STORE_FLOAT32 || array->type == STORE_FLOAT64);
}

static const double *as_doubles(struct arena *arena, const struct store_array *array) {
    if (array->type == STORE_FLOAT64) return array->data;
    const float *src = array->data;
    int64_t count = store_count(array);
    double *values = ARENA_ARRAY(arena, double, count);
    for (int64_t i = 0; i < count; i++)
        values[i] = (double)src[i];
    return values;
}

static bool take(struct entry *entry, const struct store_array *array) {
    struct arena *arena = entry->session->arena;
    struct loaded *loaded = entry->loaded;
    const char *from = source_name(array), *to = name_here(arena, entry->load, from);
    struct game_variable *v = variable_here(entry->session->game, to);
    if (!v) {
        loaded->left = ARENA_GROW(arena, loaded->left, loaded->left_count);
        loaded->left[loaded->left_count++] = from;
        return true;
    }
    for (int i = 0; i < loaded->count; i++)
        if (!strcmp(loaded->list[i].to, to))
            return fail(entry, &entry->load->of_origin, NULL,
                        arena_format(arena, "'%s' and '%s' are both to become '%s'",
                                     loaded->list[i].from, from, to));
    if (!has_shape(array, v->variable.shape))
        return fail(entry, &entry->load->run_origin, "'of' picks the parts that fit",
                    arena_format(arena, "'%s' is %s in that run, but %s%s%s is %s here", from,
                                 extents_text(arena, array), strcmp(from, to) ? "'" : "",
                                 strcmp(from, to) ? to : "it", strcmp(from, to) ? "'" : "",
                                 shape_text(arena, v->variable.shape)));
    v->initial = (struct initial_value){.kind = INITIAL_VALUES, .values = as_doubles(arena, array)};
    loaded->list = ARENA_GROW(arena, loaded->list, loaded->count);
    loaded->list[loaded->count++] = (struct loaded_path){from, to};
    return true;
}

/* ---- what holds nothing -----------------------------------------------------------------------
 */

/* Offers "generator", "generator/body" and "generator/body/weight". */
static void near_path(struct arena *arena, const char *name, struct nearest *nearest) {
    for (size_t i = 1; i <= strlen(name); i++)
        if (name[i] == '/' || !name[i]) nearest_try(nearest, arena_text_range(arena, name, i));
}

static bool check_there(struct entry *entry, const char *path, const struct origin *at) {
    struct arena *arena = entry->session->arena;
    struct nearest nearest = {.wanted = path};
    for (int i = 0; i < entry->checkpoint->arrays; i++) {
        const char *name = source_name(&entry->checkpoint->array[i]);
        if (name && path_holds(path, name)) return true;
        if (name) near_path(arena, name, &nearest);
    }
    return fail(entry, at, nearest.name ? nearest_hint(arena, &nearest) : NULL,
                arena_format(arena, "there is no '%s' in %s", path, entry->loaded->path));
}

static bool check_here(struct entry *entry, const char *path, const struct origin *at) {
    struct arena *arena = entry->session->arena;
    const struct game *game = entry->session->game;
    struct nearest nearest = {.wanted = path};
    for (int i = 0; i < game->variables_count; i++) {
        const char *name = game->variables[i]->variable.name;
        if (!variable_here(game, name)) continue;
        if (path_holds(path, name)) return true;
        near_path(arena, name, &nearest);
    }
    return fail(entry, at, nearest.name ? nearest_hint(arena, &nearest) : NULL,
                arena_format(arena, "there is no '%s' here to load into", path));
}

static bool check_paths(struct entry *entry) {
    const struct experiment_load *load = entry->load;
    bool good = true;
    for (int i = 0; i < load->of.count; i++) {
        good = check_there(entry, load->of.list[i], &load->of_origin) && good;
        const char *here = name_here(entry->session->arena, load, load->of.list[i]);
        if (here == load->of.list[i]) good = check_here(entry, here, &load->of_origin) && good;
    }
    for (int i = 0; i < load->into_count; i++) {
        good = check_there(entry, load->into[i].from, &load->into[i].origin) && good;
        good = check_here(entry, load->into[i].to, &load->into[i].origin) && good;
    }
    return good;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

/* Variables where something was to go, to which nothing came. */
static void note_missing(struct entry *entry) {
    struct loaded *loaded = entry->loaded;
    struct arena *arena = entry->session->arena;
    const struct game *game = entry->session->game;
    for (int i = 0; i < game->variables_count; i++) {
        const char *name = game->variables[i]->variable.name;
        bool meant =
            !selectors_count(entry->load) && !path_holds("state", name) && !path_holds("ema", name);
        for (int k = 0; k < selectors_count(entry->load); k++)
            meant =
                meant || path_holds(name_here(arena, entry->load, selector(entry->load, k)), name);
        for (int k = 0; k < loaded->count; k++)
            meant = meant && strcmp(loaded->list[k].to, name) != 0;
        if (!meant || !variable_here(game, name)) continue;
        loaded->missing = ARENA_GROW(arena, loaded->missing, loaded->missing_count);
        loaded->missing[loaded->missing_count++] = name;
    }
}

static bool load_run(struct entry *entry, const char *outputs) {
    struct session *session = entry->session;
    struct arena *arena = session->arena;
    struct checkpoint *checkpoint = ARENA_NEW(arena, struct checkpoint);
    struct error error = {0}, skipped = {0};
    if (!run_find_checkpoint(arena, outputs, entry->load->run, entry->load->step, checkpoint,
                             &entry->loaded->path, &skipped, &error))
        return diagnostics_add_error(&session->diagnostics, &entry->load->run_origin, &error);
    if (skipped.status != STATUS_OK) fprintf(stderr, "duel: warning: %s\n", skipped.message);
    entry->checkpoint = checkpoint;
    entry->loaded->step = checkpoint->step;
    bool good = check_paths(entry);
    for (int i = 0; i < checkpoint->arrays; i++)
        if (is_asked(entry->load, &checkpoint->array[i]))
            good = take(entry, &checkpoint->array[i]) && good;
    note_missing(entry);
    if (good && !entry->loaded->count)
        return fail(entry, &entry->load->run_origin, "'of' and 'into' say what is to become what",
                    arena_format(arena, "nothing in %s has a name of this experiment",
                                 entry->loaded->path));
    return good;
}

struct loading *load_runs(struct session *session, const char *outputs) {
    const struct experiment *x = session->experiment;
    struct loading *loading = ARENA_NEW(session->arena, struct loading);
    bool good = true;
    if (!x->loads_count) return NULL;
    loading->list = ARENA_ARRAY(session->arena, struct loaded, x->loads_count);
    loading->count = x->loads_count;
    for (int i = 0; i < x->loads_count; i++) {
        struct entry entry = {session, &x->loads[i], NULL, &loading->list[i]};
        good = load_run(&entry, outputs) && good;
    }
    return good ? loading : NULL;
}

const char *load_awaited(const struct session *session, const char *outputs) {
    for (int i = 0; i < session->experiment->loads_count; i++) {
        const struct experiment_load *load = &session->experiment->loads[i];
        const char *file;
        struct error error = {0};
        if (!strchr(load->run, '/') &&
            !run_find(session->arena, outputs, load->run, &file, &error) &&
            error.status == STATUS_NO_INPUT)
            return load->run;
    }
    return NULL;
}

/* ---- the record -------------------------------------------------------------------------------
 */

static int parent_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) : 0;
}

static bool same_parent(const char *a, const char *b) {
    return parent_length(a) == parent_length(b) && !strncmp(a, b, (size_t)parent_length(a));
}

static bool same_layer(const struct loaded_path *a, const struct loaded_path *b) {
    return same_parent(a->to, b->to) && same_parent(a->from, b->from);
}

/* "generator/linear_1 -> teacher/linear_1: weight, bias", a line a layer. */
static void print_loaded(const struct loaded *loaded, FILE *file) {
    for (int i = 0; i < loaded->count; i++) {
        const struct loaded_path *p = &loaded->list[i];
        bool told = false;
        for (int k = 0; k < i; k++)
            told = told || same_layer(&loaded->list[k], p);
        if (told) continue;
        fprintf(file, "  %.*s", parent_length(p->from), p->from);
        if (!same_parent(p->from, p->to)) fprintf(file, " -> %.*s", parent_length(p->to), p->to);
        for (int k = i; k < loaded->count; k++)
            if (same_layer(&loaded->list[k], p))
                fprintf(file, "%s %s", k > i ? "," : ":",
                        loaded->list[k].to + parent_length(p->to) + 1);
        fprintf(file, "\n");
    }
}

static void print_rest(const char *what, int count, const char *const *list, FILE *file) {
    if (!count) return;
    fprintf(file, "%s:", what);
    for (int i = 0; i < count; i++) {
        bool more = i && same_parent(list[i - 1], list[i]);
        const char *text = more ? list[i] + parent_length(list[i]) + 1 : list[i];
        fprintf(file, "%s%s", more ? ", " : "\n  ", text);
    }
    fprintf(file, "\n");
}

void loading_print(const struct loading *loading, FILE *file) {
    for (int i = 0; i < loading->count; i++) {
        const struct loaded *loaded = &loading->list[i];
        fprintf(file, "loaded from %s:\n", loaded->path);
        print_loaded(loaded, file);
        print_rest("there, but not here", loaded->left_count, loaded->left, file);
        print_rest("here, but not there", loaded->missing_count, loaded->missing, file);
    }
}

static json_t *texts_json(int count, const char *const *list) {
    json_t *all = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(all, json_string(list[i]));
    return all;
}

const char *loading_json(const struct loading *loading, struct arena *arena) {
    json_t *all = json_array();
    for (int i = 0; i < loading->count; i++) {
        const struct loaded *loaded = &loading->list[i];
        json_t *paths = json_object();
        for (int k = 0; k < loaded->count; k++)
            json_object_set_new(paths, loaded->list[k].to, json_string(loaded->list[k].from));
        json_array_append_new(all,
                              json_pack("{s:s s:I s:o s:o s:o}", "checkpoint", loaded->path, "step",
                                        (json_int_t)loaded->step, "paths", paths, "only_there",
                                        texts_json(loaded->left_count, loaded->left), "only_here",
                                        texts_json(loaded->missing_count, loaded->missing)));
    }
    char *text = json_dumps(all, 0);
    const char *copy = arena_text(arena, text);
    free(text);
    json_decref(all);
    return copy;
}
