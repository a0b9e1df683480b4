/* Arrays of the user's own as NumPy saves them. */
#include "datasets/examples.h"
#include "datasets/npy_file.h"

struct npy_options {
    struct examples_options array;
    const char *x, *y;
};

static const struct parameter parameters[] = {
    {.name = "x",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct npy_options, x),
     .doc = "NPY file of uint8, float32 or float64: [n], [n, d], [n, height, width] or four axes"},
    {.name = "y",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct npy_options, y),
     .standard = "",
     .doc = "NPY file of uint8, int32 or int64 with the labels: [n]; there are as many classes as "
            "its greatest label + 1"},
    EXAMPLES_ROWS,
    {0},
};

static bool open_file(const char *key, const char *path, struct arena *scratch, struct array *array,
                      struct dataset *dataset, struct error *error) {
    if (npy_open_array(array, path, scratch, error)) return true;
    dataset->wrong = key;
    return false;
}

static bool npy_open(const struct dataset_request *request, struct examples *examples,
                     struct arena *scratch, struct dataset *dataset, struct error *error) {
    const struct npy_options *options = request->options;
    examples->has_y = options->y != NULL;
    return open_file("x", options->x, scratch, &examples->x, dataset, error) &&
           (!examples->has_y || open_file("y", options->y, scratch, &examples->y, dataset, error));
}

const struct dataset_row dataset_npy = {
    .name = "npy",
    .doc = "images or vectors, and labels if wanted, from NumPy's NPY files",
    .citation = "Kern 2007, A simple file format for NumPy arrays, NumPy enhancement proposal 1",
    .licence = "that of the files",
    .endings = ".npy",
    .parameters = parameters,
    .options_size = sizeof(struct npy_options),
    .open = npy_open,
    .peek = examples_peek,
    .load = examples_load,
};
