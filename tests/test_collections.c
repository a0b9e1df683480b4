/* links: datasets base */
/* Collections of images: archives and folders, splits and classes, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/data.h"

#include "tests/collection.h"

/* The reds of the first pixels of all examples, "10 20 30", which tell which image is where. */
static const char *reds(struct fixture *f, const struct dataset *d) {
    const char *text = "";
    const uint8_t *values = d->values;
    for (int64_t i = 0; i < d->count; i++)
        text = arena_format(f->arena, "%s%s%d", text, i ? " " : "",
                            values[i * dataset_example_size(d)]);
    return text;
}

static const char *labels(struct fixture *f, const struct dataset *d) {
    const char *text = "";
    for (int64_t i = 0; d->labels && i < d->count; i++)
        text = arena_format(f->arena, "%s%s%d", text, i ? " " : "", d->labels[i]);
    return text;
}

static const char *names(struct fixture *f, const struct dataset *d) {
    const char *text = "";
    for (int i = 0; i < d->classes; i++)
        text = arena_format(f->arena, "%s%s%s", text, i ? " " : "", d->class_names[i]);
    return text;
}

static void expect_data(struct fixture *f, const struct dataset_request *request, const char *red,
                        const char *label, const char *name) {
    struct dataset d = load(f, request), seen = peek(f, request);
    assert_string_equal(reds(f, &d), red);
    assert_string_equal(labels(f, &d), label);
    assert_string_equal(names(f, &d), name);
    assert_string_equal(names(f, &seen), name);
    assert_int_equal(seen.count, d.count);
    assert_memory_equal(&seen.shape, &d.shape, sizeof d.shape);
}

/* Two splits of two classes, not in order. */
static struct packed *two_splits(struct fixture *f, int *count) {
    static const char *const names[] = {
        "set/train/dog/2.png", "set/train/cat/b.PNG", "set/test/dog/1.png",
        "set/train/dog/1.png", "set/train/cat/a.png", "set/train/README.txt",
        "set/.hidden.png",     "set/val/cat/1.png",   "set/train/._1.png"};
    *count = sizeof names / sizeof *names;
    struct packed *entries = ARENA_ARRAY(f->arena, struct packed, *count);
    for (int i = 0; i < *count; i++)
        entries[i] = (struct packed){names[i], png_of(f, 3, 2, 10 * (i + 1)), NULL};
    return entries;
}

static void every_kind_of_collection_gives_the_same(void **state) {
    struct fixture *f = *state;
    int count;
    struct packed *entries = two_splits(f, &count);
    const char *const paths[] = {pack(f, "a.tar", PACK_TAR, count, entries),
                                 pack(f, "a.tar.gz", PACK_TAR_GZ, count, entries),
                                 pack(f, "a.zip", PACK_ZIP, count, entries),
                                 put_files(f, "folder", count, entries)};
    for (int i = 0; i < 4; i++) {
        struct dataset_request request = images_request(f, paths[i]);
        expect_data(f, &request, "50 20 40 10", "0 0 1 1", "cat dog");
        struct dataset d = load(f, &request);
        assert_shape(&d, EXTENTS(2, 3, 3));
        assert_memory_equal(d.values, ((uint8_t[]){50, 100, 200, 50}), 4);
        *(int *)option(&request, "split") = SPLIT_TEST;
        expect_data(f, &request, "30", "1", "cat dog");
        *(int *)option(&request, "split") = SPLIT_VAL;
        expect_data(f, &request, "80", "0", "cat dog");
    }
}

/* The program is in the C locale, which has no such characters; names without the mark are their bytes. */
static void names_of_any_script_are_read(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"\xC3\xBC/1.png", png_of(f, 2, 2, 1), NULL},
                               {"\xE4\xB8\x89\xE8\xA7\x92/2.png", png_of(f, 2, 2, 2), NULL}};
    const char *marked = pack_utf8(f, "utf8.zip", 2, entries);
    FILE *file = fopen(marked, "rb");
    uint8_t head[8];
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    fclose(file);
    assert_int_equal(head[7] & 8, 8);
    const char *const paths[] = {marked, pack(f, "bytes.zip", PACK_ZIP, 2, entries),
                                 pack(f, "bytes.tar", PACK_TAR, 2, entries),
                                 put_files(f, "names", 2, entries)};
    for (int i = 0; i < 4; i++) {
        struct dataset_request request = images_request(f, paths[i]);
        expect_data(f, &request, "1 2", "0 1", "\xC3\xBC \xE4\xB8\x89\xE8\xA7\x92");
    }
}

static void parts_are_selected(void **state) {
    struct fixture *f = *state;
    int count;
    struct packed *entries = two_splits(f, &count);
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, count, entries));
    *(int64_t *)option(&request, "limit") = 3;
    expect_data(f, &request, "50 20 40", "0 0 1", "cat dog");
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){1}, NULL};
    expect_data(f, &request, "40 10", "1 1", "cat dog");
    *(struct labels *)option(&request, "classes") = (struct labels){0, NULL, NULL};
    *(int64_t *)option(&request, "limit") = 0;
    *(double *)option(&request, "hold_out") = 0.25;
    struct dataset kept = load(f, &request);
    assert_int_equal(kept.count, 3);
    *(int *)option(&request, "split") = SPLIT_HELD_OUT;
    struct dataset held = load(f, &request);
    assert_int_equal(held.count, 1);
    assert_null(strstr(reds(f, &kept), reds(f, &held)));
}

static void one_folder_is_no_class_and_none_is_a_class_of_one(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"faces/2.png", png_of(f, 2, 2, 2), NULL},
                               {"faces/1.png", png_of(f, 2, 2, 1), NULL}};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, 2, entries));
    expect_data(f, &request, "1 2", "", "");
    entries[1].name = "others/1.png";
    request = images_request(f, pack(f, "b.tar", PACK_TAR, 2, entries));
    expect_data(f, &request, "2 1", "0 1", "faces others");
    entries[0].name = "train/cat/1.png";
    entries[1].name = "train/cat/0.png";
    request = images_request(f, pack(f, "c.tar", PACK_TAR, 2, entries));
    expect_data(f, &request, "1 2", "0 0", "cat");
}

static void domains_are_sets_of_their_own(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"trainB/1.png", png_of(f, 2, 2, 1), NULL},
                               {"trainA/1.png", png_of(f, 2, 2, 2), NULL},
                               {"testA/1.png", png_of(f, 2, 2, 3), NULL}};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, 3, entries));
    *(const char **)option(&request, "domain") = "A";
    expect_data(f, &request, "2", "", "");
    *(int *)option(&request, "split") = SPLIT_TEST;
    expect_data(f, &request, "3", "", "");
    *(const char **)option(&request, "domain") = "B";
    expect_failure(f, &request, STATUS_CONFIG, "%/a.tar has no folder 'testB'");
    *(const char **)option(&request, "domain") = "C";
    expect_failure(f, &request, STATUS_CONFIG, "%/a.tar has no folder 'testC'");
    *(const char **)option(&request, "domain") = NULL;
    *(int *)option(&request, "split") = SPLIT_TRAIN;
    expect_failure(f, &request, STATUS_CONFIG,
                   "%/a.tar has folders 'trainA' and 'testA': which of its domains is meant?");
}

/* Refusing */

static void expect_bad(struct fixture *f, enum packing packing, int count,
                       const struct packed *entries, enum status status, const char *message) {
    struct dataset_request request = images_request(f, pack(f, "bad", packing, count, entries));
    expect_failure(f, &request, status, message);
}

static void names_that_lead_elsewhere_are_refused(void **state) {
    struct fixture *f = *state;
    struct file_bytes png = png_of(f, 2, 2, 1);
    struct packed up[] = {{"a/1.png", png, NULL}, {"a/../../2.png", png, NULL}};
    struct packed absolute[] = {{"/etc/1.png", png, NULL}};
    struct packed link[] = {{"a.png", png, NULL}, {"b.png", {"", 0}, "/etc/passwd"}};
    struct packed dots[] = {{"a/..b/1.png", png, NULL}, {"a/..c/2.png", png_of(f, 2, 2, 2), NULL}};
    expect_bad(f, PACK_TAR, 2, up, STATUS_DATA,
               "%/bad holds a name that leaves its folder: 'a/../../2.png'");
    expect_bad(f, PACK_ZIP, 2, up, STATUS_DATA,
               "%/bad holds a name that leaves its folder: 'a/../../2.png'");
    expect_bad(f, PACK_TAR, 1, absolute, STATUS_DATA, "%/bad holds an absolute name: '/etc/1.png'");
    expect_bad(f, PACK_TAR, 2, link, STATUS_DATA, "%/bad holds a link: 'b.png'");
    struct dataset_request request = images_request(f, pack(f, "ok", PACK_TAR, 2, dots));
    expect_failure(f, &request, STATUS_DATA,
                   "%/ok holds no image: no file .jpg, .jpeg or .png"); /* hidden folders */
}

static void links_in_folders_are_followed(void **state) {
    struct fixture *f = *state;
    struct packed real[] = {{"cat/1.png", png_of(f, 2, 2, 1), NULL},
                            {"cat/2.png", png_of(f, 2, 2, 2), NULL}};
    struct packed here[] = {{"eel/1.png", png_of(f, 2, 2, 3), NULL}};
    put_files(f, "real", 2, real);
    const char *path = put_files(f, "here", 1, here);
    assert_int_equal(symlink("../real/cat", in_folder(f, "%/here/cat")), 0);
    assert_int_equal(symlink("../../real/cat/2.png", in_folder(f, "%/here/eel/2.png")), 0);
    assert_int_equal(symlink("nothing", in_folder(f, "%/here/eel/README")), 0);
    struct dataset_request request = images_request(f, path);
    expect_data(f, &request, "1 2 3 2", "0 0 1 1", "cat eel");
    assert_int_equal(symlink("../*.png", in_folder(f, "%/here/eel/x.png")), 0);
    expect_failure(f, &request, STATUS_DATA,
                   "%/here/eel/x.png: it is a link to '../*.png', which is not there");
    *(int *)option(&request, "on_error") = 1;
    expect_data(f, &request, "1 2 3 2", "0 0 1 1", "cat eel");
    assert_int_equal(symlink("..", in_folder(f, "%/here/eel/up")), 0);
    expect_failure(f, &request, STATUS_DATA,
                   "%/here/eel/up leads back to a folder that it lies in");
}

static void what_is_no_collection_is_refused(void **state) {
    struct fixture *f = *state;
    struct packed text[] = {{"a/1.txt", {"hello", 5}, NULL}};
    expect_bad(f, PACK_TAR, 1, text, STATUS_DATA,
               "%/bad holds no image: no file .jpg, .jpeg or .png");
    struct dataset_request request = images_request(f, write_bytes(f, "x", "hello, hello", 12));
    expect_failure(f, &request, STATUS_DATA,
                   "%/x is no folder, tar, tar.gz or zip: Unrecognized archive format");
    request = images_request(f, in_folder(f, "%/none"));
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "%/none cannot be read: No such file or directory");
    struct packed twice[] = {{"a/1.png", png_of(f, 2, 2, 1), NULL},
                             {"a/1.png", png_of(f, 2, 2, 2), NULL}};
    expect_bad(f, PACK_TAR, 2, twice, STATUS_DATA, "%/bad holds 'a/1.png' twice");
}

static void a_tar_that_is_cut_anywhere_is_refused(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"a/1.png", png_of(f, 2, 2, 1), NULL},
                               {"a/2.png", png_of(f, 2, 2, 2), NULL}};
    for (int packing = PACK_TAR; packing <= PACK_TAR_GZ; packing++) {
        const char *path = pack(f, "a", (enum packing)packing, 2, entries);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        off_t end = packing == PACK_TAR ? 4 * 512 : status.st_size;
        for (off_t size = end - 1; size >= 0; size -= packing == PACK_TAR ? 256 : 7) {
            struct dataset_request request = images_request(f, path);
            struct dataset d;
            struct error error = {0};
            assert_int_equal(truncate(path, size + (packing == PACK_TAR)), 0);
            assert_false(dataset_load(&request, f->arena, &d, &error));
            assert_int_equal(error.status, STATUS_DATA);
        }
    }
}

static void folders_that_fit_no_rule_are_refused(void **state) {
    struct fixture *f = *state;
    struct file_bytes png = png_of(f, 2, 2, 1);
    struct packed beside[] = {{"train/cat/1.png", png, NULL}, {"extra/1.png", png, NULL}};
    struct packed depth[] = {{"cat/1.png", png, NULL}, {"1.png", png, NULL}};
    struct packed lacks[] = {{"test/dog/1.png", png, NULL},
                             {"train/cat/1.png", png, NULL},
                             {"train/eel/1.png", png, NULL}};
    expect_bad(f, PACK_TAR, 2, beside, STATUS_DATA,
               "%/bad has folders train, test or val, but 'extra/1.png' lies in none of them");
    expect_bad(f, PACK_TAR, 2, depth, STATUS_DATA,
               "%/bad: '1.png' lies in no folder of a class, as 'cat/1.png' does");
    struct dataset_request request = images_request(f, pack(f, "bad", PACK_TAR, 3, lacks));
    *(int *)option(&request, "split") = SPLIT_TEST;
    expect_failure(f, &request, STATUS_DATA,
                   "%/bad: 'test/dog/1.png' is of a class 'dog' that train lacks");
    *(int *)option(&request, "split") = SPLIT_VAL;
    expect_failure(f, &request, STATUS_CONFIG, "%/bad has no folder 'val'");
}

static void images_of_several_sizes_want_a_size(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"1.png", png_of(f, 4, 2, 1), NULL},
                               {"2.png", png_of(f, 4, 3, 2), NULL}};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, 2, entries));
    expect_failure(f, &request, STATUS_CONFIG,
                   "'2.png' (file 2 of %/a.tar): it is 4 wide and 3 high, but the first image is 4 "
                   "wide and 2 high");
    *(int *)option(&request, "on_error") = 1; /* it is not damaged */
    expect_failure(f, &request, STATUS_CONFIG,
                   "'2.png' (file 2 of %/a.tar): it is 4 wide and 3 high, but the first image is 4 "
                   "wide and 2 high");
    set_size(&request, "size", 2, 2);
    expect_data(f, &request, "1 2", "", "");
}

/* Damaged images */

static struct packed *some_damaged(struct fixture *f, int *count) {
    *count = 40;
    struct packed *entries = ARENA_ARRAY(f->arena, struct packed, *count);
    for (int i = 0; i < *count; i++)
        entries[i] = (struct packed){arena_format(f->arena, "c%d/%02d.png", i % 2, i),
                                     png_of(f, 2, 2, i), NULL};
    entries[17].file.size -= 20;
    entries[5].file = (struct file_bytes){"nothing", 7};
    entries[39].file.size = 0;
    return entries;
}

static void all_damaged_images_are_named_whatever_the_threads(void **state) {
    struct fixture *f = *state;
    int count;
    struct packed *entries = some_damaged(f, &count);
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, count, entries));
    for (int i = 0; i < 20; i++)
        expect_failure(
            f, &request, STATUS_DATA,
            "3 images of %/a.tar cannot be used:\n"
            "  'c1/05.png' (file 6): it is neither JPEG nor PNG: it begins with 6e 6f 74 68\n"
            "  'c1/17.png' (file 18): it is cut: its data end too early\n"
            "  'c1/39.png' (file 40): it is empty");
    for (int i = 20; i < 29; i++)
        entries[i].file = (struct file_bytes){"x", 1};
    request = images_request(f, pack(f, "a.tar", PACK_TAR, count, entries));
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_non_null(strstr(error.message, "more than 10 images of "));
    assert_non_null(strstr(error.message, "(file 28): it is neither JPEG nor PNG: it begins with "
                                          "78\n  and more"));
    assert_string_equal(error.hint, "'on_error: skip' leaves such images out");
    request = images_request(f, put_files(f, "folder", 2, entries + 38));
    expect_failure(f, &request, STATUS_DATA, "%/folder/c1/39.png: it is empty");
    request = images_request(f, put_files(f, "folder", 22, entries + 18));
    error = (struct error){0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_non_null(strstr(error.message, "\n  c0/20.png: it is neither JPEG nor PNG"));
}

/* Of another size than the first: what is damaged before it is told, what comes after it is not. */
static void what_comes_first_in_a_collection_is_told(void **state) {
    struct fixture *f = *state;
    int count;
    struct packed *entries = some_damaged(f, &count);
    entries[30].file = png_of(f, 3, 2, 1);
    const char *path = pack(f, "a.tar", PACK_TAR, count, entries);
    for (int i = 0; i < 20; i++) {
        struct dataset_request request = images_request(f, path);
        expect_failure(
            f, &request, STATUS_DATA,
            "at least 2 images of %/a.tar cannot be used:\n"
            "  'c1/05.png' (file 6): it is neither JPEG nor PNG: it begins with 6e 6f 74 68\n"
            "  'c1/17.png' (file 18): it is cut: its data end too early");
        *(int *)option(&request, "on_error") = 1;
        expect_failure(f, &request, STATUS_CONFIG,
                       "'c0/30.png' (file 31 of %/a.tar): it is 3 wide and 2 high, but the first "
                       "image is 2 wide and 2 high");
    }
}

static void tell(void *context, const char *line) {
    struct text *told = context;
    text_format(told, "%s\n", line);
}

static void no_progress(void *context, const char *what, int64_t done, int64_t all) {
    (void)context, (void)what, (void)done, (void)all;
}

static void damaged_images_may_be_left_out_and_are_counted(void **state) {
    struct fixture *f = *state;
    int count;
    struct packed *entries = some_damaged(f, &count);
    struct text told = {0};
    struct dataset_listener listener = {tell, tell, no_progress, &told};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, count, entries));
    *(int *)option(&request, "on_error") = 1;
    request.listener = &listener;
    struct dataset seen = peek(f, &request), d = load(f, &request);
    assert_int_equal(seen.count, 37);
    assert_int_equal(d.count, 37);
    assert_string_equal(
        reds(f, &d), "0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 38 1 3 7 9 11 13 15 19 "
                     "21 23 25 27 29 31 33 35 37");
    assert_int_equal(d.labels[19], 0);
    assert_int_equal(d.labels[20], 1);
    assert_string_equal(text_get(&told),
                        in_folder(f, "3 damaged images of %/a.tar were left out:\n"
                                     "  'c1/05.png' (file 6): it is neither JPEG nor PNG: it "
                                     "begins with 6e 6f 74 68\n"
                                     "  'c1/17.png' (file 18): it is cut: its data end too early\n"
                                     "  'c1/39.png' (file 40): it is empty\n"));
    for (int i = 20; i < 29; i++)
        entries[i].file = (struct file_bytes){"x", 1};
    *(const char **)option(&request, "path") = pack(f, "b.tar", PACK_TAR, count, entries);
    text_clear(&told);
    d = load(f, &request);
    assert_int_equal(d.count, 28);
    assert_non_null(strstr(text_get(&told), "12 damaged images of "));
    assert_non_null(strstr(text_get(&told), "\n  and 2 more\n"));
    text_release(&told);
}

static void count_progress(void *context, const char *what, int64_t done, int64_t all) {
    int64_t *told = context;
    (void)what;
    told[0] += done == told[0] + 1;
    told[1] = all;
}

static void no_line(void *context, const char *line) {
    (void)context, (void)line;
}

/* One that cannot even be read is told like any other, in its place. */
static void an_image_that_is_too_long_is_damaged(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"1.png", png_of(f, 2, 2, 1), NULL},
                               {"2.png", {"x", 1}, NULL},
                               {"3.png", {"x", 1}, NULL},
                               {"4.png", png_of(f, 2, 2, 4), NULL}};
    struct dataset_request request = images_request(f, put_files(f, "set", 4, entries));
    assert_int_equal(truncate(in_folder(f, "%/set/2.png"), (1 << 30) + 1), 0);
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    const char *first = strstr(error.message, "2.png"), *next = strstr(error.message, "3.png");
    assert_true(first && (!next || first < next));
    int64_t told[2] = {0};
    struct dataset_listener listener = {no_line, no_line, count_progress, told};
    request.listener = &listener;
    *(int *)option(&request, "on_error") = 1;
    d = load(f, &request);
    assert_string_equal(reds(f, &d), "1 4");
    assert_int_equal(told[0], 4);
    assert_int_equal(told[1], 4);
}

static void a_collection_without_a_good_image_is_refused(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"1.png", {"x", 1}, NULL}};
    struct dataset_request request = images_request(f, pack(f, "a.tar", PACK_TAR, 1, entries));
    *(int *)option(&request, "on_error") = 1;
    for (int i = 0; i < 2; i++) {
        expect_failure(f, &request, STATUS_DATA,
                       "no image of %/a.tar can be used: '1.png' (file 1 of %/a.tar): it is "
                       "neither JPEG nor PNG: it begins with 78");
        set_size(&request, "size", 2, 2);
    }
    struct packed two[] = {entries[0], {"2.png", {"", 0}, NULL}};
    *(const char **)option(&request, "path") = pack(f, "b.tar", PACK_TAR, 2, two);
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_load(&request, f->arena, &d, &error));
    assert_string_equal(error.message,
                        in_folder(f, "no image of %/b.tar can be used:\n"
                                     "  '1.png' (file 1): it is neither JPEG nor PNG: it begins "
                                     "with 78\n  '2.png' (file 2): it is empty"));
    assert_string_equal(error.hint, "");
}

static void options_that_fit_no_image_are_refused(void **state) {
    struct fixture *f = *state;
    struct packed entries[] = {{"1.png", png_of(f, 5, 4, 1), NULL}};
    const char *path = pack(f, "a.tar", PACK_TAR, 1, entries);
    struct dataset_request request = images_request(f, path);
    set_size(&request, "random_crop", 6, 5);
    expect_failure(f, &request, STATUS_CONFIG,
                   "random_crop: [6, 5] does not fit into images [4, 5]");
    *(int64_t *)option(&request, "padding") = 1;
    assert_int_equal(load(f, &request).count, 1);
    request = images_request(f, path);
    set_size(&request, "crop", 5, 5);
    expect_failure(
        f, &request, STATUS_DATA,
        "'1.png' (file 1 of %/a.tar): it is 5 wide and 4 high, too small for a 'crop' of [5, 5]");
    request = images_request(f, path);
    *(int *)option(&request, "pairs") = 1;
    expect_failure(f, &request, STATUS_DATA,
                   "'1.png' (file 1 of %/a.tar): it is 5 pixels wide, which has no halves");
    request = images_request(f, path);
    *(struct extents *)option(&request, "size") = (struct extents){3, {1, 2, 3}};
    expect_failure(f, &request, STATUS_CONFIG,
                   "size: this must be [height, width], or a number for both");
}

/* CIFAR-10's binary batches */

enum { RECORD = 3073 };

/* Records of labels 0, 1, …, whose planes are all (10 * number + 1), + 2, + 3. */
static struct file_bytes records(struct fixture *f, int count, int first) {
    uint8_t *bytes = ARENA_ARRAY(f->arena, uint8_t, count * RECORD);
    for (int i = 0; i < count; i++) {
        bytes[i * RECORD] = (uint8_t)i;
        for (int c = 0; c < 3; c++)
            memset(bytes + i * RECORD + 1 + c * 1024, 10 * (first + i) + c + 1, 1024);
    }
    return (struct file_bytes){bytes, (size_t)(count * RECORD)};
}

static struct packed *batches(struct fixture *f) {
    struct packed *entries = ARENA_ARRAY(f->arena, struct packed, 7);
    for (int i = 0; i < 5; i++) /* the last goes first */
        entries[i] =
            (struct packed){arena_format(f->arena, "cifar-10-batches-bin/data_batch_%d.bin", 5 - i),
                            records(f, 2, 2 * (4 - i)), NULL};
    entries[5] = (struct packed){"cifar-10-batches-bin/test_batch.bin", records(f, 1, 20), NULL};
    entries[6] = (struct packed){"cifar-10-batches-bin/readme.html", {"hi", 2}, NULL};
    return entries;
}

static void binary_batches_are_read_as_they_lie(void **state) {
    struct fixture *f = *state;
    struct packed *entries = batches(f);
    put_files(f, "user/cifar10", 7, entries);
    for (int i = 0; i < 2; i++) {
        struct dataset_request request = request_of(f, "cifar10");
        struct dataset_search search = {.user = in_folder(f, i ? "%/user" : "%/packed")};
        request.search = &search;
        *(bool *)option(&request, "cache") = false;
        if (!i) {
            put_files(f, "packed/cifar10", 1, &(struct packed){"readme", {"hi", 2}, NULL});
            pack(f, "packed/cifar10/cifar-10-binary.tar.gz", PACK_TAR_GZ, 7, entries);
        }
        expect_data(f, &request, "1 11 21 31 41 51 61 71 81 91", "0 1 0 1 0 1 0 1 0 1",
                    "airplane automobile bird cat deer dog frog horse ship truck");
        struct dataset d = load(f, &request);
        assert_memory_equal(d.values, ((uint8_t[]){1, 2, 3, 1}), 4);
        *(int *)option(&request, "split") = SPLIT_TEST;
        d = load(f, &request);
        assert_string_equal(reds(f, &d), "201");
    }
}

static void batches_are_known_by_what_they_are(void **state) {
    struct fixture *f = *state;
    struct packed *entries = batches(f);
    const char *const paths[] = {pack(f, "any.tar.gz", PACK_TAR_GZ, 7, entries),
                                 pack(f, "any.zip", PACK_ZIP, 7, entries),
                                 put_files(f, "any/folder", 7, entries), in_folder(f, "%/any")};
    for (int i = 0; i < 4; i++) {
        struct dataset_request request = images_request(f, paths[i]);
        expect_data(f, &request, "1 11 21 31 41 51 61 71 81 91", "0 1 0 1 0 1 0 1 0 1",
                    "airplane automobile bird cat deer dog frog horse ship truck");
    }
    put_files(f, "any/again", 1, entries);
    struct dataset_request request = images_request(f, in_folder(f, "%/any"));
    expect_failure(f, &request, STATUS_DATA,
                   "%/any holds both 'again/cifar-10-batches-bin/data_batch_5.bin' and "
                   "'folder/cifar-10-batches-bin/data_batch_5.bin'");
}

/* Images are meant where there are some, whatever lies beside them. */
static void images_are_never_taken_for_batches(void **state) {
    struct fixture *f = *state;
    struct packed images[] = {{"1.png", png_of(f, 2, 2, 1), NULL},
                              {"2.png", png_of(f, 2, 2, 2), NULL}};
    struct packed after[] = {{"data_batch_1.bin", {"x", 1}, NULL}, images[0], images[1]};
    struct packed before[] = {images[0], images[1], batches(f)[5]};
    const char *const paths[] = {
        put_files(f, "cifar-10-bw", 2, images), pack(f, "cifar-10-binary.tar", PACK_TAR, 2, images),
        pack(f, "after.tar", PACK_TAR, 3, after), pack(f, "before.tar", PACK_TAR, 3, before)};
    for (int i = 0; i < 4; i++) {
        struct dataset_request request = images_request(f, paths[i]);
        expect_data(f, &request, "1 2", "", "");
    }
}

static void expect_no_part(struct fixture *f, const struct dataset_request *request,
                           const char *wrong, const char *message) {
    struct dataset d;
    struct error error = {0};
    expect_failure(f, request, STATUS_CONFIG, message);
    assert_false(dataset_peek(request, f->arena, &d, &error));
    assert_string_equal(error.message, in_folder(f, message));
    assert_string_equal(d.wrong, wrong);
}

static void binary_batches_have_no_other_parts(void **state) {
    struct fixture *f = *state;
    struct dataset_request request =
        images_request(f, pack(f, "cifar-10-binary.tar", PACK_TAR, 7, batches(f)));
    *(int *)option(&request, "split") = SPLIT_VAL;
    expect_no_part(
        f, &request, "split",
        "%/cifar-10-binary.tar has no part 'val': CIFAR-10's batches are train and test");
    *(int *)option(&request, "split") = SPLIT_TEST;
    *(const char **)option(&request, "domain") = "A";
    expect_no_part(
        f, &request, "domain",
        "%/cifar-10-binary.tar has no part 'testA': CIFAR-10's batches are train and test");
}

static void wrong_batches_are_refused(void **state) {
    struct fixture *f = *state;
    struct packed *entries = batches(f);
    struct dataset_request request =
        images_request(f, pack(f, "cifar-10-binary.tar", PACK_TAR, 4, entries));
    expect_failure(f, &request, STATUS_DATA, "%/cifar-10-binary.tar lacks its data_batch_1.bin");
    entries[4].file.size -= 1;
    request = images_request(f, pack(f, "cifar-10-binary.tar", PACK_TAR, 5, entries));
    expect_failure(f, &request, STATUS_DATA,
                   "'cifar-10-batches-bin/data_batch_1.bin' in %/cifar-10-binary.tar is 6145 bytes "
                   "long, which is no number of records of 3073");
    entries[4].file = records(f, 12, 0);
    request = images_request(f, pack(f, "cifar-10-binary.tar", PACK_TAR, 5, entries));
    expect_failure(f, &request, STATUS_DATA,
                   "'cifar-10-batches-bin/data_batch_1.bin' in %/cifar-10-binary.tar: the label of "
                   "record 11 is 10; labels are 0 to 9");
}

/* Without the files */

static void what_is_known_of_a_set_needs_no_files(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *source;
        int split, classes;
        int64_t count, height, width;
    } sets[] = {
        {"cifar10", SPLIT_TRAIN, 10, 50000, 32, 32}, {"cifar10", SPLIT_TEST, 10, 10000, 32, 32},
        {"faces", SPLIT_TRAIN, 0, 5000, 64, 64},     {"imagenet64", SPLIT_VAL, 20, 500, 64, 64},
        {"facades", SPLIT_VAL, 0, 100, 128, 256},    {"orange2lemon", SPLIT_TEST, 0, 50, 64, 64}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct dataset_request request = request_of(f, sets[i].source);
        *(int *)option(&request, "split") = sets[i].split;
        struct dataset d = peek(f, &request);
        assert_non_null(d.missing);
        assert_int_equal(d.count, sets[i].count);
        assert_int_equal(d.classes, sets[i].classes);
        assert_shape(&d, EXTENTS((uint32_t)sets[i].height, (uint32_t)sets[i].width, 3));
    }
    struct dataset_request request = request_of(f, "facades");
    set_size(&request, "size", 16, 8);
    *(int *)option(&request, "colours") = 1;
    *(double *)option(&request, "hold_out") = 0.25;
    struct dataset d = peek(f, &request);
    assert_shape(&d, EXTENTS(16, 16, 1));
    assert_int_equal(d.count, 300);
    request = request_of(f, "faces");
    *(int *)option(&request, "split") = SPLIT_TEST;
    struct error error = {0};
    assert_false(dataset_peek(&request, f->arena, &d, &error));
    assert_string_equal(error.message, "split: faces has no part 'test'");
    request = request_of(f, "cifar10");
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "the files of data set 'cifar10' are not there: cifar-10-batches-bin or "
                   "cifar-10-binary.tar or cifar10-jpeg.tar, or the same with .gz; looked in\n"
                   "  $DUEL_DATA: not set");
}

/* Real data */

/* A real collection, or the test is skipped; count 0: it has not that split. */
static void check_real(struct fixture *f, const char *source, int split, int64_t count, int classes,
                       const char *digest) {
    struct dataset_request request = request_of(f, source);
    struct dataset_search search = dataset_search_here(f->arena);
    request.search = &search;
    *(int *)option(&request, "split") = split;
    *(bool *)option(&request, "cache") = false;
    struct dataset seen = peek(f, &request);
    if (seen.missing) {
        print_message("%s is not on this machine: set DUEL_DATA to test with it\n", source);
        skip();
    }
    struct dataset d = load(f, &request);
    struct error error = {0};
    assert_int_equal(d.count, count);
    assert_int_equal(d.classes, classes);
    assert_int_equal(seen.count, count);
    assert_memory_equal(&seen.shape, &d.shape, sizeof d.shape);
    const struct dataset *known = &request.row->known[split == SPLIT_VAL    ? 2
                                                      : split == SPLIT_TEST ? 1
                                                                            : 0];
    assert_int_equal(known->count, count);
    assert_int_equal(known->classes, classes);
    assert_memory_equal(&known->shape, &d.shape, sizeof d.shape);
    assert_true(dataset_hash(&d, &error));
    assert_string_equal(d.sha256, digest);
}

static void real_collections_are_as_described(void **state) {
    check_real(*state, "facades", SPLIT_TRAIN, 400, 0,
               "94b486083a55536c4086d7bff9158fe8318a4de96cce1afec675bb1763085edb");
    check_real(*state, "facades", SPLIT_VAL, 100, 0,
               "2f2fcad88889d0459539e25057eb4fad791e6f6fb3d6a16ddafe122d1372a551");
    check_real(*state, "orange2lemon", SPLIT_TEST, 50, 0,
               "cdfa40b1d221374e83e79ba75b4c03dd1beb53ad6e659123ee2238a01e9de3ae");
    check_real(*state, "faces", SPLIT_TRAIN, 5000, 0,
               "bf58a7f3342e6cdd5ebfdc5cdd02349912e6a71ec8d3d13a410ff8219be784f7");
    check_real(*state, "imagenet64", SPLIT_VAL, 500, 20,
               "42b71c561770518271e1ccd01674ad2228e26d72278fc9346f3bc3a7b053e88f");
    check_real(*state, "cifar10", SPLIT_TEST, 10000, 10,
               "bc9f43ba8f8c066aeac5124bd06c2413eeaf69ed5595b7edce115c84f13e75c4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_collection_gives_the_same),
        TEST(names_of_any_script_are_read),
        TEST(parts_are_selected),
        TEST(one_folder_is_no_class_and_none_is_a_class_of_one),
        TEST(domains_are_sets_of_their_own),
        TEST(names_that_lead_elsewhere_are_refused),
        TEST(links_in_folders_are_followed),
        TEST(what_is_no_collection_is_refused),
        TEST(a_tar_that_is_cut_anywhere_is_refused),
        TEST(folders_that_fit_no_rule_are_refused),
        TEST(images_of_several_sizes_want_a_size),
        TEST(all_damaged_images_are_named_whatever_the_threads),
        TEST(what_comes_first_in_a_collection_is_told),
        TEST(damaged_images_may_be_left_out_and_are_counted),
        TEST(an_image_that_is_too_long_is_damaged),
        TEST(a_collection_without_a_good_image_is_refused),
        TEST(options_that_fit_no_image_are_refused),
        TEST(binary_batches_are_read_as_they_lie),
        TEST(batches_are_known_by_what_they_are),
        TEST(images_are_never_taken_for_batches),
        TEST(binary_batches_have_no_other_parts),
        TEST(wrong_batches_are_refused),
        TEST(what_is_known_of_a_set_needs_no_files),
        TEST(real_collections_are_as_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
