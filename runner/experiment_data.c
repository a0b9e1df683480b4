/* Reading `data:`: the source, its options, and what is known of its examples without their values. */
#include <string.h>

#include "runner/experiment_parts.h"

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

static const struct dataset_row *read_source(struct experiment_reading *r,
                                             const struct config *map) {
    const struct config *source = config_get(map, "source");
    if (!source || source->kind != CONFIG_TEXT) {
        bool streams = map->count && map->items[0]->kind == CONFIG_MAP;
        if (streams)
            experiment_not_yet(r, map->keys[0], "data streams with names; give one 'source:'");
        else if (!r->diagnostics->partial)
            experiment_fail(r, &map->origin, "'duel datasets' lists them",
                            "'data' lacks its 'source'");
        return NULL;
    }
    struct nearest nearest = {.wanted = source->text};
    for (int i = 0; dataset_rows[i]; i++) {
        if (!strcmp(dataset_rows[i]->name, source->text)) return dataset_rows[i];
        nearest_try(&nearest, dataset_rows[i]->name);
    }
    experiment_fail(r, &source->origin, nearest_list_hint(r->arena, &nearest, "datasets"),
                    "there is no data source '%s'", text_excerpt(r->arena, source->text));
    return NULL;
}

/* What is known of the examples without their values: from `known`, or from the files. */
static bool peek(struct experiment_reading *r, struct experiment_data *data,
                 const struct config *map) {
    struct error error = {0};
    if (r->known) {
        data->dataset = *r->known;
        return true;
    }
    if (dataset_peek(&data->request, r->arena, &data->dataset, &error)) return true;
    if (r->diagnostics->status == STATUS_OK) r->diagnostics->status = error.status;
    const char *hint = error.hint[0] ? arena_text(r->arena, error.hint) : NULL;
    const struct config *wrong = data->dataset.wrong ? config_get(map, data->dataset.wrong) : NULL;
    return experiment_fail(r, wrong ? &wrong->origin : &map->origin, hint, "%s", error.message);
}

static struct config *resolved_data(struct experiment_reading *r, const struct dataset_row *row,
                                    const struct config *stream, const struct config *options) {
    struct config *all = config_new_map(r->arena);
    config_add(r->arena, all, "source", config_new_text(r->arena, row->name));
    for (int i = 0; i < stream->count; i++)
        config_add(r->arena, all, stream->keys[i]->text, stream->items[i]);
    for (int i = 0; i < options->count; i++)
        config_add(r->arena, all, options->keys[i]->text, options->items[i]);
    return all;
}

/* The source, its options and what it holds; false where that is not known. */
static bool read_examples(struct experiment_reading *r, const struct config *map) {
    struct experiment *x = r->x;
    struct config *used, *more;
    const struct dataset_row *row = read_source(r, map);
    struct experiment_data *data = ARENA_NEW(r->arena, struct experiment_data);
    *data = (struct experiment_data){.name = "", .row = row, .origin = &map->origin};
    if (!experiment_options(r, split_map(r, map, stream_parameters, true), &map->origin, "'data'",
                            stream_parameters, &data->stream, x->constants, &used))
        x->poison.batch = true;
    if (!row) return false;
    const char *what = arena_format(r->arena, "data source '%s'", row->name);
    data->options = arena_alloc(r->arena, row->options_size);
    if (!experiment_options(r, split_map(r, map, stream_parameters, false), &map->origin, what,
                            row->parameters, data->options, x->constants, &more))
        return false;
    struct dataset_search *search = ARENA_NEW(r->arena, struct dataset_search);
    *search = dataset_search_here(r->arena);
    data->request = (struct dataset_request){row, data->options, x->seed, search};
    config_add(r->arena, r->resolved, "data", resolved_data(r, row, used, more));
    x->batch = data->stream.batch;
    if (!peek(r, data, map)) return false;
    x->data = data;
    x->data_count = 1;
    return true;
}

void experiment_read_data(struct experiment_reading *r, struct config *section) {
    struct config *map;
    r->x->batch = 64;
    bool good = experiment_map(r, section, "'data'", &map);
    if (good && (!map || read_examples(r, map))) return;
    experiment_poison_value(r, "x");
    experiment_poison_value(r, "y");
    r->x->poison.batch = true;
}
