/* duel cache: what is kept of decoded images, and its end. */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "datasets/cache.h"
#include "runner/command.h"

enum { NAME_LEAST = 4, NAME_SHOWN = 12 };

/* Whether a file is meant: by none of the names if there are none, or by the beginning of its own. */
static bool is_meant(const struct arguments *arguments, const struct cache_file *file) {
    for (int i = 0; i < arguments->count; i++)
        if (!strncmp(file->name, arguments->operands[i], strlen(arguments->operands[i])))
            return true;
    return !arguments->count;
}

/* Every name that is given means a file. */
static bool check_names(const struct arguments *arguments, const struct cache_file *files,
                        int64_t count, struct error *error) {
    for (int i = 0; i < arguments->count; i++) {
        const char *name = arguments->operands[i];
        bool found = false;
        for (int64_t k = 0; k < count; k++)
            found = found || !strncmp(files[k].name, name, strlen(name));
        if (found && strlen(name) >= NAME_LEAST) continue;
        error_set(error, STATUS_USAGE,
                  found ? "'%s' is too short for a name: four characters or more"
                        : "the cache holds nothing called '%s'",
                  text_excerpt(arguments->arena, name));
        return error_hint(error, "'duel cache' lists all names");
    }
    return true;
}

static const char *what(const struct cache_file *file) {
    return file->what ? file->what : "not finished, or made by another version";
}

static const char *when(const struct cache_file *file, struct arena *arena) {
    char text[32];
    time_t seconds = (time_t)file->used;
    struct tm local;
    localtime_r(&seconds, &local);
    strftime(text, sizeof text, "%Y-%m-%d", &local);
    return arena_text(arena, text);
}

static void print_json(const struct arguments *arguments, const char *folder,
                       const struct cache_file *files, int64_t count) {
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++)
        if (is_meant(arguments, &files[i]))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s?, s:I, s:I}", "name", files[i].name, "what",
                                            files[i].what, "bytes", (json_int_t)files[i].bytes,
                                            "used", (json_int_t)files[i].used));
    json_t *object = json_pack("{s:s, s:o}", "folder", folder, "files", list);
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}

static void print_list(const struct arguments *arguments, const char *folder,
                       const struct cache_file *files, int64_t count) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!is_meant(arguments, &files[i])) continue;
        sum += files[i].bytes;
        printf("%.*s  %9.1f MB  %s  %s\n", NAME_SHOWN, files[i].name, (double)files[i].bytes / 1e6,
               when(&files[i], arguments->arena), what(&files[i]));
    }
    printf("%.1f MB in %s\n", (double)sum / 1e6, folder);
}

static bool clear(const struct arguments *arguments, const char *folder,
                  const struct cache_file *files, int64_t count, struct error *error) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        bool removed;
        if (!is_meant(arguments, &files[i])) continue;
        if (!cache_remove(folder, files[i].name, &removed, error)) return false;
        if (removed)
            sum += files[i].bytes;
        else if (!arguments->quiet)
            fprintf(stderr, "%.*s is being made: it stays\n", NAME_SHOWN, files[i].name);
    }
    printf("%.1f MB removed from %s\n", (double)sum / 1e6, folder);
    return true;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    const char *folder = cache_folder(arguments->arena);
    struct cache_file *files;
    int64_t count;
    if (!folder) {
        error_set(error, STATUS_USAGE,
                  "neither HOME nor XDG_CACHE_HOME says where decoded images are kept");
        return error->status;
    }
    if (!cache_list(folder, arguments->arena, &count, &files, error) ||
        !check_names(arguments, files, count, error))
        return error->status;
    if (arguments_has(arguments, "--clear"))
        clear(arguments, folder, files, count, error);
    else if (arguments_has(arguments, "--json"))
        print_json(arguments, folder, files, count);
    else
        print_list(arguments, folder, files, count);
    return error->status;
}

static const struct option_row options[] = {
    {"--clear", NULL, "remove what is listed; what is needed again is decoded again"},
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel cache", "what there is: name, size, the day of its last use, what it was made of"},
    {"duel cache --clear", "removes all of it"},
    {NULL, NULL},
};

const struct command command_cache = {
    .name = "cache",
    .doc = "lists and clears the images that were decoded for earlier runs",
    .operands = "[NAME…]",
    .least = 0,
    .most = -1,
    .about = "Images are decoded once, into duel in the user's cache folder ($XDG_CACHE_HOME, or\n"
             "~/.cache). NAME is the beginning of a name in the list; without one, all are meant.\n"
             "A run that is using what is removed goes on.",
    .options = options,
    .examples = examples,
    .run = run,
};
