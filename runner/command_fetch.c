/* duel fetch: gets a data set from where it was published. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "datasets/fetch.h"
#include "runner/command.h"
#include "runner/progress.h"

/* ---- signals: the first one stops the download, the second one ends at once ---- */

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
    stopped = number;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- what is shown: on a terminal a line that is drawn again, elsewhere a line a file ---- */

struct shown {
    bool quiet, terminal, drawn;
    const struct fetch_file *file;
    double began, last; /* seconds */
    int64_t first;      /* bytes that were there when it began */
};

static void clear(struct shown *shown) {
    if (shown->drawn) fputs("\r\033[K", stderr);
    shown->drawn = false;
}

static void begin(struct shown *shown, const struct fetch_file *file, int64_t done) {
    if (shown->file == file) return;
    shown->file = file;
    shown->began = seconds_now();
    shown->first = done;
}

static void draw(struct shown *shown, int64_t done) {
    double now = seconds_now(), passed = now - shown->began, rate = 0;
    if (!shown->terminal || now - shown->last < 0.1) return;
    shown->last = now;
    if (passed > 0.5) rate = (double)(done - shown->first) / passed;
    double all = (double)shown->file->bytes;
    fprintf(stderr, "\r%s %3.0f%% of %.*f %s", shown->file->name, 100 * (double)done / all,
            all < 1e6 ? 0 : 1, all < 1e6 ? all / 1e3 : all / 1e6, all < 1e6 ? "kB" : "MB");
    if (rate > 0) fprintf(stderr, "  %.1f MB/s", rate / 1e6);
    fputs("\033[K", stderr);
    fflush(stderr);
    shown->drawn = true;
}

static void tell(void *context, const struct fetch_file *file, enum fetch_news news, int64_t done,
                 const char *message) {
    struct shown *shown = context;
    if (shown->quiet) return;
    begin(shown, file, done);
    if (news == FETCH_BYTES) {
        draw(shown, done);
        return;
    }
    clear(shown);
    if (news == FETCH_FAILED)
        fprintf(stderr, "duel: warning: %s\n", message);
    else
        fprintf(stderr, "%s: %s\n", file->name,
                news == FETCH_THERE ? "is there already" : "fetched, SHA-256 as published");
}

/* ---- the command ---- */

static const struct dataset_row *find_row(const char *name, struct error *error) {
    const struct dataset_row *row = dataset_find(name);
    struct nearest nearest = {.wanted = name};
    struct text all = {0};
    if (row && row->remote) return row;
    for (int i = 0; dataset_rows[i]; i++) {
        if (!dataset_rows[i]->remote) continue;
        nearest_try_row(&nearest, dataset_rows[i]->name, dataset_rows[i]->aliases);
        text_format(&all, "%s%s", all.length ? ", " : "", dataset_rows[i]->name);
    }
    if (row)
        error_set(error, STATUS_USAGE, "data set '%s' is not fetched: %s", name,
                  row->points ? "its points are drawn"
                  : row->get  ? "no file of it has a digest that its makers published"
                              : "its files are your own");
    else
        error_set(error, STATUS_USAGE, "there is no data set '%s'", name);
    if (nearest.name && !row)
        error_hint(error, "did you mean '%s'?", nearest.name);
    else if (row && row->get)
        error_hint(error, "%s; 'duel datasets %s' lists the folders", row->get, name);
    else
        error_hint(error, "these are fetched: %s", text_get(&all));
    text_release(&all);
    return NULL;
}

/* The folder of all data sets: --to, or the user's. */
static const char *find_folder(const struct arguments *arguments, struct error *error) {
    const char *to = arguments_get(arguments, "--to");
    if (to) return to;
    struct dataset_search search = dataset_search_here(arguments->arena);
    if (!search.user)
        error_set(error, STATUS_USAGE,
                  "neither HOME nor XDG_DATA_HOME says where your data are; "
                  "give --to FOLDER");
    return search.user;
}

static bool check_mirrors(const char *const *mirrors, struct error *error) {
    for (int i = 0; mirrors[i]; i++)
        if (strncmp(mirrors[i], "https://", 8) != 0 && strncmp(mirrors[i], "http://", 7) != 0)
            return error_set(error, STATUS_USAGE,
                             "'--mirror' wants an address that begins with https:// or http://, "
                             "not '%s'",
                             mirrors[i]);
    return true;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct arena *arena = arguments->arena;
    const struct dataset_row *row = find_row(arguments->operands[0], error);
    const char *root = row ? find_folder(arguments, error) : NULL;
    const char *const *mirrors = arguments_all(arguments, "--mirror");
    if (!root || !check_mirrors(mirrors, error)) return error->status;
    struct shown shown = {.quiet = arguments->quiet, .terminal = isatty(STDERR_FILENO)};
    struct fetch fetch = {.folder = arena_format(arena, "%s/%s", root, row->name),
                          .mirrors = mirrors[0] ? mirrors : row->remote->mirrors,
                          .stop = &stopped,
                          .tell = tell,
                          .context = &shown};
    fetch.files = fetch_list(row, &fetch.count);
    catch_signals();
    bool good = fetch_files(&fetch, error);
    clear(&shown);
    if (good) printf("%s\n", fetch.folder);
    return error->status;
}

static const struct option_row options[] = {
    {"--to", "FOLDER", "the files go to FOLDER/DATASET instead; DUEL_DATA=FOLDER finds them there"},
    {"--mirror", "URL", "take them from this folder, https or http; may be given several times"},
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel fetch mnist", "MNIST, to where 'duel train' looks for it"},
    {"duel fetch fashion-mnist --to data && DUEL_DATA=data duel train fashion-mlp",
     "a folder of one's own"},
    {NULL, NULL},
};

const struct command command_fetch = {
    .name = "fetch",
    .doc = "gets a data set from where it was published",
    .operands = "DATASET",
    .least = 1,
    .most = 1,
    .about = "The files go to duel/datasets in the user's data folder ($XDG_DATA_HOME, or\n"
             "~/.local/share), each under its name once it is whole and its SHA-256 is the\n"
             "published one. What breaks off goes on with the same command. Standard output is\n"
             "the folder.",
    .options = options,
    .examples = examples,
    .run = run,
};
