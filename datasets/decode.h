/*
 * Decoding the images of a listing on all cores: one thread reads the collection, in its order, the others
 * decode. Which example is where does not depend on them, nor do the images that an error names: they are the
 * first wrong ones of the collection.
 */
#ifndef DATASETS_DECODE_H
#define DATASETS_DECODE_H

#include "datasets/fit.h"
#include "datasets/listing.h"

struct decode {
    const char *path; /* of the collection */
    const struct listing *listing;
    const struct fit *fit;
    int64_t max_pixels;
    bool skip;                               /* leave damaged images out, and count them */
    const char *fix_size;                    /* what to do where images differ in size */
    int threads;                             /* that decode; 0: as many as there are cores */
    const struct dataset_listener *listener; /* may be NULL */
    const char *what;                        /* for the listener: the name of the data set */
    const atomic_bool *stop;                 /* may be NULL */
};

/* The shape of an example: that of the first image that can be decoded, which is not looked at where `fit` says
 * it for any image. False with an error where there is none, or the first is damaged and may not be skipped. */
bool decode_shape(const struct decode *decode, struct extents *shape, struct error *error);

/* What came of it. */
struct decoded {
    int64_t count;       /* examples, at most the listing's */
    int64_t skipped;     /* images that were left out */
    const char *damaged; /* the first of these, as damages_tell says it; "" */
};

/*
 * Decodes all images into `values` (listing->count, shape…) and `labels` (listing->count; NULL where there
 * are no classes), without gaps. Texts live in `arena`. DATA where some are damaged; CONFIG where one is of
 * another shape; STOPPED.
 */
bool decode_all(const struct decode *decode, const struct extents *shape, uint8_t *values,
                int32_t *labels, struct arena *arena, struct decoded *decoded, struct error *error);

#endif
