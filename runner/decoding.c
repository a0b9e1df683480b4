/* The bar of decoding; see decoding.h. */
#include "runner/decoding.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/progress.h"

enum { STREAMS_MOST = 16, BAR = 24 };
static const double draw_every = 0.1, print_every = 10;

struct decoding {
    struct dataset_listener listener;
    pthread_mutex_t lock;
    bool quiet, terminal, drawn;
    double began, last; /* seconds */
    int count;
    struct {
        const char *what;
        int64_t done, all;
    } streams[STREAMS_MOST];
};

static void clear(struct decoding *decoding) {
    if (decoding->drawn) fputs("\r\033[K", stderr);
    decoding->drawn = false;
}

static void print(struct decoding *decoding, const char *before, const char *line) {
    pthread_mutex_lock(&decoding->lock);
    clear(decoding);
    fprintf(stderr, "%s%s\n", before, line);
    pthread_mutex_unlock(&decoding->lock);
}

static void tell(void *context, const char *line) {
    struct decoding *decoding = context;
    if (!decoding->quiet) print(decoding, "", line);
}

static void warn(void *context, const char *line) {
    print(context, "duel: warning: ", line);
}

/* Notes how far a data set is; the sums over all. */
static void note(struct decoding *decoding, const char *what, int64_t done, int64_t all,
                 int64_t *done_sum, int64_t *all_sum) {
    int at = 0;
    while (at < decoding->count &&
           (decoding->streams[at].what != what || decoding->streams[at].all != all ||
            decoding->streams[at].done > done))
        at++;
    if (at == STREAMS_MOST) at--;
    if (at == decoding->count) decoding->count++;
    decoding->streams[at].what = what;
    decoding->streams[at].done = done;
    decoding->streams[at].all = all;
    *done_sum = *all_sum = 0;
    for (int i = 0; i < decoding->count; i++) {
        *done_sum += decoding->streams[i].done;
        *all_sum += decoding->streams[i].all;
    }
}

static void draw(struct decoding *decoding, int64_t done, int64_t all, double now) {
    int filled = (int)(BAR * done / all);
    double passed = now - decoding->began;
    clear(decoding);
    if (decoding->terminal) {
        fputs("decoding ", stderr);
        for (int i = 0; i < BAR; i++)
            fputs(i < filled ? "█" : "░", stderr);
        fputc(' ', stderr);
    } else {
        fputs("decoded ", stderr);
    }
    fprintf(stderr, "%" PRId64 " of %" PRId64 " images", done, all);
    if (passed > 0.5) fprintf(stderr, "  %.0f/s", (double)done / passed);
    if (decoding->terminal)
        fflush(stderr);
    else
        fputc('\n', stderr);
    decoding->drawn = decoding->terminal;
    decoding->last = now;
}

static void progress(void *context, const char *what, int64_t done, int64_t all) {
    struct decoding *decoding = context;
    if (decoding->quiet) return;
    pthread_mutex_lock(&decoding->lock);
    int64_t done_sum, all_sum;
    double now = seconds_now();
    if (!decoding->count) decoding->began = decoding->last = now;
    note(decoding, what, done, all, &done_sum, &all_sum);
    if (now - decoding->last >= (decoding->terminal ? draw_every : print_every))
        draw(decoding, done_sum, all_sum, now);
    if (done == all) clear(decoding);
    pthread_mutex_unlock(&decoding->lock);
}

static void release(void *object) {
    struct decoding *decoding = object;
    clear(decoding);
    pthread_mutex_destroy(&decoding->lock);
}

const struct dataset_listener *decoding_listener(bool quiet, struct arena *arena) {
    struct decoding *decoding = ARENA_NEW(arena, struct decoding);
    decoding->listener = (struct dataset_listener){
        .tell = tell, .warn = warn, .progress = progress, .context = decoding};
    decoding->quiet = quiet;
    decoding->terminal = isatty(STDERR_FILENO);
    pthread_mutex_init(&decoding->lock, NULL);
    arena_on_free(arena, release, decoding);
    return &decoding->listener;
}
