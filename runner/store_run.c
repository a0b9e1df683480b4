/*
 * The folder of a run: making, locking, and run.json; see store_run.h. How a run is found is in
 * store_find.c.
 */
#include "runner/store_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "runner/store_facts.h"

enum { SUFFIX_MOST = 10000, RECORD_MOST = 64 << 20, LOCK_TRIES = 10 };

static const char lock_name[] = ".lock";
static const char *const folder_table[] = {"samples", "checkpoints", "plots"};
enum { FOLDERS = sizeof folder_table / sizeof *folder_table };

const char *run_path(struct arena *arena, const struct run *run, const char *name) {
    return arena_format(arena, "%s/%s", run->folder, name);
}

static void run_release(void *object) {
    struct run *run = object;
    if (run->lock >= 0) run->calls->close(run->lock);
    facts_free(run->facts);
}

static struct run *new_run(struct arena *arena, const struct file_calls *calls,
                           const char *folder) {
    struct run *run = ARENA_NEW(arena, struct run);
    *run = (struct run){.folder = arena_text(arena, folder),
                        .calls = calls ? calls : &file_calls_system,
                        .lock = -1};
    run->samples = run_path(arena, run, folder_table[0]);
    run->checkpoints = run_path(arena, run, folder_table[1]);
    run->plots = run_path(arena, run, folder_table[2]);
    arena_on_free(arena, run_release, run);
    return run;
}

/* Who looks whether a process trains into a folder holds its lock for a moment, too: what counts is
 * a lock that lasts. */
static bool try_lock(const struct run *run) {
    for (int tries = LOCK_TRIES;;) {
        if (run->calls->lock(run->lock, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK || !--tries) return false;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

static bool take_lock(struct arena *arena, struct run *run, struct error *e) {
    const char *path = run_path(arena, run, lock_name);
    run->lock = run->calls->open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (run->lock < 0) return error_system(e, STATUS_IO, "cannot write '%s'", path);
    if (try_lock(run)) return true;
    if (errno != EWOULDBLOCK) return error_system(e, STATUS_IO, "cannot lock '%s'", path);
    error_set(e, STATUS_USAGE, "another process is training into '%s'", run->folder);
    return error_hint(e, "wait until it has ended, or stop it");
}

static bool save_facts(struct run *run, struct error *e) {
    struct arena *arena = arena_new();
    const char *text = facts_write(arena, run->facts);
    bool ok = file_write(run->calls, run_path(arena, run, "run.json"), text, strlen(text), e);
    arena_free(arena);
    return ok;
}

/* ---- A new run. ---- */

/* Whether a folder holds nothing, or nothing but a lock. */
static bool is_empty(const char *folder, bool *empty, struct error *e) {
    DIR *entries = opendir(folder);
    if (!entries) return error_system(e, STATUS_IO, "cannot read the folder '%s'", folder);
    *empty = true;
    for (const struct dirent *entry; *empty && (entry = readdir(entries));)
        *empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
                 !strcmp(entry->d_name, lock_name);
    closedir(entries);
    return true;
}

static bool check_empty(const char *folder, struct error *e) {
    bool empty = false;
    if (!is_empty(folder, &empty, e)) return false;
    if (empty) return true;
    error_set(e, STATUS_USAGE, "the folder '%s' is not empty", folder);
    return error_hint(
        e, "'duel resume %s' goes on with a run; a new run wants a new or empty folder", folder);
}

static bool check_name(const char *name, struct error *e) {
    if (name[0] && name[0] != '.' && strlen(name) < 200 && !strpbrk(name, "/\n\t")) return true;
    return error_set(e, STATUS_CONFIG, "a run cannot be called '%s': its folder has this name",
                     name);
}

/* Makes OUTPUTS/NAME/TIME-SEED, or with -2, -3, … behind it where there is one already. */
static const char *make_new_folder(struct arena *arena, const struct file_calls *calls,
                                   const struct run_options *options, struct error *e) {
    char started[32];
    struct tm local;
    if (!check_name(options->name, e)) return NULL;
    const char *above = arena_format(
        arena, "%s/%s", options->outputs ? options->outputs : "outputs", options->name);
    if (!file_make_folders(calls, above, e)) return NULL;
    localtime_r(&options->started, &local);
    strftime(started, sizeof started, "%Y-%m-%dT%H-%M-%S", &local);
    for (int i = 1; i <= SUFFIX_MOST; i++) {
        const char *suffix = i > 1 ? arena_format(arena, "-%d", i) : "";
        const char *folder = arena_format(arena, "%s/%s-%llu%s", above, started,
                                          (unsigned long long)options->seed, suffix);
        if ((calls ? calls : &file_calls_system)->make_folder(folder, 0777) == 0) return folder;
        if (errno == EEXIST) continue;
        error_system(e, STATUS_IO, "cannot make the folder '%s'", folder);
        return NULL;
    }
    error_set(e, STATUS_IO, "there are too many runs in '%s' that began at %s", above, started);
    return NULL;
}

static bool fill_folder(struct arena *arena, struct run *run, const struct run_options *options,
                        struct error *e) {
    for (int i = 0; i < FOLDERS; i++)
        if (!file_make_folders(run->calls, run_path(arena, run, folder_table[i]), e)) return false;
    const char *config = options->config_text, *resolved = options->resolved_text;
    if (config &&
        !file_write(run->calls, run_path(arena, run, "config.yaml"), config, strlen(config), e))
        return false;
    if (resolved && !file_write(run->calls, run_path(arena, run, "resolved.yaml"), resolved,
                                strlen(resolved), e))
        return false;
    run->facts = facts_new(options);
    return save_facts(run, e) && file_sync_folder_of(run->calls, run->folder, e);
}

/* Takes away what this process made of a run that could not be made whole. */
static void undo(struct arena *arena, struct run *run, bool remove_folder) {
    static const char *const files[] = {"config.yaml", "resolved.yaml", "run.json", lock_name};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(run_path(arena, run, files[i]));
    for (int i = 0; i < FOLDERS; i++)
        rmdir(run_path(arena, run, folder_table[i]));
    if (remove_folder) rmdir(run->folder);
}

/* The same where not even the lock could be had; rmdir takes away no folder that has become
 * another's. */
static void undo_lock(struct arena *arena, struct run *run) {
    unlink(run_path(arena, run, lock_name));
    rmdir(run->folder);
}

struct run *run_create(struct arena *arena, const struct file_calls *calls,
                       const struct run_options *given, struct error *e) {
    struct run_options options = *given;
    if (!options.started) options.started = time(NULL);
    const char *folder = options.folder;
    bool existed = folder && access(folder, F_OK) == 0;
    if (!folder)
        folder = make_new_folder(arena, calls, &options, e);
    else if (!file_make_folders(calls, folder, e) || !check_empty(folder, e))
        return NULL;
    if (!folder) return NULL;
    struct run *run = new_run(arena, calls, folder);
    if (!take_lock(arena, run, e)) {
        if (!existed && e->status == STATUS_IO) undo_lock(arena, run);
        return NULL;
    }
    /* A folder that the user names may have become another process's by now; one that was made
     * exclusively may not. */
    if (options.folder && !check_empty(folder, e)) return NULL;
    if (fill_folder(arena, run, &options, e)) return run;
    undo(arena, run, !existed);
    return NULL;
}

/* ---- A run that exists. ---- */

static bool read_facts(struct arena *arena, struct run *run, struct error *e) {
    size_t size;
    const char *path = run_path(arena, run, "run.json");
    const char *text = file_read(arena, path, RECORD_MOST, &size, e);
    if (!text) return false;
    run->facts = facts_read(path, text, size, e);
    return run->facts != NULL;
}

struct run *run_open(struct arena *arena, const struct file_calls *calls, const char *folder,
                     struct error *e) {
    struct run *run = new_run(arena, calls, folder);
    if (access(run_path(arena, run, "run.json"), F_OK) != 0) {
        error_system(e, STATUS_NO_INPUT, "'%s' is not the folder of a run: 'run.json' in it",
                     folder);
        return NULL;
    }
    bool ok = take_lock(arena, run, e) && read_facts(arena, run, e) && file_clean(calls, folder, e);
    for (int i = 0; ok && i < FOLDERS; i++) {
        const char *path = run_path(arena, run, folder_table[i]);
        ok = file_make_folders(calls, path, e) && file_clean(calls, path, e);
    }
    return ok ? run : NULL;
}

bool run_resumed(struct run *run, int64_t step, const struct run_facts *facts, struct error *e) {
    facts_resumed(run->facts, step, facts, time(NULL));
    return save_facts(run, e);
}

bool run_resolved(struct run *run, const char *text, struct error *e) {
    struct arena *arena = arena_new();
    bool ok = file_write(run->calls, run_path(arena, run, "resolved.yaml"), text, strlen(text), e);
    arena_free(arena);
    return ok;
}

bool run_set(struct run *run, const char *key, const char *text, struct error *e) {
    facts_set(run->facts, key, text);
    return save_facts(run, e);
}

bool run_set_json(struct run *run, const char *key, const char *json, struct error *e) {
    facts_set_json(run->facts, key, json);
    return save_facts(run, e);
}

bool run_finish(struct run *run, const char *status, struct error *e) {
    facts_finish(run->facts, status, time(NULL));
    return save_facts(run, e);
}

const char *run_text(const struct run *run, const char *key) {
    return facts_text(run->facts, key);
}

bool run_is_locked(struct arena *arena, const char *folder) {
    int file = open(arena_format(arena, "%s/%s", folder, lock_name), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno != ENOENT;
    bool locked = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(file);
    return locked;
}

const char *run_text_in(const struct run *run, const char *key, const char *name) {
    return facts_text_in(run->facts, key, name);
}

const char *run_text_of(struct arena *arena, const char *folder, const char *key) {
    struct run run = {.folder = folder, .calls = &file_calls_system};
    struct error e = {0};
    if (!read_facts(arena, &run, &e)) return NULL;
    const char *text = facts_text(run.facts, key);
    text = text ? arena_text(arena, text) : NULL;
    facts_free(run.facts);
    return text;
}
