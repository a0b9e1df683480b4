/* links: datasets base */
/* The cache of decoded images: found again, made again where it is damaged, whole or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "datasets/cache.h"
#include "tests/data.h"

#include "tests/collection.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The cache of the test: a folder in its own. */
static const char *use_cache(struct fixture *f) {
    setenv("XDG_CACHE_HOME", in_folder(f, "%/cache"), 1);
    return cache_folder(f->arena);
}

static int count_files(const char *folder) {
    DIR *entries = opendir(folder);
    int count = 0;
    if (!entries) return 0;
    for (const struct dirent *entry; (entry = readdir(entries));)
        count += entry->d_name[0] != '.';
    closedir(entries);
    return count;
}

/* Sources */

static void tell(void *context, const char *line) {
    (void)line;
    ++*(int *)context;
}

static void no_progress(void *context, const char *what, int64_t done, int64_t all) {
    (void)context, (void)what, (void)done, (void)all;
}

/* A request of two classes of images, in a tar, with the cache; `told` counts how often it decodes. */
static struct dataset_request cached_request(struct fixture *f, int *told) {
    struct packed entries[] = {{"cat/1.png", png_of(f, 3, 2, 1), NULL},
                               {"dog/1.png", png_of(f, 3, 2, 2), NULL},
                               {"dog/2.png", png_of(f, 3, 2, 3), NULL}};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, 3, entries));
    struct dataset_listener *listener = ARENA_NEW(f->arena, struct dataset_listener);
    *listener = (struct dataset_listener){tell, tell, no_progress, told};
    request.listener = listener;
    *(bool *)option(&request, "cache") = true;
    return request;
}

/* Loads, and compares with what is loaded without the cache. */
static void expect_same(struct fixture *f, struct dataset_request request) {
    struct dataset a = load(f, &request), seen = peek(f, &request);
    struct error error = {0};
    bool *cache = option(&request, "cache");
    *cache = false;
    struct dataset b = load(f, &request);
    *cache = true;
    assert_int_equal(a.count, b.count);
    assert_int_equal(seen.count, b.count);
    assert_int_equal(a.classes, 2);
    assert_string_equal(a.class_names[1], "dog");
    assert_string_equal(seen.class_names[1], "dog");
    assert_memory_equal(a.values, b.values, (size_t)(a.count * dataset_example_size(&a)));
    assert_memory_equal(a.labels, b.labels, (size_t)a.count * sizeof *a.labels);
    assert_true(dataset_hash(&a, &error) && dataset_hash(&b, &error));
    assert_string_equal(a.sha256, b.sha256);
}

static void images_are_decoded_once(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    expect_same(f, request);
    assert_int_equal(told, 1);
    for (int i = 0; i < 3; i++)
        expect_same(f, request);
    assert_int_equal(told, 1);
    assert_int_equal(count_files(folder), 1);
    /* parts of it come from the same file */
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){1}, NULL};
    expect_same(f, request);
    *(int64_t *)option(&request, "limit") = 1;
    expect_same(f, request);
    *(bool *)option(&request, "flip") = true;
    expect_same(f, request);
    assert_int_equal(told, 1);
    /* and nothing of that has changed it */
    request = cached_request(f, &told);
    expect_same(f, request);
    assert_int_equal(told, 1);
}

/* A damaged image that is not selected is never seen; what selects tells files of the cache apart. */
static void only_what_is_selected_is_decoded(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct packed entries[] = {{"dog/2.png", {"x", 1}, NULL},
                               {"cat/1.png", png_of(f, 3, 2, 1), NULL},
                               {"dog/1.png", png_of(f, 3, 2, 2), NULL},
                               {"cat/2.png", png_of(f, 3, 2, 4), NULL}};
    *(const char **)option(&request, "path") = pack(f, "b.tar", PACK_TAR, 4, entries);
    *(int64_t *)option(&request, "limit") = 3;
    for (int i = 0; i < 2; i++)
        expect_same(f, request);
    assert_int_equal(told, 1);
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){0}, NULL};
    for (int i = 0; i < 2; i++)
        expect_same(f, request);
    assert_int_equal(told, 2);
    struct dataset d = load(f, &request);
    assert_int_equal(d.count, 2);
    *(int *)option(&request, "split") = SPLIT_HELD_OUT;
    expect_failure(f, &request, STATUS_CONFIG, "split: nothing of %/b.tar is held out");
    *(int *)option(&request, "split") = SPLIT_TRAIN;
    /* the same is selected where all is decoded */
    entries[0].file = png_of(f, 3, 2, 3);
    pack(f, "b.tar", PACK_TAR, 4, entries);
    *(double *)option(&request, "hold_out") = 0.5;
    uint64_t seen = 0;
    for (request.seed = 0; request.seed < 40; request.seed++) {
        struct dataset_request all = request;
        *(bool *)option(&request, "cache") = request.seed % 2;
        struct error part_error = {0}, all_error = {0};
        struct dataset part, whole;
        bool good = dataset_load(&request, f->arena, &part, &part_error);
        all.options = arena_copy(f->arena, request.options, request.row->options_size);
        *(int *)option(&all, "on_error") = 1; /* which decodes all */
        assert_int_equal(dataset_load(&all, f->arena, &whole, &all_error), good);
        assert_string_equal(part_error.message, all_error.message);
        if (!good) continue;
        assert_int_equal(part.count, whole.count);
        assert_memory_equal(part.values, whole.values, (size_t)(part.count * 18));
        seen |= 1u << ((const uint8_t *)part.values)[0];
    }
    assert_int_equal(seen, 1u << 1 | 1u << 4);
    /* all of them are no part */
    int files = count_files(folder);
    request = cached_request(f, &told);
    *(int64_t *)option(&request, "limit") = 3;
    expect_same(f, request);
    *(int64_t *)option(&request, "limit") = 0;
    told = 0;
    expect_same(f, request);
    assert_int_equal(told, 0);
    assert_int_equal(count_files(folder), files + 1);
}

static void other_bytes_or_ways_are_other_files(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    expect_same(f, request);
    set_size(&request, "size", 2, 2);
    expect_same(f, request);
    *(int *)option(&request, "colours") = 1;
    expect_same(f, request);
    assert_int_equal(count_files(folder), 3);
    struct packed entries[] = {{"cat/1.png", png_of(f, 3, 2, 7), NULL},
                               {"dog/1.png", png_of(f, 3, 2, 2), NULL}};
    pack(f, "a.tar", PACK_TAR, 2, entries);
    expect_same(f, request);
    assert_int_equal(told, 4);
}

static void a_folder_that_changes_is_decoded_again(void **state) {
    struct fixture *f = *state;
    use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct packed entries[] = {{"cat/1.png", png_of(f, 3, 2, 1), NULL},
                               {"dog/1.png", png_of(f, 3, 2, 2), NULL}};
    const char *path = put_files(f, "set", 2, entries);
    *(const char **)option(&request, "path") = path;
    expect_same(f, request);
    expect_same(f, request);
    assert_int_equal(told, 1);
    const struct timespec long_ago[] = {{1000, 0}, {1000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, in_folder(f, "%/set/dog/1.png"), long_ago, 0), 0);
    expect_same(f, request);
    assert_int_equal(told, 2);
}

/* Writes into a file of a folder, whose size and time of writing stay. */
static void put_secretly(struct fixture *f, const char *name, struct file_bytes file) {
    const struct timespec long_ago[] = {{1000, 0}, {1000, 0}};
    struct stat before, after = {0};
    bool there = !stat(in_folder(f, name), &before);
    do { /* until the system's clock has moved on */
        write_bytes(f, name + 2, file.bytes, file.size);
        assert_int_equal(utimensat(AT_FDCWD, in_folder(f, name), long_ago, 0), 0);
        assert_int_equal(stat(in_folder(f, name), &after), 0);
    } while (there && !memcmp(&before.st_ctim, &after.st_ctim, sizeof after.st_ctim));
    if (there) assert_int_equal(before.st_size, after.st_size);
}

/* Names, sizes and times of writing alone do not tell one folder from another. */
static void folders_that_look_alike_are_decoded_apart(void **state) {
    struct fixture *f = *state;
    use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct file_bytes dark = png_of(f, 3, 2, 1), bright = png_of(f, 3, 2, 2);
    assert_int_equal(dark.size, bright.size);
    struct packed entries[] = {{"cat/1.png", dark, NULL}, {"dog/1.png", dark, NULL}};
    const char *const paths[] = {put_files(f, "a", 2, entries), put_files(f, "b", 2, entries)};
    put_secretly(f, "%/a/cat/1.png", dark);
    put_secretly(f, "%/a/dog/1.png", dark);
    put_secretly(f, "%/b/cat/1.png", dark);
    put_secretly(f, "%/b/dog/1.png", bright);
    for (int i = 0; i < 2; i++) {
        *(const char **)option(&request, "path") = paths[i];
        expect_same(f, request);
    }
    put_secretly(f, "%/a/cat/1.png", bright);
    *(const char **)option(&request, "path") = paths[0];
    expect_same(f, request);
    assert_int_equal(told, 3);
    assert_int_equal(symlink(paths[0], in_folder(f, "%/link")), 0);
    *(const char **)option(&request, "path") = in_folder(f, "%/link");
    expect_same(f, request);
    assert_int_equal(told, 3);
    assert_int_equal(rename(paths[0], in_folder(f, "%/moved")), 0);
    *(const char **)option(&request, "path") = in_folder(f, "%/moved");
    expect_same(f, request);
    assert_int_equal(told, 4);
}

/* What was left out is known of the cache as well. */
static void damaged_images_stay_left_out(void **state) {
    struct fixture *f = *state;
    use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct packed entries[] = {{"cat/1.png", png_of(f, 3, 2, 1), NULL},
                               {"cat/2.png", {"x", 1}, NULL},
                               {"dog/1.png", png_of(f, 3, 2, 2), NULL}};
    *(const char **)option(&request, "path") = pack(f, "b.tar", PACK_TAR, 3, entries);
    *(int *)option(&request, "on_error") = 1;
    expect_same(f, request);
    int first = told; /* decoding; left out with the cache and without */
    expect_same(f, request);
    assert_int_equal(first, 3);
    assert_int_equal(told, first + 2);
}

static void a_cache_that_cannot_be_written_is_told_with_ways_out(void **state) {
    struct fixture *f = *state;
    write_bytes(f, "file", "", 0);
    setenv("XDG_CACHE_HOME", in_folder(f, "%/file"), 1);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_int_equal(error.status, STATUS_IO);
    assert_string_equal(error.hint,
                        "XDG_CACHE_HOME names another folder for decoded images; 'cache: false' "
                        "keeps them in memory, for this run only");
}

static void a_damaged_image_leaves_nothing_in_the_cache(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    int told = 0;
    struct dataset_request request = cached_request(f, &told);
    struct packed entries[] = {{"1.png", png_of(f, 3, 2, 1), NULL}, {"2.png", {"x", 1}, NULL}};
    struct dataset d;
    struct error error = {0};
    *(const char **)option(&request, "path") = pack(f, "b.tar", PACK_TAR, 2, entries);
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_int_equal(count_files(folder), 0);
}

/* Files */

/* Makes a file of two examples [1, 2, 3]; false with an error. */
static bool make_entry(struct fixture *f, const struct file_calls *calls, const char *folder,
                       struct error *error) {
    static const char *const names[] = {"cat", "dog"};
    const struct cache_entry *found;
    struct cache_making *making = cache_begin(calls, folder, KEY, 3, 6, f->arena, &found, error);
    if (!making) return false;
    memcpy(cache_values(making), "abcdefghijkl", 12);
    struct cache_about about = {.count = 2,
                                .shape = {3, {1, 2, 3}},
                                .classes = 2,
                                .class_names = names,
                                .skipped = 1,
                                .damaged = "the third",
                                .what = "two"};
    return cache_finish(making, &about, (int32_t[]){1, 0}, error);
}

static const struct cache_entry *expect_entry(struct fixture *f, const char *folder) {
    const struct cache_entry *entry = cache_find(folder, KEY, f->arena);
    assert_non_null(entry);
    assert_int_equal(entry->about.count, 2);
    assert_memory_equal(entry->values, "abcdefghijkl", 12);
    assert_memory_equal(entry->labels, ((int32_t[]){1, 0}), 8);
    assert_string_equal(entry->about.class_names[0], "cat");
    assert_string_equal(entry->about.what, "two");
    assert_string_equal(entry->about.damaged, "the third");
    assert_int_equal(entry->about.skipped, 1);
    return entry;
}

static void any_damage_to_a_file_is_noticed_or_harmless(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    struct error error = {0};
    assert_true(make_entry(f, NULL, folder, &error));
    expect_entry(f, folder);
    const char *path = arena_format(f->arena, "%s/" KEY, folder);
    size_t size;
    const char *bytes = file_read(f->arena, path, 1 << 20, &size, &error);
    assert_non_null(bytes);
    for (size_t cut = 0; cut<size; cut += cut> 200 && cut < 4000 ? 50 : 1) {
        assert_true(file_write(NULL, path, bytes, cut, &error));
        assert_null(cache_find(folder, KEY, f->arena));
    }
    /* Numbers of the header, and the labels: what is then read is within the file. */
    for (size_t at = 0; at < 64 + 4096; at = at == 63 ? 4096 + 64 : at + 1) {
        char *wrong = arena_copy(f->arena, bytes, size);
        wrong[at] = (char)(wrong[at] ^ 0x81);
        assert_true(file_write(NULL, path, wrong, size, &error));
        const struct cache_entry *entry = cache_find(folder, KEY, f->arena);
        if (at < 48 || at >= 56) assert_null(entry); /* 48: how many were left out */
    }
    assert_true(make_entry(f, NULL, folder, &error));
    expect_entry(f, folder);
}

/* The n-th call fails, for n = 1, 2, …, until all is well. */
static int calls_left;

static bool fails(void) {
    if (calls_left-- != 1) return false;
    errno = EIO;
    return true;
}
static int try_open(const char *path, int flags, mode_t mode) {
    return fails() ? -1 : file_calls_system.open(path, flags, mode);
}
static ssize_t try_write(int file, const void *bytes, size_t size) {
    return fails() ? -1 : file_calls_system.write(file, bytes, size);
}
static int try_sync(int file) {
    return fails() ? -1 : file_calls_system.sync(file);
}
static int try_rename(const char *from, const char *to) {
    return fails() ? -1 : file_calls_system.rename(from, to);
}
static int try_make_folder(const char *path, mode_t mode) {
    return fails() ? -1 : file_calls_system.make_folder(path, mode);
}
static int try_truncate(int file, off_t size) {
    return fails() ? -1 : file_calls_system.truncate(file, size);
}
static int try_lock(int file, int operation) {
    return fails() ? -1 : file_calls_system.lock(file, operation);
}

static void a_file_is_whole_or_not_there(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    struct file_calls calls = file_calls_system;
    calls.open = try_open;
    calls.write = try_write;
    calls.sync = try_sync;
    calls.rename = try_rename;
    calls.make_folder = try_make_folder;
    calls.truncate = try_truncate;
    calls.lock = try_lock;
    int failures = 0;
    for (bool good = false; !good; failures += !good) {
        struct error error = {0};
        calls_left = failures + 1;
        good = make_entry(f, &calls, folder, &error);
        assert_true(good || error.status == STATUS_IO);
        const struct cache_entry *entry = cache_find(folder, KEY, f->arena);
        if (entry) expect_entry(f, folder);
        unlink(arena_format(f->arena, "%s/" KEY, folder));
        assert_in_range(count_files(folder), 0, 1); /* what could not be locked */
    }
    assert_in_range(failures, 8, 20);
}

static int rename_as_another_begins(const char *from, const char *to) {
    if (file_calls_system.rename(from, to)) return -1;
    calls_left = 1;
    return close(open(from, O_WRONLY | O_CREAT, 0666));
}

/* What is made anew meanwhile, under the same name, is not this process's. */
static void only_its_own_file_is_given_up(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    struct file_calls calls = file_calls_system;
    struct error error = {0};
    calls.rename = rename_as_another_begins;
    calls.sync = try_sync;
    calls_left = 0;
    assert_false(make_entry(f, &calls, folder, &error));
    assert_int_equal(error.status, STATUS_IO);
    expect_entry(f, folder);
    assert_int_equal(access(arena_format(f->arena, "%s/" KEY ".part", folder), F_OK), 0);
}

/* While a process makes a file another one that wants it waits, and takes it. */
static void two_processes_make_it_once(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (!child) {
        struct error error = {0};
        const struct cache_entry *found;
        struct cache_making *making =
            cache_begin(NULL, folder, KEY, 2, 6, f->arena, &found, &error);
        if (!making || write(ready[1], "x", 1) != 1) _exit(1);
        memcpy(cache_values(making), "abcdefghijkl", 12);
        struct cache_about about = {
            .count = 2, .shape = {3, {1, 2, 3}}, .damaged = "", .what = "the child's"};
        _exit(cache_finish(making, &about, NULL, &error) ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    const struct cache_entry *found = NULL;
    struct error error = {0};
    assert_null(cache_begin(NULL, folder, KEY, 2, 6, f->arena, &found, &error));
    assert_non_null(found);
    assert_string_equal(found->about.what, "the child's");
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(folder), 1);
    close(ready[0]);
    close(ready[1]);
}

/* What a process that died has left is taken by the next. */
static void what_a_dead_process_left_is_made_anew(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    pid_t child = fork();
    if (!child) {
        struct error error = {0};
        const struct cache_entry *found;
        struct cache_making *making =
            cache_begin(NULL, folder, KEY, 100, 6, f->arena, &found, &error);
        if (making) memset(cache_values(making), 'x', 600);
        _exit(making ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(folder), 1);
    assert_null(cache_find(folder, KEY, f->arena));
    struct error error = {0};
    assert_true(make_entry(f, NULL, folder, &error));
    expect_entry(f, folder);
    assert_int_equal(count_files(folder), 1);
}

static void what_there_is_is_listed_and_removed(void **state) {
    struct fixture *f = *state;
    const char *folder = use_cache(f);
    struct error error = {0};
    struct cache_file *files;
    int64_t count;
    bool removed;
    assert_true(cache_list(folder, f->arena, &count, &files, &error));
    assert_int_equal(count, 0);
    assert_true(make_entry(f, NULL, folder, &error));
    file_write(NULL, arena_format(f->arena, "%s/notes.txt", folder), "mine", 4, &error);
    const struct cache_entry *found;
    const char *other = arena_format(f->arena, "f%s", KEY + 1);
    struct cache_making *making = cache_begin(NULL, folder, other, 2, 6, f->arena, &found, &error);
    assert_non_null(making);
    assert_true(cache_list(folder, f->arena, &count, &files, &error));
    assert_int_equal(count, 2);
    for (int i = 0; i < 2; i++) {
        bool unfinished = files[i].name[0] == 'f';
        assert_true(files[i].bytes >= 4096);
        if (unfinished)
            assert_null(files[i].what);
        else
            assert_string_equal(files[i].what, "two");
        assert_true(cache_remove(folder, files[i].name, &removed, &error));
        assert_int_equal(removed, !unfinished);
    }
    cache_cancel(making);
    assert_int_equal(count_files(folder), 1); /* what is not ours stays */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(images_are_decoded_once),
        TEST(only_what_is_selected_is_decoded),
        TEST(other_bytes_or_ways_are_other_files),
        TEST(a_folder_that_changes_is_decoded_again),
        TEST(folders_that_look_alike_are_decoded_apart),
        TEST(damaged_images_stay_left_out),
        TEST(a_cache_that_cannot_be_written_is_told_with_ways_out),
        TEST(a_damaged_image_leaves_nothing_in_the_cache),
        TEST(any_damage_to_a_file_is_noticed_or_harmless),
        TEST(a_file_is_whole_or_not_there),
        TEST(only_its_own_file_is_given_up),
        TEST(two_processes_make_it_once),
        TEST(what_a_dead_process_left_is_made_anew),
        TEST(what_there_is_is_listed_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
