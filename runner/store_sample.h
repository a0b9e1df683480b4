/*
 * Samples: what a sampler made at a step, as HDF5 for programs and as a PNG grid for people.
 */
#ifndef RUNNER_STORE_SAMPLE_H
#define RUNNER_STORE_SAMPLE_H

#include "files/hdf5.h"

/* Images, points or values of another shape, beside the latents and labels they were made from. The
 * paths of the arrays are ignored, but for `others`. */
struct sample {
    int64_t step;
    struct store_array images; /* uint8 [n, height, width, channels]; data NULL: none */
    struct store_array points; /* float32 [n, 2] or [n, k]; data NULL: none */
    struct store_array values; /* float32 [n, …]; data NULL: none */
    struct store_array real;   /* float32 [m, k]: points of the data, to compare; data NULL: none */
    struct store_array latents; /* float32 or int32 [n, …]; data NULL: none */
    struct store_array labels;  /* int32 [n] or [n, k]; data NULL: none */
    const char *class_names;    /* of all classes, as lines; "" or NULL: they have none */
    /* Of points in the plane: what a network says at the places (field_x[i], field_y[k]), and where
     * each point would go. */
    struct store_array field;            /* float32 [k, i]; data NULL: none */
    struct store_array field_x, field_y; /* float32 [i], [k]: evenly spaced */
    const char *field_network;           /* its name */
    struct store_array arrows;           /* float32 [n, 2]; data NULL: none */
    /* Whatever else a file shall hold: arrays under their own paths, texts as attributes. */
    int others_count, notes_count;
    const struct store_array *others;
    const struct sample_note { const char *name, *text; } * notes;
};

/* FOLDER/step-00001000.h5 */
const char *sample_path(struct arena *arena, const char *folder, int64_t step);

/* What is not read back: others and notes. */
bool sample_write(const struct file_calls *calls, const char *path, const struct sample *sample,
                  struct error *e);

/* Reads it back; into the arena. */
bool sample_read(struct arena *arena, const char *path, struct sample *sample, struct error *e);

/* An array in a file, for programs that read it raw (gnuplot: binary skip=offset). */
struct sample_place {
    int64_t offset;           /* bytes; -1: it is not there */
    struct store_array shape; /* type and extents; no data */
};
struct sample_layout {
    struct sample_place images, points, real, arrows, field;
    float field_x[2], field_y[2]; /* the first two places along each axis */
    const char *field_network;    /* in the arena */
};
bool sample_layout(struct arena *arena, const char *path, struct sample_layout *layout,
                   struct error *e);

/* One picture of n images, `columns` in a row (0: as square as can be), `gap` white pixels between
   them. Channels: 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA). */
bool sample_write_png(const struct file_calls *calls, const char *path,
                      const struct store_array *images, int columns, int gap, struct error *e);

/* Bytes from numbers in [low, high]: nearest, clamped; not a number gives 0. */
void sample_to_bytes(const float *src, size_t count, double low, double high, uint8_t *dst);

#endif
