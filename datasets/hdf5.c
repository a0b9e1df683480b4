/* Arrays of the user's own in an HDF5 file. */
#include "files/hdf5.h"

#include <string.h>

#include "datasets/examples.h"

enum { HINT_NAMES = 8 };

struct hdf5_options {
    struct examples_options array;
    const char *file, *x, *y;
};

static const struct parameter parameters[] = {
    {.name = "file",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct hdf5_options, file),
     .doc = "HDF5 file; links to other files, other types and other filters than shuffle, deflate "
            "and fletcher32 are refused"},
    {.name = "x",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct hdf5_options, x),
     .standard = "x",
     .doc = "name in the file, as in train/images, of an array of uint8, float32 or float64: [n], "
            "[n, d], [n, height, width] or four axes"},
    {.name = "y",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct hdf5_options, y),
     .standard = "",
     .doc = "name in the file of an array of uint8, int32 or int64 with the labels: [n]; there are "
            "as many classes as its greatest label + 1"},
    EXAMPLES_ROWS,
    {0},
};

/* An array that is open. */
struct hdf5_array {
    struct hdf5_reader *reader;
    struct store_array array;
};

static enum array_type type_of(enum store_type type) {
    switch (type) {
    case STORE_UINT8:
        return ARRAY_UINT8;
    case STORE_INT32:
        return ARRAY_INT32;
    case STORE_INT64:
        return ARRAY_INT64;
    case STORE_FLOAT32:
        return ARRAY_FLOAT32;
    case STORE_FLOAT64:
        return ARRAY_FLOAT64;
    }
    return ARRAY_OTHER;
}

static bool read_array(struct array *array, int64_t count, void *destination, struct error *error) {
    struct hdf5_array *source = array->file;
    return hdf5_read_first(source->reader, &source->array, count, destination, error);
}

/* After an error: tells what the file holds instead. */
static void hint_names(struct hdf5_reader *reader, struct arena *scratch, struct error *error) {
    int count;
    const char *const *names;
    struct error ignored = {0};
    if (!hdf5_list(reader, scratch, "", &count, &names, &ignored) || !count) return;
    const char *list = names[0];
    for (int i = 1; i < count && i < HINT_NAMES; i++)
        list = arena_format(scratch, "%s, %s", list, names[i]);
    error_hint(error, "it holds %s%s", list, count > HINT_NAMES ? ", …" : "");
}

/* Opens the array called `name`, checked by the reader. */
static bool open_array(struct hdf5_reader *reader, const char *key, const char *file,
                       const char *name, struct arena *scratch, struct array *array,
                       struct dataset *dataset, struct error *error) {
    struct hdf5_array *source = ARENA_NEW(scratch, struct hdf5_array);
    source->reader = reader;
    dataset->wrong = key;
    name += strspn(name, "/");
    if (!hdf5_describe(reader, name, &source->array, NULL, error)) {
        if (!hdf5_has(reader, name)) hint_names(reader, scratch, error);
        return false;
    }
    *array = (struct array){.name = arena_format(scratch, "'/%s' in '%s'", name, file),
                            .path = file,
                            .file_bytes = hdf5_size(reader),
                            .type = type_of(source->array.type),
                            .type_name = store_type_name(source->array.type),
                            .rank = source->array.rank,
                            .file = source,
                            .read = read_array};
    for (int i = 0; i < array->rank; i++) {
        array->extent[i] = source->array.extent[i];
        if (!array->extent[i]) return error_set(error, STATUS_DATA, "%s is empty", array->name);
    }
    if (!array->rank) return error_set(error, STATUS_DATA, "%s is a single number", array->name);
    dataset->wrong = NULL;
    return true;
}

static bool hdf5_source_open(const struct dataset_request *request, struct examples *examples,
                             struct arena *scratch, struct dataset *dataset, struct error *error) {
    const struct hdf5_options *options = request->options;
    examples->has_y = options->y != NULL;
    dataset->wrong = "file";
    struct hdf5_reader *reader = hdf5_open_in_place(scratch, options->file, error);
    return reader &&
           open_array(reader, "x", options->file, options->x, scratch, &examples->x, dataset,
                      error) &&
           (!examples->has_y || open_array(reader, "y", options->file, options->y, scratch,
                                           &examples->y, dataset, error));
}

const struct dataset_row dataset_hdf5 = {
    .name = "hdf5",
    .doc = "images or vectors, and labels if wanted, from arrays in an HDF5 file",
    .citation = "The HDF Group, Hierarchical Data Format, version 5",
    .licence = "that of the file",
    .endings = ".h5 .hdf5",
    .parameters = parameters,
    .options_size = sizeof(struct hdf5_options),
    .open = hdf5_source_open,
    .peek = examples_peek,
    .load = examples_load,
    .alone = true,
};
