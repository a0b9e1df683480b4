/* Sets that were published as four IDX files; see examples.h. */
#include "datasets/examples.h"
#include "datasets/idx_file.h"
#include "datasets/search.h"

const struct parameter published_parameters[] = {
    SELECT_SPLIT_ROW("train held_out test"),
    SELECT_HOLD_OUT_ROW,
    SELECT_LIMIT_ROW,
    SELECT_CLASSES_ROW,
    {.name = "path",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct published_options, path),
     .standard = "",
     .doc = "a folder that holds the files; $DUEL_DATA goes before it"},
    {0},
};

/* Which of the published parts is read: 0 train, 1 test. */
static int published_part(const struct published_options *options) {
    return options->common.split == SPLIT_TEST;
}

bool published_open(const struct dataset_request *request, struct examples *examples,
                    struct arena *scratch, struct dataset *dataset, struct error *error) {
    (void)dataset;
    const struct published_options *options = request->options;
    int part = published_part(options);
    const char *paths[2];
    examples->known = &request->row->known[part];
    examples->has_y = true;
    return search_files(request, options->path, request->row->files + 2 * part, 2, scratch, paths,
                        error) &&
           idx_open_array(&examples->x, paths[0], scratch, error) &&
           idx_open_array(&examples->y, paths[1], scratch, error);
}

bool known_peek(const struct dataset_request *request, const struct dataset *known,
                const struct error *missing, struct arena *arena, struct dataset *dataset,
                struct error *error) {
    const struct dataset_options *options = request->options;
    struct dataset_options all_classes = *options;
    all_classes.classes.count = 0;
    struct dataset_request plain = *request;
    plain.options = &all_classes;
    struct selection selection;
    struct select_from from = {request->row->name, known->count, NULL, known->classes, NULL};
    if (!select_examples(&plain, &from, arena, &selection, dataset, error)) return false;
    *dataset = *known;
    dataset->missing = missing;
    dataset->count = options->classes.count ? 0 : selection.count;
    return true;
}

bool published_peek(const struct dataset_request *request, struct arena *arena,
                    struct dataset *dataset, struct error *error) {
    struct error *missing = ARENA_NEW(arena, struct error);
    if (examples_peek(request, arena, dataset, missing)) return true;
    if (missing->status == STATUS_NO_INPUT)
        return known_peek(request, &request->row->known[published_part(request->options)], missing,
                          arena, dataset, error);
    *error = *missing;
    return false;
}
