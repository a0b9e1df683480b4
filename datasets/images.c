/* From a collection of image files to a data set; see images.h. */
#include "datasets/images.h"

#include <inttypes.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "datasets/cache.h"
#include "datasets/decode.h"
#include "datasets/examples.h"
#include "datasets/hash.h"
#include "datasets/search.h"
#include "datasets/view.h"
#include "datasets/walk.h"

/* What the way of decoding is called in keys of the cache: another number, other bytes. */
static const char version[] = "2";

static const char fix_size[] =
    "'size: 64' resizes all images to cover 64x64 and cuts them in the middle";

/* One reading. */
struct reading {
    const struct dataset_request *request;
    const struct images_options *options;
    struct arena *arena, *scratch;
    const char *path; /* of the collection */
    struct listing_part part;
    struct listing listing;
    int64_t all; /* images of the split; the listing may have only those that are selected */
    bool chosen; /* what is decoded, or in the cache, are those alone */
    struct fit fit;
    struct decode decode;
    struct extents shape; /* of an example in memory */
    char digest[SHA256_TEXT];
    int64_t bytes; /* of the collection */
    struct dataset *dataset;
    struct error *error;
};

/* ---- options ---- */

static bool take_size(struct reading *r, const char *name, const struct extents *given,
                      int64_t size[2]) {
    if (!given->rank) return true;
    size[0] = given->extent[0];
    size[1] = given->extent[given->rank - 1];
    if (given->rank <= 2) return true;
    r->dataset->wrong = name;
    return error_set(r->error, STATUS_CONFIG,
                     "%s: this must be [height, width], or a number for both", name);
}

struct view images_view(const void *object) {
    const struct images_options *options = object;
    struct view view = {
        .pairs = options->pairs, .flip = options->flip, .padding = options->padding};
    int rank = options->random_crop.rank;
    if (!rank) return view;
    view.crop[0] = options->random_crop.extent[0];
    view.crop[1] = options->random_crop.extent[rank - 1];
    return view;
}

static bool read_options(struct reading *r) {
    const struct images_options *options = r->options;
    int64_t ignored[2];
    r->part = (struct listing_part){(enum dataset_split)options->common.split, options->domain};
    r->fit = (struct fit){.channels = options->colours == COLOURS_GREY ? 1 : 3,
                          .pair = options->pairs != PAIRS_NONE};
    r->decode = (struct decode){.listing = &r->listing,
                                .fit = &r->fit,
                                .max_pixels = options->max_pixels,
                                .skip = options->on_error == ON_ERROR_SKIP,
                                .fix_size = fix_size,
                                .listener = r->request->listener,
                                .what = r->request->row->name,
                                .stop = r->request->stop};
    return take_size(r, "crop", &options->crop, r->fit.crop) &&
           take_size(r, "size", &options->size, r->fit.size) &&
           take_size(r, "random_crop", &options->random_crop, ignored);
}

static bool find_collection(struct reading *r) {
    if (r->request->row->files)
        r->path =
            search_any(r->request, r->options->path, r->request->row->files, r->scratch, r->error);
    else
        r->path = r->options->path;
    r->decode.path = r->path;
    if (r->path && walk_digest(r->path, r->digest, &r->bytes, r->error)) return true;
    if (r->path && *r->path != '/' && r->error->status == STATUS_NO_INPUT)
        error_hint(r->error, "a path begins where the file lies that names it; in '--set', and in "
                             "runs of older versions, where duel is started");
    return false;
}

/* ---- the cache ---- */

/* Whether only the selected are decoded. Where damaged ones are left out, it takes all to know which are the
 * first. What is held out alone is not worth a file of its own for each seed. */
static bool is_part(const struct reading *r) {
    const struct dataset_options *options = &r->options->common;
    return (options->limit || options->classes.count) && !r->decode.skip;
}

/* What is selected depends on these; names have their lengths before them, as they may hold anything. */
static const char *describe_selection(const struct reading *r) {
    const struct dataset_options *options = &r->options->common;
    const char *text = arena_format(r->scratch, " split %d limit %" PRId64 " classes",
                                    options->split, options->limit);
    for (int i = 0; i < options->classes.count; i++) {
        const char *name = options->classes.names ? options->classes.names[i] : NULL;
        if (!name) name = "";
        text = arena_format(r->scratch, "%s %.17g %zu/%s", text, options->classes.list[i],
                            strlen(name), name);
    }
    if (!options->hold_out) return text;
    return arena_format(r->scratch, "%s hold_out %.17g seed %" PRIu64, text, options->hold_out,
                        r->request->seed);
}

/* What the bytes of the examples depend on. */
static const char *cache_key(const struct reading *r) {
    const struct fit *fit = &r->fit;
    const char *text = arena_format(
        r->scratch,
        "%s %s %s%s channels %d crop %" PRId64 " %" PRId64 " size %" PRId64 " %" PRId64
        " pair %d most %" PRId64 " skip %d%s",
        version, r->digest, listing_split_name(r->part.split), r->part.domain ? r->part.domain : "",
        fit->channels, fit->crop[0], fit->crop[1], fit->size[0], fit->size[1], fit->pair,
        r->decode.max_pixels, r->decode.skip, r->chosen ? describe_selection(r) : "");
    char *key = arena_alloc(r->scratch, SHA256_TEXT);
    struct hash *hash = hash_begin();
    hash_add(hash, text, strlen(text));
    hash_end(hash, key);
    return key;
}

/* "cifar10, train, from data/cifar.zip"; "photos, trainA, [64, 64]" where the path is the name. */
static const char *describe(const struct reading *r) {
    bool named = r->request->row->files;
    const int64_t *size = r->fit.size[0] ? r->fit.size : r->fit.crop;
    const char *text =
        arena_format(r->scratch, "%s, %s%s", named ? r->request->row->name : r->path,
                     listing_split_name(r->part.split), r->part.domain ? r->part.domain : "");
    if (size[0])
        text = arena_format(r->scratch, "%s, [%" PRId64 ", %" PRId64 "]", text, size[0], size[1]);
    if (r->chosen)
        text =
            arena_format(r->scratch, "%s, %" PRId64 " of %" PRId64, text, r->listing.count, r->all);
    return named ? arena_format(r->scratch, "%s, from %s", text, r->path) : text;
}

static void tell(const struct reading *r, const char *line) {
    const struct dataset_listener *listener = r->request->listener;
    if (listener) listener->tell(listener->context, line);
}

static int64_t example_bytes(const struct reading *r) {
    return r->shape.extent[0] * r->shape.extent[1] * r->shape.extent[2];
}

static void announce(const struct reading *r, const char *folder) {
    double size = (double)(r->listing.count * example_bytes(r)) / 1e6;
    tell(r, arena_format(r->scratch,
                         "decoding %" PRId64 " image%s of %s, once: %.1f MB for the cache in %s; "
                         "'duel cache' lists and clears it",
                         r->listing.count, r->listing.count == 1 ? "" : "s", describe(r), size,
                         folder));
}

/* What was left out is told at each start: it is part of what the data are. */
static void tell_skipped(const struct reading *r, const struct cache_about *about) {
    const struct dataset_listener *listener = r->request->listener;
    bool several = about->skipped > 1;
    if (!about->skipped || !listener) return;
    listener->warn(listener->context,
                   arena_format(r->scratch, "%" PRId64 " damaged image%s of %s %s left out%s%s",
                                about->skipped, several ? "s" : "", r->path,
                                several ? "were" : "was", several ? ":" : ": ", about->damaged));
}

/* ---- decoding ---- */

static int32_t *list_labels(const struct reading *r) {
    if (!r->listing.classes) return NULL;
    int32_t *labels = ARENA_ARRAY(r->scratch, int32_t, r->listing.count);
    for (int64_t i = 0; i < r->listing.count; i++)
        labels[i] = r->listing.images[i].label;
    return labels;
}

/* Leaves the listing those that are selected; all of them are no part. */
static bool choose_images(struct reading *r) {
    struct listing *listing = &r->listing;
    struct select_from from = {r->path, listing->count, list_labels(r), listing->classes,
                               listing->class_names};
    struct selection selection;
    if (!select_examples(r->request, &from, r->scratch, &selection, r->dataset, r->error))
        return false;
    select_compact(&selection, listing->images, sizeof *listing->images);
    listing->count = selection.count;
    r->chosen = selection.count < r->all;
    return true;
}

static bool list_images(struct reading *r) {
    if (!listing_read(r->path, &r->part, r->scratch, &r->listing, r->dataset, r->error))
        return false;
    r->all = r->listing.count;
    return (!is_part(r) || choose_images(r)) && decode_shape(&r->decode, &r->shape, r->error);
}

/* Decodes all into `values`; what there is to tell about them. */
static bool decode_images(struct reading *r, uint8_t *values, int32_t *labels,
                          struct cache_about *about) {
    struct decoded *decoded = ARENA_NEW(r->scratch, struct decoded);
    if (!decode_all(&r->decode, &r->shape, values, labels, r->scratch, decoded, r->error))
        return false;
    *about = (struct cache_about){.count = decoded->count,
                                  .shape = r->shape,
                                  .classes = r->listing.classes,
                                  .class_names = r->listing.class_names,
                                  .skipped = decoded->skipped,
                                  .damaged = decoded->damaged,
                                  .what = describe(r)};
    struct dataset seen = {.count = about->count,
                           .shape = about->shape,
                           .type = DATA_UINT8,
                           .values = values,
                           .labels = labels};
    hash_examples(&seen, about->sha256);
    return true;
}

static int32_t *new_labels(const struct reading *r, struct arena *arena) {
    return r->listing.classes ? ARENA_ARRAY(arena, int32_t, r->listing.count) : NULL;
}

static const struct cache_entry *decode_to_memory(struct reading *r) {
    struct cache_entry *entry = ARENA_NEW(r->arena, struct cache_entry);
    entry->values = ARENA_ARRAY(r->arena, uint8_t, r->listing.count * example_bytes(r));
    entry->labels = new_labels(r, r->arena);
    return decode_images(r, entry->values, entry->labels, &entry->about) ? entry : NULL;
}

static const struct cache_entry *decode_to_cache(struct reading *r, const char *folder,
                                                 const char *key) {
    const struct cache_entry *found;
    struct cache_about about;
    struct cache_making *making = cache_begin(NULL, folder, key, r->listing.count, example_bytes(r),
                                              r->arena, &found, r->error);
    if (!making) return found;
    announce(r, folder);
    int32_t *labels = new_labels(r, r->scratch);
    if (decode_images(r, cache_values(making), labels, &about))
        return cache_finish(making, &about, labels, r->error);
    cache_cancel(making);
    return NULL;
}

/* What is known of the images without decoding them. */
static const struct cache_entry *only_list(struct reading *r) {
    struct cache_entry *entry = ARENA_NEW(r->scratch, struct cache_entry);
    entry->about = (struct cache_about){.count = r->listing.count,
                                        .shape = r->shape,
                                        .classes = r->listing.classes,
                                        .class_names = r->listing.class_names};
    entry->labels = list_labels(r);
    return entry;
}

/* All of the split, or else just what is selected. */
static const struct cache_entry *find_entry(struct reading *r, const char *folder) {
    const struct cache_entry *entry = cache_find(folder, cache_key(r), r->arena);
    if (entry || !is_part(r)) return entry;
    r->chosen = true;
    return cache_find(folder, cache_key(r), r->arena);
}

/* The examples: from the cache, or decoded. Where only a look is wanted, without values; but how many are
 * damaged can only be known by decoding all. */
static const struct cache_entry *get_entry(struct reading *r, bool values) {
    const char *folder = r->options->cache ? cache_folder(r->scratch) : NULL;
    const struct cache_entry *entry = folder ? find_entry(r, folder) : NULL;
    if (entry) return entry;
    if (!list_images(r)) return NULL;
    if (r->decode.stop && *r->decode.stop) {
        error_set(r->error, STATUS_STOPPED, "decoding was stopped");
        return NULL;
    }
    if (!values && !r->decode.skip) return only_list(r);
    if (!r->options->cache) return decode_to_memory(r);
    if (folder) return decode_to_cache(r, folder, cache_key(r));
    error_set(r->error, STATUS_IO,
              "neither HOME nor XDG_CACHE_HOME says where decoded images are kept");
    error_hint(r->error, "'cache: false' keeps them in memory, for this run only");
    return NULL;
}

/* ---- the data set ---- */

static bool describe_data(struct reading *r, const struct cache_about *about) {
    struct dataset *dataset = r->dataset;
    struct view view = images_view(r->options);
    dataset->count = about->count;
    dataset->shape = about->shape;
    dataset->type = DATA_UINT8;
    dataset->stored = "uint8";
    dataset->classes = about->classes;
    dataset->class_names = arena_texts(r->arena, about->class_names, about->classes);
    dataset->file_count = 1;
    dataset->files[0] =
        (struct dataset_file){.path = arena_text(r->arena, r->path), .size = r->bytes};
    memcpy(dataset->files[0].sha256, r->digest, SHA256_TEXT);
    return view_check(&view, &dataset->shape, &dataset->wrong, r->error);
}

/* Moves the selected examples together, in memory that is the process's own. */
static void take_values(struct reading *r, const struct cache_entry *entry,
                        const struct selection *selection) {
    struct dataset *dataset = r->dataset;
    select_compact(selection, entry->values, (size_t)dataset_example_size(dataset));
    if (entry->labels) select_compact(selection, entry->labels, sizeof *entry->labels);
    if (selection->count == entry->about.count)
        memcpy(dataset->sha256, entry->about.sha256, SHA256_TEXT);
    dataset->values = entry->values;
    dataset->labels = entry->labels;
}

static bool read_all(struct reading *r, bool values) {
    struct selection selection;
    if (!read_options(r) || !find_collection(r)) return false;
    const struct cache_entry *entry = get_entry(r, values);
    if (!entry || !describe_data(r, &entry->about)) return false;
    struct select_from from = {r->path, entry->about.count, entry->labels, entry->about.classes,
                               entry->about.class_names};
    if (r->chosen)
        selection = (struct selection){from.count, from.count, NULL};
    else if (!select_examples(r->request, &from, r->scratch, &selection, r->dataset, r->error))
        return false;
    r->dataset->count = selection.count;
    if (!values) return true;
    tell_skipped(r, &entry->about);
    take_values(r, entry, &selection);
    return true;
}

static bool images_read(const struct dataset_request *request, bool values, struct arena *arena,
                        struct dataset *dataset, struct error *error) {
    struct reading reading = {.request = request,
                              .options = request->options,
                              .arena = arena,
                              .scratch = arena_new(),
                              .dataset = dataset,
                              .error = error};
    bool good = read_all(&reading, values);
    if (!good && !dataset->wrong && reading.options->path) dataset->wrong = "path";
    arena_free(reading.scratch);
    return good;
}

/* ---- without the files ---- */

/* What is known of the wanted split; its shape by the options. */
static bool know(const struct dataset_request *request, struct dataset *known,
                 struct dataset *dataset, struct error *error) {
    const struct images_options *options = request->options;
    static const int part[] = {
        [SPLIT_TRAIN] = 0, [SPLIT_HELD_OUT] = 0, [SPLIT_TEST] = 1, [SPLIT_VAL] = 2};
    *known = request->row->known[part[options->common.split]];
    if (!known->count) {
        dataset->wrong = "split";
        error_set(error, STATUS_CONFIG, "split: %s has no part '%s'", request->row->name,
                  listing_split_name((enum dataset_split)options->common.split));
        return error_hint(error, "%s", listing_split_hint);
    }
    struct reading reading = {
        .request = request, .options = options, .dataset = dataset, .error = error};
    if (!read_options(&reading)) return false;
    const struct fit *fit = &reading.fit;
    const int64_t *size = fit->size[0] ? fit->size : fit->crop;
    if (size[0]) {
        known->shape.extent[0] = size[0];
        known->shape.extent[1] = size[1] * (fit->pair ? 2 : 1);
    }
    known->shape.extent[2] = fit->channels;
    struct view view = images_view(options);
    return view_check(&view, &known->shape, &dataset->wrong, error);
}

bool images_peek(const struct dataset_request *request, struct arena *arena,
                 struct dataset *dataset, struct error *error) {
    struct error *missing = ARENA_NEW(arena, struct error);
    struct dataset known;
    /* What was decoded to be counted is not kept here. */
    struct arena *own = arena_new();
    bool good = images_read(request, false, own, dataset, missing);
    if (good) {
        dataset->class_names = arena_texts(arena, dataset->class_names, dataset->classes);
        dataset->files[0].path = arena_text(arena, dataset->files[0].path);
    }
    arena_free(own);
    if (good) return true;
    if (missing->status == STATUS_NO_INPUT && request->row->known)
        return know(request, &known, dataset, error) &&
               known_peek(request, &known, missing, arena, dataset, error);
    *error = *missing;
    return false;
}

bool images_load(const struct dataset_request *request, struct arena *arena,
                 struct dataset *dataset, struct error *error) {
    return images_read(request, true, arena, dataset, error);
}

/* ---- any collection ---- */

static const struct parameter parameters[] = {
    {.name = "path",
     .type = PARAMETER_PATH,
     .offset = offsetof(struct images_options, path),
     .aliases = "root folder dir directory data_dir",
     .doc = "a folder, tar, tar.gz or zip of JPEG and PNG files; folders train, test, val are "
            "splits, other folders classes, numbered by name"},
    {.name = "domain",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct images_options, domain),
     .standard = "",
     .doc = "of a collection with several: A, where the folders are trainA, testA, trainB, testB"},
    IMAGES_SELECT_ROWS,
    IMAGES_PAIRS_ROW("none"),
    IMAGES_ROWS,
    {0},
};

const struct dataset_row dataset_images = {
    .name = "images",
    .doc = "JPEG and PNG files in a folder or an archive, with classes by folder",
    .citation = "ITU-T T.81 and ISO/IEC 15948, JPEG and PNG",
    .licence = "that of the files",
    .aliases = "ImageFolder folder directory DatasetFolder pictures",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .endings = ".tar .tar.gz .tgz .zip",
    .folders = true,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
