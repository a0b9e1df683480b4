/* Any images in the IDX format, by their paths. */
#include "datasets/examples.h"
#include "datasets/idx_file.h"
#include "datasets/search.h"

struct idx_options {
    struct examples_options array;
    const char *images, *labels;
};

static const struct parameter parameters[] = {
    {.name = "images",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct idx_options, images),
     .doc = "IDX file of uint8, float32 or float64: [n, d], [n, height, width] or [n, height, "
            "width, channels]; may be gzipped, and named without .gz"},
    {.name = "labels",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct idx_options, labels),
     .standard = "",
     .doc = "IDX file of uint8 or int32: [n]; there are as many classes as its greatest label + 1"},
    EXAMPLES_ROWS,
    {0},
};

static bool open_file(const char *key, const char *path, struct arena *scratch, struct array *array,
                      struct dataset *dataset, struct error *error) {
    const char *found = search_file(path, scratch);
    if (found) return idx_open_array(array, found, scratch, error);
    dataset->wrong = key;
    return error_set(error, STATUS_NO_INPUT,
                     "data set 'idx': %s: there is no file %s, nor the same with .gz", key, path);
}

static bool idx_source_open(const struct dataset_request *request, struct examples *examples,
                            struct arena *scratch, struct dataset *dataset, struct error *error) {
    const struct idx_options *options = request->options;
    examples->has_y = options->labels != NULL;
    return open_file("images", options->images, scratch, &examples->x, dataset, error) &&
           (!examples->has_y ||
            open_file("labels", options->labels, scratch, &examples->y, dataset, error));
}

const struct dataset_row dataset_idx = {
    .name = "idx",
    .doc = "images, and labels if wanted, from any files in MNIST's IDX format",
    .citation = "LeCun, Cortes and Burges, The MNIST database of handwritten digits (the format)",
    .licence = "that of the files",
    .endings = ".idx .idx.gz -ubyte -ubyte.gz",
    .parameters = parameters,
    .options_size = sizeof(struct idx_options),
    .open = idx_source_open,
    .peek = examples_peek,
    .load = examples_load,
};
