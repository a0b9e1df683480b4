/* Which run a user means: a folder, something within it, or a name; see store_run.h. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "runner/store_checkpoint.h"
#include "runner/store_run.h"

static bool is_run(struct arena *arena, const char *folder) {
    return access(arena_format(arena, "%s/run.json", folder), F_OK) == 0;
}

/* The run in `folder` that began last: names begin with the time, and strverscmp knows that -10
 * comes after -9. */
static const char *newest_in(struct arena *arena, const char *folder) {
    const char *newest = NULL;
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        if (entry->d_name[0] == '.' || (newest && strverscmp(entry->d_name, newest) < 0)) continue;
        if (is_run(arena, arena_format(arena, "%s/%s", folder, entry->d_name)))
            newest = arena_text(arena, entry->d_name);
    }
    if (entries) closedir(entries);
    return newest ? arena_format(arena, "%s/%s", folder, newest) : NULL;
}

/* The nearest folder from `path` upwards that is a run. */
static const char *climb(struct arena *arena, const char *path) {
    char *folder = arena_text(arena, path);
    for (size_t length = strlen(folder); length; length = strlen(folder)) {
        if (is_run(arena, folder)) return folder;
        char *slash = strrchr(folder, '/');
        if (!slash) break;
        *slash = 0;
    }
    return NULL;
}

/* The same, also above the current folder. */
static const char *climb_all(struct arena *arena, const char *path) {
    const char *run = climb(arena, path);
    char *whole = run ? NULL : realpath(path, NULL);
    if (whole) run = climb(arena, whole);
    free(whole);
    return run;
}

/* The name of the experiment that a configuration is, as in configs/ring.yaml; NULL: it reads as something else. */
static const char *experiment_of(struct arena *arena, const char *given) {
    const char *slash = strrchr(given, '/'), *file = slash ? slash + 1 : given;
    size_t length = strlen(file);
    bool yaml = length > 5 && !strcmp(file + length - 5, ".yaml");
    return yaml ? arena_text_range(arena, file, length - 5) : NULL;
}

static void no_run(const char *outputs, const char *given, struct error *e) {
    struct arena *arena = arena_new();
    const char *experiment = experiment_of(arena, given);
    struct nearest near = {.wanted = experiment ? experiment : given};
    DIR *entries = opendir(outputs);
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        if (entry->d_name[0] != '.') nearest_try(&near, arena_text(arena, entry->d_name));
    if (entries) closedir(entries);
    error_set(e, STATUS_NO_INPUT, "there is no run '%s', neither as a folder nor in '%s'", given,
              outputs);
    if (near.name)
        error_hint(e, "did you mean '%s'?", near.name);
    else
        error_hint(e, "%s'duel runs' lists them",
                   experiment ? "a run goes by its experiment's name: " : "");
    arena_free(arena);
}

const char *run_find(struct arena *arena, const char *outputs, const char *given, const char **file,
                     struct error *e) {
    struct stat status;
    const char *run = NULL, *found;
    size_t length = strlen(given);
    while (length > 1 && given[length - 1] == '/')
        length--;
    const char *path = arena_text_range(arena, given, length);
    if (!outputs) outputs = "outputs";
    bool exists = stat(path, &status) == 0, folder = exists && S_ISDIR(status.st_mode);
    if (folder && is_run(arena, path))
        run = path;
    else if (folder && (found = newest_in(arena, path)))
        run = found;
    else if (exists)
        run = climb_all(arena, path);
    *file = run && !folder ? path : NULL;
    if (!run && !strchr(path, '/'))
        run = newest_in(arena, arena_format(arena, "%s/%s", outputs, path));
    if (!run) no_run(outputs, given, e);
    return run;
}

static bool is_file_of_hdf5(const char *path) {
    size_t length = path ? strlen(path) : 0;
    return length > 3 && !strcmp(path + length - 3, ".h5");
}

bool run_find_checkpoint(struct arena *arena, const char *outputs, const char *given, int64_t step,
                         struct checkpoint *checkpoint, const char **path, struct error *skipped,
                         struct error *e) {
    const char *file, *folder = run_find(arena, outputs, given, &file, e);
    if (!folder) return false;
    const char *all = arena_format(arena, "%s/checkpoints", folder);
    *path = is_file_of_hdf5(file) ? file : NULL;
    if (!*path && step >= 0 && !(*path = checkpoint_of_step(arena, all, step, e))) return false;
    if (*path) return checkpoint_read(arena, *path, checkpoint, e);
    return checkpoint_read_latest(arena, all, checkpoint, path, skipped, e);
}

/* ---- all runs ---- */

struct found {
    int count;
    const char **list;
};

/* Adds `folder` if it is a run, else what is in it: OUTPUTS holds folders of runs, or runs. */
static void collect(struct arena *arena, const char *folder, int depth, struct found *found) {
    if (is_run(arena, folder)) {
        found->list = ARENA_GROW(arena, found->list, found->count);
        found->list[found->count++] = folder;
        return;
    }
    DIR *entries = depth ? opendir(folder) : NULL;
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        if (entry->d_name[0] != '.')
            collect(arena, arena_format(arena, "%s/%s", folder, entry->d_name), depth - 1, found);
    if (entries) closedir(entries);
}

bool run_find_all(struct arena *arena, const char *outputs, const char *given, int *count,
                  const char *const **folders, struct error *e) {
    struct found found = {0};
    const char *file;
    if (!outputs) outputs = "outputs";
    if (!given) {
        collect(arena, outputs, 2, &found);
    } else {
        size_t length = strlen(given);
        while (length > 1 && given[length - 1] == '/')
            length--;
        const char *path = arena_text_range(arena, given, length);
        collect(arena, path, 2, &found);
        if (!found.count && !strchr(path, '/'))
            collect(arena, arena_format(arena, "%s/%s", outputs, path), 1, &found);
        const char *run = found.count ? NULL : run_find(arena, outputs, given, &file, e);
        if (run) collect(arena, run, 0, &found);
    }
    *count = found.count;
    *folders = found.list;
    return found.count || !given;
}
