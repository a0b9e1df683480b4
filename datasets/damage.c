/* See damage.h. */
#include "datasets/damage.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of lines, which must fit into an error. */
enum { TOLD_BYTES = 1600 };

void damages_note(struct damages *damages, int64_t order, int64_t slot, const struct error *error) {
    int place = damages->count;
    while (place > 0 && damages->list[place - 1].order > order)
        place--;
    if (place > DAMAGE_TOLD) return;
    if (damages->count <= DAMAGE_TOLD) damages->count++;
    memmove(damages->list + place + 1, damages->list + place,
            (size_t)(damages->count - 1 - place) * sizeof *damages->list);
    damages->list[place] = (struct damage){order, slot, *error};
}

void damages_cut(struct damages *damages, int64_t order) {
    damages->cut = true;
    while (damages->count && damages->list[damages->count - 1].order >= order)
        damages->count--;
}

/* "'train/cat/1.jpg' (file 7 of data.tar)", "data/train/cat/1.jpg"; of several without the collection. */
static void add_name(const struct damage *damage, const char *path, const struct listing *listing,
                     bool several, struct text *text) {
    struct arena *scratch = arena_new();
    const struct listing_image *image = &listing->images[damage->slot];
    const char *name = text_excerpt(scratch, image->name);
    struct stat about;
    if (!stat(path, &about) && S_ISDIR(about.st_mode)) {
        if (!several) text_format(text, "%s/", path);
        text_add(text, name);
    } else {
        text_format(text, "'%s' (file %" PRId64, name, image->number);
        if (listing->record) text_format(text, ", record %" PRId64, image->record + 1);
        if (!several) text_format(text, " of %s", path);
        text_add(text, ")");
    }
    arena_free(scratch);
}

static void add_line(const struct damage *damage, const char *path, const struct listing *listing,
                     struct text *text) {
    text_add(text, "\n  ");
    add_name(damage, path, listing, true, text);
    text_format(text, ": %.160s", damage->error.message);
}

void damages_tell(const struct damages *damages, const char *path, const struct listing *listing,
                  int64_t all, struct text *text) {
    if (damages->count == 1) {
        add_name(&damages->list[0], path, listing, false, text);
        text_format(text, ": %s", damages->list[0].error.message);
        return;
    }
    int told = 0;
    size_t most = text->length + TOLD_BYTES;
    while (told < damages->count && told < DAMAGE_TOLD && text->length < most)
        add_line(&damages->list[told++], path, listing, text);
    if (all > told)
        text_format(text, "\n  and %" PRId64 " more", all - told);
    else if (damages->count > told)
        text_add(text, "\n  and more");
}

bool damages_fail(const struct damages *damages, const char *path, const struct listing *listing,
                  const char *hint, struct error *error) {
    struct text text = {0};
    const struct error *first = &damages->list[0].error;
    if (damages->count > 1)
        text_format(&text, "%s%d images of %s cannot be used:",
                    damages->count > DAMAGE_TOLD ? "more than "
                    : damages->cut               ? "at least "
                                                 : "",
                    damages->count > DAMAGE_TOLD ? DAMAGE_TOLD : damages->count, path);
    damages_tell(damages, path, listing, 0, &text);
    error_set(error, first->status, "%s", text_get(&text));
    text_release(&text);
    return error_hint(error, "%s", first->hint[0] ? first->hint : hint);
}
