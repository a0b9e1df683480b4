/* Starting gnuplot and hearing what it says; see gnuplot.h. */
#include "runner/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"

extern char **environ;

enum { WORDS_MOST = 1 << 20, WORDS_SHOWN = 1500, LOOK_MILLISECONDS = 200 };

/* ---- the start --------------------------------------------------------------------------------- */

/* What a child opens, and how it begins: duel's handling of signals is not gnuplot's. */
static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                   const char *folder, int words) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(actions, words, 2);
    if (!failed) failed = posix_spawn_file_actions_addchdir_np(actions, folder);
    return failed;
}

static int spawn(pid_t *child, const char *program, const char *folder,
                 const char *const *arguments, int words) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = prepare(&actions, &attributes, folder, words);
        if (!failed)
            failed = posix_spawnp(child, program, &actions, &attributes,
                                  (char *const *)(uintptr_t)arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

bool gnuplot_start(struct gnuplot *gnuplot, const char *program, const char *folder,
                   const char *const *arguments, struct error *error) {
    int pipes[2];
    *gnuplot = (struct gnuplot){.pipe = -1};
    if (pipe2(pipes, O_CLOEXEC)) return error_system(error, STATUS_SYSTEM, "starting gnuplot");
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    int failed = spawn(&gnuplot->child, program, folder, arguments, pipes[1]);
    close(pipes[1]);
    gnuplot->pipe = pipes[0];
    if (!failed) return true;
    close(pipes[0]);
    if (failed == ENOENT || failed == EACCES) {
        error_set(error, STATUS_NO_DEVICE, "%s is needed to draw, and cannot be started: %s",
                  program, strerror(failed));
        return error_hint(error, "sudo apt install gnuplot-nox");
    }
    return error_set(error, STATUS_SYSTEM, "starting gnuplot: %s", strerror(failed));
}

/* ---- what it says ------------------------------------------------------------------------------ */

/* Takes in what is there, keeping the first WORDS_MOST bytes; false at the end. */
static bool listen_once(struct gnuplot *gnuplot) {
    char buffer[4096];
    ssize_t got = read(gnuplot->pipe, buffer, sizeof buffer);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    size_t room = WORDS_MOST - gnuplot->words.length;
    text_add_range(&gnuplot->words, buffer, (size_t)got < room ? (size_t)got : room);
    return got > 0;
}

static void listen_to_all(struct gnuplot *gnuplot) {
    struct pollfd pipe = {.fd = gnuplot->pipe, .events = POLLIN};
    while (poll(&pipe, 1, 0) > 0 && listen_once(gnuplot)) {
    }
}

/* What it said last, as it names its error after its warnings: whole lines of at most WORDS_SHOWN
   bytes, without control characters. */
static const char *last_words(struct arena *arena, const struct text *words) {
    char *text = arena_text(arena, text_get(words));
    size_t length = strlen(text);
    while (length && strchr(" \n", text[length - 1]))
        text[--length] = '\0';
    for (char *at = text; *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\n') || *at == 0x7f) *at = ' ';
    if (length > WORDS_SHOWN) {
        text += length - WORDS_SHOWN;
        const char *newline = strchr(text, '\n');
        if (newline) text += newline - text;
    }
    return text + strspn(text, " \n");
}

/* ---- the end ----------------------------------------------------------------------------------- */

/* `flags`: of waitpid. */
static void wait_for_end(struct gnuplot *gnuplot, int flags) {
    pid_t found;
    while ((found = waitpid(gnuplot->child, &gnuplot->status, flags)) < 0 && errno == EINTR) {
    }
    gnuplot->ended = found != 0;
}

bool gnuplot_has_ended(struct gnuplot *gnuplot) {
    listen_to_all(gnuplot);
    if (!gnuplot->ended) wait_for_end(gnuplot, WNOHANG);
    return gnuplot->ended;
}

static void release(struct gnuplot *gnuplot) {
    close(gnuplot->pipe);
    gnuplot->pipe = -1;
    text_release(&gnuplot->words);
}

/* The pipe ends with gnuplot, unless a window that outlives it holds it, too: hence looks at times. */
bool gnuplot_finish(struct gnuplot *gnuplot, struct arena *arena, struct error *error) {
    struct pollfd pipe = {.fd = gnuplot->pipe, .events = POLLIN};
    while (!gnuplot->ended) {
        int ready = poll(&pipe, 1, LOOK_MILLISECONDS);
        bool open = ready <= 0 || listen_once(gnuplot);
        if (!open || ready == 0) wait_for_end(gnuplot, open ? WNOHANG : 0);
    }
    listen_to_all(gnuplot);
    const char *said = last_words(arena, &gnuplot->words), *colon = *said ? ":\n" : "";
    int status = gnuplot->status;
    release(gnuplot);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFSIGNALED(status))
        return error_set(error, STATUS_IO, "gnuplot was ended by signal %d%s%s", WTERMSIG(status),
                         colon, said);
    return error_set(error, STATUS_IO, "gnuplot failed%s%s", colon, said);
}

void gnuplot_stop(struct gnuplot *gnuplot) {
    if (!gnuplot->ended) {
        kill(gnuplot->child, SIGTERM);
        wait_for_end(gnuplot, 0);
    }
    release(gnuplot);
}
