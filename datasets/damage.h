/* What is wrong with images of a collection: the first of them, in its order, to be told together. */
#ifndef DATASETS_DAMAGE_H
#define DATASETS_DAMAGE_H

#include "base/text.h"
#include "datasets/listing.h"

/* So many are told; one more is kept, which shows that there are more. */
enum { DAMAGE_TOLD = 10 };

/* An image that cannot be used. */
struct damage {
    int64_t order; /* those of lower numbers come first */
    int64_t slot;  /* which of the listing's */
    struct error error;
};

/* Zero-initialise it. */
struct damages {
    bool cut; /* what came later was left out, however much it was */
    int count;
    struct damage list[DAMAGE_TOLD + 1]; /* in order */
};

/* Keeps one that is among the first. */
void damages_note(struct damages *damages, int64_t order, int64_t slot, const struct error *error);

/* Forgets those from `order` on. */
void damages_cut(struct damages *damages, int64_t order);

/* Adds the only one, "'cat/1.jpg' (file 7 of data.tar): it is cut"; or lines, "\n  'cat/1.jpg' (file 7): it is
 * cut". `all`: how many there are, or 0 where that is not known. */
void damages_tell(const struct damages *damages, const char *path, const struct listing *listing,
                  int64_t all, struct text *text);

/* Sets the error: that of the only one, or "3 images of data.tar cannot be used: …". */
bool damages_fail(const struct damages *damages, const char *path, const struct listing *listing,
                  const char *hint, struct error *error);

#endif
