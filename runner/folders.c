/* Finding the program's own files and the user's configurations; see folders.h. */
#include "runner/folders.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static bool is_folder(const char *path) {
    struct stat about;
    return !stat(path, &about) && S_ISDIR(about.st_mode);
}

const char *folder_own(struct arena *arena, const char *name) {
    char program[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    for (int up = 0; up < 2 && length > 0; up++) { /* PREFIX/bin/duel: to PREFIX */
        program[length] = '\0';
        char *slash = strrchr(program, '/');
        length = slash ? slash - program : 0;
        program[length] = '\0';
    }
    const char *installed = arena_format(arena, "%s/share/duel/%s", program, name);
    if (length > 0 && is_folder(installed)) return installed;
    const char *source = arena_format(arena, "%s/%s", DUEL_SOURCE_FOLDER, name);
    return is_folder(source) ? source : NULL;
}

static const char *user_configs(struct arena *arena) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config == '/') return arena_format(arena, "%s/duel/configs", config);
    if (home && *home == '/') return arena_format(arena, "%s/.config/duel/configs", home);
    return NULL;
}

const char *const *folders_configs(struct arena *arena) {
    const char **folders = ARENA_ARRAY(arena, const char *, 3);
    int count = 0;
    const char *user = user_configs(arena), *own = folder_own(arena, "configs");
    if (user) folders[count++] = user;
    if (own) folders[count++] = own;
    return folders;
}

static bool is_file(const char *path) {
    struct stat about;
    return !stat(path, &about) && !S_ISDIR(about.st_mode);
}

/* Configurations are at the top of a folder and in `published` and `points` below it. */
static const char *const below[] = {"", "points/", "published/"};
enum { BELOW = sizeof below / sizeof *below };

static const char *find_below(struct arena *arena, const char *folder, const char *given) {
    static const char *const ends[] = {"", ".yaml"};
    for (size_t i = 0; i < BELOW; i++)
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            const char *path = arena_format(arena, "%s/%s%s%s", folder, below[i], given, ends[k]);
            if (is_file(path)) return path;
        }
    return NULL;
}

static int is_yaml(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && !strcmp(entry->d_name + length - 5, ".yaml");
}

const char *const *folders_list_configs(struct arena *arena) {
    const char **names = ARENA_ARRAY(arena, const char *, 1);
    int count = 0;
    const char *const *folders = folders_configs(arena);
    for (size_t i = 0; folders[i / BELOW]; i++) {
        struct dirent **entries;
        const char *inside = below[i % BELOW];
        int found = scandir(arena_format(arena, "%s/%s", folders[i / BELOW], inside), &entries,
                            is_yaml, alphasort);
        for (int k = 0; k < found; k++) {
            int length = (int)strlen(entries[k]->d_name) - 5;
            names = ARENA_GROW(arena, names, count + 1);
            names[count++] = arena_format(arena, "%s%.*s", inside, length, entries[k]->d_name);
            free(entries[k]);
        }
        if (found >= 0) free(entries);
    }
    names[count] = NULL;
    return names;
}

/* A file's name without folders and without its ".yaml". */
static const char *bare_name(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    bool yaml = length > 5 && !strcmp(name + length - 5, ".yaml");
    return arena_text_range(arena, name, length - (yaml ? 5 : 0));
}

/* Files of the folder that `given` names, or of the current one. */
static void try_beside(struct arena *arena, const char *given, struct nearest *nearest) {
    const char *slash = strrchr(given, '/');
    const char *folder = slash ? arena_text_range(arena, given, (size_t)(slash - given) + 1) : "";
    struct dirent **entries;
    int found = scandir(*folder ? folder : ".", &entries, is_yaml, alphasort);
    for (int i = 0; i < found; i++) {
        struct nearest own = {.wanted = nearest->wanted};
        nearest_try(&own, bare_name(arena, entries[i]->d_name));
        if (own.name && (!nearest->name || own.distance < nearest->distance)) {
            nearest->name = arena_format(arena, "%s%s", folder, entries[i]->d_name);
            nearest->distance = own.distance;
        }
        free(entries[i]);
    }
    if (found >= 0) free(entries);
}

/* The nearest file there, or configuration by its name alone, or where those that come with duel are. */
static void hint_configs(struct arena *arena, const char *const *folders, const char *given,
                         struct error *error) {
    struct nearest nearest = {.wanted = bare_name(arena, given)};
    try_beside(arena, given, &nearest);
    for (const char *const *config = folders_list_configs(arena); *config; config++)
        nearest_try(&nearest, bare_name(arena, *config));
    if (nearest.name)
        error_hint(error, "%s", nearest_hint(arena, &nearest));
    else if (folders[0])
        error_hint(error, "configurations that come with duel are in %s",
                   folders[1] ? folders[1] : folders[0]);
}

const char *folders_find_config(struct arena *arena, const char *given, struct error *error) {
    struct stat about;
    if (!stat(given, &about)) {
        if (!S_ISDIR(about.st_mode)) return given;
        error_set(error, STATUS_NO_INPUT, "'%s' is a folder, not a configuration", given);
        return NULL;
    }
    int why = errno;
    const char *const *folders = folders_configs(arena);
    for (int i = 0; folders[i] && *given != '/' && *given != '.'; i++) {
        const char *found = find_below(arena, folders[i], given);
        if (found) return found;
    }
    errno = why;
    error_system(error, STATUS_NO_INPUT, "cannot read '%s'", given);
    if (why == ENOENT) hint_configs(arena, folders, given, error);
    return NULL;
}
