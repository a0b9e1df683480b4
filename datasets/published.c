/* Sets that were published as four IDX files; see images.h. */
#include "datasets/images.h"
#include "datasets/search.h"

const struct parameter published_parameters[] = {
    {.name = "split",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct published_options, split),
     .standard = "train",
     .choices = "train test",
     .doc = "which part of the set"},
    IMAGES_LIMIT_ROW(struct published_options),
    IMAGES_CLASSES_ROW(struct published_options),
    {.name = "path",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct published_options, path),
     .standard = "",
     .doc = "a folder that holds the files; $DUEL_DATA goes before it"},
    {0},
};

static bool published_read(const struct dataset_request *request, bool decode, struct arena *arena,
                           struct dataset *dataset, struct error *error) {
    const struct published_options *options = request->options;
    const char *paths[2];
    if (!search_files(request, options->path, request->row->files + 2 * options->split, 2, arena,
                      paths, error))
        return false;
    struct images images = {paths[0], paths[1], &request->row->known[options->split],
                            options->limit, options->classes};
    return images_read(&images, decode, arena, dataset, error);
}

bool published_load(const struct dataset_request *request, struct arena *arena,
                    struct dataset *dataset, struct error *error) {
    return published_read(request, true, arena, dataset, error);
}

bool published_peek(const struct dataset_request *request, struct arena *arena,
                    struct dataset *dataset, struct error *error) {
    const struct published_options *options = request->options;
    struct error *missing = ARENA_NEW(arena, struct error);
    if (published_read(request, false, arena, dataset, missing)) return true;
    if (missing->status != STATUS_NO_INPUT) {
        *error = *missing;
        return false;
    }
    *dataset = request->row->known[options->split];
    dataset->missing = missing;
    if (options->limit && options->limit < dataset->count) dataset->count = options->limit;
    if (options->classes.count) dataset->count = 0;
    return true;
}
