/* The checkpoints of a folder by their names: the newest, those to keep, those to set aside; see
 * store_checkpoint.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "runner/store_checkpoint.h"

/* Steps that a message names. */
enum { LISTED_MOST = 20 };

const char *checkpoint_path(struct arena *arena, const char *folder, int64_t step) {
    BUG_IF(step < 0);
    return arena_format(arena, "%s/step-%08lld.h5", folder, (long long)step);
}

/* The step in a file's name, or -1 if it is not the name of a checkpoint. */
static int64_t step_of(const char *name) {
    char *end, again[64];
    if (strncmp(name, "step-", 5) != 0 || name[5] < '0' || name[5] > '9') return -1;
    errno = 0;
    long long step = strtoll(name + 5, &end, 10);
    if (errno || strcmp(end, ".h5") != 0) return -1;
    snprintf(again, sizeof again, "step-%08lld.h5", step);
    return strcmp(again, name) == 0 ? step : -1;
}

static int compare_steps(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool checkpoint_list(struct arena *arena, const char *folder, int *count, const int64_t **steps,
                     struct error *e) {
    int64_t *list = NULL;
    *count = 0;
    *steps = NULL;
    DIR *entries = opendir(folder);
    if (!entries && errno == ENOENT) return true;
    if (!entries) return error_system(e, STATUS_NO_INPUT, "cannot read the folder '%s'", folder);
    for (const struct dirent *entry; (entry = readdir(entries));) {
        int64_t step = step_of(entry->d_name);
        if (step < 0) continue;
        list = ARENA_GROW(arena, list, *count);
        list[(*count)++] = step;
    }
    closedir(entries);
    if (*count) qsort(list, (size_t)*count, sizeof *list, compare_steps);
    *steps = list;
    return true;
}

/* "0, 10, …, 80, 90": the first and the last of many. */
static const char *steps_text(struct arena *arena, int count, const int64_t *steps) {
    const char *text = "";
    for (int i = 0; i < count; i++)
        if (i < LISTED_MOST / 2 || i >= count - LISTED_MOST / 2)
            text = arena_format(arena, "%s%s%lld", text, i ? ", " : "", (long long)steps[i]);
        else if (i == LISTED_MOST / 2)
            text = arena_format(arena, "%s, …", text);
    return text;
}

const char *checkpoint_of_step(struct arena *arena, const char *folder, int64_t step,
                               struct error *e) {
    int count;
    const int64_t *steps;
    if (!checkpoint_list(arena, folder, &count, &steps, e)) return NULL;
    for (int i = 0; i < count; i++)
        if (steps[i] == step) return checkpoint_path(arena, folder, step);
    error_set(e, STATUS_NO_INPUT, "there is no step %lld in '%s'", (long long)step, folder);
    if (count) error_hint(e, "there are steps %s", steps_text(arena, count, steps));
    return NULL;
}

const char *checkpoint_latest(struct arena *arena, const char *folder, struct error *e) {
    int count;
    const int64_t *steps;
    if (!checkpoint_list(arena, folder, &count, &steps, e)) return NULL;
    if (count) return checkpoint_path(arena, folder, steps[count - 1]);
    error_set(e, STATUS_NO_INPUT, "there is no checkpoint in '%s'", folder);
    return NULL;
}

bool checkpoint_read_latest(struct arena *arena, const char *folder, struct checkpoint *checkpoint,
                            const char **path, struct error *skipped, struct error *e) {
    int count;
    const int64_t *steps;
    if (!checkpoint_list(arena, folder, &count, &steps, e)) return false;
    if (!count) return error_set(e, STATUS_NO_INPUT, "there is no checkpoint in '%s'", folder);
    for (int i = count - 1; i >= 0; i--) {
        struct error why = {0};
        *path = checkpoint_path(arena, folder, steps[i]);
        if (checkpoint_read(arena, *path, checkpoint, &why)) return true;
        if (!skipped->status) *skipped = why;
    }
    error_set(e, skipped->status,
              "none of the %d checkpoints in '%s' can be read; of the newest: %s", count, folder,
              skipped->message);
    return false;
}

bool checkpoint_prune(const struct file_calls *calls, const char *folder, int keep, int64_t newest,
                      struct error *e) {
    struct arena *arena = arena_new();
    int count, older = 0;
    const int64_t *steps;
    bool ok = checkpoint_list(arena, folder, &count, &steps, e);
    while (ok && older < count && steps[older] < newest)
        older++;
    bool written = ok && older < count && steps[older] == newest;
    for (int i = 0; ok && written && keep >= 1 && i < older - (keep - 1); i++) {
        const char *path = checkpoint_path(arena, folder, steps[i]);
        if ((calls ? calls : &file_calls_system)->remove(path) != 0 && errno != ENOENT)
            ok = error_system(e, STATUS_IO, "cannot remove '%s'", path);
    }
    arena_free(arena);
    return ok;
}

bool checkpoint_set_aside(const struct file_calls *calls, const char *folder, int64_t step,
                          struct error *e) {
    struct arena *arena = arena_new();
    int count;
    const int64_t *steps;
    bool ok = checkpoint_list(arena, folder, &count, &steps, e);
    for (int i = 0; ok && i < count; i++) {
        if (steps[i] <= step) continue;
        const char *path = checkpoint_path(arena, folder, steps[i]);
        if ((calls ? calls : &file_calls_system)
                ->rename(path, arena_format(arena, "%s.aside", path)) != 0)
            ok = error_system(e, STATUS_IO, "cannot rename '%s'", path);
    }
    arena_free(arena);
    return ok;
}
