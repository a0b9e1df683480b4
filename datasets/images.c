/* Images and labels from IDX files; see images.h. */
#include "datasets/images.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/idx_file.h"

enum { CLASSES_MOST = 65536 };

/* One reading. `scratch` lives as long as it and holds the open files. */
struct reading {
    const struct images *given;
    struct arena *scratch;
    struct idx_file images, labels;
    int32_t *label; /* (all in the file); NULL: not read */
    int32_t *keep;  /* (dataset->count) numbers of images, rising; NULL: the first ones */
    int64_t needed; /* the first so many images of the file hold all that are kept */
    int64_t size;   /* bytes of one image */
    struct dataset *dataset;
    struct error *error;
};

/* Sets the shape of one image: [h, w] in the file means one channel. */
static void set_shape(struct reading *r) {
    struct extents *shape = &r->dataset->shape;
    *shape = (struct extents){0};
    for (int i = 1; i < r->images.rank; i++)
        shape->extent[shape->rank++] = r->images.extent[i];
    if (shape->rank == 2) shape->extent[shape->rank++] = 1;
    r->size = r->images.bytes / r->images.extent[0];
}

static bool same_shape(const struct extents *a, const struct extents *b) {
    return a->rank == b->rank && !memcmp(a->extent, b->extent, (size_t)a->rank * sizeof *a->extent);
}

static bool open_images(struct reading *r) {
    struct idx_file *file = &r->images;
    const struct dataset *known = r->given->known;
    if (!idx_open(file, r->given->images, r->scratch, r->error)) return false;
    if (file->rank == 1)
        return error_set(r->error, STATUS_DATA, "%s holds labels (%s) where images were expected",
                         file->path, file->shape);
    bool bytes = file->type == IDX_UINT8;
    if (!bytes && (file->type != IDX_FLOAT32 || known))
        return error_set(r->error, STATUS_DATA, "%s holds %s values; images must be uint8%s",
                         file->path, idx_type_name(file->type), known ? "" : " or float32");
    if (file->extent[0] > INT32_MAX)
        return error_set(r->error, STATUS_DATA,
                         "%s holds %" PRId64 " images; at most %d can be used", file->path,
                         file->extent[0], INT32_MAX);
    r->dataset->type = bytes ? DATA_UINT8 : DATA_FLOAT32;
    set_shape(r);
    if (known && !same_shape(&known->shape, &r->dataset->shape))
        return error_set(r->error, STATUS_DATA,
                         "%s holds images %s, but an image of this data set is [%" PRId64
                         ", %" PRId64 "]",
                         file->path, file->shape, known->shape.extent[0], known->shape.extent[1]);
    return true;
}

static bool open_labels(struct reading *r) {
    struct idx_file *file = &r->labels;
    if (!idx_open(file, r->given->labels, r->scratch, r->error)) return false;
    if (file->rank != 1)
        return error_set(r->error, STATUS_DATA, "%s holds images (%s) where labels were expected",
                         file->path, file->shape);
    if (file->type != IDX_UINT8 && file->type != IDX_INT32)
        return error_set(r->error, STATUS_DATA, "%s holds %s values; labels must be uint8 or int32",
                         file->path, idx_type_name(file->type));
    if (file->extent[0] != r->images.extent[0])
        return error_set(r->error, STATUS_DATA,
                         "%s holds %" PRId64 " labels, but %s holds %" PRId64 " images", file->path,
                         file->extent[0], r->images.path, r->images.extent[0]);
    return true;
}

/* Reads all labels, checks them, and counts the classes where they are not known. */
static bool read_labels(struct reading *r) {
    const struct dataset *known = r->given->known;
    int64_t count = r->labels.extent[0];
    int32_t most = known ? known->classes : CLASSES_MOST, greatest = 0;
    unsigned char *bytes = arena_alloc(r->scratch, (size_t)r->labels.bytes);
    if (!idx_read(&r->labels, bytes, r->labels.bytes, r->error)) return false;
    r->label = ARENA_ARRAY(r->scratch, int32_t, count);
    for (int64_t i = 0; i < count; i++) {
        int32_t label = r->labels.type == IDX_UINT8 ? bytes[i] : (int32_t)idx_word(bytes + 4 * i);
        if (label < 0 || label >= most)
            return error_set(r->error, STATUS_DATA,
                             "%s: label number %" PRId64 " (from 0) is %" PRId32
                             "; labels are 0 to %" PRId32,
                             r->labels.path, i, label, most - 1);
        if (label > greatest) greatest = label;
        r->label[i] = label;
    }
    r->dataset->classes = known ? known->classes : greatest + 1;
    return true;
}

/* Marks the wanted classes in `wanted` [dataset->classes]. */
static bool mark_classes(struct reading *r, bool *wanted) {
    const struct numbers *classes = &r->given->classes;
    for (int i = 0; i < classes->count; i++) {
        double number = classes->list[i];
        if (!(number >= 0 && number < r->dataset->classes) || number != floor(number))
            return error_set(r->error, STATUS_CONFIG,
                             "classes: %g is not a label of %s; labels are 0 to %d", number,
                             r->images.path, r->dataset->classes - 1);
        wanted[(int)number] = true;
    }
    return true;
}

/* Decides which images are kept. */
static bool select_images(struct reading *r) {
    int64_t all = r->images.extent[0], limit = r->given->limit ? r->given->limit : all;
    r->needed = r->dataset->count = limit < all ? limit : all;
    if (!r->given->classes.count) return true;
    if (!r->label)
        return error_set(r->error, STATUS_CONFIG,
                         "classes: %s comes without labels, so that no classes can be chosen",
                         r->images.path);
    bool *wanted = ARENA_ARRAY(r->scratch, bool, r->dataset->classes);
    if (!mark_classes(r, wanted)) return false;
    r->keep = ARENA_ARRAY(r->scratch, int32_t, r->dataset->count);
    int64_t kept = 0;
    for (int64_t i = 0; i < all && kept < r->dataset->count; i++)
        if (wanted[r->label[i]]) r->keep[kept++] = (int32_t)i;
    if (!kept)
        return error_set(r->error, STATUS_CONFIG, "classes: no image of %s has one of these labels",
                         r->images.path);
    r->dataset->count = kept;
    r->needed = r->keep[kept - 1] + 1;
    return true;
}

static bool check_memory(struct reading *r, int64_t bytes) {
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if ((double)bytes <= memory) return true;
    error_set(r->error, STATUS_SYSTEM, "%s needs %.1f GiB, but this machine has %.1f GiB of memory",
              r->images.path, (double)bytes / (1 << 30), memory / (1 << 30));
    return error_hint(r->error, "'limit: N' reads only the first N images");
}

/* Turns the kept big-endian words into floats of this machine. */
static bool convert_floats(struct reading *r, float *values) {
    int64_t size = r->size / (int64_t)sizeof *values;
    for (int64_t i = 0; i < r->dataset->count * size; i++) {
        uint32_t word = idx_word(values + i);
        memcpy(values + i, &word, sizeof word);
        if (!isfinite(values[i]))
            return error_set(r->error, STATUS_DATA,
                             "%s: value %" PRId64 " of image %" PRId64
                             " (both from 0) is not finite",
                             r->images.path, i % size, r->keep ? r->keep[i / size] : i / size);
    }
    return true;
}

static bool read_values(struct reading *r, struct arena *arena) {
    int64_t bytes = r->needed * r->size;
    if (!check_memory(r, bytes)) return false;
    char *values = arena_alloc(arena, (size_t)bytes);
    if (!idx_read(&r->images, values, bytes, r->error)) return false;
    for (int64_t i = 0; r->keep && i < r->dataset->count; i++)
        memmove(values + i * r->size, values + r->keep[i] * r->size, (size_t)r->size);
    if (r->dataset->type == DATA_FLOAT32 && !convert_floats(r, (float *)(void *)values))
        return false;
    r->dataset->values = values;
    if (!r->label) return true;
    int32_t *labels = ARENA_ARRAY(arena, int32_t, r->dataset->count);
    for (int64_t i = 0; i < r->dataset->count; i++)
        labels[i] = r->label[r->keep ? r->keep[i] : i];
    r->dataset->labels = labels;
    return true;
}

static void add_file(struct dataset *dataset, const struct idx_file *file, struct arena *arena) {
    dataset->files[dataset->file_count++] =
        (struct dataset_file){.path = arena_text(arena, file->path), .size = file->size};
}

static bool read_all(struct reading *r, bool decode, struct arena *arena) {
    const struct dataset *known = r->given->known;
    if (!open_images(r)) return false;
    add_file(r->dataset, &r->images, arena);
    if (known) {
        r->dataset->classes = known->classes;
        r->dataset->class_names = known->class_names;
    }
    if (r->given->labels) {
        if (!open_labels(r)) return false;
        add_file(r->dataset, &r->labels, arena);
        if ((decode || !known || r->given->classes.count) && !read_labels(r)) return false;
    }
    return select_images(r) && (!decode || read_values(r, arena));
}

bool images_read(const struct images *images, bool decode, struct arena *arena,
                 struct dataset *dataset, struct error *error) {
    struct reading reading = {
        .given = images, .scratch = arena_new(), .dataset = dataset, .error = error};
    bool good = read_all(&reading, decode, arena);
    arena_free(reading.scratch);
    return good;
}
