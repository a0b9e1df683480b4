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

const char *search_file(const char *path, struct arena *arena) {
    if (is_file(path)) return arena_text(arena, path);
    const char *gzipped = arena_format(arena, "%s.gz", path);
    return is_file(gzipped) ? gzipped : NULL;
}

/* Looks into one folder; adds a line to `report` if not all is there. */
static bool search_folder(const char *folder, const char *const *names, int count,
                          struct arena *arena, const char **paths, struct text *report) {
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
    int missing = 0;
    for (int i = 0; i < count; i++) {
        paths[i] = search_file(arena_format(arena, "%s/%s", folder, names[i]), arena);
        if (!paths[i]) text_format(report, "%s%s", missing++ ? " and " : "", names[i]);
    }
    text_add(report, missing > 1 ? " are missing" : " is missing");
    return !missing;
}

bool search_files(const struct dataset_request *request, const char *path, const char *const *names,
                  int count, struct arena *arena, const char **paths, struct error *error) {
    const struct dataset_search *search = request->search;
    const char *source = request->row->name;
    const char *const roots[] = {search->environment, path, search->user, search->system};
    struct text report = {0};
    bool found = false;
    text_format(&report, "the files of data set '%s' are not there:", source);
    for (int i = 0; i < count; i++)
        text_format(&report, "%s %s", i ? " and" : "", names[i]);
    text_add(&report, ", or the same with .gz; looked in");
    for (size_t i = 0; i < sizeof roots / sizeof *roots && !found; i++) {
        if (!roots[i]) {
            if (i == 0) text_add(&report, "\n  $DUEL_DATA: not set");
            continue;
        }
        const char *folder =
            roots[i] == path ? path : arena_format(arena, "%s/%s", roots[i], source);
        found = search_folder(folder, names, count, arena, paths, &report);
    }
    if (!found) {
        error_set(error, STATUS_NO_INPUT, "%s", text_get(&report));
        if (request->row->get) error_hint(error, "%s", request->row->get);
    }
    text_release(&report);
    return found;
}
