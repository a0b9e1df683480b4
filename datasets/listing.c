/* Names become splits and classes; see listing.h. */
#include "datasets/listing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bug.h"
#include "datasets/cifar_file.h"
#include "datasets/walk.h"

/* An image of the collection. */
struct named {
    const char *name; /* in the collection */
    const char *rest; /* without the folders that all lie in, and, at the end, without the split */
    int64_t number;
};

/* One reading. */
struct reading {
    const char *path;
    const struct listing_part *part;
    struct arena *arena;
    int64_t count;
    struct named *images;
    struct cifar cifar; /* of what comes before the first image */
    const char *other;  /* a file that is no image; NULL: there is none */
    struct dataset *dataset;
    struct error *error;
};

const char *listing_split_name(enum dataset_split split) {
    return split == SPLIT_TEST ? "test" : split == SPLIT_VAL ? "val" : "train";
}

const char listing_split_hint[] =
    "'hold_out: 0.1' keeps a tenth of train apart, which 'split: held_out' is then";

/* ---- names ---- */

static bool is_image(const char *name) {
    static const char *const ends[] = {".jpg", ".jpeg", ".png"};
    const char *dot = strrchr(name, '.');
    if (*name == '.' || strstr(name, "/.") || !strncmp(name, "__MACOSX/", 9) || !dot) return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i])) return true;
    return false;
}

static int compare_named(const void *a, const void *b) {
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* Bytes of the first folder of a name, without its slash; 0: it lies in none. */
static size_t folder_length(const char *name) {
    const char *slash = strchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

static bool list_names(struct reading *r, struct arena *scratch) {
    struct walk *walk = walk_open(r->path, scratch, r->error);
    struct walk_entry entry;
    enum walk_result result = WALK_FAILED;
    while (walk && (result = walk_next(walk, &entry, r->error)) == WALK_ENTRY) {
        if (!is_image(entry.name)) {
            if (!r->other) r->other = arena_text(r->arena, entry.name);
            if (!r->count &&
                !cifar_meet(&r->cifar, r->path, r->part, walk, &entry, r->arena, r->error))
                return false;
            continue;
        }
        if (r->count == INT32_MAX)
            return error_set(r->error, STATUS_DATA, "%s holds more than %d images", r->path,
                             INT32_MAX);
        const char *name = arena_text(r->arena, entry.name);
        r->images = ARENA_GROW(r->arena, r->images, r->count);
        r->images[r->count++] = (struct named){name, name, entry.number};
    }
    return result == WALK_END;
}

/* Sorts; a name that is there twice would make the order a matter of chance. */
static bool order_names(struct reading *r) {
    if (!r->count) {
        error_set(r->error, STATUS_DATA, "%s holds no image: no file .jpg, .jpeg or .png", r->path);
        return r->other
                   ? error_hint(r->error, "other files, such as '%s', are not read: convert them",
                                text_excerpt(r->arena, r->other))
                   : error_hint(r->error, "it is empty");
    }
    qsort(r->images, (size_t)r->count, sizeof *r->images, compare_named);
    for (int64_t i = 1; i < r->count; i++)
        if (!strcmp(r->images[i - 1].name, r->images[i].name))
            return error_set(r->error, STATUS_DATA, "%s holds '%s' twice", r->path,
                             text_excerpt(r->arena, r->images[i].name));
    return true;
}

/* ---- splits ---- */

/* The split that a folder is, by its name and the domain after it; -1: none. */
static int split_of(const struct reading *r, const char *name, size_t length) {
    const char *domain = r->part->domain ? r->part->domain : "";
    static const int splits[] = {SPLIT_TRAIN, SPLIT_TEST, SPLIT_VAL};
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        const char *split = listing_split_name((enum dataset_split)splits[i]);
        size_t bare = strlen(split);
        if (length == bare + strlen(domain) && !strncmp(name, split, bare) &&
            !strncmp(name + bare, domain, length - bare))
            return splits[i];
    }
    return -1;
}

static int split_of_image(const struct reading *r, const struct named *image) {
    return split_of(r, image->rest, folder_length(image->rest));
}

/* Drops the folders that all images lie in, down to one that is a split. */
static void drop_common(struct reading *r) {
    for (;;) {
        const char *first = r->images[0].rest;
        size_t length = folder_length(first);
        if (!length || split_of(r, first, length) >= 0) return;
        for (int64_t i = 1; i < r->count; i++)
            if (folder_length(r->images[i].rest) != length ||
                strncmp(r->images[i].rest, first, length) != 0)
                return;
        for (int64_t i = 0; i < r->count; i++)
            r->images[i].rest += length + 1;
    }
}

static bool has_splits(const struct reading *r) {
    for (int64_t i = 0; i < r->count; i++)
        if (split_of_image(r, &r->images[i]) >= 0) return true;
    return false;
}

/* Whether an image lies in a first folder called so. */
static bool has_folder(const struct reading *r, const char *folder) {
    size_t length = strlen(folder);
    for (int64_t i = 0; i < r->count; i++)
        if (folder_length(r->images[i].rest) == length &&
            !strncmp(r->images[i].rest, folder, length))
            return true;
    return false;
}

/* Folders trainA and testA are no classes: a domain is to be chosen. */
static bool check_domains(struct reading *r) {
    for (int64_t i = 0; i < r->count; i++) {
        const char *first = r->images[i].rest, *last = i ? r->images[i - 1].rest : "";
        size_t length = folder_length(first);
        if (folder_length(last) == length && !strncmp(first, last, length)) continue;
        if (length <= 5 || strncmp(first, "train", 5) != 0) continue;
        const char *domain = arena_text_range(r->arena, first + 5, length - 5);
        const char *test = arena_format(r->arena, "test%s", domain);
        if (!has_folder(r, test)) continue;
        r->dataset->wrong = "domain";
        error_set(r->error, STATUS_CONFIG,
                  "%s has folders 'train%s' and '%s': which of its domains is meant?", r->path,
                  domain, test);
        return error_hint(r->error, "'domain: %s'", domain);
    }
    return true;
}

static bool no_split(struct reading *r, bool splits) {
    const char *name = listing_split_name(r->part->split);
    const char *domain = r->part->domain ? r->part->domain : "";
    r->dataset->wrong = !splits && *domain ? "domain" : "split";
    error_set(r->error, STATUS_CONFIG, "%s has no folder '%s%s'", r->path, name, domain);
    return error_hint(r->error, "%s",
                      splits || !*domain ? listing_split_hint
                                         : "folders of a domain A are called trainA, testA, valA");
}

/* Keeps the images of the wanted split, without its folder, and marks the classes of all in `rest`. Of
 * other domains' images nothing is said. */
static bool choose_split(struct reading *r, int64_t *kept, struct named **chosen) {
    bool splits = has_splits(r);
    enum dataset_split wanted = r->part->split == SPLIT_HELD_OUT ? SPLIT_TRAIN : r->part->split;
    *chosen = ARENA_ARRAY(r->arena, struct named, r->count);
    *kept = 0;
    if (!splits && !r->part->domain && !check_domains(r)) return false;
    if (!splits && (wanted != SPLIT_TRAIN || r->part->domain)) return no_split(r, splits);
    for (int64_t i = 0; i < r->count; i++) {
        struct named image = r->images[i];
        int split = splits ? split_of_image(r, &image) : SPLIT_TRAIN;
        if (split < 0 && !r->part->domain)
            return error_set(r->error, STATUS_DATA,
                             "%s has folders train, test or val, but '%s' lies in none of them",
                             r->path, text_excerpt(r->arena, image.name));
        if (split != (int)wanted) continue;
        if (splits) image.rest += folder_length(image.rest) + 1;
        (*chosen)[(*kept)++] = image;
    }
    return *kept ? true : no_split(r, splits);
}

/* ---- classes ---- */

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folder that is a class, of an image whose split has been taken away; NULL: it lies in none. */
static const char *class_of(struct arena *arena, const char *rest) {
    size_t length = folder_length(rest);
    return length ? arena_text_range(arena, rest, length) : NULL;
}

/* The classes of images in order of name, which are in order but for names that begin alike. */
static int list_classes(struct arena *arena, const struct named *images, int64_t count,
                        const char ***names) {
    int classes = 0;
    *names = NULL;
    for (int64_t i = 0; i < count; i++) {
        size_t length = folder_length(images[i].rest);
        const char *last = classes ? (*names)[classes - 1] : NULL;
        if (last && strlen(last) == length && !strncmp(last, images[i].rest, length)) continue;
        *names = ARENA_GROW(arena, *names, classes);
        (*names)[classes++] = class_of(arena, images[i].rest);
    }
    if (classes) qsort(*names, (size_t)classes, sizeof **names, compare_texts);
    return classes;
}

static int32_t find_class(const char *const *names, int classes, const char *name) {
    const char *const *found =
        classes ? bsearch(&name, names, (size_t)classes, sizeof *names, compare_texts) : NULL;
    return found ? (int32_t)(found - names) : -1;
}

/* All images lie in folders, or none does. */
static bool check_depth(struct reading *r, const struct named *images, int64_t count,
                        bool *classes) {
    *classes = folder_length(images[0].rest) > 0;
    for (int64_t i = 1; i < count; i++)
        if ((folder_length(images[i].rest) > 0) != *classes)
            return error_set(r->error, STATUS_DATA,
                             "%s: '%s' lies in no folder of a class, as '%s' does", r->path,
                             text_excerpt(r->arena, images[*classes ? i : 0].name),
                             text_excerpt(r->arena, images[*classes ? 0 : i].name));
    return true;
}

/* The images of train, whose classes count; those of the wanted split where there is no train. */
static bool list_known(struct reading *r, const struct named *chosen, int64_t kept,
                       struct listing *listing) {
    const struct listing_part train = {SPLIT_TRAIN, r->part->domain};
    struct reading other = *r;
    struct error none = {0};
    struct named *images;
    int64_t count;
    bool classes;
    other.part = &train;
    other.error = &none;
    other.dataset = &(struct dataset){0};
    if (!choose_split(&other, &count, &images)) {
        images = (struct named *)(uintptr_t)chosen;
        count = kept;
    }
    if (!check_depth(r, images, count, &classes)) return false;
    const char **names = NULL;
    listing->classes = classes ? list_classes(r->arena, images, count, &names) : 0;
    listing->class_names = names;
    return true;
}

/* The class of an image; -1 and an error where train has none of the kind. */
static int32_t label_of(struct reading *r, const struct named *image,
                        const struct listing *listing) {
    const char *name = class_of(r->arena, image->rest);
    if (!name && !listing->classes) return 0;
    int32_t label = name ? find_class(listing->class_names, listing->classes, name) : -1;
    if (label >= 0) return label;
    r->dataset->wrong = "split";
    if (name)
        error_set(r->error, STATUS_DATA, "%s: '%s' is of a class '%s' that train lacks", r->path,
                  text_excerpt(r->arena, image->name), text_excerpt(r->arena, name));
    else
        error_set(r->error, STATUS_DATA,
                  "%s: '%s' lies in no folder of a class, but train has classes", r->path,
                  text_excerpt(r->arena, image->name));
    error_hint(r->error, "classes are numbered by the folders of train");
    return -1;
}

static bool label_images(struct reading *r, const struct named *chosen, struct listing *listing) {
    bool classes;
    if (!check_depth(r, chosen, listing->count, &classes)) return false;
    for (int64_t i = 0; i < listing->count; i++) {
        int32_t label = label_of(r, &chosen[i], listing);
        if (label < 0) return false;
        listing->images[i] = (struct listing_image){chosen[i].name, chosen[i].number, 0, label};
    }
    return true;
}

bool listing_read(const char *path, const struct listing_part *part, struct arena *arena,
                  struct listing *listing, struct dataset *dataset, struct error *error) {
    struct reading reading = {
        .path = path, .part = part, .arena = arena, .dataset = dataset, .error = error};
    struct arena *scratch = arena_new();
    bool good = list_names(&reading, scratch);
    arena_free(scratch);
    if (good && !reading.count && reading.cifar.found)
        return cifar_list(&reading.cifar, path, part, arena, listing, dataset, error);
    if (!good || !order_names(&reading)) return false;
    drop_common(&reading);
    struct named *chosen;
    *listing = (struct listing){.decode = image_decode};
    if (!choose_split(&reading, &listing->count, &chosen)) return false;
    listing->images = ARENA_ARRAY(arena, struct listing_image, listing->count);
    return list_known(&reading, chosen, listing->count, listing) &&
           label_images(&reading, chosen, listing);
}
