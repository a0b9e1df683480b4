/* What a run's folder tells of it; see store_about.h. */
#include "runner/store_about.h"

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/store_checkpoint.h"
#include "runner/store_run.h"

static const char *const state_names[] = {
#define X(name, text) text,
    RUN_STATE_LIST(X)
#undef X
};
enum { STATES = sizeof state_names / sizeof *state_names };

const char *run_state_name(enum run_state state) {
    return state_names[state];
}

static enum run_state state_told(struct arena *arena, const char *folder) {
    const char *text = run_text_of(arena, folder, "status");
    for (int i = 0; text && i < STATES; i++)
        if (!strcmp(state_names[i], text)) return (enum run_state)i;
    return RUN_UNKNOWN;
}

/* A process writes that it has finished before it gives its lock back. So a run that is said to go
 * on, whose lock is free, and that is still said to go on after that, has lost its process. */
enum run_state run_state(struct arena *arena, const char *folder) {
    enum run_state state = state_told(arena, folder);
    if (state != RUN_RUNNING || run_is_locked(arena, folder)) return state;
    state = state_told(arena, folder);
    return state == RUN_RUNNING ? RUN_DIED : state;
}

/* "2026-11-21T10:15:00+0100", as run.json has it; 0 where it is not one. */
static time_t read_time(const char *text) {
    struct tm parts = {0};
    const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S%z", &parts) : NULL;
    long east = parts.tm_gmtoff;
    return end && !*end ? timegm(&parts) - east : 0;
}

static time_t changed(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mtime : 0;
}

static int64_t bytes_below(struct arena *arena, const char *folder) {
    char *const roots[] = {arena_text(arena, folder), NULL};
    int64_t bytes = 0;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (const FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info == FTS_F) bytes += entry->fts_statp->st_size;
    if (tree) fts_close(tree);
    return bytes;
}

/* The folder's own name. */
static const char *base_name(const char *folder) {
    const char *slash = strrchr(folder, '/');
    return slash && slash[1] ? slash + 1 : folder;
}

void run_look_brief(struct arena *arena, const char *folder, struct run_about *about) {
    struct error ignored = {0};
    int checkpoints = 0;
    const int64_t *steps;
    const char *name = run_text_of(arena, folder, "name");
    *about = (struct run_about){.folder = folder,
                                .name = name ? name : base_name(folder),
                                .state = run_state(arena, folder),
                                .started = read_time(run_text_of(arena, folder, "started")),
                                .last = record_new(arena, folder)};
    if (checkpoint_list(arena, arena_format(arena, "%s/checkpoints", folder), &checkpoints, &steps,
                        &ignored) &&
        checkpoints)
        about->step = steps[checkpoints - 1];
    about->resumable = checkpoints && (about->state == RUN_STOPPED || about->state == RUN_DIED ||
                                       about->state == RUN_FAILED);
    time_t end = read_time(run_text_of(arena, folder, "ended"));
    if (about->state == RUN_RUNNING) end = time(NULL);
    if (!end) end = changed(about->last->path);
    if (about->started && end > about->started) about->seconds = difftime(end, about->started);
}

void run_look(struct arena *arena, const char *folder, struct run_about *about) {
    struct error ignored = {0};
    run_look_brief(arena, folder, about);
    about->bytes = bytes_below(arena, folder);
    if (record_read_last(about->last, &ignored) && about->last->rows &&
        about->last->step[0] > about->step)
        about->step = about->last->step[0];
}
