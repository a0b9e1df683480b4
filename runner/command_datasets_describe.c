/* duel datasets describe: shape, range, labels and memory of a data set, and a picture of it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/data_picture.h"
#include "runner/data_request.h"
#include "runner/session.h"

enum { CLASSES_SHOWN = 32 };

/* What there is to tell. */
struct description {
    struct arena *arena;
    const struct data_request *data;
    const struct dataset *dataset;
    struct statistics statistics;
    int splits_count;
    struct data_split *splits;
    const char *picture, *shown; /* its path, and what it shows; NULL: none was wanted */
};

/* ---- numbers ---- */

/* Of values as they are stored: as the game gets them. */
static struct moments as_bound(const struct dataset *d, struct moments moments) {
    double low = d->low, high = d->high;
    if (d->type == DATA_UINT8) {
        low = 0;
        high = 255;
    }
    if (!(low < high)) return moments;
    double scale = 2 / (high - low);
    return moments_map(moments, scale, -1 - low * scale);
}

/* Whether the game gets other numbers than are stored. */
static bool is_scaled(const struct dataset *d) {
    return d->type == DATA_UINT8 || d->low < d->high;
}

static const char *const *axis_names(const struct dataset *d) {
    static const char *const image[] = {"height", "width", "channels"}, *const vector[] = {
                                                                            "coordinates"};
    return d->shape.rank == 1 ? vector : image;
}

static const char *type_name(const struct dataset *d) {
    return d->type == DATA_UINT8 ? "uint8" : "float32";
}

/* Whether a class is told: all but those that `classes` leaves out. */
static bool is_told(const struct description *x, int label) {
    const struct dataset_options *options = x->data->request.options;
    return !options->classes.count || x->statistics.label_count[label];
}

static int count_told(const struct description *x) {
    int count = 0;
    for (int i = 0; i < x->dataset->classes; i++)
        count += is_told(x, i);
    return count;
}

/* What of an example is seen. */
static struct view view_of(const struct description *x) {
    const struct dataset_request *request = &x->data->request;
    return request->row->view ? request->row->view(request->options) : (struct view){0};
}

/* ---- text ---- */

/* "x          [32, 32, 3]: the left half, cut out anew in each draw; the other half is 'condition'", where an
 * example is not seen as it is stored. */
static void print_view(const struct description *x) {
    const struct view view = view_of(x);
    const struct extents shape = view_shape(&view, &x->dataset->shape);
    const bool pairs = view.pairs != PAIRS_NONE, moved = view.padding || view.crop[0];
    const char *half = view.pairs == PAIRS_RIGHT ? "the right half" : "the left half";
    if (!pairs && !moved) return;
    printf("  %-10s %s: %s%s%s%s\n", "x", arena_extents(x->arena, shape.rank, shape.extent),
           pairs ? half : "", pairs && moved ? ", " : "", moved ? "cut out anew in each draw" : "",
           pairs ? "; the other half is 'condition'" : "");
}

static void print_head(const struct description *x) {
    const struct dataset *d = x->dataset;
    if (x->data->file)
        printf("%s, read as '%s'\n", x->data->file, x->data->request.row->name);
    else
        printf("%s: %s\n", x->data->request.row->name, x->data->request.row->doc);
    for (int i = 0; i < d->file_count; i++)
        printf("  %-10s %s, %" PRId64 " bytes\n", i ? "" : "files", d->files[i].path,
               d->files[i].size);
    printf("  %-10s %" PRId64 "\n", "examples", d->count);
    for (int i = 0; i < x->splits_count && x->splits_count > 1; i++)
        printf("%s%s %" PRId64 "%s", i ? ", " : "  splits     ", x->splits[i].name,
               x->splits[i].count, i == x->splits_count - 1 ? "\n" : "");
    printf("  %-10s %s", "shape", arena_extents(x->arena, d->shape.rank, d->shape.extent));
    for (int i = 0; i < d->shape.rank; i++)
        printf("%s%s", i ? ", " : ": ", axis_names(d)[i]);
    printf("\n");
    print_view(x);
    printf("  %-10s %s%s\n", "type", d->stored ? d->stored : type_name(d),
           d->stored ? "" : ", drawn");
    printf("  %-10s %s\n", "memory", text_bytes(x->arena, x->statistics.bytes));
    if (x->statistics.all.not_finite)
        printf("  %-10s %" PRId64 " value%s, which training refuses\n", "not finite",
               x->statistics.all.not_finite, x->statistics.all.not_finite == 1 ? "" : "s");
}

static void print_moments(const char *name, struct moments m) {
    printf("  %-22s %11.5g %11.5g %11.5g %11.5g\n", name, m.low, m.high, m.mean, m.deviation);
}

/* Both ranges of all values, then what each part has. */
static void print_ranges(const struct description *x) {
    const struct dataset *d = x->dataset;
    const struct statistics *s = &x->statistics;
    const char *how = d->stored ? "as stored" : "as drawn",
               *part = d->shape.rank == 1 ? "coordinate" : "channel";
    printf("\n  %-22s %11s %11s %11s %11s\n", "values", "lowest", "highest", "mean", "deviation");
    print_moments(is_scaled(d) ? how : arena_format(x->arena, "%s and bound", how), s->all);
    if (is_scaled(d)) print_moments("as bound to x", as_bound(d, s->all));
    for (int i = 0; i < s->parts && s->parts > 1; i++)
        print_moments(
            arena_format(x->arena, "%s %d%s", part, i + 1, is_scaled(d) ? ", stored" : ""),
            s->part[i]);
}

static void print_classes(const struct description *x) {
    const struct dataset *d = x->dataset;
    int told = d->labels ? count_told(x) : 0, shown = 0, wide = 0;
    printf(d->labels ? "\n  labels: %d classes\n" : "\n  no labels\n", told);
    for (int i = 0; i < d->classes && d->class_names; i++)
        if (text_width(d->class_names[i]) > wide) wide = text_width(d->class_names[i]);
    for (int i = 0; i < d->classes && shown < told && shown < CLASSES_SHOWN; i++) {
        if (!is_told(x, i)) continue;
        const char *name = d->class_names ? d->class_names[i] : "";
        printf("  %5d  %s%*s%s%8" PRId64 "\n", i, name, wide - text_width(name), "",
               wide ? "  " : "", x->statistics.label_count[i]);
        shown++;
    }
    if (shown < told) printf("  and %d more, which --json lists\n", told - shown);
}

static void print_text(const struct description *x) {
    print_head(x);
    print_ranges(x);
    print_classes(x);
    if (x->picture) printf("\n  %s: %s\n", x->picture, x->shown);
}

/* ---- JSON ---- */

static json_t *moments_json(struct moments m) {
    return json_pack("{s:f s:f s:f s:f}", "low", m.low, "high", m.high, "mean", m.mean, "deviation",
                     m.deviation);
}

static json_t *range_json(const struct description *x, struct moments m) {
    return json_pack("{s:o s:o s:I}", "stored", moments_json(m), "bound",
                     moments_json(as_bound(x->dataset, m)), "not_finite", (json_int_t)m.not_finite);
}

static json_t *lists_json(const struct description *x, json_t *object) {
    const struct dataset *d = x->dataset;
    const struct view view = view_of(x);
    const struct extents seen = view_shape(&view, &d->shape);
    json_t *files = json_array(), *splits = json_object(), *shape = json_array(),
           *axes = json_array(), *bound = json_array();
    for (int i = 0; i < d->file_count; i++)
        json_array_append_new(files, json_string(d->files[i].path));
    for (int i = 0; i < x->splits_count; i++)
        json_object_set_new(splits, x->splits[i].name, json_integer(x->splits[i].count));
    for (int i = 0; i < d->shape.rank; i++) {
        json_array_append_new(shape, json_integer(d->shape.extent[i]));
        json_array_append_new(bound, json_integer(seen.extent[i]));
        json_array_append_new(axes, json_string(axis_names(d)[i]));
    }
    json_object_set_new(object, "files", files);
    json_object_set_new(object, "splits", splits);
    json_object_set_new(object, "shape", shape);
    json_object_set_new(object, "axes", axes);
    json_object_set_new(object, "x", bound);
    return object;
}

static json_t *parts_json(const struct description *x) {
    json_t *parts = json_array();
    for (int i = 0; i < x->statistics.parts; i++)
        json_array_append_new(parts, range_json(x, x->statistics.part[i]));
    return parts;
}

static json_t *classes_json(const struct description *x) {
    const struct dataset *d = x->dataset;
    json_t *classes = json_array();
    for (int i = 0; i < d->classes && d->labels; i++)
        if (is_told(x, i))
            json_array_append_new(classes,
                                  json_pack("{s:i s:s? s:I}", "label", i, "name",
                                            d->class_names ? d->class_names[i] : NULL, "count",
                                            (json_int_t)x->statistics.label_count[i]));
    return classes;
}

static void print_json(const struct description *x) {
    const struct dataset *d = x->dataset;
    json_t *object = lists_json(
        x, json_pack("{s:s s:I s:s s:I}", "source", x->data->request.row->name, "examples",
                     (json_int_t)d->count, "type", d->stored ? d->stored : type_name(d), "bytes",
                     (json_int_t)x->statistics.bytes));
    json_object_set_new(object, "values", range_json(x, x->statistics.all));
    json_object_set_new(object, "parts", parts_json(x));
    json_object_set_new(object, "classes", classes_json(x));
    json_object_set_new(object, "picture", x->picture ? json_string(x->picture) : json_null());
    char *text = json_dumps(object, JSON_INDENT(2));
    printf("%s\n", text);
    free(text);
    json_decref(object);
}

/* ---- the command ---- */

static bool draw(const struct arguments *arguments, struct description *x, struct error *error) {
    struct data_picture picture = {
        .dataset = x->dataset,
        .statistics = &x->statistics,
        .title = arguments->operands[0],
        .path = arguments_get(arguments, "--picture"),
        .way = {.force = arguments_has(arguments, "--force"), .option = "--picture"},
        .arena = x->arena};
    static const char *const only[] = {"--count", "--force"};
    for (int i = 0; i < 2 && !picture.path; i++)
        if (arguments_has(arguments, only[i]))
            return error_set(error, STATUS_USAGE, "'%s' is for a picture: give --picture FILE",
                             only[i]);
    if (!picture.path) return true;
    x->picture = picture.path;
    return arguments_integer(arguments, "--count", 1, PICTURE_COUNT_MOST, 0, &picture.count,
                             error) &&
           (x->shown = data_picture_draw(&picture, error)) != NULL;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct arena *arena = arguments->arena;
    struct session session; /* for its diagnostics */
    struct data_request data;
    struct dataset dataset;
    session_start(&session, arguments);
    if (!data_request_read(&data, arguments, &session.diagnostics, error) ||
        !data_request_load(&data, arena, &dataset, &session.diagnostics, error))
        return session_report(&session, error);
    struct description x = {.arena = arena,
                            .data = &data,
                            .dataset = &dataset,
                            .statistics = dataset_statistics(&dataset, arena)};
    x.splits = data_request_splits(&data, arena, &x.splits_count);
    if (!draw(arguments, &x, error)) return error->status;
    (arguments_has(arguments, "--json") ? print_json : print_text)(&x);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--set", "KEY=VALUE", "an option of the data set: split=test"},
    {"--seed", "N", "of what is drawn or held out; 0 by default, as of experiments"},
    {"--picture", "FILE",
     "draw examples there: images .png, a class a row; points .png, .svg or .pdf"},
    {"--count", "N", "how many examples the picture shows; of images with labels, of each class"},
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel datasets describe mnist --set split=test --picture digits.png",
     "how many digits of each class the test set has, and ten of each"},
    {"duel datasets describe images.npy --set values=[0,255]",
     "a file of one's own, and the numbers that a game gets from it"},
    {"duel datasets describe points.csv --set label=kind --picture points.svg",
     "points from a table, coloured by their classes"},
    {NULL, NULL},
};

const struct command command_datasets_describe = {
    .name = "datasets describe",
    .doc = "tells shape, range, classes and memory of a data set, with a picture",
    .operands = "SOURCE",
    .least = 1,
    .most = 1,
    .about =
        "SOURCE is the name of a data set, or a file with an ending that one of them knows, such\n"
        "as .npy: 'duel datasets npy' tells which; or a folder of images. 'as stored' are the\n"
        "numbers of the file, 'as bound to x' those that a game gets. The deviation is that of "
        "all\n"
        "values from their mean.",
    .options = options,
    .examples = examples,
    .run = run,
};
