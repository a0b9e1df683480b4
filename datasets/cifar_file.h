/*
 * CIFAR-10's binary batches as published: files of records, each a label and the red, green and blue
 * values of 32x32 pixels, in planes. The records of data_batch_1.bin to 5 are train, those of
 * test_batch.bin are test, in their order.
 */
#ifndef DATASETS_CIFAR_FILE_H
#define DATASETS_CIFAR_FILE_H

#include "datasets/listing.h"
#include "datasets/walk.h"

extern const char *const cifar_class_names[10];

/* The batches that a walk through a collection comes by; zero-initialise it. */
struct cifar {
    bool found; /* there is one, of whatever part */
    struct cifar_batch {
        int64_t count;
        struct listing_image *records; /* (count) */
    } batches[6];                      /* of the wanted part, by number; that of test is 1 */
    struct error error;                /* what is wrong with one of them */
};

/* Reads the file that the walk is at, into `arena`, if it is a batch of the wanted part. False where the walk
 * cannot go on. */
bool cifar_meet(struct cifar *cifar, const char *path, const struct listing_part *part,
                struct walk *walk, const struct walk_entry *entry, struct arena *arena,
                struct error *error);

/* Lists what was met. DATA where a batch is damaged or not there, CONFIG where there is no such part. */
bool cifar_list(const struct cifar *cifar, const char *path, const struct listing_part *part,
                struct arena *arena, struct listing *listing, struct dataset *dataset,
                struct error *error);

#endif
