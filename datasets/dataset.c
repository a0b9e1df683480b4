/* The list of data sets, and loading one, in this thread or another; see dataset.h. */
#include "datasets/dataset.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bug.h"
#include "datasets/list.h"

#define X(name) extern const struct dataset_row dataset_##name;
DATASET_LIST(X)
#undef X

const struct dataset_row *const dataset_rows[] = {
#define X(name) &dataset_##name,
    DATASET_LIST(X)
#undef X
        NULL};

const struct dataset_row *dataset_find(const char *name) {
    for (int i = 0; dataset_rows[i]; i++)
        if (!strcmp(dataset_rows[i]->name, name)) return dataset_rows[i];
    return NULL;
}

static bool has_ending(const char *path, const char *endings) {
    size_t length = strlen(path), size;
    for (const char *at = endings; at && *at; at += size + strspn(at + size, " ")) {
        size = strcspn(at, " ");
        if (length > size && !memcmp(path + length - size, at, size)) return true;
    }
    return false;
}

const struct dataset_row *dataset_find_file(const char *path) {
    struct stat about;
    bool folder = !stat(path, &about) && S_ISDIR(about.st_mode);
    for (int i = 0; dataset_rows[i]; i++)
        if (folder ? dataset_rows[i]->folders : has_ending(path, dataset_rows[i]->endings))
            return dataset_rows[i];
    return NULL;
}

bool dataset_peek(const struct dataset_request *request, struct arena *arena,
                  struct dataset *dataset, struct error *error) {
    *dataset = (struct dataset){0};
    return request->row->peek(request, arena, dataset, error);
}

bool dataset_load(const struct dataset_request *request, struct arena *arena,
                  struct dataset *dataset, struct error *error) {
    *dataset = (struct dataset){0};
    return request->row->load(request, arena, dataset, error);
}

int64_t dataset_example_size(const struct dataset *dataset) {
    int64_t size = 1;
    for (int i = 0; i < dataset->shape.rank; i++)
        size *= dataset->shape.extent[i];
    return size;
}

struct dataset_loading {
    struct dataset_request request;
    struct arena *arena; /* the thread's own: an arena has no lock */
    pthread_t thread;
    bool joinable, done;
    atomic_bool stop;
    bool good;
    struct dataset dataset;
    struct error error;
};

static void *loading_run(void *object) {
    struct dataset_loading *loading = object;
    loading->good =
        dataset_load(&loading->request, loading->arena, &loading->dataset, &loading->error);
    loading->done = true;
    return NULL;
}

static void loading_join(struct dataset_loading *loading) {
    if (loading->joinable) pthread_join(loading->thread, NULL);
    loading->joinable = false;
}

static void loading_release(void *object) {
    struct dataset_loading *loading = object;
    loading->stop = true;
    loading_join(loading);
    arena_free(loading->arena);
}

struct dataset_loading *dataset_start(const struct dataset_request *request, struct arena *arena) {
    struct dataset_loading *loading = ARENA_NEW(arena, struct dataset_loading);
    loading->request = *request;
    loading->request.stop = &loading->stop;
    loading->arena = arena_new();
    arena_on_free(arena, loading_release, loading);
    if (request->row->alone) return loading;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    loading->joinable = !pthread_create(&loading->thread, NULL, loading_run, loading);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return loading;
}

bool dataset_finish(struct dataset_loading *loading, struct dataset *dataset, struct error *error) {
    loading_join(loading);
    if (!loading->done) loading_run(loading);
    *dataset = loading->dataset;
    if (loading->good) return true;
    error_set(error, loading->error.status, "%s", loading->error.message);
    if (loading->error.hint[0]) error_hint(error, "%s", loading->error.hint);
    return false;
}
