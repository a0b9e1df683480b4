/*
 * Reading `data:`: one source, which binds x and y (of pairs also condition), or streams with names, which bind
 * a.x and a.y;
 * their options, and what is known of the examples without their values.
 *
 * All streams of a game are drawn with one batch.
 */
#include <string.h>

#include "base/random.h"
#include "datasets/select.h"
#include "runner/experiment_parts.h"
#include "runner/game.h"
#include "runner/read.h"

const struct experiment_data *experiment_examples(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->data_count; i++)
        if (!strcmp(x->data[i].examples, name)) return &x->data[i];
    return NULL;
}

const struct experiment_data *experiment_labels(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->data_count; i++)
        if (x->data[i].dataset.classes && !strcmp(x->data[i].labels, name)) return &x->data[i];
    return NULL;
}

const struct experiment_data *experiment_unlabelled(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->data_count; i++)
        if (!x->data[i].dataset.classes && !strcmp(x->data[i].labels, name)) return &x->data[i];
    return NULL;
}

const struct experiment_data *experiment_condition(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->data_count; i++)
        if (x->data[i].condition && !strcmp(x->data[i].condition, name)) return &x->data[i];
    return NULL;
}

bool experiment_binds(const struct experiment *x, const char *name) {
    return experiment_examples(x, name) || experiment_condition(x, name) ||
           experiment_labels(x, name);
}

struct extents experiment_example_shape(const struct experiment_data *data) {
    return view_shape(&data->view, &data->dataset.shape);
}

struct class_names experiment_class_names(const struct experiment_data *data) {
    return data ? (struct class_names){data->dataset.classes, data->dataset.class_names}
                : (struct class_names){0};
}

static const struct labels *kept_labels(const struct experiment_data *data) {
    const struct dataset_options *options = data->request.options;
    return &options->classes;
}

int experiment_label_count(const struct experiment_data *data) {
    int kept = kept_labels(data)->count;
    return kept ? kept : data->dataset.classes;
}

/* Of data whose files are not there it is not known whether there are such classes. */
int32_t experiment_label(const struct experiment_data *data, int number) {
    const struct labels *kept = kept_labels(data);
    if (!kept->count) return number;
    int32_t label = select_label(kept, number, data->dataset.classes, data->dataset.class_names);
    return label < 0 ? 0 : label;
}

int64_t experiment_label_limit(const struct experiment_data *data) {
    int64_t limit = 0;
    for (int i = 0; i < experiment_label_count(data); i++) {
        int64_t label = experiment_label(data, i);
        if (label >= limit) limit = label + 1;
    }
    return limit;
}

/* The entries of `map` whose keys are (or are not) those of `rows`. */
static struct config *split_map(struct experiment_reading *r, const struct config *map,
                                const struct parameter *rows, bool inside) {
    struct config *part = config_new_map(r->arena);
    part->origin = map->origin;
    for (int i = 0; i < map->count; i++) {
        bool known = false;
        for (int k = 0; rows[k].name; k++)
            known = known || !strcmp(rows[k].name, map->keys[i]->text);
        if (known != inside || !strcmp(map->keys[i]->text, "source")) continue;
        config_add_entry(r->arena, part, map->keys[i], map->items[i]);
    }
    return part;
}

/* "'data'", "data stream 'a'" */
static const char *stream_title(struct experiment_reading *r, const char *name) {
    return *name ? arena_format(r->arena, "data stream '%s'", name) : "'data'";
}

static const struct dataset_row *read_source(struct experiment_reading *r, const char *stream,
                                             const struct config *map) {
    const struct config *source = config_get(map, "source");
    if (!source || source->kind != CONFIG_TEXT) {
        if (!r->diagnostics->partial)
            experiment_fail(r, &map->origin, "'duel datasets' lists them", "%s lacks its 'source'",
                            stream_title(r, stream));
        return NULL;
    }
    struct nearest nearest = {.wanted = source->text};
    for (int i = 0; dataset_rows[i]; i++) {
        if (!strcmp(dataset_rows[i]->name, source->text)) return dataset_rows[i];
        nearest_try_row(&nearest, dataset_rows[i]->name, dataset_rows[i]->aliases);
    }
    experiment_fail(r, &source->origin, nearest_list_hint(r->arena, &nearest, "datasets"),
                    "there is no data source '%s'", text_excerpt(r->arena, source->text));
    return NULL;
}

/* What is known of the examples without their values: by others, or from the files. */
static bool peek(struct experiment_reading *r, struct experiment_data *data,
                 const struct config *map) {
    struct error error = {0};
    const struct dataset *known = r->known ? r->known->find(r->known, data->name) : NULL;
    if (known) {
        data->dataset = *known;
        return true;
    }
    if (dataset_peek(&data->request, r->arena, &data->dataset, &error)) return true;
    const struct config *wrong = data->dataset.wrong ? config_get(map, data->dataset.wrong) : NULL;
    return diagnostics_add_error(r->diagnostics, wrong ? &wrong->origin : &map->origin, &error);
}

static struct config *resolved_stream(struct experiment_reading *r, const struct dataset_row *row,
                                      const struct config *stream, const struct config *options) {
    struct config *all = config_new_map(r->arena);
    config_add(r->arena, all, "source", config_new_text(r->arena, row->name));
    for (int i = 0; i < stream->count; i++)
        config_add(r->arena, all, stream->keys[i]->text, stream->items[i]);
    for (int i = 0; i < options->count; i++)
        config_add(r->arena, all, options->keys[i]->text, options->items[i]);
    return all;
}

/* The batch and the order. A batch that is not given is that of `batch_of`, another stream. */
static void read_draws(struct experiment_reading *r, const struct config *map,
                       const struct config *batch_of, struct experiment_data *data,
                       struct config **used) {
    struct experiment *x = r->x;
    struct config *keys = split_map(r, map, stream_parameters, true);
    const struct config *own = config_get(keys, "batch");
    if (batch_of && !own)
        config_add_entry(r->arena, keys, config_key(batch_of, "batch"),
                         config_get(batch_of, "batch"));
    if (!experiment_options(r, keys, &map->origin, "'data'", stream_parameters, &data->stream,
                            x->constants, used)) {
        x->poison.batch = true;
        return;
    }
    if (!x->batch) x->batch = data->stream.batch;
    if (data->stream.batch == x->batch || x->poison.batch) return;
    x->poison.batch = true;
    const char *place = origin_text(r->arena, &config_get(batch_of, "batch")->origin);
    const char *hint =
        arena_format(r->arena, "%s says %lld; said once, it is the batch of all streams", place,
                     (long long)x->batch);
    experiment_fail(r, &own->origin, hint,
                    "data stream '%s' has a batch of %lld, and another stream one of %lld",
                    data->name, (long long)data->stream.batch, (long long)x->batch);
}

/* A step draws a batch without repetition. */
static void check_batch(struct experiment_reading *r, const struct config *map,
                        const struct config *batch_of, const struct experiment_data *data) {
    const struct config *own = config_get(map, "batch"),
                        *batch = own || !batch_of ? own : config_get(batch_of, "batch");
    if (!data->dataset.count || data->stream.batch <= data->dataset.count) return;
    experiment_fail(r, batch ? &batch->origin : &map->origin,
                    arena_format(r->arena, "'batch: %lld' is the most; an epoch is then one step",
                                 (long long)data->dataset.count),
                    "a batch of %lld is more than the %lld examples of %s",
                    (long long)data->stream.batch, (long long)data->dataset.count,
                    stream_title(r, data->name));
}

/* "x"; of a stream with a name "a.x" */
static const char *bound_name(struct experiment_reading *r, const char *stream, const char *what) {
    return *stream ? arena_format(r->arena, "%s.%s", stream, what) : what;
}

/* `source` is read already. */
static bool check_stream_keys(struct experiment_reading *r, const struct config *map,
                              const char *what, const struct dataset_row *row) {
    static const struct parameter source[] = {{.name = "source"}, {0}};
    struct config *rest = split_map(r, map, source, false);
    return read_check_keys(rest, what, row->parameters, stream_parameters, r->diagnostics);
}

/* The source, its options and what it holds; false where that is not known. A stream with a name
 * has draws of its own. */
static bool read_stream(struct experiment_reading *r, const char *name, const struct config *map,
                        const struct config *batch_of, struct config **resolved) {
    struct experiment *x = r->x;
    struct config *used, *more;
    const struct dataset_row *row = read_source(r, name, map);
    struct experiment_data data = {.name = name, .row = row, .origin = &map->origin};
    data.examples = bound_name(r, name, "x");
    data.labels = bound_name(r, name, "y");
    const char *what = row ? arena_format(r->arena, "data source '%s'", row->name) : NULL;
    bool good = !row || check_stream_keys(r, map, what, row);
    read_draws(r, map, batch_of, &data, &used);
    if (!row) return false;
    data.options = arena_alloc(r->arena, row->options_size);
    if (!experiment_options(r, split_map(r, map, stream_parameters, false), &map->origin, what,
                            row->parameters, data.options, x->constants, &more) ||
        !good)
        return false;
    struct dataset_search *search = ARENA_NEW(r->arena, struct dataset_search);
    *search = dataset_search_here(r->arena);
    if (row->view) data.view = row->view(data.options);
    if (data.view.pairs != PAIRS_NONE) data.condition = bound_name(r, name, "condition");
    uint64_t seed = *name ? hash_text(x->seed, name) : x->seed;
    data.request = (struct dataset_request){.row = row,
                                            .options = data.options,
                                            .seed = seed,
                                            .search = search,
                                            .listener = r->listener};
    *resolved = resolved_stream(r, row, used, more);
    if (!peek(r, &data, map)) return false;
    if (!x->poison.batch) check_batch(r, map, batch_of, &data);
    x->data = ARENA_GROW(r->arena, x->data, x->data_count);
    x->data[x->data_count++] = data;
    return true;
}

static void poison_stream(struct experiment_reading *r, const char *name) {
    static const char *const bound[] = {"x", "condition", "y"};
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        experiment_poison_value(r, bound_name(r, name, bound[i]));
    if (*name) experiment_poison_value(r, name);
    r->x->poison.batch = true;
}

/* ---- streams with names ------------------------------------------------------------------------
 */

static bool is_stream(const struct config *value) {
    return value->kind == CONFIG_MAP && config_get(value, "source");
}

/* A map of maps is one of streams; a stream among other values is a mistake. */
static bool has_streams(struct experiment_reading *r, const struct config *map) {
    const struct config *stray = NULL;
    int streams = 0;
    for (int i = 0; i < map->count; i++) {
        streams += is_stream(map->items[i]);
        if (map->items[i]->kind != CONFIG_MAP && map->items[i]->kind != CONFIG_NULL && !stray)
            stray = map->keys[i];
    }
    if (stray && streams)
        experiment_fail(r, &stray->origin,
                        strcmp(stray->text, "batch") != 0
                            ? "'data' is one source, or streams: 'data: {a: {source: ring}, …}'"
                            : "give it to one of the streams: it counts for all",
                        "'%s' stands beside data streams with names", stray->text);
    return streams || (map->count && !stray);
}

/* The first stream that gives a batch; NULL: none does. */
static const struct config *find_batch(const struct config *map) {
    for (int i = 0; i < map->count; i++)
        if (map->items[i]->kind == CONFIG_MAP && config_get(map->items[i], "batch"))
            return map->items[i];
    return NULL;
}

static void read_streams(struct experiment_reading *r, const struct config *map) {
    const struct config *batch_of = find_batch(map);
    struct config *all = config_new_map(r->arena);
    for (int i = 0; i < map->count; i++) {
        struct config *resolved = NULL;
        const char *name = map->keys[i]->text;
        bool given = map->items[i]->kind == CONFIG_MAP || map->items[i]->kind == CONFIG_NULL;
        if (!given || !experiment_check_name(r, map->keys[i], "a data stream", false) ||
            !read_stream(r, name, map->items[i], batch_of, &resolved))
            poison_stream(r, name);
        if (resolved) config_add(r->arena, all, name, resolved);
    }
    config_add(r->arena, r->resolved, "data", all);
}

static void read_source_alone(struct experiment_reading *r, const struct config *map) {
    struct config *resolved = NULL;
    if (!read_stream(r, "", map, NULL, &resolved)) poison_stream(r, "");
    if (resolved) config_add(r->arena, r->resolved, "data", resolved);
}

void experiment_read_data(struct experiment_reading *r, struct config *section) {
    struct config *map;
    if (!experiment_map_like(r, section, "'data'", "data: {source: mnist, batch: 64}", &map))
        poison_stream(r, "");
    else if (map && has_streams(r, map))
        read_streams(r, map);
    else if (map)
        read_source_alone(r, map);
    if (!r->x->batch) r->x->batch = 64;
}
