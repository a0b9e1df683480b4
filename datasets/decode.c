/* A reader and a team of decoders with a queue between them; see decode.h. */
#include "datasets/decode.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/processors.h"
#include "base/whole.h"
#include "datasets/damage.h"
#include "datasets/walk.h"

enum { THREADS_MOST = 256, JOBS_A_THREAD = 4, FILE_MOST = 1 << 30 };

/* An image on its way: read, not decoded. */
struct job {
    int64_t place; /* in the collection's order, where an image that cannot be read has one, too */
    int64_t slot;  /* which of the listing's */
    struct text bytes;
};

/* The images as the collection has them. */
struct order {
    const struct listing_image *image;
    int64_t slot;
};

struct team {
    const struct decode *decode;
    const struct extents *shape;
    uint8_t *values;
    int32_t *labels;
    bool *left_out; /* (listing->count) */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *jobs; /* (room) a ring: those from `taken` to `given` wait */
    int64_t room, given, taken;
    int64_t *busy;          /* (threads) which job a thread decodes; -1: none */
    int64_t done;           /* images that are decoded, or left out */
    bool ended;             /* no more will be given */
    struct damages damaged; /* by place in the collection's order */
    struct damages misfits; /* of another size */
};

static const char skip_hint[] = "'on_error: skip' leaves such images out";

static bool is_stopped(const struct decode *decode) {
    return decode->stop && *decode->stop;
}

/* ---- one image ---- */

/* What a decoder keeps from one image to the next. */
struct desk {
    struct image image;
    struct fit_room room;
};

static void desk_release(struct desk *desk) {
    image_release(&desk->image);
    fit_room_release(&desk->room);
}

static const struct image *make_example(const struct decode *decode, struct desk *desk,
                                        const struct text *bytes, struct error *error) {
    if (!decode->listing->decode(&desk->image, text_get(bytes), bytes->length, decode->max_pixels,
                                 error))
        return NULL;
    return image_fit(&desk->image, decode->fit, &desk->room, error);
}

static bool check_shape(const struct team *team, const struct image *example, struct error *error) {
    const int64_t *wanted = team->shape->extent;
    if (example->height == wanted[0] && example->width == wanted[1]) return true;
    error_set(error, STATUS_CONFIG,
              "it is %" PRId64 " wide and %" PRId64 " high, but the first image is %" PRId64
              " wide and %" PRId64 " high",
              example->width, example->height, wanted[1], wanted[0]);
    return error_hint(error, "%s", team->decode->fix_size);
}

static bool decode_one(struct team *team, struct desk *desk, const struct job *job,
                       struct error *error) {
    const struct image *example = make_example(team->decode, desk, &job->bytes, error);
    if (!example || !check_shape(team, example, error)) return false;
    size_t size = (size_t)(example->width * example->height * example->channels);
    memcpy(team->values + (size_t)job->slot * size, example->pixels, size);
    if (team->labels) team->labels[job->slot] = team->decode->listing->images[job->slot].label;
    return true;
}

/* ---- the queue ---- */

/* Keeps what is wrong with an image. One that is damaged may be left out; one of another size is not
 * damaged. With the lock held. */
static void note_wrong(struct team *team, int64_t place, int64_t slot, const struct error *error) {
    team->left_out[slot] = true;
    damages_note(error->status == STATUS_DATA ? &team->damaged : &team->misfits, place, slot,
                 error);
}

/* Whether nothing that follows could be told. With the lock held. */
static bool is_hopeless(const struct team *team) {
    return team->misfits.count || (!team->decode->skip && team->damaged.count > DAMAGE_TOLD);
}

static void tell_progress(const struct team *team) {
    const struct dataset_listener *listener = team->decode->listener;
    if (listener)
        listener->progress(listener->context, team->decode->what, team->done,
                           team->decode->listing->count);
}

/* The first job whose bytes are still needed. With the lock held. */
static int64_t first_busy(const struct team *team, int threads) {
    int64_t first = team->taken;
    for (int i = 0; i < threads; i++)
        if (team->busy[i] >= 0 && team->busy[i] < first) first = team->busy[i];
    return first;
}

struct member {
    struct team *team;
    int number;
    pthread_t thread;
};

static void *work(void *object) {
    struct member *member = object;
    struct team *team = member->team;
    struct desk desk = {0};
    pthread_mutex_lock(&team->lock);
    for (;;) {
        while (team->taken == team->given && !team->ended)
            pthread_cond_wait(&team->changed, &team->lock);
        if (team->taken == team->given) break;
        int64_t number = team->taken++;
        team->busy[member->number] = number;
        pthread_mutex_unlock(&team->lock);
        struct error error = {0};
        const struct job *job = &team->jobs[number % team->room];
        int64_t place = job->place, slot = job->slot;
        bool good = decode_one(team, &desk, job, &error);
        pthread_mutex_lock(&team->lock);
        if (!good) note_wrong(team, place, slot, &error);
        team->busy[member->number] = -1;
        team->done++;
        tell_progress(team);
        pthread_cond_broadcast(&team->changed);
    }
    pthread_mutex_unlock(&team->lock);
    desk_release(&desk);
    return NULL;
}

/* Waits for a free job; NULL: nothing more is wanted. */
static struct job *next_job(struct team *team, int threads) {
    pthread_mutex_lock(&team->lock);
    while (team->given - first_busy(team, threads) >= team->room)
        pthread_cond_wait(&team->changed, &team->lock);
    bool over = is_hopeless(team);
    pthread_mutex_unlock(&team->lock);
    return over || is_stopped(team->decode) ? NULL : &team->jobs[team->given % team->room];
}

static void give_job(struct team *team) {
    pthread_mutex_lock(&team->lock);
    team->given++;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

/* An image that could not be read at all is done with. */
static void give_wrong(struct team *team, const struct job *job, const struct error *error) {
    pthread_mutex_lock(&team->lock);
    note_wrong(team, job->place, job->slot, error);
    team->done++;
    tell_progress(team);
    pthread_mutex_unlock(&team->lock);
}

/* ---- reading ---- */

static int compare_order(const void *a, const void *b) {
    const struct order *x = a, *y = b;
    if (x->image->number != y->image->number) return x->image->number < y->image->number ? -1 : 1;
    return x->image->record < y->image->record ? -1 : x->image->record > y->image->record;
}

static struct order *in_collection_order(const struct listing *listing, struct arena *scratch) {
    struct order *order = ARENA_ARRAY(scratch, struct order, listing->count);
    for (int64_t i = 0; i < listing->count; i++)
        order[i] = (struct order){&listing->images[i], i};
    qsort(order, (size_t)listing->count, sizeof *order, compare_order);
    return order;
}

struct reader {
    const struct decode *decode;
    const struct order *order;
    int64_t at; /* the next in `order` */
    struct walk *walk;
    struct walk_entry entry; /* where the walk is */
    struct text file;        /* of records: file number `held` */
    int64_t held;
};

static bool reader_open(struct reader *reader, const struct decode *decode, struct arena *scratch,
                        struct error *error) {
    *reader = (struct reader){.decode = decode,
                              .order = in_collection_order(decode->listing, scratch),
                              .walk = walk_open(decode->path, scratch, error)};
    return reader->walk;
}

/* Walks on to the file of the next image. */
static bool reader_walk(struct reader *r, struct error *error) {
    int64_t number = r->order[r->at].image->number;
    while (r->entry.number != number) {
        enum walk_result result = walk_next(r->walk, &r->entry, error);
        if (result == WALK_END || (result == WALK_ENTRY && r->entry.number > number))
            error_set(error, STATUS_DATA, "%s has changed while it was read", r->decode->path);
        if (error->status != STATUS_OK) return false;
    }
    return true;
}

/* The bytes of the next image, whose file the walk is at. */
static enum walk_result reader_take(struct reader *r, struct text *bytes, struct error *error) {
    const struct listing *listing = r->decode->listing;
    const struct listing_image *image = r->order[r->at++].image;
    if (!listing->record) return walk_read(r->walk, FILE_MOST, bytes, error);
    enum walk_result result = WALK_ENTRY;
    if (r->held != image->number) result = walk_read(r->walk, FILE_MOST, &r->file, error);
    r->held = image->number;
    text_clear(bytes);
    size_t size = (size_t)listing->record, start = (size_t)image->record * size;
    if (result == WALK_ENTRY && start + size <= r->file.length)
        text_add_range(bytes, r->file.bytes + start, size);
    return result;
}

static void read_collection(struct reader *r, struct team *team, int threads, struct error *error) {
    while (r->at < r->decode->listing->count && reader_walk(r, error)) {
        struct job *job = next_job(team, threads);
        if (!job) return;
        struct error own = {0};
        job->place = r->at;
        job->slot = r->order[r->at].slot;
        enum walk_result result = reader_take(r, &job->bytes, &own);
        if (result == WALK_FAILED) {
            *error = own;
            return;
        }
        if (result == WALK_DAMAGED)
            give_wrong(team, job, &own);
        else
            give_job(team);
    }
}

/* ---- the team ---- */

static int start_members(struct team *team, struct member *members, int wanted) {
    int started = 0;
    for (; started < wanted; started++) {
        members[started] = (struct member){.team = team, .number = started};
        team->busy[started] = -1;
        if (pthread_create(&members[started].thread, NULL, work, &members[started])) break;
    }
    return started;
}

static void end_members(struct team *team, struct member *members, int count) {
    pthread_mutex_lock(&team->lock);
    team->ended = true;
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
    for (int i = 0; i < count; i++)
        pthread_join(members[i].thread, NULL);
}

static void run_team(struct team *team, struct arena *scratch, struct error *error) {
    int wanted = team->decode->threads ? team->decode->threads
                                       : (int)least(processors_count(), THREADS_MOST);
    struct member *members = ARENA_ARRAY(scratch, struct member, wanted);
    team->room = (int64_t)wanted * JOBS_A_THREAD;
    team->jobs = ARENA_ARRAY(scratch, struct job, team->room);
    team->busy = ARENA_ARRAY(scratch, int64_t, wanted);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->changed, NULL);
    struct reader reader;
    int threads = start_members(team, members, wanted);
    if (!threads) error_set(error, STATUS_SYSTEM, "no thread can be had to decode images");
    if (reader_open(&reader, team->decode, scratch, error) && threads)
        read_collection(&reader, team, threads, error);
    end_members(team, members, threads);
    for (int64_t i = 0; i < team->room; i++)
        text_release(&team->jobs[i].bytes);
    text_release(&reader.file);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
}

/* Moves what was not left out together. */
static void compact(const struct team *team, size_t size, struct decoded *decoded) {
    int64_t kept = 0;
    for (int64_t i = 0; i < team->decode->listing->count; i++) {
        if (team->left_out[i]) continue;
        if (kept < i) {
            memmove(team->values + (size_t)kept * size, team->values + (size_t)i * size, size);
            if (team->labels) team->labels[kept] = team->labels[i];
        }
        kept++;
    }
    decoded->skipped = team->decode->listing->count - kept;
    decoded->count = kept;
}

/* Of what is wrong the first counts: a damaged image, with others before one of another size, or that. */
static bool check_team(struct team *team, struct error *error) {
    const struct decode *decode = team->decode;
    if (error->status != STATUS_OK) return false;
    if (is_stopped(decode)) return error_set(error, STATUS_STOPPED, "decoding was stopped");
    if (team->misfits.count && !decode->skip)
        damages_cut(&team->damaged, team->misfits.list[0].order);
    if (team->damaged.count && !decode->skip)
        return damages_fail(&team->damaged, decode->path, decode->listing, skip_hint, error);
    if (!team->misfits.count) return true;
    team->misfits.count = 1;
    return damages_fail(&team->misfits, decode->path, decode->listing, "", error);
}

/* "no image of data.tar can be used: …" */
static bool fail_all(const struct decode *decode, const struct damages *damaged, int64_t all,
                     struct error *error) {
    struct text text = {0};
    damages_tell(damaged, decode->path, decode->listing, all, &text);
    error_set(error, STATUS_DATA, "no image of %s can be used:%s%s", decode->path,
              damaged->count == 1 ? " " : "", text_get(&text));
    text_release(&text);
    return false;
}

bool decode_all(const struct decode *decode, const struct extents *shape, uint8_t *values,
                int32_t *labels, struct arena *arena, struct decoded *decoded,
                struct error *error) {
    struct arena *scratch = arena_new();
    struct team *team = ARENA_NEW(scratch, struct team);
    *team = (struct team){.decode = decode,
                          .shape = shape,
                          .values = values,
                          .labels = labels,
                          .left_out = ARENA_ARRAY(scratch, bool, decode->listing->count)};
    run_team(team, scratch, error);
    bool good = check_team(team, error);
    size_t size = (size_t)(shape->extent[0] * shape->extent[1] * shape->extent[2]);
    *decoded = (struct decoded){.damaged = ""};
    if (good) compact(team, size, decoded);
    if (good && !decoded->count) good = fail_all(decode, &team->damaged, decoded->skipped, error);
    if (good && decoded->skipped) {
        struct text text = {0};
        damages_tell(&team->damaged, decode->path, decode->listing, decoded->skipped, &text);
        decoded->damaged = arena_text(arena, text_get(&text));
        text_release(&text);
    }
    arena_free(scratch);
    return good;
}

static void set_shape(struct extents *shape, int64_t height, int64_t width, int channels) {
    *shape = (struct extents){3, {height, width, channels}};
}

/* Decodes images in the collection's order until one is good, or one may not be skipped. */
static bool find_shape(const struct decode *decode, struct reader *reader, struct extents *shape,
                       struct error *error) {
    struct desk desk = {0};
    struct text bytes = {0};
    struct damages damaged = {0};
    const struct image *example = NULL;
    while (!example && reader->at < decode->listing->count && reader_walk(reader, error)) {
        struct error own = {0};
        int64_t order = reader->at, slot = reader->order[order].slot;
        enum walk_result result = reader_take(reader, &bytes, &own);
        if (result == WALK_FAILED) *error = own;
        if (result == WALK_ENTRY) example = make_example(decode, &desk, &bytes, &own);
        if (!example) damages_note(&damaged, order, slot, &own);
        if (!decode->skip) break;
    }
    if (example)
        set_shape(shape, example->height, example->width, example->channels);
    else if (error->status == STATUS_OK && decode->skip)
        fail_all(decode, &damaged, decode->listing->count, error);
    else if (error->status == STATUS_OK)
        damages_fail(&damaged, decode->path, decode->listing, skip_hint, error);
    text_release(&bytes);
    desk_release(&desk);
    return example;
}

bool decode_shape(const struct decode *decode, struct extents *shape, struct error *error) {
    const struct fit *fit = decode->fit;
    if (fit->size[0] && !fit->crop[0]) {
        set_shape(shape, fit->size[0], fit->size[1] * (fit->pair ? 2 : 1), fit->channels);
        return true;
    }
    struct arena *scratch = arena_new();
    struct reader reader;
    bool good =
        reader_open(&reader, decode, scratch, error) && find_shape(decode, &reader, shape, error);
    text_release(&reader.file);
    arena_free(scratch);
    return good;
}
