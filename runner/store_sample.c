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

/* Adds the axis `name` of `extent` places, numbered from 0, once, and binds it to `axis` of the
 * array at `path`. */
static void bind_axis(struct hdf5_writer *w, struct arena *arena, bool *made, const char *path,
                      int axis, const char *name, int64_t extent) {
    if (!*made) {
        int32_t *place = ARENA_ARRAY(arena, int32_t, extent);
        for (int64_t i = 0; i < extent; i++)
            place[i] = (int32_t)i;
        struct store_array scale = {name, STORE_INT32, 1, {extent}, place};
        hdf5_add(w, &scale, HDF5_CONTIGUOUS);
    }
    *made = true;
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
}

/* Adds the array as `path`; its axes are bound to the scales `axes`, of which there may be fewer.
 */
static void add_array(struct hdf5_writer *w, struct arena *arena, const struct store_array *array,
                      const char *path, bool *sample_made, const char *const *axes) {
    if (!array->data) return;
    struct store_array named = *array;
    named.path = path;
    hdf5_add(w, &named, HDF5_CONTIGUOUS);
    bind_axis(w, arena, sample_made, path, 0, "sample", array->extent[0]);
    for (int i = 1; axes && axes[i - 1] && i < array->rank; i++) {
        bool made = false; /* no two arrays share it */
        bind_axis(w, arena, &made, path, i, axes[i - 1], array->extent[i]);
    }
}

bool sample_write(const struct file_calls *calls, const char *path, const struct sample *s,
                  struct error *e) {
    check_sample(s);
    static const char *const image_axes[] = {"row", "column", "channel", NULL};
    static const char *const point_axes[] = {"coordinate", NULL}, *const latent_axes[] = {"latent",
                                                                                          NULL};
    struct arena *arena = arena_new();
    bool made = false; /* the scale `sample` */
    struct hdf5_writer *w = hdf5_writer_new(arena, e);
    hdf5_set_integer(w, "", "duel_format", STORE_FORMAT);
    hdf5_set_text(w, "", "duel_kind", "samples");
    hdf5_set_integer(w, "", "step", s->step);
    add_array(w, arena, &s->images, "images", &made, image_axes);
    if (s->images.data) set_image_attributes(w, s->images.extent[3]);
    add_array(w, arena, &s->points, "points", &made, point_axes);
    add_array(w, arena, &s->values, "values", &made, NULL);
    if (s->real.data) {
        struct store_array real = s->real;
        real.path = "real";
        hdf5_add(w, &real, HDF5_CONTIGUOUS);
    }
    add_array(w, arena, &s->latents, "latents", &made, s->latents.rank == 2 ? latent_axes : NULL);
    add_array(w, arena, &s->labels, "labels", &made, NULL);
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

/* Where the first of `names` that the file has begins; *offset is -1 where it has none. */
static bool find_offset(const char *path, const char *const *names, int64_t *offset,
                        struct store_array *shape, struct error *e) {
    struct arena *scratch = arena_new();
    struct hdf5_reader *file = hdf5_open(scratch, path, e);
    bool ok = file && store_check_kind(file, path, "samples", e);
    *offset = -1;
    while (ok && *names && !hdf5_has(file, *names))
        names++;
    if (ok && *names) {
        ok = hdf5_describe(file, *names, shape, offset, e);
        if (ok && *offset < 0)
            ok = error_set(e, STATUS_DATA, "'/%s' in '%s' does not lie at one place", *names, path);
    }
    arena_free(scratch);
    return ok;
}

bool sample_offset(const char *path, int64_t *offset, struct store_array *shape, struct error *e) {
    static const char *const names[] = {"images", "points", NULL};
    return find_offset(path, names, offset, shape, e);
}

bool sample_real_offset(const char *path, int64_t *offset, struct store_array *shape,
                        struct error *e) {
    static const char *const names[] = {"real", NULL};
    return find_offset(path, names, offset, shape, e);
}

void sample_to_bytes(const float *src, size_t count, double low, double high, uint8_t *dst) {
    BUG_IF(!(low < high));
    for (size_t i = 0; i < count; i++) {
        double level = ((double)src[i] - low) / (high - low) * 255;
        dst[i] = level >= 255 ? 255 : level > 0 ? (uint8_t)lround(level) : 0;
    }
}
