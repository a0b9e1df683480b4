/*
 * The images of a collection, by name: which there are of a split, and which class each is of.
 *
 * What is an image is told by its name: .jpg, .jpeg or .png, in any case; other files, and those whose
 * name or a folder's begins with a dot, are passed over. The folders that all images lie in are dropped.
 * Where the first folders are then called train, test and val, they are splits; the next folder is the
 * class. Classes are numbered by name, those of all splits together; images are in order of name,
 * whatever the order of the archive: nothing depends on the file system.
 *
 * A collection without images in which there are CIFAR-10's binary batches is those (cifar_file.h).
 */
#ifndef DATASETS_LISTING_H
#define DATASETS_LISTING_H

#include "datasets/dataset.h"
#include "datasets/image.h"

struct listing_image {
    const char *name; /* in the collection */
    int64_t number;   /* of its file there, as walk_next counts */
    int64_t record;   /* which record of its file; 0 where a file is an image */
    int32_t label;
};

struct listing {
    int64_t count;
    struct listing_image *images; /* (count) of the split, in order of name */
    int classes;                  /* 0: there are no folders for classes */
    const char *const *class_names;
    image_decoder *decode;
    int64_t record; /* bytes of a record; 0: each file is an image */
};

/* Which part of a collection: `domain` ends the names of its splits (trainA, testA); NULL: nothing does. */
struct listing_part {
    enum dataset_split split;
    const char *domain;
};

/* Lists the collection at `path`, in `arena`. DATA where it holds no image, the folders fit no rule, or
 * test has classes that train lacks; CONFIG where it has not that split. */
bool listing_read(const char *path, const struct listing_part *part, struct arena *arena,
                  struct listing *listing, struct dataset *dataset, struct error *error);

/* "train", also of what is held out; "test", "val". */
const char *listing_split_name(enum dataset_split split);

/* What to do where there is no such split. */
extern const char listing_split_hint[];

#endif
