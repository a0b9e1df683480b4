/* Finding files; see search.h. */
#include "datasets/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bug.h"
#include "base/text.h"

struct dataset_search dataset_search_here(struct arena *arena) {
    struct dataset_search search = {.system = "/usr/share/datasets"};
    const char *data = getenv("DUEL_DATA"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && *data) search.environment = arena_text(arena, data);
    /* XDG says that a relative path is to be ignored. */
    if (xdg && *xdg == '/')
        search.user = arena_format(arena, "%s/duel/datasets", xdg);
    else if (home && *home)
        search.user = arena_format(arena, "%s/.local/share/duel/datasets", home);
    return search;
}

static bool is_file(const char *path) {
    struct stat status;
    return !stat(path, &status) && S_ISREG(status.st_mode);
}

static bool is_folder(const char *path) {
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

const char *search_file(const char *path, struct arena *arena) {
    if (is_file(path)) return arena_text(arena, path);
    const char *gzipped = arena_format(arena, "%s.gz", path);
    return is_file(gzipped) ? gzipped : NULL;
}

/* What is looked for: all of `names`, or any of them. */
struct wanted {
    const char *const *names;
    int count;
    bool any;
    const char **paths; /* (count); of any: (1) */
};

/* A file or folder, as it is or with .gz. */
static const char *search_entry(const char *path, struct arena *arena) {
    return is_folder(path) ? path : search_file(path, arena);
}

static bool has_any(const struct wanted *wanted, const char *folder, struct arena *arena,
                    struct text *report) {
    for (int i = 0; i < wanted->count; i++) {
        const char *path = arena_format(arena, "%s/%s", folder, wanted->names[i]);
        if ((wanted->paths[0] = search_entry(path, arena))) return true;
    }
    text_add(report, "none of them is there");
    return false;
}

static bool has_all(const struct wanted *wanted, const char *folder, struct arena *arena,
                    struct text *report) {
    int missing = 0;
    for (int i = 0; i < wanted->count; i++) {
        const char *name = wanted->names[i];
        wanted->paths[i] = search_file(arena_format(arena, "%s/%s", folder, name), arena);
        if (!wanted->paths[i]) text_format(report, "%s%s", missing++ ? " and " : "", name);
    }
    text_add(report, missing > 1 ? " are missing" : " is missing");
    return !missing;
}

/* Looks into one folder; adds a line to `report` if not all is there. */
static bool search_folder(const struct wanted *wanted, const char *folder, struct arena *arena,
                          struct text *report) {
    struct stat status;
    text_format(report, "\n  %s: ", folder);
    if (stat(folder, &status)) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        text_add(report, absent ? "there is no such folder" : strerror(errno));
        return false;
    }
    if (!S_ISDIR(status.st_mode)) {
        text_add(report, "not a folder");
        return false;
    }
    return (wanted->any ? has_any : has_all)(wanted, folder, arena, report);
}

static bool search(const struct dataset_request *request, const char *path,
                   const struct wanted *wanted, struct arena *arena, struct error *error) {
    const struct dataset_search *search = request->search;
    const char *source = request->row->name;
    const char *const roots[] = {search->environment, path, search->user, search->system};
    struct text report = {0};
    bool found = false;
    text_format(&report, "the files of data set '%s' are not there:", source);
    for (int i = 0; i < wanted->count; i++)
        text_format(&report, "%s %s", !i ? "" : wanted->any ? " or" : " and", wanted->names[i]);
    text_add(&report, ", or the same with .gz; looked in");
    for (size_t i = 0; i < sizeof roots / sizeof *roots && !found; i++) {
        if (!roots[i]) {
            if (i == 0) text_add(&report, "\n  $DUEL_DATA: not set");
            continue;
        }
        const char *folder =
            roots[i] == path ? path : arena_format(arena, "%s/%s", roots[i], source);
        found = search_folder(wanted, folder, arena, &report);
    }
    if (!found) {
        error_set(error, STATUS_NO_INPUT, "%s", text_get(&report));
        if (request->row->get) error_hint(error, "%s", request->row->get);
    }
    text_release(&report);
    return found;
}

bool search_files(const struct dataset_request *request, const char *path, const char *const *names,
                  int count, struct arena *arena, const char **paths, struct error *error) {
    const struct wanted wanted = {.names = names, .count = count, .paths = paths};
    return search(request, path, &wanted, arena, error);
}

const char *search_any(const struct dataset_request *request, const char *path,
                       const char *const *names, struct arena *arena, struct error *error) {
    const char *found = NULL;
    struct wanted wanted = {.names = names, .any = true, .paths = &found};
    while (names[wanted.count])
        wanted.count++;
    return search(request, path, &wanted, arena, error) ? found : NULL;
}
