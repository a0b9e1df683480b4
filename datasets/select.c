/* Parts, classes and limits; see select.h. */
#include "datasets/select.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "base/text.h"

/* How many of `count` examples are held out. */
static int64_t held_out(const struct dataset_options *options, int64_t count) {
    return (int64_t)llround(options->hold_out * (double)count);
}

int64_t select_part(const struct dataset_options *options, int64_t count) {
    switch ((enum dataset_split)options->split) {
    case SPLIT_TRAIN:
        return count - held_out(options, count);
    case SPLIT_HELD_OUT:
        return held_out(options, count);
    case SPLIT_TEST:
    case SPLIT_VAL:
        return count;
    }
    BUG("split %d", options->split);
}

int64_t select_number(const struct selection *selection, int64_t i) {
    return selection->keep ? selection->keep[i] : i;
}

void select_compact(const struct selection *selection, void *elements, size_t size) {
    char *bytes = elements;
    for (int64_t i = 0; selection->keep && i < selection->count; i++)
        memmove(bytes + (size_t)i * size, bytes + (size_t)selection->keep[i] * size, size);
}

/* Marks what the part lacks in `left_out` [count]: the first of a random order are held out. */
static void mark_part(const struct dataset_options *options, uint64_t seed, int64_t count,
                      bool *left_out) {
    int64_t held = held_out(options, count);
    struct random_stream random = {.key = hash_mix(hash_text(0, "hold out"), seed)};
    int32_t *order = memory_resize(NULL, (size_t)count * sizeof *order);
    for (int64_t i = 0; i < count; i++) {
        order[i] = (int32_t)i;
        left_out[i] = options->split == SPLIT_HELD_OUT;
    }
    for (int64_t i = 0; i < held; i++) {
        int64_t j = i + random_below(&random, (uint32_t)(count - i));
        int32_t chosen = order[j];
        order[j] = order[i];
        left_out[chosen] = !left_out[chosen];
    }
    free(order);
}

static bool check_part(const struct dataset_options *options, const struct select_from *from,
                       struct dataset *dataset, struct error *error) {
    if (select_part(options, from->count) > 0) return true;
    if (options->hold_out > 0) {
        dataset->wrong = "hold_out";
        return error_set(error, STATUS_CONFIG,
                         options->split == SPLIT_TRAIN
                             ? "hold_out: %g leaves none of the %" PRId64 " examples of %s"
                             : "hold_out: %g is none of the %" PRId64 " examples of %s",
                         options->hold_out, from->count, from->name);
    }
    dataset->wrong = "split";
    error_set(error, STATUS_CONFIG, "split: nothing of %s is held out", from->name);
    return error_hint(error, "'hold_out: 0.1' keeps a tenth apart");
}

int32_t select_label(const struct labels *wanted, int i, int classes,
                     const char *const *class_names) {
    const char *name = wanted->names ? wanted->names[i] : NULL;
    double number = wanted->list[i];
    if (!name)
        return number >= 0 && number < classes && number == floor(number) ? (int32_t)number : -1;
    for (int32_t label = 0; class_names && label < classes; label++)
        if (!strcmp(class_names[label], name)) return label;
    return -1;
}

/* "classes: 'dsic' is no class of photos". */
static bool no_label(const struct labels *wanted, int i, const struct select_from *from,
                     struct error *error) {
    const char *name = wanted->names ? wanted->names[i] : NULL;
    struct nearest nearest = {.wanted = name};
    struct arena *scratch = arena_new();
    if (!name)
        error_set(error, STATUS_CONFIG, "classes: %g is not a label of %s; labels are 0 to %d",
                  wanted->list[i], from->name, from->classes - 1);
    else
        error_set(error, STATUS_CONFIG, "classes: '%s' is not a class of %s",
                  text_excerpt(scratch, name), from->name);
    for (int k = 0; name && from->class_names && k < from->classes; k++)
        nearest_try(&nearest, from->class_names[k]);
    if (nearest.name)
        error_hint(error, "did you mean '%s'?", nearest.name);
    else if (name && from->class_names)
        error_hint(error, "'duel datasets describe' lists its %d classes", from->classes);
    else if (name)
        error_hint(error, "they have no names; their labels are 0 to %d", from->classes - 1);
    arena_free(scratch);
    return false;
}

/* Marks the examples of other classes than those wanted. */
static bool mark_classes(const struct labels *classes, const struct select_from *from,
                         struct arena *arena, bool *left_out, struct dataset *dataset,
                         struct error *error) {
    dataset->wrong = "classes";
    if (!from->labels)
        return error_set(error, STATUS_CONFIG,
                         "classes: %s comes without labels, so that no classes can be chosen",
                         from->name);
    bool *wanted = ARENA_ARRAY(arena, bool, from->classes);
    for (int i = 0; i < classes->count; i++) {
        int32_t label = select_label(classes, i, from->classes, from->class_names);
        if (label < 0) return no_label(classes, i, from, error);
        wanted[label] = true;
    }
    bool any = false;
    for (int64_t i = 0; i < from->count; i++) {
        any = any || (wanted[from->labels[i]] && !left_out[i]);
        left_out[i] = left_out[i] || !wanted[from->labels[i]];
    }
    if (!any)
        return error_set(error, STATUS_CONFIG, "classes: no example of %s has one of these labels",
                         from->name);
    dataset->wrong = NULL;
    return true;
}

/* Lists what is not left out, at most `most`. */
static void list_kept(const bool *left_out, int64_t count, int64_t most, struct arena *arena,
                      struct selection *selection) {
    int32_t *keep = ARENA_ARRAY(arena, int32_t, most);
    int64_t kept = 0;
    for (int64_t i = 0; i < count && kept < most; i++)
        if (!left_out[i]) keep[kept++] = (int32_t)i;
    *selection = (struct selection){kept, keep[kept - 1] + 1, keep};
}

bool select_examples(const struct dataset_request *request, const struct select_from *from,
                     struct arena *arena, struct selection *selection, struct dataset *dataset,
                     struct error *error) {
    const struct dataset_options *options = request->options;
    BUG_IF(from->count < 1 || from->count > INT32_MAX);
    if (!check_part(options, from, dataset, error)) return false;
    int64_t part = select_part(options, from->count);
    int64_t most = options->limit && options->limit < part ? options->limit : part;
    *selection = (struct selection){most, most, NULL};
    if (part == from->count && !options->classes.count) return true;
    bool *left_out = ARENA_ARRAY(arena, bool, from->count);
    if (part < from->count) mark_part(options, request->seed, from->count, left_out);
    if (options->classes.count &&
        !mark_classes(&options->classes, from, arena, left_out, dataset, error))
        return false;
    list_kept(left_out, from->count, most, arena, selection);
    return true;
}
