/* links: datasets base */
/* The batch stream: the order of an epoch, its cursor, its size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "datasets/stream.h"
#include "tests/data.h"

static struct stream stream_of(struct fixture *f, int64_t count, int64_t batch, bool shuffle,
                               uint64_t seed) {
    struct stream stream;
    struct error error = {0};
    struct stream_options options = {batch, shuffle};
    assert_true(stream_init(&stream, &options, count, seed, f->arena, &error));
    return stream;
}

static void an_epoch_draws_no_example_twice(void **state) {
    struct fixture *f = *state;
    struct stream stream = stream_of(f, 103, 10, true, 7);
    int32_t index[10], first[2][10] = {{0}};
    assert_int_equal(stream.draws, 10);
    for (int epoch = 0; epoch < 2; epoch++) {
        bool drawn[103] = {false};
        for (int draw = 0; draw < 10; draw++) {
            stream_next(&stream, index);
            assert_int_equal(stream.epoch, epoch);
            assert_int_equal(stream.position, draw + 1);
            if (!draw) memcpy(first[epoch], index, sizeof index);
            for (int i = 0; i < 10; i++) {
                assert_in_range(index[i], 0, 102);
                assert_false(drawn[index[i]]);
                drawn[index[i]] = true;
            }
        }
    }
    assert_memory_not_equal(first[0], first[1], sizeof index);
}

/* Over many epochs, each example comes first equally often, and so does each at the end. */
static void orders_are_uniform(void **state) {
    struct fixture *f = *state;
    struct stream stream = stream_of(f, 5, 5, true, 3);
    int times[5][5] = {{0}};
    for (int epoch = 0; epoch < 5000; epoch++) {
        int32_t index[5];
        stream_next(&stream, index);
        for (int i = 0; i < 5; i++)
            times[i][index[i]]++;
    }
    for (int i = 0; i < 25; i++)
        assert_in_range(times[i / 5][i % 5], 1000 - 150, 1000 + 150);
}

static void without_shuffling_the_order_is_that_of_the_files(void **state) {
    struct fixture *f = *state;
    struct stream stream = stream_of(f, 5, 2, false, 7);
    int32_t index[2];
    static const int32_t expected[][2] = {{0, 1}, {2, 3}, {0, 1}};
    for (int i = 0; i < 3; i++) {
        stream_next(&stream, index);
        assert_memory_equal(index, expected[i], sizeof index);
    }
}

static void the_cursor_is_all_that_a_checkpoint_needs(void **state) {
    struct fixture *f = *state;
    struct stream stream = stream_of(f, 100, 7, true, 9);
    struct error error = {0};
    int32_t index[7], again[7], part[3];
    for (int draw = 0; draw < 50; draw++) {
        int64_t epoch = stream.epoch, position = stream.position;
        stream_next(&stream, index);
        struct stream other = stream_of(f, 100, 7, true, 9);
        assert_true(stream_seek(&other, epoch, position, &error));
        stream_next(&other, again);
        assert_memory_equal(index, again, sizeof index);
        assert_true(stream_seek(&other, stream.epoch, stream.position, &error));
        stream_current(&other, 3, part);
        assert_memory_equal(index, part, sizeof part);
    }
    assert_false(stream_seek(&stream, 2, 15, &error));
    assert_string_equal(error.message,
                        "there is no draw 15 of epoch 2: an epoch has 14 draws of 7 examples");
}

static void seed_and_epoch_are_not_mixed_up(void **state) {
    struct fixture *f = *state;
    struct stream a = stream_of(f, 1000, 100, true, 0), b = stream_of(f, 1000, 100, true, 1);
    struct error error = {0};
    int32_t one[100], other[100];
    assert_true(stream_seek(&a, 1, 0, &error));
    stream_next(&a, one);
    stream_next(&b, other);
    assert_memory_not_equal(one, other, sizeof one);
}

static void a_batch_larger_than_the_set_is_refused(void **state) {
    struct fixture *f = *state;
    struct stream stream;
    struct error error = {0};
    struct stream_options options = {11, true};
    assert_false(stream_init(&stream, &options, 10, 1, f->arena, &error));
    assert_int_equal(error.status, STATUS_CONFIG);
    assert_string_equal(error.message,
                        "a batch of 11 is more than the 10 examples of the data set");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_epoch_draws_no_example_twice),
        TEST(orders_are_uniform),
        TEST(without_shuffling_the_order_is_that_of_the_files),
        TEST(the_cursor_is_all_that_a_checkpoint_needs),
        TEST(seed_and_epoch_are_not_mixed_up),
        TEST(a_batch_larger_than_the_set_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
