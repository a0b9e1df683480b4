/* links: datasets base */
/* Which examples of a source are used: parts, classes, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "datasets/select.h"
#include "tests/data.h"

enum { COUNT = 1000 };

static const char *const names[] = {"cat", "dog", "eel", "2"};

static struct selection select_of(struct fixture *f, struct dataset_options options, uint64_t seed,
                                  const int32_t *labels) {
    struct dataset_request request = {.options = &options, .seed = seed};
    struct select_from from = {"it", COUNT, labels, 4, names};
    struct selection selection;
    struct dataset dataset = {0};
    struct error error = {0};
    if (!select_examples(&request, &from, f->arena, &selection, &dataset, &error))
        fail_msg("%s", error.message);
    return selection;
}

static void expect_refusal(struct fixture *f, struct dataset_options options, const int32_t *labels,
                           const char *wrong, const char *message) {
    struct dataset_request request = {.options = &options, .seed = 1};
    struct select_from from = {"it", COUNT, labels, 4, names};
    struct selection selection;
    struct dataset dataset = {0};
    struct error error = {0};
    assert_false(select_examples(&request, &from, f->arena, &selection, &dataset, &error));
    assert_string_equal(error.message, message);
    assert_int_equal(error.status, STATUS_CONFIG);
    assert_string_equal(dataset.wrong, wrong);
}

/* Counts in `seen` [COUNT] what is selected, and checks that it rises and is counted. */
static void mark(const struct selection *selection, int *seen) {
    int64_t before = -1;
    for (int64_t i = 0; i < selection->count; i++) {
        int64_t number = select_number(selection, i);
        assert_true(number > before && number < COUNT);
        before = number;
        seen[number]++;
    }
    assert_int_equal(selection->needed, before + 1);
}

static void the_parts_share_nothing_and_lack_nothing(void **state) {
    int seen[COUNT] = {0}, half[COUNT] = {0};
    struct dataset_options options = {.hold_out = 0.1};
    struct selection train = select_of(*state, options, 1, NULL);
    options.split = SPLIT_HELD_OUT;
    struct selection held = select_of(*state, options, 1, NULL);
    assert_int_equal(train.count, 900);
    assert_int_equal(held.count, 100);
    mark(&train, seen);
    mark(&held, seen);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(seen[i], 1);
    mark(&held, half);
    int low = 0;
    for (int i = 0; i < COUNT / 2; i++)
        low += half[i];
    assert_in_range(low, 30, 70); /* not the first ones: six deviations are 30 */
}

static void the_seed_chooses_and_other_options_do_not(void **state) {
    struct fixture *f = *state;
    int32_t labels[COUNT];
    int held[COUNT] = {0}, other[COUNT] = {0}, some[COUNT] = {0}, shared = 0;
    for (int i = 0; i < COUNT; i++)
        labels[i] = i % 4;
    struct dataset_options options = {.split = SPLIT_HELD_OUT, .hold_out = 0.5};
    struct selection one = select_of(f, options, 1, NULL), two = select_of(f, options, 2, NULL);
    mark(&one, held);
    mark(&two, other);
    for (int i = 0; i < COUNT; i++)
        shared += held[i] && other[i];
    assert_in_range(shared, 150, 350);
    options.limit = 50;
    options.classes = (struct labels){2, (double[]){1, 3}, NULL};
    struct selection few = select_of(f, options, 1, labels);
    assert_int_equal(few.count, 50);
    mark(&few, some);
    options.classes = (struct labels){2, (double[]){-1, 1}, (const char *[]){"2", NULL}};
    struct selection named = select_of(f, options, 1, labels);
    assert_int_equal(named.count, few.count);
    assert_memory_equal(named.keep, few.keep, (size_t)few.count * sizeof *few.keep);
    for (int i = 0; i < few.needed; i++)
        assert_int_equal(some[i], held[i] && i % 2 == 1);
}

static void without_options_nothing_is_listed(void **state) {
    struct selection all = select_of(*state, (struct dataset_options){0}, 1, NULL);
    assert_null(all.keep);
    assert_int_equal(all.count, COUNT);
    assert_int_equal(all.needed, COUNT);
    struct selection first = select_of(*state, (struct dataset_options){.limit = 7}, 1, NULL);
    assert_null(first.keep);
    assert_int_equal(first.count, 7);
    assert_int_equal(first.needed, 7);
}

static void a_test_part_is_whole(void **state) {
    struct dataset_options options = {.split = SPLIT_TEST, .hold_out = 0.5};
    assert_int_equal(select_of(*state, options, 1, NULL).count, COUNT);
}

static void what_is_used_moves_to_the_front(void **state) {
    (void)state;
    int32_t keep[] = {1, 2, 4}, values[] = {10, 11, 20, 21, 30, 31, 40, 41, 50, 51};
    struct selection selection = {3, 5, keep};
    select_compact(&selection, values, 2 * sizeof *values);
    assert_memory_equal(values, ((int32_t[]){20, 21, 30, 31, 50, 51}), 24);
}

static void parts_that_are_empty_are_refused(void **state) {
    expect_refusal(*state, (struct dataset_options){.split = SPLIT_HELD_OUT}, NULL, "split",
                   "split: nothing of it is held out");
    expect_refusal(*state, (struct dataset_options){.split = SPLIT_HELD_OUT, .hold_out = 1e-4},
                   NULL, "hold_out", "hold_out: 0.0001 is none of the 1000 examples of it");
    expect_refusal(*state, (struct dataset_options){.hold_out = 1}, NULL, "hold_out",
                   "hold_out: 1 leaves none of the 1000 examples of it");
    struct dataset_options options = {.classes = {1, (double[]){3}}};
    expect_refusal(*state, options, NULL, "classes",
                   "classes: it comes without labels, so that no classes can be chosen");
    static const int32_t labels[COUNT] = {0};
    expect_refusal(*state, options, labels, "classes",
                   "classes: no example of it has one of these labels");
    options.classes.list = (double[]){4};
    expect_refusal(*state, options, labels, "classes",
                   "classes: 4 is not a label of it; labels are 0 to 3");
    options.classes.names = (const char *[]){"eels"};
    expect_refusal(*state, options, labels, "classes", "classes: 'eels' is not a class of it");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_parts_share_nothing_and_lack_nothing),
        TEST(the_seed_chooses_and_other_options_do_not),
        TEST(without_options_nothing_is_listed),
        TEST(a_test_part_is_whole),
        TEST(what_is_used_moves_to_the_front),
        TEST(parts_that_are_empty_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
