/*
 * Which examples of a source are used: a part of it (`split`, `hold_out`), some classes of that, and
 * the first of those (`limit`), in this order. Whether an example is held out depends on its number,
 * the seed and how many there are, on no other option: the parts never share one.
 */
#ifndef DATASETS_SELECT_H
#define DATASETS_SELECT_H

#include "datasets/dataset.h"

/* What is selected of. */
struct select_from {
    const char *name;               /* for messages: a file, or the source */
    int64_t count;                  /* examples, at most INT32_MAX */
    const int32_t *labels;          /* (count); NULL: there are none */
    int classes;                    /* labels are 0 to classes - 1 */
    const char *const *class_names; /* (classes); NULL: they have none */
};

struct selection {
    int64_t count;       /* examples that are used */
    int64_t needed;      /* the first so many of the source hold all of them */
    const int32_t *keep; /* (count) their numbers, rising; NULL: the first `count` */
};

/* Selects by the request's options. `keep` lives in `arena`. Fails with CONFIG, and names the option
 * in dataset->wrong, where nothing is left or a class does not exist. */
bool select_examples(const struct dataset_request *request, const struct select_from *from,
                     struct arena *arena, struct selection *selection, struct dataset *dataset,
                     struct error *error);

/* The label that item i of `wanted` is, by its number or its name among those of `classes`; -1: there is no such. */
int32_t select_label(const struct labels *wanted, int i, int classes,
                     const char *const *class_names);

/* How many of `count` examples are in the part that the options name. */
int64_t select_part(const struct dataset_options *options, int64_t count);

/* The number in the source of selected example i. */
int64_t select_number(const struct selection *selection, int64_t i);

/* Moves the selected of `needed` elements of `size` bytes to the front. */
void select_compact(const struct selection *selection, void *elements, size_t size);

/* The rows of the options; an options struct begins with a struct dataset_options. */
#define SELECT_SPLIT_ROW(names)                                                                    \
    {                                                                                              \
        .name = "split", .type = PARAMETER_CHOICE,                                                 \
        .offset = offsetof(struct dataset_options, split), .standard = "train", .choices = names,  \
        .doc = "which part: 'train' lacks what 'hold_out' keeps apart, 'held_out' is just that"    \
    }
#define SELECT_HOLD_OUT_ROW                                                                        \
    {                                                                                              \
        .name = "hold_out", .type = PARAMETER_NUMBER,                                              \
        .offset = offsetof(struct dataset_options, hold_out), .standard = "0", .low = 0,           \
        .high = 1,                                                                                 \
        .doc = "the share of the examples that is kept apart from training, chosen by the seed"    \
    }
#define SELECT_LIMIT_ROW                                                                           \
    {                                                                                              \
        .name = "limit", .type = PARAMETER_INTEGER,                                                \
        .offset = offsetof(struct dataset_options, limit), .standard = "", .low = 1,               \
        .high = INT32_MAX, .unit = "examples",                                                     \
        .doc = "use only the first so many of the examples that are kept"                          \
    }
#define SELECT_CLASSES_ROW                                                                         \
    {                                                                                              \
        .name = "classes", .type = PARAMETER_LABELS,                                               \
        .offset = offsetof(struct dataset_options, classes), .standard = "", .low = 0,             \
        .high = 65535,                                                                             \
        .doc = "keep only examples of these classes, by number or name; labels keep their numbers" \
    }
/* Of a source that is drawn; of one in files. */
#define SELECT_DRAWN_ROWS SELECT_SPLIT_ROW("train held_out"), SELECT_HOLD_OUT_ROW
#define SELECT_FILE_ROWS  SELECT_DRAWN_ROWS, SELECT_LIMIT_ROW, SELECT_CLASSES_ROW

#endif
