/* Writing without overwriting; see export.h. */
#include "runner/export.h"

#include <string.h>
#include <unistd.h>

bool export_is_free(const struct export_way *way, const char *path, struct error *e) {
    if (way->force || access(path, F_OK) != 0) return true;
    error_set(e, STATUS_USAGE, "'%s' is there already", path);
    return error_hint(e, "'--force' replaces it, '%s' gives another name",
                      way->option ? way->option : "--out");
}

bool export_begin(const struct export_way *way, const char *path, struct error *e) {
    const char *slash = strrchr(path, '/');
    if (!export_is_free(way, path, e)) return false;
    if (!slash || slash == path) return true;
    struct arena *arena = arena_new();
    bool ok =
        file_make_folders(way->calls, arena_text_range(arena, path, (size_t)(slash - path)), e);
    arena_free(arena);
    return ok;
}

bool export_file(const struct export_way *way, const char *path, const void *bytes, size_t size,
                 struct error *e) {
    return export_begin(way, path, e) && file_write(way->calls, path, bytes, size, e);
}
