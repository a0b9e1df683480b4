/* Any images in the IDX format, by their paths. */
#include "datasets/images.h"
#include "datasets/search.h"

struct idx_options {
    const char *images, *labels;
    int64_t limit;
    struct numbers classes;
};

static const struct parameter parameters[] = {
    {.name = "images",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct idx_options, images),
     .doc = "IDX file of uint8 or float32: [n, d], [n, height, width] or [n, height, width, "
            "channels]; may be gzipped, and named without .gz"},
    {.name = "labels",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct idx_options, labels),
     .standard = "",
     .doc = "IDX file of uint8 or int32: [n]; there are as many classes as its greatest label + 1"},
    IMAGES_LIMIT_ROW(struct idx_options),
    IMAGES_CLASSES_ROW(struct idx_options),
    {0},
};

/* The path of a file that is there, or with .gz. */
static bool find(const char *key, const char *path, struct arena *arena, const char **found,
                 struct error *error) {
    *found = search_file(path, arena);
    if (*found) return true;
    return error_set(error, STATUS_NO_INPUT,
                     "data set 'idx': %s: there is no file %s, nor the same with .gz", key, path);
}

static bool idx_source_read(const struct dataset_request *request, bool decode, struct arena *arena,
                            struct dataset *dataset, struct error *error) {
    const struct idx_options *options = request->options;
    struct images images = {.limit = options->limit, .classes = options->classes};
    if (!find("images", options->images, arena, &images.images, error)) return false;
    if (options->labels && !find("labels", options->labels, arena, &images.labels, error))
        return false;
    return images_read(&images, decode, arena, dataset, error);
}

static bool idx_source_peek(const struct dataset_request *request, struct arena *arena,
                            struct dataset *dataset, struct error *error) {
    return idx_source_read(request, false, arena, dataset, error);
}

static bool idx_source_load(const struct dataset_request *request, struct arena *arena,
                            struct dataset *dataset, struct error *error) {
    return idx_source_read(request, true, arena, dataset, error);
}

const struct dataset_row dataset_idx = {
    .name = "idx",
    .doc = "images, and labels if wanted, from any files in MNIST's IDX format",
    .citation = "LeCun, Cortes and Burges, The MNIST database of handwritten digits (the format)",
    .licence = "that of the files",
    .parameters = parameters,
    .options_size = sizeof(struct idx_options),
    .peek = idx_source_peek,
    .load = idx_source_load,
};
