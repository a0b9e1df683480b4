/* Fetches files of any name, for fetch.py: FOLDER NAME BYTES SHA256 MIRROR… Prints what is told. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "datasets/fetch.h"

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
    stopped = number;
}

static void tell(void *context, const struct fetch_file *file, enum fetch_news news, int64_t done,
                 const char *message) {
    static const char *const names[] = {"there", "bytes", "good", "failed"};
    (void)context;
    if (news == FETCH_BYTES && !done) return;
    printf("%s %s %lld %s\n", names[news], file->name, (long long)done, message ? message : "");
    fflush(stdout);
}

int main(int count, char **words) {
    if (count < 6) return 2;
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGINT, on_signal);
    const struct fetch_file file = {words[2], strtoll(words[3], NULL, 10), words[4]};
    const struct fetch fetch = {.folder = words[1],
                                .mirrors = (const char *const *)(words + 5),
                                .count = 1,
                                .files = &file,
                                .stop = &stopped,
                                .tell = tell};
    struct error error = {0};
    fetch_files(&fetch, &error);
    error_print(&error, stderr, false);
    return (int)error.status;
}
