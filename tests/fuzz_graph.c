/*
 * The graph fuzzer: random valid graphs, run on the reference and on a backend, without fusing,
 * without planning and on 1 to 3 threads, and compared (fuzz/check.c). Graph number i of a run is
 * that of seed S + i, so a failure is seen again with `--seed S+i --count 1`.
 *
 * Graphs run in a child process, so that one which crashes or hangs is found and made small, too.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "tests/fuzz/fuzz.h"

enum { EXIT_SKIPPED = 77, SECONDS_A_GRAPH = 60 };

struct settings {
    struct check_options check;
    uint64_t seed;
    int64_t count;
    double seconds; /* 0: until all are done */
    bool print, keep_going, no_shrink;
};

/* What the child tells its parent. */
struct shared {
    uint64_t seed;
    struct finding finding;
    struct check_counts counts;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_graphs(const struct settings *settings, uint64_t first, double start,
                       struct shared *shared) {
    for (uint64_t seed = first; seed - settings->seed < (uint64_t)settings->count; seed++) {
        if (settings->seconds > 0 && now() - start > settings->seconds) break;
        struct arena *arena = arena_new();
        shared->seed = seed;
        alarm(SECONDS_A_GRAPH);
        struct subject *subject = subject_make(arena, seed, INT64_MAX);
        if (settings->print) subject_print(subject, stdout);
        subject_check(subject, &settings->check, &shared->finding, &shared->counts);
        if (shared->finding.failed) _exit(1);
        arena_free(arena);
    }
    fflush(stdout);
    _exit(0);
}

static bool quiet_check(const struct subject *subject, void *context) {
    struct settings *settings = context;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) BUG("fork failed");
    if (!child) {
        struct finding finding = {0};
        struct check_counts counts = {0};
        if (!freopen("/dev/null", "w", stderr)) _exit(2);
        alarm(SECONDS_A_GRAPH / 4);
        subject_check(subject, &settings->check, &finding, &counts);
        _exit(finding.failed);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status != 0;
}

/* Prints the seed, the shrunk graph and how it fails. */
static void report(struct settings *settings, const struct shared *shared, int status) {
    struct arena *arena = arena_new();
    printf("seed %llu fails: %s\n", (unsigned long long)shared->seed,
           shared->finding.failed ? shared->finding.text
           : WIFSIGNALED(status)  ? strsignal(WTERMSIG(status))
                                  : "the process ended");
    if (settings->no_shrink) return;
    const struct subject *subject = subject_make(arena, shared->seed, INT64_MAX);
    if (!quiet_check(subject, settings)) printf("but not when run alone\n");
    subject = subject_shrink(arena, subject, quiet_check, settings);
    printf("the smallest graph that fails:\n");
    subject_print(subject, stdout);
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        struct finding finding = {0};
        struct check_counts counts = {0};
        alarm(SECONDS_A_GRAPH);
        subject_check(subject, &settings->check, &finding, &counts);
        printf("there: %s\n", finding.failed ? finding.text : "nothing");
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("there: %s\n", strsignal(WTERMSIG(status)));
    arena_free(arena);
}

static void print_counts(const struct check_counts *c, double seconds) {
    printf("%lld graphs of %.1f nodes in %.1f s; %lld beyond float32's range; %lld numbers "
           "compared, %.3f%% of them undecided; %lld runs not finite\n",
           (long long)c->graphs, (double)c->nodes / fmax(1, (double)c->graphs), seconds,
           (long long)c->extreme, (long long)c->numbers,
           100 * (double)c->undecided / fmax(1, (double)c->numbers), (long long)c->guards);
}

static void print_ops(const struct check_counts *c) {
    for (int op = 0; op < OP_COUNT; op++)
        printf("%s%s %lld", op ? ", " : "", op_rows[op].name, (long long)c->ops[op]);
    printf("\n");
}

static int run_all(struct settings *settings) {
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) BUG("no shared memory");
    double start = now();
    uint64_t first = settings->seed;
    int failures = 0;
    for (;;) {
        shared->finding.failed = false;
        fflush(NULL);
        pid_t child = fork();
        if (child < 0) BUG("fork failed");
        if (!child) run_graphs(settings, first, start, shared);
        int status = 0;
        waitpid(child, &status, 0);
        if (!status) break;
        failures++;
        report(settings, shared, status);
        first = shared->seed + 1;
        if (!settings->keep_going) break;
    }
    print_counts(&shared->counts, now() - start);
    if (settings->print) print_ops(&shared->counts);
    if (failures) printf("%d failed\n", failures);
    return failures ? 1 : 0;
}

static _Noreturn void usage(const char *problem) {
    fprintf(stderr,
            "fuzz_graph: %s\n"
            "usage: fuzz_graph [--seed S] [--count N] [--seconds S] [--backend NAME]\n"
            "                  [--isa v2|v3|v4] [--threads T] [--no-fuse] [--no-plan]\n"
            "                  [--keep-going] [--no-shrink] [--print]\n",
            problem);
    exit(64);
}

static double number(const char *text) {
    char *end;
    double x = strtod(text, &end);
    if (*end || end == text || !(x >= 0)) usage(text);
    return x;
}

static void read_option(struct settings *s, int option, const char *value) {
    switch (option) {
    case 's':
        s->seed = (uint64_t)number(value);
        break;
    case 'n':
        s->count = (int64_t)number(value);
        break;
    case 'S':
        s->seconds = number(value);
        break;
    case 'b':
        s->check.backend = backend_find(value);
        if (s->check.backend) break;
        fprintf(stderr, "fuzz_graph: there is no backend '%s' in this build\n", value);
        exit(EXIT_SKIPPED);
    case 'i':
        s->check.device.isa = value;
        break;
    case 't':
        s->check.device.threads = (int)number(value);
        break;
    case 'f':
        s->check.compile.no_fuse = true;
        break;
    case 'p':
        s->check.compile.no_plan = true;
        break;
    case 'P':
        s->print = true;
        break;
    case 'k':
        s->keep_going = true;
        break;
    case 'x':
        s->no_shrink = true;
        break;
    default:
        usage("unknown option");
    }
}

/* A processor without the instruction set is no failure. */
static void skip_unless_it_opens(const struct settings *s) {
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        struct error error = {0};
        struct device *device = s->check.backend->device_open(&s->check.device, &error);
        if (!device) fprintf(stderr, "fuzz_graph: %s\n", error.message);
        _exit(device ? 0 : EXIT_SKIPPED);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) exit(EXIT_SKIPPED);
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},    {"count", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 'S'}, {"backend", required_argument, NULL, 'b'},
        {"isa", required_argument, NULL, 'i'},     {"threads", required_argument, NULL, 't'},
        {"no-fuse", no_argument, NULL, 'f'},       {"no-plan", no_argument, NULL, 'p'},
        {"print", no_argument, NULL, 'P'},         {"keep-going", no_argument, NULL, 'k'},
        {"no-shrink", no_argument, NULL, 'x'},     {0}};
    struct settings settings = {.count = 1000, .seed = 1};
    settings.check.backend = &backend_reference;
    settings.check.compile.poison = true;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        read_option(&settings, option, optarg);
    if (optind < argc) usage(argv[optind]);
    skip_unless_it_opens(&settings);
    return run_all(&settings);
}
