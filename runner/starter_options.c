/* Options of the data set from the command line, as a first experiment has them; see starter.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runner/read.h"
#include "runner/starter.h"

static bool is_text(const struct parameter *p) {
    return p->name && (p->type == PARAMETER_TEXT || p->type == PARAMETER_PATH);
}

/* YAML where it can be read as such, else a text. Where a text is wanted it is one, letter for letter, unless it is
 * quoted. */
static struct config *read_option(struct arena *arena, const struct parameter *p,
                                  const char *text) {
    struct diagnostics ignored = {.arena = arena};
    struct config *value = config_parse("--with", text, strlen(text), NULL, &ignored);
    bool good = value && !ignored.count && (*text || !is_text(p));
    if (good && (!is_text(p) || value->quoted)) return value;
    return config_new_text(arena, read_literal(arena, text));
}

/* How many folders a folder lies below the one where duel is started; -1: it lies elsewhere. */
static int depth_of(const char *folder) {
    char here[PATH_MAX], real[PATH_MAX];
    int depth = 0;
    if (!realpath(".", here) || !realpath(folder, real)) return -1;
    size_t length = strcmp(here, "/") != 0 ? strlen(here) : 0;
    if (strncmp(here, real, length) != 0 || (real[length] && real[length] != '/')) return -1;
    for (const char *at = real + length; (at = strchr(at, '/')); at++)
        depth += at[1] != '\0';
    return depth;
}

/* A path from the folder where duel is started, as the file has to name it. */
static const char *path_from(struct arena *arena, const char *file, const char *path) {
    const char *slash = strrchr(file, '/');
    if (!slash || !*path || *path == '/') return path;
    const char *folder = arena_text_range(arena, file, (size_t)(slash - file));
    size_t length = strlen(folder);
    if (!strncmp(path, folder, length) && path[length] == '/') return path + length + 1;
    int depth = depth_of(folder);
    if (depth < 0) return read_absolute(arena, path);
    while (depth--)
        path = arena_format(arena, "../%s", path);
    return path;
}

static bool add_option(struct arena *arena, const struct dataset_row *row, const char *with,
                       const char *file, struct config *options, struct error *error) {
    const char *equals = strchr(with, '=');
    if (!equals || equals == with)
        return error_set(error, STATUS_USAGE, "'--with' wants KEY=VALUE, but is '%s'", with);
    const char *key = arena_text_range(arena, with, (size_t)(equals - with));
    if (config_get(options, key))
        return error_set(error, STATUS_USAGE, "'--with' gives '%s' twice", key);
    if (!strcmp(key, "source"))
        return error_set(error, STATUS_USAGE, "'--data' gives the source, not '--with %s'", with);
    const struct parameter *p = row->parameters;
    while (p->name && strcmp(p->name, key) != 0)
        p++;
    struct config *value = read_option(arena, p, equals + 1);
    if (p->name && p->type == PARAMETER_PATH)
        value = config_new_text(arena, path_from(arena, file, value->text));
    config_add(arena, options, key, value);
    return true;
}

const struct config *starter_options(struct arena *arena, const struct dataset_row *row,
                                     const char *const *with, const char *file,
                                     struct error *error) {
    struct config *options = config_new_map(arena);
    for (int i = 0; with[i]; i++)
        if (!add_option(arena, row, with[i], file, options, error)) return NULL;
    return options;
}
