/* links: store base */
/* The metrics record, what is derived from it, and the folder of a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/store_metrics.h"
#include "runner/store_run.h"
#include "tests/store_help.h"

static struct arena *arena;
static char *folder;

static int setup(void **state) {
    (void)state;
    arena = arena_new();
    folder = help_folder_new(arena);
    faults = (struct faults){.reason = ENOSPC};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    help_folder_remove(folder);
    arena_free(arena);
    return 0;
}

static const char *in_folder(const char *name) {
    return arena_format(arena, "%s/%s", folder, name);
}

static const char *content(const char *name) {
    struct error e = {0};
    size_t size;
    const char *text = file_read(arena, in_folder(name), 1 << 20, &size, &e);
    assert_non_null(text);
    return text;
}

/* ---- Metrics. ---- */

static bool append(struct metrics *m, int64_t step, struct error *e) {
    const struct metric list[] = {{"epoch", (double)step / 4},
                                  {"discriminator.loss", 0.1 * (double)step},
                                  {"generator.loss", step == 2 ? NAN : -1}};
    return metrics_append(m, step, 3, list, e);
}

static const char line_1[] =
    "{\"step\":1,\"epoch\":0.25,\"discriminator.loss\":0.1,\"generator.loss\":-1}\n";
static const char line_2[] =
    "{\"step\":2,\"epoch\":0.5,\"discriminator.loss\":0.2,\"generator.loss\":null}\n";

static void a_record_has_a_line_a_step(void **state) {
    (void)state;
    struct error e = {0};
    struct metrics *m = metrics_open(arena, NULL, folder, -1, NULL, &e);
    assert_non_null(m);
    assert_true(append(m, 1, &e));
    assert_string_equal(content("metrics.jsonl"), line_1); /* at once: nothing waits in memory */
    assert_true(append(m, 2, &e));
    assert_string_equal(content("metrics.jsonl"), arena_format(arena, "%s%s", line_1, line_2));
    int64_t length;
    assert_true(metrics_sync(m, &length, &e));
    assert_int_equal(length, strlen(line_1) + strlen(line_2));
}

static void derived_files_hold_the_record(void **state) {
    (void)state;
    struct error e = {0};
    struct metrics *m = metrics_open(arena, NULL, folder, -1, NULL, &e);
    assert_true(append(m, 1, &e));
    assert_true(append(m, 2, &e));
    assert_true(metrics_append(m, 3, 1, &(struct metric){"wasserstein", 7},
                               &e)); /* a metric that comes later */
    assert_true(metrics_finish(m, &e));
    assert_string_equal(content("plots/metrics.tsv"),
                        "step\tepoch\tdiscriminator.loss\tgenerator.loss\twasserstein\n"
                        "1\t0.25\t0.1\t-1\tnan\n"
                        "2\t0.5\t0.2\tnan\tnan\n"
                        "3\tnan\tnan\tnan\t7\n");
    struct hdf5_reader *file = hdf5_open(arena, in_folder("metrics.h5"), &e);
    struct store_array step, loss, late;
    assert_true(store_check_kind(file, "metrics.h5", "metrics", &e));
    assert_true(hdf5_read(file, arena, "step", &step, &e));
    assert_true(hdf5_read(file, arena, "generator.loss", &loss, &e));
    assert_true(hdf5_read(file, arena, "wasserstein", &late, &e));
    assert_int_equal(step.type, STORE_INT64);
    assert_memory_equal(step.data, ((const int64_t[]){1, 2, 3}), 24);
    const double *values = loss.data, *last = late.data;
    assert_true(values[0] == -1 && isnan(values[1]) && isnan(values[2]));
    assert_true(isnan(last[0]) && isnan(last[1]) && last[2] == 7);
}

static void assert_cut(const char *before, int64_t keep, const char *after, int64_t lost) {
    struct error e = {0};
    int64_t missing = -1;
    struct arena *scratch = arena_new();
    help_write(in_folder("metrics.jsonl"), before, strlen(before));
    assert_non_null(metrics_open(scratch, NULL, folder, keep, &missing, &e));
    assert_string_equal(content("metrics.jsonl"), after);
    assert_int_equal(missing, lost);
    arena_free(scratch);
}

static void resuming_cuts_the_record_at_whole_lines(void **state) {
    (void)state;
    assert_cut("{\"step\":1}\n{\"step\":2}\n", -1, "{\"step\":1}\n{\"step\":2}\n", 0);
    assert_cut("{\"step\":1}\n{\"step\":2}\n{\"st", -1, "{\"step\":1}\n{\"step\":2}\n",
               0); /* torn by kill -9 */
    assert_cut("{\"step\":1}\n{\"step\":2}\n", 11, "{\"step\":1}\n", 0);
    assert_cut("{\"step\":1}\n{\"step\":2}\n", 15, "{\"step\":1}\n", 0);
    assert_cut("{\"step\":1}\n", 22, "{\"step\":1}\n", 11);
    assert_cut("{\"st", -1, "", 0);
    assert_cut("", 0, "", 0);
}

static void a_torn_line_is_left_out_and_a_wrong_one_told(void **state) {
    (void)state;
    static const struct {
        const char *record, *because;
    } cases[] = {
        {"{\"step\":1}\n{\"step\":2}\n{\"ste", NULL},
        {"", NULL},
        {"{\"step\":1}\nnonsense\n", "metrics.jsonl:2: this is not a JSON object"},
        {"[1]\n", "metrics.jsonl:1: this is not a JSON object"},
        {"{\"epoch\":1}\n", "metrics.jsonl:1: there is no whole number called step"},
        {"{\"step\":1,\"a/b\":2}\n", "metrics.jsonl:1: a metric cannot be called a/b"},
        {"{\"step\":1,\"a\":\"b\"}\n", "metrics.jsonl:1: no number is given for a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        help_write(in_folder("metrics.jsonl"), cases[i].record, strlen(cases[i].record));
        assert_int_equal(metrics_derive(NULL, folder, &e), cases[i].because == NULL);
        if (cases[i].because) assert_non_null(strstr(e.message, cases[i].because));
    }
}

static void derived_files_are_rewritten_when_the_record_has_grown_by_a_quarter(void **state) {
    (void)state;
    struct error e = {0};
    struct metrics *m = metrics_open(arena, &faulty_calls, folder, -1, NULL, &e);
    int64_t steps = 0, length = 0;
    while (length < 200000) {
        assert_true(append(m, ++steps, &e));
        assert_true(metrics_sync(m, &length, &e));
    }
    /* Two files each time: at 4, 8, 12, 16, 20 KiB, then at steps of a quarter up to 200,000 bytes,
     * about 11 of them. */
    assert_in_range(faults.renames, 2 * 13, 2 * 18);
}

/* After any fault the record is whole lines, and what was said to be written is there. */
static void a_fault_tears_no_line(void **state) {
    (void)state;
    for (int n = 1;; n++) {
        struct error e = {0};
        struct arena *scratch = arena_new();
        unlink(in_folder("metrics.jsonl"));
        faults = (struct faults){.at = n, .reason = ENOSPC, .most = 10};
        struct metrics *m = metrics_open(scratch, &faulty_calls, folder, -1, NULL, &e);
        bool first = m && append(m, 1, &e), second = first && append(m, 2, &e);
        bool finished = second && metrics_finish(m, &e);
        arena_free(scratch);
        if (m) {
            const char *expected = second  ? arena_format(arena, "%s%s", line_1, line_2)
                                   : first ? line_1
                                           : "";
            assert_string_equal(content("metrics.jsonl"), expected);
        }
        assert_int_equal(e.status, finished ? STATUS_OK : STATUS_IO);
        if (!faults.fired) break;
    }
}

/* ---- The folder of a run. ---- */

static struct run_options options(void) {
    static const char *const arguments[] = {"duel", "train", "a\xff.yaml"};
    static const struct run_fact libraries[] = {{"onednn", "2.7.2"}};
    static const struct run_fact data[] = {{"", "abc"}};
    return (struct run_options){
        .outputs = in_folder("outputs"),
        .name = "mnist-mlp",
        .seed = 1,
        .started = 1795256100, /* 2026-11-21T10:15:00Z */
        .config_text = "name: mnist-mlp\n",
        .resolved_text = "name: mnist-mlp\nseed: 1\n",
        .facts = {3, arguments, "cpu", "x86-64-v3", 2, 1, libraries, NULL, 1, data},
    };
}

static struct run *create(const struct run_options *o) {
    struct error e = {0};
    struct run *run = run_create(arena, NULL, o, &e);
    assert_non_null(run);
    return run;
}

static json_t *read_json(const struct run *run) {
    json_t *object = json_load_file(run_path(arena, run, "run.json"), 0, NULL);
    assert_non_null(object);
    return object;
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void a_run_has_its_folder_and_provenance(void **state) {
    (void)state;
    struct run_options o = options();
    struct run *run = create(&o);
    assert_string_equal(run->folder, in_folder("outputs/mnist-mlp/2026-11-21T10-15-00-1"));
    assert_int_equal(
        access(run->samples, W_OK) | access(run->checkpoints, W_OK) | access(run->plots, W_OK), 0);
    assert_string_equal(content("outputs/mnist-mlp/2026-11-21T10-15-00-1/resolved.yaml"),
                        o.resolved_text);
    assert_string_equal(content("outputs/mnist-mlp/2026-11-21T10-15-00-1/config.yaml"),
                        o.config_text);
    json_t *facts = read_json(run);
    assert_string_equal(text_of(facts, "status"), "running");
    assert_string_equal(text_of(facts, "started"), "2026-11-21T10:15:00+0000");
    assert_string_equal(text_of(facts, "version"), DUEL_VERSION);
    assert_string_equal(text_of(facts, "config_sha256"), /* sha256sum */
                        "405745c9e44396b612370ae149f26af2cc2caf2b441954339993795b556c235b");
    assert_string_equal(text_of(json_object_get(facts, "libraries"), "onednn"), "2.7.2");
    assert_non_null(text_of(json_object_get(facts, "libraries"), "hdf5"));
    assert_string_equal(json_string_value(json_array_get(json_object_get(facts, "arguments"), 2)),
                        "a?.yaml");
    assert_int_equal(json_integer_value(json_object_get(facts, "seed")), 1);
    assert_int_equal(json_integer_value(json_object_get(facts, "format")), 1);
    assert_non_null(text_of(facts, "host"));
    assert_string_equal(text_of(facts, "data_sha256"), "abc");
    assert_string_equal(run_text_in(run, "data_sha256", ""), "abc");
    assert_null(run_text_in(run, "data_sha256", "a"));
    json_decref(facts);
    struct error e = {0};
    assert_true(run_set(run, "kernels", "matmul: 3", &e));
    assert_true(run_finish(run, "finished", &e));
    assert_string_equal(run_text(run, "status"), "finished");
    facts = read_json(run);
    assert_string_equal(text_of(facts, "kernels"), "matmul: 3");
    assert_string_equal(text_of(facts, "status"), "finished");
    assert_non_null(text_of(facts, "ended"));
    json_decref(facts);
}

static void each_data_stream_has_its_digest(void **state) {
    (void)state;
    static const struct run_fact data[] = {{"a", "abc"}, {"b", "def"}};
    struct run_options o = options();
    o.facts.data_count = 2;
    o.facts.data = data;
    struct run *run = create(&o);
    json_t *facts = read_json(run);
    assert_string_equal(text_of(json_object_get(facts, "data_sha256"), "b"), "def");
    json_decref(facts);
    assert_string_equal(run_text_in(run, "data_sha256", "a"), "abc");
    assert_string_equal(run_text_in(run, "data_sha256", "b"), "def");
    assert_null(run_text_in(run, "data_sha256", "c"));
    assert_null(run_text_in(run, "data_sha256", ""));
}

static void runs_of_one_second_get_suffixes(void **state) {
    (void)state;
    struct run_options o = options();
    const char *first = create(&o)->folder;
    assert_string_equal(create(&o)->folder, arena_format(arena, "%s-2", first));
    assert_string_equal(create(&o)->folder, arena_format(arena, "%s-3", first));
}

static void two_processes_cannot_train_into_one_run(void **state) {
    (void)state;
    struct run_options o = options();
    struct arena *scratch = arena_new(), *other = arena_new();
    struct error e = {0};
    struct run *run = run_create(scratch, NULL, &o, &e);
    const char *path = arena_text(arena, run->folder);
    pid_t child = fork();
    if (child == 0) _exit(!run_open(other, NULL, path, &e) && e.status == STATUS_USAGE ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_null(run_open(other, NULL, path, &e));
    assert_non_null(strstr(e.message, "another process is training into"));
    arena_free(scratch); /* the lock goes with the run */
    e = (struct error){0};
    assert_non_null(run_open(other, NULL, path, &e));
    arena_free(other);
}

static void resuming_cleans_up_and_is_recorded(void **state) {
    (void)state;
    struct run_options o = options();
    struct arena *scratch = arena_new();
    struct error e = {0};
    struct run *run = run_create(scratch, NULL, &o, &e);
    const char *path = arena_text(arena, run->folder);
    help_write(run_path(arena, run, "checkpoints/.step-00000001.h5.77.tmp"), "half", 4);
    assert_true(run_finish(run, "stopped", &e));
    arena_free(scratch);
    run = run_open(arena, NULL, path, &e);
    assert_non_null(run);
    assert_int_equal(help_count_files(run->checkpoints), 0);
    assert_true(run_resumed(run, 500, &o.facts, &e));
    assert_true(run_resumed(run, 900, &o.facts, &e));
    json_t *facts = read_json(run), *list = json_object_get(facts, "resumed");
    assert_string_equal(text_of(facts, "status"), "running");
    assert_null(json_object_get(facts, "ended"));
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "step")), 900);
    assert_string_equal(text_of(json_array_get(list, 0), "isa"), "x86-64-v3");
    json_decref(facts);
}

static void a_folder_that_is_given_must_be_empty(void **state) {
    (void)state;
    struct run_options o = options();
    o.folder = in_folder("a/b");
    assert_string_equal(create(&o)->folder, o.folder);
    struct error e = {0};
    assert_null(run_create(arena, NULL, &o, &e));
    assert_int_equal(e.status, STATUS_USAGE);
    assert_non_null(strstr(e.message, "is not empty"));
    o.folder = in_folder("c");
    help_write(in_folder("file"), "", 0);
    o.folder = in_folder("file/c");
    e = (struct error){0};
    assert_null(run_create(arena, NULL, &o, &e));
    assert_int_equal(e.status, STATUS_IO);
}

static void a_name_that_is_no_file_name_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {"", "..", ".a", "a/b"};
    struct run_options o = options();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error e = {0};
        o.name = names[i];
        assert_null(run_create(arena, NULL, &o, &e));
        assert_int_equal(e.status, STATUS_CONFIG);
    }
}

static void a_run_that_cannot_be_made_leaves_nothing(void **state) {
    (void)state;
    struct run_options o = options();
    struct error e = {0};
    file_make_folders(NULL, in_folder("outputs/mnist-mlp"), &e);
    for (int given = 0; given < 2; given++)
        for (int n = 1;; n++) {
            struct arena *scratch = arena_new();
            o.folder = given ? in_folder("given") : NULL;
            faults = (struct faults){.at = n, .reason = ENOSPC};
            e = (struct error){0};
            bool made = run_create(scratch, &faulty_calls, &o, &e) != NULL;
            arena_free(scratch);
            assert_int_equal(e.status, made ? STATUS_OK : STATUS_IO);
            if (!made) assert_int_equal(help_count_files(in_folder("outputs/mnist-mlp")), given);
            if (!made && given) assert_int_equal(access(o.folder, F_OK), -1);
            if (!faults.fired) break;
            if (!made) continue;
            help_folder_remove(given ? o.folder
                                     : in_folder("outputs/mnist-mlp/2026-11-21T10-15-00-1"));
        }
}

static void a_record_that_is_not_ours_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *because;
    } cases[] = {{"{", "run.json:1:"},
                 {"{}", "was not written by duel"},
                 {"[]", "was not written by duel"},
                 {"{\"format\": 2}", "has format 2; this duel reads formats up to 1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        help_write(in_folder("run.json"), cases[i].text, strlen(cases[i].text));
        struct arena *scratch = arena_new();
        assert_null(run_open(scratch, NULL, folder, &e));
        assert_int_equal(e.status, STATUS_DATA);
        assert_non_null(strstr(e.message, cases[i].because));
        arena_free(scratch);
    }
    struct error e = {0};
    assert_null(run_open(arena, NULL, in_folder("none"), &e));
    assert_int_equal(e.status, STATUS_NO_INPUT);
}

static void assert_found(const char *given, const char *expected, const char *expected_file) {
    struct error e = {0};
    const char *file, *found = run_find(arena, in_folder("outputs"), given, &file, &e);
    if (!found) fail_msg("%s", e.message);
    assert_string_equal(found, expected);
    assert_string_equal(file ? file : "none", expected_file ? expected_file : "none");
}

static void a_run_is_found_by_path_or_name(void **state) {
    (void)state;
    struct run_options o = options();
    const char *older = create(&o)->folder;
    o.started++;
    const char *newer = "";
    for (int i = 0; i < 10; i++)
        newer = create(&o)->folder; /* …-1, …-1-2, … …-1-10 */
    const char *file = arena_format(arena, "%s/checkpoints/step-00000001.h5", older);
    help_write(file, "", 0);
    assert_found("mnist-mlp", newer, NULL);
    assert_found(in_folder("outputs/mnist-mlp/"), newer, NULL);
    assert_found(older, older, NULL);
    assert_found(arena_format(arena, "%s/", older), older, NULL);
    assert_found(arena_format(arena, "%s/checkpoints", older), older, NULL);
    assert_found(file, older, file);
    struct error e = {0};
    const char *ignored;
    assert_null(run_find(arena, in_folder("outputs"), "mnist-mpl", &ignored, &e));
    assert_int_equal(e.status, STATUS_NO_INPUT);
    assert_non_null(strstr(e.hint, "did you mean 'mnist-mlp'?"));
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(arena_format(arena, "%s/checkpoints", older)), 0);
    char *there = realpath("..", NULL);
    const char *found = run_find(arena, "outputs", ".", &ignored, &(struct error){0});
    assert_int_equal(chdir(before), 0);
    assert_string_equal(found, there);
    free(there);
    free(before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        TEST(a_record_has_a_line_a_step),
        TEST(derived_files_hold_the_record),
        TEST(resuming_cuts_the_record_at_whole_lines),
        TEST(a_torn_line_is_left_out_and_a_wrong_one_told),
        TEST(derived_files_are_rewritten_when_the_record_has_grown_by_a_quarter),
        TEST(a_fault_tears_no_line),
        TEST(a_run_has_its_folder_and_provenance),
        TEST(each_data_stream_has_its_digest),
        TEST(runs_of_one_second_get_suffixes),
        TEST(two_processes_cannot_train_into_one_run),
        TEST(resuming_cleans_up_and_is_recorded),
        TEST(a_folder_that_is_given_must_be_empty),
        TEST(a_name_that_is_no_file_name_is_refused),
        TEST(a_run_that_cannot_be_made_leaves_nothing),
        TEST(a_record_that_is_not_ours_is_refused),
        TEST(a_run_is_found_by_path_or_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
