/* links: datasets base */
/* Any bytes as a file of the cache: what is taken from it lies within it. */
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena *arena = arena_new();
    struct error error = {0};
    const char *folder = arena_format(arena, "/tmp/duel-fuzz-cache-%d", (int)getpid());
    const char *path = arena_format(arena, "%s/entry", folder);
    if (!file_make_folders(NULL, folder, &error) || !file_write(NULL, path, bytes, size, &error))
        BUG("%s", error.message);
    const struct cache_entry *entry = cache_find(folder, "entry", arena);
    if (entry) {
        const struct cache_about *about = &entry->about;
        int64_t values =
            about->count * about->shape.extent[0] * about->shape.extent[1] * about->shape.extent[2];
        unsigned sum = 0;
        for (int64_t i = 0; i < values; i++)
            sum += entry->values[i];
        for (int64_t i = 0; entry->labels && i < about->count; i++)
            BUG_IF(entry->labels[i] < 0 || entry->labels[i] >= about->classes);
        for (int i = 0; i < about->classes; i++)
            sum += (unsigned)strlen(about->class_names[i]);
        BUG_IF(sum == 1 && strlen(about->what) > size);
    }
    arena_free(arena);
    unlink(path);
    rmdir(folder);
    return 0;
}
