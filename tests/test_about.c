/* links: store_help store base */
/* The record read as it grows, and what a run's folder tells of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/store_about.h"
#include "runner/store_metrics.h"
#include "runner/store_run.h"
#include "tests/store_help.h"

static struct arena *arena;
static char *folder;

static int setup(void **state) {
    (void)state;
    arena = arena_new();
    folder = help_folder_new(arena);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    help_folder_remove(folder);
    arena_free(arena);
    return 0;
}

static void write_record(const char *text) {
    help_write(arena_format(arena, "%s/metrics.jsonl", folder), text, strlen(text));
}

/* Reads on, and compares the record with steps and values of its only column, `a`. */
static void assert_rows(struct record *r, int count, const double *values) {
    struct error e = {0};
    assert_true(record_read(r, &e));
    assert_int_equal(r->rows, count);
    const struct record_column *a = record_find(r, "a");
    for (int i = 0; i < count; i++) {
        assert_int_equal(r->step[i], i + 1);
        assert_true(a->value[i] == values[i] || (isnan(a->value[i]) && isnan(values[i])));
    }
}

static void a_record_is_read_as_it_grows(void **state) {
    (void)state;
    struct record *r = record_new(arena, folder);
    write_record("");
    assert_rows(r, 0, NULL);
    write_record("{\"step\":1,\"a\":5}\n{\"step\":2,\"a\":6}\n{\"st");
    assert_rows(r, 2, (double[]){5, 6});
    assert_rows(r, 2, (double[]){5, 6});
    write_record("{\"step\":1,\"a\":5}\n{\"step\":2,\"a\":6}\n{\"step\":3,\"a\":null}\n");
    assert_rows(r, 3, (double[]){5, 6, NAN});
    assert_true(record_newest(r, record_find(r, "a")) == 6);
    write_record("{\"step\":1,\"a\":5}\n{\"step\":2,\"b\":6}\n");
    assert_rows(r, 2, (double[]){5, NAN}); /* cut and gone on with: begins again */
    assert_true(record_newest(r, record_find(r, "b")) == 6);
    /* of the same length as what was read */
    write_record("{\"step\":1,\"a\":7}\n{\"step\":2,\"a\":8}\n");
    assert_rows(r, 2, (double[]){7, 8});
}

static void assert_last(const char *text, int64_t step, double a) {
    struct error e = {0};
    write_record(text);
    struct record *r = record_new(arena, folder);
    assert_true(record_read_last(r, &e));
    assert_int_equal(r->rows, step > 0);
    if (step) assert_true(r->step[0] == step && record_find(r, "a")->value[0] == a);
}

static void the_last_line_is_read_alone(void **state) {
    (void)state;
    assert_last("", 0, 0);
    assert_last("{\"st", 0, 0);
    assert_last("{\"step\":1,\"a\":5}\n", 1, 5);
    assert_last("{\"step\":1,\"a\":5}\n{\"step\":2,\"a\":6}\n{\"st", 2, 6);
    /* a line that is longer than what is read at first */
    char *blanks = arena_alloc(arena, 100001);
    memset(blanks, ' ', 100000);
    assert_last(arena_format(arena, "{\"step\":1,\"a\":5}\n{\"step\":2,%s\"a\":6}\n", blanks), 2,
                6);
    assert_last(arena_format(arena, "{\"step\":2,%s\"a\":6}\n{", blanks), 2, 6);
}

static enum run_state state_with(const char *facts) {
    help_write(arena_format(arena, "%s/run.json", folder), facts, strlen(facts));
    return run_state(arena, folder);
}

/* A process that holds the lock until it is killed. */
static pid_t hold_lock(void) {
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (!child) {
        struct error e = {0};
        struct run *run = run_open(arena_new(), NULL, folder, &e);
        if (write(ready[1], run ? "y" : "n", 1) == 1) pause();
        _exit(1);
    }
    char answer;
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
}

static const char goes_on[] = "{\"format\": 1, \"name\": \"n\", \"status\": \"running\"}";

static void the_lock_tells_whether_a_process_trains(void **state) {
    (void)state;
    assert_int_equal(state_with(goes_on), RUN_DIED);
    pid_t child = hold_lock();
    assert_int_equal(state_with(goes_on), RUN_RUNNING);
    assert_int_equal(state_with("{\"format\": 1, \"status\": \"finished\"}"), RUN_FINISHED);
    state_with(goes_on);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(run_state(arena, folder), RUN_DIED);
    assert_int_equal(state_with("{\"format\": 1, \"status\": \"stopped\"}"), RUN_STOPPED);
    assert_int_equal(state_with("{\"format\": 1, \"status\": \"asleep\"}"), RUN_UNKNOWN);
    assert_int_equal(state_with("nonsense"), RUN_UNKNOWN);
}

/* Who looks in the moment in which a process begins does not stand in its way, as little as another
 * who looks. */
static void a_look_is_not_in_the_way(void **state) {
    (void)state;
    struct error e = {0};
    state_with(goes_on);
    int file = open(arena_format(arena, "%s/.lock", folder), O_RDWR | O_CREAT, 0666);
    assert_int_equal(flock(file, LOCK_SH), 0);
    assert_int_equal(run_state(arena, folder), RUN_DIED);
    close(file);
    faults = (struct faults){.at = 2, .reason = EWOULDBLOCK};
    assert_non_null(run_open(arena, &faulty_calls, folder, &e));
    assert_true(faults.fired);
}

static void a_run_is_described(void **state) {
    (void)state;
    struct run_about about;
    write_record("{\"step\":40,\"a\":5}\n");
    state_with("{\"format\": 1, \"name\": \"n\", \"status\": \"stopped\", \"started\": "
               "\"2026-11-21T10:15:00+0100\", \"ended\": \"2026-11-21T11:16:01+0200\"}");
    run_look(arena, folder, &about);
    assert_string_equal(about.name, "n");
    assert_int_equal(about.started, 1795252500);
    assert_true(about.seconds == 61);
    assert_int_equal(about.step, 40);
    assert_false(about.resumable); /* there is no checkpoint */
    mkdir(arena_format(arena, "%s/checkpoints", folder), 0777);
    help_write(arena_format(arena, "%s/checkpoints/step-00000050.h5", folder), "12345", 5);
    int64_t before = about.bytes;
    run_look(arena, folder, &about);
    assert_true(about.resumable);
    assert_int_equal(about.step, 50);
    assert_int_equal(about.bytes, before + 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_read_as_it_grows),
        TEST(the_last_line_is_read_alone),
        TEST(the_lock_tells_whether_a_process_trains),
        TEST(a_look_is_not_in_the_way),
        TEST(a_run_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
