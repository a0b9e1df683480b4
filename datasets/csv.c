/* Points, and labels for them, from a table of numbers. */
#include <string.h>

#include "datasets/csv_file.h"
#include "datasets/examples.h"

struct csv_source_options {
    struct examples_options array;
    const char *file, *label;
    struct texts columns;
    int separator;
    bool header;
};

static const char separators[] = {',', ';', '\t', ' '};

static const struct parameter parameters[] = {
    {.name = "file",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct csv_source_options, file),
     .doc = "text: a line a point; empty lines and those that begin with '#' count for nothing"},
    {.name = "columns",
     .type = PARAMETER_TEXTS,
     .offset = offsetof(struct csv_source_options, columns),
     .standard = "",
     .doc = "which columns are the coordinates, by name or number from 1; all but 'label' if none "
            "are given"},
    {.name = "label",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct csv_source_options, label),
     .standard = "",
     .doc = "which column is the label: whole numbers from 0, or names, which are numbered in the "
            "order of the alphabet"},
    {.name = "header",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct csv_source_options, header),
     .standard = "true",
     .doc = "whether the first line names the columns"},
    {.name = "separator",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct csv_source_options, separator),
     .standard = "comma",
     .choices = "comma semicolon tab space",
     .doc = "what stands between two values; 'space': any number of blanks and tabs"},
    SELECT_FILE_ROWS,
    EXAMPLES_VALUES_ROW,
    {0},
};

static bool read_array(struct array *array, int64_t count, void *destination, struct error *error) {
    (void)error;
    memcpy(destination, array->file,
           (size_t)(count * array_entry_size(array) * array_type_bytes(array->type)));
    return true;
}

static bool csv_open(const struct dataset_request *request, struct examples *examples,
                     struct arena *scratch, struct dataset *dataset, struct error *error) {
    const struct csv_source_options *options = request->options;
    const struct csv_options given = {.path = options->file,
                                      .separator = separators[options->separator],
                                      .header = options->header,
                                      .columns = options->columns,
                                      .label = options->label};
    struct csv_table table;
    dataset->wrong = "file";
    if (!csv_read(&given, scratch, &table, &dataset->wrong, error)) return false;
    dataset->wrong = NULL;
    struct array array = {.name = options->file,
                          .path = options->file,
                          .file_bytes = table.file_bytes,
                          .type = ARRAY_FLOAT64,
                          .type_name = array_type_name(ARRAY_FLOAT64),
                          .rank = 2,
                          .extent = {table.rows, table.columns},
                          .lines = table.lines,
                          .file = (void *)(uintptr_t)table.values,
                          .read = read_array};
    examples->x = array;
    examples->has_y = table.labels != NULL;
    array.type = ARRAY_INT64;
    array.type_name = array_type_name(ARRAY_INT64);
    array.rank = 1;
    array.file = (void *)(uintptr_t)table.labels;
    examples->y = array;
    examples->class_names = table.class_names;
    return true;
}

const struct dataset_row dataset_csv = {
    .name = "csv",
    .doc = "points, and labels if wanted, from a table of numbers (comma-separated values)",
    .citation = "Shafranovich 2005, Common format and MIME type for CSV files, RFC 4180",
    .licence = "that of the file",
    .endings = ".csv",
    .parameters = parameters,
    .options_size = sizeof(struct csv_source_options),
    .open = csv_open,
    .peek = examples_peek,
    .load = examples_load,
};
