/* Reading what the trainer is to do: train, outputs, precision; and the optimizers. */
#include <string.h>

#include "runner/experiment_parts.h"
#include "runner/optimizer.h"
#include "runner/read.h"

/* ---- train -------------------------------------------------------------------------------------
 */

static void read_train(struct experiment_reading *r, struct config *section) {
    static const struct {
        const char *name;
        enum duration_unit unit;
    } units[] = {{"epochs", DURATION_EPOCHS},
                 {"steps", DURATION_STEPS},
                 {"images", DURATION_IMAGES},
                 {"minutes", DURATION_MINUTES}};
    struct config *map, *used = config_new_map(r->arena);
    if (!experiment_map(r, section, "'train'", &map)) return;
    if ((!map || !map->count) && r->diagnostics->partial) return;
    if (!map || !map->count) {
        experiment_fail(r, section ? &section->origin : &r->root->origin,
                        "add 'train: {epochs: 30}', say; steps, images or minutes will do, too",
                        "how long to train is not given");
        return;
    }
    if (config_get(map, "accumulate"))
        experiment_not_yet(r, config_key(map, "accumulate"), "gradients of one batch are used");
    experiment_check_keys(r, map, "'train'", "epochs steps images minutes accumulate");
    if (map->count > 1)
        experiment_fail(r, &map->keys[1]->origin, NULL,
                        "'%s' and '%s' are both given, but one says how long to train",
                        map->keys[0]->text, map->keys[1]->text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const struct config *value = config_get(map, units[i].name);
        if (!value) continue;
        const struct parameter row = {
            .name = units[i].name, .type = PARAMETER_NUMBER, .low = 0, .high = 1e15};
        double count = 0;
        read_value(value, &row, "'train'", &count, &r->x->constants->scope, NULL, r->diagnostics);
        r->x->train = (struct duration){count, units[i].unit};
        config_add(r->arena, used, units[i].name, config_new_number(r->arena, count));
    }
    config_add(r->arena, r->resolved, "train", used);
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

struct output_options {
    struct duration every;
    struct texts at;
    int64_t count, keep;
};

#define EVERY_ROW(text)                                                                            \
    {                                                                                              \
        .name = "every", .type = PARAMETER_DURATION,                                               \
        .offset = offsetof(struct output_options, every), .standard = text,                        \
        .doc = "how often: '1 epoch', '50 steps', '10 minutes', 'never'"                           \
    }
#define AT_ROW                                                                                     \
    {                                                                                              \
        .name = "at", .type = PARAMETER_TEXTS, .offset = offsetof(struct output_options, at),      \
        .standard = "[]", .doc = "times besides: ['100 steps', '1 epoch']"                         \
    }

static const struct parameter samples_parameters[] = {
    EVERY_ROW("1 epoch"),
    AT_ROW,
    {.name = "count",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct output_options, count),
     .standard = "64",
     .low = 1,
     .high = 65536,
     .doc = "samples in a file"},
    {0},
};
static const struct parameter checkpoints_parameters[] = {
    EVERY_ROW("1 epoch"),
    AT_ROW,
    {.name = "keep",
     .type = PARAMETER_INTEGER,
     .offset = offsetof(struct output_options, keep),
     .standard = "3",
     .low = 1,
     .high = 1000000,
     .doc = "checkpoints that are kept, the newest ones"},
    {0},
};
static const struct parameter metrics_parameters[] = {
    EVERY_ROW("20 steps"),
    AT_ROW,
    {0},
};

static void read_output(struct experiment_reading *r, const struct config *map, const char *name,
                        const struct parameter *rows, struct output_times *times,
                        struct output_options *options, struct config *all) {
    struct config *used;
    const struct config *value = map ? config_get(map, name) : NULL;
    const struct origin *origin = value ? &value->origin : &r->root->origin;
    *options = (struct output_options){0};
    experiment_options(r, value, origin, arena_format(r->arena, "'outputs.%s'", name), rows,
                       options, r->x->constants, &used);
    struct duration *at = ARENA_ARRAY(r->arena, struct duration, options->at.count);
    for (int i = 0; i < options->at.count; i++) {
        const struct parameter row = {.name = "at", .type = PARAMETER_DURATION};
        struct config *text = config_new_text(r->arena, options->at.list[i]);
        text->origin = *origin;
        read_value(text, &row, name, &at[i], &r->x->constants->scope, NULL, r->diagnostics);
    }
    *times = (struct output_times){options->every, options->at.count, at};
    config_add(r->arena, all, name, used);
}

static void read_precision(struct experiment_reading *r) {
    const struct config *precision = config_get(r->root, "precision");
    const struct parameter row = {
        .name = "precision", .type = PARAMETER_CHOICE, .choices = "float32 tf32 bfloat16"};
    int choice = 0;
    if (precision)
        read_value(precision, &row, "the experiment", &choice, &r->x->constants->scope, NULL,
                   r->diagnostics);
    if (choice && precision)
        experiment_fail(r, &precision->origin, "write 'precision: float32', or leave it out",
                        "precision '%s' is not there yet", precision->text);
    r->x->precision = choice;
    config_add(r->arena, r->resolved, "precision",
               config_new_text(r->arena, choice == 0 ? "float32" : precision->text));
}

void experiment_read_outputs(struct experiment_reading *r, struct config *root) {
    struct experiment *x = r->x;
    struct config *section = config_get(root, "outputs"), *map, *all = config_new_map(r->arena);
    struct output_options options;
    read_train(r, config_get(root, "train"));
    read_precision(r);
    if (!experiment_map(r, section, "'outputs'", &map)) return;
    if (map) experiment_check_keys(r, map, "'outputs'", "samples checkpoints metrics");
    read_output(r, map, "samples", samples_parameters, &x->samples.times, &options, all);
    x->samples.count = options.count;
    read_output(r, map, "checkpoints", checkpoints_parameters, &x->checkpoints.times, &options,
                all);
    x->checkpoints.keep = options.keep;
    read_output(r, map, "metrics", metrics_parameters, &x->metrics.times, &options, all);
    config_add(r->arena, r->resolved, "outputs", all);
}

/* ---- optimizers --------------------------------------------------------------------------------
 */

static const struct optimizer_row *find_row(struct experiment_reading *r,
                                            const struct config *key) {
    const struct optimizer_row *row = optimizer_find(key->text);
    if (row) return row;
    struct nearest nearest = {.wanted = key->text};
    for (int i = 0; optimizer_rows[i]; i++)
        nearest_try(&nearest, optimizer_rows[i]->name);
    experiment_fail(r, &key->origin,
                    nearest.name ? arena_format(r->arena,
                                                "did you mean '%s'? 'duel optimizers' "
                                                "lists them all",
                                                nearest.name)
                                 : "'duel optimizers' lists them",
                    "there is no optimizer '%s'", text_excerpt(r->arena, key->text));
    return NULL;
}

/* The row that a value names, its key (or the value itself) and its options. */
static const struct optimizer_row *read_row(struct experiment_reading *r, struct config *value,
                                            const char *label, const struct config **at,
                                            const struct config **options) {
    const struct config *found = NULL;
    *at = value;
    *options = NULL;
    if (value->kind == CONFIG_TEXT) return find_row(r, value);
    for (int i = 0; value->kind == CONFIG_MAP && i < value->count; i++) {
        const struct config *key = value->keys[i];
        if (label && !strcmp(key->text, "of")) continue;
        if (!strcmp(key->text, "groups") || !strcmp(key->text, "clip")) {
            experiment_not_yet(r, key, "all weights of a network are updated alike");
            continue;
        }
        if (found) {
            experiment_fail(r, &key->origin, NULL, "'%s' and '%s': one optimizer is wanted",
                            found->text, key->text);
            continue;
        }
        *at = found = key;
        *options = value->items[i];
    }
    if (found) return find_row(r, found);
    experiment_fail(r, &value->origin, "as in 'optimizer: {adam: {lr: 2e-4}}'",
                    "no optimizer is named here");
    return NULL;
}

/* {adam: {…}}, or {of: […], adam: {…}}: the row and its options. */
static void read_optimizer(struct experiment_reading *r, struct config *value, const char *label,
                           struct texts paths, struct config *resolved) {
    struct experiment *x = r->x;
    const struct config *at, *given;
    const struct optimizer_row *row = read_row(r, value, label, &at, &given);
    struct experiment_optimizer o = {
        .row = row, .origin = at->origin, .label = label, .paths = paths, .poisoned = !row};
    if (row) {
        struct config *used;
        void *options = arena_alloc(r->arena, row->options_size);
        if (!experiment_options(r, given, &at->origin,
                                arena_format(r->arena, "optimizer '%s'", row->name),
                                row->parameters, options, x->constants, &used))
            o.poisoned = true;
        o.options = options;
        o.resolved = used;
        config_add(r->arena, resolved, row->name, used);
    }
    x->optimizers = ARENA_GROW(r->arena, x->optimizers, x->optimizers_count);
    x->optimizers[x->optimizers_count++] = o;
}

static struct texts optimizer_paths(struct experiment_reading *r, const struct config *key,
                                    const struct config *value, struct config *resolved) {
    const struct config *of = value->kind == CONFIG_MAP ? config_get(value, "of") : NULL;
    struct texts paths;
    if (of) {
        struct config *copy = arena_copy(r->arena, of, sizeof *of);
        config_add(r->arena, resolved, "of", copy);
        if (!experiment_texts(r, of, "an optimizer", &paths)) r->x->poison.optimizers = true;
        return paths;
    }
    const char **one = ARENA_NEW(r->arena, const char *);
    *one = key->text;
    return (struct texts){1, one};
}

static void check_paths(struct experiment_reading *r, const struct config *key,
                        struct texts paths) {
    for (int i = 0; i < paths.count; i++) {
        const char *path = paths.list[i];
        const char *head = arena_text_range(r->arena, path, strcspn(path, "/"));
        const char *message = arena_format(r->arena, "there is no network '%s'", head);
        if (!experiment_check_network(r, &key->origin, head,
                                      "where a key is no network's name, 'of:' lists them",
                                      message))
            r->x->poison.optimizers = true;
    }
}

void experiment_read_optimizers(struct experiment_reading *r) {
    struct config *one = config_get(r->root, "optimizer"), *some, *all = config_new_map(r->arena);
    if (one) {
        struct config *resolved = config_new_map(r->arena);
        read_optimizer(r, one, NULL, (struct texts){0}, resolved);
        config_add(r->arena, r->resolved, "optimizer", resolved);
    }
    if (!experiment_map(r, config_get(r->root, "optimizers"), "'optimizers'", &some))
        r->x->poison.optimizers = true;
    if (!some) return;
    for (int i = 0; i < some->count; i++) {
        struct config *resolved = config_new_map(r->arena);
        struct texts paths = optimizer_paths(r, some->keys[i], some->items[i], resolved);
        check_paths(r, some->keys[i], paths);
        read_optimizer(r, some->items[i], some->keys[i]->text, paths, resolved);
        config_add(r->arena, all, some->keys[i]->text, resolved);
    }
    config_add(r->arena, r->resolved, "optimizers", all);
}
