/* Examples and labels from arrays; see examples.h. */
#include "datasets/examples.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"

enum { CLASSES_MOST = 65536, AXES_MOST = 3 };

/* An axis of an example, and where it is in the array. */
struct axis {
    int64_t extent;
    int source;     /* the array's axis; -1: none, the extent is 1 */
    int64_t stride; /* elements of the array between neighbours */
};

/* One reading. */
struct reading {
    const struct dataset_request *request;
    struct examples *given;
    const struct array *x; /* &given->x */
    struct arena *scratch;
    double low, high; /* what becomes -1 and 1, where `mapped` */
    bool mapped;
    struct axis axis[AXES_MOST]; /* (dataset->shape.rank) */
    int64_t stride;              /* elements of the array between examples */
    int32_t *label;              /* (all in the file); NULL: not read */
    struct selection selection;
    struct dataset *dataset;
    struct error *error;
};

static const struct dataset_options *options_of(const struct reading *r) {
    return r->request->options;
}

/* The options that a published set lacks. */
static struct examples_options array_options(const struct reading *r) {
    struct examples_options none = {0};
    return r->given->known ? none : *(const struct examples_options *)r->request->options;
}

/* ---- what the array is ---- */

static bool check_type(struct reading *r) {
    const struct dataset *known = r->given->known;
    enum array_type type = r->x->type;
    bool bytes = type == ARRAY_UINT8, floats = type == ARRAY_FLOAT32 || type == ARRAY_FLOAT64;
    if (r->x->rank == 1 && !floats)
        return error_set(r->error, STATUS_DATA, "%s holds labels (%s) where images were expected",
                         r->x->name, array_shape(r->x, r->scratch));
    if (!bytes && (!floats || known))
        return error_set(r->error, STATUS_DATA, "%s holds %s values; images must be uint8%s",
                         r->x->name, r->x->type_name, known ? "" : ", float32 or float64");
    r->dataset->type = bytes && !r->mapped ? DATA_UINT8 : DATA_FLOAT32;
    r->dataset->stored = array_type_name(type);
    return true;
}

static bool check_values(struct reading *r) {
    struct numbers values = array_options(r).values;
    if (!values.count) return true;
    if (values.count != 2 || !(values.list[0] < values.list[1])) {
        r->dataset->wrong = "values";
        return error_set(r->error, STATUS_CONFIG,
                         "values: these must be two numbers, the lowest and the highest, as in "
                         "[0, 255]");
    }
    r->low = values.list[0];
    r->high = values.list[1];
    r->mapped = !(r->x->type == ARRAY_UINT8 && r->low == 0 && r->high == 255);
    if (r->mapped) {
        r->dataset->low = r->low;
        r->dataset->high = r->high;
    }
    return true;
}

/* The extent of an axis of an example: that of `source`, or 1. */
static void add_axis(struct reading *r, int source) {
    const struct array *x = r->x;
    struct axis axis = {1, source, 0};
    if (source >= 0) axis = (struct axis){x->extent[source], source, 1};
    for (int i = 0; i < x->rank; i++)
        if (source >= 0 && (x->fortran ? i < source : i > source)) axis.stride *= x->extent[i];
    struct extents *shape = &r->dataset->shape;
    r->axis[shape->rank] = axis;
    shape->extent[shape->rank++] = axis.extent;
}

static bool set_shape(struct reading *r) {
    static const int none = -1;
    const int axes[][AXES_MOST] = {{none}, {1}, {1, 2, none}, {1, 2, 3}}, first[] = {2, 3, 1};
    bool channels_first = array_options(r).layout == LAYOUT_CHANNELS_FIRST;
    int rank = r->x->rank;
    if (rank > AXES_MOST + 1)
        return error_set(r->error, STATUS_DATA, "%s has %d axes; 1 to %d can be read", r->x->name,
                         rank, AXES_MOST + 1);
    if (channels_first && rank != AXES_MOST + 1) {
        r->dataset->wrong = "layout";
        return error_set(r->error, STATUS_CONFIG,
                         "layout: channels_first is one of [n, channels, height, width], but %s "
                         "holds %s",
                         r->x->name, array_shape(r->x, r->scratch));
    }
    r->dataset->shape = (struct extents){0};
    for (int i = 0; i < (rank < 3 ? 1 : AXES_MOST); i++)
        add_axis(r, channels_first ? first[i] : axes[rank - 1][i]);
    r->stride = r->x->fortran ? 1 : array_entry_size(r->x);
    return true;
}

static bool same_shape(const struct extents *a, const struct extents *b) {
    return a->rank == b->rank && !memcmp(a->extent, b->extent, (size_t)a->rank * sizeof *a->extent);
}

static bool check_x(struct reading *r) {
    const struct dataset *known = r->given->known;
    if (!check_values(r) || !check_type(r) || !set_shape(r)) return false;
    if (r->x->extent[0] > INT32_MAX)
        return error_set(r->error, STATUS_DATA,
                         "%s holds %" PRId64 " images; at most %d can be used", r->x->name,
                         r->x->extent[0], INT32_MAX);
    if (known && !same_shape(&known->shape, &r->dataset->shape))
        return error_set(r->error, STATUS_DATA,
                         "%s holds images %s, but an image of this data set is [%" PRId64
                         ", %" PRId64 "]",
                         r->x->name, array_shape(r->x, r->scratch), known->shape.extent[0],
                         known->shape.extent[1]);
    return true;
}

/* ---- labels ---- */

static bool check_y(struct reading *r) {
    const struct array *y = &r->given->y;
    if (array_entry_size(y) != 1)
        return error_set(r->error, STATUS_DATA, "%s holds images (%s) where labels were expected",
                         y->name, array_shape(y, r->scratch));
    if (y->type != ARRAY_UINT8 && y->type != ARRAY_INT32 && y->type != ARRAY_INT64)
        return error_set(r->error, STATUS_DATA,
                         "%s holds %s values; labels must be uint8, int32 or int64", y->name,
                         y->type_name);
    if (y->extent[0] != r->x->extent[0])
        return error_set(r->error, STATUS_DATA,
                         "%s holds %" PRId64 " labels, but %s holds %" PRId64 " images", y->name,
                         y->extent[0], r->x->name, r->x->extent[0]);
    return true;
}

static int64_t label_at(enum array_type type, const void *labels, int64_t i) {
    switch (type) {
    case ARRAY_UINT8:
        return ((const uint8_t *)labels)[i];
    case ARRAY_INT32:
        return ((const int32_t *)labels)[i];
    case ARRAY_INT64:
        return ((const int64_t *)labels)[i];
    default:
        BUG("labels of type %d", (int)type);
    }
}

/* Reads all labels, checks them, and counts the classes where they are not known. */
static bool read_labels(struct reading *r) {
    struct array *y = &r->given->y;
    const struct dataset *known = r->given->known;
    int64_t count = y->extent[0], most = known ? known->classes : CLASSES_MOST, greatest = 0;
    void *labels = arena_alloc(r->scratch, (size_t)array_bytes(y));
    if (!y->read(y, count, labels, r->error)) return false;
    r->label = ARENA_ARRAY(r->scratch, int32_t, count);
    for (int64_t i = 0; i < count; i++) {
        int64_t label = label_at(y->type, labels, i);
        if (label < 0 || label >= most)
            return error_set(r->error, STATUS_DATA,
                             "%s: label number %" PRId64 " (from 0) is %" PRId64
                             "; labels are 0 to %" PRId64,
                             y->name, i, label, most - 1);
        if (label > greatest) greatest = label;
        r->label[i] = (int32_t)label;
    }
    r->dataset->classes = known ? known->classes : (int)greatest + 1;
    return true;
}

static bool select_wanted(struct reading *r) {
    struct select_from from = {r->x->name, r->x->extent[0], r->label, r->dataset->classes,
                               r->dataset->class_names};
    if (!select_examples(r->request, &from, r->scratch, &r->selection, r->dataset, r->error))
        return false;
    r->dataset->count = r->selection.count;
    return true;
}

/* ---- values ---- */

static bool check_memory(struct reading *r, double bytes) {
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (bytes <= memory) return true;
    error_set(r->error, STATUS_SYSTEM, "%s needs %.1f GiB, but this machine has %.1f GiB of memory",
              r->x->name, bytes / (1 << 30), memory / (1 << 30));
    return error_hint(r->error, "'limit: N' reads only the first N images");
}

/* Where a value is, for messages: number `i` of example `e` of those in the file. */
static const char *place(const struct reading *r, int64_t e, int64_t i) {
    const struct array *x = r->x;
    if (x->lines)
        return arena_format(r->scratch, "%s:%" PRId32 ": value %" PRId64 " of the line", x->path,
                            x->lines[e], i + 1);
    int64_t at[ARRAY_RANK_MOST] = {e};
    for (int axis = r->dataset->shape.rank - 1; axis >= 0; axis--) {
        if (r->axis[axis].source >= 0) at[r->axis[axis].source] = i % r->axis[axis].extent;
        i /= r->axis[axis].extent;
    }
    struct array index = *x;
    memcpy(index.extent, at, sizeof at);
    return arena_format(r->scratch, "%s: the value at %s", x->name,
                        array_shape(&index, r->scratch));
}

/* Checks a number of the data set that will be used, and maps it. */
static bool take_number(struct reading *r, int64_t example, int64_t i, float *number) {
    double value = *number;
    bool as_stored = r->request->as_stored;
    if (!isfinite(value) && as_stored) return true;
    if (isfinite(value) && (!r->mapped || (value >= r->low && value <= r->high))) {
        if (r->mapped && !as_stored)
            *number = (float)((value - r->low) / (r->high - r->low) * 2 - 1);
        return true;
    }
    const char *where = place(r, select_number(&r->selection, example), i);
    if (!isfinite(value))
        return error_set(r->error, STATUS_DATA, "%s is not finite%s", where,
                         r->x->type == ARRAY_FLOAT64 ? " as float32" : "");
    r->dataset->wrong = "values";
    struct text text = {0};
    text_format(&text, "%s is ", where);
    text_add_number(&text, value);
    text_add(&text, ", but 'values' go from ");
    text_add_number(&text, r->low);
    text_add(&text, " to ");
    text_add_number(&text, r->high);
    error_set(r->error, STATUS_DATA, "%s", text_get(&text));
    text_release(&text);
    return false;
}

static bool take_numbers(struct reading *r, float *values) {
    int64_t size = dataset_example_size(r->dataset);
    for (int64_t e = 0; e < r->dataset->count; e++)
        for (int64_t i = 0; i < size; i++)
            if (!take_number(r, e, i, &values[e * size + i])) return false;
    return true;
}

/* The elements of one example, in the order of its axes. */
#define GATHER(to, from)                                                                           \
    do {                                                                                           \
        to *out = dst;                                                                             \
        const from *in = src;                                                                      \
        for (int64_t i = 0; i < a[0].extent; i++)                                                  \
            for (int64_t j = 0; j < a[1].extent; j++)                                              \
                for (int64_t k = 0; k < a[2].extent; k++)                                          \
                    *out++ = (to)in[first + i * a[0].stride + j * a[1].stride + k * a[2].stride];  \
    } while (0)

static void gather(const struct reading *r, const void *src, int64_t number, void *dst) {
    struct axis a[AXES_MOST] = {{1, -1, 0}, {1, -1, 0}, {1, -1, 0}};
    memcpy(a, r->axis, (size_t)r->dataset->shape.rank * sizeof *a);
    int64_t first = number * r->stride;
    if (r->dataset->type == DATA_UINT8)
        GATHER(uint8_t, uint8_t);
    else if (r->x->type == ARRAY_UINT8)
        GATHER(float, uint8_t);
    else if (r->x->type == ARRAY_FLOAT32)
        GATHER(float, float);
    else
        GATHER(float, double);
}

/* Whether the array lies in the file as the examples do in memory. */
static bool lies_right(const struct reading *r) {
    bool same_type = r->x->type == (r->dataset->type == DATA_UINT8 ? ARRAY_UINT8 : ARRAY_FLOAT32);
    return same_type && !r->x->fortran && array_options(r).layout == LAYOUT_CHANNELS_LAST;
}

/* Reads as many examples as are needed, and moves or converts those that are used. */
static void *read_used(struct reading *r, struct arena *arena) {
    struct array *x = &r->given->x;
    int64_t read = x->fortran ? x->extent[0] : r->selection.needed;
    double bytes = (double)read * (double)array_entry_size(x) * (double)array_type_bytes(x->type);
    size_t size = (size_t)dataset_example_size(r->dataset) *
                  (r->dataset->type == DATA_UINT8 ? 1 : sizeof(float));
    if (lies_right(r)) {
        if (!check_memory(r, bytes)) return NULL;
        void *values = arena_alloc(arena, (size_t)bytes);
        if (!x->read(x, read, values, r->error)) return NULL;
        select_compact(&r->selection, values, size);
        return values;
    }
    if (!check_memory(r, bytes + (double)r->dataset->count * (double)size)) return NULL;
    void *raw = arena_alloc(r->scratch, (size_t)bytes);
    if (!x->read(x, read, raw, r->error)) return NULL;
    char *values = arena_alloc_array(arena, (size_t)r->dataset->count, size);
    for (int64_t i = 0; i < r->dataset->count; i++)
        gather(r, raw, select_number(&r->selection, i), values + (size_t)i * size);
    return values;
}

static bool read_values(struct reading *r, struct arena *arena) {
    void *values = read_used(r, arena);
    if (!values || (r->dataset->type == DATA_FLOAT32 && !take_numbers(r, values))) return false;
    r->dataset->values = values;
    if (!r->label) return true;
    int32_t *labels = ARENA_ARRAY(arena, int32_t, r->dataset->count);
    for (int64_t i = 0; i < r->dataset->count; i++)
        labels[i] = r->label[select_number(&r->selection, i)];
    r->dataset->labels = labels;
    return true;
}

/* ---- all of it ---- */

static void add_file(struct dataset *dataset, const struct array *array, struct arena *arena) {
    for (int i = 0; i < dataset->file_count; i++)
        if (!strcmp(dataset->files[i].path, array->path)) return;
    dataset->files[dataset->file_count++] =
        (struct dataset_file){.path = arena_text(arena, array->path), .size = array->file_bytes};
}

static bool read_all(struct reading *r, bool decode, struct arena *arena) {
    const struct dataset *known = r->given->known;
    if (!check_x(r)) return false;
    add_file(r->dataset, r->x, arena);
    if (known) {
        r->dataset->classes = known->classes;
        r->dataset->class_names = known->class_names;
    }
    if (r->given->has_y) {
        if (!check_y(r)) return false;
        add_file(r->dataset, &r->given->y, arena);
        if ((decode || !known || options_of(r)->classes.count) && !read_labels(r)) return false;
    }
    if (r->given->class_names)
        r->dataset->class_names = arena_texts(arena, r->given->class_names, r->dataset->classes);
    return select_wanted(r) && (!decode || read_values(r, arena));
}

static bool examples_read(const struct dataset_request *request, bool decode, struct arena *arena,
                          struct dataset *dataset, struct error *error) {
    struct examples examples = {0};
    struct reading reading = {.request = request,
                              .given = &examples,
                              .x = &examples.x,
                              .scratch = arena_new(),
                              .dataset = dataset,
                              .error = error};
    bool good = request->row->open(request, &examples, reading.scratch, dataset, error) &&
                read_all(&reading, decode, arena);
    arena_free(reading.scratch);
    return good;
}

bool examples_peek(const struct dataset_request *request, struct arena *arena,
                   struct dataset *dataset, struct error *error) {
    return examples_read(request, false, arena, dataset, error);
}

bool examples_load(const struct dataset_request *request, struct arena *arena,
                   struct dataset *dataset, struct error *error) {
    return examples_read(request, true, arena, dataset, error);
}
