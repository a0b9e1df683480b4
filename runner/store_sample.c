/*
 * Samples in HDF5: /images (or /points, or /values), /latents and /labels, contiguous, with HDF5's image
 * attributes and named axes; see store_sample.h and docs/run-folder.md.
 */
#include "runner/store_sample.h"

#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "runner/store_checkpoint.h"

const char *sample_path(struct arena *arena, const char *folder, int64_t step) {
    return checkpoint_path(arena, folder, step);
}

/* The axes that a file has by now. */
struct axes {
    int count;
    const char *made[8];
};

/* Adds the axis `name` of `extent` places, numbered from 0, once, and binds it to `axis` of the
 * array at `path`. */
static void bind_axis(struct hdf5_writer *w, struct arena *arena, struct axes *axes,
                      const char *path, int axis, const char *name, int64_t extent) {
    bool made = false;
    for (int i = 0; i < axes->count; i++)
        made = made || !strcmp(axes->made[i], name);
    if (!made) {
        int32_t *place = ARENA_ARRAY(arena, int32_t, extent);
        for (int64_t i = 0; i < extent; i++)
            place[i] = (int32_t)i;
        struct store_array scale = {name, STORE_INT32, 1, {extent}, place};
        hdf5_add(w, &scale, HDF5_CONTIGUOUS);
        BUG_IF(axes->count == 8);
        axes->made[axes->count++] = name;
    }
    hdf5_set_scale(w, path, axis, name);
}

/*
 * The attributes of HDF5's image specification 1.2. It knows a grey image [height, width] and
 * pixel-interlaced true colour [height, width, 3]; ours have one axis before, for n images, and
 * always one behind, for channels.
 */
static void set_image_attributes(struct hdf5_writer *w, int64_t channels) {
    hdf5_set_text(w, "images", "CLASS", "IMAGE");
    hdf5_set_text(w, "images", "IMAGE_VERSION", "1.2");
    hdf5_set_text(w, "images", "IMAGE_SUBCLASS",
                  channels >= 3 ? "IMAGE_TRUECOLOR" : "IMAGE_GRAYSCALE");
    hdf5_set_text(w, "images", "INTERLACE_MODE", "INTERLACE_PIXEL");
    hdf5_set_bytes(w, "images", "IMAGE_MINMAXRANGE", 2, (const uint8_t[]){0, 255});
}

/* What was made: images, points or values. */
static const struct store_array *sample_main(const struct sample *s) {
    return s->images.data ? &s->images : s->points.data ? &s->points : &s->values;
}

static void check_sample(const struct sample *s) {
    BUG_IF(!!s->images.data + !!s->points.data + !!s->values.data != 1);
    BUG_IF(s->images.data && (s->images.type != STORE_UINT8 || s->images.rank != 4));
    BUG_IF(s->points.data && (s->points.type != STORE_FLOAT32 || s->points.rank != 2));
    BUG_IF(s->values.data && (s->values.type != STORE_FLOAT32 || s->values.rank < 1));
    const struct store_array *beside[] = {&s->latents, &s->labels};
    for (int i = 0; i < 2; i++)
        BUG_IF(beside[i]->data &&
               (beside[i]->rank < 1 || beside[i]->extent[0] != sample_main(s)->extent[0]));
    BUG_IF(s->real.data && (s->real.type != STORE_FLOAT32 || s->real.rank != 2));
    BUG_IF(s->latents.data && s->latents.type != STORE_FLOAT32 && s->latents.type != STORE_INT32);
    BUG_IF(s->labels.data && s->labels.type != STORE_INT32);
    BUG_IF(s->field.data && (s->field.type != STORE_FLOAT32 || s->field.rank != 2 ||
                             s->field.extent[0] != s->field_y.extent[0] ||
                             s->field.extent[1] != s->field_x.extent[0]));
    BUG_IF(s->arrows.data && (!s->points.data || s->arrows.type != STORE_FLOAT32 ||
                              s->arrows.extent[0] != s->points.extent[0]));
}

/* Adds the array as `path`; its axes are bound to the scales `names`, of which there may be fewer. */
static void add_array(struct hdf5_writer *w, struct arena *arena, const struct store_array *array,
                      const char *path, struct axes *axes, const char *const *names) {
    if (!array->data) return;
    struct store_array named = *array;
    named.path = path;
    hdf5_add(w, &named, HDF5_CONTIGUOUS);
    for (int i = 0; names && names[i] && i < array->rank; i++)
        bind_axis(w, arena, axes, path, i, names[i], array->extent[i]);
}

/* The field has its places for axes. */
static void add_field(struct hdf5_writer *w, struct arena *arena, const struct sample *s,
                      struct axes *axes) {
    if (!s->field.data) return;
    add_array(w, arena, &s->field, "field", axes, NULL);
    add_array(w, arena, &s->field_y, "field_y", axes, NULL);
    add_array(w, arena, &s->field_x, "field_x", axes, NULL);
    hdf5_set_scale(w, "field", 0, "field_y");
    hdf5_set_scale(w, "field", 1, "field_x");
    hdf5_set_text(w, "field", "network", s->field_network);
}

bool sample_write(const struct file_calls *calls, const char *path, const struct sample *s,
                  struct error *e) {
    check_sample(s);
    static const char *const image_axes[] = {"sample", "row", "column", "channel", NULL},
                             *const point_axes[] = {"sample", "coordinate", NULL},
                             *const latent_axes[] = {"sample", "latent", NULL},
                             *const sample_axes[] = {"sample", NULL};
    struct arena *arena = arena_new();
    struct axes axes = {0};
    struct hdf5_writer *w = hdf5_writer_new(arena, e);
    hdf5_set_integer(w, "", "duel_format", STORE_FORMAT);
    hdf5_set_text(w, "", "duel_kind", "samples");
    hdf5_set_integer(w, "", "step", s->step);
    add_array(w, arena, &s->images, "images", &axes, image_axes);
    if (s->images.data) set_image_attributes(w, s->images.extent[3]);
    add_array(w, arena, &s->points, "points", &axes, point_axes);
    add_array(w, arena, &s->values, "values", &axes, sample_axes);
    add_array(w, arena, &s->real, "real", &axes, NULL);
    add_array(w, arena, &s->latents, "latents", &axes,
              s->latents.rank == 2 ? latent_axes : sample_axes);
    add_array(w, arena, &s->labels, "labels", &axes, sample_axes);
    if (s->labels.data && s->class_names && *s->class_names)
        hdf5_set_text(w, "labels", "names", s->class_names);
    add_array(w, arena, &s->arrows, "arrows", &axes, point_axes);
    add_field(w, arena, s, &axes);
    for (int i = 0; i < s->others_count; i++)
        hdf5_add(w, &s->others[i], HDF5_CONTIGUOUS);
    for (int i = 0; i < s->notes_count; i++)
        hdf5_set_text(w, "", s->notes[i].name, s->notes[i].text);
    bool ok = hdf5_save(w, calls, path);
    arena_free(arena);
    return ok;
}

/* Reads an array that must be of this type (or `other`), if it is there. */
static bool read_array(struct hdf5_reader *file, struct arena *arena, const char *path,
                       enum store_type type, enum store_type other, struct store_array *array,
                       struct error *e) {
    if (!hdf5_has(file, path)) return true;
    if (!hdf5_read(file, arena, path, array, e)) return false;
    return array->type == type || array->type == other ||
           error_set(e, STATUS_DATA, "'/%s' is %s where %s is due", path,
                     store_type_name(array->type), store_type_name(type));
}

bool sample_read(struct arena *arena, const char *path, struct sample *s, struct error *e) {
    struct arena *scratch = arena_new();
    *s = (struct sample){0};
    struct hdf5_reader *file = hdf5_open(scratch, path, e);
    bool ok = file && store_check_kind(file, path, "samples", e) &&
              hdf5_get_integer(file, "", "step", &s->step, e);
    const struct {
        const char *path;
        enum store_type type, other;
        struct store_array *array;
    } rows[] = {
        {"images", STORE_UINT8, STORE_UINT8, &s->images},
        {"points", STORE_FLOAT32, STORE_FLOAT32, &s->points},
        {"values", STORE_FLOAT32, STORE_FLOAT32, &s->values},
        {"real", STORE_FLOAT32, STORE_FLOAT32, &s->real},
        {"latents", STORE_FLOAT32, STORE_INT32, &s->latents},
        {"labels", STORE_INT32, STORE_INT32, &s->labels},
        {"field", STORE_FLOAT32, STORE_FLOAT32, &s->field},
        {"field_x", STORE_FLOAT32, STORE_FLOAT32, &s->field_x},
        {"field_y", STORE_FLOAT32, STORE_FLOAT32, &s->field_y},
        {"arrows", STORE_FLOAT32, STORE_FLOAT32, &s->arrows},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ok = ok &&
             read_array(file, arena, rows[i].path, rows[i].type, rows[i].other, rows[i].array, e);
    if (ok && !(s->images.data && s->images.rank == 4) &&
        !(s->points.data && s->points.rank == 2) && !s->values.data)
        ok = error_set(e, STATUS_DATA,
                       "'%s' has neither images [n, height, width, channels] nor points [n, 2] "
                       "nor values",
                       path);
    arena_free(scratch);
    return ok;
}

static bool find_place(struct hdf5_reader *file, const char *path, const char *name,
                       struct sample_place *place, struct error *e) {
    place->offset = -1;
    if (!hdf5_has(file, name)) return true;
    if (!hdf5_describe(file, name, &place->shape, &place->offset, e)) return false;
    return place->offset >= 0 ||
           error_set(e, STATUS_DATA, "'/%s' in '%s' does not lie at one place", name, path);
}

/* The first two places of an axis, of which there must be at least two. */
static bool read_axis(struct hdf5_reader *file, struct arena *scratch, const char *path,
                      const char *name, float places[2], struct error *e) {
    struct store_array axis = {0};
    if (!read_array(file, scratch, name, STORE_FLOAT32, STORE_FLOAT32, &axis, e)) return false;
    if (!axis.data || store_count(&axis) < 2)
        return error_set(e, STATUS_DATA, "'%s' has a field, but not its axis '/%s'", path, name);
    memcpy(places, axis.data, 2 * sizeof(float));
    return true;
}

bool sample_layout(struct arena *arena, const char *path, struct sample_layout *layout,
                   struct error *e) {
    struct arena *scratch = arena_new();
    struct hdf5_reader *file = hdf5_open(scratch, path, e);
    *layout = (struct sample_layout){0};
    bool ok = file && store_check_kind(file, path, "samples", e) &&
              find_place(file, path, "images", &layout->images, e) &&
              find_place(file, path, "points", &layout->points, e) &&
              find_place(file, path, "real", &layout->real, e) &&
              find_place(file, path, "arrows", &layout->arrows, e) &&
              find_place(file, path, "field", &layout->field, e);
    if (ok && layout->field.offset >= 0) {
        layout->field_network = hdf5_get_text(file, arena, "field", "network", e);
        ok = layout->field_network &&
             read_axis(file, scratch, path, "field_x", layout->field_x, e) &&
             read_axis(file, scratch, path, "field_y", layout->field_y, e);
    }
    arena_free(scratch);
    return ok;
}

void sample_to_bytes(const float *src, size_t count, double low, double high, uint8_t *dst) {
    BUG_IF(!(low < high));
    for (size_t i = 0; i < count; i++) {
        double level = ((double)src[i] - low) / (high - low) * 255;
        dst[i] = level >= 255 ? 255 : level > 0 ? (uint8_t)lround(level) : 0;
    }
}
