/* Records become images; see cifar_file.h. */
#include "datasets/cifar_file.h"

#include <inttypes.h>
#include <string.h>

enum { SIDE = 32, PLANE = SIDE * SIDE, RECORD = 1 + 3 * PLANE, CLASSES = 10, BATCH_MOST = 1 << 30 };

const char *const cifar_class_names[CLASSES] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                "dog",      "frog",       "horse", "ship", "truck"};

static bool decode_record(struct image *image, const void *bytes, size_t size, int64_t max_pixels,
                          struct error *error) {
    const uint8_t *in = bytes;
    if (size != RECORD) return error_set(error, STATUS_DATA, "it is cut");
    if (!image_allow(SIDE, SIDE, max_pixels, error)) return false;
    image_resize(image, SIDE, SIDE, 3);
    for (int i = 0; i < PLANE; i++)
        for (int c = 0; c < 3; c++)
            image->pixels[3 * i + c] = in[1 + c * PLANE + i];
    return true;
}

/* The number of a batch of train, or 1 for that of test, by its name; 0: it is none. */
static int batch_number(const char *name, bool *test) {
    const char *slash = strrchr(name, '/');
    if (slash) name = slash + 1;
    *test = !strcmp(name, "test_batch.bin");
    bool batch = !strncmp(name, "data_batch_", 11) && name[11] >= '1' && name[11] <= '5' &&
                 !strcmp(name + 12, ".bin");
    return *test ? 1 : batch ? name[11] - '0' : 0;
}

static bool list_records(struct cifar_batch *batch, const char *path,
                         const struct walk_entry *entry, const struct text *bytes,
                         struct arena *arena, struct error *error) {
    const char *name = arena_text(arena, entry->name);
    if (batch->count)
        return error_set(error, STATUS_DATA, "%s holds both '%s' and '%s'", path,
                         batch->records[0].name, name);
    if (!bytes->length || bytes->length % RECORD)
        return error_set(error, STATUS_DATA,
                         "'%s' in %s is %zu bytes long, which is no number of records of %d", name,
                         path, bytes->length, RECORD);
    batch->count = (int64_t)(bytes->length / RECORD);
    batch->records = ARENA_ARRAY(arena, struct listing_image, batch->count);
    for (int64_t i = 0; i < batch->count; i++) {
        int32_t label = (uint8_t)bytes->bytes[i * RECORD];
        if (label >= CLASSES)
            return error_set(error, STATUS_DATA,
                             "'%s' in %s: the label of record %" PRId64 " is %" PRId32
                             "; labels are 0 to %d",
                             name, path, i + 1, label, CLASSES - 1);
        batch->records[i] = (struct listing_image){name, entry->number, i, label};
    }
    return true;
}

bool cifar_meet(struct cifar *cifar, const char *path, const struct listing_part *part,
                struct walk *walk, const struct walk_entry *entry, struct arena *arena,
                struct error *error) {
    bool test;
    int number = batch_number(entry->name, &test);
    if (!number) return true;
    cifar->found = true;
    if (test != (part->split == SPLIT_TEST)) return true;
    struct text bytes = {0};
    struct error own = {0};
    enum walk_result result = walk_read(walk, BATCH_MOST, &bytes, &own);
    if (result == WALK_ENTRY)
        list_records(&cifar->batches[number], path, entry, &bytes, arena, &own);
    text_release(&bytes);
    if (cifar->error.status == STATUS_OK) cifar->error = own;
    if (result == WALK_FAILED) *error = own;
    return result != WALK_FAILED;
}

/* There is train, of which some may be held out, and test. */
static bool check_part(const char *path, const struct listing_part *part, struct dataset *dataset,
                       struct error *error) {
    bool domain = part->domain && *part->domain;
    if (!domain && part->split != SPLIT_VAL) return true;
    dataset->wrong = domain ? "domain" : "split";
    error_set(error, STATUS_CONFIG, "%s has no part '%s%s': CIFAR-10's batches are train and test",
              path, listing_split_name(part->split), domain ? part->domain : "");
    return domain ? error_hint(error, "take 'domain' away")
                  : error_hint(error, "%s", listing_split_hint);
}

bool cifar_list(const struct cifar *cifar, const char *path, const struct listing_part *part,
                struct arena *arena, struct listing *listing, struct dataset *dataset,
                struct error *error) {
    const struct cifar_batch *batches = cifar->batches;
    bool test = part->split == SPLIT_TEST;
    *listing = (struct listing){.classes = CLASSES,
                                .class_names = cifar_class_names,
                                .decode = decode_record,
                                .record = RECORD};
    if (!check_part(path, part, dataset, error)) return false;
    *error = cifar->error;
    if (error->status != STATUS_OK) return false;
    for (int i = 1; i <= (test ? 1 : 5); i++) {
        if (!batches[i].count)
            return error_set(error, STATUS_DATA, "%s lacks its %s%.0d.bin", path,
                             test ? "test_batch" : "data_batch_", test ? 0 : i);
        listing->count += batches[i].count;
    }
    listing->images = ARENA_ARRAY(arena, struct listing_image, listing->count);
    int64_t at = 0;
    for (int i = 1; i <= 5; i++) {
        if (batches[i].count)
            memcpy(listing->images + at, batches[i].records,
                   (size_t)batches[i].count * sizeof *batches[i].records);
        at += batches[i].count;
    }
    return true;
}
