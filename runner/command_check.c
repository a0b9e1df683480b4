/* duel check: all mistakes of configurations, without data or a device. */
#include "runner/load.h"

/* One file, in memory of its own. */
static enum status check(const struct arguments *arguments, const char *given) {
    struct arguments own = *arguments;
    own.arena = arena_new();
    struct session session;
    struct error error = {0};
    session_start(&session, &own);
    enum status status = STATUS_OK;
    bool good = session_read(&session, given, &error) && session_build(&session);
    const char *awaited = good ? load_awaited(&session, NULL) : NULL;
    if (good && !awaited && session.experiment->loads_count) good = load_runs(&session, NULL);
    if (good && awaited)
        printf("%s: no mistakes, but that run '%s', which it loads, is not there yet\n",
               session.path, awaited);
    else if (good)
        printf("%s: no mistakes\n", session.path);
    else
        status = session_report(&session, &error);
    error_print(&error, stderr, arguments->colour);
    arena_free(own.arena);
    return status;
}

static enum status run(const struct arguments *arguments, struct error *error) {
    (void)error;
    enum status first = STATUS_OK;
    for (int i = 0; i < arguments->count; i++) {
        enum status status = check(arguments, arguments->operands[i]);
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static const struct option_row options[] = {OPTION_SET, OPTION_HELP, OPTION_END};

static const struct example examples[] = {
    {"duel check configs/*.yaml", "tells the mistakes of all of them"},
    {"duel check fashion-mlp --set data.batch=0", "tells what is wrong with a --set"},
    {NULL, NULL},
};

const struct command command_check = {
    .name = "check",
    .doc = "tells all mistakes in configurations",
    .operands = "CONFIG…",
    .least = 1,
    .most = -1,
    .options = options,
    .examples = examples,
    .run = run,
};
